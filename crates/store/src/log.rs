//! The port of the event log: one ordered log of all events.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use model::{TelephoneNumber, Timestamp};

use crate::event::{DecodeError, Event, encode};

/// The most bytes that one encoded event may take. Chosen: far more than any call or report has, and little enough to be held a few
/// times over.
pub const MAX_EVENT_BYTES: usize = 1 << 20;

/// The place of an event in the log: how many events were ever appended before it. Places of lost events stay empty; none is
/// ever given twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Position(pub u64);

impl Position {
    /// The place of the first event ever.
    pub const ZERO: Self = Self(0);

    /// The place `count` events later.
    #[must_use]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0.saturating_add(count))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Events that were appended together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Logged {
    /// When they were appended, as the appender told.
    pub appended_at: Timestamp,
    /// The events with their places, in rising order. Places may be missing where a number was forgotten.
    pub events: Vec<(Position, Event)>,
}

impl Logged {
    /// The events from a place on.
    #[must_use]
    pub(crate) fn from(&self, from: Position) -> Self {
        let events = self.events.iter().filter(|(place, _)| *place >= from).cloned().collect();
        Self { appended_at: self.appended_at, events }
    }
}

/// What a log could not read. The bytes are left where they are, or kept aside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Damage {
    /// The file; empty in an adapter without files.
    pub file: PathBuf,
    /// The first damaged byte in the file.
    pub offset: u64,
    /// How many bytes could not be read.
    pub bytes: u64,
    /// The places of the events that may be lost. The end is the first place that is certainly not among them.
    pub lost: Range<Position>,
    /// What was expected at the offset, and what was found.
    pub found: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, offset, bytes, lost, found } = self;
        let file = file.display();
        write!(f, "{file}: {bytes} bytes at {offset}: {found}; ")?;
        match lost.end.0.saturating_sub(lost.start.0) {
            0 => f.write_str("no event is lost"),
            1 => write!(f, "event {} may be lost", lost.start),
            _ => write!(f, "events {} to {} may be lost", lost.start, lost.end.0.saturating_sub(1)),
        }
    }
}

/// Why the log could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// An operation on a file failed.
    #[error("cannot {what} {}", file.display())]
    Io {
        /// What was tried, as a verb.
        what: &'static str,
        /// The file or folder.
        file: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// An earlier write or sync failed. What is on disk is uncertain until the log is opened again ([`EventLog::reopen`]); until
    /// then it can be read only.
    #[error("the log takes nothing more since a write failed; it must be opened again")]
    Refused,
    /// Another process has the log open.
    #[error("{} is in use by another process", folder.display())]
    Locked {
        /// The folder of the log.
        folder: PathBuf,
    },
    /// A single event is larger than a frame may be.
    #[error("an event takes {bytes} bytes, at most {limit} are taken")]
    TooLarge {
        /// The bytes of the encoded event.
        bytes: usize,
        /// The most that are taken.
        limit: usize,
    },
    /// Events could not be compressed.
    #[error("cannot compress events")]
    Pack {
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The log was written by a program that this one does not understand.
    #[error("{} has {what} {found}, this program reads {read}", file.display())]
    Format {
        /// The file.
        file: PathBuf,
        /// What differs.
        what: &'static str,
        /// What the file has.
        found: u64,
        /// What this program reads.
        read: u64,
    },
    /// The log was sealed with another key than the one at hand.
    #[error("{} was sealed with another key", file.display())]
    Key {
        /// A file of the log.
        file: PathBuf,
    },
    /// The log is sealed, and no key is at hand: its events can be neither read nor added to.
    #[error("the log is sealed, and its key is not at hand")]
    NoKey,
    /// Events before the start of the log, or after its end, were asked for.
    #[error("the log holds events {} to {}, not {asked}", held.start, held.end)]
    OutOfRange {
        /// The place that was asked for.
        asked: Position,
        /// What the log holds.
        held: Range<Position>,
    },
    /// A part of the log could not be read. When this comes from an iterator, the events after the damage follow.
    #[error("the log is damaged: {0}")]
    Damaged(Damage),
    /// A frame that is whole holds events that this program does not understand.
    #[error("events from {first} on cannot be decoded")]
    Decode {
        /// The place of the first.
        first: Position,
        /// Why.
        #[source]
        source: DecodeError,
    },
}

/// Events in the order of the log, some at a time. After an error that tells damage the events beyond it follow.
pub type Reading = Box<dyn Iterator<Item = Result<Logged, LogError>> + Send>;

/// What one step of forgetting did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Forgotten {
    /// How many events were removed.
    pub events: u64,
    /// Where to go on; `None` at the end.
    pub next: Option<Position>,
}

