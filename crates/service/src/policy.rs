//! By what a service judges: one version of the policy with all its data, and what it is told of numbers besides calls.

use std::collections::BTreeMap;

use model::{Standing, TelephoneNumber, TrustedFact};
use reputation::advice::AdvicePolicy;
use reputation::engines::Directory;
use reputation::hours::CallingHours;
use reputation::timeline::Rules;
use reputation::words::Words;

use crate::judge::{Grounds, Views};

/// One version of the policy, ready to judge by.
pub struct PolicySet {
    /// The rules of the ratings and labels.
    pub rules: Rules,
    /// The engines and carriers.
    pub directory: Directory,
    /// The words of the reasons.
    pub words: Words,
    /// Advice and symptoms.
    pub advice: AdvicePolicy,
    /// When people may be called, by area code.
    pub hours: CallingHours,
    /// Which calls each engine sees.
    pub views: Views,
}

impl PolicySet {
    /// Puts a version together.
    #[must_use]
    pub fn new(rules: Rules, directory: Directory, words: Words, advice: AdvicePolicy, hours: CallingHours) -> Self {
        let views = Views::new(&directory, None);
        Self { rules, directory, words, advice, hours, views }
    }

    /// The version's name.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.rules.policy.version
    }

    /// The key of the engine at a place of [`Views::asked`]: `any` for the one view of calls whose carriers nobody names.
    #[must_use]
    pub fn engine_key(&self, view_place: u8) -> &str {
        let engine = usize::from(view_place).checked_sub(1).and_then(|place| self.directory.engines.get(place));
        engine.map_or("any", |engine| engine.key.as_str())
    }

    /// The place of a view by its engine's key; `None` when the directory has no such engine.
    #[must_use]
    pub fn view_place(&self, engine: &str) -> Option<u8> {
        if engine == "any" {
            return Some(0);
        }
        self.directory.engine(engine).and_then(|place| u8::try_from(place + 1).ok())
    }

    /// How many views there are.
    #[must_use]
    pub fn view_count(&self) -> u8 {
        u8::try_from(self.directory.engines.len() + 1).unwrap_or(u8::MAX)
    }
}

/// What the operator's side tables say of numbers.
#[derive(Clone, Default, Debug)]
pub struct Known {
    /// Standing in the registry.
    pub standings: BTreeMap<TelephoneNumber, Standing>,
    /// Trusted truth.
    pub trusted: Vec<TrustedFact>,
    /// A feed of reports covers the carriers whose calls are known.
    pub reports_cover: bool,
}

impl Known {
    /// By what numbers are judged under a policy's rules.
    #[must_use]
    pub fn grounds<'a>(&'a self, rules: &'a Rules) -> Grounds<'a> {
        let Self { standings, trusted, reports_cover } = self;
        Grounds { rules, standings, trusted, reports_cover: *reports_cover }
    }
}
