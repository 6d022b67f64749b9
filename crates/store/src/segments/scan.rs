//! Reading the frames of one segment, and finding the next one behind damage.

use std::path::{Path, PathBuf};

use super::frame::{FRAME_HEAD_BYTES, FrameHead, SEGMENT_HEAD_BYTES};
use super::index::Segment;
use super::io_error;
use crate::files::{FileReader, Files};
use crate::log::{Damage, LogError, Position};

/// How much is read ahead. Chosen: some frames of an even load.
const CHUNK_BYTES: usize = 256 << 10;
/// A head that claims a place further ahead than this is none. Chosen: more events than a log will ever hold.
const AHEAD_MAX: u64 = 1 << 44;

/// What stands at a place in the file.
pub(super) enum Found {
    /// A frame whose checksums hold.
    Frame {
        /// Where it begins.
        offset: u64,
        /// Its head.
        head: FrameHead,
        /// Its body.
        body: Vec<u8>,
    },
    /// Bytes that are none, up to the next frame or the end.
    Bad(Bad),
}

/// Bytes that are no frame.
pub(super) struct Bad {
    /// The first of them.
    pub(super) offset: u64,
    /// How many; none where frames are whole, but events between them are missing.
    pub(super) bytes: u64,
    /// Why.
    pub(super) fault: Fault,
    /// The frame's head, when it is whole.
    pub(super) head: Option<FrameHead>,
    /// The place of the first event that may be lost.
    pub(super) from: Position,
    /// The place of the first event behind them; `None` at the end of the file.
    pub(super) to: Option<Position>,
}

/// Why bytes are no frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// The file ends before the frame does.
    CutOff,
    /// The checksum of the head does not hold.
    Head,
    /// The checksum of the body does not hold.
    Body,
    /// The frame holds places that an earlier one holds.
    Again,
    /// Events between two frames are missing.
    Missing,
}

impl Fault {
    const fn words(self) -> &'static str {
        match self {
            Self::CutOff => "a whole frame was expected, the file ends within it",
            Self::Head => "a frame was expected, the checksum of its head does not hold",
            Self::Body => "the checksum of a frame's body was expected to hold, and does not",
            Self::Again => "a frame with later events was expected, its events are there already",
            Self::Missing => "the next events were expected, later ones are there",
        }
    }
}

impl Bad {
    /// As people are told of it. `end` bounds what may be lost where nothing follows in this file.
    pub(super) fn damage(&self, file: &Path, end: Position) -> Damage {
        Damage {
            file: file.to_owned(),
            offset: self.offset,
            bytes: self.bytes,
            lost: self.from..self.to.unwrap_or(end).max(self.from),
            found: self.fault.words().to_owned(),
        }
    }
}

/// The frames of one segment, one after the other.
pub(super) struct Frames {
    file: Box<dyn FileReader>,
    path: PathBuf,
    /// Nothing is read beyond: it may not be durable.
    limit: u64,
    offset: u64,
    expected: Position,
    /// Frames that were damaged lie before, so that missing events were told already.
    after_bad: bool,
    chunk: Vec<u8>,
    chunk_at: u64,
}

impl Frames {
    /// The frames from `start`, an offset and the place expected there, up to the offset `limit`.
    pub(super) fn new(file: Box<dyn FileReader>, path: &Path, start: (u64, Position), limit: u64) -> Self {
        Self {
            file,
            path: path.to_owned(),
            limit,
            offset: start.0,
            expected: start.1,
            after_bad: false,
            chunk: Vec::new(),
            chunk_at: 0,
        }
    }

    /// The frames from the first on.
    pub(super) fn from_start(file: Box<dyn FileReader>, path: &Path, first: Position, limit: u64) -> Self {
        Self::new(file, path, (SEGMENT_HEAD_BYTES as u64, first), limit)
    }

    /// The frames of a segment from the first on.
    ///
    /// # Errors
    /// When its file cannot be opened.
    pub(super) fn of(files: &dyn Files, segment: &Segment) -> Result<Self, LogError> {
        Self::at(files, segment, (SEGMENT_HEAD_BYTES as u64, segment.first))
    }

    /// The frames of a segment from `start`, an offset and the place expected there.
    ///
    /// # Errors
    /// As [`Frames::of`].
    pub(super) fn at(files: &dyn Files, segment: &Segment, start: (u64, Position)) -> Result<Self, LogError> {
        let file = files.open(&segment.path).map_err(|source| io_error("open", &segment.path, source))?;
        Ok(Self::new(file, &segment.path, start, segment.bytes))
    }

