//! The fold: facts, labels and published slots as a function of the event log.
//!
//! [`Fold::apply`] takes events in the order of the log, from one thread. The same events in that order leave the same state and
//! decide the same changes; no clock is asked and nothing is read or written. Labels are stepped at logged ticks by the same code
//! as a run over files: each number goes on from where the last tick left it. Between ticks [`Fold::pause`] looks for labels that
//! should rise at once; it only decides, and what it decided takes effect when it comes back from the log.

mod answers;
mod awaited;
mod bytes;
mod others;
mod reached;
mod reader;
mod rise;
mod scope;
mod shard;
mod step;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use model::{CallOutcome, CallRecord, Direction, Report, TelephoneNumber, Timestamp};
use reputation::facts::{CallFact, HashKey, hour_index, hour_start};
use reputation::fleet::Standings;
use reputation::replay::End;
use store::{Event, LabelChange, Payload, Position};

use crate::admit::{Kept, Note, is_late};
use crate::facts::{SHARDS, shard_of};
use crate::policy::{Known, PolicySet};

use awaited::Awaited;
pub use bytes::{RestoreError, SNAPSHOT_VERSION};
pub use reader::{Difference, NumberDetail, Reader};
pub use scope::Scope;
use scope::{Judges, Live, ScopeState, Side};
use shard::{Judged, LiveShard};
use step::{Hands, Stepping};

/// Hours of a day's ticks.
const DAY_H: u32 = 24;
/// Milliseconds of an hour.
const HOUR_MS: i64 = model::time::HOUR_MS;
/// So many numbers wait at most to be looked at for a rise; the tick looks at all of them anyway.
const GROWN_MAX: usize = 1 << 16;

/// What the fold counted of events that it could not use.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Calls taken.
    pub calls: u64,
    /// Of those, calls that became known so late that no fact holds them any more.
    pub late: u64,
    /// Calls that are nobody's to judge: within one exchange, without a public number, or outside the years that facts can hold.
    pub not_judged: u64,
    /// Reports taken.
    pub reports: u64,
    /// Policies that were activated but never offered; the one before went on.
    pub unknown_policies: u64,
}

/// Facts, labels and published slots, folded from the event log.
pub struct Fold {
    live: Arc<Live>,
    /// Policies that may be activated, by version.
    offered: BTreeMap<String, Arc<PolicySet>>,
    /// For each part the place from which events concern it.
    restored: Vec<Position>,
    /// The place of the earliest part that was restored.
    earliest: Option<Position>,
    /// The hour of the last tick; 0 before the first.
    hour: u32,
    /// The latest moment that any event told.
    now: Timestamp,
    grown: Vec<(Scope, TelephoneNumber)>,
    awaited: Awaited,
    hands: Vec<Hands>,
    counts: Counts,
    /// Parts were restored whose standings are not added up yet.
    unmerged: bool,
}

impl Fold {
    /// An empty state that judges by `policy`, on so many threads at ticks.
    #[must_use]
    pub fn new(policy: Arc<PolicySet>, known: Known, threads: usize) -> Self {
        let mut fold = Self {
            live: Arc::new(Live::new(Arc::clone(&policy), known)),
            offered: BTreeMap::new(),
            restored: vec![Position::ZERO; SHARDS],
            earliest: None,
            hour: 0,
            now: Timestamp::EPOCH,
            grown: Vec::new(),
            awaited: Awaited::default(),
            hands: (0..threads.max(1)).map(|_| Hands::default()).collect(),
            counts: Counts::default(),
            unmerged: false,
        };
        fold.offer(policy);
        fold
    }

