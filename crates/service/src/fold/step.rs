//! A tick: every number of which something was learned, and every labelled one, is replayed to it.

use model::{Label, TelephoneNumber, Timestamp};
use reputation::facts::{Cells, Desk, Moment, hour_start};
use reputation::fleet::{Fleet, Neighbours, Standings, score_reporters_from};
use reputation::replay::{Begin, End, Replayed, resume_to_end};
use reputation::state::LabelState;
use reputation::timeline::{Hours, Timeline};
use reputation::verdict::{Opinion, Verdict, verdict};
use store::{Event, LabelChange, Payload};

use super::others::LiveOthers;
use super::scope::{Scope, Side};
use super::shard::{Judged, Kept, LiveShard};
use crate::facts::MAX_REFUSALS_KEPT;
use crate::judge::{Ready, is_few};
use crate::policy::{Known, PolicySet};
use crate::slots::{Published, REASONS, Slots};

/// One thread's working memory.
#[derive(Default)]
pub(super) struct Hands {
    pub(super) desk: Desk,
    pub(super) cells: Cells,
    pub(super) timeline: Timeline,
    neighbours: Neighbours,
}

/// By what a shard's numbers are stepped, and to when.
#[derive(Clone, Copy)]
pub(super) struct Stepping<'a> {
    pub(super) known: &'a Known,
    pub(super) policy: &'a PolicySet,
    /// Counts the policies that were active, modulo 256.
    pub(super) number: u8,
    pub(super) standings: &'a Standings,
    pub(super) first_hour: u32,
    /// The hour of the tick.
    pub(super) hour: u32,
    /// When changes are decided: at the tick, or when the policy changed.
    pub(super) decided_at: Timestamp,
    pub(super) side: Side,
    pub(super) scope: Scope,
    pub(super) slots: &'a Slots,
    /// The shard's place.
    pub(super) place: usize,
}

/// The end of a replay to the tick with which an hour begins.
pub(super) fn tick_end(hour: u32) -> End {
    End { at: hour_start(hour), moment: Moment::tick(hour) }
}

impl<'a> Stepping<'a> {
    pub(super) fn fleet(&self, ready: &'a Ready<'a>) -> Fleet<'a> {
        Fleet {
            rules: &self.policy.rules,
            store: &ready.shard.store,
            about: ready,
            standings: self.standings,
            end: tick_end(self.hour),
            first_hour: self.first_hour,
        }
    }

    /// The change of a label, as an event.
    pub(super) fn change(&self, tn: TelephoneNumber, view_place: u8, change: &Change<'_>) -> Event {
        let &Change { from, to, effective_at, provisional, verdict } = change;
        let reasons = verdict.map_or_else(Vec::new, |verdict| {
            verdict.reasons.iter().map(|reason| reason.code.as_str().into()).collect()
        });
        let change = LabelChange {
            tn,
            engine: self.policy.engine_key(view_place).into(),
            from,
            to,
            effective_at,
            decided_at: self.decided_at,
            policy_version: self.policy.version().as_ref().into(),
            provisional,
            reasons,
        };
        Event::service(self.scope.origin(), self.decided_at, Payload::LabelChanged(change))
    }
}

/// A change of a label.
pub(super) struct Change<'a> {
    pub(super) from: Label,
    pub(super) to: Label,
    pub(super) effective_at: Timestamp,
    pub(super) provisional: bool,
    /// `None` where nothing is said of the number any more.
    pub(super) verdict: Option<&'a Verdict>,
}

/// What is published of a verdict; `None` where it says nothing.
pub(super) fn published(verdict: &Verdict, number: u8) -> Option<Published> {
    let (label, rating_bp, confidence_bp) = match verdict.opinion {
        Opinion::NoOpinion if verdict.status == Published::NOTHING.status => return None,
        Opinion::NoOpinion => (Label::None, None, None),
        Opinion::Rated { label, rating_bp, confidence_bp } => (label, Some(rating_bp), confidence_bp),
    };
    let mut reasons = [None; REASONS];
    let against = verdict.reasons.iter().filter(|reason| reason.decibans > 0.0);
    reasons.iter_mut().zip(against).for_each(|(place, reason)| *place = Some(reason.code));
    Some(Published {
        label,
        provisional: false,
        status: verdict.status,
        rating_bp,
        confidence_bp,
        reasons,
        policy: number,
    })
}

