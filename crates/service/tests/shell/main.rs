//! The service around a simple state: what is acknowledged is kept, once, whatever fails.

mod carriers;
#[path = "../common/mod.rs"]
mod common;
mod disk;
mod intake;
mod ledger;
mod real;
mod rig;
mod simulation;
mod tape;
