//! The kind of a call: everything about it that is counted, in 19 bits.

use model::{Attestation, CallOutcome, CallRecord, Direction, Strength};

/// Upper edges of the length histogram of answered calls, in seconds; an edge belongs to the bin below it.
pub const LENGTH_EDGES_S: [u32; 9] = [3, 6, 10, 12, 15, 20, 30, 60, 120];

/// An inbound call counts as a call-back when it lasts longer than this many milliseconds.
const CALL_BACK_MS: u32 = 30_000;

/// How a call ended, as facts tell it apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Ended {
    /// Answered.
    Answered,
    /// Answered, and ended by a 607.
    AnsweredUnwanted,
    /// Rang out, or the subscriber was absent.
    NoAnswer,
    /// Busy.
    Busy,
    /// Refused by the called person.
    Declined,
    /// Given up by the caller.
    Cancelled,
    /// The number is not in service, says the network in so many words.
    InvalidStrong,
    /// The number is probably not in service.
    InvalidMedium,
    /// A network or policy failure.
    Unreachable,
    /// Blocked by analytics.
    Blocked,
    /// Refused with a 607.
    Unwanted,
    /// Failed for an unknown cause, or with only a weak hint of an invalid number.
    Failed,
    /// Somebody called back, and talked for more than 30 s.
    CalledBack,
    /// Somebody called back, and was answered for 30 s or less.
    CalledBackBriefly,
    /// Somebody called back, and was not answered.
    CalledBackUnanswered,
}

impl Ended {
    pub(super) const ALL: [Self; 15] = [
        Self::Answered,
        Self::AnsweredUnwanted,
        Self::NoAnswer,
        Self::Busy,
        Self::Declined,
        Self::Cancelled,
        Self::InvalidStrong,
        Self::InvalidMedium,
        Self::Unreachable,
        Self::Blocked,
        Self::Unwanted,
        Self::Failed,
        Self::CalledBack,
        Self::CalledBackBriefly,
        Self::CalledBackUnanswered,
    ];

    /// Tells whether the call was placed by the number that is judged.
    #[must_use]
    pub const fn is_attempt(self) -> bool {
        !matches!(self, Self::CalledBack | Self::CalledBackBriefly | Self::CalledBackUnanswered)
    }

    /// Tells whether the called person picked up.
    #[must_use]
    pub const fn is_answered(self) -> bool {
        matches!(self, Self::Answered | Self::AnsweredUnwanted)
    }
}

/// How long a call that nobody answered rang before it ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum RingClass {
    /// Not known.
    Unknown,
    /// Less than 15 s.
    Under15,
    /// 15 s to less than 30 s.
    Under30,
    /// 30 s or more.
    Full,
}

/// The kind of a call.
///
/// Bits, from the lowest: 0–3 [`Ended`]; 4–7 length bin + 1 of an answered call, 0 unknown; 8–9 [`RingClass`]; 10 caller and
/// called share area code and exchange; 11–12 calling hours (0 unknown, 1 inside, 2 outside); 13–15 attestation (0 unknown,
/// A, B, C, unsigned); 16 the source shows invalid numbers; 17 shows answers; 18 shows blocks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Kind(u32);

impl Kind {
    /// How many bits a kind takes.
    pub const BITS: u32 = 19;

    /// The kind of a call, seen from the number that is judged (`direction` tells which end that is).
    ///
    /// `off_hours` tells whether the called person's local time lies outside calling hours; `None` when it is not known.
    #[must_use]
    #[inline]
    pub fn of(call: &CallRecord, direction: Direction, off_hours: Option<bool>) -> Self {
        let ended = ended(call, direction);
        // Whether a call was answered is a matter of chance, so no branch hangs on it.
        let length =
            (1 + length_bin(call.talk_ms.unwrap_or(0))) * u32::from(ended.is_answered() & call.talk_ms.is_some());
        let ring = ring_class(call.ring_ms.unwrap_or(0)) * u32::from(!ended.is_answered() & call.ring_ms.is_some());
        let neighbour = match (call.orig.number(), call.dest.number()) {
            (Some(orig), Some(dest)) => orig.nanp().is_some() && orig.block() == dest.block(),
            _ => false,
        };
        let hours = off_hours.map_or(0, |off| 1 + u32::from(off));
        let attestation = call.attestation.map_or(0, |attestation| match attestation {
            Attestation::Full => 1,
            Attestation::Partial => 2,
            Attestation::Gateway => 3,
            Attestation::Unsigned => 4,
        });
        Self(
            ended as u32
                | length << 4
                | ring << 8
                | u32::from(neighbour) << 10
                | hours << 11
                | attestation << 13
                | u32::from(call.observable.invalid) << 16
                | u32::from(call.observable.answer) << 17
                | u32::from(call.observable.blocked) << 18,
        )
    }