impl LiveShard {
    /// Makes everything ready for a tick: facts are filed, and at a new day the oldest are given up.
    pub(super) fn prepare(&mut self, hour: u32, proof_days: u32, hands: &mut Hands) {
        self.file(&mut hands.desk);
        for extra in self.shard.extras.values_mut().filter(|extra| extra.refusals.len() > MAX_REFUSALS_KEPT) {
            extra.keep_refusals(MAX_REFUSALS_KEPT);
        }
        if hour / 24 > self.stepped / 24 {
            self.age(hour, proof_days);
        }
    }

    /// At a new day, scores the reporters of this shard's reports by their targets' conduct; tells
    /// whether it did.
    pub(super) fn score_reporters(&mut self, by: &Stepping<'_>, hands: &mut Hands) -> bool {
        let fresh = self.judged(by.side).is_some_and(|judged| judged.fresh);
        if !fresh && by.hour / 24 <= self.stepped / 24 {
            return false;
        }
        let from = if fresh { 0 } else { self.stepped / 24 + 1 };
        let Some(mut judged) = self.judged(by.side).map(std::mem::take) else { return false };
        let ready = Ready::new(by.known.grounds(&by.policy.rules), &self.shard);
        let fleet = by.fleet(&ready);
        for (tn, reports) in ready.all_reports() {
            if let Some(place) = self.shard.store.find(tn) {
                let counted = judged.counted.entry(tn).or_default();
                let standings = &mut judged.standings;
                score_reporters_from(from, &fleet, &mut hands.neighbours, (tn, place), (reports, counted), standings);
            }
        }
        if let Some(place) = self.judged(by.side) {
            *place = judged;
        }
        true
    }

    /// Steps the numbers that must be looked at. Everything must be filed.
    pub(super) fn step(&mut self, by: &Stepping<'_>, hands: &mut Hands, decided: &mut Vec<Event>) {
        let Some(mut judged) = self.judged(by.side).map(std::mem::take) else { return };
        let ready = Ready::new(by.known.grounds(&by.policy.rules), &self.shard);
        let fleet = by.fleet(&ready);
        for tn in self.to_look_at(by, &judged, &ready) {
            let begin = self.goes_on_from(&judged, tn);
            match self.shard.store.find(tn) {
                Some(place) => self.shard.store.read(place, &mut hands.cells),
                None => hands.cells.clear(),
            }
            step_number((by, &fleet, &ready), &mut judged, hands, (tn, begin), decided);
        }
        judged.fresh = false;
        if let Some(place) = self.judged(by.side) {
            *place = judged;
        }
    }

