//! Arguments of `ringtrue import`.

use std::path::PathBuf;

use clap::Args;
use store::SourceRole;
use store::registry::Name;

use super::batches::Kind;
use crate::key_command::args::{name, role};

/// Arguments of `ringtrue import`.
#[derive(Args)]
pub(crate) struct ImportArgs {
    /// Files of call records in any format that `score` reads, plain, gzip or zstd; `-` reads standard input.
    #[arg(value_name = "FILE", required_unless_present = "reports")]
    files: Vec<PathBuf>,
    /// Files of reports by called people.
    #[arg(long, value_name = "FILE")]
    reports: Vec<PathBuf>,

    /// A server that runs, such as http://127.0.0.1:8080.
    #[arg(long, value_name = "URL", help_heading = "Into a server", conflicts_with = "data")]
    pub(super) url: Option<String>,
    /// A key of that server with the scope `ingest`; its source is that of the records. Without it the environment variable
    /// RINGTRUE_KEY holds the key.
    #[arg(long, value_name = "KEY", help_heading = "Into a server", requires = "url")]
    pub(super) key: Option<String>,

    /// The data directory of a server that does not run.
    #[arg(long, value_name = "DIR", help_heading = "Into a data directory")]
    pub(super) data: Option<PathBuf>,
    /// The server's configuration, for policy, region, zone, mappings and data directory.
    #[arg(long, value_name = "FILE", help_heading = "Into a data directory", conflicts_with = "url")]
    pub(super) config: Option<PathBuf>,
    /// The name of the records' source; `local` by default. A new name makes a new source.
    #[arg(long, value_name = "NAME", value_parser = name, help_heading = "Into a data directory", conflicts_with = "url")]
    pub(super) source: Option<Name>,
    /// What a new source shows: terminating, a carrier's own traffic, or originating, a caller's own records.
    #[arg(long, value_name = "ROLE", value_parser = role, help_heading = "Into a data directory", conflicts_with = "url")]
    pub(super) role: Option<SourceRole>,
    /// Whose source it is; the operator's by default.
    #[arg(long, value_name = "NAME", value_parser = name, help_heading = "Into a data directory", conflicts_with = "url")]
    pub(super) tenant: Option<Name>,
    /// The zone of times that are written without one, such as America/New_York or UTC.
    #[arg(long, value_name = "ZONE", help_heading = "Into a data directory", conflicts_with = "url")]
    pub(super) tz: Option<String>,
    /// The region of numbers in national form, such as US or GB.
    #[arg(long, value_name = "CODE", help_heading = "Into a data directory", conflicts_with = "url")]
    pub(super) region: Option<String>,

    /// The dialect or mapping of the files, where their content does not tell it.
    #[arg(long, alias = "dialect", value_name = "NAME", help_heading = "Reading")]
    pub(super) format: Option<String>,
    /// A mapping file that says which column is what; a server must have it as well.
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    pub(super) mapping: Vec<PathBuf>,
    /// Where records that could not be taken are written, one JSON object a line, behind those that are there.
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    pub(super) rejects: Option<PathBuf>,
}

impl ImportArgs {
    /// The files, calls first, with what their records are.
    pub(super) fn inputs(&self) -> impl Iterator<Item = (&PathBuf, Kind)> {
        let calls = self.files.iter().map(|path| (path, Kind::Calls));
        calls.chain(self.reports.iter().map(|path| (path, Kind::Reports)))
    }
}
