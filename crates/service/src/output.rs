//! How a number is written as JSON: the same bytes from a run over files and from a service.

pub mod digits;
pub mod ndjson;

use model::Label;
use reputation::advice::AdvicePolicy;
use reputation::engines::Directory;
use reputation::policy::Policy;
use reputation::words::Words;

/// What every form needs beside the numbers.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Names engines and their words.
    pub directory: &'a Directory,
    /// Names reasons.
    pub words: &'a Words,
    /// Names rules of good practice and symptoms.
    pub advice: &'a AdvicePolicy,
    /// The numbers that the verdicts come from.
    pub policy: &'a Policy,
}

/// The key of the one view where no call names a carrier.
pub const ANY_ENGINE: &str = "any";

impl<'a> Context<'a> {
    /// The key of an engine; `any` where no call names a carrier.
    pub fn engine_key(&self, engine: Option<usize>) -> &'a str {
        engine.and_then(|place| self.directory.engines.get(place)).map_or(ANY_ENGINE, |engine| &engine.key)
    }

    /// The name of an engine, for people.
    pub fn engine_name(&self, engine: Option<usize>) -> &'a str {
        engine.and_then(|place| self.directory.engines.get(place)).map_or("any engine", |engine| &engine.name)
    }

    /// What a called person reads; `None` when nothing is shown. Without an engine these are the label's own words.
    pub fn display(&self, engine: Option<usize>, label: Label) -> Option<&'a str> {
        match engine.and_then(|place| self.directory.engines.get(place)) {
            Some(engine) => engine.phrasebook.words(label),
            None => (label > Label::None).then(|| label.words()),
        }
    }
}

/// The decibans that prior and reasons add up to: those of the rating.
pub fn rating_decibans(verdict: &reputation::verdict::Verdict) -> f64 {
    verdict.prior_decibans + verdict.reasons.iter().map(|reason| reason.decibans).sum::<f64>()
}
