//! Learned shapes in the place of densities.

use std::sync::LazyLock;

use proptest::prelude::*;
use reputation::engines::View;
use reputation::evidence::rate_nats;
use reputation::facts::CallFact;
use reputation::policy::{Overlay, Policy};
use reputation::timeline::Rules;

use super::evidence::{alone, near};
use super::stream::Daily;
use super::traffic::{Placed, shape};
use super::world::{config, end_at, replay_of};

const SHAPES: &str = r#"
[evidence.INVALID_DESTINATIONS]
form = "shape"
shape = { mean = 0.015, kappa = 20.0, edges = [0.01, 0.02, 0.04, 0.1], nats = [-0.6, 0.0, 0.9, 2.0, 4.5] }
[evidence.UNANSWERED]
form = "shape"
shape = { mean = 0.5, kappa = 5.0, edges = [0.3, 0.45, 0.6, 0.7, 0.8, 0.9], nats = [-2.5, -1.0, -0.2, 0.1, 0.8, 1.7, 2.6] }
[evidence.SHORT_CALLS]
form = "shape"
shape = { mean = 0.14, kappa = 2.0, edges = [0.1, 0.2, 0.3, 0.45], nats = [-0.8, -0.3, 0.2, 1.9, 3.6] }
[evidence.FIRST_CALLS]
form = "shape"
shape = { mean = 0.5, kappa = 5.0, edges = [0.3, 0.6, 0.85, 0.95], nats = [-1.5, -0.6, 0.3, 1.2, 2.4] }
[evidence.TALK_TIME]
form = "shape"
shape = { mean = 60.0, kappa = 3.0, edges = [12.0, 20.0, 35.0, 90.0], nats = [2.2, 1.6, 0.8, 0.0, -0.9] }
"#;

fn load(text: &str) -> Result<Policy, String> {
    let overlay = Overlay { file: "shapes.toml".to_owned(), text: text.to_owned() };
    Policy::load(&[overlay]).map_err(|error| error.to_string())
}

fn shaped() -> &'static Rules {
    static SHAPED: LazyLock<Rules> = LazyLock::new(|| Rules::new(load(SHAPES).expect("a policy")));
    &SHAPED
}

#[test]
fn shapes_stand_in_for_densities() {
    let evidence = &shaped().policy.evidence;
    let short = |s: f64, n: f64| rate_nats(&evidence.short_calls, s, n);
    for ((s, n), nats) in
        [((0.0, 0.0), 0.0), ((1.0, 10.0), 0.0), ((5.0, 10.0), 2.2), ((0.0, 50.0), -0.5), ((90.0, 100.0), 3.9)]
    {
        near(short(s, n), nats, 1e-9);
    }
    // The last bin lies beyond the clip.
    near(rate_nats(&evidence.invalid_destinations, 64.0, 64.0), 4.0, 1e-9);
}

#[test]
fn shapes_that_break_a_promise_are_refused() {
    let check = |from: &str, to: &str, expect: &str| {
        let error = load(&SHAPES.replacen(from, to, 1)).expect_err(expect);
        assert!(error.contains(expect), "{error}");
    };
    check("0.9, 2.0, 4.5] }", "0.9, 5.0, 4.5] }", "INVALID_DESTINATIONS.shape.nats");
    check("nats = [2.2, 1.6", "nats = [1.2, 1.6", "TALK_TIME.shape.nats");
    check("edges = [0.01, 0.02", "edges = [0.02, 0.02", "INVALID_DESTINATIONS.shape.edges");
    check("edges = [0.01, 0.02", "edges = [0.02", "one more than there are edges");
    check("0.85, 0.95]", "0.85, 1.95]", "FIRST_CALLS.shape.edges");
    check("mean = 0.015", "mean = 0.0", "INVALID_DESTINATIONS.shape.mean");
    check("kappa = 20.0", "kappa = 0.0", "INVALID_DESTINATIONS.shape.kappa");
    check("kappa = 20.0", "kapa = 20.0", "kapa");
    check("form = \"shape\"\n", "", "no shape, or form");
    assert!(load("[evidence.UNANSWERED]\nform = \"shape\"\n").expect_err("no shape").contains("absent"));
}

proptest! {
    #![proptest_config(config(96))]

    /// Builds with assertions assess every hour that the bounds rule out, and compare.
    #[test]
    fn no_bound_rules_out_an_hour_that_counts(shape in shape()) {
        let facts: Vec<CallFact> = shape.calls().iter().map(Placed::fact).collect();
        let end = end_at(shape.end_hour());
        let replayed = replay_of(shaped(), &facts, &alone(), (&View::any(), &mut Daily(shape.seed)), end);
        prop_assert!(replayed.reading.found.log_odds.is_finite());
    }
}
