//! Turning a case's periods into calls whose shares, and whose destination sample, lie at expectation: nothing is drawn by lot.

use model::{CallOutcome, CallRecord, Direction, Outcome, Strength, TelephoneNumber};
use reputation::facts::{CallFact, SAMPLE_SIZE, dest_hash};

use super::case_file::{Destinations, Period};
use super::world::{fictional, record};

/// Calls of a working day lie in these hours.
const DAY_BEGINS_H: u32 = 14;
const DAY_HOURS: u32 = 9;
/// The length of a short call.
const SHORT_S: u32 = 4;

/// A destination, and whether it is in service.
#[derive(Clone, Copy)]
struct Destination {
    tn: TelephoneNumber,
    /// What the network says when it is not in service.
    invalid: Option<Strength>,
}

/// The calls of one period that begins at midnight hour `from`, its destinations new from the `first_place`-th fictional number
/// on. Tells how many destinations were used.
pub(crate) fn calls(period: &Period, attempts: u32, from: u32, first_place: u32) -> (Vec<CallFact>, u32) {
    let new_share = match period.destinations {
        Destinations::New(count) => f64::from(count.min(attempts)) / f64::from(attempts),
        Destinations::FirstCalls(share) => share,
    };
    let is_first = |at: u32| at == 0 || crosses(at, new_share);
    let count = (0..attempts).filter(|&at| is_first(at)).count();
    let destinations = destinations(count, period.invalid, first_place);
    let (mut used, mut repeats) = (0, 0);
    let (mut answered, mut short) = (0u32, 0u32);
    let mut facts = Vec::new();
    for at in 0..attempts {
        let destination = if is_first(at) {
            used += 1;
            destinations[used - 1]
        } else {
            repeats += 1;
            destinations[(repeats - 1) % used]
        };
        let hour = from + hour_of(at, attempts, period.days);
        let due = period.answered * f64::from(at + 1) - f64::from(answered) >= 0.5;
        let mut call = record(hour, destination.tn);
        call.attestation = period.attestation;
        if destination.invalid.is_none() && due {
            answered += 1;
            let is_short = period.short * f64::from(answered) - f64::from(short) >= 0.5;
            short += u32::from(is_short);
            call.talk_ms = Some(if is_short { SHORT_S } else { period.talk_s } * 1000);
        } else {
            call.outcome = match destination.invalid {
                Some(strength) => Outcome::new(CallOutcome::Invalid, strength),
                None => Outcome::new(CallOutcome::NoAnswer, Strength::Strong),
            };
        }
        facts.push(fact(&call));
    }
    (facts, u32::try_from(count).expect("fewer destinations than attempts"))
}

fn fact(call: &CallRecord) -> CallFact {
    CallFact::of(call, Direction::Outbound, None).expect("an ordinary call")
}

/// Tells whether the `at`-th of many things is one of the share that is spread evenly.
fn crosses(at: u32, share: f64) -> bool {
    (share * f64::from(at + 1) + 1e-9).floor() > (share * f64::from(at) + 1e-9).floor()
}

/// The hour of a period's `at`-th attempt: evenly over its days, and over the hours of each.
fn hour_of(at: u32, attempts: u32, days: u32) -> u32 {
    let place = u64::from(at) * u64::from(days * DAY_HOURS) / u64::from(attempts);
    let place = u32::try_from(place).expect("an hour of the period");
    place / DAY_HOURS * 24 + DAY_BEGINS_H + place % DAY_HOURS
}

/// `count` destinations in the order in which they are first called. By the order of their hashes, which decides who is sampled,
/// they are out of service at the expected share, to the nearest half; and the sampled ones are spread over the period.
fn destinations(count: usize, invalid: f64, first_place: u32) -> Vec<Destination> {
    let places = first_place..first_place + u32::try_from(count).expect("a count of destinations");
    let mut by_hash: Vec<TelephoneNumber> = places.map(fictional).collect();
    by_hash.sort_by_key(|&tn| dest_hash(tn));
    let sampled = count.min(SAMPLE_SIZE);
    let halves = (invalid * sampled as f64 * 2.0).round() as usize;
    let mut destinations: Vec<Destination> = by_hash.into_iter().map(|tn| Destination { tn, invalid: None }).collect();
    for at in 0..halves / 2 {
        destinations[at * sampled / (halves / 2).max(1)].invalid = Some(Strength::Strong);
    }
    if halves % 2 == 1
        && let Some(half) = destinations.iter_mut().take(sampled).rev().find(|one| one.invalid.is_none())
    {
        half.invalid = Some(Strength::Medium);
    }
    for (destination, at) in destinations.iter_mut().skip(sampled).zip(0..) {
        destination.invalid = crosses(at, invalid).then_some(Strength::Strong);
    }
    // The golden ratio spreads neighbours in one order evenly over the other.
    let mut order: Vec<(u64, usize)> =
        (0..count).map(|at| ((at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15), at)).collect();
    order.sort_unstable();
    let mut by_time: Vec<Destination> = Vec::with_capacity(count);
    by_time.extend(order.into_iter().map(|(_, rank)| destinations[rank]));
    by_time
}
