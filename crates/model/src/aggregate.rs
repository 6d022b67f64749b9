//! Totals of a number over a span of time, for sources that keep no single calls.

use crate::time::Timestamp;
use crate::tn::TelephoneNumber;

/// What a source counted for one number. `None` means that the source does not tell, which is no evidence; it is never zero.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aggregate {
    /// The calling number.
    pub tn: TelephoneNumber,
    /// When the span begins; `None` when unknown.
    pub from: Option<Timestamp>,
    /// When the span ends (exclusive); `None` when unknown.
    pub to: Option<Timestamp>,
    /// Calls placed.
    pub attempts: u64,
    /// Calls that somebody or something picked up.
    pub answered: Option<u64>,
    /// Answered calls of a few seconds, by the source's own measure.
    pub short: Option<u64>,
    /// Calls to numbers that are not in service.
    pub invalid: Option<u64>,
    /// Calls that were not answered, whatever the cause.
    pub unanswered: Option<u64>,
    /// Calls to an engaged line.
    pub busy: Option<u64>,
    /// Calls that the called person refused.
    pub declined: Option<u64>,
    /// Distinct numbers called.
    pub distinct_dest: Option<u64>,
    /// Calls to a number that had not been called before.
    pub first_calls: Option<u64>,
    /// Milliseconds of talk, over all answered calls.
    pub talk_ms: Option<u64>,
    /// Reports by called persons.
    pub reports: Option<u64>,
    /// Calls blocked by analytics.
    pub blocked: Option<u64>,
    /// Calls refused with a 607.
    pub unwanted: Option<u64>,
}

impl Aggregate {
    /// An aggregate that tells the attempts alone.
    #[must_use]
    pub const fn new(tn: TelephoneNumber, attempts: u64) -> Self {
        Self {
            tn,
            from: None,
            to: None,
            attempts,
            answered: None,
            short: None,
            invalid: None,
            unanswered: None,
            busy: None,
            declined: None,
            distinct_dest: None,
            first_calls: None,
            talk_ms: None,
            reports: None,
            blocked: None,
            unwanted: None,
        }
    }
}
