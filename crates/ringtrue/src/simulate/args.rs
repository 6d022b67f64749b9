//! What `simulate` is asked for.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

/// Arguments of `ringtrue simulate`.
#[derive(Args, Clone)]
pub(crate) struct SimulateArgs {
    /// The folder to write to; made if it is not there.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Whole days of traffic.
    #[arg(long, value_name = "D")]
    pub(crate) days: Option<u32>,
    /// How many numbers call.
    #[arg(long, value_name = "N")]
    pub(crate) numbers: Option<u64>,
    /// Equal seeds give equal bytes; 1 by default.
    #[arg(long, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// The first day, as YYYY-MM-DD; 2026-03-02 by default.
    #[arg(long, value_name = "DATE")]
    pub(crate) start: Option<String>,

    /// A file whose settings overlay the shipped scenario, such as the scenario.toml of another run.
    #[arg(long, value_name = "FILE", help_heading = "Who calls")]
    pub(crate) scenario: Option<PathBuf>,
    /// Who plays against the policy, such as padding or complaint_bombing.
    #[arg(long, value_name = "NAME", help_heading = "Who calls")]
    pub(crate) adversary: Option<String>,
    /// How far the adversary goes, from 0 to 1; 1 by default.
    #[arg(long, value_name = "X", help_heading = "Who calls")]
    pub(crate) strength: Option<f64>,

    /// The form of the calls: ndjson, csv, or a dialect such as asterisk or telnyx.
    #[arg(long, value_name = "NAME", default_value = "ndjson", help_heading = "Writing")]
    pub(crate) format: String,
    /// Write into a folder that is not empty, over files of the same names.
    #[arg(long, help_heading = "Writing")]
    pub(crate) force: bool,
    /// How many threads work; all cores by default. They change nothing in what is written.
    #[arg(long, value_name = "N", help_heading = "Writing")]
    pub(crate) threads: Option<NonZeroUsize>,
}
