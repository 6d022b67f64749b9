//! Copying a data directory, while a server works on it or not, and making one of a copy.
//!
//! Snapshots are copied first and the log last, so that the log of the copy reaches from every snapshot to the end. An append
//! that was caught half-way lies at that end; it is cut off in the copy, as after a crash. A copy is made under another name and
//! renamed when it is whole, so that what bears its name is never a part.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use model::Timestamp;
use store::files::{Disk, Files as _};
use store::registry::SqliteRegistry;
use store::{EventLog as _, Position, SegmentLog, SegmentOptions};

use super::manifest::{Manifest, ManifestFile, read_through};
use super::{LOG_FOLDER, MANIFEST, SNAPSHOT_FOLDER, UpkeepError, failed, has_data, look_at_registry, of_log};
use crate::policy_store::POLICY_FOLDER;

/// How often the copying of a folder begins anew when files are replaced or removed under its hands.
const TRIES: usize = 5;
/// The mark of a process that works on a log.
const LOCK: &str = "lock";

/// What was copied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Copied {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The places of the events in the copy.
    pub events: Range<Position>,
    /// When the backup was made.
    pub made_at: Timestamp,
}

impl From<&Manifest> for Copied {
    fn from(manifest: &Manifest) -> Self {
        Self {
            files: manifest.files.len() as u64,
            bytes: manifest.files.iter().map(|file| file.bytes).sum(),
            events: manifest.events.clone(),
            made_at: manifest.made_at,
        }
    }
}

/// Copies a data directory, whether a server works on it or not, into a folder that is empty or not there. Everything that was
/// acknowledged before is in the copy. `now` is the time by the caller's clock.
///
/// # Errors
/// [`UpkeepError`]; the target is then as it was, and beside it a folder whose name ends in `.part` may be left.
pub fn backup(data: &Path, to: &Path, now: Timestamp) -> Result<Copied, UpkeepError> {
    has_data(data)?;
    let target = Target::begin(to, MANIFEST)?;
    let part = &target.part;
    copy_folder(data, part, SNAPSHOT_FOLDER, |name| name.ends_with(".snap"))?;
    let registry = part.join(SqliteRegistry::FILE_NAME);
    // SQLite fills a file that is there and empty, and leaves its rights as they are.
    let file = create(&registry)?;
    look_at_registry(data)?.copy_to(&registry).map_err(UpkeepError::Registry)?;
    file.sync_all().map_err(failed("sync", &registry))?;
    copy_folder(data, part, "", is_loose)?;
    copy_folder(data, part, LOG_FOLDER, |name| name.ends_with(".log"))?;
    // A policy is kept before its activation is logged.
    copy_folder(data, part, POLICY_FOLDER, |name| !name.ends_with(".tmp"))?;
    let events = settle(part)?;
    let manifest = Manifest { made_at: now, events, files: listed(part)? };
    manifest.write(part)?;
    target.finish()?;
    Ok(Copied::from(&manifest))
}

/// Makes a data directory, empty or not there, of a backup. Each file is compared with what the backup says of it.
///
/// # Errors
/// [`UpkeepError`]; the data directory is then as it was, and beside it a folder whose name ends in `.part` may be left.
pub fn restore(from: &Path, data: &Path) -> Result<Copied, UpkeepError> {
    let none = || UpkeepError::NoBackup { folder: from.to_owned() };
    let manifest = Manifest::read(from)?.ok_or_else(none)?;
    let target = Target::begin(data, SqliteRegistry::FILE_NAME)?;
    for folder in [LOG_FOLDER, SNAPSHOT_FOLDER, POLICY_FOLDER] {
        private_folder(&target.part.join(folder))?;
    }
    for file in &manifest.files {
        restore_file(file, from, &target.part)?;
    }
    for folder in [LOG_FOLDER, SNAPSHOT_FOLDER, POLICY_FOLDER] {
        sync_folder(&target.part.join(folder))?;
    }
    target.finish()?;
    Ok(Copied::from(&manifest))
}

/// A folder that is made under another name until it is whole. One that is there, such as a disk that is mounted, is filled from
/// a folder in it: then the file that makes it what it is comes last.
struct Target {
    folder: PathBuf,
    part: PathBuf,
    is_there: bool,
    last: &'static str,
}

/// What a new file system has, and nobody put there.
const LOST_AND_FOUND: &str = "lost+found";

impl Target {
    fn begin(folder: &Path, last: &'static str) -> Result<Self, UpkeepError> {
        let folder = std::path::absolute(folder).map_err(failed("find", folder))?;
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => Some(entries),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed("list", &folder)(error)),
        };
        let is_there = entries.is_some();
        let not_empty = || UpkeepError::NotEmpty { folder: folder.clone() };
        let mut name = match is_there {
            true => OsStr::new("").to_owned(),
            false => folder.file_name().ok_or_else(not_empty)?.to_owned(),
        };
        name.push(".part");
        let part = if is_there { folder.join(name) } else { folder.with_file_name(name) };
        if part.exists() {
            return Err(UpkeepError::Unfinished { folder: part });
        }
        for entry in entries.into_iter().flatten() {
            if entry.map_err(failed("list", &folder))?.file_name() != LOST_AND_FOUND {
                return Err(not_empty());
            }
        }
        private_folder(&part)?;
        Ok(Self { folder, part, is_there, last })
    }

    /// Gives what was made its name, durably.
    fn finish(self) -> Result<(), UpkeepError> {
        let Self { folder, part, is_there, last } = &self;
        sync_folder(part)?;
        if !is_there {
            fs::rename(part, folder).map_err(failed("rename", part))?;
            return folder.parent().map_or(Ok(()), sync_folder);
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(part).map_err(failed("list", part))? {
            names.push(entry.map_err(failed("list", part))?.file_name());
        }
        names.sort_by_key(|name| name == last);
        for name in names {
            let made = part.join(&name);
            fs::rename(&made, folder.join(name)).map_err(failed("rename", &made))?;
        }
        fs::remove_dir(part).map_err(failed("remove", part))?;
        sync_folder(folder)
    }
}

