//! By what a service judges: one version of the policy with all its data, and what it is told of numbers besides calls.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{CarrierId, Label, Standing, TelephoneNumber, TrustedFact};
use reputation::advice::AdvicePolicy;
use reputation::engines::{Directory, Treatment};
use reputation::facts::HashKey;
use reputation::hours::CallingHours;
use reputation::timeline::Rules;
use reputation::words::Words;

use crate::carrier_map::Carriers;
use crate::judge::{Grounds, Views};
use crate::policy_store::PolicyText;

/// The key of the one view of calls whose carriers nobody names.
const ANY_ENGINE: &str = "any";

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
    version: Arc<str>,
    text: Option<PolicyText>,
    /// By the place of the view: the engine's key, and what a called person reads at each label.
    phrases: Vec<(Arc<str>, [Arc<str>; 4])>,
}

impl PolicySet {
    /// Puts a version together.
    #[must_use]
    pub fn new(rules: Rules, directory: Directory, words: Words, advice: AdvicePolicy, hours: CallingHours) -> Self {
        let views = Views::new(&directory, None);
        let version = rules.policy.version.as_str().into();
        let any =
            (ANY_ENGINE.into(), Label::ALL.map(|label| if label > Label::None { label.words() } else { "" }.into()));
        let engines = directory.engines.iter().map(|engine| {
            let words = Label::ALL.map(|label| engine.phrasebook.words(label).unwrap_or_default().into());
            (engine.key.as_str().into(), words)
        });
        let phrases = std::iter::once(any).chain(engines).collect();
        Self { rules, directory, words, advice, hours, views, version, text: None, phrases }
    }

    /// The same, with what it was made of, so that a service keeps that when it is activated.
    #[must_use]
    pub fn made_of(self, text: PolicyText) -> Self {
        Self { text: Some(text), ..self }
    }

    /// What it was made of; `None` when nobody told.
    #[must_use]
    pub const fn text(&self) -> Option<&PolicyText> {
        self.text.as_ref()
    }

    /// The version's name.
    #[must_use]
    pub const fn version(&self) -> &Arc<str> {
        &self.version
    }

    /// The engine's key and what a called person reads at a label, by the place of the view; `None` beyond the last view.
    #[must_use]
    pub fn phrase(&self, view_place: u8, label: Label) -> Option<(&Arc<str>, &Arc<str>)> {
        let (key, words) = self.phrases.get(usize::from(view_place))?;
        Some((key, words.get(label as usize)?))
    }

    /// What the engine's networks do with a call at a label, by the place of the view. Where no carrier is known, the label is shown.
    #[must_use]
    pub fn treatment(&self, view_place: u8, label: Label) -> Treatment {
        let engine = usize::from(view_place).checked_sub(1).and_then(|place| self.directory.engines.get(place));
        engine.map(|engine| engine.treatment).unwrap_or_default().at(label)
    }

    /// The place of the view of the engine that labels for a carrier's people in an hour; `None` when none of the listed ones does.
    #[must_use]
    pub fn view_of_carrier(&self, carrier: CarrierId, hour: u32) -> Option<u8> {
        let place = carrier.0.checked_add(1)?;
        let (engine, _) = self.views.engines.iter().find(|(_, view)| view.sees(place, hour))?;
        u8::try_from(engine + 1).ok()
    }

    /// The key of the engine at a place of [`Views::asked`]: `any` for the one view of calls whose carriers nobody names.
    #[must_use]
    pub fn engine_key(&self, view_place: u8) -> &str {
        self.phrases.get(usize::from(view_place)).map_or(ANY_ENGINE, |(key, _)| key)
    }

    /// The place of a view by its engine's key; `None` when the directory has no such engine.
    #[must_use]
    pub fn view_place(&self, engine: &str) -> Option<u8> {
        if engine == ANY_ENGINE {
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
    /// Who serves which destination: tells the engine where a look-up names a destination and no carrier.
    pub carriers: Carriers,
    /// A feed of reports covers the carriers whose calls are known.
    pub reports_cover: bool,
    /// Under what called and reporting people are hashed. Snapshots of another key are of no use.
    pub key: HashKey,
}

impl Known {
    /// By what numbers are judged under a policy's rules.
    #[must_use]
    pub fn grounds<'a>(&'a self, rules: &'a Rules) -> Grounds<'a> {
        let Self { standings, trusted, carriers: _, reports_cover, key: _ } = self;
        Grounds { rules, standings, trusted, reports_cover: *reports_cover }
    }
}
