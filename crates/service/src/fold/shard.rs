//! One shard of a scope: its numbers' facts, what waits to be filed, and where their labels stand.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use model::{Label, Report, TelephoneNumber, Timestamp};
use reputation::facts::{CallFact, Cells, Desk, HORIZON_D, HashKey, Waiting, hour_index, hour_start};
use reputation::fleet::{Counted, Standings};
use reputation::state::LabelState;

use super::others::Priors;
use super::reached::Reached;
use super::scope::Side;
use crate::admit::{Note, hashed, reporter_of};
use crate::facts::{MAX_REFUSALS_KEPT, Shard};

/// The most reports from feeds that are kept for one number. Chosen: as for refusals, sixteen times what the shipped policy weighs.
const MAX_REPORTS_KEPT: usize = 4096;
/// How long changes of labels are kept, in days. Chosen: a status looks back over 90.
const HISTORY_D: u32 = 100;

/// What happened to a number since the last tick.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Touch {
    /// Calls that it had at the last tick, about.
    pub(super) base: u32,
    /// Calls since.
    pub(super) added: u32,
    /// So many calls it had when a rise was looked for last; not part of what is kept.
    pub(super) looked: u32,
    /// The last hour in which anything of it became known; 0 where that is not told.
    pub(super) last_known: u32,
    /// Something became known before the last tick and was learned after it.
    pub(super) late: bool,
}

/// Where the label of a number at one view was left at the last tick. Kept only for those that were ever labelled.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Kept {
    pub(super) state: LabelState,
    pub(super) last_attempt: Option<u32>,
}

/// Where labels stand under one policy.
#[derive(Default)]
pub(super) struct Judged {
    /// By number and place of the view.
    pub(super) kept: BTreeMap<(TelephoneNumber, u8), Kept>,
    /// Numbers that are labelled at some view.
    pub(super) labelled: BTreeSet<TelephoneNumber>,
    /// How the reports about each number count.
    pub(super) counted: BTreeMap<TelephoneNumber, Counted>,
    /// What this shard's numbers say of reporters.
    pub(super) standings: Standings,
    pub(super) priors: Priors,
    /// Nothing was stepped yet: everything is replayed from the first fact at the next tick.
    pub(super) fresh: bool,
}

impl Judged {
    /// Nothing stepped yet.
    pub(super) fn fresh() -> Self {
        Self { fresh: true, ..Self::default() }
    }

    /// The views at which something of a number is kept.
    pub(super) fn kept_views(&self, tn: TelephoneNumber) -> impl Iterator<Item = (u8, &Kept)> {
        self.kept.range((tn, 0)..=(tn, u8::MAX)).map(|(&(_, view), kept)| (view, kept))
    }

    /// Takes note of where a label stands; what says nothing is not kept.
    pub(super) fn keep(&mut self, key: (TelephoneNumber, u8), kept: Kept) {
        if kept.state.is_blank() {
            self.kept.remove(&key);
        } else {
            self.kept.insert(key, kept);
        }
    }

    /// Brings the set of labelled numbers up to date for one number.
    pub(super) fn mark(&mut self, tn: TelephoneNumber) {
        let labelled = self.kept_views(tn).any(|(_, kept)| kept.state.label > Label::None);
        if labelled {
            self.labelled.insert(tn);
        } else {
            self.labelled.remove(&tn);
        }
    }

    fn forget(&mut self, tn: TelephoneNumber) {
        self.kept.retain(|&(of, _), _| of != tn);
        self.labelled.remove(&tn);
        self.counted.remove(&tn);
        self.priors.forget(tn.block());
    }
}

/// One shard of a scope.
#[derive(Default)]
pub(super) struct LiveShard {
    /// Calls that are filed, and what is known besides calls.
    pub(super) shard: Shard,
    /// Calls that wait.
    pub(super) waiting: Waiting,
    /// Numbers of which something was learned since the last tick. Each call looks here once, among numbers by the million: in a
    /// tree that would be a quarter of the fold's time.
    pub(super) touched: HashMap<TelephoneNumber, Touch, rapidhash::fast::RandomState>,
    /// Who was called by whom; empty in a tenant's own view, which has no reports.
    pub(super) reached: Reached,
    pub(super) live: Judged,
    /// Under the policy that is only watched, where there is one.
    pub(super) shadow: Option<Judged>,
    /// The hour of the last tick; 0 before the first.
    pub(super) stepped: u32,
    /// The version of the policy that judged last; empty before the first tick.
    pub(super) policy: Box<str>,
}

