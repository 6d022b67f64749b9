//! A learned score: what each evidence says, and how they add up. It is what a model file holds.

mod file;

use reputation::assess::NATS_SCALE;
use reputation::numeric::{DECIBANS_PER_NAT, ln, ln_add_exp, ln_beta, logistic, logit};

use crate::metrics::Scored;
use crate::spec::{Monotone, Scale, Source};
use crate::table::{Observed, Table};

pub use file::{ModelError, VERSION};

/// A learned score.
#[derive(Clone, PartialEq, Debug)]
pub struct Model {
    /// The share of unwanted things before any evidence, above 0 and below 1.
    pub unwanted_share: f64,
    /// From log-odds to probability: `P = logistic(alpha + beta L)`.
    pub alpha: f64,
    /// Multiplies the log-odds; above 0.
    pub beta: f64,
    /// The probability from which on a thing counts as unwanted.
    pub threshold: f64,
    /// Each evidence.
    pub evidence: Vec<Evidence>,
}

/// One learned evidence.
#[derive(Clone, PartialEq, Debug)]
pub struct Evidence {
    /// Its name.
    pub name: String,
    /// The family that it belongs to; `None` when it belongs to none.
    pub family: Option<String>,
    /// The columns that it comes from.
    pub source: Source,
    /// Factor on the clipped nats, 0 to 1.
    pub weight: f64,
    /// Bounds in nats.
    pub clip: [f64; 2],
    /// Which way it may go.
    pub monotone: Monotone,
    /// What was learned.
    pub learned: Learned,
}

/// What was learned about an evidence.
#[derive(Clone, PartialEq, Debug)]
pub enum Learned {
    /// A rate's Beta density in each class, or a mixture of them.
    Beta {
        /// Of wanted things.
        legitimate: Vec<Beta>,
        /// Of unwanted things.
        unwanted: Vec<Beta>,
    },
    /// A value's normal density in each class, or a mixture of them, on the value's scale.
    Normal {
        /// Of wanted things.
        legitimate: Vec<Normal>,
        /// Of unwanted things.
        unwanted: Vec<Normal>,
        /// Stands in for values below it, which have no logarithm that tells; `None` on a linear scale.
        floor: Option<f64>,
    },
    /// A piecewise-constant function.
    Shape(Shape),
}

/// One component of a Beta mixture.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Beta {
    /// Share of the mixture, above 0 and at most 1.
    pub share: f64,
    /// First shape, above 0.
    pub a: f64,
    /// Second shape, above 0.
    pub b: f64,
}

/// One component of a normal mixture.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Normal {
    /// Share of the mixture, above 0 and at most 1.
    pub share: f64,
    /// Mean, on the value's scale.
    pub mean: f64,
    /// Variance, above 0.
    pub variance: f64,
}

/// A piecewise-constant function of a shrunken rate or of a value.
#[derive(Clone, PartialEq, Debug)]
pub struct Shape {
    /// Where bins begin, rising: `x` is in bin number "edges at or below `x`". A value's edges are on the scale of the file.
    pub edges: Vec<f64>,
    /// The nats of each bin, one more than there are edges. 0 in the bin of `mean`.
    pub nats: Vec<f64>,
    /// The rate or value that says nothing.
    pub mean: f64,
    /// How many observations of the mean each rate is mixed with; 0 for values.
    pub kappa: f64,
}

impl Shape {
    /// The nats of a rate or value; those of the mean are taken off.
    #[must_use]
    pub fn nats(&self, x: f64) -> f64 {
        self.at(x) - self.at(self.mean)
    }

    /// The rate that is looked up: `s` of `n`, mixed with the mean.
    #[must_use]
    pub fn shrunken(&self, s: f64, n: f64) -> f64 {
        (s + self.kappa * self.mean) / (n + self.kappa)
    }

    /// The rate or value whose nats are closest to `nats`: the mean where that is as close as any, else the middle of the nearest such
    /// bin.
    pub(crate) fn nearest(&self, nats: f64) -> f64 {
        let distance =
            |bin: usize| self.nats.get(bin).map_or(f64::INFINITY, |own| (own - self.at(self.mean) - nats).abs());
        let rest = self.edges.partition_point(|edge| *edge <= self.mean);
        let least = (0..self.nats.len()).map(distance).fold(f64::INFINITY, f64::min);
        let closest = (0..self.nats.len()).filter(|bin| distance(*bin) <= least + 1e-9);
        match closest.min_by_key(|bin| bin.abs_diff(rest)) {
            Some(bin) if bin != rest => {
                match (bin.checked_sub(1).and_then(|below| self.edges.get(below)), self.edges.get(bin)) {
                    (Some(from), Some(to)) => 0.5 * (from + to),
                    (Some(from), None) => *from,
                    (None, Some(to)) => to.next_down(),
                    (None, None) => self.mean,
                }
            }
            Some(_) | None => self.mean,
        }
    }

    fn at(&self, x: f64) -> f64 {
        let bin = self.edges.partition_point(|edge| *edge <= x);
        self.nats.get(bin).copied().unwrap_or(0.0)
    }
}

