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
mod style;
pub(crate) mod table;
pub(crate) mod text;

use std::io;

use model::Label;
use reputation::advice::AdvicePolicy;
use reputation::engines::Directory;
use reputation::policy::Policy;
use reputation::words::Words;

use crate::cli::OutputForm;
use crate::score::result::{RunFacts, ScoredNumber};

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

/// Writes the wanted numbers in the wanted form to standard output.
///
/// # Errors
/// Those of standard output.
pub(crate) fn write(
    form: OutputForm,
    top: usize,
    run: &RunFacts,
    numbers: &[ScoredNumber],
    ctx: &Context<'_>,
) -> io::Result<()> {
    match form {
        OutputForm::Table => table::write(anstream::stdout().lock(), run, numbers, top, *ctx),
        OutputForm::Json => json::write(io::stdout().lock(), run, numbers, *ctx),
        OutputForm::Ndjson => ndjson::write(io::stdout().lock(), numbers, *ctx),
        OutputForm::Csv => csv::write(io::stdout().lock(), numbers, *ctx),
    }
}

/// Writes everything about one number to standard output.
///
/// # Errors
/// Those of standard output.
pub(crate) fn explain(run: &RunFacts, number: &ScoredNumber, ctx: &Context<'_>) -> io::Result<()> {
    explain::write(anstream::stdout().lock(), run, number, *ctx)
}
