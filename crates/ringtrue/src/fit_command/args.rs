//! What `fit` is asked for.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::evaluate::ReportForm;
use crate::known_traffic::KnownTrafficArgs;

/// Arguments of `ringtrue fit`.
#[derive(Args, Clone)]
pub(crate) struct FitArgs {
    /// A labelled table.
    #[command(flatten)]
    pub(crate) table: TableArgs,
    /// Traffic with known truth.
    #[command(flatten)]
    pub(crate) traffic: TrafficArgs,

    /// Decides every random choice.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Parts of the table")]
    pub(crate) seed: u64,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = ReportForm::Table, help_heading = "Writing")]
    pub(crate) output: ReportForm,
    /// Write one self-contained page with plots to this file.
    #[arg(long, visible_alias = "plots", value_name = "FILE", help_heading = "Writing")]
    pub(crate) html: Option<PathBuf>,
    /// The date to write into the learned file; today by default.
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Writing")]
    pub(crate) date: Option<String>,
    /// How many threads work; all cores by default. They change nothing in what is learned.
    #[arg(long, value_name = "N", help_heading = "Writing")]
    pub(crate) threads: Option<NonZeroUsize>,
}

/// A labelled table.
#[derive(Args, Clone)]
pub(crate) struct TableArgs {
    /// A labelled table in CSV, plain, gzip or zstd; `-` reads standard input.
    #[arg(long, value_name = "FILE", required_unless_present = "traffic", conflicts_with_all = ["traffic", "known_traffic"], requires_all = ["label", "spec", "out"], help_heading = "A labelled table")]
    pub(crate) features: Option<PathBuf>,
    /// The column of labels: 0, 1, true or false.
    #[arg(long, value_name = "COLUMN", requires = "features", help_heading = "A labelled table")]
    pub(crate) label: Option<String>,
    /// What is to be learned from which columns.
    #[arg(long, value_name = "FILE", requires = "features", help_heading = "A labelled table")]
    pub(crate) spec: Option<PathBuf>,
    /// Where the learned score is written.
    #[arg(long, value_name = "FILE", requires = "features", help_heading = "A labelled table")]
    pub(crate) out: Option<PathBuf>,

    /// The column that tells train, validation or test.
    #[arg(long, value_name = "COLUMN", requires = "features", help_heading = "Parts of the table")]
    pub(crate) split: Option<String>,
    /// Random parts instead: the shares of train, validation and test; .6,.2,.2 by default.
    #[arg(
        long,
        value_name = "A,B,C",
        value_delimiter = ',',
        conflicts_with = "split",
        help_heading = "Parts of the table"
    )]
    pub(crate) split_fractions: Option<Vec<f64>>,
    /// Measure by cross-validation with so many folds, 3 to 20, and learn from all rows.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u8).range(3..=20), conflicts_with_all = ["split", "split_fractions", "traffic"], help_heading = "Parts of the table")]
    pub(crate) folds: Option<u8>,
}

/// Traffic with known truth.
#[derive(Args, Clone)]
#[command(next_help_heading = "Traffic with known truth")]
pub(crate) struct TrafficArgs {
    /// Files of call records, plain, gzip or zstd: the policy's own evidence is learned.
    #[arg(long, value_name = "FILE", num_args = 1.., group = "traffic", requires_all = ["truth", "policy_out"])]
    pub(crate) calls: Vec<PathBuf>,
    /// Folders that `simulate` wrote, each a world of its own: calls, truth, reports and standing are read from it.
    #[arg(long, value_name = "DIR", num_args = 1.., group = "traffic", requires = "policy_out")]
    #[arg(conflicts_with_all = ["truth", "reports", "standing", "trusted", "carrier_map"])]
    pub(crate) worlds: Vec<PathBuf>,
    /// Known truth: a CSV of tn, class, unwanted (true or false), registered, …
    #[arg(long, value_name = "FILE", requires = "calls")]
    pub(crate) truth: Option<PathBuf>,
    /// What is known besides.
    #[command(flatten)]
    pub(crate) known: KnownTrafficArgs,
    /// A folder whose policy files overlay the shipped ones: how facts are read, and the bounds of each evidence.
    #[arg(long, value_name = "DIR", requires = "traffic")]
    pub(crate) policy: Option<PathBuf>,
    /// The share of unwanted numbers that ratings are calibrated for, 0 to 1; the policy's own by default.
    #[arg(long, value_name = "SHARE", requires = "traffic", value_parser = share)]
    pub(crate) prior: Option<f64>,
    /// What is learned about each evidence.
    #[arg(long, value_enum, default_value_t = PolicyForm::Mixture, requires = "traffic")]
    pub(crate) form: PolicyForm,
    /// Where the overlay of reputation.toml is written.
    #[arg(long, value_name = "FILE", requires = "traffic")]
    pub(crate) policy_out: Option<PathBuf>,
    /// Write the derived table, a row a number with its facts, its truth and what the score says of it, to this file.
    #[arg(long, value_name = "FILE", requires = "traffic")]
    pub(crate) table_out: Option<PathBuf>,
}

/// What is learned about the policy's evidence.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum PolicyForm {
    /// One Beta density in each class.
    Beta,
    /// One or two Beta densities in each class.
    Mixture,
    /// Shapes of at most 16 bins.
    Shape,
}

/// A share that leaves both classes some.
fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| *share > 0.0 && *share < 1.0);
    share.ok_or_else(|| "expected a share above 0 and below 1, such as .02".to_owned())
}
