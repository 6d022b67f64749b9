//! `ringtrue score`: from files of call records to labels with reasons.

mod bytes;
mod dedupe;
mod intake_run;
mod judge;
mod owners;
mod progress;
pub(crate) mod rejects;
pub(crate) mod result;
mod run;
mod setup;
mod shards;

pub(crate) use run::score;
