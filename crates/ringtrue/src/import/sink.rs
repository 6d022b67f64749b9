//! Where batches are sent, and what is told of them.

use std::time::Duration;

use super::batches::{Batch, Kind};
use crate::error::ScoreError;

/// Takes batches: a service in this process, or a server.
pub(crate) trait Sink {
    /// How far an import of the file with this digest came; `None` when it never began.
    fn came(&mut self, file: &[u8; 32]) -> Result<Reply<Option<Came>>, ScoreError>;

    /// Notes how far an import came.
    fn note(&mut self, file: &[u8; 32], came: &Came) -> Result<(), ScoreError>;

    /// Sends a batch, and waits until its records are durable.
    fn send(&mut self, kind: Kind, format: &str, batch: &Batch) -> Result<Reply<Tally>, ScoreError>;
}

/// How far an import came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Came {
    /// What people call the file.
    pub(crate) file_name: String,
    /// Bytes of the file, unpacked, whose records were acknowledged.
    pub(crate) position_bytes: u64,
    /// Records up to there.
    pub(crate) records: u64,
    /// Whether the file's end was reached.
    pub(crate) finished: bool,
}

/// What is answered.
#[derive(Debug)]
pub(crate) enum Reply<T> {
    /// What was asked for.
    Done(T),
    /// Nothing was done; it is to be asked again.
    Later {
        /// When; `None` leaves it to the sender.
        after: Option<Duration>,
        /// Why.
        why: String,
    },
}

/// What became of records.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Tally {
    /// Taken.
    pub(crate) accepted: u64,
    /// Taken before.
    pub(crate) duplicate: u64,
    /// Of those accepted, too late for any fact.
    pub(crate) late: u64,
    /// Of those accepted, not checked for repeats.
    pub(crate) unchecked: u64,
    /// No call to be judged.
    pub(crate) skipped: u64,
    /// Rejected, in all.
    pub(crate) rejected: u64,
    /// Those of them that are told.
    pub(crate) rejects: Vec<Reject>,
}

impl Tally {
    /// All records.
    pub(crate) const fn records(&self) -> u64 {
        self.accepted + self.duplicate + self.skipped + self.rejected
    }

    /// Adds the counts of another, not what it tells.
    pub(crate) const fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.duplicate += other.duplicate;
        self.late += other.late;
        self.unchecked += other.unchecked;
        self.skipped += other.skipped;
        self.rejected += other.rejected;
    }
}

/// A record that was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Reject {
    /// The line of the body on which it begins, from 1.
    pub(crate) line: u64,
    /// Why.
    pub(crate) code: String,
    /// The field at fault; empty when the record as a whole is.
    pub(crate) field: String,
    /// What was expected, and what stood there instead.
    pub(crate) detail: String,
}
