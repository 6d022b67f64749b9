//! `ringtrue backup`, `restore`, `verify`, `inspect` and `rebuild`: looking after a data directory.

mod told;

use std::path::PathBuf;

use clap::Args;
use service::upkeep::{self, Copied};
use service::{Clock as _, Position, SystemClock};

use crate::error::ScoreError;
use crate::output::text::counted;
use crate::said::{file_name, print};

/// Arguments of `ringtrue backup`.
#[derive(Args)]
pub(crate) struct BackupArgs {
    /// The data directory; a server may work on it.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The folder that the copy becomes; it must be empty or not there.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Arguments of `ringtrue restore`.
#[derive(Args)]
pub(crate) struct RestoreArgs {
    /// A backup.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The data directory that is made of it; it must be empty or not there.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

/// Arguments of the commands that look at a data directory.
#[derive(Args)]
pub(crate) struct LookArgs {
    /// The data directory, on which no server may work, or a backup.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// As one JSON document.
    #[arg(long)]
    json: bool,
}

/// Arguments of `ringtrue rebuild`.
#[derive(Args)]
pub(crate) struct RebuildArgs {
    /// The data directory; no server may work on it.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

/// Copies a data directory.
pub(crate) fn backup(args: &BackupArgs) -> Result<(), ScoreError> {
    let copied = upkeep::backup(&args.data, &args.to, SystemClock.now()).map_err(ScoreError::Upkeep)?;
    print(&format!("{} copied to {}\n", what(&copied), file_name(&args.to)))
}

/// Makes a data directory of a backup.
pub(crate) fn restore(args: &RestoreArgs) -> Result<(), ScoreError> {
    let copied = upkeep::restore(&args.from, &args.data).map_err(ScoreError::Upkeep)?;
    let (what, data) = (what(&copied), file_name(&args.data));
    print(&format!("{what} restored to {data}, as of {}\n", copied.made_at))
}

/// Reads everything in a data directory and checks it. What is wrong is the result, on standard output.
pub(crate) fn verify(args: &LookArgs) -> Result<(), ScoreError> {
    let checked = upkeep::verify(&args.data).map_err(ScoreError::Upkeep)?;
    print(&if args.json { told::checked_json(&checked) } else { told::checked(&checked) })?;
    if checked.is_well() { Ok(()) } else { Err(ScoreError::Unwell { folder: file_name(&args.data) }) }
}

/// Tells what a data directory holds.
pub(crate) fn inspect(args: &LookArgs) -> Result<(), ScoreError> {
    let held = upkeep::inspect(&args.data).map_err(ScoreError::Upkeep)?;
    print(&if args.json { told::inspected_json(&held) } else { told::inspected(&held) })
}

/// Has the next start fold the whole log anew.
pub(crate) fn rebuild(args: &RebuildArgs) -> Result<(), ScoreError> {
    let cleared = upkeep::clear_state(&args.data).map_err(ScoreError::Upkeep)?;
    let snapshots = counted(cleared.snapshots as u64, "snapshot is", "snapshots are");
    let events = told::events(&cleared.events);
    let since = cleared.oldest.map_or_else(String::new, |oldest| format!(", the oldest of {oldest}"));
    let mut text = format!("{snapshots} given up: the next start works everything out anew from {events}{since}\n");
    if cleared.events.start > Position::ZERO {
        text.push_str("the log has given up older events: what these alone told comes back with a backup only\n");
    }
    print(&text)
}

fn what(copied: &Copied) -> String {
    let (files, bytes) = (counted(copied.files, "file", "files"), told::size(copied.bytes));
    format!("{files} of {bytes} with {}", told::events(&copied.events))
}
