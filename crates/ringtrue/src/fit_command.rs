//! `ringtrue fit`: learns a score from a labelled table, or the policy's own evidence from traffic with known truth.

mod args;
mod behaviour;
mod context;
mod derived;
mod floors;
mod header;
mod overlay;
mod table;
mod traffic;
mod worlds;

use std::num::NonZeroUsize;

use fit::learn::Settings;

pub(crate) use args::FitArgs;

use crate::error::ScoreError;

/// Runs the command.
pub(crate) fn fit(args: &FitArgs) -> Result<(), ScoreError> {
    let date = header::date(args.date.as_deref())?;
    let threads = args.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let settings = Settings { seed: args.seed, threads };
    if args.table.features.is_some() { table::fit(args, settings, &date) } else { traffic::fit(args, settings, &date) }
}

/// An argument of this use of the command.
fn needed<T>(value: Option<T>, argument: &'static str) -> Result<T, ScoreError> {
    value.ok_or_else(|| ScoreError::Argument { argument, detail: "it is needed".to_owned() })
}