impl Evidence {
    /// What the evidence says about row `row`: nats, clipped and weighted. 0 where nothing was seen.
    #[must_use]
    pub fn nats(&self, observed: &Observed, row: usize) -> f64 {
        self.weight * self.clipped(observed, row)
    }

    /// What the evidence says before its weight.
    pub(crate) fn clipped(&self, observed: &Observed, row: usize) -> f64 {
        let at = |column: &[f64]| column.get(row).copied().unwrap_or(f64::NAN);
        let raw = match observed {
            Observed::Rate { s, n } => {
                let (s, n) = (at(s), at(n));
                if n > 0.0 { self.learned.of_rate(s, n) } else { 0.0 }
            }
            Observed::Value(values) => {
                let value = at(values);
                if value.is_nan() { 0.0 } else { self.learned.of_value(value, self.scale()) }
            }
        };
        round_nats(raw.clamp(self.clip[0], self.clip[1]))
    }

    /// The scale of its value; linear for rates.
    #[must_use]
    pub const fn scale(&self) -> Scale {
        match &self.source {
            Source::Value { scale, .. } => *scale,
            Source::Counts { .. } | Source::Share { .. } => Scale::Linear,
        }
    }
}

impl Learned {
    /// The form's name.
    #[must_use]
    pub const fn form(&self) -> &'static str {
        match self {
            Self::Beta { .. } => "beta",
            Self::Normal { .. } => "gaussian",
            Self::Shape(_) => "shape",
        }
    }

    /// The nats of a rate, `s` of `n`, with `n` above 0.
    #[must_use]
    pub fn of_rate(&self, s: f64, n: f64) -> f64 {
        match self {
            Self::Beta { legitimate, unwanted } => ln_beta_mixture(unwanted, s, n) - ln_beta_mixture(legitimate, s, n),
            Self::Shape(shape) => shape.nats(shape.shrunken(s, n)),
            Self::Normal { .. } => 0.0,
        }
    }

    /// The nats of a value.
    #[must_use]
    pub fn of_value(&self, value: f64, scale: Scale) -> f64 {
        match self {
            Self::Normal { legitimate, unwanted, floor } => {
                let x = scaled(value, scale, *floor);
                ln_normal_mixture(unwanted, x) - ln_normal_mixture(legitimate, x)
            }
            Self::Shape(shape) => shape.nats(value),
            Self::Beta { .. } => 0.0,
        }
    }
}

/// Rounds evidence to 10⁻⁴ nat, as the policy's evidence is, so that sums are exact and files short.
pub(crate) fn round_nats(nats: f64) -> f64 {
    libm::round(nats * NATS_SCALE) / NATS_SCALE
}

/// A value on its scale.
pub(crate) fn scaled(value: f64, scale: Scale, floor: Option<f64>) -> f64 {
    match scale {
        Scale::Linear => value,
        Scale::Log => ln(value.max(floor.unwrap_or(f64::MIN_POSITIVE)).max(f64::MIN_POSITIVE)),
    }
}

/// The logarithm of the chance of `s` of `n` under a Beta mixture, without the binomial coefficient, which all mixtures share.
pub(crate) fn ln_beta_mixture(mixture: &[Beta], s: f64, n: f64) -> f64 {
    mixture.iter().fold(f64::NEG_INFINITY, |sum, part| {
        ln_add_exp(sum, ln(part.share) + ln_beta(s + part.a, n - s + part.b) - ln_beta(part.a, part.b))
    })
}

/// The logarithm of a normal mixture's density, without the factor that all share.
pub(crate) fn ln_normal_mixture(mixture: &[Normal], x: f64) -> f64 {
    mixture.iter().fold(f64::NEG_INFINITY, |sum, part| {
        let distance = x - part.mean;
        ln_add_exp(sum, ln(part.share) - 0.5 * (ln(part.variance) + distance * distance / part.variance))
    })
}

impl Model {
    /// The log-odds of a row, before calibration.
    #[must_use]
    pub fn log_odds(&self, table: &Table, row: usize) -> f64 {
        let evidence =
            self.evidence.iter().zip(&table.observed).map(|(evidence, observed)| evidence.nats(observed, row));
        logit(self.unwanted_share) + evidence.sum::<f64>()
    }

    /// The probability that a row is unwanted.
    #[must_use]
    pub fn probability(&self, table: &Table, row: usize) -> f64 {
        logistic(self.alpha + self.beta * self.log_odds(table, row))
    }

    /// Rows with their probabilities and truths. The table must have been read for [`Model::sources`].
    #[must_use]
    pub fn score(&self, table: &Table, rows: &[usize]) -> Vec<Scored> {
        let truth = |row: usize| table.positive.get(row).copied().unwrap_or(false);
        rows.iter().map(|row| Scored { p: self.probability(table, *row), positive: truth(*row) }).collect()
    }

    /// The columns that a table must have, in the order in which it is to be read.
    #[must_use]
    pub fn sources(&self) -> Vec<&Source> {
        self.evidence.iter().map(|evidence| &evidence.source).collect()
    }

    /// The decibans of one nat of evidence, after calibration: 10 more are ten times the odds.
    #[must_use]
    pub fn decibans_per_nat(&self) -> f64 {
        DECIBANS_PER_NAT * self.beta
    }
}

#[cfg(test)]
mod tests;
