//! The log in plain files: segments of bounded size that are appended to and synced.
//!
//! The folder holds one file for each segment, named after the place of its first event, and a file `lock`. Only the last
//! segment is written, and only at its end. An append packs its events into frames, writes them with one call and syncs; readers
//! see them then. When a write or a sync fails, the log takes nothing more until it is opened again: what is on disk is uncertain,
//! and a sync that is tried again may succeed without the bytes being there.
//!
//! Opening reads the last segment. An append at its end that was never written in full is cut off and told; anything else that
//! is no frame is damage: it stays where it is, is told, and events behind it are read nonetheless.

mod frame;
mod index;
mod open;
mod pack;
mod read;
mod rewrite;
mod scan;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::time::DAY_MS;
use model::{TelephoneNumber, Timestamp};

pub use open::{Opening, TornTail};

use self::frame::{FRAME_HEAD_BYTES, FrameHead};
use self::index::{Index, Shared};
use self::open::NO_KEY;
use self::pack::Packer;
use self::read::SegmentReader;
use crate::event::Event;
use crate::files::{Disk, FileWriter, Files};
use crate::log::{Damage, EventLog, Forgotten, LogError, LogReader, Position};
use crate::seal::{DataKey, Seal};

/// How a log in files is kept.
#[derive(Clone, Debug)]
pub struct SegmentOptions {
    /// A segment that has so many bytes is followed by a new one. A group of batches is not split, so a segment may be larger by
    /// one group.
    pub segment_bytes_max: u64,
    /// A segment whose first events were appended so many milliseconds ago is followed by a new one, so that old events can be
    /// given up however few come.
    pub segment_age_ms_max: i64,
    /// So many events at the most make one frame.
    pub frame_events_max: usize,
    /// The level of zstd, from -7 (fast) to 22 (small).
    pub level: i32,
    /// Seals what is written, and opens what was sealed. `None` writes in clear, and leaves sealed events unread.
    pub key: Option<DataKey>,
}

impl Default for SegmentOptions {
    /// Chosen: segments of 128 MiB are trimmed and rewritten in little time, and a year of them is a folder that can be listed;
    /// a day is the grain of what is kept by age; frames of 8,192 events compress as well as larger ones, and reading one event unpacks little; level 1 keeps up with any
    /// intake (`benches/README.md`).
    fn default() -> Self {
        Self { segment_bytes_max: 128 << 20, segment_age_ms_max: DAY_MS, frame_events_max: 8_192, level: 1, key: None }
    }
}

/// What is known of one segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SegmentInfo {
    /// The file.
    pub file: PathBuf,
    /// The places of its events; the end of the last segment is that of the log.
    pub places: Range<Position>,
    /// Bytes of the file, as far as they are of use.
    pub bytes: u64,
    /// The format of the file; `None` when its head cannot be read.
    pub format: Option<u16>,
    /// Whether its events are sealed with a key.
    pub is_sealed: bool,
    /// When its first events were appended; `None` while it has none.
    pub oldest: Option<Timestamp>,
    /// When its last events were appended; known of the last segment only.
    pub newest: Option<Timestamp>,
}

/// The log in plain files.
pub struct SegmentLog {
    files: Arc<dyn Files>,
    folder: PathBuf,
    options: SegmentOptions,
    shared: Arc<Shared>,
    opening: Opening,
    writer: Box<dyn FileWriter>,
    packer: Packer,
    packed: Vec<u8>,
    /// The file of a segment that was given up and may still be there.
    given_up: Option<PathBuf>,
    /// A write failed: nothing is taken until the log is opened again.
    refuses: bool,
    _lock: Box<dyn Send + Sync>,
}

impl SegmentLog {
    /// The format of the files that are written. Every one up to it is read.
    pub const FORMAT: u16 = frame::FORMAT;

    /// Opens the log in a folder of the machine's file system; a folder that is empty or not there becomes a new log.
    ///
    /// # Errors
    /// [`LogError::Locked`] when another process has it open, [`LogError::Key`] when it was sealed with another key, [`LogError::Format`] when another version of the program wrote
    /// it, [`LogError::Io`] when a file cannot be read or written. Damage is no error: see [`SegmentLog::opening`].
    pub fn open(folder: &Path, options: SegmentOptions) -> Result<Self, LogError> {
        Self::open_with(Arc::new(Disk), folder, options)
    }

