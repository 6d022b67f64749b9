//! What the log holds.

mod bytes;
mod call;
mod decode;
mod encode;
mod piece;
mod report;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use model::{CallRecord, Label, Party, Piece, RecordKey, Report, TelephoneNumber, Timestamp};

pub(crate) use bytes::{Reader, put};
pub use decode::{DecodeError, decode};
pub use encode::{SCHEMA_VERSION, encode};

/// A tenant of the service.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TenantId(pub u32);

impl TenantId {
    /// The operator of the service itself, to whom the service's own events belong.
    pub const OPERATOR: Self = Self(0);
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tenant_{}", self.0)
    }
}

/// Whose traffic a source shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SourceRole {
    /// A carrier's own traffic, trusted by the operator: it moves the shared ratings.
    Terminating,
    /// A caller's own records: they fill a view that only their tenant sees.
    Originating,
}

impl SourceRole {
    /// The word used in configuration and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terminating => "terminating",
            Self::Originating => "originating",
        }
    }

    /// Reads the word used in configuration; `None` for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Terminating, Self::Originating].into_iter().find(|role| role.as_str() == word)
    }
}

/// Where an event came from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Origin {
    /// The tenant whose source it is.
    pub tenant: TenantId,
    /// The source's configured name, unique within the tenant; empty for the service itself.
    pub source: Box<str>,
    /// What the source shows.
    pub role: SourceRole,
}

impl Origin {
    /// The service itself: ticks, policies, labels.
    #[must_use]
    pub fn service() -> Arc<Self> {
        Arc::new(Self { tenant: TenantId::OPERATOR, source: "".into(), role: SourceRole::Terminating })
    }
}

/// One thing that happened. Events are immutable; a correction is another event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// Where it came from. Events of one origin share it; an encoded batch names each origin once.
    pub origin: Arc<Origin>,
    /// When it happened.
    pub at: Timestamp,
    /// When we learned of it: what a verdict at a moment may use.
    pub known_at: Timestamp,
    /// By what a repeat is recognised; `None` when it cannot be.
    pub key: Option<RecordKey>,
    /// What happened.
    pub payload: Payload,
}

impl Event {
    /// A call, with the times and the key of its record.
    #[must_use]
    pub fn call(origin: Arc<Origin>, call: CallRecord) -> Self {
        Self { origin, at: call.at, known_at: call.known(), key: call.key, payload: Payload::Call(call) }
    }

    /// A report, with its own times and key.
    #[must_use]
    pub fn report(origin: Arc<Origin>, report: Report) -> Self {
        Self { origin, at: report.at, known_at: report.known(), key: report.key, payload: Payload::Report(report) }
    }

    /// Something that the service itself did at `at`.
    #[must_use]
    pub fn service(origin: Arc<Origin>, at: Timestamp, payload: Payload) -> Self {
        Self { origin, at, known_at: at, key: None, payload }
    }

    /// The virtual partition that this event concerns; `None` when it concerns all of them, or no telephone number is known.
    #[must_use]
    pub fn partition(&self) -> Option<u8> {
        self.payload.tn().map(crate::partition_of)
    }
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Payload {
    /// A finished call.
    Call(CallRecord),
    /// A call whose destination is itself an observed caller, told again to the partition of that number.
    CallBack(CallRecord),
    /// A piece of a call that is told in parts; the join is rebuilt from these.
    Piece(Piece),
    /// A report.
    Report(Report),
    /// An hour is over: labels are stepped.
    Tick {
        /// The hour that begins, in whole hours since 1970-01-01T00:00:00Z.
        hour: u32,
    },
    /// A policy judges from now on.
    PolicyActivated {
        /// Its version.
        version: Box<str>,
    },
    /// Everything known of a number is forgotten; its older events are to be removed from the log.
    Forget {
        /// The number.
        tn: TelephoneNumber,
    },
    /// A label changed.
    LabelChanged(LabelChange),
    /// How a reporter's reports turned out, told to all partitions.
    ReporterStanding(ReporterStanding),
}

impl Payload {
    /// The number that this is about; `None` when it is about none, or about one that is not known.
    ///
    /// Of a call it is the number that is judged: the called one where the source says that it was inbound, else the calling
    /// one. A call-back is about the number that was called.
    #[must_use]
    pub fn tn(&self) -> Option<TelephoneNumber> {
        match self {
            Self::Call(call) if call.direction == Some(model::Direction::Inbound) => call.dest.number(),
            Self::Call(call) => call.orig.number(),
            Self::CallBack(call) => call.dest.number(),
            Self::Piece(piece) => piece.part.orig.and_then(Party::number),
            Self::Report(report) => Some(report.tn),
            Self::Forget { tn } => Some(*tn),
            Self::LabelChanged(change) => Some(change.tn),
            Self::Tick { .. } | Self::PolicyActivated { .. } | Self::ReporterStanding(_) => None,
        }
    }

    /// Tells whether this names one of some numbers, as the one it is about or as another end. A tombstone names none: it must
    /// outlive what it buries.
    #[must_use]
    pub fn names(&self, numbers: &BTreeSet<TelephoneNumber>) -> bool {
        let is = |party: Party| party.number().is_some_and(|tn| numbers.contains(&tn));
        match self {
            Self::Call(call) | Self::CallBack(call) => is(call.orig) || is(call.dest),
            Self::Piece(piece) => piece.part.orig.is_some_and(is) || piece.part.dest.is_some_and(is),
            Self::Report(report) => {
                is(Party::Number(report.tn)) || report.reporter_tn.map(Party::Number).is_some_and(is)
            }
            Self::LabelChanged(change) => numbers.contains(&change.tn),
            Self::Forget { .. } | Self::Tick { .. } | Self::PolicyActivated { .. } | Self::ReporterStanding(_) => false,
        }
    }
}

/// A change of a label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LabelChange {
    /// The number whose label changed.
    pub tn: TelephoneNumber,
    /// The key of the analytics engine, as the directory has it.
    pub engine: Box<str>,
    /// The label before.
    pub from: Label,
    /// The label after.
    pub to: Label,
    /// From when the label is shown.
    pub effective_at: Timestamp,
    /// When it was decided; later than `effective_at` where late data or a new policy decided it.
    pub decided_at: Timestamp,
    /// The version of the policy that decided.
    pub policy_version: Box<str>,
    /// A rise between two ticks, which the next tick confirms or withdraws.
    pub provisional: bool,
    /// The codes of the reasons, the weightiest first.
    pub reasons: Vec<Box<str>>,
}

/// A change in how many of a reporter's reports were borne out by the reported numbers' conduct, and how many contradicted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReporterStanding {
    /// The keyed hash that stands for the reporter.
    pub reporter: u64,
    /// The 00:00 UTC from which the change counts.
    pub as_of: Timestamp,
    /// Reports borne out since the last broadcast; negative where conduct no longer says so.
    pub borne_out: i32,
    /// Reports contradicted since the last broadcast; negative where conduct no longer says so.
    pub contradicted: i32,
    /// The version of the policy that read the conduct.
    pub policy_version: Box<str>,
}
