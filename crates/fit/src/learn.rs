//! Learning a score from a labelled table.
//!
//! Densities are learned first, each by itself, and weighed together. Shapes are boosted on top of them and cut to at most 16
//! bins; then the densities are weighed again beside the shapes. `kappa`, calibration and threshold are chosen on the part
//! `validation`. The part `test` is never looked at.

mod beta;
mod density;
mod dominate;
mod kappa;
mod normal;
mod prepare;
mod settle;

use reputation::numeric::logistic;

use crate::boost::{BoostInput, BoostSettings, boost};
use crate::metrics::Ranking;
use crate::model::Model;
use crate::solve::{Rows, Term, Unknown, solve};
use crate::spec::Spec;
use crate::table::{Part, Table};

use prepare::Shaped;
use settle::Coarse;

/// How to learn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Decides every random choice.
    pub seed: u64,
    /// How many threads work. Changes nothing in the result.
    pub threads: usize,
}

/// A learned score with what a reader should know about it.
#[derive(Clone, Debug)]
pub struct Fit {
    /// The score.
    pub model: Model,
    /// Evidence that was left out, with the reason.
    pub left_out: Vec<LeftOut>,
}

/// An evidence that nothing could be learned about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: &'static str,
}

/// Why nothing can be learned.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LearnError {
    /// A part without rows.
    #[error("the part {part} has no rows")]
    EmptyPart {
        /// The part.
        part: &'static str,
    },
    /// A part with one class only.
    #[error("the part {part} has one class only: {positives} of its {rows} rows are unwanted")]
    OneClass {
        /// The part.
        part: &'static str,
        /// Its rows.
        rows: usize,
        /// Those labelled 1.
        positives: usize,
    },
    /// No evidence that varies.
    #[error("no evidence can be learned: every column is constant or unknown in the part train")]
    NoEvidence,
}

/// The table with its parts.
#[derive(Clone, Copy, Debug)]
struct Work<'a> {
    table: &'a Table,
    train: &'a [usize],
    validation: &'a [usize],
}

impl Work<'_> {
    fn positive(&self, row: usize) -> bool {
        self.table.positive.get(row).copied().unwrap_or(false)
    }
}

/// Learns a score. `parts` tells the part of each row. Columns of evidence that is left out are taken off the table, so that it
/// fits the model.
///
/// # Errors
/// When a part that is needed is empty or has one class only, or no evidence varies.
pub fn learn(table: &mut Table, spec: &Spec, parts: &[Part], settings: Settings) -> Result<Fit, LearnError> {
    let train = rows_of(table, parts, Part::Train)?;
    let validation = rows_of(table, parts, Part::Validation)?;
    let work = Work { table: &*table, train: &train, validation: &validation };
    let (prepared, left_out) = prepare::prepare(work, spec);
    if prepared.densities.is_empty() && prepared.shapes.is_empty() {
        return Err(LearnError::NoEvidence);
    }
    // The densities alone first: shapes then tell what those leave untold, and the weights adapt to the shapes.
    let offset = settle::weigh(work, &prepared, &[]).odds;
    let coarse = shapes(work, &prepared.shapes, &offset, settings);
    let weighed = settle::weigh(work, &prepared, &coarse);
    let mut model = settle::model(work, spec, &prepared, &coarse, &weighed);
    let places = prepared.places();
    table.keep_evidence(|place| places.contains(&place));
    calibrate(Work { table, train: &train, validation: &validation }, &mut model);
    Ok(Fit { model, left_out })
}

/// The rows of a part; refuses one that is empty or has one class only.
fn rows_of(table: &Table, parts: &[Part], part: Part) -> Result<Vec<usize>, LearnError> {
    let rows: Vec<usize> = parts
        .iter()
        .enumerate()
        .filter(|(_, own)| **own == part)
        .map(|(row, _)| row)
        .filter(|row| *row < table.len())
        .collect();
    let positives = rows.iter().filter(|row| table.positive.get(**row).copied().unwrap_or(false)).count();
    if rows.is_empty() {
        return Err(LearnError::EmptyPart { part: part.name() });
    }
    if positives == 0 || positives == rows.len() {
        return Err(LearnError::OneClass { part: part.name(), rows: rows.len(), positives });
    }
    Ok(rows)
}

/// The share of unwanted rows in the part `train`.
fn share(work: Work<'_>) -> f64 {
    let positives = work.train.iter().filter(|row| work.positive(**row)).count();
    positives as f64 / work.train.len().max(1) as f64
}

/// Boosts the shapes and cuts each to at most 16 bins.
fn shapes(work: Work<'_>, shapes: &[Shaped], offset: &[f64], settings: Settings) -> Vec<Coarse> {
    if shapes.is_empty() {
        return Vec::new();
    }
    let features: Vec<_> = shapes.iter().map(|shape| shape.binned.clone()).collect();
    let monotone: Vec<_> = shapes.iter().map(|shape| shape.monotone).collect();
    let input = BoostInput {
        features: &features,
        monotone: &monotone,
        positive: &work.table.positive,
        offset,
        rows: work.train,
    };
    let functions = boost(input, boost_settings(work.train.len(), settings));
    let odds = |row: usize| {
        let own = shapes.iter().zip(&functions).map(|(shape, function)| {
            let bin = shape.binned.bin.get(row).copied().map(usize::from);
            bin.and_then(|bin| function.get(bin)).copied().unwrap_or(0.0)
        });
        offset.get(row).copied().unwrap_or(0.0) + own.sum::<f64>()
    };
    let curvature: Vec<f64> = work
        .train
        .iter()
        .map(|row| {
            let p = logistic(odds(*row));
            p * (1.0 - p)
        })
        .collect();
    shapes
        .iter()
        .zip(&functions)
        .map(|(shape, function)| Coarse::new(shape, function, work.train, &curvature))
        .collect()
}

/// Settings of the boosting, by the size of the table: many rows need fewer bags, since each bag then hardly differs.
fn boost_settings(rows: usize, settings: Settings) -> BoostSettings {
    BoostSettings {
        bags: if rows <= 20_000 { 8 } else { 4 },
        rate: 0.03,
        leaves: 3,
        cycles_max: 1500,
        patience: 50,
        left_out: 0.15,
        leaf_curvature: 2.0,
        damping: 1.0,
        gain: 2.0,
        seed: settings.seed,
        threads: settings.threads,
    }
}

/// Sets calibration and threshold by the part `validation`.
fn calibrate(work: Work<'_>, model: &mut Model) {
    let mut rows = Rows::default();
    for row in work.validation {
        let odds = model.log_odds(work.table, *row);
        let terms = [Term { unknown: 0, factor: 1.0 }, Term { unknown: 1, factor: odds }];
        rows.push(terms.into_iter(), work.positive(*row));
    }
    // Weak priors, worth one undecided row each, keep few or separated rows from running away.
    let unknowns =
        [Unknown { prior: 0.0, pull: 0.25, ..Unknown::FREE }, Unknown { prior: 1.0, pull: 0.25, bounds: [0.05, 20.0] }];
    if let [alpha, beta] = solve(&rows, &unknowns)[..] {
        (model.alpha, model.beta) = (alpha, beta);
    }
    let scored = model.score(work.table, work.validation);
    model.threshold = Ranking::of(&scored).best_threshold().unwrap_or(0.5).clamp(0.0, 1.0);
}