impl LiveShard {
    pub(super) fn judged(&mut self, side: Side) -> Option<&mut Judged> {
        match side {
            Side::Live => Some(&mut self.live),
            Side::Shadow => self.shadow.as_mut(),
        }
    }

    /// Tells whether the shard is still to be stepped to a tick. One of which nothing is known is not.
    pub(super) fn awaits(&self, hour: u32) -> bool {
        !self.is_idle() && (self.stepped < hour || self.live.fresh)
    }

    /// Tells whether nothing is known.
    pub(super) fn is_idle(&self) -> bool {
        self.touched.is_empty()
            && self.waiting.is_empty()
            && self.shard.store.is_empty()
            && self.shard.extras.is_empty()
            && self.live.kept.is_empty()
            && self.live.standings.is_empty()
    }

    /// Takes a call.
    pub(super) fn add(&mut self, fact: &CallFact) -> &mut Touch {
        let late = fact.known < self.stepped;
        if late {
            self.learned_late(fact.tn);
        }
        self.waiting.add(fact);
        let touch = self.touch(fact.tn);
        touch.added = touch.added.saturating_add(1);
        touch.last_known = touch.last_known.max(fact.known);
        touch.late |= late;
        touch
    }

    /// Files what waits once it is much.
    pub(super) fn file_when_due(&mut self, desk: &mut Desk) {
        if self.waiting.is_due(&self.shard.store) {
            self.file(desk);
        }
    }

    /// Files what waits.
    pub(super) fn file(&mut self, desk: &mut Desk) {
        self.waiting.file(&mut self.shard.store, desk);
    }

    /// Keeps what facts cannot hold of a call.
    pub(super) fn note(&mut self, tn: TelephoneNumber, note: Note) {
        self.shard.extras.entry(tn).or_default().take(note);
    }

    /// What stands for this call's destination as a reporter, where it has reported the caller.
    pub(super) fn proves(&self, tn: TelephoneNumber, dest: TelephoneNumber, key: HashKey) -> Option<u64> {
        let extra = self.shard.extras.get(&tn).filter(|extra| !extra.calls_to_reporters.is_empty())?;
        Some(reporter_of(key, dest)).filter(|reporter| extra.calls_to_reporters.contains_key(reporter))
    }

    /// Takes a report. Where the reporter is named by number, calls to it in the days before are its proof; the number itself is not
    /// kept.
    pub(super) fn report(&mut self, report: Report, proof_days: u32, key: HashKey) {
        let (report, reporter_tn) = hashed(report, key);
        let (tn, known) = (report.tn, report.known());
        let known_hour = hour_index(known).unwrap_or(0);
        let late = known_hour < self.stepped;
        if late {
            self.learned_late(tn);
        }
        let touch = self.touch(tn);
        touch.last_known = touch.last_known.max(known_hour);
        touch.late |= late;
        let extra = self.shard.extras.entry(tn).or_default();
        if let (Some(reporter), Some(reporter_tn), Some(hour)) = (report.reporter, reporter_tn, hour_index(known))
            && !extra.calls_to_reporters.contains_key(&reporter)
        {
            let today = hour / 24;
            let calls = self.reached.days(today.saturating_sub(proof_days)..=today, tn, key.pair(reporter_tn));
            // The filter tells days: a call of an earlier one is taken for its last, one of the same day for the moment of the report.
            let ends = calls.map(|day| hour_start((day + 1) * 24).saturating_add_ms(-1).min(known));
            extra.calls_to_reporters.insert(reporter, ends.collect());
        }
        extra.reports.push(report);
        if extra.reports.len() > MAX_REPORTS_KEPT * 2 {
            extra.reports.sort_by_key(Report::known);
            extra.reports.drain(..MAX_REPORTS_KEPT);
        }
    }

    /// Notes that something was learned of a number, which the next tick must look at.
    pub(super) fn touch(&mut self, tn: TelephoneNumber) -> &mut Touch {
        let store = &self.shard.store;
        self.touched.entry(tn).or_insert_with(|| {
            let words = store.find(tn).map_or(0, |place| store.words_of(place));
            let base = u32::try_from(words / 2).unwrap_or(u32::MAX);
            Touch { base, looked: base, ..Touch::default() }
        })
    }

    /// Something became known before the last tick: priors that were derived since do not hold it.
    fn learned_late(&mut self, tn: TelephoneNumber) {
        self.live.priors.forget(tn.block());
        if let Some(shadow) = &mut self.shadow {
            shadow.priors.forget(tn.block());
        }
    }

