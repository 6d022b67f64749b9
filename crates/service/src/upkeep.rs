//! Looking after a data directory: copying it, checking it, telling what it holds, and having its state folded anew.
//!
//! A directory is copied while a server works on it. Snapshots are copied first and the log last, so that the log of the copy
//! reaches from every snapshot to the end; an append that was caught half-way lies at that end and is cut off when the copy is
//! opened, as after a crash.

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use model::Timestamp;
use store::files::{Disk, Files as _};
use store::registry::{Creation, DataId, RegistryError, SqliteRegistry};
use store::snapshot::SnapshotError;
use store::{Damage, EventLog, LogError, Position, SegmentLog, SegmentOptions, SnapshotFolder, Snapshots};

use crate::fold::SNAPSHOT_VERSION;
use crate::keeper::{MARKS, MARKS_VERSION};

/// The folder of the event log in a data directory.
pub const LOG_FOLDER: &str = "log";
/// The folder of the snapshots in a data directory.
pub const SNAPSHOT_FOLDER: &str = "snapshots";
/// How often copying begins anew when a snapshot is replaced under its hands.
const TRIES: usize = 5;

/// Why a data directory could not be looked after.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// There is no data directory.
    #[error("{} holds no data of a server", folder.display())]
    NoData {
        /// The folder.
        folder: PathBuf,
    },
    /// The target holds something already.
    #[error("{} is not empty", folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
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

/// What was copied.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Copied {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What a check of a data directory found.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Checked {
    /// Damage of the log, oldest first.
    pub log: Vec<Damage>,
    /// Snapshots that cannot be used, a sentence each. An older one or the log stands in for them.
    pub snapshots: Vec<String>,
    /// What is wrong with the registry, a sentence each.
    pub registry: Vec<String>,
}

impl Checked {
    /// Tells whether all is well.
    #[must_use]
    pub const fn is_well(&self) -> bool {
        self.log.is_empty() && self.snapshots.is_empty() && self.registry.is_empty()
    }
}

/// What a data directory holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inspected {
    /// The places of the events.
    pub events: Range<Position>,
    /// Bytes of the log.
    pub log_bytes: u64,
    /// Snapshots.
    pub snapshots: usize,
    /// From here on a start reads the log: the place of the oldest of the newest snapshots; `None` without any.
    pub read_from: Option<Position>,
}

/// Copies a data directory, whether a server works on it or not, into a folder that is empty or not there. The copy is a data
/// directory. `now` is the time by the caller's clock.
///
/// # Errors
/// [`UpkeepError`]; the target then holds a part, and is of no use.
pub fn backup(data: &Path, to: &Path, now: Timestamp) -> Result<Copied, UpkeepError> {
    has_data(data)?;
    make_empty(to)?;
    let mut copied = Copied::default();
    copy_snapshots(&data.join(SNAPSHOT_FOLDER), &to.join(SNAPSHOT_FOLDER), &mut copied)?;
    let registry = to.join(SqliteRegistry::FILE_NAME);
    open_registry(data, now)?.copy_to(&registry).map_err(UpkeepError::Registry)?;
    count_file(&registry, &mut copied)?;
    copy_files(&files_of(data, is_loose)?, to, &mut copied)?;
    copy_files(&files_of(&data.join(LOG_FOLDER), is_segment)?, &to.join(LOG_FOLDER), &mut copied)?;
    sync_folder(to)?;
    Ok(copied)
}

/// Makes a data directory, empty or not there, of a backup.
///
/// # Errors
/// [`UpkeepError`]; the data directory then holds a part, and is of no use.
pub fn restore(from: &Path, data: &Path) -> Result<Copied, UpkeepError> {
    has_data(from)?;
    make_empty(data)?;
    let mut copied = Copied::default();
    for folder in [SNAPSHOT_FOLDER, LOG_FOLDER] {
        copy_files(&files_of(&from.join(folder), is_data)?, &data.join(folder), &mut copied)?;
    }
    copy_files(&files_of(from, is_data)?, data, &mut copied)?;
    sync_folder(data)?;
    Ok(copied)
}

/// Reads everything in a data directory on which no server works, and checks it.
///
/// # Errors
/// When something cannot be read at all.
pub fn verify(data: &Path, now: Timestamp) -> Result<Checked, UpkeepError> {
    has_data(data)?;
    let log = SegmentLog::open(&data.join(LOG_FOLDER), SegmentOptions::default()).map_err(UpkeepError::Log)?;
    let mut checked = Checked { log: log.verify().map_err(UpkeepError::Log)?, ..Checked::default() };
    let snapshots = SnapshotFolder::open(&data.join(SNAPSHOT_FOLDER)).map_err(UpkeepError::Snapshots)?;
    let mut names: Vec<_> =
        snapshots.list().map_err(UpkeepError::Snapshots)?.into_iter().map(|(name, _)| name).collect();
    names.dedup();
    for name in names {
        let version = if name.as_str() == MARKS { MARKS_VERSION } else { SNAPSHOT_VERSION };
        let loaded = snapshots.load(&name, version).map_err(UpkeepError::Snapshots)?;
        checked.snapshots.extend(loaded.passed.iter().map(|passed| format!("{name}: {}", passed.why)));
    }
    checked.registry = open_registry(data, now)?.verify().map_err(UpkeepError::Registry)?;
    Ok(checked)
}

