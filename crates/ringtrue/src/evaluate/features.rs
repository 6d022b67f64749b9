//! `ringtrue evaluate --features`: a learned score on a labelled table.

use std::path::Path;

use fit::cross::{measure, rows_of};
use fit::model::Model;
use fit::table::Part;

use super::args::{FeaturesArgs, ReportForm};
use crate::error::ScoreError;
use crate::labelled::{self, Report};

/// Measures the score and writes the report.
pub(super) fn evaluate(args: &FeaturesArgs, form: ReportForm, html: Option<&Path>) -> Result<(), ScoreError> {
    let features = needed(args.features.as_deref(), "--features")?;
    let label = needed(args.label.as_deref(), "--label")?;
    let path = needed(args.model.as_deref(), "--model")?;
    let model = Model::parse(&labelled::text(path)?)
        .map_err(|source| ScoreError::Model { file: crate::said::file_name(path), source })?;
    let table = labelled::table(features, model.sources(), label, args.split.as_deref())?;
    let parts = table.part.clone().unwrap_or_else(|| vec![Part::Test; table.len()]);
    if rows_of(&parts, Part::Test).is_empty() {
        return Err(ScoreError::Table {
            file: crate::said::file_name(features),
            detail: "no row that can be taken is in the part test".to_owned(),
        });
    }
    let measured = measure(&model, &table, &parts);
    let report = Report {
        model: &model,
        table: &table,
        parts: &parts,
        measured: &measured,
        whole: None,
        folds: &[],
        left_out: &[],
        features: &crate::said::short_name(features),
    };
    report.write(form)?;
    html.map_or(Ok(()), |file| labelled::write(file, &report.page()))
}

/// An argument of this use of the command.
fn needed<'a, T: ?Sized>(value: Option<&'a T>, argument: &'static str) -> Result<&'a T, ScoreError> {
    value.ok_or_else(|| ScoreError::Argument { argument, detail: "needed beside --features".to_owned() })
}
