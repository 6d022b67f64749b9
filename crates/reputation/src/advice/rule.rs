//! Each rule, evaluated on what was measured.

use std::cmp::Reverse;

use model::Aggregate;

use super::measure::Measures;
use super::{Advice, AdviceCode, AdviceInputs, AdvicePolicy, AdviceState, InvalidDestination, Rule, Why};

/// What a rule found before it is judged.
struct Found {
    /// The value, or why there is none.
    value: Result<f64, Why>,
    sample: f64,
    usual: Option<f64>,
    /// It passes a limit that is not on the value itself.
    broken: bool,
}

pub(super) fn evaluate(
    code: AdviceCode,
    inputs: &AdviceInputs<'_>,
    policy: &AdvicePolicy,
    measures: &Measures,
) -> Advice {
    let rule = policy.rule(code);
    let found = find(code, rule, inputs, policy, measures);
    let state = if is_off(rule, inputs) {
        AdviceState::Off
    } else {
        match found.value {
            Err(why) => AdviceState::Unknown(why),
            Ok(value) if found.broken || value > rule.bad => AdviceState::Broken,
            Ok(value) if value > rule.target => AdviceState::Near,
            Ok(_) => AdviceState::Met,
        }
    };
    let numbers = match code {
        AdviceCode::InvalidDestinations => to_remove(inputs.invalid),
        AdviceCode::ShortCallShare
        | AdviceCode::RepeatCalls
        | AdviceCode::CallsPerHour
        | AdviceCode::CallsPerDay
        | AdviceCode::VolumeSpike
        | AdviceCode::RingTime
        | AdviceCode::Abandoned
        | AdviceCode::OutOfHours
        | AdviceCode::NeighbourPattern
        | AdviceCode::CallerIdRotation
        | AdviceCode::MixedPurposes
        | AdviceCode::MissingRegistration
        | AdviceCode::Attestation => Vec::new(),
    };
    Advice {
        code,
        state,
        value: found.value.ok(),
        target: rule.target,
        sample: found.sample,
        usual: found.usual,
        of_totals: inputs.totals.is_some(),
        numbers,
    }
}

fn find(code: AdviceCode, rule: &Rule, inputs: &AdviceInputs<'_>, policy: &AdvicePolicy, measures: &Measures) -> Found {
    let counts = &measures.window;
    if let Some(totals) = inputs.totals {
        return find_in_totals(code, rule, inputs, totals);
    }
    match code {
        AdviceCode::ShortCallShare => share(rule, counts.short as f64, counts.answered_known as f64),
        AdviceCode::InvalidDestinations => share(rule, measures.sample.invalid, f64::from(measures.sample.observable)),
        AdviceCode::RepeatCalls => {
            let sample = &measures.window_sample;
            share(rule, f64::from(sample.thrice_a_day), f64::from(sample.sampled))
        }
        AdviceCode::CallsPerHour => peak(rule, policy, measures, &measures.peaks),
        AdviceCode::CallsPerDay => peak(rule, policy, measures, &measures.days),
        AdviceCode::VolumeSpike => spike(rule, policy, measures),
        AdviceCode::RingTime => {
            let known = counts.ring_known as f64;
            let mut found = share(rule, counts.ring_under_30 as f64, known);
            found.broken = counts.ring_under_15 as f64 > policy.measure.ring_under_15_bad * known;
            found
        }
        AdviceCode::Abandoned => share(rule, counts.cancelled as f64, measures.shows_cancel() as f64),
        AdviceCode::OutOfHours => share(rule, counts.off_hours as f64, counts.hours_known as f64),
        AdviceCode::NeighbourPattern if inputs.tn.nanp().is_none() => not_shown(counts.attempts),
        AdviceCode::NeighbourPattern => share(rule, counts.neighbour as f64, counts.attempts as f64),
        AdviceCode::CallerIdRotation => match inputs.callers {
            None => not_shown(counts.attempts),
            Some(callers) => {
                let (shared, known) = callers.shared(inputs.dests, inputs.end, policy.measure.rotation_numbers);
                share(rule, f64::from(shared), f64::from(known))
            }
        },
        AdviceCode::MixedPurposes => purposes(inputs),
        AdviceCode::MissingRegistration => registration(inputs),
        AdviceCode::Attestation => {
            let below = counts.attested_known - counts.attested_full;
            share(rule, below as f64, counts.attested_known as f64)
        }
    }
}