    /// Opens the log in a folder of `files`.
    ///
    /// # Errors
    /// As [`SegmentLog::open`].
    pub fn open_with(files: Arc<dyn Files>, folder: &Path, options: SegmentOptions) -> Result<Self, LogError> {
        files.create_folder(folder).map_err(|source| io_error("create", folder, source))?;
        let lock = folder.join("lock");
        let lock = files.lock(&lock).map_err(|source| io_error("lock", &lock, source))?;
        let lock = lock.ok_or_else(|| LogError::Locked { folder: folder.to_owned() })?;
        let seal = options.key.clone().map(|key| Arc::new(Seal::new(key, "log")));
        let key_id = seal.as_ref().map_or(NO_KEY, |seal| seal.key_id());
        let opened = open::open(files.as_ref(), folder, key_id)?;
        Ok(Self {
            files,
            folder: folder.to_owned(),
            packer: Packer::new(&options, seal.clone()).map_err(|source| io_error("pack for", folder, source))?,
            options,
            shared: Arc::new(Shared::new(opened.index, seal)),
            opening: opened.opening,
            writer: opened.writer,
            packed: Vec::new(),
            given_up: None,
            refuses: false,
            _lock: lock,
        })
    }

    /// What was found when the log was opened last.
    #[must_use]
    pub const fn opening(&self) -> &Opening {
        &self.opening
    }

    /// The segments, the oldest first.
    #[must_use]
    pub fn segments(&self) -> Vec<SegmentInfo> {
        self.shared.read().infos()
    }