    /// The hour of the tick from which a number's replay goes on; 0 for its first fact, where nothing was stepped yet or something was
    /// learned late.
    pub(super) fn goes_on_from(&self, judged: &Judged, tn: TelephoneNumber) -> u32 {
        let late = self.touched.get(&tn).is_some_and(|touch| touch.late);
        if judged.fresh || late { 0 } else { self.stepped }
    }

    /// Reads a number's calls; tells whether any are known.
    pub(super) fn read(&self, tn: TelephoneNumber, into: &mut Cells) -> bool {
        self.waiting.read(&self.shard.store, tn, into)
    }

    /// Gives up what lies beyond the horizon at the 00:00 UTC with which `hour` begins. Everything must be filed.
    pub(super) fn age(&mut self, hour: u32, proof_days: u32) {
        let Self { shard, reached, live, shadow, .. } = self;
        let today = hour / 24;
        let oldest = (today + 1).saturating_sub(HORIZON_D);
        let from = hour_start(oldest * 24);
        let proofs_from = hour_start(oldest.saturating_sub(proof_days) * 24);
        shard.extras.retain(|_, extra| {
            extra.age(from, proofs_from);
            !extra.is_empty()
        });
        shard.store.age(hour, |tn| shard.extras.contains_key(&tn));
        reached.age(today.saturating_sub(proof_days));
        let history_from = hour_start(today.saturating_sub(HISTORY_D) * 24);
        for judged in std::iter::once(live).chain(shadow) {
            judged.priors.keep_day(today);
            judged.standings.age(oldest);
            judged.counted.retain(|tn, _| shard.extras.contains_key(tn));
            judged.kept.values_mut().for_each(|kept| kept.state.age(history_from));
            judged.kept.retain(|_, kept| !kept.state.is_blank());
        }
    }

    /// Forgets what is kept of a person besides others' counts of calls.
    pub(super) fn forget_person(&mut self, person: TelephoneNumber, key: HashKey) {
        let mut changed = Vec::new();
        self.shard.extras.retain(|&tn, extra| {
            if extra.forget(person, key) {
                changed.push(tn);
            }
            !extra.is_empty()
        });
        for tn in changed {
            self.touch(tn);
        }
    }

    /// Forgets everything of a number but what others' samples hold of it, which is a hash.
    pub(super) fn forget(&mut self, tn: TelephoneNumber) {
        self.shard.store.forget(tn);
        self.waiting.forget(tn);
        self.shard.extras.remove(&tn);
        self.shard.carriers.remove(&tn);
        self.touched.remove(&tn);
        self.live.forget(tn);
        if let Some(shadow) = &mut self.shadow {
            shadow.forget(tn);
        }
    }
}

impl crate::facts::Extra {
    /// Forgets a person: their reports and refusals, and that they were called.
    pub(super) fn forget(&mut self, person: TelephoneNumber, key: HashKey) -> bool {
        let (reporter, refuser) = (reporter_of(key, person), u64::from(key.dest(person)));
        let before = self.reports.len() + self.refusals.len();
        self.reports.retain(|report| report.reporter != Some(reporter));
        self.refusals.retain(|report| report.reporter != Some(refuser));
        let reported = self.reports.len() + self.refusals.len() < before;
        let called = self.calls_to_reporters.remove(&reporter).is_some();
        let invalid = self.invalid.remove(&person).is_some();
        reported || called || invalid
    }

    /// Gives up what was learned before `from`, and proofs before `proofs_from`.
    fn age(&mut self, from: Timestamp, proofs_from: Timestamp) {
        self.keep_refusals(MAX_REFUSALS_KEPT);
        self.reports.retain(|report| report.known() >= from);
        self.refusals.retain(|report| report.known() >= from);
        self.redress.retain(|_, &mut (_, first)| first >= from);
        self.invalid.retain(|_, seen| seen.last >= from);
        let reporters: BTreeSet<u64> = self.reports.iter().filter_map(|report| report.reporter).collect();
        self.calls_to_reporters.retain(|reporter, _| reporters.contains(reporter));
        self.calls_to_reporters.values_mut().for_each(|calls| calls.retain(|&call| call >= proofs_from));
    }

    /// Tells whether nothing is left.
    fn is_empty(&self) -> bool {
        self.reports.is_empty()
            && self.refusals.is_empty()
            && self.redress.is_empty()
            && self.invalid.is_empty()
            && self.calls_to_reporters.is_empty()
    }
}
