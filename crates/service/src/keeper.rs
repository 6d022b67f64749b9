//! When the state is kept, where to read on from it, and what of the log is given up.

use std::collections::VecDeque;
use std::sync::Arc;

use model::Timestamp;
use store::{Position, SnapshotHead, SnapshotName, Snapshots};

use crate::committer::Order;
use crate::condition::{Counters, count};
use crate::config::Limits;
use crate::machine::Machine;

/// The snapshot that holds the marks.
pub(crate) const MARKS: &str = "marks";
/// The version of the marks.
pub(crate) const MARKS_VERSION: u32 = 1;
/// All parts are kept anew within so many ticks, however little else happens: a tick takes work to fold, too.
const ROUND_TICKS: u64 = 24;

/// Parts that are kept between two groups of events, at most. Chosen: in a quiet hour nothing but its tick is folded, and a day's
/// ticks must suffice for all parts; or the log waits for snapshots, and outlives its horizon.
const PARTS_AT_ONCE: usize = 16;

/// Keeps the state part by part, and knows where in the log each hour began.
pub(crate) struct Keeper {
    snapshots: Arc<dyn Snapshots>,
    counters: Arc<Counters>,
    /// Where hours began, the oldest first.
    marks: VecDeque<(u32, Position)>,
    log_hours: u32,
    /// Events in which all parts are kept anew.
    round: u64,
    /// For each part, up to where the older one of its two snapshots reaches, and the newer one.
    kept: Vec<[Position; 2]>,
    /// The part that is kept next.
    next: usize,
    /// Events since a part was kept, weighted.
    due: u64,
    trimmed_at: Option<u32>,
    /// Numbers that were to be forgotten before this place are erased.
    erased: Position,
    /// The version of the policy that was activated last; `None` before the first.
    active: Option<Box<str>>,
}

/// What is kept besides the parts.
#[derive(Default)]
struct Marks {
    erased: Position,
    active: Option<Box<str>>,
    hours: VecDeque<(u32, Position)>,
}

/// What a start found.
#[derive(Debug)]
pub(crate) struct Found {
    /// Where the fold reads on.
    pub(crate) place: Position,
    /// From where the committer learns what was taken.
    pub(crate) learn_from: Position,
}

impl Keeper {
    pub(crate) fn new(snapshots: Arc<dyn Snapshots>, counters: Arc<Counters>, limits: &Limits) -> Self {
        Self {
            snapshots,
            counters,
            marks: VecDeque::new(),
            log_hours: limits.log_days.saturating_mul(24),
            round: limits.snapshot_events.max(1),
            kept: Vec::new(),
            next: 0,
            due: 0,
            trimmed_at: None,
            erased: Position::ZERO,
            active: None,
        }
    }

    /// Restores what was kept. A part without a snapshot that can be used begins empty, and is folded from the log's beginning.
    pub(crate) fn restore(
        &mut self,
        machine: &mut dyn Machine,
        held: std::ops::Range<Position>,
        remembered_from: Timestamp,
    ) -> Found {
        let version = machine.version();
        self.kept = vec![[held.start; 2]; machine.parts()];
        for part in 0..machine.parts() {
            let Some(place) = self.restore_part(machine, part, version, held.end) else { continue };
            if let Some(kept) = self.kept.get_mut(part) {
                // Whether the older one is still there and whole is not known.
                *kept = [held.start, place];
            }
        }
        let marks = self.load_marks();
        (self.erased, self.active, self.marks) = (marks.erased, marks.active, marks.hours);
        let place = self.kept.iter().map(|[_, newer]| *newer).min().unwrap_or(held.start).max(held.start);
        let hour = u32::try_from(remembered_from.hour()).unwrap_or(0);
        let before = self.marks.iter().rev().find(|(marked, _)| *marked <= hour);
        let learn_from = before.map_or(held.start, |&(_, place)| place).clamp(held.start, held.end);
        // A number that was to be forgotten since may be named by the log still: where that was said is read again.
        let place = place.min(self.erased.max(held.start));
        // Later marks come again from the log.
        self.marks.retain(|&(_, mark)| mark < place);
        Found { place, learn_from }
    }

