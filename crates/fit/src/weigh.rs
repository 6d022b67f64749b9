//! Weighing further evidence beside a score that is there already, and calibrating what comes of it.

use crate::solve::{Rows, Term, Unknown, solve};

/// Each row's truth, and what further evidence says about it.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    /// The log-odds of each row, which count as they are but for their level.
    pub odds: &'a [f64],
    /// By evidence, its nats for each row.
    pub further: &'a [&'a [f64]],
    /// Whether each row is unwanted.
    pub positive: &'a [bool],
}

impl Beside<'_> {
    /// The weight of each further evidence, 0 to 1: the logistic regression that fits `rows` best.
    #[must_use]
    pub fn weights(&self, rows: &[usize]) -> Vec<f64> {
        const WEIGHT: Unknown = Unknown { prior: 0.0, pull: 0.0, bounds: [0.0, 1.0] };
        let mut unknowns = vec![Unknown::FREE, Unknown::WHOLE];
        unknowns.extend(self.further.iter().map(|_| WEIGHT));
        let mut found = Rows::default();
        for &row in rows {
            let of = |values: &[f64]| values.get(row).copied().unwrap_or(0.0);
            let factors = [1.0, of(self.odds)].into_iter().chain(self.further.iter().map(|nats| of(nats)));
            let terms = factors.zip(0..).map(|(factor, unknown)| Term { unknown, factor });
            found.push(terms, self.positive.get(row).copied().unwrap_or(false));
        }
        solve(&found, &unknowns).split_off(2)
    }
}

/// The calibration of log-odds with their truths: `[alpha, beta]` of `P = logistic(alpha + beta L)`. Weak priors, worth one undecided
/// row each, keep few or separated rows from running away.
#[must_use]
pub fn calibration(rows: impl Iterator<Item = (f64, bool)>) -> [f64; 2] {
    let mut found = Rows::default();
    for (odds, positive) in rows {
        let terms = [Term { unknown: 0, factor: 1.0 }, Term { unknown: 1, factor: odds }];
        found.push(terms.into_iter(), positive);
    }
    let unknowns =
        [Unknown { prior: 0.0, pull: 0.25, ..Unknown::FREE }, Unknown { prior: 1.0, pull: 0.25, bounds: [0.05, 20.0] }];
    match solve(&found, &unknowns)[..] {
        [alpha, beta] => [alpha, beta],
        _ => [0.0, 1.0],
    }
}

#[cfg(test)]
mod tests {
    use reputation::numeric::logistic;

    use super::*;
    use crate::random::Random;

    /// Rows whose log-odds are `1.5 + .5 · (first + .6 · second)`, by the seed.
    fn rows() -> (Vec<f64>, Vec<f64>, Vec<f64>, Vec<bool>) {
        let mut random = Random::part(4, 9);
        let mut unit = || random.below(1_000_000) as f64 / 1e6;
        let (mut first, mut second, mut idle, mut positive) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..20_000 {
            let (one, other) = (8.0 * unit() - 6.0, 6.0 * unit() - 3.0);
            positive.push(unit() < logistic(1.5 + 0.5 * (one + 0.6 * other)));
            first.push(one);
            second.push(other);
            idle.push(2.0 * unit() - 1.0);
        }
        (first, second, idle, positive)
    }

    #[test]
    fn weights_and_calibration_are_found_again() {
        let (first, second, idle, positive) = rows();
        let odds: Vec<f64> = first.iter().map(|one| 0.5 * one).collect();
        let halved: Vec<f64> = second.iter().map(|one| 0.5 * one).collect();
        let against: Vec<f64> = second.iter().map(|one| -one).collect();
        let all: Vec<usize> = (0..positive.len()).collect();
        let weights = |further: &[&[f64]]| Beside { odds: &odds, further, positive: &positive }.weights(&all);
        let found = weights(&[&halved, &idle]);
        assert!((found[0] - 0.6).abs() < 0.05 && found[1] < 0.06, "{found:?}");
        // What speaks the wrong way has no weight, rather than one below 0.
        assert_eq!(weights(&[&against]), [0.0]);
        let whole = first.iter().zip(&second).map(|(one, other)| one + 0.6 * other).zip(positive.iter().copied());
        let [alpha, beta] = calibration(whole);
        assert!((alpha - 1.5).abs() < 0.1 && (beta - 0.5).abs() < 0.03, "{alpha} {beta}");
    }
}
