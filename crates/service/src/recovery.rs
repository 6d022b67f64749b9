//! After a write that failed: the log is opened again, and what it holds is learned.

use std::sync::atomic::Ordering;

use model::Timestamp;
use store::{Event, LogError};

use crate::committer::{Committer, Writing};
use crate::condition::{BROKEN, FAILED, count};
use crate::readable::readable;

/// How long after a failure the log is opened again, by the service's clock. Chosen: a disk that was full for a moment stops
/// nobody for long.
const FIRST_MS: i64 = 1_000;
/// The same after many failures in a row: each of them is told to the operator, and costs a reading of the log.
const LAST_MS: i64 = 60_000;

/// What waits while nothing can be written.
#[derive(Default)]
pub(crate) struct Recovery {
    /// The service's own events that wait to be logged: nobody would send them again.
    own: Vec<Event>,
    /// Of those, how many were in the group whose writing failed: it may be in the log after all.
    uncertain: usize,
    /// When the last write or opening failed.
    failed_at: Timestamp,
    /// How long to wait after that.
    wait_ms: i64,
}

impl Recovery {
    /// A write or an opening failed.
    pub(crate) fn fail(&mut self, now: Timestamp) {
        self.failed_at = now;
        self.wait_ms = (self.wait_ms * 2).clamp(FIRST_MS, LAST_MS);
    }

    /// These of the service's own events were in the group whose writing failed.
    pub(crate) fn keep_uncertain(&mut self, events: impl Iterator<Item = Event>) {
        let is_first = self.own.is_empty();
        self.own.extend(events);
        if is_first {
            self.uncertain = self.own.len();
        }
    }

    /// These of the service's own events came since.
    pub(crate) fn keep(&mut self, events: Vec<Event>) {
        self.own.extend(events);
    }

    /// A write went well.
    pub(crate) const fn succeed(&mut self) {
        self.wait_ms = 0;
    }

    /// Tells whether it is time to try again. A clock that was set back delays nothing.
    fn is_due(&self, now: Timestamp) -> bool {
        now < self.failed_at || now >= self.failed_at.saturating_add_ms(self.wait_ms)
    }
}

impl Committer {
    /// Opens the log again when it is time. What of the failed write is there is folded, and recognised when it is sent again; of
    /// what is not there only the service's own events are written again.
    pub(crate) fn recover(&mut self) {
        let now = self.clock.now();
        if !self.board.is_set(FAILED) || self.board.is_set(BROKEN) || !self.recovery.is_due(now) {
            return;
        }
        match self.open_again() {
            Ok(()) => {
                self.board.clear(FAILED);
                count(&self.counters.log_reopens, 1);
                tracing::info!("the log is open again; events are taken in");
                let mut writing = Writing::default();
                writing.add(self.sequencer.take_unlogged());
                let own = std::mem::take(&mut self.recovery.own);
                writing.add_own(self.sequencer.own(own));
                let arrival = self.sequencer.arrive(self.clock.now());
                writing.add(self.sequencer.begin_hours(arrival));
                self.write(writing);
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                tracing::warn!(%error, cause, "the log cannot be opened again yet");
                self.recovery.fail(now);
            }
        }
    }

    /// Opens the log again and learns from it, as a start does.
    fn open_again(&mut self) -> Result<(), LogError> {
        self.log.reopen()?;
        let held = self.log.reader().held();
        let mut sequencer = self.sequencer.anew(&self.limits);
        let from = self.learn_from.clamp(held.start, held.end);
        for logged in readable(self.log.reader().as_ref(), from)? {
            sequencer.replay(&logged?);
        }
        self.sequencer = sequencer;
        let uncertain = std::mem::take(&mut self.recovery.uncertain);
        if held.end > self.handoff.progress().1 {
            // The group is there as a whole.
            self.recovery.own.drain(..uncertain);
            self.handoff.grow(held.end);
        }
        self.counters.log_bytes.store(self.log.size_bytes(), Ordering::Relaxed);
        Ok(())
    }
}