/// Reads a log, from any thread, while another appends. Only what is durable is ever seen.
pub trait LogReader: Send + Sync {
    /// The places that are held: from the first that was not trimmed, to the one that the next event will get.
    fn held(&self) -> Range<Position>;

    /// The events from a place on, to the end as it is now.
    ///
    /// # Errors
    /// [`LogError::OutOfRange`] when the place was trimmed or lies beyond the end.
    fn read(&self, from: Position) -> Result<Reading, LogError>;
}

/// One ordered log of events. One thread owns it; others read by [`EventLog::reader`].
pub trait EventLog: Send {
    /// Appends batches with one sync for all. They are durable when this returns, and only then visible to readers. Of a group
    /// that was not acknowledged, the log may hold all events when it is opened again, or none.
    ///
    /// `now` is when it happens.
    ///
    /// # Errors
    /// [`LogError::TooLarge`] leaves the log as it was, as does [`LogError::Pack`]. After any other error nothing more is taken until the log is opened
    /// again.
    fn append_group(&mut self, batches: &[&[Event]], now: Timestamp) -> Result<Range<Position>, LogError>;

    /// Appends one batch; see [`EventLog::append_group`].
    ///
    /// # Errors
    /// As [`EventLog::append_group`].
    fn append(&mut self, batch: &[Event], now: Timestamp) -> Result<Range<Position>, LogError> {
        self.append_group(&[batch], now)
    }

    /// Opens the log again in place, after an append that failed: finds out what is on disk, and takes events again. Readers stay
    /// valid. What was being appended when it failed may be there now, as a whole.
    ///
    /// # Errors
    /// When what made the append fail still does. The log is as it was, and the call may be repeated.
    fn reopen(&mut self) -> Result<(), LogError>;

    /// A handle that reads this log.
    fn reader(&self) -> Arc<dyn LogReader>;

    /// Gives up events before a place. What is given up together may be coarse, so some may stay; none from `before` on goes.
    ///
    /// # Errors
    /// When a file cannot be removed. It is no longer read, and the next call tries again.
    fn trim(&mut self, before: Position) -> Result<(), LogError>;

    /// Gives up the oldest events until the log takes at most so many bytes, but none from `keep` on, and the newest ones stay
    /// whatever they take.
    ///
    /// # Errors
    /// As [`EventLog::trim`].
    fn trim_to_size(&mut self, bytes_max: u64, keep: Position) -> Result<(), LogError>;

    /// How many bytes the log takes.
    fn size_bytes(&self) -> u64;

    /// Removes some of the events that name one of some numbers: those between two places, as far as one step comes, which is one
    /// file. Who appends waits no longer than that. The places of other events stay as they are, and tombstones stay. All is read
    /// for it, so numbers that are to be forgotten are best collected for a while.
    ///
    /// # Errors
    /// When a file cannot be written anew: it is then as it was, and the call may be repeated. Damage found on the way leaves
    /// the damaged part as it is and is told by [`EventLog::verify`].
    fn forget_some(
        &mut self,
        numbers: &BTreeSet<TelephoneNumber>,
        places: Range<Position>,
    ) -> Result<Forgotten, LogError>;

    /// Removes all events that name one of some numbers, from what is held, and tells how many: [`EventLog::forget_some`] to the end.
    ///
    /// # Errors
    /// As [`EventLog::forget_some`]; what was removed before stays so.
    fn forget(&mut self, numbers: &BTreeSet<TelephoneNumber>) -> Result<u64, LogError> {
        let held = self.reader().held();
        let (mut removed, mut next) = (0, Some(held.start));
        while let Some(from) = next {
            let some = self.forget_some(numbers, from..held.end)?;
            removed += some.events;
            next = some.next;
        }
        Ok(removed)
    }

    /// Reads everything and tells each damage, oldest first; empty when all is well.
    ///
    /// # Errors
    /// When a file cannot be read at all.
    fn verify(&self) -> Result<Vec<Damage>, LogError>;
}

/// Refuses an event that is too large by itself.
pub(crate) fn refuse_large<'a>(events: impl Iterator<Item = &'a Event>) -> Result<(), LogError> {
    let mut raw = Vec::new();
    for event in events {
        raw.clear();
        encode([event], &mut raw);
        if raw.len() > MAX_EVENT_BYTES {
            return Err(LogError::TooLarge { bytes: raw.len(), limit: MAX_EVENT_BYTES });
        }
    }
    Ok(())
}
