//! `ringtrue evaluate`: how good and how fair a policy is, on traffic with known truth; how good a learned score is, on a
//! labelled table.

mod args;
mod baseline;
mod closed;
mod compare;
mod features;
mod json;
mod measure;
mod outcome;
mod page;
mod run;
mod table;
mod trade_off;
mod truth;

use std::io::{self, Write as _};
use std::path::Path;

pub(crate) use args::{EvaluateArgs, ReportForm};
pub(crate) use truth::TruthIndex;

use baseline::Against;
use fit::plot::Page;
use outcome::Outcome;
use run::{Report, Run};

use crate::error::ScoreError;

/// The seed of draws where none is named.
const DEFAULT_SEED: u64 = 1;

/// Runs the command.
pub(crate) fn evaluate(args: &EvaluateArgs) -> Result<(), ScoreError> {
    if args.features.features.is_some() {
        return features::evaluate(&args.features, args.output, args.html.as_deref());
    }
    if let [first, second] = args.compare.as_slice() {
        return compare(args, [first, second]);
    }
    let baseline = args.baseline.as_deref().map(baseline::read).transpose()?;
    let mut report = if args.closed.closed_loop {
        let (report, _) = closed::evaluate(args, args.policy.as_deref())?;
        report
    } else {
        let mut run = Run::read(args)?;
        let mut report = run.report(&run.measure()?);
        if args.trade_off {
            report.trade_off = Some(run.trade_off()?);
        }
        report
    };
    if let Some(then) = baseline {
        let now = json::figures(&report.evaluation);
        if let Some(why) = baseline::other_targets(&then, &now) {
            crate::said::say(&why);
        }
        let changes = baseline::changes(&then, &now);
        report.against.push(Against { key: "against_baseline", words: "the baseline", changes });
    }
    tell(args, &report)
}

/// Writes a report in the form that was asked for.
fn tell(args: &EvaluateArgs, report: &Report) -> Result<(), ScoreError> {
    say(report);
    write_page(args, || page::page(report))?;
    written(match args.output {
        ReportForm::Table => table::write(anstream::stdout().lock(), report),
        ReportForm::Json => json::write(io::stdout().lock(), &json::document(report)),
    })
}

/// Puts two policies side by side.
fn compare(args: &EvaluateArgs, policies: [&Path; 2]) -> Result<(), ScoreError> {
    let [(first, one), (second, other)] = both(args, policies)?;
    let differences = compare::compare(&one, &other, args.seed.unwrap_or(DEFAULT_SEED));
    let names = policies.map(|path| path.display().to_string());
    let reports = [&first, &second];
    say(&first);
    write_page(args, || page::compared(&names, reports, &differences))?;
    written(match args.output {
        ReportForm::Table => table::write_compared(anstream::stdout().lock(), &names, reports, &differences),
        ReportForm::Json => json::write(io::stdout().lock(), &json::compared(&names, reports, &differences)),
    })
}

/// What two policies do with the same numbers: of files, which are read once; of a simulated world, which each plays live. Whom a
/// number calls and when hangs on no label, so the same numbers place calls.
fn both(args: &EvaluateArgs, [one, other]: [&Path; 2]) -> Result<[(Report, Vec<Outcome>); 2], ScoreError> {
    if args.closed.closed_loop {
        return Ok([closed::evaluate(args, Some(one))?, closed::evaluate(args, Some(other))?]);
    }
    let mut run = Run::read(args)?;
    let first = run.measure()?;
    let first_report = run.report(&first);
    run.ask(other)?;
    let second = run.measure()?;
    Ok([(first_report, first.outcomes), (run.report(&second), second.outcomes)])
}

fn say(report: &Report) {
    for line in report.notes() {
        crate::said::say(&line);
    }
}

/// Writes the page with plots, where one was asked for.
fn write_page(args: &EvaluateArgs, page: impl FnOnce() -> Page) -> Result<(), ScoreError> {
    let Some(path) = &args.html else { return Ok(()) };
    let unwritable = |source| ScoreError::Unwritable { file: path.display().to_string(), source };
    std::fs::write(path, page().html()).map_err(unwritable)
}

/// A reader that has seen enough is no failure.
fn written(result: io::Result<()>) -> Result<(), ScoreError> {
    match result.and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|source| ScoreError::Unwritable { file: "standard output".to_owned(), source }),
    }
}
