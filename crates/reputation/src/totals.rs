//! Judging a number by totals: for sources that keep no single calls.

use model::{Aggregate, Label, Timestamp};

use crate::assess::{Inputs, Untold, assess};
use crate::evidence::{ReportFacts, ReportRules, report_facts};
use crate::facts::{Moment, SAMPLE_SIZE, SampleFacts, Sums, TotalSums, hour_index};
use crate::replay::{End, Replayed};
use crate::state::{Activity, LabelState};
use crate::timeline::{Circumstances, Reading, Rules};

/// Judges a number by totals, as of `end`.
///
/// A count that the source does not tell is no evidence. The span counts as one pane that ends with it; its destinations count
/// as seen at the end. There is no past, so the label is the one that the totals reach.
#[must_use]
pub fn judge(rules: &Rules, about: &Circumstances<'_>, totals: &Aggregate, end: End) -> Replayed {
    let weight = weight(rules, totals, end);
    let sums = sums(totals, weight);
    let inputs = Inputs {
        sums,
        sample: sample(totals, weight),
        span_d: span_d(totals),
        reports: reports(rules, about, totals, weight, end),
        untold: Untold { short: totals.short.is_none(), talk: totals.talk_ms.is_none() },
        ..about.inputs_at(&rules.policy, end.at)
    };
    let found = assess(&rules.policy, rules.prior, &inputs);
    let mut state = LabelState::default();
    let last_attempt = totals.to.and_then(hour_index).or(Some(end.moment.hour));
    let part_ms = end.at.as_ms() - crate::facts::hour_start(end.moment.hour).as_ms();
    state.step(
        &rules.policy,
        &found,
        end.moment,
        Activity { anything: found.reached > Label::None, last_attempt },
        part_ms,
    );
    Replayed { state, reading: Reading { inputs, found }, last_attempt }
}

/// The weight of the span, by the age of its end.
fn weight(rules: &Rules, totals: &Aggregate, end: End) -> f64 {
    let last = totals.to.filter(|&to| to <= end.at).unwrap_or(end.at);
    let Some(hour) = hour_index(last) else {
        return 1.0;
    };
    rules.panes.weight(hour.min(end.moment.hour), Moment { hour: end.moment.hour, part: 0.0 })
}

fn span_d(totals: &Aggregate) -> f64 {
    let days = |from: Timestamp, to: Timestamp| (to.as_ms() - from.as_ms()) as f64 / model::time::DAY_MS as f64;
    match (totals.from, totals.to) {
        (Some(from), Some(to)) => days(from, to).max(0.0),
        _ => 0.0,
    }
}

fn sums(totals: &Aggregate, weight: f64) -> Sums {
    let count = |n: u64| n as f64 * weight;
    let attempts = totals.attempts;
    let blocked = totals.blocked.unwrap_or(0);
    let unanswered =
        totals.unanswered.or_else(|| totals.answered.map(|answered| attempts.saturating_sub(answered + blocked)));
    let answered = count(totals.answered.unwrap_or(0));
    Sums::of_totals(&TotalSums {
        attempts: count(attempts),
        answered,
        answered_known: answered,
        short: count(totals.short.unwrap_or(0)),
        talk_ds: count(totals.talk_ms.unwrap_or(0) / 100),
        answerable: unanswered.map_or(0.0, |_| count(attempts.saturating_sub(blocked))),
        unanswered: unanswered.map_or(0.0, count),
    })
}

/// The totals' destinations as a sample: at most its size, with the shares of the whole.
fn sample(totals: &Aggregate, weight: f64) -> SampleFacts {
    let distinct = totals.distinct_dest.unwrap_or(0);
    let sampled = distinct.min(SAMPLE_SIZE as u64);
    let rate = if distinct == 0 { 1.0 } else { sampled as f64 / distinct as f64 };
    // Without the count of destinations, calls to numbers not in service are set against all calls.
    let among = totals.distinct_dest.unwrap_or(totals.attempts);
    let share = |n: u64| if among == 0 { 0.0 } else { (n as f64 / among as f64).min(1.0) };
    let looked_at = among.min(SAMPLE_SIZE as u64);
    let observable = totals.invalid.map_or(0, |_| u32::try_from(looked_at).unwrap_or(0));
    // Every destination is called a first time: its count stands in where the source does not tell first calls apart, as it
    // does with single calls.
    let first = totals.first_calls.or(totals.distinct_dest).unwrap_or(0).min(totals.attempts);
    SampleFacts {
        sampled: u32::try_from(sampled.max(u64::from(totals.first_calls.is_some()))).unwrap_or(0),
        rate,
        distinct: distinct as f64,
        observable,
        invalid: totals.invalid.map_or(0.0, |invalid| share(invalid) * looked_at as f64),
        first_weight: first as f64 * weight * rate,
        ..SampleFacts::default()
    }
}

/// The reports that came one by one, if any did; else those that the totals count, of which nothing but their number is known:
/// each a person of its own, without proof.
fn reports(rules: &Rules, about: &Circumstances<'_>, totals: &Aggregate, weight: f64, end: End) -> ReportFacts {
    let policy = &rules.policy.reports;
    if !about.reports.is_empty() {
        let report_rules = ReportRules {
            policy,
            half_life_d: rules.policy.facts.half_life_d,
            evidence_from: about.evidence_from().1,
            credibility: &|_| policy.cred_prior_ok / policy.cred_prior_all,
        };
        return report_facts(about.reports, &report_rules, end.at);
    }
    let live = totals.reports.unwrap_or(0);
    let each = policy.cred_prior_ok / policy.cred_prior_all * policy.unproven_proof * weight;
    let unwanted = totals.unwanted.unwrap_or(0);
    let proven = policy.cred_prior_ok / policy.cred_prior_all * weight * unwanted as f64;
    ReportFacts {
        weighted: each * live as f64 + proven,
        proven,
        proven_clusters: u32::try_from(unwanted).unwrap_or(u32::MAX),
        live: u32::try_from(live + unwanted).unwrap_or(u32::MAX),
        shields: 0,
    }
}

#[cfg(test)]
mod tests {
    use model::TelephoneNumber;

    use super::*;
    use crate::evidence::first_calls;

    fn first_share(first: Option<u64>, distinct: Option<u64>) -> (f64, f64) {
        let tn = TelephoneNumber::from_digits(12_155_550_112).expect("a number");
        let totals = Aggregate { first_calls: first, distinct_dest: distinct, ..Aggregate::new(tn, 400) };
        first_calls(&sums(&totals, 1.0), &sample(&totals, 1.0))
    }

    #[test]
    fn first_calls_that_are_not_told_are_no_evidence_of_none() {
        assert_eq!(first_share(None, None), (0.0, 0.0));
        assert_eq!(first_share(None, Some(300)), (0.75, 64.0));
        assert_eq!(first_share(Some(100), Some(300)), (0.25, 64.0));
        assert_eq!(first_share(Some(0), Some(300)), (0.0, 64.0));
        assert_eq!(first_share(Some(100), None), (0.25, 64.0));
    }
}
