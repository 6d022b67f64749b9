//! Which segments there are, for the thread that appends and those that read.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use model::Timestamp;

use super::SegmentInfo;
use super::frame::{FrameHead, SEGMENT_HEAD_BYTES};
use super::open::NO_KEY;
use crate::log::Position;
use crate::seal::Seal;

/// A mark is kept about every so many bytes. Chosen: passing the frames between two marks takes less than opening the file.
const MARK_BYTES: u64 = 1 << 20;

/// The file of the segment whose first event has this place.
pub(super) fn segment_path(folder: &Path, first: Position) -> PathBuf {
    folder.join(format!("{:020}.log", first.0))
}

/// The place of the first event of the segment in the file of this name; `None` when it is no segment's name.
pub(super) fn segment_first(name: &str) -> Option<Position> {
    let digits = name.strip_suffix(".log").filter(|digits| digits.len() == 20)?;
    digits.parse().ok().map(Position)
}

/// One segment, as far as it is durable.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) first: Position,
    pub(super) bytes: u64,
    /// When its first frame was appended; `None` while it has none.
    pub(super) oldest: Option<Timestamp>,
    /// When the last frame that was noted was appended.
    newest: Option<Timestamp>,
    /// The id of the key that seals its frames; nought where none does.
    pub(super) key_id: [u8; 8],
    /// The format of its file; `None` when its head cannot be read.
    pub(super) format: Option<u16>,
    /// Offsets of some frames and the places of their first events, in rising order.
    marks: Vec<(u64, Position)>,
}

impl Segment {
    /// A segment of so many bytes, about whose frames nothing is known.
    pub(super) const fn new(path: PathBuf, first: Position, bytes: u64) -> Self {
        Self { path, first, bytes, oldest: None, newest: None, key_id: [0; 8], format: None, marks: Vec::new() }
    }

    /// Notes a frame, in the order of the file.
    pub(super) fn note(&mut self, offset: u64, head: &FrameHead) {
        self.oldest = self.oldest.or(Some(head.appended_at));
        self.newest = Some(head.appended_at);
        let last = self.marks.last().map_or(SEGMENT_HEAD_BYTES as u64, |mark| mark.0);
        if offset >= last + MARK_BYTES {
            self.marks.push((offset, head.first));
        }
    }

    /// The offset and place of the last mark that is not behind `place`.
    pub(super) fn mark(&self, place: Position) -> (u64, Position) {
        let behind = self.marks.partition_point(|mark| mark.1 <= place);
        let mark = behind.checked_sub(1).and_then(|at| self.marks.get(at)).copied();
        mark.unwrap_or((SEGMENT_HEAD_BYTES as u64, self.first))
    }
}

/// All segments, the oldest first. The last is the one that is written.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) segments: Vec<Segment>,
    pub(super) end: Position,
}

impl Index {
    pub(super) fn held(&self) -> Range<Position> {
        self.segments.first().map_or(self.end, |segment| segment.first)..self.end
    }

    /// The segment that holds `place`, or that will, and the first place behind it.
    pub(super) fn segment(&self, place: Position) -> Option<(&Segment, Position)> {
        let behind = self.segments.partition_point(|segment| segment.first <= place);
        let segment = self.segments.get(behind.checked_sub(1)?)?;
        Some((segment, self.segments.get(behind).map_or(self.end, |next| next.first)))
    }

    pub(super) fn infos(&self) -> Vec<SegmentInfo> {
        let ends = self.segments.iter().skip(1).map(|next| (next.first, false)).chain([(self.end, true)]);
        let info = |(segment, (end, is_last)): (&Segment, (Position, bool))| SegmentInfo {
            file: segment.path.clone(),
            places: segment.first..end,
            bytes: segment.bytes,
            oldest: segment.oldest,
            format: segment.format,
            is_sealed: segment.key_id != NO_KEY,
            newest: segment.newest.filter(|_| is_last),
        };
        self.segments.iter().zip(ends).map(info).collect()
    }

    pub(super) fn size_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }
}

/// The index and the seal, shared.
#[derive(Debug, Default)]
pub(super) struct Shared {
    index: RwLock<Index>,
    seal: Option<Arc<Seal>>,
}

impl Shared {
    pub(super) const fn new(index: Index, seal: Option<Arc<Seal>>) -> Self {
        Self { index: RwLock::new(index), seal }
    }

    /// What opens sealed frames; `None` when no key is at hand.
    pub(super) fn seal(&self) -> Option<&Seal> {
        self.seal.as_deref()
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
