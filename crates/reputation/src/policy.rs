//! The policy: every number that turns facts into a rating and a rating into a label. Data, never code.

mod check;
mod overlay;
mod shape;

use std::collections::BTreeMap;

use model::Label;
use serde::Deserialize;

pub use check::PolicyError;
pub(crate) use overlay::merge;
pub use overlay::{Overlay, Setting};
pub use shape::{Form, ShapePolicy};

use crate::numeric::{ln_beta, logit};

const SHIPPED_FILE: &str = "reputation.toml (shipped)";

/// One policy, checked. Fields mirror `policy/reputation.toml`, where each number has its unit and source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Names these numbers in every verdict.
    pub version: String,
    /// Panes and decay.
    pub facts: FactsPolicy,
    /// What is known before any evidence.
    pub prior: PriorPolicy,
    /// From log-odds to probability.
    pub calibration: Calibration,
    /// The rates and values that behaviour is judged by.
    pub evidence: EvidencePolicy,
    /// Groups of evidence.
    pub families: FamiliesPolicy,
    /// People's reports.
    pub reports: ReportsPolicy,
    /// The neighbourhood of a number.
    pub block: BlockPolicy,
    /// STIR/SHAKEN attestation.
    pub attestation: AttestationPolicy,
    /// Trusted truth and determinations.
    pub trusted: TrustedPolicy,
    /// Registered and attested callers.
    pub registered: RegisteredPolicy,
    /// How much what speaks for a caller counts.
    pub favour: FavourPolicy,
    /// When there is an opinion at all.
    pub opinion: OpinionPolicy,
    /// Where each label begins.
    pub levels: Levels,
    /// What convicts by itself.
    pub floor: FloorPolicy,
    /// How a label changes over time.
    pub label: LabelPolicy,
    /// The status words.
    pub status: StatusPolicy,
}

/// Panes and decay.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactsPolicy {
    /// Days after which a pane counts half.
    pub half_life_d: f64,
    /// Days that facts are kept.
    pub horizon_d: u32,
    /// Hours for which panes stay hourly.
    pub hourly_for_h: u32,
    /// An answered call of at most this many seconds is short. An edge of the length histogram.
    pub short_call_s: u32,
}

/// What is known before any evidence.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorPolicy {
    /// Share of calling numbers that are unwanted, above 0 and below 1.
    pub unwanted_share: f64,
}

/// From log-odds to probability: `P = logistic(alpha + beta L)`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Added to the log-odds.
    pub alpha: f64,
    /// Multiplies the log-odds; above 0.
    pub beta: f64,
}

/// The rates and values that behaviour is judged by.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "SCREAMING_SNAKE_CASE")]
pub struct EvidencePolicy {
    /// Share of destinations that are not in service.
    pub invalid_destinations: RatePolicy,
    /// Share of attempts that nobody answers.
    pub unanswered: RatePolicy,
    /// Share of answered calls that are short.
    pub short_calls: RatePolicy,
    /// Share of attempts that go to a new destination.
    pub first_calls: RatePolicy,
    /// Mean talk time.
    pub talk_time: TalkTimePolicy,
}

/// A rate as evidence: Beta mixtures over legitimate and unwanted callers, or a learned shape.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatePolicy {
    /// The family that it belongs to.
    pub family: Family,
    /// Factor on the clipped evidence, 0 to 1.
    pub weight: f64,
    /// Bounds in nats.
    pub clip: [f64; 2],
    /// Legitimate callers.
    pub legitimate: Vec<Component>,
    /// Unwanted callers.
    pub unwanted: Vec<Component>,
    /// Days of traffic from which the evidence counts in full; absent means always.
    pub full_span_d: Option<f64>,
    /// Which of the two counts: densities or the shape.
    #[serde(default)]
    pub form: Form,
    /// The shape, with `form = "shape"`; absent with densities.
    pub shape: Option<ShapePolicy>,
}

