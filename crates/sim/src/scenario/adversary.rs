//! The adversaries that play against a policy, and how far each goes at full strength.

use serde::{Deserialize, Serialize};

use super::class::SpoofedBy;

/// Who plays against the policy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adversary {
    /// Unwanted callers spread their calls over many short-lived numbers of filled blocks.
    NumberRotation,
    /// Unwanted callers hold their hang-ups for 7 to 12 seconds.
    Padding,
    /// Unwanted callers call lists that are checked for numbers in service.
    CleanLists,
    /// Clean lists and padded calls together.
    CleanPadding,
    /// Unwanted callers dial every destination twice.
    Redial,
    /// Unwanted callers call little, for long.
    LowAndSlow,
    /// New accounts report legitimate numbers that never called them.
    ComplaintBombing,
    /// New accounts praise unwanted numbers.
    PraiseBombing,
    /// Unwanted numbers call a ring of friends who pick up and stay on the line.
    FriendlyRing,
    /// Unwanted numbers behave like a small firm before they begin.
    AgeThenBurst,
    /// Unwanted callers show the numbers of innocent people.
    SpoofInnocent,
    /// Legitimate callers are answered less and hung up on more, without a fault of theirs.
    Drift,
    /// Legitimate callers behave badly for a while and then well again.
    LockIn,
}

impl Adversary {
    /// All adversaries.
    pub const ALL: [Self; 13] = [
        Self::NumberRotation,
        Self::Padding,
        Self::CleanLists,
        Self::CleanPadding,
        Self::Redial,
        Self::LowAndSlow,
        Self::ComplaintBombing,
        Self::PraiseBombing,
        Self::FriendlyRing,
        Self::AgeThenBurst,
        Self::SpoofInnocent,
        Self::Drift,
        Self::LockIn,
    ];

    /// The word that names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NumberRotation => "number_rotation",
            Self::Padding => "padding",
            Self::CleanLists => "clean_lists",
            Self::CleanPadding => "clean_padding",
            Self::Redial => "redial",
            Self::LowAndSlow => "low_and_slow",
            Self::ComplaintBombing => "complaint_bombing",
            Self::PraiseBombing => "praise_bombing",
            Self::FriendlyRing => "friendly_ring",
            Self::AgeThenBurst => "age_then_burst",
            Self::SpoofInnocent => "spoof_innocent",
            Self::Drift => "drift",
            Self::LockIn => "lock_in",
        }
    }

    /// Reads the word; `None` for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|adversary| adversary.as_str() == word)
    }
}

/// How far each adversary goes at strength 1; at strength 0 nothing is changed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adversaries {
    /// See [`Adversary::NumberRotation`].
    pub number_rotation: Rotation,
    /// The share of hang-ups that is held, by unwanted callers of all classes.
    pub padding: Padding,
    /// What is left of invalid destinations.
    pub clean_lists: CleanLists,
    /// The share of new destinations that are dialled twice.
    pub redial: Redial,
    /// See [`Adversary::LowAndSlow`].
    pub low_and_slow: Slow,
    /// See [`Adversary::ComplaintBombing`].
    pub complaint_bombing: Bombing,
    /// See [`Adversary::PraiseBombing`].
    pub praise_bombing: Bombing,
    /// See [`Adversary::FriendlyRing`].
    pub friendly_ring: Ring,
    /// See [`Adversary::AgeThenBurst`].
    pub age_then_burst: Aging,
    /// See [`Adversary::SpoofInnocent`].
    pub spoof_innocent: Spoofing,
    /// See [`Adversary::Drift`].
    pub drift: Drift,
    /// See [`Adversary::LockIn`].
    pub lock_in: LockIn,
}

/// Many numbers with few calls each.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// Calls a day of each number.
    pub calls_per_day: f64,
    /// Days that a number is in use.
    pub life_d: f64,
    /// Numbers that fill a block.
    pub per_block: u32,
}

/// Hang-ups that are held.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Padding {
    /// The share of hang-ups that is held.
    pub padded: f64,
}

/// Lists that were checked.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CleanLists {
    /// The share of destinations that are still out of service.
    pub invalid: f64,
}

/// Destinations that are dialled twice.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redial {
    /// The share of new destinations that are.
    pub redial: f64,
}

/// Few calls a day for many days.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slow {
    /// Calls a day.
    pub calls_per_day: f64,
    /// Days that a number is in use.
    pub life_d: f64,
}

/// Reports by accounts that were never called.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bombing {
    /// The share of numbers that are aimed at.
    pub targets: f64,
    /// Reports about each, within a day.
    pub accounts: u32,
    /// Days since the oldest of the accounts was made.
    pub account_age_d: f64,
    /// How many networks they come from.
    pub networks: u32,
}

/// A ring of friends.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ring {
    /// The population whose behaviour its calls copy.
    pub class: String,
    /// How many friends there are.
    pub friends: u32,
    /// Calls to friends beside each ordinary call.
    pub calls_per_call: f64,
    /// The share of them that is answered.
    pub answered: f64,
}

/// Good behaviour beforehand.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aging {
    /// The population whose behaviour is copied.
    pub class: String,
    /// For how many days.
    pub age_d: f64,
}

/// Innocent numbers that others show.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spoofing {
    /// The share of legitimate numbers that are shown.
    pub targets: f64,
    /// By whom.
    pub by: SpoofedBy,
}

/// A change of how people answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// What is lost of the answer rate.
    pub answered: f64,
    /// What is added to the short share.
    pub short: f64,
    /// Over how many of the first days it comes about.
    pub after_d: f64,
}

/// A bad beginning.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockIn {
    /// The share of the legitimate numbers with calls enough that have one.
    pub targets: f64,
    /// The population whose behaviour it copies.
    pub class: String,
    /// For how many days.
    pub bad_d: f64,
}
