//! The bytes of a segment, format 2. All numbers are little-endian.
//!
//! A segment begins with 32 bytes: `RTEVENTS`, the format (u16), the count of partitions (u16), the place of its first event
//! (u64), the id of the key with which its frames are sealed (eight bytes, nought where they are not), and the CRC-32C of all before. Frames follow without a gap. A frame begins with 44 bytes: the
//! length of its body (u32), its length unpacked (u32), the place of its first event (u64), how many places it covers (u32), how
//! many bytes of the same append lie before it (u32) and behind it (u32), when it was appended in milliseconds (u64), the CRC-32C
//! of the body, and the CRC-32C of the 40 bytes before. The body is packed with zstd, and sealed behind that where the highest bit of
//! the length unpacked says so: nonce, what is sealed, tag. Unpacked it holds the places that are empty
//! since a number was forgotten (their count, then for each run its distance from the run before and its length), and a batch of
//! events.
//!
//! The frame's head has a checksum of its own, so that after damage the next frame can be found, and so that the places of a
//! frame whose body is lost are known. Checksums are those of sealed bytes: a log is checked, cut and copied without its key.
//!
//! Format 1 knew no seal; its bytes are otherwise the same.

use model::Timestamp;

use crate::log::{MAX_EVENT_BYTES, Position};
use crate::partition::PARTITIONS;

/// The format that is written. Every format up to this one is read.
pub(super) const FORMAT: u16 = 2;
/// Bytes of a segment's head.
pub(super) const SEGMENT_HEAD_BYTES: usize = 32;
/// Bytes of a frame's head.
pub(super) const FRAME_HEAD_BYTES: usize = 44;
/// The most bytes of a frame's body, packed or not. Chosen: sixteen of the largest events.
pub(super) const BODY_BYTES_MAX: usize = 16 * MAX_EVENT_BYTES;

const MAGIC: [u8; 8] = *b"RTEVENTS";
/// In the length unpacked: the body is sealed.
const SEALED: u32 = 1 << 31;

/// The head of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SegmentHead {
    pub(super) format: u16,
    pub(super) partitions: u16,
    pub(super) first: Position,
    /// The id of the key that seals its frames; nought where none does.
    pub(super) key_id: [u8; 8],
}

impl SegmentHead {
    /// The head of a new segment.
    pub(super) const fn new(first: Position, key_id: [u8; 8]) -> Self {
        Self { format: FORMAT, partitions: PARTITIONS, first, key_id }
    }

    /// Tells whether this program reads the segment.
    pub(super) const fn is_readable(&self) -> bool {
        self.format >= 1 && self.format <= FORMAT && self.partitions == PARTITIONS
    }

    pub(super) fn to_bytes(self) -> [u8; SEGMENT_HEAD_BYTES] {
        let mut out = Vec::with_capacity(SEGMENT_HEAD_BYTES);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&self.format.to_le_bytes());
        out.extend_from_slice(&self.partitions.to_le_bytes());
        out.extend_from_slice(&self.first.0.to_le_bytes());
        out.extend_from_slice(&self.key_id);
        summed(&out)
    }

    /// Reads a head; `None` when these bytes are none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let rest = checked(bytes, SEGMENT_HEAD_BYTES)?.strip_prefix(&MAGIC)?;
        let (format, rest) = rest.split_first_chunk()?;
        let (partitions, rest) = rest.split_first_chunk()?;
        let (first, rest) = rest.split_first_chunk()?;
        let (key_id, _) = rest.split_first_chunk()?;
        Some(Self {
            key_id: *key_id,
            format: u16::from_le_bytes(*format),
            partitions: u16::from_le_bytes(*partitions),
            first: Position(u64::from_le_bytes(*first)),
        })
    }
}

