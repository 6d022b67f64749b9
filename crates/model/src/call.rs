//! One call, as a source recorded it.

use crate::outcome::{Observable, Outcome};
use crate::time::Timestamp;
use crate::tn::TelephoneNumber;

/// One end of a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Party {
    /// A public telephone number.
    Number(TelephoneNumber),
    /// An internal extension of one to seven digits, as an exchange writes it.
    Extension(u32),
    /// The caller withheld its number.
    Anonymous,
}

impl Party {
    /// The public number, if this end has one.
    #[must_use]
    pub const fn number(self) -> Option<TelephoneNumber> {
        match self {
            Self::Number(tn) => Some(tn),
            Self::Extension(_) | Self::Anonymous => None,
        }
    }
}

/// Which way a call went, seen from the owner of the records.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Direction {
    /// The owner's number called somebody: `orig` is judged.
    Outbound,
    /// Somebody called the owner's number back: `dest` is judged.
    Inbound,
    /// Both ends belong to the owner's exchange: nobody is judged.
    Internal,
}

/// Who ended an answered call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HangupBy {
    /// The caller.
    Orig,
    /// The called person.
    Dest,
    /// The network.
    Network,
}

/// The STIR/SHAKEN attestation that the terminating carrier saw (RFC 8588 §4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Attestation {
    /// `A`: the provider knows the customer and its right to the number.
    Full,
    /// `B`: the provider knows the customer only.
    Partial,
    /// `C`: the provider knows only where the call entered.
    Gateway,
    /// The call carried no valid signature.
    Unsigned,
}

/// A terminating carrier: its place in the directory of carriers that the reader of the records was given.
///
/// At most 62 carriers are told apart in facts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CarrierId(pub u8);

/// 128 bits that stand for a record's `(source, id)`, equal when and only when both are (up to collision
/// at 2⁻⁶⁴ for billions of records).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordKey(pub u128);

/// One finished call as a source recorded it. Records are immutable; a correction is another record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallRecord {
    /// Stands for the record's source and id; `None` when the record has no id and so is never taken for a
    /// duplicate.
    pub key: Option<RecordKey>,
    /// When the call was placed.
    pub at: Timestamp,
    /// When we learned of the call; `None` means at its end.
    pub known_at: Option<Timestamp>,
    /// The calling end.
    pub orig: Party,
    /// The called end.
    pub dest: Party,
    /// The direction that the source itself states; `None` when it does not say.
    pub direction: Option<Direction>,
    /// The terminating carrier; `None` when unknown.
    pub carrier: Option<CarrierId>,
    /// What became of the call.
    pub outcome: Outcome,
    /// What this source could have shown.
    pub observable: Observable,
    /// Milliseconds from the placing of the call to its answer or end; `None` when unknown.
    pub ring_ms: Option<u32>,
    /// Milliseconds from answer to end; `None` when unknown or not answered.
    pub talk_ms: Option<u32>,
    /// Who ended the call; `None` when unknown.
    pub hangup_by: Option<HangupBy>,
    /// The attestation; `None` when unknown.
    pub attestation: Option<Attestation>,
    /// Where a block may be contested (`url=`, `tel=` or `email=` of a 603+ Reason header), if the call was blocked
    /// and the answer said so.
    pub redress: Option<Box<str>>,
}

impl CallRecord {
    /// When the call ended: its start plus the ring and talk times that are known.
    #[must_use]
    #[inline]
    pub fn end(&self) -> Timestamp {
        let ms = i64::from(self.ring_ms.unwrap_or(0)) + i64::from(self.talk_ms.unwrap_or(0));
        self.at.saturating_add_ms(ms)
    }

    /// When a verdict may first use this call.
    #[must_use]
    #[inline]
    pub fn known(&self) -> Timestamp {
        self.known_at.unwrap_or_else(|| self.end()).max(self.at)
    }
}
