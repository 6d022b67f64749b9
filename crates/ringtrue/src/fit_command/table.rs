//! `ringtrue fit --features`: learns a score from a labelled table.

use fit::cross::{cross_validate, measure};
use fit::learn::{Fit, Settings, learn};
use fit::metrics::Metrics;
use fit::model::Model;
use fit::spec::Spec;
use fit::table::{Part, Split, Table, stratified};

use super::args::FitArgs;
use super::{header, needed};
use crate::error::ScoreError;
use crate::labelled::{self, Report};
use crate::progress::Progress;
use crate::said::{file_name, say, short_name};

/// Learns the score, writes it and the report.
pub(super) fn fit(args: &FitArgs, settings: Settings, date: &str) -> Result<(), ScoreError> {
    let features = needed(args.table.features.as_deref(), "--features")?;
    let label = needed(args.table.label.as_deref(), "--label")?;
    let path = needed(args.table.spec.as_deref(), "--spec")?;
    let out = needed(args.table.out.as_deref(), "--out")?;
    let spec =
        Spec::parse(&labelled::text(path)?).map_err(|source| ScoreError::Spec { file: file_name(path), source })?;
    let sources = spec.evidence.iter().map(|one| &one.source).collect();
    let mut table = labelled::table(features, sources, label, args.table.split.as_deref())?;
    let refuse = |source| ScoreError::Learn { file: file_name(features), source };
    let learning = Progress::spinner("learning");
    let folds: Vec<Metrics> = match args.table.folds {
        Some(count) => cross_validate(&table, &spec, usize::from(count), settings).map_err(refuse)?,
        None => Vec::new(),
    };
    let parts = parts(args, &table)?;
    let Fit { model, left_out } = learn(&mut table, &spec, &parts, settings).map_err(refuse)?;
    drop(learning);
    for one in &left_out {
        say(&format!("{}: evidence {} is left out: {}", file_name(features), one.name, one.reason));
    }
    // What is measured is what the file holds.
    let text = model.to_toml();
    let model = Model::parse(&text).map_err(|source| ScoreError::Model { file: file_name(out), source })?;
    let measured = measure(&model, &table, &parts);
    let report = Report {
        model: &model,
        table: &table,
        parts: &parts,
        measured: &measured,
        whole: None,
        folds: &folds,
        left_out: &left_out,
        features: &short_name(features),
    };
    labelled::write(out, &format!("{}{text}", header::of_score(args, date, &report)))?;
    if let Some(file) = &args.html {
        labelled::write(file, &report.page())?;
    }
    report.write(args.output)
}

/// The part of each row: as a column says, or at random by the seed.
fn parts(args: &FitArgs, table: &Table) -> Result<Vec<Part>, ScoreError> {
    if let Some(parts) = &table.part {
        return Ok(with_validation(parts, table, args.seed));
    }
    let split = match (args.table.split_fractions.as_deref(), args.table.folds) {
        (None, None) => Split::USUAL,
        // The folds have measured; the model learns from all rows but those that it is chosen by.
        (None, Some(_)) => Split::WITHOUT_TEST,
        (Some([train, validation, test]), _) => Split { train: *train, validation: *validation, test: *test },
        (Some(_), _) => return Err(fractions("three fractions are needed, such as .6,.2,.2")),
    };
    let all = [split.train, split.validation, split.test];
    if all.iter().any(|part| !part.is_finite() || *part < 0.0) || split.train <= 0.0 || split.validation <= 0.0 {
        return Err(fractions("train and validation must be above 0, and test at least 0"));
    }
    if (all.iter().sum::<f64>() - 1.0).abs() > 1e-6 {
        return Err(fractions("they must add up to 1"));
    }
    Ok(stratified(&table.positive, split, args.seed))
}

fn fractions(detail: &str) -> ScoreError {
    ScoreError::Argument { argument: "--split-fractions", detail: detail.to_owned() }
}

/// A column without validation rows gets them from the part train, a quarter of it by the seed.
fn with_validation(parts: &[Part], table: &Table, seed: u64) -> Vec<Part> {
    if parts.contains(&Part::Validation) {
        return parts.to_vec();
    }
    say("the split has no validation rows: a quarter of its train rows are used, by the seed");
    let train: Vec<usize> = fit::cross::rows_of(parts, Part::Train);
    let positive: Vec<bool> = train.iter().map(|row| table.positive.get(*row).copied().unwrap_or(false)).collect();
    let mut parts = parts.to_vec();
    for (row, part) in train.iter().zip(stratified(&positive, Split::WITHOUT_TEST, seed)) {
        if let Some(own) = parts.get_mut(*row) {
            *own = part;
        }
    }
    parts
}
