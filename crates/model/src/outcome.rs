//! What became of a call, how sure the record is of it, and what its source could have shown.

use std::fmt;

/// What became of a call. The names are those of the `outcome` field of a call record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum CallOutcome {
    /// Somebody or something picked up.
    Answered,
    /// It rang, or the subscriber was absent, and nobody picked up.
    NoAnswer,
    /// The line was engaged.
    Busy,
    /// The called person refused the call.
    Declined,
    /// The caller gave up before an answer.
    Cancelled,
    /// The number called is not in service or does not exist.
    Invalid,
    /// A network or policy failure; says nothing of the number called.
    Unreachable,
    /// Blocked by call analytics: a 603 "Network Blocked" (ATIS-1000099) or a 608 (RFC 8688).
    Blocked,
    /// Refused with a 607 (RFC 8197): the called person does not want this caller.
    Unwanted,
    /// Failed for a cause that the record does not tell.
    Failed,
}

impl CallOutcome {
    /// All outcomes, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::Answered,
        Self::NoAnswer,
        Self::Busy,
        Self::Declined,
        Self::Cancelled,
        Self::Invalid,
        Self::Unreachable,
        Self::Blocked,
        Self::Unwanted,
        Self::Failed,
    ];

    /// The word used in call records and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Invalid => "invalid",
            Self::Unreachable => "unreachable",
            Self::Blocked => "blocked",
            Self::Unwanted => "unwanted",
            Self::Failed => "failed",
        }
    }

    /// Reads the word used in call records; `None` for any other.
    #[must_use]
    pub fn from_word(word: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str().as_bytes() == word)
    }
}

impl fmt::Display for CallOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far an outcome may be trusted as evidence. Order: `Weak < Medium < Strong`.
///
/// For [`CallOutcome::Invalid`]: strong counts as one invalid destination, medium as a half, weak as none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Strength {
    /// A hint only.
    Weak,
    /// Usually right, but networks miscode it.
    Medium,
    /// The network says so in so many words.
    Strong,
}

impl Strength {
    /// The word used in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Medium => "medium",
            Self::Strong => "strong",
        }
    }
}

/// What a call ended as, together with the strength of that statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// What became of the call.
    pub class: CallOutcome,
    /// How far the class may be trusted.
    pub strength: Strength,
    /// A person called this call unwanted (607 as the final answer, or in the BYE of an answered call).
    pub unwanted: bool,
}

impl Outcome {
    /// An outcome without a 607.
    #[must_use]
    pub const fn new(class: CallOutcome, strength: Strength) -> Self {
        Self { class, strength, unwanted: matches!(class, CallOutcome::Unwanted) }
    }
}

/// What a record's source could have shown, whether or not this call shows it.
///
/// A source that cannot show a thing neither proves nor dilutes it: each rate counts only the calls
/// that could have shown it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Observable {
    /// The source tells an invalid number from other failures.
    pub invalid: bool,
    /// The source tells an answered call from an unanswered one.
    pub answer: bool,
    /// The source tells blocks by analytics (603 "Network Blocked", 608) from other refusals.
    pub blocked: bool,
}

impl Observable {
    /// A source that shows the final SIP answer or the Q.850 cause, and so everything.
    pub const ALL: Self = Self { invalid: true, answer: true, blocked: true };
    /// A source that only tells answered from unanswered.
    pub const ANSWER: Self = Self { invalid: false, answer: true, blocked: false };
}
