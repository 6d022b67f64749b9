//! The API with a real registry and a small state: a number has a label once it placed three calls.

mod events;
mod imports;
mod isolation;
mod ledger;
mod lookups;
mod operations;
mod records;
mod retention;
mod webhooks;
mod world;
