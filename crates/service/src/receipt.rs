//! What a sender of records is told.

use std::borrow::Cow;

/// What became of a body of records. Told once everything that was accepted is durable.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Receipt {
    /// Records that were taken: calls, pieces of calls, reports.
    pub accepted: u64,
    /// Records that had been taken before, and were not taken again.
    pub duplicate: u64,
    /// Of those accepted, calls that became known so late that no fact holds them.
    pub late: u64,
    /// Of those accepted, records of which it cannot be told whether they had been taken before, since too many are
    /// remembered.
    pub unchecked: u64,
    /// Well-formed records that are no call to be judged, such as internal ones.
    pub skipped: u64,
    /// Records that could not be taken, as many as are told.
    pub rejected: Vec<Rejected>,
    /// Rejected records beyond those that are told.
    pub rejected_more: u64,
}

/// One record that could not be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rejected {
    /// The line on which the record begins, from 1.
    pub line: u64,
    /// Why, as a stable code.
    pub code: &'static str,
    /// The field at fault; empty when the record as a whole is.
    pub field: Cow<'static, str>,
    /// What was expected, and what stood there instead.
    pub detail: String,
}

/// Why a body of records was not taken. Nothing of it was.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IngestError {
    /// Too much is in work. Ask again later.
    #[error("{waiting_bytes} bytes in {waiting_bodies} bodies are in work, more than are taken at once")]
    Busy {
        /// Seconds after which to ask again.
        retry_after_s: u32,
        /// Bytes in work.
        waiting_bytes: usize,
        /// Bodies in work.
        waiting_bodies: usize,
    },
    /// The service starts and does not yet know what it had taken before.
    #[error("the service is starting: events are read again")]
    Starting {
        /// Seconds after which to ask again.
        retry_after_s: u32,
    },
    /// An earlier write failed. Nothing more is taken until the log could be opened again; look-ups go on.
    #[error("events cannot be written: the log failed")]
    Failed {
        /// Seconds after which to ask again.
        retry_after_s: u32,
    },
    /// The service stops.
    #[error("the service is stopping")]
    Stopping,
    /// No format of this name is known.
    #[error("there is no format named `{name}`")]
    UnknownFormat {
        /// The name.
        name: String,
    },
    /// The body cannot be opened as records.
    #[error("the body cannot be read as records: {detail}")]
    Unreadable {
        /// Why.
        detail: String,
    },
    /// The body is larger than is read.
    #[error("the body has {bytes} bytes, at most {limit} are read")]
    TooLarge {
        /// Its bytes.
        bytes: usize,
        /// The most that are read.
        limit: usize,
    },
    /// The body holds more records than are taken at once.
    #[error("the body holds {records} records, at most {limit} are taken at once")]
    TooMany {
        /// Its records.
        records: usize,
        /// The most that are taken.
        limit: usize,
    },
    /// The body holds totals of numbers, which a service does not take.
    #[error("the body holds totals of numbers, not calls: score them with a file")]
    Totals,
}

impl IngestError {
    /// Seconds after which to ask again; `None` when asking again does not help.
    #[must_use]
    pub const fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::Busy { retry_after_s, .. } | Self::Starting { retry_after_s } | Self::Failed { retry_after_s } => {
                Some(*retry_after_s)
            }
            Self::Stopping => Some(5),
            Self::UnknownFormat { .. }
            | Self::Unreadable { .. }
            | Self::TooLarge { .. }
            | Self::TooMany { .. }
            | Self::Totals => None,
        }
    }
}
