//! The service around a simple state: what is acknowledged is kept, once, whatever fails.

mod carriers;
#[path = "../common/mod.rs"]
mod common;
mod disk;
mod forget;
mod intake;
mod keep;
mod ledger;
mod lives;
mod real;
mod rig;
mod simulation;
mod tape;
