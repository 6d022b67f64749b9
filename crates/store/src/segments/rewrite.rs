//! Rewriting segments without the events of forgotten numbers.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use model::TelephoneNumber;

use super::frame::{FORMAT, FrameHead, SEGMENT_HEAD_BYTES, SegmentHead};
use super::index::Segment;
use super::pack::{Packer, unpack};
use super::scan::{Found, Frames};
use super::{SegmentLog, io_error, kept_aside};
use crate::event::Event;
use crate::files::FileWriter;
use crate::log::{Forgotten, LogError, Position};
use crate::seal::Seal;

/// Removes the events that name one of `numbers` from the segment that holds the first of `places`, or the first behind it.
pub(super) fn forget_some(
    log: &mut SegmentLog,
    numbers: &BTreeSet<TelephoneNumber>,
    places: &Range<Position>,
) -> Result<Forgotten, LogError> {
    let (segment, next) = {
        let index = log.shared.read();
        let from = places.start.max(index.held().start);
        let Some((segment, behind)) = index.segment(from) else { return Ok(Forgotten { events: 0, next: None }) };
        let is_last = index.segments.last().is_none_or(|last| last.first == segment.first);
        (segment.clone(), (!is_last).then_some(behind))
    };
    // What was kept of a torn frame may name anybody.
    log.remove_if_there(&kept_aside(&segment.path))?;
    let names = Names { numbers, places };
    let events = if is_named(log, &segment, &names)? { rewrite(log, &segment, &names, next.is_none())? } else { 0 };
    Ok(Forgotten { events, next: next.filter(|next| *next < places.end) })
}

/// Which events are to be removed.
struct Names<'a> {
    numbers: &'a BTreeSet<TelephoneNumber>,
    places: &'a Range<Position>,
}

impl Names<'_> {
    fn has(&self, (place, event): &(Position, Event)) -> bool {
        self.places.contains(place) && event.payload.names(self.numbers)
    }
}

/// Tells whether an event of a segment names one of some numbers.
fn is_named(log: &SegmentLog, segment: &Segment, names: &Names<'_>) -> Result<bool, LogError> {
    let mut frames = Frames::of(log.files.as_ref(), segment)?;
    while let Some(found) = frames.next()? {
        if let Found::Frame { head, body, .. } = found
            && unpack(&head, &body, log.shared.seal()).is_ok_and(|events| events.iter().any(|event| names.has(event)))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes a segment anew without the events that name one of some numbers, and puts it in the place of the old.
fn rewrite(log: &mut SegmentLog, segment: &Segment, names: &Names<'_>, is_last: bool) -> Result<u64, LogError> {
    let temporary = segment.path.with_extension("tmp");
    let failed = |source| io_error("write", &temporary, source);
    let mut writer = log.files.create(&temporary).map_err(failed)?;
    let mut fresh = Segment::new(segment.path.clone(), segment.first, SEGMENT_HEAD_BYTES as u64);
    fresh.key_id = log.key_id();
    fresh.format = Some(FORMAT);
    writer.write(&SegmentHead::new(segment.first, fresh.key_id).to_bytes()).map_err(failed)?;
    let mut frames = Frames::of(log.files.as_ref(), segment)?;
    let mut removed = 0;
    while let Some(found) = frames.next()? {
        let events = events_of(&found, log.shared.seal());
        removed +=
            copy((&found, events), &mut frames, names, (&mut log.packer, writer.as_mut(), &temporary, &mut fresh))?;
    }
    writer.sync().map_err(failed)?;
    drop(writer);
    let mut index = log.shared.write();
    // If anything fails from here on, it is uncertain which of the two is there, and nothing may be written behind it.
    log.refuses = true;
    log.files.rename(&temporary, &segment.path).map_err(|source| io_error("rename", &temporary, source))?;
    if let Some(place) = index.segments.iter_mut().find(|other| other.first == segment.first) {
        *place = fresh;
    }
    drop(index);
    log.files.sync_folder(&log.folder).map_err(|source| io_error("sync", &log.folder, source))?;
    if is_last {
        log.writer = log.files.append(&segment.path).map_err(|source| io_error("open", &segment.path, source))?;
    }
    log.refuses = false;
    Ok(removed)
}

/// The events of a frame; none of what is no frame.
fn events_of(found: &Found, seal: Option<&Seal>) -> Vec<(Position, Event)> {
    match found {
        Found::Frame { head, body, .. } => unpack(head, body, seal).unwrap_or_default(),
        Found::Bad(_) => Vec::new(),
    }
}

/// Copies what was found: a frame without the events that name one of some numbers, damaged bytes as they are.
fn copy(
    (found, events): (&Found, Vec<(Position, Event)>),
    frames: &mut Frames,
    names: &Names<'_>,
    (packer, writer, path, fresh): (&mut Packer, &mut dyn FileWriter, &Path, &mut Segment),
) -> Result<u64, LogError> {
    let failed = |source| io_error("write", path, source);
    let (head, body) = match found {
        Found::Frame { head, body, .. } => (head, body),
        Found::Bad(bad) => {
            let bytes = frames.view(bad.offset, bad.bytes as usize)?;
            writer.write(bytes).map_err(failed)?;
            fresh.bytes += bytes.len() as u64;
            return Ok(0);
        }
    };
    let kept: Vec<(Position, &Event)> =
        events.iter().filter(|event| !names.has(event)).map(|(place, event)| (*place, event)).collect();
    // Every frame stands for itself in the new file, which is durable as a whole before it is used.
    let mut fresh_head = FrameHead { before_bytes: 0, behind_bytes: 0, ..*head };
    if kept.len() == events.len() {
        writer.write(&fresh_head.to_bytes()).map_err(failed)?;
        writer.write(body).map_err(failed)?;
    } else {
        let mut packed = Vec::new();
        // What is left of a frame fits into one: an event takes more bytes than the note that it is gone.
        let too_large = || LogError::TooLarge { bytes: head.raw_bytes as usize, limit: super::frame::BODY_BYTES_MAX };
        let places = head.first..head.end();
        fresh_head = packer.pack(places, kept.iter().copied(), head.appended_at, &mut packed)?.ok_or_else(too_large)?;
        writer.write(&packed).map_err(failed)?;
    }
    fresh.note(fresh.bytes, &fresh_head);
    fresh.bytes += fresh_head.bytes();
    Ok((events.len() - kept.len()) as u64)
}
