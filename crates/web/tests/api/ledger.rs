//! A state that is easy to foresee: three calls of a source earn a number the label Spam in the source's view.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{Label, Status, TelephoneNumber, Timestamp};
use service::fold::{Difference, Scope};
use service::number::ScoredNumber;
use service::{
    Answers, EngineLabel, LabelAnswer, LabelChange, LabelQuestion, Machine, Position, Shown, SourceRole, TenantId,
    Treatment,
};
use store::{Event, Payload};

/// Calls that earn a label.
const CALLS: u32 = 3;
/// `None` is the view that everybody sees.
type View = Option<TenantId>;

#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    calls: BTreeMap<(View, TelephoneNumber), u32>,
    reports: Vec<(TelephoneNumber, Option<u64>)>,
}

impl Ledger {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The reported numbers, each with the hash of the network that the report came from.
    pub(crate) fn reports(&self) -> Vec<(TelephoneNumber, Option<u64>)> {
        self.entries().reports.clone()
    }
}

impl Machine for Ledger {
    fn apply(&mut self, _: Position, event: &Event, decided: &mut Vec<Event>) {
        match &event.payload {
            Payload::Call(call) => {
                let Some(tn) = call.orig.number() else { return };
                let view = match event.origin.role {
                    SourceRole::Terminating => None,
                    SourceRole::Originating => Some(event.origin.tenant),
                };
                let mut entries = self.entries();
                let calls = entries.calls.entry((view, tn)).or_default();
                *calls += 1;
                if *calls == CALLS {
                    let origin = Arc::clone(&event.origin);
                    decided.push(Event::service(
                        origin,
                        event.known_at,
                        Payload::LabelChanged(change(tn, event.known_at)),
                    ));
                }
            }
            Payload::Report(report) => self.entries().reports.push((report.tn, report.network)),
            Payload::CallBack(_)
            | Payload::Piece(_)
            | Payload::Tick { .. }
            | Payload::PolicyActivated { .. }
            | Payload::Forget { .. }
            | Payload::LabelChanged(_)
            | Payload::ReporterStanding(_) => {}
        }
    }

    fn pause(&mut self, _: &mut Vec<Event>) {}

    fn parts(&self) -> usize {
        0
    }

    fn version(&self) -> u32 {
        1
    }

    fn snapshot(&mut self, _: usize) -> Vec<u8> {
        Vec::new()
    }

    fn restore(&mut self, _: usize, _: Position, _: &[u8]) -> Result<(), String> {
        Err("there is no part".to_owned())
    }
}

fn change(tn: TelephoneNumber, at: Timestamp) -> LabelChange {
    LabelChange {
        tn,
        engine: "any".into(),
        from: Label::None,
        to: Label::Spam,
        effective_at: at,
        decided_at: at,
        policy_version: "1".into(),
        provisional: false,
        reasons: vec!["SHORT_CALLS".into()],
    }
}

impl Answers for Ledger {
    fn label(&self, question: &LabelQuestion) -> LabelAnswer {
        let entries = self.entries();
        let of = |view: View| entries.calls.get(&(view, question.tn)).copied().unwrap_or(0);
        let calls = of(None).max(of(Some(question.tenant)));
        let engine = |key: Option<&str>| EngineLabel {
            engine: key.map(Into::into),
            shown: if calls >= CALLS { Shown::Label(Label::Spam) } else { Shown::NoOpinion },
            display: if calls >= CALLS { "Spam" } else { "" }.into(),
            treatment: if calls >= CALLS { Treatment::Label } else { Treatment::None },
            status: if calls >= CALLS { Status::Flagged } else { Status::Unknown },
            rating_bp: (calls >= CALLS).then_some(9_876),
            confidence: None,
            reasons: if calls >= CALLS { vec!["SHORT_CALLS"] } else { Vec::new() },
            provisional: false,
        };
        let asked = question.engine.as_deref().or(question.carrier.as_deref());
        LabelAnswer {
            tn: question.tn,
            label: engine(asked),
            engines: if asked.is_none() { vec![engine(Some("first_orion")), engine(Some("hiya"))] } else { Vec::new() },
            policy_version: self.policy_version(),
            data_through: self.data_through(),
        }
    }

    fn number(&self, tn: TelephoneNumber, scope: Scope, _: Timestamp) -> Option<ScoredNumber> {
        let view = match scope {
            Scope::Shared => None,
            Scope::Tenant(tenant) => Some(tenant),
        };
        self.entries().calls.contains_key(&(view, tn)).then(|| ScoredNumber::new(tn))
    }

    fn number_json(&self, number: &ScoredNumber) -> String {
        format!("{{\"tn\":\"{}\",\"facts\":{{}}}}", number.tn)
    }

    fn differences(&self, scope: Scope, after: Option<TelephoneNumber>, limit: usize) -> Vec<Difference> {
        let view = match scope {
            Scope::Shared => None,
            Scope::Tenant(tenant) => Some(tenant),
        };
        let entries = self.entries();
        let labelled = entries
            .calls
            .iter()
            .filter(|((of, tn), calls)| *of == view && **calls >= CALLS && after.is_none_or(|after| *tn > after));
        let difference = |(_, tn): &(View, TelephoneNumber)| Difference {
            tn: *tn,
            engine: "any".into(),
            live: Label::Spam,
            shadow: Label::None,
        };
        labelled.map(|(key, _)| difference(key)).take(limit).collect()
    }

    fn shadow_version(&self) -> Option<Arc<str>> {
        Some("2".into())
    }

    fn policy_version(&self) -> Arc<str> {
        "1".into()
    }

    fn data_through(&self) -> Timestamp {
        Timestamp::EPOCH
    }
}