    fn restore_part(&self, machine: &mut dyn Machine, part: usize, version: u32, end: Position) -> Option<Position> {
        let name = part_name(part)?;
        let loaded = self.snapshots.load(&name, version).map_err(|error| warn(&name, &error.to_string())).ok()?;
        for passed in loaded.passed {
            warn(&name, &passed.why.to_string());
        }
        let snapshot = loaded.snapshot?;
        let place = snapshot.head.position;
        if place > end {
            warn(&name, "it reaches beyond the end of the log");
            return None;
        }
        machine.restore(part, place, &snapshot.bytes).map_err(|detail| warn(&name, &detail)).ok()?;
        Some(place)
    }

    fn load_marks(&self) -> Marks {
        let loaded = marks_name().and_then(|name| self.snapshots.load(&name, MARKS_VERSION).ok());
        let snapshot = loaded.and_then(|loaded| loaded.snapshot);
        snapshot.and_then(|snapshot| decode_marks(&snapshot.bytes)).unwrap_or_default()
    }

    /// An hour began at this place of the log.
    pub(crate) fn mark(&mut self, hour: u32, place: Position) {
        self.due = self.due.saturating_add(self.round / ROUND_TICKS);
        if self.marks.back().is_none_or(|&(last, _)| last < hour) {
            self.marks.push_back((hour, place));
        }
        while self.marks.get(1).is_some_and(|&(next, _)| next + self.log_hours <= hour) {
            self.marks.pop_front();
        }
    }

    /// `events` more were folded, up to `place`: keeps the parts whose time has come, a few at once. Only called while nothing that was decided waits
    /// to be logged or told: what a snapshot has behind it is never decided again.
    pub(crate) fn keep(&mut self, machine: &mut dyn Machine, place: Position, now: Timestamp) {
        let parts = self.kept.len() as u64;
        let each = (self.round / parts.max(1)).max(1);
        // Where the fold is behind, the rest is made up for later.
        for _ in 0..PARTS_AT_ONCE {
            if self.due < each || parts == 0 {
                return;
            }
            self.due = (self.due - each).min(self.round);
            let part = self.next;
            self.next = (part + 1) % self.kept.len();
            self.keep_part(machine, part, place, now);
            if self.next == 0 {
                self.keep_marks(place, now);
            }
        }
    }

    /// Counts events that were folded.
    pub(crate) const fn folded(&mut self, events: u64) {
        self.due = self.due.saturating_add(events);
    }

    /// Keeps every part now.
    pub(crate) fn keep_all(&mut self, machine: &mut dyn Machine, place: Position, now: Timestamp) {
        for part in 0..self.kept.len() {
            self.keep_part(machine, part, place, now);
        }
        self.keep_marks(place, now);
        self.due = 0;
        self.next = 0;
    }

    /// Keeps a part now, and gives up what was kept of it before, once this is durable: there is always one to start from, whatever
    /// of the log was given up. Tells whether it is done.
    pub(crate) fn keep_alone(
        &mut self,
        machine: &mut dyn Machine,
        part: usize,
        place: Position,
        now: Timestamp,
    ) -> bool {
        let Some(name) = part_name(part) else { return false };
        if !self.keep_part(machine, part, place, now) {
            return false;
        }
        if let Some(kept) = self.kept.get_mut(part) {
            // There is no older one to fall back upon: no more of the log is given up before there is.
            *kept = [Position::ZERO, place];
        }
        let removed = self.snapshots.keep_only(&name, place);
        removed.inspect_err(|error| tracing::error!(%name, %error, "an old snapshot cannot be removed")).is_ok()
    }

    /// Numbers that were to be forgotten before `through` are erased from the log.
    pub(crate) fn erased(&mut self, through: Position, place: Position, now: Timestamp) {
        self.erased = self.erased.max(through);
        self.keep_marks(place, now);
    }

    /// No number waits to be erased, of those that were to be forgotten before a place.
    pub(crate) fn none_to_erase(&mut self, before: Position) {
        self.erased = self.erased.max(before);
    }

