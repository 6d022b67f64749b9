//! The forms in which a result is written.
//!
//! Every form writes into any [`std::io::Write`] and asks no clock and no environment: the same result gives the same bytes.
//! Coloured forms always write their colours; a writer that is no terminal strips them.

pub(crate) mod csv;
pub(crate) mod explain;
pub(crate) mod json;
#[cfg(test)]
mod ndjson;
#[cfg(test)]
mod sample;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod text;

use std::io;

use service::number::ScoredNumber;
use service::output::ndjson::NumberWriter;
pub(crate) use service::output::{ANY_ENGINE, Context, rating_decibans};

use crate::cli::OutputForm;
use crate::score::result::RunFacts;

/// Writes numbers one after another, in a form that needs no other number and no summary.
#[derive(Clone, Debug)]
pub(crate) enum RowWriter<'a> {
    /// One JSON object a line.
    Ndjson(Box<NumberWriter<'a>>),
    /// One row a number and engine.
    Csv(Context<'a>),
}

impl<'a> RowWriter<'a> {
    /// The writer of a form; `None` when the form needs all numbers at once.
    pub(crate) fn of(form: OutputForm, ctx: Context<'a>) -> Option<Self> {
        match form {
            OutputForm::Ndjson => Some(Self::Ndjson(Box::new(NumberWriter::new(ctx)))),
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
