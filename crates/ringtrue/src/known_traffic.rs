//! Traffic with known truth as arguments: what `evaluate` and `fit` read besides calls and truth.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::ScoreArgs;

/// What is known besides calls and truth, and how the calls are read.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Traffic with known truth")]
#[group(id = "known_traffic", multiple = true)]
pub(crate) struct KnownTrafficArgs {
    /// Reports by called people.
    #[arg(long, value_name = "FILE")]
    pub(crate) reports: Vec<PathBuf>,
    /// The reports cover the carriers of these calls, so that few reports speak for a caller.
    #[arg(long)]
    pub(crate) reports_cover: bool,
    /// Standing in the registry: a CSV of tn, registrant, purpose, …
    #[arg(long, value_name = "FILE")]
    pub(crate) standing: Option<PathBuf>,
    /// Trusted truth: a CSV of tn or prefix, kind, …
    #[arg(long, value_name = "FILE")]
    pub(crate) trusted: Option<PathBuf>,
    /// Which carrier serves each destination: a CSV of tn or prefix, and carrier.
    #[arg(long, value_name = "FILE")]
    pub(crate) carrier_map: Option<PathBuf>,
    /// The region of numbers in national form, such as US or GB.
    #[arg(long, value_name = "CODE")]
    pub(crate) region: Option<String>,
    /// The end of the data; the latest call end or report by default.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
}

impl KnownTrafficArgs {
    /// The run of `score` that reads the same, under the policy in a folder.
    pub(crate) fn score_args(
        &self,
        calls: &[PathBuf],
        policy: Option<&Path>,
        threads: Option<NonZeroUsize>,
    ) -> ScoreArgs {
        ScoreArgs {
            region: self.region.clone(),
            carrier_map: self.carrier_map.clone(),
            reports: self.reports.clone(),
            reports_cover: self.reports_cover,
            standing: self.standing.clone(),
            trusted: self.trusted.clone(),
            policy: policy.map(Path::to_owned),
            at: self.at.clone(),
            threads,
            ..ScoreArgs::of_all_callers(calls.to_vec())
        }
    }
}