    /// A handle for those who look up and read. It stays up to date.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.live))
    }

    /// Makes a policy known, so that [`Payload::PolicyActivated`] can name it.
    pub fn offer(&mut self, policy: Arc<PolicySet>) {
        self.offered.insert(policy.version().to_string(), policy);
    }

    /// Tells whether a policy was made known.
    #[must_use]
    pub fn knows_policy(&self, version: &str) -> bool {
        self.offered.contains_key(version)
    }

    /// Judges by a policy that was made known, before the first event: the one that was in force there.
    pub fn begin_with(&mut self, version: &str) {
        let judges = self.live.judges();
        if let Some(policy) = self.offered.get(version).filter(|_| **judges.live.version() != *version) {
            let (live, shadow) = (Arc::clone(policy), judges.shadow.clone());
            self.live.set_judges(Judges { live, number: judges.number, shadow });
        }
    }

    /// Brings what the watched policy says up to the last tick, where it has not judged yet. Every part must be at the same place of
    /// the log.
    pub fn step_shadow(&mut self) {
        let live = Arc::clone(&self.live);
        let judges = live.judges();
        if judges.shadow.is_none() || self.hour == 0 {
            return;
        }
        self.merge();
        for (scope, state) in live.scopes() {
            let is_fresh = |part| {
                let shard = state.shard(part);
                shard.is_some_and(|shard| !shard.is_idle() && shard.shadow.as_ref().is_some_and(|shadow| shadow.fresh))
            };
            let parts: Vec<usize> = (0..SHARDS).filter(|&part| is_fresh(part)).collect();
            on_shards(&mut self.hands, &state, &parts, &|_, shard, hands| shard.file(&mut hands.desk));
            let to = (self.hour, hour_start(self.hour));
            self.step_side((&live, &judges, Side::Shadow), (scope, &state, &parts), to, &mut Vec::new());
        }
    }

    /// Watches a second policy from the next tick on; `None` ends that. One that is watched already goes on. It is no part of
    /// snapshots: it is replayed.
    pub fn watch(&mut self, shadow: Option<Arc<PolicySet>>) {
        let judges = self.live.judges();
        let version = |policy: &Option<Arc<PolicySet>>| policy.as_ref().map(|policy| Arc::clone(policy.version()));
        if version(&judges.shadow) == version(&shadow) {
            return;
        }
        for (_, state) in self.live.scopes() {
            for place in 0..SHARDS {
                if let Some(mut shard) = state.shard(place) {
                    shard.shadow = shadow.is_some().then(Judged::fresh);
                }
            }
        }
        self.live.set_judges(Judges { live: Arc::clone(&judges.live), number: judges.number, shadow });
    }

    /// What was counted of events since the fold was made.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// The hour of the last tick, counted as [`hour_index`] does; 0 before the first.
    #[must_use]
    pub const fn hour(&self) -> u32 {
        self.hour
    }

    /// Applies one event. Changes of labels that follow from it go to `decided`; they have taken effect, and are ignored when they
    /// come back from the log.
    pub fn apply(&mut self, place: Position, event: &Event, decided: &mut Vec<Event>) {
        self.now = self.now.max(event.known_at);
        self.merge();
        match &event.payload {
            Payload::Call(call) => {
                let direction = call.direction.unwrap_or(Direction::Outbound);
                self.call(place, event, call, direction);
            }
            Payload::CallBack(call) => self.call(place, event, call, Direction::Inbound),
            Payload::Report(report) => self.report(place, event, report),
            Payload::Tick { hour } => self.tick(place, *hour, decided),
            Payload::PolicyActivated { version } => self.activate(place, version, event.at, decided),
            Payload::Forget { tn } => self.forget(place, *tn),
            Payload::LabelChanged(change) if change.provisional => self.raise(place, Scope::of(&event.origin), change),
            // Pieces are joined before they come here as calls, and standings are scored where the reported numbers are.
            Payload::LabelChanged(_) | Payload::Piece(_) | Payload::ReporterStanding(_) => {}
        }
    }

    /// Some events were applied, and none waits: looks for labels that rise by now. They take effect when they come back as events.
    pub fn pause(&mut self, decided: &mut Vec<Event>) {
        let mut grown = std::mem::take(&mut self.grown);
        grown.sort_unstable();
        grown.dedup();
        let judges = self.live.judges();
        let now = self.now.max(hour_start(self.hour));
        let Some(end) = End::at(now) else { return };
        for &(scope, tn) in &grown {
            let Some(state) = self.live.scope(scope) else { continue };
            let Some(shard) = state.shard(shard_of(tn)) else { continue };
            let standings = state.standings(Side::Live);
            let by = stepping(&self.live, (&judges, Side::Live), (scope, &state), &standings);
            let by = Stepping { decided_at: now, hour: shard.stepped, place: shard_of(tn), ..by };
            if let Some(hands) = self.hands.first_mut() {
                let mut rises = shard.rises(&by, &self.awaited, tn, end, hands);
                self.awaited.decide(scope, &rises);
                decided.append(&mut rises);
            }
        }
        grown.clear();
        self.grown = grown;
    }

    /// Adds up what restored parts say of reporters.
    fn merge(&mut self) {
        if std::mem::take(&mut self.unmerged) {
            for (_, state) in self.live.scopes() {
                state.set_standings(Side::Live, merged(&state, Side::Live));
            }
        }
    }

    fn call(&mut self, place: Position, event: &Event, call: &CallRecord, direction: Direction) {
        let scope = Scope::of(&event.origin);
        let judges = self.live.judges();
        let is_owners = scope != Scope::Shared;
        let dest = call.dest.number().filter(|_| direction == Direction::Outbound);
        let hours = &judges.live.hours;
        let off_hours = dest.filter(|_| is_owners).and_then(|dest| hours.off_hours(dest, call.at));
        let key = self.live.known.key;
        let fact = CallFact::keyed(call, direction, off_hours, key);
        let Some((fact, known)) = fact.zip(hour_index(event.known_at)) else {
            self.counts.not_judged += 1;
            return;
        };
        let fact = CallFact { known: known.max(fact.hour), ..fact };
        let at = shard_of(fact.tn);
        if self.passes(place, at) {
            return;
        }
        self.counts.calls += 1;
        self.counts.late += u64::from(is_late(&fact));
        let state = self.live.scope_or_new(scope);
        state.slots.known_through(call.end().max(event.known_at));
        state.knows_from(fact.known);
        let Some(mut shard) = state.shard(at) else { return };
        let policy = &judges.live.rules.policy;
        // Whole numbers of calls; never below one.
        let least = policy.opinion.min_attempts.max(policy.levels.potential_spam.attempts) as u32;
        let touch = shard.add(&fact);
        if touch.has_grown(least) && self.grown.len() < GROWN_MAX {
            self.grown.push((scope, fact.tn));
        }
        if let Some(dest) = dest {
            note(&mut shard, (fact.tn, dest), (event, call), (is_owners, key));
            if !is_owners {
                shard.reached.add(fact.known / DAY_H, fact.tn, key.pair(dest));
            }
        }
        if let Some(hands) = self.hands.first_mut() {
            shard.file_when_due(&mut hands.desk);
        }
    }

    fn report(&mut self, place: Position, event: &Event, report: &Report) {
        let at = shard_of(report.tn);
        if self.passes(place, at) {
            return;
        }
        self.counts.reports += 1;
        let state = self.live.scope_or_new(Scope::Shared);
        state.slots.known_through(event.known_at);
        let proof_days = self.live.judges().live.rules.policy.reports.proof_days;
        if let Some(mut shard) = state.shard(at) {
            let report = Report { known_at: Some(event.known_at), ..report.clone() };
            shard.report(report, proof_days, self.live.known.key);
        }
    }

    fn forget(&mut self, place: Position, tn: TelephoneNumber) {
        let (at, key) = (shard_of(tn), self.live.known.key);
        let parts: Vec<usize> = (0..SHARDS).filter(|&part| !self.passes(place, part)).collect();
        self.awaited.forget(tn);
        for (_, state) in self.live.scopes() {
            for &part in &parts {
                let Some(mut shard) = state.shard(part) else { continue };
                shard.forget_person(tn, key);
                if part == at {
                    shard.forget(tn);
                    (0..crate::slots::VIEWS_MAX).for_each(|view_place| state.slots.set(tn, view_place, None));
                }
            }
        }
    }

    fn raise(&mut self, place: Position, scope: Scope, change: &LabelChange) {
        self.awaited.settle(scope, change);
        let at = shard_of(change.tn);
        let judges = self.live.judges();
        let (Some(state), Some(end)) = (self.live.scope(scope), End::at(change.decided_at)) else { return };
        let Some(shard) = state.shard(at) else { return };
        // A tick that came in between has looked at the number already; so has another policy.
        let is_stale =
            change.decided_at < hour_start(shard.stepped) || *change.policy_version != **judges.live.version();
        if self.passes(place, at) || is_stale {
            return;
        }
        let standings = state.standings(Side::Live);
        let by = stepping(&self.live, (&judges, Side::Live), (scope, &state), &standings);
        let by = Stepping { decided_at: change.decided_at, hour: shard.stepped, place: at, ..by };
        if let Some(hands) = self.hands.first_mut() {
            shard.raise(&by, change, end, hands);
        }
    }

    /// Tells whether a part was restored as it was after an event.
    fn passes(&self, place: Position, part: usize) -> bool {
        self.restored.get(part).is_some_and(|&restored| place < restored)
    }

    fn tick(&mut self, place: Position, unix_hour: u32, decided: &mut Vec<Event>) {
        let at = Timestamp::from_ms(i64::from(unix_hour) * HOUR_MS);
        let Some(hour) = at.and_then(hour_index) else { return };
        // Ticks that nobody logged: priors and standings are derived at each 00:00 UTC all the same.
        if self.hour > 0 {
            let midnights = (self.hour / DAY_H + 1..).map(|day| day * DAY_H).take_while(|&midnight| midnight < hour);
            for midnight in midnights.collect::<Vec<_>>() {
                self.step_all(place, midnight, hour_start(midnight), decided);
            }
        }
        self.step_all(place, hour, hour_start(hour), decided);
        self.hour = self.hour.max(hour);
        self.grown.clear();
        self.awaited.clear();
    }

    fn activate(&mut self, place: Position, version: &str, at: Timestamp, decided: &mut Vec<Event>) {
        let judges = self.live.judges();
        let Some(policy) = self.offered.get(version).map(Arc::clone) else {
            self.counts.unknown_policies += 1;
            return;
        };
        // Where the policy before it is not known any more, this one has judged since the start; what it had not looked at when it
        // was activated is looked at here all the same.
        if **judges.live.version() != *version {
            let number = judges.number.wrapping_add(1);
            self.live.set_judges(Judges { live: policy, number, shadow: judges.shadow.clone() });
        }
        for (_, state) in self.live.scopes() {
            for part in (0..SHARDS).filter(|&part| !self.passes(place, part)) {
                if let Some(mut shard) = state.shard(part) {
                    shard.live = Judged::fresh();
                }
            }
        }
        self.grown.clear();
        self.awaited.clear();
        if self.hour > 0 {
            self.step_all(place, self.hour, at, decided);
        }
    }

    /// Steps shards of a scope by one of the policies to the tick with which an hour begins; everything must be filed.
    fn step_side(
        &mut self,
        (live, judges, side): (&Live, &Judges, Side),
        (scope, state, parts): (Scope, &Arc<ScopeState>, &[usize]),
        (hour, decided_at): (u32, Timestamp),
        decided: &mut Vec<Event>,
    ) {
        let none = Standings::default();
        let by = stepping(live, (judges, side), (scope, state), &none);
        let by = Stepping { hour, decided_at, ..by };
        let scored = on_shards(&mut self.hands, state, parts, &|place, shard, hands| {
            shard.score_reporters(&Stepping { place, ..by }, hands)
        });
        if scored.contains(&true) {
            state.set_standings(side, merged(state, side));
        }
        let standings = state.standings(side);
        let by = Stepping { standings: &standings, ..by };
        let events = on_shards(&mut self.hands, state, parts, &|place, shard, hands| {
            let mut events = Vec::new();
            shard.step(&Stepping { place, ..by }, hands, &mut events);
            events
        });
        decided.extend(events.into_iter().flatten());
    }

    /// Steps all shards that are not there yet to the tick with which an hour begins.
    fn step_all(&mut self, place: Position, hour: u32, decided_at: Timestamp, decided: &mut Vec<Event>) {
        let live = Arc::clone(&self.live);
        let judges = live.judges();
        let proof_days = judges.live.rules.policy.reports.proof_days;
        let version = Arc::clone(judges.live.version());
        for (scope, state) in self.live.scopes() {
            let parts: Vec<usize> = (0..SHARDS)
                .filter(|&part| !self.passes(place, part))
                .filter(|&part| state.shard(part).is_some_and(|shard| shard.awaits(hour)))
                .collect();
            on_shards(&mut self.hands, &state, &parts, &|_, shard, hands| {
                if !shard.policy.is_empty() && *shard.policy != *version {
                    shard.live = Judged::fresh();
                }
                shard.prepare(hour, proof_days, hands);
            });
            for side in Side::BOTH.into_iter().filter(|&side| judges.at(side).is_some()) {
                let to = (hour, decided_at);
                self.step_side((&live, &judges, side), (scope, &state, &parts), to, decided);
            }
            let all: Vec<usize> = (0..SHARDS).filter(|&part| !self.passes(place, part)).collect();
            on_shards(&mut self.hands, &state, &all, &|_, shard, _| shard.close(hour, &version));
        }
    }
}