    /// The kind with these bits.
    #[must_use]
    pub(super) const fn from_bits(bits: u32) -> Self {
        Self(bits & ((1 << Self::BITS) - 1))
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// How the call ended.
    #[must_use]
    pub fn ended(self) -> Ended {
        Ended::ALL.get((self.0 & 15) as usize).copied().unwrap_or(Ended::Failed)
    }

    /// The length bin of an answered call, 0 to 9 by [`LENGTH_EDGES_S`]; `None` when its length is not known.
    #[must_use]
    pub const fn length_bin(self) -> Option<u32> {
        (self.0 >> 4 & 15).checked_sub(1)
    }

    /// How long a call that nobody answered rang.
    #[must_use]
    pub const fn ring(self) -> RingClass {
        match self.0 >> 8 & 3 {
            1 => RingClass::Under15,
            2 => RingClass::Under30,
            3 => RingClass::Full,
            _ => RingClass::Unknown,
        }
    }

    /// Caller and called share area code and exchange.
    #[must_use]
    pub const fn is_neighbour(self) -> bool {
        self.0 >> 10 & 1 == 1
    }

    /// Whether the call came outside calling hours; `None` when not known.
    #[must_use]
    pub const fn off_hours(self) -> Option<bool> {
        match self.0 >> 11 & 3 {
            1 => Some(false),
            2 => Some(true),
            _ => None,
        }
    }

    /// The attestation; `None` when not known.
    #[must_use]
    pub const fn attestation(self) -> Option<Attestation> {
        match self.0 >> 13 & 7 {
            1 => Some(Attestation::Full),
            2 => Some(Attestation::Partial),
            3 => Some(Attestation::Gateway),
            4 => Some(Attestation::Unsigned),
            _ => None,
        }
    }

    /// The source could have shown an invalid number.
    #[must_use]
    pub const fn shows_invalid(self) -> bool {
        self.0 >> 16 & 1 == 1
    }

    /// The source tells answered from unanswered.
    #[must_use]
    pub const fn shows_answer(self) -> bool {
        self.0 >> 17 & 1 == 1
    }

    /// What the source could have shown: 1 an invalid number, 2 an answer, 4 a block, added up.
    pub(super) const fn shows(self) -> u32 {
        self.0 >> 16 & 7
    }

    /// Ring time, neighbourhood, calling hours or attestation is known.
    pub(super) const fn is_circumstantial(self) -> bool {
        self.0 >> 8 & 0xff != 0
    }

    /// The call counts among those that could have been answered: its source tells, and no network failure or block came between.
    #[must_use]
    pub fn tells_answer(self) -> bool {
        self.shows_answer() && !matches!(self.ended(), Ended::Unreachable | Ended::Blocked)
    }

    /// The source could have shown a block by analytics.
    #[must_use]
    pub const fn shows_blocked(self) -> bool {
        self.0 >> 18 & 1 == 1
    }
}

/// The class of a ring time, as its number.
fn ring_class(ms: u32) -> u32 {
    RingClass::Under15 as u32 + u32::from(ms >= 15_000) + u32::from(ms >= 30_000)
}

/// The longest length that the last edge takes in, in seconds, and one more.
const LENGTHS: usize = LENGTH_EDGES_S[LENGTH_EDGES_S.len() - 1] as usize + 2;

/// The bin of a length: the first edge that it does not exceed, or one past the last.
fn length_bin(ms: u32) -> u32 {
    // Edges are whole seconds, so a length lies above one as soon as its seconds, begun ones included, do.
    let s = (ms.div_ceil(1000) as usize).min(LENGTHS - 1);
    LENGTH_BINS.get(s).copied().map_or(0, u32::from)
}

/// The bin of each length in whole seconds; the last stands for all that are longer.
static LENGTH_BINS: [u8; LENGTHS] = {
    let mut bins = [0; LENGTHS];
    let (mut s, mut bin) = (0, 0);
    while s < LENGTHS {
        if bin < LENGTH_EDGES_S.len() && s > LENGTH_EDGES_S[bin] as usize {
            bin += 1;
        }
        bins[s] = bin as u8;
        s += 1;
    }
    bins
};

#[inline]
fn ended(call: &CallRecord, direction: Direction) -> Ended {
    let outcome = call.outcome;
    if direction == Direction::Inbound {
        return match (outcome.class, call.talk_ms) {
            (CallOutcome::Answered, Some(CALL_BACK_MS_PLUS..)) => Ended::CalledBack,
            (CallOutcome::Answered, _) => Ended::CalledBackBriefly,
            _ => Ended::CalledBackUnanswered,
        };
    }
    if outcome.unwanted && outcome.class == CallOutcome::Answered {
        return Ended::AnsweredUnwanted;
    }
    let by_strength = ENDED.get(outcome.class as usize);
    by_strength.and_then(|ended| ended.get(outcome.strength as usize)).copied().unwrap_or(Ended::Failed)
}

/// How an outbound call ended, by its outcome's class and strength: from a table, where a branch would be a matter of chance.
static ENDED: [[Ended; 3]; CallOutcome::ALL.len()] = {
    let mut table = [[Ended::Failed; 3]; CallOutcome::ALL.len()];
    let mut at = 0;
    while at < table.len() {
        let class = CallOutcome::ALL[at];
        table[class as usize] =
            [ended_as(class, Strength::Weak), ended_as(class, Strength::Medium), ended_as(class, Strength::Strong)];
        at += 1;
    }
    table
};

const fn ended_as(class: CallOutcome, strength: Strength) -> Ended {
    match class {
        CallOutcome::Answered => Ended::Answered,
        CallOutcome::NoAnswer => Ended::NoAnswer,
        CallOutcome::Busy => Ended::Busy,
        CallOutcome::Declined => Ended::Declined,
        CallOutcome::Cancelled => Ended::Cancelled,
        CallOutcome::Invalid => match strength {
            Strength::Strong => Ended::InvalidStrong,
            Strength::Medium => Ended::InvalidMedium,
            Strength::Weak => Ended::Failed,
        },
        CallOutcome::Unreachable => Ended::Unreachable,
        CallOutcome::Blocked => Ended::Blocked,
        CallOutcome::Unwanted => Ended::Unwanted,
        CallOutcome::Failed => Ended::Failed,
    }
}

const CALL_BACK_MS_PLUS: u32 = CALL_BACK_MS + 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_belongs_to_the_bin_below() {
        for (ms, bin) in [(0, 0), (3000, 0), (3001, 1), (6000, 1), (6001, 2), (120_000, 8), (120_001, 9)] {
            assert_eq!(length_bin(ms), bin, "{ms}");
        }
        assert_eq!(length_bin(u32::MAX), 9);
    }

    #[test]
    fn ring_times_have_three_classes() {
        for (ms, class) in [
            (0, RingClass::Under15),
            (14_999, RingClass::Under15),
            (15_000, RingClass::Under30),
            (29_999, RingClass::Under30),
            (30_000, RingClass::Full),
            (u32::MAX, RingClass::Full),
        ] {
            assert_eq!(ring_class(ms), class as u32, "{ms}");
        }
    }

    #[test]
    fn every_way_to_end_keeps_its_number() {
        for (at, ended) in Ended::ALL.into_iter().enumerate() {
            assert_eq!(ended as usize, at);
            assert_eq!(Kind::from_bits(ended as u32).ended(), ended);
        }
    }
}
