//! Learned shapes: evidence as a staircase instead of a ratio of densities.

use serde::Deserialize;

/// What an evidence is made of.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// The ratio of the densities of unwanted and legitimate callers.
    #[default]
    Density,
    /// A shape that was learned from labelled data.
    Shape,
}

/// A piecewise-constant function of a shrunken rate: `g(r) − g(mean)` with `r = (s + kappa·mean) / (n + kappa)`, so that nothing
/// seen says nothing and little seen says little.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShapePolicy {
    /// Where bins begin, rising: `r` is in bin number "edges at or below `r`".
    pub edges: Vec<f64>,
    /// The nats of each bin, one more than there are edges.
    pub nats: Vec<f64>,
    /// The rate that says nothing.
    pub mean: f64,
    /// How many observations of the mean each rate is mixed with, above 0.
    pub kappa: f64,
}

impl ShapePolicy {
    /// The nats of `s` of `n`, with `n` above 0.
    #[must_use]
    pub fn nats(&self, s: f64, n: f64) -> f64 {
        self.of((s + self.kappa * self.mean) / (n + self.kappa))
    }

    /// The nats of a shrunken rate.
    fn of(&self, rate: f64) -> f64 {
        self.at(rate) - self.at(self.mean)
    }

    fn at(&self, rate: f64) -> f64 {
        let bin = self.edges.partition_point(|edge| *edge <= rate);
        self.nats.get(bin).copied().unwrap_or(0.0)
    }

    /// The rate from which on the nats of a shape that never rises are at most 0.
    pub(crate) fn neutral_from(&self) -> f64 {
        let above = self.nats.iter().take_while(|nats| **nats > self.at(self.mean)).count();
        above.checked_sub(1).and_then(|last| self.edges.get(last)).copied().unwrap_or(0.0)
    }

    /// The most that the nats may fall when `s` and `n` shrink to the part `kept` of them.
    ///
    /// The shrunken rate then comes nearer to the mean, its distance keeping at least that part. Within a bin the steepest fall is
    /// where the rate is nearest to the mean: at the bin's edge.
    pub(crate) fn fall(&self, kept: f64) -> f64 {
        let nearer = |rate: f64| self.of(self.mean + kept * (rate - self.mean));
        let falls = self.edges.iter().zip(self.nats.windows(2)).map(|(edge, pair)| {
            let own = if *edge > self.mean { pair.last() } else { pair.first() };
            own.map_or(0.0, |nats| nats - self.at(self.mean) - nearer(*edge))
        });
        falls.fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape() -> ShapePolicy {
        ShapePolicy { edges: vec![0.1, 0.3, 0.5], nats: vec![-1.0, 0.5, 1.5, 3.0], mean: 0.2, kappa: 4.0 }
    }

    #[test]
    fn few_observations_say_little() {
        let shape = shape();
        assert_eq!(shape.nats(1.0, 1.0), 1.0, "1.8 of 5 is in the third bin");
        assert_eq!(shape.nats(0.0, 1.0), 0.0);
        assert_eq!(shape.nats(90.0, 100.0), 2.5);
        assert_eq!(shape.nats(0.0, 100.0), -1.5);
    }

    #[test]
    fn no_fall_is_steeper_than_the_bound() {
        let kept = 0.9;
        let falling = ShapePolicy { nats: vec![3.0, 1.0, 0.5, -1.0], mean: 0.4, ..shape() };
        for shape in [shape(), falling] {
            let fall = shape.fall(kept);
            for share in 0..=100 {
                for size in 1..400 {
                    let (share, n) = (f64::from(share) / 100.0, f64::from(size) * 0.5);
                    let fell = shape.nats(share * n, n) - shape.nats(share * n * kept, n * kept);
                    assert!(fell <= fall + 1e-12, "{share} of {n}: {fell} {fall}");
                }
            }
        }
        assert!(shape().fall(kept) > 0.0);
    }

    #[test]
    fn a_falling_shape_turns_at_its_neutral_rate() {
        let falling = ShapePolicy { nats: vec![3.0, 1.0, 0.5, -1.0], mean: 0.4, ..shape() };
        assert_eq!(falling.neutral_from(), 0.3);
        assert_eq!(ShapePolicy { mean: 0.05, ..falling }.neutral_from(), 0.0);
    }
}
