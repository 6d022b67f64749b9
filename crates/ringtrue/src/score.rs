//! `ringtrue score`: from files of call records to labels with reasons.

mod admit;
pub(crate) mod bytes;
pub(crate) mod closed_loop;
mod counts;
mod dedupe;
mod deliver;
mod files;
pub(crate) mod follow;
mod in_order;
mod intake_run;
mod open;
mod owners;
pub(crate) mod parquet;
pub(crate) mod progress;
pub(crate) mod rejects;
pub(crate) mod result;
mod run;
pub(crate) mod setup;
mod shards;
pub(crate) mod snapshot;
mod summary;
mod totals;

pub(crate) use bytes::read_whole;
pub(crate) use run::score;