    /// Tells whether a log in a folder has a segment that is sealed. A folder that is not there has none.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn is_sealed(folder: &Path) -> Result<bool, LogError> {
        open::is_sealed(&Disk, folder)
    }

    /// The id of the key at hand; nought without one.
    fn key_id(&self) -> [u8; 8] {
        self.shared.seal().map_or(NO_KEY, Seal::key_id)
    }

    /// Refuses work on sealed events without their key.
    fn need_key(&self) -> Result<(), LogError> {
        let is_sealed = self.shared.read().segments.iter().any(|segment| segment.key_id != NO_KEY);
        if is_sealed && self.shared.seal().is_none() { Err(LogError::NoKey) } else { Ok(()) }
    }

    /// Writes what is packed at the end of the last segment and syncs it.
    fn write_packed(&mut self, now: Timestamp) -> Result<(), LogError> {
        if self.is_segment_full(now) {
            let end = self.shared.read().end;
            let (segment, writer) = open::create(self.files.as_ref(), &self.folder, end, self.key_id())?;
            self.writer = writer;
            self.shared.write().segments.push(segment);
        }
        let last = self.shared.read().segments.last().map(|last| (last.path.clone(), last.bytes));
        let (path, durable) = last.ok_or(LogError::Refused)?;
        let written = self.writer.write(&self.packed).map_err(|source| io_error("write", &path, source));
        let synced = written.and_then(|()| self.writer.sync().map_err(|source| io_error("sync", &path, source)));
        if synced.is_err() {
            // Takes back what is not durable, so that it does not look so when the log is opened again. If that fails too,
            // opening writes once more what it finds.
            let _ = self.writer.cut(durable);
        }
        synced
    }

    /// Tells whether what is packed begins a new segment. One without any frame is never full.
    fn is_segment_full(&self, now: Timestamp) -> bool {
        let index = self.shared.read();
        let Some((last, oldest)) = index.segments.last().and_then(|last| last.oldest.map(|oldest| (last, oldest)))
        else {
            return false;
        };
        let is_large = last.bytes + self.packed.len() as u64 > self.options.segment_bytes_max;
        is_large || now.as_ms() - oldest.as_ms() >= self.options.segment_age_ms_max
    }

    /// Makes what was written visible to readers.
    fn publish(&mut self, end: Position) {
        let mut index = self.shared.write();
        index.end = end;
        let Some(last) = index.segments.last_mut() else {
            return;
        };
        let mut rest = self.packed.as_slice();
        while let Some(head) = FrameHead::from_bytes(rest) {
            last.note(last.bytes, &head);
            last.bytes += head.bytes();
            rest = rest.get(FRAME_HEAD_BYTES + head.body_bytes as usize..).unwrap_or_default();
        }
    }

    /// Removes the oldest segments while `is_old` says so; the last one stays.
    fn remove_oldest(&mut self, is_old: impl Fn(&Index) -> bool) -> Result<(), LogError> {
        loop {
            self.remove_given_up()?;
            let mut index = self.shared.write();
            if index.segments.len() < 2 || !is_old(&index) {
                return Ok(());
            }
            self.given_up = Some(index.segments.remove(0).path);
        }
    }

    /// Removes the file of the segment that was given up last, if it is still there. One is gone for certain before the next is
    /// given up: a segment that comes back when the log is opened must not come back without the one that follows it, or with
    /// events that were forgotten since.
    fn remove_given_up(&mut self) -> Result<(), LogError> {
        let Some(path) = &self.given_up else {
            return Ok(());
        };
        self.remove_if_there(path)?;
        self.remove_if_there(&kept_aside(path))?;
        self.files.sync_folder(&self.folder).map_err(|source| io_error("sync", &self.folder, source))?;
        self.given_up = None;
        Ok(())
    }

    fn remove_if_there(&self, file: &Path) -> Result<(), LogError> {
        match self.files.remove(file) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(io_error("remove", file, source)),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

impl EventLog for SegmentLog {
    fn append_group(&mut self, batches: &[&[Event]], now: Timestamp) -> Result<Range<Position>, LogError> {
        if self.refuses {
            return Err(LogError::Refused);
        }
        self.need_key()?;
        let start = self.shared.read().end;
        self.packed.clear();
        let end = self.packer.pack_group(batches, start, now, &mut self.packed)?;
        if end > start {
            self.refuses = true;
            self.write_packed(now)?;
            self.refuses = false;
            self.publish(end);
        }
        Ok(start..end)
    }

    fn reopen(&mut self) -> Result<(), LogError> {
        self.refuses = true;
        self.remove_given_up()?;
        let opened = open::open(self.files.as_ref(), &self.folder, self.key_id())?;
        *self.shared.write() = opened.index;
        self.opening = opened.opening;
        self.writer = opened.writer;
        self.refuses = false;
        Ok(())
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        Arc::new(SegmentReader::new(Arc::clone(&self.files), Arc::clone(&self.shared)))
    }

    fn trim(&mut self, before: Position) -> Result<(), LogError> {
        self.remove_oldest(|index| index.segments.get(1).is_some_and(|next| next.first <= before))
    }

    fn trim_to_size(&mut self, bytes_max: u64, keep: Position) -> Result<(), LogError> {
        let may_go = |index: &Index| index.segments.get(1).is_some_and(|next| next.first <= keep);
        self.remove_oldest(|index| index.size_bytes() > bytes_max && may_go(index))
    }

    fn size_bytes(&self) -> u64 {
        self.shared.read().size_bytes()
    }

    fn forget_some(
        &mut self,
        numbers: &BTreeSet<TelephoneNumber>,
        places: Range<Position>,
    ) -> Result<Forgotten, LogError> {
        if self.refuses {
            return Err(LogError::Refused);
        }
        self.need_key()?;
        self.remove_given_up()?;
        rewrite::forget_some(self, numbers, &places)
    }

    fn verify(&self) -> Result<Vec<Damage>, LogError> {
        read::verify(self.files.as_ref(), &self.shared)
    }
}

/// Where the bytes of a torn frame at the end of a segment are kept.
fn kept_aside(segment: &Path) -> PathBuf {
    segment.with_extension("torn")
}

fn io_error(what: &'static str, file: &Path, source: std::io::Error) -> LogError {
    LogError::Io { what, file: file.to_owned(), source }
}
