//! One bag: boosting on a part of the rows until the rest stops improving.

use reputation::numeric::ln_add_exp;

use super::bins::MISSING;
use super::sigmoid::sigmoid;
use super::tree::{Limits, Wish, grow};
use super::{BoostInput, BoostSettings, Boosted};

/// Rows that are worked on together: what fits the nearest cache.
const BLOCK: usize = 512;
/// Bins, with that of what was not seen.
const BINS: usize = MISSING as usize + 1;

/// Rows gathered for quick passes.
struct Rows {
    /// For each feature, the bin of each row.
    bins: Vec<Vec<u8>>,
    truth: Vec<f32>,
    score: Vec<f32>,
}

/// One bag at work.
pub(super) struct Bag<'a> {
    input: BoostInput<'a>,
    settings: BoostSettings,
    learn: Rows,
    stop: Rows,
    functions: Vec<Vec<f64>>,
}

impl Rows {
    fn new(input: BoostInput<'_>, rows: &[usize]) -> Self {
        let bins = input
            .features
            .iter()
            .map(|feature| rows.iter().map(|row| feature.bin.get(*row).copied().unwrap_or(MISSING)).collect());
        let truth = rows.iter().map(|row| if input.positive.get(*row).copied().unwrap_or(false) { 1.0 } else { 0.0 });
        let score = rows.iter().map(|row| input.offset.get(*row).copied().unwrap_or(0.0) as f32);
        Self { bins: bins.collect(), truth: truth.collect(), score: score.collect() }
    }

    /// Adds each row's step.
    fn add(&mut self, feature: usize, steps: &[f32; BINS]) {
        let bins = self.bins.get(feature).map(Vec::as_slice).unwrap_or_default();
        for (score, bin) in self.score.iter_mut().zip(bins) {
            *score += step_of(steps, *bin);
        }
    }

    /// Adds the step of the feature before, and sums up what the rows of each bin of `feature` wish then.
    fn add_and_wish(&mut self, before: Option<usize>, steps: &[f32; BINS], feature: usize, wishes: &mut [Wish; BINS]) {
        let none: &[u8] = &[];
        let bins = |feature: Option<usize>| feature.and_then(|one| self.bins.get(one)).map_or(none, Vec::as_slice);
        let mut before = bins(before).chunks(BLOCK);
        let own = bins(Some(feature)).chunks(BLOCK);
        for ((score, truth), own) in self.score.chunks_mut(BLOCK).zip(self.truth.chunks(BLOCK)).zip(own) {
            for (score, bin) in score.iter_mut().zip(before.next().unwrap_or_default()) {
                *score += step_of(steps, *bin);
            }
            let (mut slopes, mut curvatures) = ([0.0_f32; BLOCK], [0.0_f32; BLOCK]);
            let wished = slopes.iter_mut().zip(&mut curvatures);
            for ((slope, curvature), (score, truth)) in wished.zip(score.iter().zip(truth)) {
                let p = sigmoid(*score);
                *slope = truth - p;
                *curvature = p * (1.0 - p);
            }
            for ((bin, slope), curvature) in own.iter().zip(&slopes).zip(&curvatures) {
                if let Some(wish) = wishes.get_mut(usize::from(*bin)) {
                    wish.slope += f64::from(*slope);
                    wish.curvature += f64::from(*curvature);
                }
            }
        }
    }

    /// The mean logarithmic loss.
    fn loss(&self) -> f64 {
        let of = |(score, truth): (&f32, &f32)| {
            let against = if *truth > 0.5 { -f64::from(*score) } else { f64::from(*score) };
            ln_add_exp(0.0, against)
        };
        self.score.iter().zip(&self.truth).map(of).sum::<f64>() / self.score.len().max(1) as f64
    }
}

/// A bin's step. A bin is always one of [`BINS`], so this costs no comparison.
#[inline]
fn step_of(steps: &[f32; BINS], bin: u8) -> f32 {
    steps.get(usize::from(bin)).copied().unwrap_or(0.0)
}

impl<'a> Bag<'a> {
    pub(super) fn new(input: BoostInput<'a>, settings: BoostSettings, learn: &[usize], stop: &[usize]) -> Self {
        let functions = input.features.iter().map(|feature| vec![0.0; feature.count()]).collect();
        Self { input, settings, learn: Rows::new(input, learn), stop: Rows::new(input, stop), functions }
    }

    /// Boosts, and returns the functions as they were when the rows left out were told best.
    pub(super) fn run(mut self) -> Boosted {
        let mut steps = [0.0_f32; BINS];
        let mut before = None;
        let mut best = (self.stop.loss(), self.functions.clone());
        let mut last_better = 0;
        for cycle in 0..self.settings.cycles_max {
            for feature in 0..self.input.features.len() {
                let mut wishes = [Wish::default(); BINS];
                self.learn.add_and_wish(before, &steps, feature, &mut wishes);
                self.step(feature, &wishes, &mut steps);
                self.stop.add(feature, &steps);
                before = Some(feature);
            }
            let loss = self.stop.loss();
            if loss < best.0 - 1e-7 {
                best = (loss, self.functions.clone());
                last_better = cycle;
            } else if cycle - last_better >= self.settings.patience {
                break;
            }
        }
        let (loss, functions) = best;
        Boosted { functions, loss }
    }

    /// Takes one step in a feature: `steps` receives what each of its bins moves by.
    fn step(&mut self, feature: usize, wishes: &[Wish; BINS], steps: &mut [f32; BINS]) {
        steps.fill(0.0);
        let Some(function) = self.functions.get_mut(feature) else { return };
        let limits = Limits {
            leaves: self.settings.leaves,
            leaf_curvature: self.settings.leaf_curvature,
            damping: self.settings.damping,
            gain: self.settings.gain,
            monotone: self.input.monotone.get(feature).copied().unwrap_or_default(),
        };
        let mut grown = [0.0; BINS];
        let count = function.len();
        grow(wishes.get(..count).unwrap_or_default(), limits, grown.get_mut(..count).unwrap_or_default());
        for ((nats, step), grown) in function.iter_mut().zip(steps.iter_mut()).zip(&grown) {
            *step = self.settings.rate * *grown as f32;
            *nats += f64::from(*step);
        }
    }
}
