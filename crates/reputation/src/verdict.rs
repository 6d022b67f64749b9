//! What is said of a number at one engine: label, rating, reasons, and what would clear them.

use model::{Label, Status};

use crate::assess::{Assessment, ReasonCode, floor_label, is_floor};
use crate::evidence::{first_calls, rate_nats};
use crate::numeric::{DECIBANS_PER_NAT, logistic, logit};
use crate::policy::{Policy, RatePolicy};
use crate::replay::{End, Replayed};
use crate::state::LabelState;
use crate::timeline::{Reading, Rules};

/// What is said of a number at one engine.
#[derive(Clone, PartialEq, Debug)]
pub struct Verdict {
    /// The engine's place in the directory; `None` when no call names a carrier.
    pub engine: Option<usize>,
    /// What is said.
    pub opinion: Opinion,
    /// How the number stands over time.
    pub status: Status,
    /// Decayed attempts that the verdict rests on.
    pub sample_size: f64,
    /// Decibans before any evidence: prior and reasons add up to the rating's.
    pub prior_decibans: f64,
    /// What speaks against the caller and for it, the strongest first. Empty without an opinion.
    pub reasons: Vec<Reason>,
    /// What would clear the label; empty when there is none.
    pub clears_when: Vec<Clearing>,
}

/// Whether there is an opinion, and which.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opinion {
    /// Too little is known.
    NoOpinion,
    /// The label that is shown, and our estimate behind it.
    Rated {
        /// The label.
        label: Label,
        /// Our estimate that the number's calls are unwanted, in basis points.
        rating_bp: u16,
        /// About the chance, in basis points, that the label stays the same when the sample doubles; `None` below 30 attempts.
        confidence_bp: Option<u16>,
    },
}

impl Opinion {
    /// The label that is shown; [`Label::None`] without an opinion.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::NoOpinion => Label::None,
            Self::Rated { label, .. } => label,
        }
    }

    /// The same opinion, less sure of itself because the carrier of `by_prefix` of `calls` calls was taken from a prefix: a
    /// ported number's calls end elsewhere, at a carrier whose engine this one may not be. The confidence gives up that share
    /// of half its distance from even odds.
    ///
    /// Chosen: half at most, because a prefix still tells the carrier of numbers that never moved; no measurement behind it.
    #[must_use]
    pub fn doubting_carriers(self, by_prefix: u64, calls: u64) -> Self {
        const EVEN_BP: u16 = 5_000;
        match self {
            Self::Rated { label, rating_bp, confidence_bp: Some(sure) } if calls > 0 && sure > EVEN_BP => {
                let share = (by_prefix.min(calls) as f64) / (calls as f64);
                let above = libm::round(f64::from(sure - EVEN_BP) * (1.0 - 0.5 * share)) as u16;
                Self::Rated { label, rating_bp, confidence_bp: Some(EVEN_BP + above) }
            }
            Self::NoOpinion | Self::Rated { .. } => self,
        }
    }

    /// The word for output: the label's, or `no_opinion`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoOpinion => "no_opinion",
            Self::Rated { label, .. } => label.as_str(),
        }
    }
}

/// One reason of a verdict.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reason {
    /// What it is about.
    pub code: ReasonCode,
    /// The measured value: a share, seconds, or a count, as the code's text says.
    pub value: f64,
    /// How many observations it rests on (decayed).
    pub sample_size: f64,
    /// The window that it covers.
    pub window: &'static str,
    /// How strongly it speaks: positive against the caller, negative for it. Weighted: prior and reasons add up.
    pub decibans: f64,
}

/// What one reason would have to become for the label to go.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Clearing {
    /// The reason.
    pub code: ReasonCode,
    /// Its value now.
    pub value: f64,
    /// The value at which it no longer speaks against the caller.
    pub target: f64,
    /// That alone would bring the rating below the label, everything else staying as it is.
    pub alone: bool,
}

/// Makes the verdict of one engine from the end of a replay.
#[must_use]
pub fn verdict(rules: &Rules, engine: Option<usize>, replayed: &Replayed, end: End) -> Verdict {
    verdict_at(rules, engine, (&replayed.state, &replayed.reading), end)
}

