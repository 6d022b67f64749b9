//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Judges telephone numbers the way carriers' call-analytics engines do, and says why.
#[derive(Parser)]
#[command(name = "ringtrue", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Score the calling numbers of call records: label, rating, reasons, advice.
    Score(Box<ScoreArgs>),
    /// Check, show or explain the policy in force.
    Policy(PolicyArgs),
    /// Measure how good and how fair a policy is on traffic with known truth, or a learned score on a labelled table.
    Evaluate(Box<crate::evaluate::EvaluateArgs>),
    /// Make traffic with known truth: calls, reports, standing, and who is unwanted.
    Simulate(Box<crate::simulate::SimulateArgs>),
    /// Learn a score from a labelled table.
    Fit(Box<crate::fit_command::FitArgs>),
    /// Serve the API: take calls and reports in, answer with labels, tell their changes.
    Serve(crate::serve::ServeArgs),
    /// Create, list or revoke the API keys of a data directory.
    Key(crate::key_command::KeyArgs),
    /// Take files of records into a running server, or into the data directory of a stopped one; one that was broken off goes on.
    Import(Box<crate::import::ImportArgs>),
    /// Forget a number: its facts, its labels and their history, and every event that names it.
    Forget(crate::forget_command::ForgetArgs),
    /// Copy a data directory, while a server works on it or not.
    Backup(crate::upkeep_command::BackupArgs),
    /// Make a data directory of a backup, and check each file of it.
    Restore(crate::upkeep_command::RestoreArgs),
    /// Read everything in a data directory, or in a backup, and check it.
    Verify(crate::upkeep_command::LookArgs),
    /// Tell what a data directory, or a backup, holds: versions, events, times, bytes, snapshots, rows.
    Inspect(crate::upkeep_command::LookArgs),
    /// Have the next start of the server work out facts and labels anew from the log.
    Rebuild(crate::upkeep_command::RebuildArgs),
}

/// Arguments of `ringtrue score`.
#[derive(Args, Clone)]
pub(crate) struct ScoreArgs {
    /// Files of call records, plain, gzip or zstd; `-` reads standard input.
    #[arg(value_name = "FILE", required_unless_present = "reports")]
    pub(crate) files: Vec<PathBuf>,

    /// The dialect or mapping of the files, where their content does not tell it.
    #[arg(long, value_name = "NAME", help_heading = "Reading")]
    pub(crate) format: Option<String>,
    /// A mapping file that says which column is what; of several, the files' header or --format chooses.
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    pub(crate) mapping: Vec<PathBuf>,
    /// The zone of times that are written without one, such as America/New_York or UTC.
    #[arg(long, value_name = "ZONE", help_heading = "Reading")]
    pub(crate) tz: Option<String>,
    /// The region of numbers in national form, such as US or GB.
    #[arg(long, value_name = "CODE", help_heading = "Reading")]
    pub(crate) region: Option<String>,
    /// The name of the records' source.
    #[arg(long, value_name = "NAME", default_value = "local", help_heading = "Reading")]
    pub(crate) source: String,
    /// How repeated records are recognised.
    #[arg(long, value_enum, default_value_t = DedupeBy::Id, help_heading = "Reading")]
    pub(crate) dedupe: DedupeBy,
    /// Where records that could not be taken are written, one JSON object a line.
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    pub(crate) rejects: Option<PathBuf>,

    /// Your own numbers: a file of them, or a prefix such as +1215555; may be given several times.
    #[arg(long, value_name = "FILE|PREFIX", help_heading = "Whose numbers", conflicts_with = "all_callers")]
    pub(crate) own: Vec<String>,
    /// Judge every calling number, as a carrier does.
    #[arg(long, help_heading = "Whose numbers")]
    pub(crate) all_callers: bool,
    /// Which public number each extension shows: a CSV of extension,tn.
    #[arg(long, value_name = "FILE", help_heading = "Whose numbers")]
    pub(crate) extension_map: Option<PathBuf>,
    /// Which carrier serves each destination: a CSV of tn or prefix, and carrier.
    #[arg(long, value_name = "FILE", help_heading = "Whose numbers")]
    pub(crate) carrier_map: Option<PathBuf>,