/// By what the shards of a scope are stepped; the hour, the place and the moment of decision are the caller's to fill in.
fn stepping<'a>(
    live: &'a Live,
    (judges, side): (&'a Judges, Side),
    (scope, state): (Scope, &'a ScopeState),
    standings: &'a Standings,
) -> Stepping<'a> {
    Stepping {
        known: &live.known,
        policy: judges.at(side).unwrap_or(&judges.live),
        number: judges.number,
        standings,
        first_hour: state.first_known(),
        hour: 0,
        decided_at: Timestamp::EPOCH,
        side,
        scope,
        slots: &state.slots,
        place: 0,
    }
}

/// Keeps what facts cannot hold of an outbound call.
fn note(
    shard: &mut LiveShard,
    ends: (TelephoneNumber, TelephoneNumber),
    (event, call): (&Event, &CallRecord),
    (is_owners, key): (bool, HashKey),
) {
    let (tn, dest) = ends;
    let proof = shard.proves(tn, dest, key);
    let wants_invalid = is_owners && call.outcome.class == CallOutcome::Invalid;
    if proof.is_none() && !wants_invalid && !call.outcome.unwanted && call.redress.is_none() {
        return;
    }
    let told = CallRecord { known_at: Some(event.known_at), ..call.clone() };
    if let Some(note) = Note::keyed(&told, ends, Kept { invalid: is_owners, proof }, key) {
        shard.note(tn, note);
    }
}

/// What all shards' numbers say of reporters.
fn merged(state: &ScopeState, side: Side) -> Standings {
    let mut all = Standings::default();
    for part in 0..SHARDS {
        if let Some(mut shard) = state.shard(part)
            && let Some(judged) = shard.judged(side)
        {
            all.merge(judged.standings.clone());
        }
    }
    all
}

/// Works on shards, on as many threads as there are hands; what comes out is in the order of the shards.
fn on_shards<R: Send>(
    hands: &mut [Hands],
    state: &ScopeState,
    parts: &[usize],
    work: &(dyn Fn(usize, &mut LiveShard, &mut Hands) -> R + Sync),
) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(parts.len())));
    let worker = |hands: &mut Hands| {
        while let Some(&part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(mut shard) = state.shard(part) {
                let found = work(part, &mut shard, hands);
                done.lock().unwrap_or_else(PoisonError::into_inner).push((part, found));
            }
        }
    };
    match hands {
        [] => {}
        [hands] => worker(hands),
        many => std::thread::scope(|scope| {
            for hands in many {
                let worker = &worker;
                scope.spawn(move || worker(hands));
            }
        }),
    }
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|&(part, _)| part);
    done.into_iter().map(|(_, found)| found).collect()
}