/// Makes the verdict of one engine from the label's state and a reading at the same moment, the block's evidence included.
#[must_use]
pub fn verdict_at(
    rules: &Rules,
    engine: Option<usize>,
    (state, reading): (&LabelState, &Reading),
    end: End,
) -> Verdict {
    let policy = &rules.policy;
    let (found, label) = (&reading.found, state.label);
    let mut verdict = no_opinion(rules, engine, found.attempts);
    verdict.status = state.status(policy, end.at, found.attempts >= policy.opinion.min_attempts);
    if !found.opinion && label == Label::None {
        return verdict;
    }
    let log_odds = found.rating_log_odds(policy);
    verdict.opinion = Opinion::Rated {
        label,
        rating_bp: basis_points(logistic(log_odds)),
        confidence_bp: confidence(policy, label, log_odds, found.attempts),
    };
    verdict.reasons = reasons(policy, reading, log_odds);
    verdict.clears_when = clearings(policy, reading, label);
    verdict
}

/// The verdict on a number of which too little is known, and which never had a label.
#[must_use]
pub fn no_opinion(rules: &Rules, engine: Option<usize>, attempts: f64) -> Verdict {
    let calibration = &rules.policy.calibration;
    Verdict {
        engine,
        opinion: Opinion::NoOpinion,
        status: Status::Unknown,
        sample_size: attempts,
        prior_decibans: decibans(calibration.alpha + calibration.beta * rules.prior),
        reasons: Vec::new(),
        clears_when: Vec::new(),
    }
}

const fn decibans(nats: f64) -> f64 {
    nats * DECIBANS_PER_NAT
}

/// A probability in whole basis points.
fn basis_points(p: f64) -> u16 {
    libm::round(p.clamp(0.0, 1.0) * 10_000.0) as u16
}

/// 1 − ½e^(−d), d being the distance in nats from the nearest entry point that decides the label.
fn confidence(policy: &Policy, label: Label, log_odds: f64, attempts: f64) -> Option<u16> {
    if attempts < policy.opinion.confidence_min_attempts {
        return None;
    }
    let own = (label > Label::None).then(|| (log_odds - policy.entry_log_odds(label)).abs());
    let next = (label < Label::Spam).then(|| (log_odds - policy.entry_log_odds(label.up())).abs());
    let distance = own.into_iter().chain(next).fold(f64::INFINITY, f64::min);
    Some(basis_points(1.0 - 0.5 * libm::exp(-distance)))
}

fn reasons(policy: &Policy, reading: &Reading, log_odds: f64) -> Vec<Reason> {
    let found = &reading.found;
    let beta = policy.calibration.beta;
    let mut reasons: Vec<Reason> = ReasonCode::ALL
        .into_iter()
        .filter(|&code| code != ReasonCode::Floor)
        .filter(|&code| found.nats.get(code as usize).is_some_and(|&nats| nats != 0))
        .map(|code| measured(policy, reading, code, decibans(beta * found.nats_of(code))))
        .collect();
    let raised = log_odds - (policy.calibration.alpha + beta * found.log_odds);
    if raised > 0.0 {
        let (value, sample_size) = (f64::from(found.floors), found.attempts);
        reasons.push(Reason { code: ReasonCode::Floor, value, sample_size, window: "35d", decibans: decibans(raised) });
    }
    reasons.sort_by(|a, b| b.decibans.abs().total_cmp(&a.decibans.abs()).then(a.code.cmp(&b.code)));
    reasons
}

