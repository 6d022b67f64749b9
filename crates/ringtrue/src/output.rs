//! The forms in which a result is written.
//!
//! Every form writes into any [`std::io::Write`] and asks no clock and no environment: the same result gives the same bytes.
//! Coloured forms always write their colours; a writer that is no terminal strips them.

pub(crate) mod csv;
pub(crate) mod digits;
pub(crate) mod explain;
pub(crate) mod json;
pub(crate) mod ndjson;
#[cfg(test)]
mod sample;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod text;

use std::io;

use model::Label;
use reputation::advice::AdvicePolicy;
use reputation::engines::Directory;
use reputation::policy::Policy;
use reputation::words::Words;

use crate::cli::OutputForm;
use service::number::ScoredNumber;

use crate::score::result::RunFacts;

/// What every form needs beside the numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    /// Names engines and their words.
    pub(crate) directory: &'a Directory,
    /// Names reasons.
    pub(crate) words: &'a Words,
    /// Names rules of good practice and symptoms.
    pub(crate) advice: &'a AdvicePolicy,
    /// The numbers that the verdicts come from.
    pub(crate) policy: &'a Policy,
}

/// The key of the one view where no call names a carrier.
pub(crate) const ANY_ENGINE: &str = "any";

impl<'a> Context<'a> {
    /// The key of an engine; `any` where no call names a carrier.
    pub(crate) fn engine_key(&self, engine: Option<usize>) -> &'a str {
        engine.and_then(|place| self.directory.engines.get(place)).map_or(ANY_ENGINE, |engine| &engine.key)
    }

    /// The name of an engine, for people.
    pub(crate) fn engine_name(&self, engine: Option<usize>) -> &'a str {
        engine.and_then(|place| self.directory.engines.get(place)).map_or("any engine", |engine| &engine.name)
    }

    /// What a called person reads; `None` when nothing is shown. Without an engine these are the label's own words.
    pub(crate) fn display(&self, engine: Option<usize>, label: Label) -> Option<&'a str> {
        match engine.and_then(|place| self.directory.engines.get(place)) {
            Some(engine) => engine.phrasebook.words(label),
            None => (label > Label::None).then(|| label.words()),
        }
    }
}

/// The decibans that prior and reasons add up to: those of the rating.
pub(crate) fn rating_decibans(verdict: &reputation::verdict::Verdict) -> f64 {
    verdict.prior_decibans + verdict.reasons.iter().map(|reason| reason.decibans).sum::<f64>()
}

/// Writes numbers one after another, in a form that needs no other number and no summary.
#[derive(Clone, Debug)]
pub(crate) enum RowWriter<'a> {
    /// One JSON object a line.
    Ndjson(Box<ndjson::NumberWriter<'a>>),
    /// One row a number and engine.
    Csv(Context<'a>),
}

impl<'a> RowWriter<'a> {
    /// The writer of a form; `None` when the form needs all numbers at once.
    pub(crate) fn of(form: OutputForm, ctx: Context<'a>) -> Option<Self> {
        match form {
            OutputForm::Ndjson => Some(Self::Ndjson(Box::new(ndjson::NumberWriter::new(ctx)))),
            OutputForm::Csv => Some(Self::Csv(ctx)),
            OutputForm::Table | OutputForm::Json => None,
        }
    }

    /// What comes before the first number.
    pub(crate) fn header(&self) -> String {
        match self {
            Self::Ndjson(_) => String::new(),
            Self::Csv(_) => format!("{}\r\n", csv::HEADER),
        }
    }

    /// Appends one number with its line ends.
    pub(crate) fn push(&mut self, out: &mut Vec<u8>, number: &ScoredNumber) {
        match self {
            Self::Ndjson(writer) => {
                writer.push(out, number);
                out.push(b'\n');
            }
            Self::Csv(ctx) => csv::push(out, number, *ctx),
        }
    }
}

/// Writes all wanted numbers as one document to standard output.
///
/// # Errors
/// Those of standard output.
pub(crate) fn json(run: &RunFacts, numbers: &[ScoredNumber], ctx: Context<'_>) -> io::Result<()> {
    json::write(io::BufWriter::new(io::stdout().lock()), run, numbers, ctx)
}

/// Writes the table to standard output, without colours where it is no terminal.
///
/// # Errors
/// Those of standard output.
pub(crate) fn table(run: &RunFacts, shown: table::Shown<'_>, top: usize, ctx: Context<'_>) -> io::Result<()> {
    table::write(anstream::stdout().lock(), run, shown, top, ctx)
}

/// Writes everything about one number to standard output.
///
/// # Errors
/// Those of standard output.
pub(crate) fn explain(run: &RunFacts, number: &ScoredNumber, ctx: Context<'_>) -> io::Result<()> {
    explain::write(anstream::stdout().lock(), run, number, ctx)
}