/// One component of a Beta mixture.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, from = "RawComponent")]
pub struct Component {
    /// Share of the mixture, above 0 and at most 1.
    pub share: f64,
    /// First shape, above 0.
    pub a: f64,
    /// Second shape, above 0.
    pub b: f64,
    /// `ln(share) − ln B(a, b)`, computed once.
    pub(crate) constant: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawComponent {
    share: f64,
    a: f64,
    b: f64,
}

impl From<RawComponent> for Component {
    fn from(raw: RawComponent) -> Self {
        let RawComponent { share, a, b } = raw;
        Self { share, a, b, constant: libm::log(share) - ln_beta(a, b) }
    }
}

/// Mean talk time as evidence.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TalkTimePolicy {
    /// The family that it belongs to.
    pub family: Family,
    /// Factor on the clipped evidence, 0 to 1.
    pub weight: f64,
    /// Bounds in nats.
    pub clip: [f64; 2],
    /// Mean of ln(seconds) of legitimate callers.
    pub ln_talk_legitimate: f64,
    /// Mean of ln(seconds) of unwanted callers.
    pub ln_talk_unwanted: f64,
    /// Variance between callers.
    pub variance: f64,
    /// Variance within a caller, divided by its answered calls.
    pub variance_per_call: f64,
    /// Which of the two counts: densities or the shape.
    #[serde(default)]
    pub form: Form,
    /// The shape of the mean in seconds, with `form = "shape"`; absent with densities.
    pub shape: Option<ShapePolicy>,
}

/// A group of evidence of one kind. Several families must agree before a label rises high.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Whether the called numbers exist and answer.
    Reachability,
    /// Whether people stay on the line.
    Engagement,
    /// Whom the caller picks.
    Targeting,
    /// What people report.
    Reports,
    /// What the operator knows outright.
    Trusted,
}

/// Groups of evidence.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamiliesPolicy {
    /// The most that engagement may add, in nats.
    pub engagement_max: f64,
    /// From this many nats a family speaks against the caller.
    pub entry_nats: f64,
}

/// People's reports.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the policy file explains each number where it stands")]
pub struct ReportsPolicy {
    pub clip: [f64; 2],
    pub cluster_cap: f64,
    pub proof_days: u32,
    pub unproven_proof: f64,
    pub dispersion: f64,
    pub rate_legitimate: f64,
    pub rate_unwanted: f64,
    pub min_attempts: f64,
    pub slope: f64,
    pub unproven_max: f64,
    pub proven_max_below_clusters: f64,
    pub full_clusters: u32,
    pub opinion_from: f64,
    /// The most reports of one number that are weighed: proven ones first, then the newest.
    pub kept_per_number: usize,
    pub cred_prior_ok: f64,
    pub cred_prior_all: f64,
    pub standing_ok_p: f64,
    pub standing_bad_p: f64,
    pub standing_min_attempts: f64,
}

/// The neighbourhood of a number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockPolicy {
    /// Factor on the clipped evidence, 0 to 1.
    pub weight: f64,
    /// Bounds in nats.
    pub clip: [f64; 2],
    /// How many average numbers the prior is worth.
    pub kappa: f64,
    /// A thousand-block speaks only with this many other numbers.
    pub min_others: u32,
}

/// STIR/SHAKEN attestation, in nats against an unsigned call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttestationPolicy {
    /// Factor on the mean.
    pub weight: f64,
    /// Attestation A.
    pub full: f64,
    /// Attestation B.
    pub partial: f64,
    /// Attestation C.
    pub gateway: f64,
    /// No signature.
    pub unsigned: f64,
}

/// Trusted truth and determinations, in nats.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the policy file explains each number where it stands")]
pub struct TrustedPolicy {
    pub dno: f64,
    pub unallocated: f64,
    pub undialable: f64,
    pub honeypot_per_trap: f64,
    pub honeypot_max: f64,
    pub traceback: f64,
    pub upheld: f64,
    pub upheld_for_d: u32,
}

/// Registered and attested callers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredPolicy {
    /// Added for a number that is registered and attested, in nats.
    pub nats: f64,
    /// The highest label that behaviour alone can bring such a number.
    #[serde(deserialize_with = "check::label")]
    pub behaviour_max: Label,
}

/// How much what speaks for a caller counts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FavourPolicy {
    /// It counts in full from this many distinct destinations.
    pub full_destinations: f64,
}