    /// Reports by called people: our NDJSON or CSV, the FTC's daily file, the FCC's export.
    #[arg(long, value_name = "FILE", help_heading = "What else is known")]
    pub(crate) reports: Vec<PathBuf>,
    /// The reports cover the carriers of these calls, so that few reports speak for a caller.
    #[arg(long, help_heading = "What else is known", requires = "reports")]
    pub(crate) reports_cover: bool,
    /// Standing in the registry: a CSV of tn, registrant, purpose, …
    #[arg(long, value_name = "FILE", help_heading = "What else is known")]
    pub(crate) standing: Option<PathBuf>,
    /// Trusted truth: a CSV of tn or prefix, kind, …
    #[arg(long, value_name = "FILE", help_heading = "What else is known")]
    pub(crate) trusted: Option<PathBuf>,
    /// A folder whose policy files overlay the shipped ones.
    #[arg(long, value_name = "DIR", help_heading = "What else is known")]
    pub(crate) policy: Option<PathBuf>,
    /// The moment of judgement; the latest call end or report by default.
    #[arg(long, value_name = "TIME", help_heading = "What else is known")]
    pub(crate) at: Option<String>,

    /// The form of the output.
    #[arg(long, value_enum, default_value_t = OutputForm::Table, help_heading = "Writing")]
    pub(crate) output: OutputForm,
    /// Tell everything about one number.
    #[arg(long, value_name = "TN", help_heading = "Writing", conflicts_with = "output")]
    pub(crate) explain: Option<String>,
    /// Only this engine's verdicts, such as hiya, first_orion or tns.
    #[arg(long, value_name = "KEY", help_heading = "Writing")]
    pub(crate) engine: Option<String>,
    /// Only numbers with this label or a higher one.
    #[arg(long, value_name = "LABEL", value_enum, help_heading = "Writing")]
    pub(crate) label: Option<LabelArg>,
    /// Only numbers with at least so many calls in 35 days.
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Writing")]
    pub(crate) min_calls: u64,
    /// How many numbers the table shows.
    #[arg(long, value_name = "N", default_value_t = 50, help_heading = "Writing")]
    pub(crate) top: usize,
    /// How many threads work; all cores by default.
    #[arg(long, value_name = "N", help_heading = "Writing")]
    pub(crate) threads: Option<NonZeroUsize>,
}

impl ScoreArgs {
    /// A run over everybody's calls in `files`, as a carrier sees them, with nothing besides.
    pub(crate) fn of_all_callers(files: Vec<PathBuf>) -> Self {
        Self {
            files,
            format: None,
            mapping: Vec::new(),
            tz: None,
            region: None,
            source: "local".to_owned(),
            dedupe: DedupeBy::Id,
            rejects: None,
            own: Vec::new(),
            all_callers: true,
            extension_map: None,
            carrier_map: None,
            reports: Vec::new(),
            reports_cover: false,
            standing: None,
            trusted: None,
            policy: None,
            at: None,
            output: OutputForm::Table,
            explain: None,
            engine: None,
            label: None,
            min_calls: 0,
            top: 0,
            threads: None,
        }
    }
}

/// How repeated records are recognised.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum DedupeBy {
    /// By source and id; records without an id are kept.
    Id,
    /// Records without an id also by their content.
    Content,
}

/// The form of the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum OutputForm {
    /// The worst numbers first, for people.
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a number and line.
    Ndjson,
    /// One row a number and engine.
    Csv,
}

/// A label as an argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum LabelArg {
    /// Potential Spam or higher.
    PotentialSpam,
    /// Spam Likely or higher.
    SpamLikely,
    /// Spam.
    Spam,
}

/// Arguments of `ringtrue policy`.
#[derive(Args)]
pub(crate) struct PolicyArgs {
    /// What to do with the policy.
    #[command(subcommand)]
    pub(crate) action: PolicyAction,
}

/// What to do with the policy.
#[derive(Subcommand)]
pub(crate) enum PolicyAction {
    /// Load every policy file and say whether they hold.
    Check {
        /// A folder whose policy files overlay the shipped ones.
        #[arg(long, value_name = "DIR")]
        policy: Option<PathBuf>,
    },
    /// Print every effective value and the file that it comes from.
    Show {
        /// A folder whose policy files overlay the shipped ones.
        #[arg(long, value_name = "DIR")]
        policy: Option<PathBuf>,
    },
    /// Tell what a reason code means and which numbers it rests on.
    Explain {
        /// The reason code, such as SHORT_CALLS.
        reason: String,
        /// A folder whose policy files overlay the shipped ones.
        #[arg(long, value_name = "DIR")]
        policy: Option<PathBuf>,
    },
}