/// Tells what a data directory holds on which no server works.
///
/// # Errors
/// When it cannot be read.
pub fn inspect(data: &Path) -> Result<Inspected, UpkeepError> {
    has_data(data)?;
    let log = SegmentLog::open(&data.join(LOG_FOLDER), SegmentOptions::default()).map_err(UpkeepError::Log)?;
    let snapshots = SnapshotFolder::open(&data.join(SNAPSHOT_FOLDER)).map_err(UpkeepError::Snapshots)?;
    let listed = snapshots.list().map_err(UpkeepError::Snapshots)?;
    let newest: std::collections::BTreeMap<_, _> =
        listed.iter().filter(|(name, _)| name.as_str() != MARKS).map(|(name, place)| (name, *place)).collect();
    Ok(Inspected {
        events: log.reader().held(),
        log_bytes: log.size_bytes(),
        snapshots: listed.len(),
        read_from: newest.into_values().min(),
    })
}

/// Gives up all snapshots of a data directory on which no server works, so that the next start folds the whole log anew. Tells
/// how many there were.
///
/// # Errors
/// When one cannot be removed.
pub fn clear_state(data: &Path) -> Result<usize, UpkeepError> {
    has_data(data)?;
    // Held while snapshots go: a server that works on the directory has it.
    let _log = SegmentLog::open(&data.join(LOG_FOLDER), SegmentOptions::default()).map_err(UpkeepError::Log)?;
    let snapshots = SnapshotFolder::open(&data.join(SNAPSHOT_FOLDER)).map_err(UpkeepError::Snapshots)?;
    let listed = snapshots.list().map_err(UpkeepError::Snapshots)?;
    for (name, _) in &listed {
        snapshots.remove(name).map_err(UpkeepError::Snapshots)?;
    }
    Ok(listed.len())
}

fn has_data(folder: &Path) -> Result<(), UpkeepError> {
    let is_there = folder.join(LOG_FOLDER).is_dir() && folder.join(SqliteRegistry::FILE_NAME).is_file();
    if is_there { Ok(()) } else { Err(UpkeepError::NoData { folder: folder.to_owned() }) }
}

fn open_registry(data: &Path, now: Timestamp) -> Result<SqliteRegistry, UpkeepError> {
    // The file is there, so nothing is created with this.
    let creation = Creation { id: DataId::new(now, [0; 10]), at: now };
    SqliteRegistry::open(&data.join(SqliteRegistry::FILE_NAME), &creation).map_err(UpkeepError::Registry)
}

fn failed<'a>(what: &'static str, file: &'a Path) -> impl FnOnce(io::Error) -> UpkeepError + 'a {
    move |source| UpkeepError::Io { what, file: file.to_owned(), source }
}

fn make_empty(folder: &Path) -> Result<(), UpkeepError> {
    fs::create_dir_all(folder).map_err(failed("create", folder))?;
    match fs::read_dir(folder).map_err(failed("list", folder))?.next() {
        None => Ok(()),
        Some(_) => Err(UpkeepError::NotEmpty { folder: folder.to_owned() }),
    }
}

/// The files of a folder that are wanted, in the order of their names; none where there is no folder.
fn files_of(folder: &Path, is_wanted: fn(&Path) -> bool) -> Result<Vec<PathBuf>, UpkeepError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("list", folder)(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed("list", folder))?.path();
        if path.is_file() && is_wanted(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn name_of(file: &Path) -> &str {
    file.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// Anything but the mark of a process that works on the folder.
fn is_data(file: &Path) -> bool {
    name_of(file) != "lock"
}

fn is_segment(file: &Path) -> bool {
    name_of(file).ends_with(".log")
}

/// Files beside the folders, other than the registry's own.
fn is_loose(file: &Path) -> bool {
    is_data(file) && !name_of(file).starts_with(SqliteRegistry::FILE_NAME)
}

/// Snapshots are replaced by newer ones; then copying begins anew, from what is there by then.
fn copy_snapshots(from: &Path, to: &Path, copied: &mut Copied) -> Result<(), UpkeepError> {
    for tried in 1.. {
        let before = *copied;
        match copy_files(&files_of(from, |_| true)?, to, copied) {
            Err(UpkeepError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound && tried < TRIES => {
                *copied = before;
            }
            done => return done,
        }
    }
    Ok(())
}

/// Copies files into a folder. All are opened before the first is copied, so that what is removed meanwhile is copied, too.
fn copy_files(files: &[PathBuf], to: &Path, copied: &mut Copied) -> Result<(), UpkeepError> {
    fs::create_dir_all(to).map_err(failed("create", to))?;
    let mut opened = Vec::with_capacity(files.len());
    for file in files {
        opened.push((File::open(file).map_err(failed("open", file))?, file));
    }
    for (mut reader, file) in opened {
        let target = to.join(name_of(file));
        let mut writer = File::create(&target).map_err(failed("create", &target))?;
        copied.bytes += io::copy(&mut reader, &mut writer).map_err(failed("copy", file))?;
        writer.sync_all().map_err(failed("sync", &target))?;
        copied.files += 1;
    }
    sync_folder(to)
}

fn count_file(file: &Path, copied: &mut Copied) -> Result<(), UpkeepError> {
    let opened = File::open(file).map_err(failed("open", file))?;
    opened.sync_all().map_err(failed("sync", file))?;
    copied.bytes += opened.metadata().map_err(failed("look at", file))?.len();
    copied.files += 1;
    Ok(())
}

fn sync_folder(folder: &Path) -> Result<(), UpkeepError> {
    Disk.sync_folder(folder).map_err(failed("sync", folder))
}
