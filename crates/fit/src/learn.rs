//! Learning a score from a labelled table.
//!
//! Densities are learned first, each by itself, and weighed together. Shapes are boosted on top of them and cut to at most 16
//! bins; then the densities are weighed again beside the shapes. `kappa`, calibration and threshold are chosen on the part
//! `validation`; where rows are few, shapes and densities then learn once more from both parts, under what was chosen. The part
//! `test` is never looked at.

mod beta;
mod density;
mod dominate;
mod kappa;
mod normal;
mod prepare;
mod settle;
mod shapes;

use reputation::numeric::ln;

use crate::metrics::Ranking;
use crate::model::{Learned, Model};
use crate::solve::{Rows, Term, Unknown, solve};
use crate::spec::Spec;
use crate::table::{Part, Table};
use crate::weigh::calibration;

use prepare::Prepared;

/// Up to so many rows to learn from, the score learns anew from train and validation together once everything is chosen, and more is
/// tried. Chosen: few rows need it, and many rows need the time.
const SMALL_ROWS: usize = 20_000;

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
    seed: u64,
}

impl Work<'_> {
    /// The rows that settings are chosen by: train and validation, in their order in the table.
    fn chosen_by(&self) -> Vec<usize> {
        let mut both = [self.train, self.validation].concat();
        both.sort_unstable();
        both.dedup();
        both
    }

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
    let work = Work { table: &*table, train: &train, validation: &validation, seed: settings.seed };
    let (prepared, left_out) = prepare::prepare(work, spec, None);
    if prepared.densities.is_empty() && prepared.shapes.is_empty() {
        return Err(LearnError::NoEvidence);
    }
    let places = prepared.places();
    let first = additive(work, spec, &prepared, None, settings);
    let again = (train.len() <= SMALL_ROWS).then(|| {
        let both = work.chosen_by();
        let mut chosen = prepared.clone();
        recentre(work, &mut chosen, &first.model, spec);
        let work = Work { train: &both, ..work };
        let (prepared, _) = prepare::prepare(work, spec, Some(&chosen));
        (additive(work, spec, &prepared, Some(first.gain), settings).model, both)
    });
    table.keep_evidence(|place| places.contains(&place));
    let work = Work { table, train: &train, validation: &validation, seed: settings.seed };
    let mut model = first.model;
    calibrate(work, &mut model);
    if let Some((mut again, both)) = again {
        (again.beta, again.threshold) = (model.beta, model.threshold);
        level(Work { train: &both, ..work }, &mut again);
        model = again;
    }
    Ok(Fit { model, left_out })
}

/// A score that is not calibrated, with what a split had to gain.
struct Additive {
    model: Model,
    gain: f64,
}

/// Learns from the part `train`. Without a given `gain` it is chosen.
fn additive(work: Work<'_>, spec: &Spec, prepared: &Prepared, gain: Option<f64>, settings: Settings) -> Additive {
    // The densities alone first: shapes then tell what those leave untold, and the weights adapt to the shapes.
    let offset = settle::weigh(work, prepared, &[]).odds;
    let (coarse, gain) = shapes::learn(work, &prepared.shapes, &offset, gain, settings);
    let weighed = settle::weigh(work, prepared, &coarse);
    Additive { model: settle::model(work, spec, prepared, &coarse, &weighed), gain }
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

/// Sets calibration and threshold by the part `validation`.
fn calibrate(work: Work<'_>, model: &mut Model) {
    let rows = work.validation.iter().map(|row| (model.log_odds(work.table, *row), work.positive(*row)));
    [model.alpha, model.beta] = calibration(rows);
    let scored = model.score(work.table, work.validation);
    model.threshold = Ranking::of(&scored).best_threshold().unwrap_or(0.5).clamp(0.0, 1.0);
}

/// Moves the rate that says nothing to where the shape says what an uninformative evidence would: its odds, averaged over wanted
/// rows, are even. Without this most rates would speak for a caller by being ordinary, and an intercept would have to make up for
/// it.
fn recentre(work: Work<'_>, prepared: &mut Prepared, model: &Model, spec: &Spec) {
    for shape in prepared.shapes.iter_mut().filter(|shape| shape.kappa > 0.0) {
        let name = spec.evidence.get(shape.place).map(|one| &one.name);
        let evidence = model.evidence.iter().find(|evidence| Some(&evidence.name) == name);
        let (Some(evidence), Some(observed)) = (evidence, work.table.observed.get(shape.place)) else { continue };
        let wanted = work.train.iter().filter(|row| !work.positive(**row));
        let odds = wanted.filter(|row| observed.is_seen(**row)).map(|row| libm::exp(evidence.clipped(observed, *row)));
        let (sum, count) = odds.fold((0.0, 0.0_f64), |(sum, count), odds| (sum + odds, count + 1.0));
        if let (Learned::Shape(learned), true) = (&evidence.learned, count > 0.0) {
            shape.mean = learned.nearest(ln(sum / count));
        }
    }
}

/// Sets `alpha` so that on the part `train` as many rows are expected to be unwanted as are.
fn level(work: Work<'_>, model: &mut Model) {
    let mut rows = Rows::default();
    for row in work.train {
        let odds = model.beta * model.log_odds(work.table, *row);
        let terms = [Term { unknown: 0, factor: 1.0 }, Term { unknown: 1, factor: odds }];
        rows.push(terms.into_iter(), work.positive(*row));
    }
    if let Some(alpha) = solve(&rows, &[Unknown { prior: model.alpha, ..Unknown::FREE }, Unknown::WHOLE]).first() {
        model.alpha = *alpha;
    }
}

#[cfg(test)]
mod tests;
