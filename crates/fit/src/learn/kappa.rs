//! How far a rate of few observations is drawn to the mean.

use reputation::numeric::ln;

use crate::boost::{Binned, MISSING};

/// What is tried: how many observations of the mean a rate is mixed with.
const TRIED: [f64; 8] = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];
/// Bins of the trial.
const BINS: usize = 24;
/// Observations of the overall share that each bin is mixed with.
const CALM: f64 = 4.0;

/// A rate's `kappa`, its mean, and the shrunken rate of each row; NaN where nothing was seen.
#[derive(Clone, Debug)]
pub(super) struct Shrunken {
    pub(super) kappa: f64,
    pub(super) mean: f64,
    pub(super) rate: Vec<f64>,
}

/// Counts and truths, with the rows to learn from and those to choose by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial<'a> {
    pub(super) s: &'a [f64],
    pub(super) n: &'a [f64],
    pub(super) positive: &'a [bool],
    pub(super) train: &'a [usize],
    pub(super) validation: &'a [usize],
}

impl Trial<'_> {
    /// Chooses the `kappa` whose shrunken rate tells the validation rows best, bin by bin.
    pub(super) fn choose(self) -> Shrunken {
        let tried = TRIED.map(|kappa| {
            let shrunken = self.shrunken(kappa);
            (self.loss(&shrunken.rate), shrunken)
        });
        let best = tried.into_iter().reduce(|best, next| if next.0 < best.0 { next } else { best });
        best.map_or_else(|| self.shrunken(TRIED[0]), |(_, shrunken)| shrunken)
    }

    /// Shrinks with a given `kappa`.
    pub(super) fn shrunken(self, kappa: f64) -> Shrunken {
        let mean = self.mean(kappa);
        let rate = |(s, n): (&f64, &f64)| if *n > 0.0 { (s + kappa * mean) / (n + kappa) } else { f64::NAN };
        Shrunken { kappa, mean, rate: self.s.iter().zip(self.n).map(rate).collect() }
    }

    /// The mean rate over rows, those of few observations counting less.
    fn mean(self, kappa: f64) -> f64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for row in self.train {
            if let (Some(s), Some(n)) = (self.s.get(*row), self.n.get(*row))
                && *n > 0.0
            {
                let weight = n / (n + kappa);
                sum += weight * s / n;
                weights += weight;
            }
        }
        if weights > 0.0 { sum / weights } else { 0.5 }
    }

    /// The mean logarithmic loss on the validation rows of the share of unwanted rows by bin.
    fn loss(self, rate: &[f64]) -> f64 {
        let binned = Binned::new(rate, self.train, BINS);
        let mut bins = vec![[0.0_f64; 2]; binned.count()];
        let mut all = [1.0_f64; 2];
        for row in self.train {
            let unwanted = usize::from(self.positive.get(*row).copied().unwrap_or(false));
            let bin = binned.bin.get(*row).copied().unwrap_or(MISSING);
            if let Some(sum) = bins.get_mut(usize::from(bin)).and_then(|bin| bin.get_mut(unwanted)) {
                *sum += 1.0;
            }
            if let Some(sum) = all.get_mut(unwanted) {
                *sum += 1.0;
            }
        }
        let overall = all[1] / (all[0] + all[1]);
        let share = |[good, bad]: &[f64; 2]| (bad + CALM * overall) / (good + bad + CALM);
        let shares: Vec<f64> = bins.iter().map(share).collect();
        let of_row = |row: &usize| {
            let bin = binned.bin.get(*row).copied().unwrap_or(MISSING);
            let p = shares.get(usize::from(bin)).copied().unwrap_or(overall);
            -ln(if self.positive.get(*row).copied().unwrap_or(false) { p } else { 1.0 - p })
        };
        self.validation.iter().map(of_row).sum::<f64>() / self.validation.len().max(1) as f64
    }
}
