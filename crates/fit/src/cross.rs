//! Measuring a score on the parts of a table, and on parts that take turns.

use crate::learn::{Fit, LearnError, Settings, learn};
use crate::metrics::Metrics;
use crate::model::Model;
use crate::spec::Spec;
use crate::table::{Part, Table, folds};

/// The rows of one part.
#[must_use]
pub fn rows_of(parts: &[Part], part: Part) -> Vec<usize> {
    parts.iter().enumerate().filter(|(_, own)| **own == part).map(|(row, _)| row).collect()
}

/// The measures of each part that has rows, at the model's own threshold.
#[must_use]
pub fn measure(model: &Model, table: &Table, parts: &[Part]) -> Vec<(Part, Metrics)> {
    let of = |part| {
        let rows = rows_of(parts, part);
        (!rows.is_empty()).then(|| (part, Metrics::of(&model.score(table, &rows), model.threshold)))
    };
    Part::ALL.into_iter().filter_map(of).collect()
}

/// Measures by cross-validation: each of `count` folds is the test part once, the next one the validation part, and the rest is
/// learned from. Every row is thus measured once, by a score that never saw it.
///
/// # Errors
/// As [`learn`].
pub fn cross_validate(
    table: &Table,
    spec: &Spec,
    count: usize,
    settings: Settings,
) -> Result<Vec<Metrics>, LearnError> {
    let fold = folds(&table.positive, count, settings.seed);
    let mut found = Vec::new();
    for test in 0..count {
        let mut own = table.clone();
        let part = |fold: &usize| {
            if *fold == test {
                Part::Test
            } else if *fold == (test + 1) % count {
                Part::Validation
            } else {
                Part::Train
            }
        };
        let parts: Vec<Part> = fold.iter().map(part).collect();
        let Fit { model, .. } = learn(&mut own, spec, &parts, settings)?;
        let measured = measure(&model, &own, &parts);
        found.extend(measured.into_iter().filter(|(part, _)| *part == Part::Test).map(|(_, metrics)| metrics));
    }
    Ok(found)
}
