//! Facts that an operator trusts outright: do-not-originate lists, unallocated numbers, honeypots, tracebacks.

use crate::time::Timestamp;
use crate::tn::TelephoneNumber;

/// The kind of a trusted fact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TrustedKind {
    /// The subscriber says that the number never places calls (do not originate).
    Dno,
    /// The numbering administrator has not allocated the number.
    Unallocated,
    /// The number called a trap that no legitimate caller knows.
    Honeypot,
    /// An industry traceback found the number to be the source of unlawful calls.
    Traceback,
}

impl TrustedKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Dno, Self::Unallocated, Self::Honeypot, Self::Traceback];

    /// The word used in trusted-truth files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dno => "dno",
            Self::Unallocated => "unallocated",
            Self::Honeypot => "honeypot",
            Self::Traceback => "traceback",
        }
    }
}

/// What a trusted fact is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TrustedSubject {
    /// One number.
    Number(TelephoneNumber),
    /// Every number whose E.164 digits begin with these.
    Prefix {
        /// The leading digits, read as one integer.
        digits: u64,
        /// How many digits the prefix has (1 to 15).
        len: u8,
    },
}

impl TrustedSubject {
    /// Tells whether the fact is about `tn`.
    #[must_use]
    pub fn covers(self, tn: TelephoneNumber) -> bool {
        match self {
            Self::Number(own) => own == tn,
            Self::Prefix { digits, len } => tn.leading_digits(len) == Some(digits),
        }
    }
}

/// One trusted fact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrustedFact {
    /// The number or prefix that it is about.
    pub subject: TrustedSubject,
    /// Its kind.
    pub kind: TrustedKind,
    /// A hash of the trap's name, so that distinct traps count apart; `None` for other kinds.
    pub trap: Option<u64>,
    /// When it happened; `None` means always.
    pub at: Option<Timestamp>,
    /// When we learned of it; `None` means when it happened.
    pub known_at: Option<Timestamp>,
}

impl TrustedFact {
    /// When a verdict may first use this fact.
    #[must_use]
    pub fn known(&self) -> Timestamp {
        self.known_at.or(self.at).unwrap_or(Timestamp::EPOCH)
    }
}
