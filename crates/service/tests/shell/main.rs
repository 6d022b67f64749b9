//! The service around a simple state: what is acknowledged is kept, once, whatever fails.

mod intake;
mod ledger;
mod rig;
mod simulation;
mod tape;
