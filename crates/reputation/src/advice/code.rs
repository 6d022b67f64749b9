//! The rules by name, and how a number can do by one.

use serde::Deserialize;

/// A rule of good calling practice. `docs/reference/advice.md` has a heading for each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[repr(u8)]
pub enum AdviceCode {
    /// Share of answered calls that are short.
    ShortCallShare,
    /// Share of destinations that are not in service.
    InvalidDestinations,
    /// Share of destinations that are called too often on one day.
    RepeatCalls,
    /// Calls in the busiest hour.
    CallsPerHour,
    /// Calls on the busiest day.
    CallsPerDay,
    /// A day's calls against the days before it.
    VolumeSpike,
    /// Share of unanswered calls that were given up early.
    RingTime,
    /// Share of calls that the caller cancelled before an answer.
    Abandoned,
    /// Share of calls outside calling hours.
    OutOfHours,
    /// Share of calls to the number's own area code and exchange.
    NeighbourPattern,
    /// Share of destinations that several of the owner's numbers call.
    CallerIdRotation,
    /// Purposes that one number serves.
    MixedPurposes,
    /// Registration of the number.
    MissingRegistration,
    /// Share of calls signed below attestation A.
    Attestation,
}

impl AdviceCode {
    /// All rules, in the order in which they are shown.
    pub const ALL: [Self; 14] = [
        Self::ShortCallShare,
        Self::InvalidDestinations,
        Self::RepeatCalls,
        Self::CallsPerHour,
        Self::CallsPerDay,
        Self::VolumeSpike,
        Self::RingTime,
        Self::Abandoned,
        Self::OutOfHours,
        Self::NeighbourPattern,
        Self::CallerIdRotation,
        Self::MixedPurposes,
        Self::MissingRegistration,
        Self::Attestation,
    ];

    /// The code, as output and documentation spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ShortCallShare => "SHORT_CALL_SHARE",
            Self::InvalidDestinations => "INVALID_DESTINATIONS",
            Self::RepeatCalls => "REPEAT_CALLS",
            Self::CallsPerHour => "CALLS_PER_HOUR",
            Self::CallsPerDay => "CALLS_PER_DAY",
            Self::VolumeSpike => "VOLUME_SPIKE",
            Self::RingTime => "RING_TIME",
            Self::Abandoned => "ABANDONED",
            Self::OutOfHours => "OUT_OF_HOURS",
            Self::NeighbourPattern => "NEIGHBOUR_PATTERN",
            Self::CallerIdRotation => "CALLER_ID_ROTATION",
            Self::MixedPurposes => "MIXED_PURPOSES",
            Self::MissingRegistration => "MISSING_REGISTRATION",
            Self::Attestation => "ATTESTATION",
        }
    }
}

/// How a number does by a rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AdviceState {
    /// The rule is met.
    Met,
    /// The target is missed, the limit is not.
    Near,
    /// The limit is passed.
    Broken,
    /// The rule does not hold for numbers of this purpose.
    Off,
    /// The facts are not known.
    Unknown(Why),
}

/// Why a rule's facts are not known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Why {
    /// The records do not show it.
    NotShown,
    /// Too few calls or destinations show it.
    Few,
}

impl AdviceState {
    /// The word for output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Near => "near",
            Self::Broken => "broken",
            Self::Off => "off",
            Self::Unknown(_) => "unknown",
        }
    }
}
