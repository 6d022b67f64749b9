//! An operator's policy and directory.

use reputation::engines::Directory;
use reputation::evidence::rate_nats;
use reputation::policy::{Overlay, Policy, RatePolicy};

/// Sizes of sample at which rates are held against their promises.
const SAMPLES: [f64; 4] = [0.5, 9.0, 64.0, 5000.0];

/// Evidence is rounded to ten-thousandths of a nat before it is added up, so smaller steps down are none.
const ROUNDING: f64 = 1e-4;

/// Lays the bytes over the shipped policy, and reads them as a directory.
///
/// Invariants: what is refused is refused with a reason; in a policy that loads, evidence is 0 without a sample, stays within
/// its clip, and never falls when the share rises.
pub fn policy(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    if let Err(error) = Directory::parse("fuzzed", &text) {
        assert!(!error.to_string().is_empty(), "a directory is refused without a word");
    }
    match Policy::load(&[Overlay { file: "fuzzed".to_owned(), text }]) {
        Ok(policy) => {
            let evidence = &policy.evidence;
            let rates =
                [&evidence.invalid_destinations, &evidence.unanswered, &evidence.short_calls, &evidence.first_calls];
            rates.into_iter().for_each(assert_keeps_promises);
        }
        Err(error) => assert!(!error.to_string().is_empty(), "a policy is refused without a word"),
    }
}

fn assert_keeps_promises(rate: &RatePolicy) {
    let [low, high] = rate.clip;
    assert!(rate_nats(rate, 0.0, 0.0).abs() < ROUNDING, "evidence from nothing");
    for n in SAMPLES {
        let mut before = low;
        for step in 0..=10u8 {
            let nats = rate_nats(rate, n * f64::from(step) / 10.0, n);
            assert!((low..=high).contains(&nats), "{nats} nats leave the clip {low} to {high}");
            assert!(nats >= before - ROUNDING, "{nats} nats after {before}: evidence falls at step {step} of {n}");
            before = nats;
        }
    }
}
