//! Snapshots in plain files.
//!
//! The folder holds one file for each snapshot, `NAME-PLACE.snap`. It is written under another name, synced and renamed, so a
//! file of this name is whole. It begins with 48 bytes, all numbers little-endian: `RTSNAPSH`, the format (u16), the length of
//! the name (u16), the version of the fold (u32), the place (u64), when it was taken in milliseconds (u64), the length of the
//! bytes (u64), the CRC-32C of the bytes, and the CRC-32C of the 44 bytes before and of the name. The name follows, then the bytes,
//! which are sealed in format 2, and in clear in format 1.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::Timestamp;

use super::{Loaded, Passed, PassedWhy, Snapshot, SnapshotError, SnapshotHead, SnapshotName, Snapshots, given_up};
use crate::files::{Disk, FileReader, Files, replace};
use crate::log::Position;
use crate::seal::{DataKey, Seal};

/// The format of bytes in clear.
const CLEAR: u16 = 1;
/// The format of sealed bytes.
const SEALED: u16 = 2;
const MAGIC: [u8; 8] = *b"RTSNAPSH";
const HEAD_BYTES: usize = 48;

/// Snapshots in a folder.
pub struct SnapshotFolder {
    files: Arc<dyn Files>,
    folder: PathBuf,
    seal: Option<Seal>,
}

impl SnapshotFolder {
    /// The format of the files that are written. Every one up to it is read.
    pub const FORMAT: u16 = SEALED;

    /// The snapshots in a folder of the machine's file system, which is made if need be.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(folder: &Path) -> Result<Self, SnapshotError> {
        Self::open_with(Arc::new(Disk), folder)
    }

    /// The snapshots in a folder of `files`.
    ///
    /// # Errors
    /// As [`SnapshotFolder::open`].
    pub fn open_with(files: Arc<dyn Files>, folder: &Path) -> Result<Self, SnapshotError> {
        files.create_folder(folder).map_err(|source| io_error("create", folder, source))?;
        let this = Self { files, folder: folder.to_owned(), seal: None };
        for name in this.names()?.iter().filter(|name| name.ends_with(".tmp")) {
            this.remove_file(&this.folder.join(name))?;
        }
        Ok(this)
    }

    /// The same folder, whose snapshots are sealed with a key from now on. What was kept in clear is read; `None` leaves what is
    /// sealed unread.
    #[must_use]
    pub fn sealed_with(self, key: Option<DataKey>) -> Self {
        Self { seal: key.map(|key| Seal::new(key, "snapshot")), ..self }
    }

    fn names(&self) -> Result<Vec<String>, SnapshotError> {
        self.files.list(&self.folder).map_err(|source| io_error("list", &self.folder, source))
    }

    /// The snapshots of a name, the oldest first.
    fn places(&self, name: &SnapshotName) -> Result<Vec<Position>, SnapshotError> {
        Ok(self.list()?.into_iter().filter(|(other, _)| other == name).map(|(_, place)| place).collect())
    }

    fn remove_file(&self, file: &Path) -> Result<(), SnapshotError> {
        self.files.remove(file).map_err(|source| io_error("remove", file, source))
    }

    /// Removes the snapshots of a name at some places.
    fn remove_at(&self, name: &SnapshotName, places: &[Position]) -> Result<(), SnapshotError> {
        for &place in places {
            self.remove_file(&self.path(name, place))?;
        }
        if places.is_empty() { Ok(()) } else { self.sync() }
    }

    fn sync(&self) -> Result<(), SnapshotError> {
        self.files.sync_folder(&self.folder).map_err(|source| io_error("sync", &self.folder, source))
    }

    /// The file of a snapshot, whether it is there or not.
    #[must_use]
    pub fn path(&self, name: &SnapshotName, position: Position) -> PathBuf {
        self.folder.join(format!("{name}-{:020}.snap", position.0))
    }

    /// Reads one snapshot and checks it.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn read(&self, name: &SnapshotName, position: Position) -> Result<Snapshot, PassedWhy> {
        let (mut file, FileHead { format, head, bytes, crc }, at) = self.begin(name, position)?;
        let bytes = part(file.as_mut(), at, bytes as usize)?;
        if crc32c::crc32c(&bytes) != crc {
            return Err(PassedWhy::Broken { offset: at, found: "the checksum of its bytes does not hold" });
        }
        if format == CLEAR {
            return Ok(Snapshot { head, bytes });
        }
        let opened = self.seal.as_ref().and_then(|seal| seal.open(0, &binding(name, head), &bytes));
        opened.map(|bytes| Snapshot { head, bytes }).ok_or(PassedWhy::Sealed)
    }

    /// Reads what one snapshot says of itself, and how many bytes it holds, which are not read.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn head(&self, name: &SnapshotName, position: Position) -> Result<(SnapshotHead, u64), PassedWhy> {
        self.begin(name, position).map(|(_, FileHead { head, bytes, .. }, _)| (head, bytes))
    }

    /// Opens the file of a snapshot, and gives its head, and where its bytes begin.
    fn begin(
        &self,
        name: &SnapshotName,
        position: Position,
    ) -> Result<(Box<dyn FileReader>, FileHead, u64), PassedWhy> {
        let unreadable = |error: std::io::Error| PassedWhy::Unreadable { reason: error.to_string() };
        let mut file = self.files.open(&self.path(name, position)).map_err(unreadable)?;
        let len = file.len().map_err(unreadable)?;
        let name_bytes = name.as_str().len();
        let head = part(file.as_mut(), 0, HEAD_BYTES + name_bytes)?;
        let broken = |offset, found| PassedWhy::Broken { offset, found };
        let head = FileHead::from_bytes(&head, name).ok_or_else(|| broken(0, "the head of a snapshot was expected"))?;
        if head.format != CLEAR && head.format != SEALED {
            return Err(PassedWhy::Format { found: head.format });
        }
        let at = (HEAD_BYTES + name_bytes) as u64;
        if head.head.position != position || len.checked_sub(at) != Some(head.bytes) {
            return Err(broken(0, "its name or length is not what its head says"));
        }
        Ok((file, head, at))
    }
}

