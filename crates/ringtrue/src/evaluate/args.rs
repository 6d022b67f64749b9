//! What `evaluate` is asked for.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::known_traffic::KnownTrafficArgs;

/// Arguments of `ringtrue evaluate`.
#[derive(Args, Clone)]
pub(crate) struct EvaluateArgs {
    /// Files of call records, plain, gzip or zstd; `-` reads standard input.
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present_any = ["features", "closed_loop"], help_heading = "Traffic with known truth")]
    pub(crate) calls: Vec<PathBuf>,
    /// Known truth: a CSV of tn, class, unwanted (true or false), registered, …
    #[arg(long, value_name = "FILE", help_heading = "Traffic with known truth")]
    pub(crate) truth: Option<PathBuf>,
    /// What is known besides.
    #[command(flatten)]
    pub(crate) known: KnownTrafficArgs,

    /// A folder whose policy files overlay the shipped ones.
    #[arg(long, value_name = "DIR", help_heading = "What is evaluated")]
    pub(crate) policy: Option<PathBuf>,
    /// Two policies side by side on the same facts, each a folder whose files overlay the shipped ones.
    #[arg(long, value_names = ["POLICY_A", "POLICY_B"], num_args = 2, conflicts_with = "policy")]
    #[arg(help_heading = "What is evaluated")]
    pub(crate) compare: Vec<PathBuf>,
    /// The seed of the draws behind the intervals of --compare, and of the world of --closed-loop; 1 by default.
    #[arg(long, value_name = "S", help_heading = "What is evaluated")]
    pub(crate) seed: Option<u64>,
    /// The JSON of another evaluation, such as one without the adversary: what rose and fell against it.
    #[arg(long, value_name = "FILE", conflicts_with = "compare", help_heading = "What is evaluated")]
    pub(crate) baseline: Option<PathBuf>,

    /// Also follow all numbers with other thresholds, and show what each would catch and whom it would wrong; takes ten times as long.
    #[arg(long, conflicts_with_all = ["compare", "closed_loop", "features"], help_heading = "What is evaluated")]
    pub(crate) trade_off: bool,

    /// Simulated traffic in a closed loop.
    #[command(flatten)]
    pub(crate) closed: ClosedArgs,

    /// A labelled table and a learned score.
    #[command(flatten)]
    pub(crate) features: FeaturesArgs,

    /// The form of the output.
    #[arg(long, value_enum, default_value_t = ReportForm::Table, help_heading = "Writing")]
    pub(crate) output: ReportForm,
    /// Also write one page with plots, complete in itself.
    #[arg(long, visible_alias = "plots", value_name = "FILE", help_heading = "Writing")]
    pub(crate) html: Option<PathBuf>,
    /// How many threads work; all cores by default. They change nothing in what is written.
    #[arg(long, value_name = "N", help_heading = "Writing")]
    pub(crate) threads: Option<NonZeroUsize>,
}

/// Simulated traffic in a closed loop.
#[derive(Args, Clone)]
pub(crate) struct ClosedArgs {
    /// Simulate, and let every shown label change how people answer; reports who cannot get out of a label.
    #[arg(long, help_heading = "Simulated traffic in a closed loop")]
    #[arg(conflicts_with_all = ["calls", "truth", "known_traffic"])]
    pub(crate) closed_loop: bool,
    /// A file whose settings overlay the shipped scenario, such as the scenario.toml of a run of simulate.
    #[arg(long, value_name = "FILE", requires = "closed_loop", help_heading = "Simulated traffic in a closed loop")]
    pub(crate) scenario: Option<PathBuf>,
    /// How many numbers call.
    #[arg(long, value_name = "N", requires = "closed_loop", help_heading = "Simulated traffic in a closed loop")]
    pub(crate) numbers: Option<u64>,
    /// Whole days of traffic.
    #[arg(long, value_name = "D", requires = "closed_loop", help_heading = "Simulated traffic in a closed loop")]
    pub(crate) days: Option<u32>,
    /// Who plays against the policy, such as padding or lock_in.
    #[arg(long, value_name = "NAME", requires = "closed_loop", help_heading = "Simulated traffic in a closed loop")]
    pub(crate) adversary: Option<String>,
    /// How far the adversary goes, from 0 to 1; 1 by default.
    #[arg(long, value_name = "X", requires = "closed_loop", help_heading = "Simulated traffic in a closed loop")]
    pub(crate) strength: Option<f64>,
}

/// A labelled table and a learned score.
#[derive(Args, Clone)]
pub(crate) struct FeaturesArgs {
    /// A labelled table in CSV, plain, gzip or zstd; `-` reads standard input.
    #[arg(long, value_name = "FILE", requires_all = ["label", "model"], conflicts_with_all = ["calls", "known_traffic"], help_heading = "A learned score on a labelled table")]
    pub(crate) features: Option<PathBuf>,
    /// The table's column of labels: 0, 1, true or false.
    #[arg(long, value_name = "COLUMN", requires = "features", help_heading = "A learned score on a labelled table")]
    pub(crate) label: Option<String>,
    /// The table's column that tells train, validation or test; without it all rows are measured.
    #[arg(long, value_name = "COLUMN", requires = "features", help_heading = "A learned score on a labelled table")]
    pub(crate) split: Option<String>,
    /// What `ringtrue fit` learned.
    #[arg(long, value_name = "FILE", requires = "features", help_heading = "A learned score on a labelled table")]
    pub(crate) model: Option<PathBuf>,
}

/// The form of the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum ReportForm {
    /// Tables for people.
    Table,
    /// One JSON document.
    Json,
}