    /// In rising order. Of a quiet number with an opinion the label cannot change, but its rating decays: once a day each is looked
    /// at, a part of them at each hour.
    fn to_look_at(&self, by: &Stepping<'_>, judged: &Judged, ready: &Ready<'_>) -> Vec<TelephoneNumber> {
        let mut numbers: Vec<TelephoneNumber> = self.touched.keys().chain(&judged.labelled).copied().collect();
        let hour_of_day = (by.hour % 24) as usize;
        if judged.fresh {
            numbers.extend(ready.numbers.iter().map(|&(tn, _)| tn));
        }
        if hour_of_day == 0 {
            numbers.extend(judged.kept.keys().map(|&(tn, _)| tn));
        }
        if by.side == Side::Live && (judged.fresh || by.place % 24 == hour_of_day) {
            numbers.extend(by.slots.of_shard(by.place).into_iter().map(|(tn, ..)| tn));
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Ends a tick: nothing was learned since, but for what becomes known in the hour that begins.
    pub(super) fn close(&mut self, hour: u32, version: &str) {
        if self.stepped > hour {
            return;
        }
        self.touched.retain(|_, touch| touch.last_known >= hour);
        self.touched.shrink_to(self.touched.len() * 2);
        self.stepped = hour;
        if *self.policy != *version {
            self.policy = version.into();
        }
    }
}

/// The first hour whose replay an earlier one did not see: 0 where the number must be replayed from its first call, since the view
/// is asked for the first time.
pub(super) fn begin_of(judged: &Judged, cells: &Cells, (tn, view_place): (TelephoneNumber, u8), stepped: u32) -> Begin {
    if let Some(kept) = judged.kept.get(&(tn, view_place)).filter(|_| stepped > 0) {
        return Begin { tick: stepped, state: kept.state.clone(), last_attempt: kept.last_attempt };
    }
    let was_known = cells.calls().iter().any(|cell| cell.known < stepped);
    let was_asked = match view_place {
        0 => judged.kept_views(tn).next().is_none(),
        _ => cells.calls().iter().any(|cell| cell.known < stepped && cell.carrier != 0),
    };
    Begin { tick: if was_known && !was_asked { 0 } else { stepped }, ..Begin::default() }
}

/// Replays one number to the tick at every view that is asked, and publishes what is found.
fn step_number(
    (by, fleet, ready): (&Stepping<'_>, &Fleet<'_>, &Ready<'_>),
    judged: &mut Judged,
    hands: &mut Hands,
    (tn, begin): (TelephoneNumber, u32),
    decided: &mut Vec<Event>,
) {
    let Hands { cells, timeline, .. } = hands;
    let (rules, end) = (fleet.rules, fleet.end);
    // What becomes known in the hour that begins is not known yet.
    let calls = cells.calls();
    let calls = calls.get(..calls.partition_point(|cell| cell.known < by.hour)).unwrap_or_default();
    let dests = cells.dests();
    let dests = dests.get(..dests.partition_point(|dest| dest.known < by.hour)).unwrap_or_default();
    let kept: Vec<u8> = judged.kept_views(tn).map(|(view, _)| view).collect();
    let known_carriers = if calls.is_empty() { kept.iter().any(|&view| view > 0) } else { names_carriers(cells) };
    let says_nothing = kept.is_empty() && (calls.is_empty() || is_few(fleet, tn, cells));
    let mut asked = 0u64;
    if !says_nothing {
        let about = fleet.about.about(tn);
        for (place, engine, view) in by.policy.views.asked(known_carriers) {
            let view_place = u8::try_from(place).unwrap_or(u8::MAX);
            asked |= 1 << (view_place % 64);
            let begin = begin_of(judged, cells, (tn, view_place), begin);
            let priors = &mut judged.priors;
            let mut others = LiveOthers { fleet, numbers: &ready.numbers, priors, view, view_place, tn, cells };
            let hours = Hours::new(calls, dests, view);
            let replay = resume_to_end(rules, &about, hours, &mut others, (begin, end), timeline);
            let replayed = replay.finish(rules, &mut others, end);
            if by.side == Side::Live {
                let verdict = verdict(rules, engine, &replayed, end);
                publish(by, (tn, view_place), Some((&verdict, &replayed.state)), decided);
            }
            let Replayed { state, last_attempt, .. } = replayed;
            judged.keep((tn, view_place), Kept { state, last_attempt });
        }
    }
    for view_place in (0..by.policy.view_count()).filter(|view| asked & 1 << (view % 64) == 0) {
        if !kept.is_empty() {
            judged.kept.remove(&(tn, view_place));
        }
        if by.side == Side::Live {
            publish(by, (tn, view_place), None, decided);
        }
    }
    judged.mark(tn);
}

pub(super) fn names_carriers(cells: &Cells) -> bool {
    cells.calls().iter().any(|cell| cell.carrier != 0)
}

/// Publishes what a tick found of a number at a view.
fn publish(
    by: &Stepping<'_>,
    (tn, view_place): (TelephoneNumber, u8),
    found: Option<(&Verdict, &LabelState)>,
    decided: &mut Vec<Event>,
) {
    let before = by.slots.get(tn, view_place);
    let after = found.and_then(|(verdict, _)| published(verdict, by.number));
    if before == after {
        return;
    }
    by.slots.set(tn, view_place, after);
    let label = |slot: Option<Published>| slot.map_or(Label::None, |slot| slot.label);
    let (from, to) = (label(before), label(after));
    if from != to {
        let last = found.and_then(|(_, state)| state.history.last()).filter(|last| last.to == to);
        let effective_at = last.map_or(by.decided_at, |last| last.at);
        let verdict = found.map(|(verdict, _)| verdict);
        let change = Change { from, to, effective_at, provisional: false, verdict };
        decided.push(by.change(tn, view_place, &change));
    }
}
