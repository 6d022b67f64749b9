//! Shapes cut to few bins, and the weights of densities settled beside them.

use std::cmp::Ordering;

use reputation::numeric::logit;

use super::prepare::{Prepared, Shaped, evidence};
use super::{Work, share};
use crate::boost::{MISSING, merge};
use crate::model::{Evidence, Learned, Model, Shape, round_nats};
use crate::solve::{Rows, Term, Unknown, solve};
use crate::spec::{SHAPE_BINS_MAX, Spec};

/// How far a weight that the specification knows may be from what the rows alone would choose, as a standard deviation. Chosen:
/// evidences that tell the same share their weight in ways that hardly change the score, and then what is known decides; where the
/// rows of a large table are clear, they do.
const WEIGHT_SD: f64 = 0.05;
/// Levels this close to the closest are as good.
const NEUTRAL_NATS: f64 = 0.02;
/// A cut that gains less than this mean squared distance, in nats², is not worth a bin.
const CUT_TOLERANCE: f64 = 1e-5;

/// A shape cut to at most 16 bins.
#[derive(Clone, Debug)]
pub(super) struct Coarse {
    /// For each fine bin, its bin.
    bin_of: Vec<usize>,
    edges: Vec<f64>,
    /// The nats of each bin, those of the mean's bin taken off.
    nats: Vec<f64>,
    /// The rate or value that says nothing.
    mean: f64,
}

impl Coarse {
    /// Cuts a boosted function. `curvature` tells how undecided each of `rows` is, and thus how much its bin matters.
    pub(super) fn new(shape: &Shaped, function: &[f64], rows: &[usize], curvature: &[f64]) -> Self {
        let mut weights = vec![0.0; function.len()];
        for (row, curvature) in rows.iter().zip(curvature) {
            let bin = shape.binned.bin.get(*row).copied().unwrap_or(MISSING);
            if let Some(weight) = weights.get_mut(usize::from(bin)) {
                *weight += curvature;
            }
        }
        let starts = merge(function, &weights, SHAPE_BINS_MAX, CUT_TOLERANCE);
        let bin_of: Vec<usize> =
            (0..function.len()).map(|fine| starts.partition_point(|start| *start <= fine)).collect();
        let edges: Vec<f64> =
            starts.iter().filter_map(|start| shape.binned.edges.get(start.checked_sub(1)?).copied()).collect();
        let mut sums = vec![[0.0_f64; 2]; edges.len() + 1];
        for ((bin, nats), weight) in bin_of.iter().zip(function).zip(&weights) {
            if let Some([sum, all]) = sums.get_mut(*bin) {
                *sum += (weight + 1e-9) * nats;
                *all += weight + 1e-9;
            }
        }
        let levels: Vec<f64> = sums.iter().map(|[sum, all]| sum / all.max(1e-12)).collect();
        let mean = if shape.kappa > 0.0 { shape.mean } else { neutral(&edges, &levels, shape) };
        let at_rest = levels.get(edges.partition_point(|edge| *edge <= mean)).copied().unwrap_or(0.0);
        Self { bin_of, edges, nats: levels.iter().map(|nats| round_nats(nats - at_rest)).collect(), mean }
    }

    /// What the shape says about a row, clipped; 0 where nothing was seen.
    fn nats(&self, shape: &Shaped, row: usize) -> f64 {
        let fine = shape.binned.bin.get(row).copied().filter(|bin| *bin != MISSING);
        let bin = fine.and_then(|fine| self.bin_of.get(usize::from(fine)));
        let nats = bin.and_then(|bin| self.nats.get(*bin)).copied().unwrap_or(0.0);
        nats.clamp(shape.clip[0], shape.clip[1])
    }
}

