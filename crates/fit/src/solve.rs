//! Logistic regression with a penalty and bounds: few unknowns, many rows, each row touching few unknowns.
//!
//! Newton's method on the unknowns that are free, with those that push against a bound held there (Bertsekas: Projected Newton
//! Methods, 1982). Own, because the crates with box constraints are first-order or derivative-free, and hundreds of unknowns
//! want the exact curvature.

mod cholesky;

use reputation::numeric::{ln_add_exp, logistic};

use cholesky::solve_symmetric;

/// The most Newton steps. They converge in about ten; a fit that does not is still a valid score.
const STEPS_MAX: u32 = 60;
/// A step that improves the loss by less than this much per row ends the search.
const ENOUGH: f64 = 1e-9;

/// One term of a row: which unknown, times what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    /// The unknown.
    pub(crate) unknown: u32,
    /// Its factor.
    pub(crate) factor: f64,
}

/// What is known about an unknown beforehand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unknown {
    /// Where it is drawn to, and where the search starts.
    pub(crate) prior: f64,
    /// How strongly: the curvature added to the loss.
    pub(crate) pull: f64,
    /// Its bounds.
    pub(crate) bounds: [f64; 2],
}

impl Unknown {
    /// One without a prior and without bounds.
    pub(crate) const FREE: Self = Self { prior: 0.0, pull: 0.0, bounds: [f64::NEG_INFINITY, f64::INFINITY] };
    /// One that is 1: its terms count as they are.
    pub(crate) const WHOLE: Self = Self { prior: 1.0, pull: 0.0, bounds: [1.0, 1.0] };
}

/// Rows with their terms and truths.
#[derive(Clone, Default, Debug)]
pub(crate) struct Rows {
    terms: Vec<Term>,
    ends: Vec<usize>,
    positive: Vec<bool>,
}

impl Rows {
    /// Adds a row.
    pub(crate) fn push(&mut self, terms: impl Iterator<Item = Term>, positive: bool) {
        self.terms.extend(terms);
        self.ends.push(self.terms.len());
        self.positive.push(positive);
    }

    fn iter(&self) -> impl Iterator<Item = (&[Term], bool)> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let ranges = starts.zip(&self.ends).map(|(from, to)| self.terms.get(from..*to).unwrap_or_default());
        ranges.zip(self.positive.iter().copied())
    }
}

/// The unknowns that fit the rows best.
pub(crate) fn solve(rows: &Rows, unknowns: &[Unknown]) -> Vec<f64> {
    let clamp = |value: f64, unknown: &Unknown| value.clamp(unknown.bounds[0], unknown.bounds[1]);
    let mut found: Vec<f64> = unknowns.iter().map(|unknown| clamp(unknown.prior, unknown)).collect();
    let mut loss = loss_of(rows, unknowns, &found);
    for _ in 0..STEPS_MAX {
        let (slope, mut curvature) = derivatives(rows, unknowns, &found);
        let held: Vec<bool> = found
            .iter()
            .zip(unknowns)
            .zip(&slope)
            .map(|((value, unknown), slope)| {
                (*value <= unknown.bounds[0] && *slope > 0.0) || (*value >= unknown.bounds[1] && *slope < 0.0)
            })
            .collect();
        let step = solve_symmetric(&mut curvature, &slope, &held);
        let mut part = 1.0;
        let better = loop {
            let tried: Vec<f64> = found
                .iter()
                .zip(&step)
                .zip(unknowns)
                .map(|((value, step), unknown)| clamp(value - part * step, unknown))
                .collect();
            let tried_loss = loss_of(rows, unknowns, &tried);
            if tried_loss < loss {
                break Some((tried, tried_loss));
            }
            part *= 0.5;
            if part < 1e-6 {
                break None;
            }
        };
        let Some((tried, tried_loss)) = better else { break };
        let gained = loss - tried_loss;
        (found, loss) = (tried, tried_loss);
        if gained < ENOUGH * rows.positive.len() as f64 {
            break;
        }
    }
    found
}

fn score(terms: &[Term], values: &[f64]) -> f64 {
    terms.iter().map(|term| term.factor * values.get(term.unknown as usize).copied().unwrap_or(0.0)).sum()
}

/// The sum of the logarithmic loss and of the pull to the priors.
fn loss_of(rows: &Rows, unknowns: &[Unknown], values: &[f64]) -> f64 {
    let of_row = |(terms, positive): (&[Term], bool)| {
        let score = score(terms, values);
        ln_add_exp(0.0, if positive { -score } else { score })
    };
    let pull =
        |(unknown, value): (&Unknown, &f64)| 0.5 * unknown.pull * (value - unknown.prior) * (value - unknown.prior);
    rows.iter().map(of_row).sum::<f64>() + unknowns.iter().zip(values).map(pull).sum::<f64>()
}

/// The slope of the loss, and its curvature row by row.
fn derivatives(rows: &Rows, unknowns: &[Unknown], values: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let size = unknowns.len();
    let mut slope: Vec<f64> =
        unknowns.iter().zip(values).map(|(unknown, value)| unknown.pull * (value - unknown.prior)).collect();
    let mut curvature = vec![0.0; size * size];
    for (terms, positive) in rows.iter() {
        let p = logistic(score(terms, values));
        let error = p - if positive { 1.0 } else { 0.0 };
        let weight = p * (1.0 - p);
        for (place, one) in terms.iter().enumerate() {
            let row = one.unknown as usize;
            if let Some(slope) = slope.get_mut(row) {
                *slope += error * one.factor;
            }
            let into = curvature.get_mut(row * size..(row + 1) * size).unwrap_or_default();
            let factor = weight * one.factor;
            // The lower half: terms come in rising order of their unknowns.
            for other in terms.get(..=place).unwrap_or_default() {
                if let Some(sum) = into.get_mut(other.unknown as usize) {
                    *sum += factor * other.factor;
                }
            }
        }
    }
    for (place, unknown) in unknowns.iter().enumerate() {
        if let Some(own) = curvature.get_mut(place * size + place) {
            *own += unknown.pull;
        }
    }
    (slope, curvature)
}

#[cfg(test)]
mod tests;
