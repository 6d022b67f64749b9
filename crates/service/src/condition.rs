//! How the service is.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// What the service can do now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Condition {
    /// It reads the log. Look-ups answer from the last snapshot; nothing is taken in.
    Starting,
    /// It does everything.
    Ready,
    /// A write failed. Nothing is taken in until the log could be opened again, which is tried of itself. Look-ups go on.
    Failed,
    /// It stops.
    Stopping,
}

/// What is still read from the log at the start, and what ended since; one bit each.
#[derive(Default, Debug)]
pub(crate) struct Switchboard {
    bits: AtomicU8,
    changing: Mutex<()>,
    changed: Condvar,
}

/// The committer knows what was taken before.
pub(crate) const SEQUENCED: u8 = 1;
/// The fold has reached where the log ended at the start.
pub(crate) const FOLDED: u8 = 2;
/// A write failed, and the log is not open again yet.
pub(crate) const FAILED: u8 = 4;
/// The service stops.
pub(crate) const STOPPING: u8 = 8;
/// A thread ended that must not end: only another start helps.
pub(crate) const BROKEN: u8 = 16;

impl Switchboard {
    pub(crate) fn set(&self, bit: u8) {
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.bits.fetch_or(bit, Ordering::AcqRel);
        drop(changing);
        self.changed.notify_all();
    }

    pub(crate) fn clear(&self, bit: u8) {
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.bits.fetch_and(!bit, Ordering::AcqRel);
        drop(changing);
        self.changed.notify_all();
    }

    /// Waits until the log was read.
    pub(crate) fn wait_until_started(&self) -> Condition {
        let mut changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        while self.condition() == Condition::Starting {
            changing = self.changed.wait(changing).unwrap_or_else(PoisonError::into_inner);
        }
        drop(changing);
        self.condition()
    }

    /// Waits until the service stops, at most so long; tells whether it does.
    pub(crate) fn wait_until_stopping(&self, most: Duration) -> bool {
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let goes_on = |(): &mut ()| !self.is_set(STOPPING);
        let waited = self.changed.wait_timeout_while(changing, most, goes_on);
        drop(waited);
        self.is_set(STOPPING)
    }

    pub(crate) fn is_set(&self, bit: u8) -> bool {
        self.bits.load(Ordering::Acquire) & bit != 0
    }

    pub(crate) fn condition(&self) -> Condition {
        let bits = self.bits.load(Ordering::Acquire);
        if bits & STOPPING != 0 {
            Condition::Stopping
        } else if bits & (FAILED | BROKEN) != 0 {
            Condition::Failed
        } else if bits & (SEQUENCED | FOLDED) != SEQUENCED | FOLDED {
            Condition::Starting
        } else {
            Condition::Ready
        }
    }
}

/// Counts since the start.
#[derive(Default, Debug)]
pub(crate) struct Counters {
    pub(crate) accepted: AtomicU64,
    pub(crate) duplicate: AtomicU64,
    pub(crate) late: AtomicU64,
    pub(crate) unchecked: AtomicU64,
    pub(crate) skipped: AtomicU64,
    pub(crate) rejected: AtomicU64,
    pub(crate) refused_bodies: AtomicU64,
    pub(crate) groups: AtomicU64,
    pub(crate) events: AtomicU64,
    pub(crate) log_failures: AtomicU64,
    pub(crate) log_reopens: AtomicU64,
    pub(crate) label_changes: AtomicU64,
    pub(crate) history_failures: AtomicU64,
    pub(crate) snapshots: AtomicU64,
    pub(crate) snapshot_failures: AtomicU64,
    pub(crate) remembered: AtomicU64,
    pub(crate) joining: AtomicU64,
    pub(crate) incomplete: AtomicU64,
    pub(crate) log_bytes: AtomicU64,
    pub(crate) sync_ns: AtomicU64,
    pub(crate) missing_policies: AtomicU64,
}

/// Adds to a counter that nothing else is ordered by.
pub(crate) fn count(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

/// What an operator watches. Counts are since the start.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Figures {
    /// Records accepted.
    pub accepted: u64,
    /// Records recognised as told before.
    pub duplicate: u64,
    /// Accepted calls that no fact holds, since they became known too late.
    pub late: u64,
    /// Accepted records that could not be checked for having been told before.
    pub unchecked: u64,
    /// Records that were no call to be judged.
    pub skipped: u64,
    /// Records rejected.
    pub rejected: u64,
    /// Bodies refused since too much was in work.
    pub refused_bodies: u64,
    /// Writes to the log, each with one sync.
    pub groups: u64,
    /// Events written.
    pub events: u64,
    /// Nanoseconds that writes and syncs took in all.
    pub sync_ns: u64,
    /// Writes that failed, each of which stopped the intake for a while.
    pub log_failures: u64,
    /// How often the log was opened again after one.
    pub log_reopens: u64,
    /// Label changes told.
    pub label_changes: u64,
    /// Writes of the label history that failed; they are tried again.
    pub history_failures: u64,
    /// Snapshots of a part written.
    pub snapshots: u64,
    /// Snapshots that could not be written.
    pub snapshot_failures: u64,
    /// Records remembered now, to recognise repeats.
    pub remembered: u64,
    /// Calls that wait for pieces now.
    pub joining: u64,
    /// Calls that were closed without the piece that tells what became of them.
    pub incomplete: u64,
    /// Bytes of the log now.
    pub log_bytes: u64,
    /// Activations of policies that are not kept, so that another had to stand in.
    pub missing_policies: u64,
    /// The log's end.
    pub log_end: u64,
    /// Events committed that are not folded yet.
    pub unfolded: u64,
    /// Bodies in work now.
    pub waiting_bodies: u64,
    /// Their bytes.
    pub waiting_bytes: u64,
}

impl Counters {
    pub(crate) fn figures(&self) -> Figures {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Figures {
            accepted: read(&self.accepted),
            duplicate: read(&self.duplicate),
            late: read(&self.late),
            unchecked: read(&self.unchecked),
            skipped: read(&self.skipped),
            rejected: read(&self.rejected),
            refused_bodies: read(&self.refused_bodies),
            groups: read(&self.groups),
            events: read(&self.events),
            sync_ns: read(&self.sync_ns),
            log_failures: read(&self.log_failures),
            log_reopens: read(&self.log_reopens),
            label_changes: read(&self.label_changes),
            history_failures: read(&self.history_failures),
            snapshots: read(&self.snapshots),
            snapshot_failures: read(&self.snapshot_failures),
            remembered: read(&self.remembered),
            joining: read(&self.joining),
            incomplete: read(&self.incomplete),
            log_bytes: read(&self.log_bytes),
            missing_policies: read(&self.missing_policies),
            ..Figures::default()
        }
    }
}
