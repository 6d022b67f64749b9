//! Events into frames, and back.

use std::ops::Range;
use std::sync::Arc;

use model::Timestamp;

use super::SegmentOptions;
use super::frame::{BODY_BYTES_MAX, FRAME_HEAD_BYTES, FrameHead};
use crate::event::{DecodeError, Event, Reader, decode, encode, put};
use crate::log::{LogError, MAX_EVENT_BYTES, Position, refuse_large};
use crate::seal::{SEAL_BYTES, Seal};

/// Makes frames.
pub(super) struct Packer {
    compressor: zstd::bulk::Compressor<'static>,
    frame_events_max: usize,
    seal: Option<Arc<Seal>>,
    raw: Vec<u8>,
    body: Vec<u8>,
}

impl Packer {
    /// A packer by the options of a log, that seals what it packs where there is a seal.
    pub(super) fn new(options: &SegmentOptions, seal: Option<Arc<Seal>>) -> std::io::Result<Self> {
        Ok(Self {
            seal,
            compressor: zstd::bulk::Compressor::new(options.level)?,
            frame_events_max: options.frame_events_max.max(1),
            raw: Vec::new(),
            body: Vec::new(),
        })
    }

    /// Puts into `out`, which is empty, the frames of batches whose first event gets the place `start`, and tells the place
    /// behind the last.
    ///
    /// # Errors
    /// [`LogError::TooLarge`] when a single event is, or all together are.
    pub(super) fn pack_group(
        &mut self,
        batches: &[&[Event]],
        start: Position,
        appended_at: Timestamp,
        out: &mut Vec<u8>,
    ) -> Result<Position, LogError> {
        let mut end = start;
        let mut open: Vec<&Event> = Vec::new();
        for event in batches.iter().copied().flatten() {
            open.push(event);
            if open.len() == self.frame_events_max {
                end = self.pack_some(&open, end, appended_at, out)?;
                open.clear();
            }
        }
        let end = self.pack_some(&open, end, appended_at, out)?;
        join(out)?;
        Ok(end)
    }

    /// Packs events into one frame, or where they are too large into several.
    fn pack_some(
        &mut self,
        events: &[&Event],
        first: Position,
        appended_at: Timestamp,
        out: &mut Vec<u8>,
    ) -> Result<Position, LogError> {
        let end = first.plus(events.len() as u64);
        if events.is_empty() {
            return Ok(end);
        }
        let placed = (first.0..).map(Position).zip(events.iter().copied());
        if self.pack(first..end, placed, appended_at, out)?.is_some() {
            return Ok(end);
        }
        let (some, others) = events.split_at(events.len() / 2);
        let middle = self.pack_some(some, first, appended_at, out)?;
        self.pack_some(others, middle, appended_at, out)
    }

    /// Appends to `out` one frame of events whose places rise from `first` on and end before `end`; the others are empty. Gives the
    /// frame's head; `None` when the events are too large for one frame, and nothing is appended.
    ///
    /// # Errors
    /// [`LogError::TooLarge`] when a single event is.
    pub(super) fn pack<'a, I>(
        &mut self,
        places: Range<Position>,
        events: I,
        appended_at: Timestamp,
        out: &mut Vec<u8>,
    ) -> Result<Option<FrameHead>, LogError>
    where
        I: Iterator<Item = (Position, &'a Event)> + Clone,
    {
        self.raw.clear();
        put_gaps(&mut self.raw, &places, events.clone().map(|(place, _)| place));
        encode(events.clone().map(|(_, event)| event), &mut self.raw);
        if self.raw.len() > MAX_EVENT_BYTES {
            refuse_large(events.map(|(_, event)| event))?;
        }
        let bound = zstd::zstd_safe::compress_bound(self.raw.len());
        if bound + SEAL_BYTES > BODY_BYTES_MAX {
            return Ok(None);
        }
        self.body.clear();
        self.body.reserve(bound);
        let compressed = self.compressor.compress_to_buffer(&self.raw, &mut self.body);
        compressed.map_err(|source| LogError::Pack { source })?;
        let mut head = FrameHead {
            body_bytes: self.body.len() as u32,
            raw_bytes: self.raw.len() as u32,
            sealed: self.seal.is_some(),
            first: places.start,
            places: (places.end.0 - places.start.0) as u32,
            before_bytes: 0,
            behind_bytes: 0,
            appended_at,
            body_crc: 0,
        };
        if let Some(seal) = &self.seal {
            let sealed = seal.seal(appended_at.day(), &head.binding(), &self.body);
            self.body = sealed.map_err(|source| LogError::Pack { source })?;
            head.body_bytes = self.body.len() as u32;
        }
        head.body_crc = crc32c::crc32c(&self.body);
        out.extend_from_slice(&head.to_bytes());
        out.extend_from_slice(&self.body);
        Ok(Some(head))
    }
}

