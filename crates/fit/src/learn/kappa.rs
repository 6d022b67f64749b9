//! How far a rate of few observations is drawn, and where to.
//!
//! A rate of few observations should say little, so it is drawn to a rate that says nothing. That is not the mean: where few rows
//! are unwanted, a row that is surely average is surely not one of them. It lies between the means of the classes, and the rows
//! themselves tell where.

use reputation::numeric::{ln, logistic, logit};

use crate::boost::{Binned, MISSING};
use crate::random::Random;

/// What is tried: how many observations of the neutral rate a rate is mixed with.
const KAPPAS: [f64; 8] = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];
/// What is tried: where the neutral rate lies, from the wanted class's mean to the unwanted one's.
const PLACES: [f64; 4] = [0.1, 0.3, 0.5, 0.7];
/// Bins of the trial.
const BINS: usize = 24;
/// Observations of the overall share that each bin is mixed with.
const CALM: f64 = 4.0;
/// Each row is told by what the other folds learned.
const FOLDS: usize = 5;
/// The most rows of a trial. Chosen: enough to tell the candidates apart.
const ROWS_MAX: usize = 20_000;

/// A rate's `kappa`, its neutral rate, and the shrunken rate of each row; NaN where nothing was seen.
#[derive(Clone, Debug)]
pub(super) struct Shrunken {
    pub(super) kappa: f64,
    pub(super) mean: f64,
    pub(super) rate: Vec<f64>,
}

/// Counts and truths, with the rows to choose by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial<'a> {
    pub(super) s: &'a [f64],
    pub(super) n: &'a [f64],
    pub(super) positive: &'a [bool],
    pub(super) rows: &'a [usize],
    pub(super) seed: u64,
}

impl Trial<'_> {
    /// Chooses what tells the rows best, bin by bin, each row told by others.
    pub(super) fn choose(self) -> Shrunken {
        let mut random = Random::new(self.seed);
        let mut rows = self.rows.to_vec();
        random.shuffle(&mut rows);
        rows.truncate(ROWS_MAX);
        let means = [false, true].map(|class| self.mean(&rows, class));
        let mut best: Option<(f64, f64, f64)> = None;
        for kappa in KAPPAS {
            for place in PLACES {
                let mean = between(means, place);
                let loss = self.loss(&rows, kappa, mean);
                if best.is_none_or(|(least, ..)| loss < least) {
                    best = Some((loss, kappa, mean));
                }
            }
        }
        let (_, kappa, mean) = best.unwrap_or((0.0, 1.0, 0.5));
        self.shrunken(kappa, mean)
    }

    /// Shrinks with what was chosen.
    pub(super) fn shrunken(self, kappa: f64, mean: f64) -> Shrunken {
        let rate = |(s, n): (&f64, &f64)| shrink(*s, *n, kappa, mean);
        Shrunken { kappa, mean, rate: self.s.iter().zip(self.n).map(rate).collect() }
    }

    fn counts(self, row: usize) -> Option<(f64, f64)> {
        let n = self.n.get(row).copied().filter(|n| *n > 0.0)?;
        Some((self.s.get(row).copied()?, n))
    }

    fn unwanted(self, row: usize) -> bool {
        self.positive.get(row).copied().unwrap_or(false)
    }

    /// The mean rate of a class, rows of few observations counting less.
    fn mean(self, rows: &[usize], class: bool) -> f64 {
        let own = rows.iter().filter(|row| self.unwanted(**row) == class);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (s, n) in own.filter_map(|row| self.counts(*row)) {
            let weight = n / (n + 5.0);
            sum += weight * s / n;
            weights += weight;
        }
        if weights > 0.0 { sum / weights } else { 0.5 }
    }

    /// The mean logarithmic loss of the share of unwanted rows by bin, each fold told by the others.
    fn loss(self, rows: &[usize], kappa: f64, mean: f64) -> f64 {
        let rate = |row: &usize| self.counts(*row).map_or(f64::NAN, |(s, n)| shrink(s, n, kappa, mean));
        let rates: Vec<f64> = rows.iter().map(rate).collect();
        let all: Vec<usize> = (0..rates.len()).collect();
        let binned = Binned::new(&rates, &all, BINS);
        // Wanted and unwanted rows by bin and fold; the last bin is that of what was not seen.
        let mut bins = vec![[[0.0_f64; 2]; FOLDS]; binned.count() + 1];
        let place = |at: usize| match binned.bin.get(at) {
            Some(&MISSING) | None => binned.count(),
            Some(&bin) => usize::from(bin),
        };
        for (at, row) in rows.iter().enumerate() {
            let sum = bins.get_mut(place(at)).and_then(|bin| bin.get_mut(at % FOLDS));
            if let Some(sum) = sum.and_then(|fold| fold.get_mut(usize::from(self.unwanted(*row)))) {
                *sum += 1.0;
            }
        }
        let total =
            |fold: usize| sum_without(bins.iter().flatten().enumerate().map(|(at, sums)| (at % FOLDS, sums)), fold);
        let overall: Vec<f64> = (0..FOLDS).map(total).map(|[good, bad]| (bad + 0.5) / (good + bad + 1.0)).collect();
        let mut loss = 0.0;
        for bin in &bins {
            for (fold, [good, bad]) in bin.iter().enumerate() {
                let [other_good, other_bad] = sum_without(bin.iter().enumerate(), fold);
                let overall = overall.get(fold).copied().unwrap_or(0.5);
                let p = (other_bad + CALM * overall) / (other_good + other_bad + CALM);
                loss -= bad * ln(p) + good * ln(1.0 - p);
            }
        }
        loss / rows.len().max(1) as f64
    }
}

/// The sums of all folds but one.
fn sum_without<'a>(folds: impl Iterator<Item = (usize, &'a [f64; 2])>, without: usize) -> [f64; 2] {
    folds.filter(|(fold, _)| *fold != without).fold([0.0; 2], |[good, bad], (_, sums)| [good + sums[0], bad + sums[1]])
}

fn shrink(s: f64, n: f64, kappa: f64, mean: f64) -> f64 {
    if n > 0.0 { (s + kappa * mean) / (n + kappa) } else { f64::NAN }
}

/// A rate between two, on the scale of log-odds; of rates above 1, such as seconds a call, on that of logarithms.
fn between([low, high]: [f64; 2], place: f64) -> f64 {
    if low.max(high) < 1.0 {
        let [low, high] = [low, high].map(|rate| logit(rate.clamp(1e-6, 1.0 - 1e-6)));
        logistic(low + place * (high - low))
    } else {
        let [low, high] = [low, high].map(|rate| ln(rate.max(1e-6)));
        libm::exp(low + place * (high - low))
    }
}
