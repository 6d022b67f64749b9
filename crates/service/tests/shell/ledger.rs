//! A state that is easy to check: every record it was told, and a label for each number that called often within an hour.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{Label, TelephoneNumber, Timestamp};
use service::fold::{Difference, Scope};
use service::number::ScoredNumber;
use service::{Answers, EngineLabel, LabelAnswer, LabelChange, LabelQuestion, Machine, Position, Shown};
use store::{Event, Origin, Payload};

/// Calls in one hour that earn a label.
const CALLS: u32 = 3;

/// What was folded.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Entries {
    /// How often each call was told: start, caller, called.
    pub(crate) calls: BTreeMap<(Timestamp, TelephoneNumber, TelephoneNumber), u32>,
    /// How often each report was told.
    pub(crate) reports: BTreeMap<(Timestamp, TelephoneNumber), u32>,
    /// Hours that began.
    pub(crate) hours: Vec<u32>,
    /// Label changes as logged, with how often each was.
    pub(crate) changes: BTreeMap<(TelephoneNumber, Timestamp, Label), u32>,
    this_hour: BTreeMap<TelephoneNumber, u32>,
    labels: BTreeMap<TelephoneNumber, Label>,
    places: Vec<Position>,
}

/// What was kept: a snapshot's bytes are a place in here.
pub(crate) type Kept = Arc<Mutex<Vec<Entries>>>;

/// The state; clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Ledger {
    entries: Arc<Mutex<Entries>>,
    kept: Kept,
    /// Events that this process applied.
    applied: Arc<AtomicUsize>,
}

impl Ledger {
    pub(crate) fn new(kept: &Kept) -> Self {
        Self { kept: Arc::clone(kept), ..Self::default() }
    }

    pub(crate) fn applied(&self) -> usize {
        self.applied.load(Ordering::Relaxed)
    }

    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    pub(crate) fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn tick(&mut self, hour: u32, decided: &mut Vec<Event>) {
        self.hours.push(hour);
        let at = Timestamp::from_ms(i64::from(hour) * model::time::HOUR_MS).expect("an hour");
        let counted = std::mem::take(&mut self.this_hour);
        let known: Vec<TelephoneNumber> = counted.keys().chain(self.labels.keys()).copied().collect();
        for tn in known {
            let from = self.labels.get(&tn).copied().unwrap_or_default();
            let often = counted.get(&tn).is_some_and(|&calls| calls >= CALLS);
            let to = if often { Label::Spam } else { Label::None };
            if from != to {
                self.labels.insert(tn, to);
                let change = LabelChange {
                    tn,
                    engine: "any".into(),
                    from,
                    to,
                    effective_at: at,
                    decided_at: at,
                    policy_version: "1".into(),
                    provisional: false,
                    reasons: Vec::new(),
                };
                decided.push(Event::service(Origin::service(), at, Payload::LabelChanged(change)));
            }
        }
    }
}

impl Machine for Ledger {
    fn apply(&mut self, place: Position, event: &Event, decided: &mut Vec<Event>) {
        self.applied.fetch_add(1, Ordering::Relaxed);
        let mut entries = self.entries();
        assert!(entries.places.last().is_none_or(|&last| last < place), "events come in order, once");
        entries.places.push(place);
        match &event.payload {
            Payload::Call(call) => {
                let (Some(orig), Some(dest)) = (call.orig.number(), call.dest.number()) else { return };
                assert_eq!(call.known_at, Some(event.known_at));
                *entries.calls.entry((call.at, orig, dest)).or_default() += 1;
                *entries.this_hour.entry(orig).or_default() += 1;
            }
            Payload::Report(report) => *entries.reports.entry((report.at, report.tn)).or_default() += 1,
            Payload::Tick { hour } => entries.tick(*hour, decided),
            Payload::LabelChanged(change) => {
                *entries.changes.entry((change.tn, change.effective_at, change.to)).or_default() += 1;
            }
            Payload::Forget { tn } => {
                entries.calls.retain(|(_, orig, dest), _| orig != tn && dest != tn);
                entries.labels.remove(tn);
            }
            Payload::CallBack(_)
            | Payload::Piece(_)
            | Payload::PolicyActivated { .. }
            | Payload::ReporterStanding(_) => {}
        }
    }

    fn pause(&mut self, _: &mut Vec<Event>) {}

    fn parts(&self) -> usize {
        1
    }

    fn version(&self) -> u32 {
        1
    }

    fn snapshot(&mut self, _: usize) -> Vec<u8> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(self.entries().clone());
        (kept.len() - 1).to_le_bytes().to_vec()
    }

    fn restore(&mut self, _: usize, place: Position, bytes: &[u8]) -> Result<(), String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = usize::from_le_bytes(bytes.try_into().map_err(|_| "no place".to_owned())?);
        let entries = kept.get(at).ok_or("no such place")?.clone();
        assert!(entries.places.last().is_none_or(|&last| last < place), "it holds no later events");
        *self.entries() = entries;
        Ok(())
    }
}

impl Answers for Ledger {
    fn label(&self, question: &LabelQuestion) -> LabelAnswer {
        let label = self.entries().labels.get(&question.tn).copied();
        let shown = label.map_or(Shown::NoOpinion, Shown::Label);
        LabelAnswer {
            tn: question.tn,
            label: EngineLabel {
                engine: None,
                shown,
                display: "".into(),
                treatment: service::Treatment::None,
                status: model::Status::Unknown,
                rating_bp: None,
                confidence: None,
                reasons: Vec::new(),
                provisional: false,
            },
            engines: Vec::new(),
            policy_version: self.policy_version(),
            data_through: self.data_through(),
        }
    }

    fn number(&self, _: TelephoneNumber, _: Scope, _: Timestamp) -> Option<ScoredNumber> {
        None
    }

    fn number_json(&self, number: &ScoredNumber) -> String {
        format!("{{\"tn\":\"{}\"}}", number.tn)
    }

    fn differences(&self, _: Scope, _: Option<TelephoneNumber>, _: usize) -> Vec<Difference> {
        Vec::new()
    }

    fn shadow_version(&self) -> Option<Arc<str>> {
        None
    }

    fn policy_version(&self) -> Arc<str> {
        "1".into()
    }

    fn data_through(&self) -> Timestamp {
        Timestamp::EPOCH
    }
}