/// When there is an opinion at all.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpinionPolicy {
    /// Decayed attempts from which there is an opinion.
    pub min_attempts: f64,
    /// Decayed attempts from which a confidence is stated.
    pub confidence_min_attempts: f64,
}

/// Where each label begins.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Levels {
    /// "Potential Spam".
    pub potential_spam: Level,
    /// "Spam Likely".
    pub spam_likely: Level,
    /// "Spam".
    pub spam: Level,
}

/// Where one label begins.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Probability.
    pub p: f64,
    /// Probability without block and attestation.
    pub p0: f64,
    /// Families that speak against the caller.
    pub families: u32,
    /// As many are enough when one of them is proven reports or trusted truth; absent means no such rule.
    pub families_with_proof: Option<u32>,
    /// Decayed attempts.
    pub attempts: f64,
    /// Below this many attempts the `few_…` conditions hold as well; absent means no such rule.
    pub few_attempts: Option<f64>,
    /// Probability when attempts are few.
    pub few_p: Option<f64>,
    /// Families when attempts are few.
    pub few_families: Option<u32>,
}

/// What convicts by itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FloorPolicy {
    /// Decayed attempts needed.
    pub attempts: f64,
    /// Distinct destinations needed.
    pub destinations: f64,
    /// Short-call evidence needed, in nats.
    pub short_nats: f64,
    /// Answered calls needed for it.
    pub short_answered: f64,
    /// Weighted invalid-destination evidence needed, in nats.
    pub invalid_nats: f64,
    /// Proven clusters of reports needed, with the evidence at its cap.
    pub report_clusters: u32,
}

/// How a label changes over time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelPolicy {
    /// Nats under the label's entry.
    pub below_nats: f64,
    /// Hours that every evaluation must stay there.
    pub below_for_h: u32,
    /// Hours between two steps down.
    pub step_down_h: u32,
    /// Days without an attempt after which the label goes down by itself.
    pub silent_d: u32,
    /// Days between two such steps.
    pub silent_step_d: u32,
}

/// The status words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusPolicy {
    /// Labelled days for `mixed_high`.
    pub mixed_high_days: u32,
    /// Of so many last days.
    pub mixed_high_window_d: u32,
    /// Days for which a cleared number is `mixed_high`.
    pub cleared_d: u32,
    /// Days for which any label makes a number `mixed_low`.
    pub mixed_low_d: u32,
}

impl Policy {
    /// The policy that ships with Ringtrue, as text.
    pub const SHIPPED: &str = include_str!("../../../policy/reputation.toml");

    /// Reads and checks the shipped policy with `overlays` laid over it, the last one winning.
    ///
    /// # Errors
    /// Names the file, the key and what was expected.
    pub fn load(overlays: &[Overlay]) -> Result<Self, PolicyError> {
        let merged = overlay::merge(SHIPPED_FILE, Self::SHIPPED, overlays)?;
        let mut policy = check::read(&merged.text_of_tables)?;
        if let Some(mark) = merged.mark(SHIPPED_FILE) {
            policy.version.push_str(&mark);
        }
        Ok(policy)
    }

    /// Every effective setting, in the order of the file, with the file that it comes from.
    ///
    /// # Errors
    /// As [`Policy::load`].
    pub fn settings(overlays: &[Overlay]) -> Result<BTreeMap<String, Setting>, PolicyError> {
        overlay::merge(SHIPPED_FILE, Self::SHIPPED, overlays).map(|merged| merged.settings)
    }

    /// The log-odds before any evidence.
    #[must_use]
    pub fn prior_log_odds(&self) -> f64 {
        logit(self.prior.unwanted_share)
    }

    /// Where a label begins; `None` for [`Label::None`].
    #[must_use]
    pub const fn level(&self, label: Label) -> Option<&Level> {
        match label {
            Label::None => None,
            Label::PotentialSpam => Some(&self.levels.potential_spam),
            Label::SpamLikely => Some(&self.levels.spam_likely),
            Label::Spam => Some(&self.levels.spam),
        }
    }

    /// The calibrated log-odds at which a label begins; minus infinity for [`Label::None`].
    #[must_use]
    pub fn entry_log_odds(&self, label: Label) -> f64 {
        self.level(label).map_or(f64::NEG_INFINITY, |level| logit(level.p))
    }
}
