//! Looking after a data directory: copying it, checking it, telling what it holds, and having its state folded anew.
//!
//! Nothing here changes a data directory but [`clear_state`] and [`restore`], which makes one.

mod check;
mod copy;
mod held;
mod manifest;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::Timestamp;
use store::files::Unwritten;
use store::registry::{RegistryError, SqliteRegistry};
use store::snapshot::SnapshotError;
use store::{
    DataKey, EventLog as _, KeyFileError, LogError, Position, SegmentLog, SegmentOptions, SnapshotFolder,
    Snapshots as _,
};

pub use check::{Checked, verify};
pub use copy::{Copied, backup, restore};
pub use held::{Inspected, LogHeld, SnapshotInfo, SnapshotsHeld, inspect};
pub use manifest::{MANIFEST, Manifest, ManifestFile};

/// The folder of the event log in a data directory.
pub const LOG_FOLDER: &str = "log";
/// The folder of the snapshots in a data directory.
pub const SNAPSHOT_FOLDER: &str = "snapshots";

/// Why a data directory could not be looked after.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// There is no data directory.
    #[error("{} holds no data of a server: there is no {missing} in it", folder.display())]
    NoData {
        /// The folder.
        folder: PathBuf,
        /// What a data directory would have.
        missing: &'static str,
    },
    /// There is no backup.
    #[error("{} is no backup: there is no {MANIFEST} in it, which `ringtrue backup` writes last", folder.display())]
    NoBackup {
        /// The folder.
        folder: PathBuf,
    },
    /// The target holds something already.
    #[error("{} is not empty", folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
    /// An earlier copy to the same place did not end, or another is on its way.
    #[error("{} is there: another copy works on it, or was broken off; then remove it", folder.display())]
    Unfinished {
        /// The folder.
        folder: PathBuf,
    },
    /// A backup's list of files cannot be read.
    #[error("{}: {detail}", file.display())]
    Manifest {
        /// The file.
        file: PathBuf,
        /// What was expected.
        detail: String,
    },
    /// A file of a backup is not what was written.
    #[error("{}: {detail}; the backup cannot be used", file.display())]
    Differs {
        /// The file.
        file: PathBuf,
        /// What differs.
        detail: String,
    },
    /// An operation on a file failed.
    #[error("cannot {what} {}", file.display())]
    Io {
        /// What was tried, as a verb.
        what: &'static str,
        /// The file or folder.
        file: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// A server, or another command, works on the data directory.
    #[error("{} is in use: stop the server, or take a backup and look at that", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The key of the data directory cannot be read.
    #[error("the key of the data directory cannot be read")]
    Key(#[source] KeyFileError),
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Log(#[source] LogError),
    /// The snapshots cannot be read.
    #[error("the snapshots cannot be read")]
    Snapshots(#[source] SnapshotError),
    /// The registry cannot be read.
    #[error("the registry cannot be read")]
    Registry(#[source] RegistryError),
}

/// What was given up of a state that is to be folded anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cleared {
    /// Snapshots given up.
    pub snapshots: usize,
    /// The places of the events from which the state comes again.
    pub events: Range<Position>,
    /// When the first of them were appended; `None` without any.
    pub oldest: Option<Timestamp>,
}

/// Gives up all snapshots of a data directory on which no server works, so that the next start folds the whole log anew.
///
/// # Errors
/// When one cannot be removed. The call may be repeated.
pub fn clear_state(data: &Path) -> Result<Cleared, UpkeepError> {
    has_data(data)?;
    // Held while snapshots go: a server that works on the directory has it.
    let folder = data.join(LOG_FOLDER);
    let log = SegmentLog::open(&folder, options(data)?).map_err(|error| of_log(error, data))?;
    let snapshots = SnapshotFolder::open(&data.join(SNAPSHOT_FOLDER)).map_err(UpkeepError::Snapshots)?;
    let listed = snapshots.list().map_err(UpkeepError::Snapshots)?;
    for (name, _) in &listed {
        snapshots.remove(name).map_err(UpkeepError::Snapshots)?;
    }
    let oldest = log.segments().iter().find_map(|segment| segment.oldest);
    Ok(Cleared { snapshots: listed.len(), events: log.reader().held(), oldest })
}

fn has_data(folder: &Path) -> Result<(), UpkeepError> {
    let missing = |missing| Err(UpkeepError::NoData { folder: folder.to_owned(), missing });
    if !folder.join(LOG_FOLDER).is_dir() {
        return missing(LOG_FOLDER);
    }
    if folder.join(SqliteRegistry::FILE_NAME).is_file() { Ok(()) } else { missing(SqliteRegistry::FILE_NAME) }
}

/// Opens a log to look at it: its files stay as they are.
fn look_at_log(data: &Path) -> Result<SegmentLog, UpkeepError> {
    let files = Arc::new(Unwritten::default());
    SegmentLog::open_with(files, &data.join(LOG_FOLDER), options(data)?).map_err(|error| of_log(error, data))
}

/// The options of a log whose key lies in the data directory; where it lies elsewhere, checksums alone can be looked at.
fn options(data: &Path) -> Result<SegmentOptions, UpkeepError> {
    Ok(SegmentOptions { key: key_in(data)?, ..SegmentOptions::default() })
}

/// The key of a data directory; `None` where it lies elsewhere.
fn key_in(data: &Path) -> Result<Option<DataKey>, UpkeepError> {
    DataKey::load(&data.join(DataKey::FILE_NAME)).map_err(UpkeepError::Key)
}

/// Opens snapshots to look at them; none where there is no folder.
fn look_at_snapshots(data: &Path) -> Result<Option<SnapshotFolder>, UpkeepError> {
    let folder = data.join(SNAPSHOT_FOLDER);
    let open = || SnapshotFolder::open_with(Arc::new(Unwritten::default()), &folder).map_err(UpkeepError::Snapshots);
    let key = key_in(data)?;
    if folder.is_dir() { open().map(|opened| Some(opened.sealed_with(key))) } else { Ok(None) }
}

fn look_at_registry(data: &Path) -> Result<SqliteRegistry, UpkeepError> {
    SqliteRegistry::open_to_read(&data.join(SqliteRegistry::FILE_NAME)).map_err(UpkeepError::Registry)
}

fn of_log(error: LogError, data: &Path) -> UpkeepError {
    match error {
        LogError::Locked { .. } => UpkeepError::InUse { folder: data.to_owned() },
        error @ (LogError::Io { .. }
        | LogError::Refused
        | LogError::TooLarge { .. }
        | LogError::Pack { .. }
        | LogError::Format { .. }
        | LogError::Key { .. }
        | LogError::NoKey
        | LogError::OutOfRange { .. }
        | LogError::Damaged(_)
        | LogError::Decode { .. }) => UpkeepError::Log(error),
    }
}

fn failed<'a>(what: &'static str, file: &'a Path) -> impl FnOnce(io::Error) -> UpkeepError + 'a {
    move |source| UpkeepError::Io { what, file: file.to_owned(), source }
}
