//! Symptoms: what a number's owner can see in its own records, without any estimate of ours.
//!
//! Calls answered "Network Blocked", calls refused as unwanted, an answer rate that breaks at one carrier, and reports about
//! calls that the number never placed. They are shown first, beside the labels.

mod break_test;
mod days;
mod find;
mod policy;

use model::{CarrierId, Timestamp};
use serde::Deserialize;

use crate::facts::Cell;
use crate::replay::End;
use crate::timeline::Circumstances;

pub use days::{Rate, SiblingDays};
pub use find::{symptoms, symptoms_of_totals};
pub use policy::{BreakPolicy, SymptomPolicy};

/// A kind of symptom. `docs/reference/symptoms.md` has a heading for each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[repr(u8)]
pub enum SymptomCode {
    /// Calls were answered 603+ or 608.
    BlockedByAnalytics,
    /// Calls were refused with a 607, or ended by one.
    #[serde(rename = "UNWANTED_607")]
    Unwanted607,
    /// The answer rate fell and stayed down.
    AnswerRateBreak,
    /// Others probably show this number.
    SpoofedUse,
}

impl SymptomCode {
    /// All symptoms, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::BlockedByAnalytics, Self::Unwanted607, Self::AnswerRateBreak, Self::SpoofedUse];

    /// The code, as output and documentation spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BlockedByAnalytics => "BLOCKED_BY_ANALYTICS",
            Self::Unwanted607 => "UNWANTED_607",
            Self::AnswerRateBreak => "ANSWER_RATE_BREAK",
            Self::SpoofedUse => "SPOOFED_USE",
        }
    }
}

/// What symptoms are looked for in.
#[derive(Clone, Copy)]
pub struct SymptomInputs<'a> {
    /// The number's calls, sorted by the hour in which they became known.
    pub calls: &'a [Cell],
    /// The moment that the symptoms are for.
    pub end: End,
    /// Reports on the number, among others.
    pub about: &'a Circumstances<'a>,
    /// Addresses that blocked calls named; empty when none did or none was kept.
    pub redress: &'a [Redress],
}

/// An address at which a block can be contested, as a 603+ or 608 names it (ATIS-1000099: `url=`, `tel=` or `email=`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Redress {
    /// The address.
    pub address: String,
    /// How many calls named it.
    pub count: u64,
    /// When it was first named.
    pub first_seen: Timestamp,
}

/// One symptom. [`SymptomPolicy::text`] puts it into words.
#[derive(Clone, PartialEq, Debug)]
pub struct Symptom {
    /// What it is.
    pub code: SymptomCode,
    /// Blocked: share of the calls that could show it. Unwanted: calls. Break: the answer rate since. Spoofed: reports.
    pub value: f64,
    /// How many calls or reports show it. Spoofed: the owner's own statements. Break: calls answered since.
    pub count: u64,
    /// How many calls could show it; spoofed: reports looked at.
    pub sample: u64,
    /// The hour in which it was first seen; for a break the day.
    pub first_seen: Timestamp,
    /// The hour in which it was last seen; for a break the last day with calls.
    pub last_seen: Timestamp,
    /// The carrier at which it shows; `None` when at several, or when the carrier is not known.
    pub carrier: Option<CarrierId>,
    /// Blocked calls by carrier, the most blocked first; empty for other symptoms.
    pub by_carrier: Vec<CarrierBlocks>,
    /// Where a block can be contested, the most named first.
    pub redress: Vec<Redress>,
    /// The test behind a break; `None` for other symptoms.
    pub test: Option<BreakTest>,
}

/// Blocked calls at one carrier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CarrierBlocks {
    /// The carrier; `None` when not known.
    pub carrier: Option<CarrierId>,
    /// Blocked calls.
    pub count: u64,
    /// Calls that could show a block.
    pub sample: u64,
    /// The hour in which the first was blocked.
    pub first_seen: Timestamp,
}

/// The test of a broken answer rate.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BreakTest {
    /// Answers before the break.
    pub before: Rate,
    /// Answers since.
    pub after: Rate,
    /// The likelihood ratio G, divided by the days' overdispersion.
    pub statistic: f64,
    /// The chance of so great a fall by accident, over all days and carriers tried.
    pub p: f64,
    /// What the owner's other numbers did.
    pub siblings: Siblings,
}

/// What the owner's other numbers did at the same carrier, before and since the same day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Siblings {
    /// They kept their rate, or fell clearly less.
    Hold {
        /// Before the day.
        before: Rate,
        /// Since.
        after: Rate,
    },
    /// They fell about as far: it is not this number's own.
    Fall {
        /// Before the day.
        before: Rate,
        /// Since.
        after: Rate,
    },
    /// There are none, or too few of their calls.
    Unknown,
}

#[cfg(test)]
mod tests;
