//! `ringtrue evaluate`: how good and how fair a policy is, on traffic with known truth; how good a learned score is, on a
//! labelled table.

mod args;
mod features;
mod json;
mod measure;
mod outcome;
mod run;
mod table;
mod truth;

use std::io::{self, Write as _};

pub(crate) use args::{EvaluateArgs, ReportForm};
pub(crate) use truth::TruthIndex;

use run::Run;

use crate::error::ScoreError;

/// Runs the command.
pub(crate) fn evaluate(args: &EvaluateArgs) -> Result<(), ScoreError> {
    if args.features.features.is_some() {
        return features::evaluate(&args.features, args.output, args.html.as_deref());
    }
    let mut run = Run::read(args)?;
    let followings = run.measure()?;
    let report = run.report(followings);
    for line in report.notes() {
        crate::said::say(&line);
    }
    written(match args.output {
        ReportForm::Table => table::write(anstream::stdout().lock(), &report),
        ReportForm::Json => json::write(io::stdout().lock(), &report),
    })
}

/// A reader that has seen enough is no failure.
fn written(result: io::Result<()>) -> Result<(), ScoreError> {
    match result.and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|source| ScoreError::Unwritable { file: "standard output".to_owned(), source }),
    }
}
