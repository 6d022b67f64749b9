//! The service around a simple state: what is acknowledged is kept, once, whatever fails.

mod carriers;
mod intake;
mod ledger;
mod rig;
mod simulation;
mod tape;
