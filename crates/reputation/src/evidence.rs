//! Facts into evidence: how many nats each observation speaks for or against a caller.

mod reports;

pub use reports::{ReportFact, ReportFacts, ReportRules, report_facts};

use crate::facts::{SampleFacts, Sums};
use crate::numeric::{ln, ln_add_exp, ln_beta};
use crate::policy::{AttestationPolicy, Component, RatePolicy, TalkTimePolicy};

/// The evidence of a rate, in nats, clipped but not weighted: `s` of `n`, fractions allowed.
///
/// ln Σ w·B(s+a, n−s+b)/B(a, b) over the unwanted components less the same over the legitimate ones, or the learned shape. 0 when
/// `n` is 0.
#[must_use]
pub fn rate_nats(policy: &RatePolicy, s: f64, n: f64) -> f64 {
    if n <= 0.0 {
        return 0.0;
    }
    let s = s.clamp(0.0, n);
    let [low, high] = policy.clip;
    let nats = match &policy.shape {
        Some(shape) => shape.nats(s, n),
        None => ln_mixture(&policy.unwanted, s, n) - ln_mixture(&policy.legitimate, s, n),
    };
    nats.clamp(low, high)
}

fn ln_mixture(mixture: &[Component], s: f64, n: f64) -> f64 {
    let ln_part = |part: &Component| part.constant + ln_beta(s + part.a, n - s + part.b);
    let [first, rest @ ..] = mixture else {
        return f64::NEG_INFINITY;
    };
    rest.iter().fold(ln_part(first), |sum, part| ln_add_exp(sum, ln_part(part)))
}

/// The evidence of the mean talk time, in nats, clipped but not weighted. 0 when no answered call has a known length.
#[must_use]
pub fn talk_nats(policy: &TalkTimePolicy, sums: &Sums) -> f64 {
    let answered = sums.answered_known();
    if answered <= 0.0 {
        return 0.0;
    }
    let [low, high] = policy.clip;
    if let Some(shape) = &policy.shape {
        return shape.nats(sums.talk_ds() / 10.0, answered).clamp(low, high);
    }
    let seconds = (sums.talk_ds() / 10.0).max(1.0);
    let x = ln(seconds / answered);
    let variance = policy.variance + policy.variance_per_call / answered;
    let squares = |mean: f64| (x - mean) * (x - mean);
    ((squares(policy.ln_talk_legitimate) - squares(policy.ln_talk_unwanted)) / (2.0 * variance)).clamp(low, high)
}

/// How new a caller's destinations are: the share `r` of its attempts that went to a new destination, and `n` for it.
///
/// The sample stands for all destinations, so `n` is at most its size: the sampling error stays honest.
#[must_use]
pub fn first_calls(sums: &Sums, sample: &SampleFacts) -> (f64, f64) {
    let attempts = sums.attempts();
    if attempts <= 0.0 || sample.sampled == 0 {
        return (0.0, 0.0);
    }
    let share = (sample.first_weight / sample.rate / attempts).min(1.0);
    (share, attempts.min(crate::facts::SAMPLE_SIZE as f64))
}

/// The evidence of attestation, in nats, weighted: the mean over attempts of what each attestation says; unknown says nothing.
#[must_use]
pub fn attestation_nats(policy: &AttestationPolicy, sums: &Sums) -> f64 {
    let attempts = sums.attempts();
    if attempts <= 0.0 {
        return 0.0;
    }
    let total = sums.full() * policy.full
        + sums.partial() * policy.partial
        + sums.gateway() * policy.gateway
        + sums.unsigned() * policy.unsigned;
    policy.weight * total / attempts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn nothing_seen_says_nothing() {
        let policy = Policy::load(&[]).expect("the shipped policy");
        let evidence = &policy.evidence;
        for rate in [&evidence.invalid_destinations, &evidence.unanswered, &evidence.short_calls, &evidence.first_calls]
        {
            assert!(rate_nats(rate, 0.0, 0.0).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn evidence_rises_with_the_share() {
        let policy = Policy::load(&[]).expect("the shipped policy");
        let evidence = &policy.evidence;
        for rate in [&evidence.invalid_destinations, &evidence.unanswered, &evidence.short_calls, &evidence.first_calls]
        {
            for n in [1.0, 7.5, 40.0, 640.0] {
                let nats: Vec<f64> = (0..=40).map(|i| rate_nats(rate, n * f64::from(i) / 40.0, n)).collect();
                assert!(nats.windows(2).all(|pair| pair[0] <= pair[1] + 1e-9), "{n}: {nats:?}");
            }
        }
    }

    #[test]
    fn volume_alone_never_convicts() {
        let policy = Policy::load(&[]).expect("the shipped policy");
        let at = |n: f64| rate_nats(&policy.evidence.short_calls, 0.13 * n, n);
        assert!(at(50_000.0) < 0.0 && (at(50_000.0) - at(5_000.0)).abs() < 0.05);
    }
}