/// Totals tell neither hours nor single destinations: few rules are left.
fn find_in_totals(code: AdviceCode, rule: &Rule, inputs: &AdviceInputs<'_>, totals: &Aggregate) -> Found {
    let of = |s: Option<u64>, n: Option<u64>| match (s, n) {
        (Some(s), Some(n)) => share(rule, s.min(n) as f64, n as f64),
        (None, _) | (_, None) => not_shown(totals.attempts),
    };
    match code {
        AdviceCode::ShortCallShare => of(totals.short, totals.answered),
        AdviceCode::InvalidDestinations => of(totals.invalid, totals.distinct_dest.or(Some(totals.attempts))),
        AdviceCode::MixedPurposes => purposes(inputs),
        AdviceCode::MissingRegistration => registration(inputs),
        AdviceCode::RepeatCalls
        | AdviceCode::CallsPerHour
        | AdviceCode::CallsPerDay
        | AdviceCode::VolumeSpike
        | AdviceCode::RingTime
        | AdviceCode::Abandoned
        | AdviceCode::OutOfHours
        | AdviceCode::NeighbourPattern
        | AdviceCode::CallerIdRotation
        | AdviceCode::Attestation => not_shown(totals.attempts),
    }
}

fn is_off(rule: &Rule, inputs: &AdviceInputs<'_>) -> bool {
    let standing = inputs.about.standing.and_then(|standing| standing.purpose.as_ref());
    standing.is_some_and(|purpose| rule.off_for.iter().any(|word| word == purpose.as_str()))
}

/// A share of a sample that must have the rule's least size.
fn share(rule: &Rule, s: f64, n: f64) -> Found {
    let value = if n <= 0.0 {
        Err(Why::NotShown)
    } else if n < rule.min_sample {
        Err(Why::Few)
    } else {
        Ok(s / n)
    };
    Found { value, sample: n, usual: None, broken: false }
}

const fn not_shown(sample: u64) -> Found {
    Found { value: Err(Why::NotShown), sample: sample as f64, usual: None, broken: false }
}

/// The busiest hour or day: too much in itself, or over the target and far from what is usual for the number.
fn peak(rule: &Rule, policy: &AdvicePolicy, measures: &Measures, by_day: &[u64]) -> Found {
    let (peak, usual) = measures.peak_and_usual(by_day);
    let (value, sample) = (peak as f64, measures.window.attempts as f64);
    let unlike_itself = usual.is_some_and(|usual| value > policy.measure.usual_factor * usual);
    let broken = value > rule.target && unlike_itself;
    let value = if sample < rule.min_sample { Err(Why::Few) } else { Ok(value) };
    Found { value, sample, usual, broken }
}

fn spike(rule: &Rule, policy: &AdvicePolicy, measures: &Measures) -> Found {
    let sample = measures.days.iter().sum::<u64>();
    let (history_d, min_calls) = (policy.measure.spike_history_d, policy.measure.spike_min_calls);
    let found = measures.spike(history_d as usize, u64::from(min_calls));
    let value = match found {
        None => Err(Why::NotShown),
        Some(_) if (sample as f64) < rule.min_sample => Err(Why::Few),
        Some((ratio, _)) => Ok(ratio),
    };
    Found { value, sample: sample as f64, usual: found.map(|(_, mean)| mean), broken: false }
}

/// The registry names purposes; calls themselves do not show them.
fn purposes(inputs: &AdviceInputs<'_>) -> Found {
    let standing = inputs.about.standing.and_then(|standing| standing.purpose.as_ref());
    let named = inputs.purposes.len().max(usize::from(standing.is_some()));
    let value = if named == 0 { Err(Why::NotShown) } else { Ok(named as f64) };
    Found { value, sample: named as f64, usual: None, broken: false }
}

/// 0 registered and vouched for, ½ registered only, 1 not registered.
fn registration(inputs: &AdviceInputs<'_>) -> Found {
    let registered = inputs
        .about
        .standing
        .filter(|standing| standing.registered_at.is_some_and(|registered| registered <= inputs.end.at));
    let value = match registered {
        Some(standing) if standing.attested => Ok(0.0),
        Some(_) => Ok(0.5),
        None if inputs.registry_known || inputs.about.standing.is_some() => Ok(1.0),
        None => Err(Why::NotShown),
    };
    Found { value, sample: 1.0, usual: None, broken: false }
}

/// Those surely invalid first, then the newest.
fn to_remove(invalid: &[InvalidDestination]) -> Vec<InvalidDestination> {
    let mut numbers = invalid.to_vec();
    numbers.sort_unstable_by_key(|dest| (Reverse(dest.strong), Reverse(dest.last_seen), dest.tn));
    numbers
}
