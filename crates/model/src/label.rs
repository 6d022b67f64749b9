//! What is shown beside a call.

use std::fmt;

/// What the called person sees, in rising order: `None < PotentialSpam < SpamLikely < Spam`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[repr(u8)]
pub enum Label {
    /// Nothing is shown.
    #[default]
    None,
    /// "Potential Spam".
    PotentialSpam,
    /// "Spam Likely".
    SpamLikely,
    /// "Spam".
    Spam,
}

impl Label {
    /// All labels, in rising order.
    pub const ALL: [Self; 4] = [Self::None, Self::PotentialSpam, Self::SpamLikely, Self::Spam];

    /// The word used in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::PotentialSpam => "potential_spam",
            Self::SpamLikely => "spam_likely",
            Self::Spam => "spam",
        }
    }

    /// The words that a person reads; an engine's phrasebook may have its own.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::None => "No label",
            Self::PotentialSpam => "Potential Spam",
            Self::SpamLikely => "Spam Likely",
            Self::Spam => "Spam",
        }
    }

    /// The next label up; `Spam` stays.
    #[must_use]
    pub const fn up(self) -> Self {
        match self {
            Self::None => Self::PotentialSpam,
            Self::PotentialSpam => Self::SpamLikely,
            Self::SpamLikely | Self::Spam => Self::Spam,
        }
    }

    /// The next label down; `None` stays.
    #[must_use]
    pub const fn down(self) -> Self {
        match self {
            Self::None | Self::PotentialSpam => Self::None,
            Self::SpamLikely => Self::PotentialSpam,
            Self::Spam => Self::SpamLikely,
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a number stands over time, in number owners' words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// Labelled now.
    Flagged,
    /// Labelled on at least 3 of the last 14 days, or cleared less than 7 days ago.
    MixedHigh,
    /// Any label in the last 90 days.
    MixedLow,
    /// Enough calls, and no label.
    Unflagged,
    /// Too few calls for an opinion.
    Unknown,
}

impl Status {
    /// The word used in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flagged => "flagged",
            Self::MixedHigh => "mixed_high",
            Self::MixedLow => "mixed_low",
            Self::Unflagged => "unflagged",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