    /// The file that is read.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The place that is expected next.
    pub(super) const fn expected(&self) -> Position {
        self.expected
    }

    /// The offset at which reading ends.
    pub(super) const fn limit(&self) -> u64 {
        self.limit
    }

    /// Tells whether the last that was found is no frame.
    pub(super) const fn is_after_bad(&self) -> bool {
        self.after_bad
    }

    /// Passes frames that end before `place` by their heads alone, up to the first that is not whole.
    pub(super) fn pass(&mut self, place: Position) -> Result<(), LogError> {
        while let Some(head) = self.head_at(self.offset)? {
            if head.end() > place || head.first != self.expected || self.offset + head.bytes() > self.limit {
                break;
            }
            self.offset += head.bytes();
            self.expected = head.end();
        }
        Ok(())
    }

    /// What comes next; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Found>, LogError> {
        if self.offset >= self.limit {
            return Ok(None);
        }
        let Some(head) = self.head_at(self.offset)? else {
            let fault = if self.limit - self.offset < FRAME_HEAD_BYTES as u64 { Fault::CutOff } else { Fault::Head };
            return self.bad(fault, None).map(Some);
        };
        if self.offset + head.bytes() > self.limit {
            return self.bad(Fault::CutOff, Some(head)).map(Some);
        }
        let body = self.view(self.offset + FRAME_HEAD_BYTES as u64, head.body_bytes as usize)?.to_vec();
        if crc32c::crc32c(&body) != head.body_crc {
            return self.bad(Fault::Body, Some(head)).map(Some);
        }
        if head.first < self.expected {
            return self.bad(Fault::Again, Some(head)).map(Some);
        }
        if head.first > self.expected && !self.after_bad {
            let from = std::mem::replace(&mut self.expected, head.first);
            let (fault, to) = (Fault::Missing, Some(head.first));
            return Ok(Some(Found::Bad(Bad { offset: self.offset, bytes: 0, fault, head: None, from, to })));
        }
        let offset = self.offset;
        self.offset += head.bytes();
        self.expected = head.end();
        self.after_bad = false;
        Ok(Some(Found::Frame { offset, head, body }))
    }

    /// Passes what is no frame, up to the next head that holds.
    fn bad(&mut self, fault: Fault, head: Option<FrameHead>) -> Result<Found, LogError> {
        let (offset, from) = (self.offset, self.expected);
        // A head that holds tells where its frame ends; else the next frame may begin anywhere.
        self.offset = match head {
            Some(head) if fault != Fault::CutOff => offset + head.bytes(),
            Some(_) | None => offset + 1,
        };
        let mut to = None;
        while self.offset < self.limit {
            if let Some(next) = self.head_at(self.offset)? {
                self.expected = next.first.max(from);
                to = Some(self.expected);
                break;
            }
            self.offset += 1;
        }
        self.offset = self.offset.min(self.limit);
        self.after_bad = true;
        Ok(Found::Bad(Bad { offset, bytes: self.offset - offset, fault, head, from, to }))
    }

    /// The head at an offset, when there is one that may come next.
    fn head_at(&mut self, offset: u64) -> Result<Option<FrameHead>, LogError> {
        let expected = self.expected.0;
        let bytes = self.view(offset, FRAME_HEAD_BYTES)?;
        // Looked at before the checksum, which costs more: most bytes that are no head fail here.
        let Some(first) = bytes.get(8..16).and_then(|first| first.try_into().ok()).map(u64::from_le_bytes) else {
            return Ok(None);
        };
        if first > expected.saturating_add(AHEAD_MAX) {
            return Ok(None);
        }
        Ok(FrameHead::from_bytes(bytes))
    }

    /// The bytes from an offset on; fewer than asked for at the end of what may be read.
    pub(super) fn view(&mut self, offset: u64, len: usize) -> Result<&[u8], LogError> {
        let len = (self.limit.saturating_sub(offset)).min(len as u64) as usize;
        let is_there = offset >= self.chunk_at && offset + len as u64 <= self.chunk_at + self.chunk.len() as u64;
        if !is_there {
            let want = (self.limit.saturating_sub(offset)).min(len.max(CHUNK_BYTES) as u64) as usize;
            self.chunk.resize(want, 0);
            let read = self.file.read_at(offset, &mut self.chunk);
            let read = read.map_err(|source| io_error("read", &self.path, source))?;
            self.chunk.truncate(read);
            self.chunk_at = offset;
        }
        let from = (offset - self.chunk_at) as usize;
        let rest = self.chunk.get(from..).unwrap_or_default();
        Ok(rest.get(..len).unwrap_or(rest))
    }
}
