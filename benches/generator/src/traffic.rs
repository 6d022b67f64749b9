//! The calls, in the order in which a switch writes them: by their end.

use crate::callers::{Caller, Callers};
use crate::numbers::Numbers;
use crate::random::{Random, mix, unit};

/// 2024-03-04 00:00 UTC, a Monday.
const EPOCH_S: u64 = 1_709_510_400;
/// Calls by hour of the day in UTC, for people who live five hours behind it.
const HOUR_WEIGHTS: [u64; 24] =
    [30, 18, 10, 6, 4, 3, 3, 2, 2, 2, 3, 6, 15, 40, 95, 105, 100, 105, 105, 100, 75, 75, 70, 45];
/// What a day of the weekend carries beside 100 on a working day.
const WEEKEND_PERCENT: u64 = 35;

/// What is asked of the generator.
pub struct Plan {
    /// Rows to write.
    pub calls: u64,
    /// Callers that share them, at least 4.
    pub callers: u64,
    /// Whole days that they are spread over.
    pub days: u64,
    /// Equal seeds give equal bytes.
    pub seed: u64,
}

/// One row of the file.
pub struct Call {
    /// Epoch seconds.
    pub start: u64,
    /// The caller's number, 11 digits.
    pub orig: u64,
    /// The called number, 11 digits.
    pub dest: u64,
    /// Seconds of conversation; `None` where the call never had a line.
    pub talk_s: Option<u64>,
    /// Q.850 cause.
    pub q850: u64,
}

/// How a call ended.
struct Ending {
    ring_s: u64,
    talk_s: Option<u64>,
    q850: u64,
}

/// Hands every call to `each`, in order.
///
/// # Errors
/// The first error of `each` ends the run.
pub fn generate<E>(plan: &Plan, mut each: impl FnMut(&Call) -> Result<(), E>) -> Result<(), E> {
    let hours = plan.days * 24;
    let callers = Callers::new(plan.seed, plan.callers, plan.calls, hours);
    let numbers = Numbers::default();
    let mut random = Random::new(plan.seed);
    for (hour, rows) in rows_by_hour(plan.calls, hours).into_iter().enumerate() {
        let hour = hour as u64;
        for row in 0..rows {
            let caller = pick_caller(&callers, hour, &mut random);
            let end = EPOCH_S + hour * 3600 + 3600 * row / rows;
            each(&call(&caller, &numbers, (end, hour * 2 >= hours), &mut random))?;
        }
    }
    Ok(())
}

/// Splits the calls over the hours by their weights, without a remainder.
fn rows_by_hour(calls: u64, hours: u64) -> Vec<u64> {
    let weight = |hour: u64| {
        let of_hour = HOUR_WEIGHTS.get((hour % 24) as usize).copied().unwrap_or(0);
        let weekend = matches!(hour / 24 % 7, 5 | 6);
        of_hour * if weekend { WEEKEND_PERCENT } else { 100 }
    };
    let total: u64 = (0..hours).map(weight).sum();
    let mut before = 0;
    let mut written = 0;
    let share = |hour| {
        before += weight(hour);
        let until = (u128::from(calls) * u128::from(before) / u128::from(total)) as u64;
        let rows = until - written;
        written = until;
        rows
    };
    (0..hours).map(share).collect()
}

/// Draws until a caller is alive in this hour; most are.
fn pick_caller(callers: &Callers, hour: u64, random: &mut Random) -> Caller {
    loop {
        let caller = callers.at(callers.pick(random.unit()));
        if (caller.first_hour..caller.end_hour).contains(&hour) {
            return caller;
        }
    }
}

/// Makes one call that ends at `when.0`; `when.1` tells the second half of the file.
fn call(caller: &Caller, numbers: &Numbers, when: (u64, bool), random: &mut Random) -> Call {
    let (end, second_half) = when;
    let contact = mix(mix(caller.rank) ^ random.between(0, caller.contacts));
    // The same contact is always in or out of service, but one in eight returns to service at half-time.
    let out_of_service = unit(mix(contact ^ 1)) < caller.invalid;
    let returns = mix(contact ^ 2).is_multiple_of(8);
    let ending = if out_of_service && !(returns && second_half) {
        let q850 = match random.between(0, 100) {
            0..80 => 1,
            80..92 => 22,
            _ => 28,
        };
        Ending { ring_s: 1, talk_s: None, q850 }
    } else if random.unit() < caller.answered {
        answered(caller, random)
    } else {
        unanswered(random)
    };
    Call {
        start: (end - ending.ring_s - ending.talk_s.unwrap_or(0)).max(EPOCH_S),
        orig: numbers.caller(caller.rank),
        dest: numbers.hashed(contact),
        talk_s: ending.talk_s,
        q850: ending.q850,
    }
}

/// Somebody picks up: hang-ups within 6 s, else a log-logistic conversation, at most an hour long.
fn answered(caller: &Caller, random: &mut Random) -> Ending {
    // Unwanted callers play messages of much the same length; conversations vary more.
    let shape = if caller.unwanted { 4.0 } else { 1.6 };
    let talk_s = if random.unit() < caller.short {
        random.between(1, 7)
    } else {
        let draw = random.unit();
        ((caller.median_talk_s * (draw / (1.0 - draw)).powf(1.0 / shape)) as u64).clamp(7, 3600)
    };
    Ending { ring_s: random.between(4, 20), talk_s: Some(talk_s), q850: 16 }
}

/// Nobody picks up, for one of the usual causes.
fn unanswered(random: &mut Random) -> Ending {
    let (ring_s, talk_s, q850) = match random.between(0, 1000) {
        0..110 => (2, Some(0), 17),
        110..210 => (30, Some(0), 18),
        210..720 => (random.between(20, 31), Some(0), 19),
        720..770 => (3, Some(0), 20),
        770..820 => (random.between(2, 12), Some(0), 21),
        // Cause 16 without a conversation: the caller gave up.
        820..950 => (random.between(3, 25), Some(0), 16),
        950..990 => {
            const NETWORK: [u64; 5] = [34, 38, 41, 42, 102];
            (1, None, NETWORK.get(random.between(0, 5) as usize).copied().unwrap_or(41))
        }
        _ => (1, None, 31),
    };
    Ending { ring_s, talk_s, q850 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn calls(seed: u64) -> Vec<Call> {
        let plan = Plan { calls: 20_000, callers: 2_500, days: 8, seed };
        let mut calls = Vec::new();
        let Ok(()) = generate::<Infallible>(&plan, |call| {
            calls.push(Call { ..*call });
            Ok(())
        });
        calls
    }

    #[test]
    fn writes_as_many_rows_as_asked() {
        assert_eq!(calls(1).len(), 20_000);
    }

    #[test]
    fn equal_seeds_give_equal_calls() {
        let key = |call: &Call| (call.start, call.orig, call.dest, call.talk_s, call.q850);
        assert!(calls(7).iter().map(key).eq(calls(7).iter().map(key)));
        assert!(!calls(7).iter().map(key).eq(calls(8).iter().map(key)));
    }

    #[test]
    fn only_normal_clearing_carries_a_conversation() {
        for call in calls(3) {
            assert!(call.talk_s.unwrap_or(0) == 0 || call.q850 == 16);
            assert!((EPOCH_S..EPOCH_S + 8 * 86_400).contains(&call.start));
        }
    }
}