/// Makes a folder that its owner alone can read: it holds telephone numbers and secrets.
fn private_folder(folder: &Path) -> Result<(), UpkeepError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(failed("create", folder))
}

/// Files beside the folders, other than the registry's own.
fn is_loose(name: &str) -> bool {
    name != LOCK && name != MANIFEST && !name.ends_with(".tmp") && !name.starts_with(SqliteRegistry::FILE_NAME)
}

/// Copies the wanted files of a folder. One that vanishes meanwhile was replaced or given up; copying begins anew then, from what is
/// there by then.
fn copy_folder(data: &Path, to: &Path, folder: &str, is_wanted: fn(&str) -> bool) -> Result<(), UpkeepError> {
    let (from, to) = (data.join(folder), to.join(folder));
    for tried in 1.. {
        match copy_files(&from, &to, is_wanted) {
            Err(UpkeepError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound && tried < TRIES => {}
            done => return done,
        }
    }
    Ok(())
}

/// Copies files. All are opened before the first is copied, and copied as long as they are then: what is removed meanwhile is
/// copied, too, and what is appended does not keep the copying going.
fn copy_files(from: &Path, to: &Path, is_wanted: fn(&str) -> bool) -> Result<(), UpkeepError> {
    private_folder(to)?;
    let mut opened = Vec::new();
    for name in names(from)?.into_iter().filter(|name| is_wanted(name)) {
        let path = from.join(&name);
        let file = File::open(&path).map_err(failed("open", &path))?;
        let length = file.metadata().map_err(failed("measure", &path))?.len();
        opened.push((file, length, path, to.join(name)));
    }
    for (file, length, path, target) in opened {
        write_copy(&mut file.take(length), &path, &target)?;
    }
    sync_folder(to)
}

fn write_copy(from: &mut impl io::Read, path: &Path, target: &Path) -> Result<(), UpkeepError> {
    let mut writer = create(target)?;
    io::copy(from, &mut writer).map_err(failed("copy", path))?;
    writer.sync_all().map_err(failed("sync", target))
}

fn restore_file(file: &ManifestFile, from: &Path, to: &Path) -> Result<(), UpkeepError> {
    let (source, target) = (file.below(from), file.below(to));
    let differs = |detail| UpkeepError::Differs { file: source.clone(), detail };
    let mut reader = File::open(&source).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => differs("it is missing".to_owned()),
        _ => failed("open", &source)(error),
    })?;
    let mut writer = create(&target)?;
    let (bytes, crc) = read_through(&mut reader, |bytes| writer.write_all(bytes)).map_err(failed("copy", &source))?;
    writer.sync_all().map_err(failed("sync", &target))?;
    file.difference(bytes, crc).map_or(Ok(()), |detail| Err(differs(detail)))
}

/// Makes a file that its owner alone can read.
fn create(file: &Path) -> Result<File, UpkeepError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map_err(failed("create", file))
}

/// The names of the files in a folder, sorted; none where there is no folder.
fn names(folder: &Path) -> Result<Vec<String>, UpkeepError> {
    match Disk.list(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed.map_err(failed("list", folder)),
    }
}

/// Cuts off what was not whole at the end of a copied log, and tells which places it holds.
fn settle(part: &Path) -> Result<Range<Position>, UpkeepError> {
    let folder = part.join(LOG_FOLDER);
    let log = SegmentLog::open(&folder, SegmentOptions::default()).map_err(|error| of_log(error, part))?;
    let held = log.reader().held();
    drop(log);
    let lock = folder.join(LOCK);
    fs::remove_file(&lock).map_err(failed("remove", &lock))?;
    sync_folder(&folder)?;
    Ok(held)
}

/// All files of a copy, read back from it.
fn listed(part: &Path) -> Result<Vec<ManifestFile>, UpkeepError> {
    let mut files = Vec::new();
    for folder in ["", LOG_FOLDER, SNAPSHOT_FOLDER, POLICY_FOLDER] {
        for name in names(&part.join(folder))? {
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let mut file = ManifestFile { path, bytes: 0, crc: 0 };
            let there = file.below(part);
            let mut reader = File::open(&there).map_err(failed("open", &there))?;
            (file.bytes, file.crc) = read_through(&mut reader, |_| Ok(())).map_err(failed("read", &there))?;
            files.push(file);
        }
    }
    Ok(files)
}

fn sync_folder(folder: &Path) -> Result<(), UpkeepError> {
    Disk.sync_folder(folder).map_err(failed("sync", folder))
}