impl Snapshots for SnapshotFolder {
    fn save(&self, name: &SnapshotName, head: SnapshotHead, bytes: &[u8]) -> Result<(), SnapshotError> {
        let path = self.path(name, head.position);
        let failed = |source| io_error("seal", &path, source);
        let sealed = self.seal.as_ref().map(|seal| seal.seal(0, &binding(name, head), bytes));
        let sealed = sealed.transpose().map_err(failed)?;
        let (format, bytes) = sealed.as_deref().map_or((CLEAR, bytes), |sealed| (SEALED, sealed));
        let start = start(format, name, head, bytes);
        replace(self.files.as_ref(), &path, &[&start, bytes]).map_err(|source| io_error("write", &path, source))?;
        self.remove_at(name, &given_up(head.position, self.places(name)?))
    }

    fn load(&self, name: &SnapshotName, fold_version: u32) -> Result<Loaded, SnapshotError> {
        let mut loaded = Loaded::default();
        for place in self.places(name)?.into_iter().rev() {
            let why = match self.read(name, place) {
                Ok(snapshot) if snapshot.head.fold_version == fold_version => {
                    loaded.snapshot = Some(snapshot);
                    break;
                }
                Ok(snapshot) => PassedWhy::FoldVersion { found: snapshot.head.fold_version },
                Err(why) => why,
            };
            loaded.passed.push(Passed { file: self.path(name, place), why });
        }
        Ok(loaded)
    }

    fn list(&self) -> Result<Vec<(SnapshotName, Position)>, SnapshotError> {
        Ok(self.names()?.iter().filter_map(|name| named(name)).collect())
    }

    fn keep_only(&self, name: &SnapshotName, place: Position) -> Result<(), SnapshotError> {
        let others: Vec<Position> = self.places(name)?.into_iter().filter(|&other| other != place).collect();
        self.remove_at(name, &others)
    }