fn measured(policy: &Policy, reading: &Reading, code: ReasonCode, decibans: f64) -> Reason {
    let inputs = &reading.inputs;
    let (sums, sample) = (&inputs.sums, &inputs.sample);
    let share = |s: f64, n: f64| if n > 0.0 { s / n } else { 0.0 };
    let (value, sample_size, window) = match code {
        ReasonCode::InvalidDestinations => {
            let n = f64::from(sample.observable);
            (share(sample.invalid, n), n, "35d")
        }
        ReasonCode::Unanswered => (share(sums.unanswered(), sums.answerable()), sums.answerable(), "35d"),
        ReasonCode::ShortCalls => (share(sums.short(), sums.answered_known()), sums.answered_known(), "35d"),
        ReasonCode::TalkTime => (share(sums.talk_ds() / 10.0, sums.answered_known()), sums.answered_known(), "35d"),
        ReasonCode::FirstCalls => {
            let (share, n) = first_calls(sums, sample);
            (share, n, "35d")
        }
        ReasonCode::Reports => (inputs.reports.weighted, f64::from(inputs.reports.live), "35d"),
        ReasonCode::Block => (logistic(logit(policy.prior.unwanted_share) + inputs.block_nats), sums.attempts(), "35d"),
        ReasonCode::Attestation => (share(sums.full(), sums.attempts()), sums.attempts(), "35d"),
        ReasonCode::Honeypot => (inputs.truth.honeypot / policy.trusted.honeypot_per_trap, sums.attempts(), "always"),
        ReasonCode::Dno | ReasonCode::Undialable | ReasonCode::Unallocated | ReasonCode::Traceback => {
            (1.0, sums.attempts(), "always")
        }
        ReasonCode::Determination => (1.0, sums.attempts(), "90d"),
        ReasonCode::Registered => (1.0, sums.attempts(), "now"),
        ReasonCode::Floor => (f64::from(reading.found.floors), sums.attempts(), "35d"),
    };
    Reason { code, value, sample_size, window, decibans }
}

/// What each rate that speaks against the caller would have to become.
fn clearings(policy: &Policy, reading: &Reading, label: Label) -> Vec<Clearing> {
    if label == Label::None {
        return Vec::new();
    }
    let rates = [
        (ReasonCode::InvalidDestinations, &policy.evidence.invalid_destinations),
        (ReasonCode::Unanswered, &policy.evidence.unanswered),
        (ReasonCode::ShortCalls, &policy.evidence.short_calls),
        (ReasonCode::FirstCalls, &policy.evidence.first_calls),
    ];
    let found = &reading.found;
    let mut clearings: Vec<Clearing> = rates
        .into_iter()
        .filter(|&(code, _)| found.nats_of(code) >= 0.5)
        .map(|(code, rate)| {
            let reason = measured(policy, reading, code, 0.0);
            let target = neutral_share(rate, reason.sample_size);
            let rest = found.log_odds - found.nats_of(code);
            let below = policy.entry_log_odds(label) - policy.label.below_nats;
            let own_floor = is_floor(policy, &found.nats, &reading.inputs, code);
            let other_floors = floor_label(found.floors - u32::from(own_floor));
            let alone = policy.calibration.alpha + policy.calibration.beta * rest < below && other_floors < label;
            Clearing { code, value: reason.value, target, alone }
        })
        .collect();
    clearings.extend(reports_clearing(policy, found, reading));
    clearings
}

fn reports_clearing(policy: &Policy, found: &Assessment, reading: &Reading) -> Option<Clearing> {
    (found.nats_of(ReasonCode::Reports) >= 0.5).then(|| Clearing {
        code: ReasonCode::Reports,
        value: reading.inputs.reports.weighted,
        target: policy.reports.rate_legitimate * reading.inputs.sums.attempts(),
        alone: false,
    })
}

/// The share at which a rate, at the same sample size, speaks neither for nor against: found by halving.
fn neutral_share(rate: &RatePolicy, n: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if rate_nats(rate, middle * n, n) > 0.0 {
            high = middle;
        } else {
            low = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sure: Option<u16>, by_prefix: u64, calls: u64, expect: Option<u16>) {
        let opinion = |confidence_bp| Opinion::Rated { label: Label::SpamLikely, rating_bp: 9000, confidence_bp };
        assert_eq!(opinion(sure).doubting_carriers(by_prefix, calls), opinion(expect));
    }

    #[test]
    fn carriers_by_prefix_lessen_confidence_in_proportion() {
        check(Some(9000), 0, 60, Some(9000));
        check(Some(9000), 60, 60, Some(7000));
        check(Some(9000), 30, 60, Some(8000));
        check(Some(9000), 61, 60, Some(7000));
        check(Some(5000), 60, 60, Some(5000));
        check(Some(9000), 0, 0, Some(9000));
        check(None, 60, 60, None);
        assert_eq!(Opinion::NoOpinion.doubting_carriers(60, 60), Opinion::NoOpinion);
    }
}
