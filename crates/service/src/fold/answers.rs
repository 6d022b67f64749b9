//! What is published and folded, as those who ask call for it.

use std::sync::Arc;

use model::{TelephoneNumber, Timestamp};
use reputation::facts::hour_index;
use store::TenantId;

use super::reader::{Difference, Reader};
use super::scope::{Judges, Scope, ScopeState};
use crate::lookup::{Answers, EngineLabel, LabelAnswer, LabelQuestion, Shown};
use crate::number::ScoredNumber;
use crate::output::Context;
use crate::output::ndjson::NumberWriter;
use crate::policy::PolicySet;
use crate::slots::Published;

/// One number's slots in one scope.
struct Found<'a> {
    policy: &'a PolicySet,
    state: Option<Arc<ScopeState>>,
    tn: TelephoneNumber,
}

impl Found<'_> {
    fn slot(&self, view_place: u8) -> Option<Published> {
        self.state.as_ref()?.slots.get(self.tn, view_place)
    }

    /// Something is published of the number.
    fn is_any(&self) -> bool {
        (0..self.policy.view_count()).any(|view_place| self.slot(view_place).is_some())
    }

    /// What is published at a view. A number whose calls name no carrier shows every engine the same.
    fn at(&self, view_place: u8) -> Published {
        self.slot(view_place).or_else(|| self.slot(0)).unwrap_or(Published::NOTHING)
    }

    /// The label of an engine; `None` for the engine where all see the same.
    fn label(&self, view_place: u8, slot: Published) -> EngineLabel {
        let (key, display) = self.policy.phrase(view_place, slot.label).unzip();
        EngineLabel {
            engine: key.filter(|_| view_place > 0).map(Arc::clone),
            shown: if slot.rating_bp.is_some() { Shown::Label(slot.label) } else { Shown::NoOpinion },
            display: display.map_or_else(|| "".into(), Arc::clone),
            treatment: self.policy.treatment(view_place, slot.label),
            status: slot.status,
            rating_bp: slot.rating_bp,
            confidence: slot.confidence_bp,
            reasons: slot.reasons.into_iter().flatten().map(|code| code.as_str()).collect(),
            provisional: slot.provisional,
        }
    }

    /// All engines, or the one view of a number whose calls name no carrier.
    fn all(&self) -> Vec<EngineLabel> {
        let engines = (1..self.policy.view_count()).filter_map(|place| Some((place, self.slot(place)?)));
        let any = self.slot(0).map(|slot| (0, slot));
        engines.chain(any).map(|(place, slot)| self.label(place, slot)).collect()
    }
}

impl Reader {
    /// Where a tenant's question is answered from: what carriers' own traffic says, and the tenant's own records where that says
    /// nothing.
    fn scope_for(&self, policy: &PolicySet, tn: TelephoneNumber, tenant: TenantId) -> Scope {
        let shared = Found { policy, state: self.live.scope(Scope::Shared), tn };
        let own = Scope::Tenant(tenant);
        if shared.is_any() || self.live.scope(own).is_none() { Scope::Shared } else { own }
    }

    /// The place of the view that is asked for; `None` when none is named, and `Some(None)` when nobody knows the one that is.
    fn view_asked(&self, judges: &Judges, question: &LabelQuestion) -> Option<Option<u8>> {
        let policy = &judges.live;
        if let Some(engine) = &question.engine {
            return Some(policy.view_place(engine));
        }
        let now = hour_index(self.data_through()).unwrap_or(0);
        if let Some(key) = &question.carrier {
            let place = policy.directory.carriers.iter().position(|carrier| *carrier.key == **key);
            let carrier = place.and_then(|place| u8::try_from(place).ok()).map(model::CarrierId);
            return Some(carrier.and_then(|carrier| policy.view_of_carrier(carrier, now)));
        }
        let (carrier, _) = self.live.known.carriers.load().lookup(question.dest?)?;
        Some(policy.view_of_carrier(carrier, now))
    }
}

impl Answers for Reader {
    fn label(&self, question: &LabelQuestion) -> LabelAnswer {
        let judges = self.live.judges();
        let (policy, tn) = (&*judges.live, question.tn);
        let state = self.live.scope(self.scope_for(policy, tn, question.tenant));
        let data_through = state.as_ref().map_or(Timestamp::EPOCH, |state| state.slots.data_through());
        let found = Found { policy, state, tn };
        let (label, engines) = match self.view_asked(&judges, question) {
            Some(Some(view_place)) => (found.label(view_place, found.at(view_place)), Vec::new()),
            Some(None) => (found.label(0, Published::NOTHING), Vec::new()),
            None => {
                let engines = found.all();
                let worst = engines.iter().max_by_key(|engine| (engine.shown, engine.rating_bp)).cloned();
                let worst = worst.unwrap_or_else(|| found.label(0, Published::NOTHING));
                (EngineLabel { engine: None, ..worst }, engines)
            }
        };
        LabelAnswer { tn, label, engines, policy_version: Arc::clone(policy.version()), data_through }
    }

    fn number(&self, tn: TelephoneNumber, scope: Scope, now: Timestamp) -> Option<ScoredNumber> {
        self.detail(scope, tn, now, scope != Scope::Shared).map(|detail| detail.number)
    }

    fn number_json(&self, number: &ScoredNumber) -> String {
        let policy = self.policy();
        let PolicySet { rules, directory, words, advice, .. } = policy.as_ref();
        let mut out = Vec::new();
        NumberWriter::new(Context { directory, words, advice, policy: &rules.policy }).push(&mut out, number);
        String::from_utf8(out).expect("the writer escapes what it writes")
    }

    fn differences(&self, scope: Scope, after: Option<TelephoneNumber>, limit: usize) -> Vec<Difference> {
        Self::differences(self, scope, after, limit)
    }

    fn shadow_version(&self) -> Option<Arc<str>> {
        self.shadow().map(|policy| Arc::clone(policy.version()))
    }

    fn policy_version(&self) -> Arc<str> {
        Arc::clone(self.live.judges().live.version())
    }

    fn data_through(&self) -> Timestamp {
        let scopes = self.live.scopes();
        scopes.iter().map(|(_, state)| state.slots.data_through()).max().unwrap_or(Timestamp::EPOCH)
    }
}