    fn remove(&self, name: &SnapshotName) -> Result<(), SnapshotError> {
        self.remove_at(name, &self.places(name)?)
    }
}

/// What a file's name says; `None` when it is no snapshot's.
fn named(file: &str) -> Option<(SnapshotName, Position)> {
    let (name, place) = file.strip_suffix(".snap")?.rsplit_once('-')?;
    let place = Some(place).filter(|place| place.len() == 20)?.parse().ok()?;
    Some((SnapshotName::new(name)?, Position(place)))
}

/// The bytes at an offset, all of them.
fn part(file: &mut dyn FileReader, offset: u64, len: usize) -> Result<Vec<u8>, PassedWhy> {
    let mut bytes = vec![0; len];
    let read = file.read_at(offset, &mut bytes).map_err(|error| PassedWhy::Unreadable { reason: error.to_string() })?;
    if read < len {
        return Err(PassedWhy::Broken { offset: offset + read as u64, found: "it ends here, more was expected" });
    }
    Ok(bytes)
}

/// What sealed bytes are bound to: what their head says.
fn binding(name: &SnapshotName, head: SnapshotHead) -> Vec<u8> {
    let SnapshotHead { fold_version, position, taken_at } = head;
    format!("{name} {fold_version} {} {}", position.0, taken_at.as_ms()).into_bytes()
}

/// The head of a snapshot's file, and the name.
fn start(format: u16, name: &SnapshotName, head: SnapshotHead, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD_BYTES + name.as_str().len());
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&format.to_le_bytes());
    out.extend_from_slice(&(name.as_str().len() as u16).to_le_bytes());
    out.extend_from_slice(&head.fold_version.to_le_bytes());
    out.extend_from_slice(&head.position.0.to_le_bytes());
    out.extend_from_slice(&head.taken_at.as_ms().to_le_bytes());
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(&crc32c::crc32c(bytes).to_le_bytes());
    let crc = crc32c::crc32c_append(crc32c::crc32c(&out), name.as_str().as_bytes());
    out.extend_from_slice(&crc.to_le_bytes());
    out.extend_from_slice(name.as_str().as_bytes());
    out
}

/// What the head of a snapshot's file says.
struct FileHead {
    format: u16,
    head: SnapshotHead,
    bytes: u64,
    crc: u32,
}

impl FileHead {
    /// Reads a head and the name behind it; `None` when these bytes are none, or those of another name.
    fn from_bytes(bytes: &[u8], name: &SnapshotName) -> Option<Self> {
        let (head, found) = bytes.split_at_checked(HEAD_BYTES)?;
        let (rest, crc) = head.split_last_chunk()?;
        let computed = crc32c::crc32c_append(crc32c::crc32c(rest), found);
        if computed != u32::from_le_bytes(*crc) || found != name.as_str().as_bytes() {
            return None;
        }
        let rest = rest.strip_prefix(&MAGIC)?;
        let (format, rest) = rest.split_first_chunk()?;
        let (_, rest) = rest.split_first_chunk::<2>()?;
        let (fold_version, rest) = rest.split_first_chunk()?;
        let (position, rest) = rest.split_first_chunk()?;
        let (taken_at, rest) = rest.split_first_chunk()?;
        let (bytes, rest) = rest.split_first_chunk()?;
        let (crc, _) = rest.split_first_chunk()?;
        let head = SnapshotHead {
            fold_version: u32::from_le_bytes(*fold_version),
            position: Position(u64::from_le_bytes(*position)),
            taken_at: Timestamp::from_ms(i64::from_le_bytes(*taken_at))?,
        };
        let (bytes, crc) = (u64::from_le_bytes(*bytes), u32::from_le_bytes(*crc));
        Some(Self { format: u16::from_le_bytes(*format), head, bytes, crc })
    }
}

fn io_error(what: &'static str, file: &Path, source: std::io::Error) -> SnapshotError {
    SnapshotError::Io { what, file: file.to_owned(), source }
}