/// The head of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct FrameHead {
    pub(super) body_bytes: u32,
    pub(super) raw_bytes: u32,
    /// The body is sealed.
    pub(super) sealed: bool,
    pub(super) first: Position,
    /// How many places the frame covers; its events may be fewer.
    pub(super) places: u32,
    /// Bytes of frames before this one that were appended with it.
    pub(super) before_bytes: u32,
    /// Bytes of frames behind this one that were appended with it: an append is there as a whole or not at all.
    pub(super) behind_bytes: u32,
    pub(super) appended_at: Timestamp,
    pub(super) body_crc: u32,
}

impl FrameHead {
    pub(super) fn to_bytes(self) -> [u8; FRAME_HEAD_BYTES] {
        let mut out = Vec::with_capacity(FRAME_HEAD_BYTES);
        out.extend_from_slice(&self.body_bytes.to_le_bytes());
        let sealed = if self.sealed { SEALED } else { 0 };
        out.extend_from_slice(&(self.raw_bytes | sealed).to_le_bytes());
        out.extend_from_slice(&self.first.0.to_le_bytes());
        out.extend_from_slice(&self.places.to_le_bytes());
        out.extend_from_slice(&self.before_bytes.to_le_bytes());
        out.extend_from_slice(&self.behind_bytes.to_le_bytes());
        out.extend_from_slice(&self.appended_at.as_ms().to_le_bytes());
        out.extend_from_slice(&self.body_crc.to_le_bytes());
        summed(&out)
    }

    /// Reads a head; `None` when these bytes are none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let rest = checked(bytes, FRAME_HEAD_BYTES)?;
        let (body_bytes, rest) = rest.split_first_chunk()?;
        let (raw_bytes, rest) = rest.split_first_chunk()?;
        let (first, rest) = rest.split_first_chunk()?;
        let (places, rest) = rest.split_first_chunk()?;
        let (before_bytes, rest) = rest.split_first_chunk()?;
        let (behind_bytes, rest) = rest.split_first_chunk()?;
        let (appended_at, rest) = rest.split_first_chunk()?;
        let (body_crc, _) = rest.split_first_chunk()?;
        let raw_bytes = u32::from_le_bytes(*raw_bytes);
        let head = Self {
            body_bytes: u32::from_le_bytes(*body_bytes),
            raw_bytes: raw_bytes & !SEALED,
            sealed: raw_bytes & SEALED != 0,
            first: Position(u64::from_le_bytes(*first)),
            places: u32::from_le_bytes(*places),
            before_bytes: u32::from_le_bytes(*before_bytes),
            behind_bytes: u32::from_le_bytes(*behind_bytes),
            appended_at: Timestamp::from_ms(i64::from_le_bytes(*appended_at))?,
            body_crc: u32::from_le_bytes(*body_crc),
        };
        (head.body_bytes.max(head.raw_bytes) as usize <= BODY_BYTES_MAX).then_some(head)
    }

    /// What a sealed body is bound to: its place, its length and when it was appended.
    pub(super) fn binding(&self) -> [u8; 24] {
        let mut out = [0; 24];
        let parts = self.first.0.to_le_bytes().into_iter().chain(self.places.to_le_bytes());
        let parts = parts.chain(self.raw_bytes.to_le_bytes()).chain(self.appended_at.as_ms().to_le_bytes());
        out.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        out
    }

    /// The place after the last that the frame covers.
    pub(super) const fn end(&self) -> Position {
        self.first.plus(self.places as u64)
    }

    /// Bytes of the whole frame.
    pub(super) const fn bytes(&self) -> u64 {
        FRAME_HEAD_BYTES as u64 + self.body_bytes as u64
    }
}

/// The bytes, and the checksum of them.
fn summed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    let crc = crc32c::crc32c(bytes).to_le_bytes();
    for (to, from) in out.iter_mut().zip(bytes.iter().chain(&crc)) {
        *to = *from;
    }
    out
}

/// What the first `len` bytes hold before their checksum; `None` when the checksum does not hold.
fn checked(bytes: &[u8], len: usize) -> Option<&[u8]> {
    let (held, crc) = bytes.get(..len)?.split_last_chunk()?;
    (crc32c::crc32c(held) == u32::from_le_bytes(*crc)).then_some(held)
}
