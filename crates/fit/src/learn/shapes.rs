//! Boosting the shapes, and cutting each to at most 16 bins.

use reputation::numeric::logistic;

use super::prepare::Shaped;
use super::settle::Coarse;
use super::{SMALL_ROWS, Settings, Work};
use crate::boost::{BoostInput, BoostSettings, Boosted, boost};

/// What a split must gain, twice its log-likelihood: little where most features tell, more where most are noise.
const GAINS: [f64; 3] = [0.5, 1.5, 4.0];

/// Learns the shapes beside `offset`, the log-odds of every row without them. Tells what a split had to gain: as given, or else
/// what the rows that bags leave out are told best with.
pub(super) fn learn(
    work: Work<'_>,
    shapes: &[Shaped],
    offset: &[f64],
    gain: Option<f64>,
    settings: Settings,
) -> (Vec<Coarse>, f64) {
    if shapes.is_empty() {
        return (Vec::new(), GAINS[0]);
    }
    let features: Vec<_> = shapes.iter().map(|shape| shape.binned.clone()).collect();
    let monotone: Vec<_> = shapes.iter().map(|shape| shape.monotone).collect();
    let rows = work.train;
    let input = BoostInput { features: &features, monotone: &monotone, positive: &work.table.positive, offset, rows };
    let with = |gain: f64| (boost(input, boost_settings(rows.len(), gain, settings)), gain);
    let (boosted, gain) = match gain {
        Some(gain) => with(gain),
        None if rows.len() > SMALL_ROWS => with(GAINS[1]),
        None => {
            let tried = GAINS.map(with).into_iter();
            let best = tried.reduce(|best, next| if next.0.loss < best.0.loss { next } else { best });
            best.unwrap_or_else(|| with(GAINS[0]))
        }
    };
    let curvature = curvature(work, shapes, &boosted, offset);
    let cut = |(shape, function): (&Shaped, &Vec<f64>)| Coarse::new(shape, function, rows, &curvature);
    (shapes.iter().zip(&boosted.functions).map(cut).collect(), gain)
}

/// How undecided each row of the part `train` is: p(1 − p).
fn curvature(work: Work<'_>, shapes: &[Shaped], boosted: &Boosted, offset: &[f64]) -> Vec<f64> {
    let of_row = |row: &usize| {
        let own = shapes.iter().zip(&boosted.functions).map(|(shape, function)| {
            let bin = shape.binned.bin.get(*row).copied().map(usize::from);
            bin.and_then(|bin| function.get(bin)).copied().unwrap_or(0.0)
        });
        let p = logistic(offset.get(*row).copied().unwrap_or(0.0) + own.sum::<f64>());
        p * (1.0 - p)
    };
    work.train.iter().map(of_row).collect()
}

/// Settings of the boosting, by the size of the table: many rows need fewer bags, since each bag then hardly differs, and can bear
/// larger steps.
fn boost_settings(rows: usize, gain: f64, settings: Settings) -> BoostSettings {
    let small = rows <= SMALL_ROWS;
    BoostSettings {
        bags: if small { 8 } else { 4 },
        rate: if small { 0.05 } else { 0.1 },
        leaves: 2,
        cycles_max: 1500,
        patience: if small { 50 } else { 20 },
        left_out: 0.15,
        leaf_curvature: 2.0,
        damping: 1.0,
        gain,
        seed: settings.seed,
        threads: settings.threads,
    }
}
