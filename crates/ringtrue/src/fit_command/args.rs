//! What `fit` is asked for.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::evaluate::ReportForm;

/// Arguments of `ringtrue fit`.
#[derive(Args, Clone)]
pub(crate) struct FitArgs {
    /// A labelled table in CSV, plain, gzip or zstd; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) features: PathBuf,
    /// The column of labels: 0, 1, true or false.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) label: String,
    /// What is to be learned from which columns.
    #[arg(long, value_name = "FILE")]
    pub(crate) spec: PathBuf,
    /// Where the learned score is written.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// The column that tells train, validation or test.
    #[arg(long, value_name = "COLUMN", help_heading = "Parts of the table")]
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
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u8).range(3..=20), conflicts_with_all = ["split", "split_fractions"], help_heading = "Parts of the table")]
    pub(crate) folds: Option<u8>,
    /// Decides every random choice.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Parts of the table")]
    pub(crate) seed: u64,

    /// The form of the report.
    #[arg(long, value_enum, default_value_t = ReportForm::Table, help_heading = "Writing")]
    pub(crate) output: ReportForm,
    /// Write one self-contained page with plots to this file.
    #[arg(long, visible_alias = "plots", value_name = "FILE", help_heading = "Writing")]
    pub(crate) html: Option<PathBuf>,
    /// The date to write into the score's file; today by default.
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Writing")]
    pub(crate) date: Option<String>,
    /// How many threads work; all cores by default. They change nothing in what is learned.
    #[arg(long, value_name = "N", help_heading = "Writing")]
    pub(crate) threads: Option<NonZeroUsize>,
}
