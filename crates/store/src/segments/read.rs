//! Reading the segments in order.

use std::ops::Range;
use std::sync::Arc;

use super::frame::{SEGMENT_HEAD_BYTES, SegmentHead};
use super::index::Shared;
use super::pack::unpack;
use super::scan::{Found, Frames};
use crate::files::Files;
use crate::log::{Damage, LogError, LogReader, Logged, Position, Reading};

/// Reads the segments of a log.
pub(super) struct SegmentReader {
    files: Arc<dyn Files>,
    shared: Arc<Shared>,
}

impl SegmentReader {
    pub(super) const fn new(files: Arc<dyn Files>, shared: Arc<Shared>) -> Self {
        Self { files, shared }
    }
}

impl LogReader for SegmentReader {
    fn held(&self) -> Range<Position> {
        self.shared.read().held()
    }

    fn read(&self, from: Position) -> Result<Reading, LogError> {
        let held = self.held();
        if from < held.start || from > held.end {
            return Err(LogError::OutOfRange { asked: from, held });
        }
        let files = Arc::clone(&self.files);
        let shared = Arc::clone(&self.shared);
        Ok(Box::new(Walk { files, shared, at: from, until: held.end, open: None }))
    }
}

/// Walks from a place to another.
struct Walk {
    files: Arc<dyn Files>,
    shared: Arc<Shared>,
    at: Position,
    until: Position,
    /// The segment that is read, and the first place behind it.
    open: Option<(Frames, Position)>,
}

impl Iterator for Walk {
    type Item = Result<Logged, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.until {
            match self.step() {
                Ok(Some(logged)) => return Some(Ok(logged)),
                Ok(None) => {}
                Err(error) => return Some(Err(error)),
            }
        }
        None
    }
}

impl Walk {
    /// Reads on; `None` when there was nothing to give at this step. Each step gets further, also one that fails.
    fn step(&mut self) -> Result<Option<Logged>, LogError> {
        let Some((frames, end)) = &mut self.open else {
            let opened = open(self.files.as_ref(), &self.shared, self.at);
            // What cannot be opened ends the reading: it is no damage that could be passed.
            let opened = opened.inspect_err(|_| self.at = self.until)?;
            self.open = Some(opened);
            return Ok(None);
        };
        let (until, end) = (self.until, *end);
        let found = frames.next().inspect_err(|_| self.at = until)?;
        match found {
            Some(Found::Frame { head, body, .. }) => {
                let from = self.at;
                self.at = head.end().max(from);
                let events = unpack(&head, &body, self.shared.seal());
                let events = events.map_err(|source| LogError::Decode { first: head.first, source })?;
                let mut logged = Logged { appended_at: head.appended_at, events };
                logged.events.retain(|(place, _)| *place >= from && *place < until);
                Ok(Some(logged).filter(|logged| !logged.events.is_empty()))
            }
            Some(Found::Bad(bad)) => {
                let damage = bad.damage(frames.path(), end);
                let from = self.at;
                self.at = bad.to.unwrap_or(end).max(from);
                if damage.lost.end <= from { Ok(None) } else { Err(LogError::Damaged(damage)) }
            }
            None => {
                let missing = missing(frames, end);
                self.open = None;
                self.at = self.at.max(end);
                missing.map_or(Ok(None), |damage| Err(LogError::Damaged(damage)))
            }
        }
    }
}

/// Opens the segment that holds a place, at the frame that does.
fn open(files: &dyn Files, shared: &Shared, at: Position) -> Result<(Frames, Position), LogError> {
    // Held while the file is opened, so that it is not rewritten in between.
    let index = shared.read();
    let (segment, end) = index.segment(at).ok_or_else(|| LogError::OutOfRange { asked: at, held: index.held() })?;
    let mut frames = Frames::at(files, segment, segment.mark(at))?;
    frames.pass(at)?;
    Ok((frames, end))
}

/// The events between the last frame of a segment and the next segment.
fn missing(frames: &Frames, end: Position) -> Option<Damage> {
    if frames.expected() >= end || frames.is_after_bad() {
        return None;
    }
    Some(Damage {
        file: frames.path().to_owned(),
        offset: frames.limit(),
        bytes: 0,
        lost: frames.expected()..end,
        found: format!("events to {end} were expected, the segment ends: is {:020}.log missing?", frames.expected().0),
    })
}

/// Reads every frame of every segment and tells what is damaged.
pub(super) fn verify(files: &dyn Files, shared: &Shared) -> Result<Vec<Damage>, LogError> {
    let mut damage = Vec::new();
    let mut at = shared.read().held().start;
    loop {
        let (mut frames, end) = {
            let index = shared.read();
            let Some((segment, end)) = index.segment(at) else {
                return Ok(damage);
            };
            (Frames::of(files, segment)?, end)
        };
        let first = frames.expected();
        let head = SegmentHead::from_bytes(frames.view(0, SEGMENT_HEAD_BYTES)?);
        if !head.is_some_and(|head| head.is_readable() && head.first == first) {
            let found = format!("the head of a segment that begins with event {first} was expected");
            let (file, bytes) = (frames.path().to_owned(), SEGMENT_HEAD_BYTES as u64);
            damage.push(Damage { file, offset: 0, bytes, lost: first..first, found });
        }
        while let Some(found) = frames.next()? {
            match found {
                Found::Bad(bad) => damage.push(bad.damage(frames.path(), end)),
                Found::Frame { offset, head, body } => {
                    // Without a key the checksums alone tell whether a sealed frame is whole.
                    let is_opaque = head.sealed && shared.seal().is_none();
                    if let Some(error) = (!is_opaque).then(|| unpack(&head, &body, shared.seal()).err()).flatten() {
                        let file = frames.path().to_owned();
                        let found = format!("events were expected: {error}");
                        damage.push(Damage { file, offset, bytes: head.bytes(), lost: head.first..head.end(), found });
                    }
                }
            }
        }
        damage.extend(missing(&frames, end));
        if shared.read().segments.last().is_none_or(|last| last.first <= first) {
            return Ok(damage);
        }
        at = end;
    }
}
