//! Where the floors of the published behaviours lie once their evidence was learned anew.
//!
//! A floor is stated in nats, but means a share: about half of the calls short, about a tenth of the destinations not in service.
//! Learned evidence has other nats at that share, so the floor moves with it.

use reputation::evidence::rate_nats;
use reputation::facts::SAMPLE_SIZE;
use reputation::policy::{Policy, RatePolicy};

use super::overlay::{number, rounded};

/// Halvings of the interval in which the share lies: to the last digit that counts.
const HALVINGS: u32 = 50;

/// The floors that hold at the same shares as those of `before`, as a table of the policy; empty where `before` has none that any
/// share could reach.
pub(super) fn floors(before: &Policy, after: &Policy) -> String {
    let sample = f64::from(u32::try_from(SAMPLE_SIZE).unwrap_or(u32::MAX));
    let answered = before.floor.short_answered;
    let short = moved(&before.evidence.short_calls, &after.evidence.short_calls, before.floor.short_nats, answered);
    let [old, new] = [before, after].map(|policy| &policy.evidence.invalid_destinations);
    let invalid = moved(old, new, before.floor.invalid_nats / old.weight, sample).map(|nats| nats * new.weight);
    let line = |key, nats: Option<f64>| {
        // Rounded down, so that the share itself still reaches it.
        nats.map(|nats| format!("{key} = {}\n", number(rounded(nats - 0.005, 2)))).unwrap_or_default()
    };
    let lines = line("short_nats", short) + &line("invalid_nats", invalid);
    if lines.is_empty() { lines } else { format!("\n[floor]                  # at the same shares as before\n{lines}") }
}

/// What the new evidence says where the old one says `nats`, of a sample of `n`; `None` where it never does.
fn moved(old: &RatePolicy, new: &RatePolicy, nats: f64, n: f64) -> Option<f64> {
    if rate_nats(old, n, n) < nats {
        return None;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if rate_nats(old, middle * n, n) < nats { low = middle } else { high = middle }
    }
    Some(rate_nats(new, high * n, n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_stays_at_its_share() {
        let before = Policy::load(&[]).expect("the shipped policy");
        assert_eq!(floors(&before, &before).lines().count(), 4, "both floors, under a heading");
        let short = &before.evidence.short_calls;
        let found = moved(short, short, before.floor.short_nats, 30.0).expect("a share");
        assert!((found - before.floor.short_nats).abs() < 1e-6, "{found}");
        assert_eq!(moved(short, short, short.clip[1] + 0.1, 30.0), None, "more than any share says");
    }
}
