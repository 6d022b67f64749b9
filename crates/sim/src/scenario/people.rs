//! The people that are called, and what they do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The people that are called.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// Market share of each carrier, by its key in `engines.toml`; what is missing from 1 is served by nobody listed.
    pub carriers: BTreeMap<String, f64>,
    /// The share of calls whose attestation the terminating carrier does not record.
    pub attestation_unseen: f64,
    /// The share of a caller's calls that are signed as most of its calls are; the others follow its class's shares.
    pub attestation_constant: f64,
    /// The share of answered calls that the caller ends, of those that are not hang-ups at once.
    pub caller_hangs_up: f64,
    /// The share of out-of-service destinations whose network says so unmistakably.
    pub invalid_strong: f64,
    /// Seconds between which a padded hang-up is held.
    pub padding_s: [f64; 2],
    /// The share of reports that name the reporter's own telephone number.
    pub reporter_named: f64,
    /// The share of reports that call it fraud.
    pub report_fraud: f64,
    /// What becomes of unanswered calls beside those that are refused or given up early.
    pub unanswered: Unanswered,
    /// The time from a call to its report.
    pub report_delay: Delay,
    /// What a shown label does to answering.
    pub label_effect: LabelEffect,
}

/// What becomes of unanswered calls that nobody refused: shares of them.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unanswered {
    /// The line is engaged.
    pub busy: f64,
    /// The network fails.
    pub unreachable: f64,
    /// Failed for a cause that the record does not tell.
    pub failed: f64,
}

/// A delay: log-normal.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    /// The median in hours.
    pub median_h: f64,
    /// The share that is over within 24 hours.
    pub within_24h: f64,
}

/// What a shown label leaves of the answers, as factors.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelEffect {
    /// Under "Potential Spam".
    pub potential_spam: f64,
    /// Under "Spam Likely".
    pub spam_likely: f64,
    /// Under "Spam".
    pub spam: f64,
}

impl LabelEffect {
    /// The factor under a label.
    #[must_use]
    pub const fn of(&self, label: model::Label) -> f64 {
        match label {
            model::Label::None => 1.0,
            model::Label::PotentialSpam => self.potential_spam,
            model::Label::SpamLikely => self.spam_likely,
            model::Label::Spam => self.spam,
        }
    }
}