    /// A policy was activated.
    pub(crate) fn activated(&mut self, version: &str) {
        self.active = Some(version.into());
    }

    /// The version of the policy that was activated last; `None` before the first.
    pub(crate) fn active(&self) -> Option<&str> {
        self.active.as_deref()
    }

    /// Tells whether a number that was to be forgotten at a place may be named by the log still.
    pub(crate) fn must_erase(&self, place: Position) -> bool {
        place >= self.erased
    }

    fn keep_part(&mut self, machine: &mut dyn Machine, part: usize, place: Position, now: Timestamp) -> bool {
        let Some(name) = part_name(part) else { return false };
        let head = SnapshotHead { fold_version: machine.version(), position: place, taken_at: now };
        let bytes = machine.snapshot(part);
        let saved = self.save(&name, head, &bytes);
        if saved
            && let Some(kept) = self.kept.get_mut(part)
            && kept[1] < place
        {
            *kept = [kept[1], place];
        }
        saved
    }

    fn keep_marks(&self, place: Position, now: Timestamp) {
        let Some(name) = marks_name() else { return };
        let mut bytes = Vec::with_capacity(self.marks.len() * 12 + 64);
        bytes.extend_from_slice(&self.erased.0.to_le_bytes());
        let active = self.active.as_deref().unwrap_or_default();
        bytes.extend_from_slice(&(active.len() as u64).to_le_bytes());
        bytes.extend_from_slice(active.as_bytes());
        for (hour, place) in &self.marks {
            bytes.extend_from_slice(&hour.to_le_bytes());
            bytes.extend_from_slice(&place.0.to_le_bytes());
        }
        self.save(&name, SnapshotHead { fold_version: MARKS_VERSION, position: place, taken_at: now }, &bytes);
    }

    fn save(&self, name: &SnapshotName, head: SnapshotHead, bytes: &[u8]) -> bool {
        match self.snapshots.save(name, head, bytes) {
            Ok(()) => {
                count(&self.counters.snapshots, 1);
                true
            }
            Err(error) => {
                count(&self.counters.snapshot_failures, 1);
                tracing::error!(%name, %error, "a snapshot cannot be kept; the older one is");
                false
            }
        }
    }

    /// Once an hour, what of the log may go.
    pub(crate) fn trim(&mut self) -> Option<Order> {
        let &(hour, _) = self.marks.back()?;
        if self.trimmed_at == Some(hour) {
            return None;
        }
        self.trimmed_at = Some(hour);
        let &(oldest, place) = self.marks.front()?;
        let aged = if oldest + self.log_hours <= hour { place } else { Position::ZERO };
        let keep = self.kept.iter().map(|[older, _]| *older).min().unwrap_or(Position::ZERO);
        Some(Order::Trim { aged, keep })
    }
}

fn decode_marks(bytes: &[u8]) -> Option<Marks> {
    let word = |bytes: &[u8]| bytes.try_into().ok().map(u64::from_le_bytes);
    let (erased, bytes) = bytes.split_at_checked(8)?;
    let (length, bytes) = bytes.split_at_checked(8)?;
    let (active, hours) = bytes.split_at_checked(usize::try_from(word(length)?).ok()?)?;
    let active = std::str::from_utf8(active).ok().filter(|version| !version.is_empty()).map(Box::from);
    let hours = hours.chunks_exact(12).filter_map(|mark| {
        let (hour, place) = mark.split_at_checked(4)?;
        Some((u32::from_le_bytes(hour.try_into().ok()?), Position(word(place)?)))
    });
    Some(Marks { erased: Position(word(erased)?), active, hours: hours.collect() })
}

fn part_name(part: usize) -> Option<SnapshotName> {
    SnapshotName::new(&format!("part_{part:03}"))
}

fn marks_name() -> Option<SnapshotName> {
    SnapshotName::new(MARKS)
}

fn warn(name: &SnapshotName, why: &str) {
    tracing::warn!(%name, why, "a snapshot is passed over");
}