/// The value that says as much as one that was not seen: the mean, or else the nearest value whose bin is closest to that.
///
/// While boosting, what is not seen stays at 0; a shape whose mean is far from 0, such as a peak, would set it apart from that.
fn neutral(edges: &[f64], levels: &[f64], shape: &Shaped) -> f64 {
    let bin = edges.partition_point(|edge| *edge <= shape.mean);
    let closest = levels.iter().map(|level| level.abs()).fold(f64::INFINITY, f64::min);
    let best = (0..levels.len())
        .filter(|one| levels.get(*one).is_some_and(|level| level.abs() <= closest + NEUTRAL_NATS))
        .min_by_key(|one| one.abs_diff(bin))
        .unwrap_or(bin);
    match best.cmp(&bin) {
        Ordering::Equal => shape.mean,
        Ordering::Less if best == 0 => edges.first().map_or(shape.mean, |edge| edge.next_down()),
        Ordering::Less | Ordering::Greater => edges.get(best - 1).copied().unwrap_or(shape.mean),
    }
}

/// The weight of each density beside the shapes, and the log-odds of every row that come of it.
pub(super) struct Weighed {
    weights: Vec<f64>,
    /// The log-odds of every row of the table.
    pub(super) odds: Vec<f64>,
}

/// The weight of a density: 0 to 1, from what is known of it, or from the middle.
fn weight(known: Option<f64>) -> Unknown {
    let (prior, pull) = known.map_or((0.5, 1e-3), |known| (known, 1.0 / (WEIGHT_SD * WEIGHT_SD)));
    Unknown { prior, pull, bounds: [0.0, 1.0] }
}

/// Weighs the densities with 0 to 1 each, beside shapes that count in full.
pub(super) fn weigh(work: Work<'_>, prepared: &Prepared, coarse: &[Coarse]) -> Weighed {
    let mut unknowns = vec![Unknown { prior: logit(share(work)), ..Unknown::FREE }, Unknown::WHOLE];
    unknowns.extend(prepared.densities.iter().map(|density| weight(density.weight)));
    let terms = |row: usize| {
        let shapes: f64 = prepared.shapes.iter().zip(coarse).map(|(shape, coarse)| coarse.nats(shape, row)).sum();
        let densities = prepared.densities.iter().map(move |one| one.nats.get(row).copied().unwrap_or(0.0));
        [1.0, shapes].into_iter().chain(densities).zip(0..).map(|(factor, unknown)| Term { unknown, factor })
    };
    let mut rows = Rows::default();
    work.train.iter().for_each(|row| rows.push(terms(*row), work.positive(*row)));
    let found = solve(&rows, &unknowns);
    let odds = |row: usize| {
        terms(row).map(|term| term.factor * found.get(term.unknown as usize).copied().unwrap_or(0.0)).sum()
    };
    Weighed { odds: (0..work.table.len()).map(odds).collect(), weights: found.get(2..).unwrap_or_default().to_vec() }
}

/// The model that comes of it, not yet calibrated, its evidence in the order of the specification.
pub(super) fn model(work: Work<'_>, spec: &Spec, prepared: &Prepared, coarse: &[Coarse], weighed: &Weighed) -> Model {
    let mut found: Vec<(usize, Evidence)> = Vec::new();
    for (density, weight) in prepared.densities.iter().zip(&weighed.weights) {
        if let Some(one) = spec.evidence.get(density.place) {
            found.push((density.place, evidence(one, density.learned.clone(), round_nats(*weight))));
        }
    }
    for (shape, coarse) in prepared.shapes.iter().zip(coarse) {
        if let Some(one) = spec.evidence.get(shape.place) {
            let (edges, nats) = (coarse.edges.clone(), coarse.nats.clone());
            let learned = Learned::Shape(Shape { edges, nats, mean: coarse.mean, kappa: shape.kappa });
            found.push((shape.place, evidence(one, learned, 1.0)));
        }
    }
    found.sort_by_key(|(place, _)| *place);
    let evidence = found.into_iter().map(|(_, evidence)| evidence).collect();
    Model { unwanted_share: share(work), alpha: 0.0, beta: 1.0, threshold: 0.5, evidence }
}