/// Tells each frame how much of its append lies before it and behind it.
fn join(frames: &mut [u8]) -> Result<(), LogError> {
    let total = u32::try_from(frames.len())
        .map_err(|_| LogError::TooLarge { bytes: frames.len(), limit: u32::MAX as usize })?;
    let mut before = 0;
    let mut rest = frames;
    while let Some(head) = FrameHead::from_bytes(rest) {
        let bytes = FRAME_HEAD_BYTES as u32 + head.body_bytes;
        let joined = FrameHead { before_bytes: before, behind_bytes: total - before - bytes, ..head };
        before += bytes;
        if let Some(place) = rest.first_chunk_mut() {
            *place = joined.to_bytes();
        }
        rest = rest.get_mut(bytes as usize..).unwrap_or_default();
    }
    Ok(())
}

/// Puts the runs of places that no event has.
fn put_gaps(out: &mut Vec<u8>, places: &Range<Position>, taken: impl Iterator<Item = Position>) {
    let mut runs = Vec::new();
    let mut next = places.start.0;
    for place in taken.map(|place| place.0).chain([places.end.0]) {
        if place > next {
            runs.push((next, place - next));
        }
        next = place + 1;
    }
    put(out, runs.len() as u64);
    let mut last = places.start.0;
    for (start, len) in runs {
        put(out, start - last);
        put(out, len);
        last = start + len;
    }
}

/// The events of a frame whose checksums hold.
pub(super) fn unpack(
    head: &FrameHead,
    body: &[u8],
    seal: Option<&Seal>,
) -> Result<Vec<(Position, Event)>, DecodeError> {
    let opened;
    let body = if head.sealed {
        let found = seal.and_then(|seal| seal.open(head.appended_at.day(), &head.binding(), body));
        opened = found.ok_or(DecodeError::Sealed)?;
        &opened
    } else {
        body
    };
    let raw = zstd::bulk::decompress(body, head.raw_bytes as usize).map_err(|_| DecodeError::Packed)?;
    let mut reader = Reader::new(&raw);
    let runs: u64 = reader.uint()?;
    let mut gaps = Vec::new();
    let mut last = head.first.0;
    for _ in 0..runs {
        let start = last.saturating_add(reader.uint()?);
        last = start.saturating_add(reader.uint()?);
        gaps.push(start..last);
    }
    let mut gaps = gaps.into_iter().peekable();
    let mut places = head.first.0..head.end().0;
    let mut taken = Vec::new();
    for event in decode(reader.rest())? {
        while let Some(gap) = gaps.next_if(|gap| gap.start <= places.start) {
            places.start = gap.end.max(places.start);
        }
        let place = places.next().ok_or(DecodeError::Range { field: "count of events" })?;
        taken.push((Position(place), event));
    }
    let left = gaps.map(|gap| gap.end - gap.start).sum::<u64>();
    if places.end.saturating_sub(places.start) != left {
        return Err(DecodeError::Range { field: "count of events" });
    }
    Ok(taken)
}
