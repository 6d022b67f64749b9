//! Two policies on the same numbers: how their figures differ, and how sure that is.

use fit::metrics::{Interval, bootstrap};

use super::measure::CONFIDENCE;
use super::outcome::{LEVELS, Outcome};

/// Draws behind an interval. Chosen: the ends of a 95 % interval then rest on a dozen draws each.
const ROUNDS: u32 = 500;
/// Numbers are drawn in so many lots at most. Chosen: so many lots give the same intervals as single numbers do, to two digits,
/// and their sums fit into a processor's cache.
const LOTS: usize = 20_000;

/// One figure under both policies.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Difference {
    /// What is measured; a key of the JSON report.
    pub(crate) measure: &'static str,
    /// In words.
    pub(crate) words: &'static str,
    /// The label's word; `None` for what has no level.
    pub(crate) level: Option<&'static str>,
    /// Under the first policy; `None` of nothing.
    pub(crate) first: Option<f64>,
    /// Under the second.
    pub(crate) second: Option<f64>,
    /// Second less first.
    pub(crate) difference: Option<f64>,
    /// Where the difference lies with 95 % confidence, by drawing numbers.
    pub(crate) interval: Option<Interval>,
}

impl Difference {
    /// The interval leaves out 0.
    pub(crate) fn is_sure(&self) -> bool {
        self.interval.is_some_and(|interval| interval.low > 0.0 || interval.high < 0.0)
    }
}

/// A figure as a share of sums: what a number adds to the part and to the whole, at a level.
type Adds = fn(&Outcome, usize) -> [f64; 2];

/// The figures that have a level: key, words, what a number adds.
const BY_LEVEL: [(&str, &str, Adds); 7] = [
    ("capture_numbers", "unwanted numbers caught", |one, level| labelled(one, level, one.known.unwanted)),
    ("capture_numbers_busy", "… of those with 50 calls in 7 days", |one, level| {
        labelled(one, level, one.known.unwanted && one.busy)
    }),
    ("capture_calls", "unwanted calls caught", |one, level| shown(one, level, one.known.unwanted)),
    ("false_positive", "wanted numbers ever labelled", |one, level| labelled(one, level, !one.known.unwanted)),
    ("false_positive_registered", "… of those registered", |one, level| {
        labelled(one, level, !one.known.unwanted && one.known.registered)
    }),
    ("false_positive_calls", "wanted calls labelled", |one, level| shown(one, level, !one.known.unwanted)),
    ("flaps", "labels that came back, a number and day", |one, level| {
        let sum = |of: &dyn Fn(&super::outcome::ViewOutcome) -> f64| one.views.iter().map(of).sum::<f64>();
        let minutes = sum(&|view| view.labelled_min.get(level).map_or(0.0, |&minutes| minutes as f64));
        [sum(&|view| view.returns.get(level).map_or(0.0, |&returns| f64::from(returns))), minutes / 1440.0]
    }),
];

fn labelled(one: &Outcome, level: usize, counts: bool) -> [f64; 2] {
    let reached = one.first.get(level).is_some_and(Option::is_some);
    if counts { [f64::from(u8::from(reached)), 1.0] } else { [0.0; 2] }
}

fn shown(one: &Outcome, level: usize, counts: bool) -> [f64; 2] {
    let shown = one.shown.get(level).map_or(0.0, |&shown| shown as f64);
    if counts { [shown, one.looked_up as f64] } else { [0.0; 2] }
}

/// Squared errors of a number's ratings.
fn brier(one: &Outcome, _: usize) -> [f64; 2] {
    let truth = f64::from(u8::from(one.known.unwanted));
    let square = |(bp, _)| {
        let off = f64::from(bp) / 10_000.0 - truth;
        off * off
    };
    let squares = one.views.iter().filter_map(|view| view.rating).map(square);
    squares.fold([0.0; 2], |[sum, n], square: f64| [sum + square, n + 1.0])
}

/// Compares what two policies did with the same numbers, which stand in the same order.
pub(crate) fn compare(first: &[Outcome], second: &[Outcome], seed: u64) -> Vec<Difference> {
    debug_assert!(first.iter().map(|one| one.tn).eq(second.iter().map(|one| one.tn)), "the same numbers are compared");
    let with_level = BY_LEVEL.into_iter().flat_map(|(measure, words, adds)| {
        LEVELS.into_iter().enumerate().map(move |(level, label)| (measure, words, Some(label.as_str()), adds, level))
    });
    let brier: (_, _, _, Adds, _) = ("brier", "mean squared error of the rating", None, brier, 0);
    with_level
        .chain(std::iter::once(brier))
        .map(|(measure, words, level, adds, place)| {
            let lots = lots(first, second, |one| adds(one, place));
            let figures = |lots: &mut dyn Iterator<Item = &[f64; 4]>| {
                let sums = lots.fold([0.0; 4], |[a, b, c, d], [e, f, g, h]| [a + e, b + f, c + g, d + h]);
                let [part, whole, other_part, other_whole] = sums;
                (share(part, whole), share(other_part, other_whole))
            };
            let (one, other) = figures(&mut lots.iter());
            let drawn = |places: &[usize]| {
                let (one, other) = figures(&mut places.iter().filter_map(|&place| lots.get(place)));
                Some(other? - one?)
            };
            Difference {
                measure,
                words,
                level,
                first: one,
                second: other,
                difference: one.zip(other).map(|(one, other)| other - one),
                interval: bootstrap(lots.len(), ROUNDS, CONFIDENCE, seed, drawn),
            }
        })
        .collect()
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// What lots of numbers add under both policies. Neighbours, which are alike, fall into different lots.
fn lots(first: &[Outcome], second: &[Outcome], adds: impl Fn(&Outcome) -> [f64; 2]) -> Vec<[f64; 4]> {
    let count = first.len().min(LOTS);
    let mut lots = vec![[0.0; 4]; count];
    for (place, (one, other)) in first.iter().zip(second).enumerate() {
        if let Some(lot) = lots.get_mut(place % count.max(1)) {
            let ([part, whole], [other_part, other_whole]) = (adds(one), adds(other));
            for (sum, value) in lot.iter_mut().zip([part, whole, other_part, other_whole]) {
                *sum += value;
            }
        }
    }
    lots
}

#[cfg(test)]
mod tests;
