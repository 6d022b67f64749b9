//! What each threshold would cost: who is caught and who is wronged when the probability from which a level begins is moved.

use reputation::policy::Policy;
use serde_json::{Value, json};

use super::measure::Ratio;
use super::outcome::{LEVELS, Levels, Outcome};

/// Where the levels are made to begin. Chosen: from an even chance to nine hundred and ninety-nine of a thousand, closer together
/// where the shipped levels begin.
pub(crate) const THRESHOLDS: [f64; 10] = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];

/// What came of one threshold at one level.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Point {
    /// The probability from which the level began.
    pub(crate) p: f64,
    /// Busy unwanted numbers that ever had the level or a higher one.
    pub(crate) caught: Ratio,
    /// Wanted registered numbers that did.
    pub(crate) registered: Ratio,
    /// Wanted numbers that are not registered and did.
    pub(crate) unregistered: Ratio,
}

/// By level, in rising order of the threshold.
pub(crate) type TradeOff = Levels<Vec<Point>>;

/// A policy whose levels all begin at `p`, all else as it is. Each condition of a level but `p` is at least that of the level below,
/// so whether a number ever has a level or a higher one hangs on that level's `p` alone.
pub(crate) fn moved(policy: &Policy, p: f64) -> Policy {
    let mut policy = policy.clone();
    let levels = &mut policy.levels;
    for level in [&mut levels.potential_spam, &mut levels.spam_likely, &mut levels.spam] {
        level.p = p;
    }
    policy
}

/// Adds what came of a threshold.
pub(crate) fn add(curves: &mut TradeOff, p: f64, outcomes: &[Outcome]) {
    for (level, curve) in curves.iter_mut().enumerate() {
        let ratio = |keep: &dyn Fn(&Outcome) -> bool| {
            let mut ratio = Ratio::default();
            let kept = outcomes.iter().filter(|one| keep(one));
            kept.for_each(|one| ratio.add(one.first.get(level).is_some_and(Option::is_some)));
            ratio
        };
        curve.push(Point {
            p,
            caught: ratio(&|one| one.known.unwanted && one.busy),
            registered: ratio(&|one| !one.known.unwanted && one.known.registered),
            unregistered: ratio(&|one| !one.known.unwanted && !one.known.registered),
        });
    }
}

/// As part of the report.
pub(crate) fn value(curves: &TradeOff) -> Value {
    let point = |point: &Point| {
        json!({
            "p": point.p,
            "capture_numbers_busy": point.caught.share(),
            "false_positive_registered": point.registered.share(),
            "false_positive_unregistered": point.unregistered.share(),
        })
    };
    let curve = |(level, curve): (model::Label, &Vec<Point>)| {
        (level.as_str().to_owned(), Value::Array(curve.iter().map(point).collect()))
    };
    Value::Object(LEVELS.into_iter().zip(curves).map(curve).collect())
}
