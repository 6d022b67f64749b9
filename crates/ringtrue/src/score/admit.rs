//! Admitting calls: which end is judged, which carrier it ended at, and what is kept besides the facts.

use intake::{Output, PlainCall, SkipKind};
use model::{CallRecord, Direction, Party, Timestamp};
use reputation::facts::{CallFact, HashKey};
use service::admit::{AHEAD_MS, Kept, Note, is_late, reporter_of};

use super::counts::Counts;
use super::owners::{Leg, Owners};
use super::setup::Setup;
use super::shards::{Outbox, ReporterPairs, Shards};

/// By what calls are admitted, and to where.
#[derive(Clone, Copy)]
pub(super) struct Admission<'a> {
    pub(super) setup: &'a Setup,
    pub(super) shards: &'a Shards,
    /// The pairs whose calls prove a report.
    pub(super) pairs: &'a ReporterPairs,
    pub(super) owners: &'a Owners,
    /// The run is an owner's: calls outside calling hours are told apart, and destinations not in service kept in clear.
    pub(super) for_owner: bool,
}

/// Admits calls to the shards.
pub(super) struct Admit<'a> {
    setup: &'a Setup,
    shards: &'a Shards,
    pairs: &'a ReporterPairs,
    owners: &'a Owners,
    outbox: &'a mut Outbox,
    counts: &'a mut Counts,
    for_owner: bool,
    limit: Timestamp,
}

impl<'a> Admit<'a> {
    /// Admits by `by`; facts leave by `outbox`.
    pub(super) fn new(by: Admission<'a>, outbox: &'a mut Outbox, counts: &'a mut Counts) -> Self {
        let Admission { setup, shards, pairs, owners, for_owner } = by;
        Self { setup, shards, pairs, owners, outbox, counts, for_owner, limit: setup.clock.saturating_add_ms(AHEAD_MS) }
    }

    /// Admits all calls of a block but those that `keep` marks; an empty `keep` keeps all.
    pub(super) fn all(&mut self, out: &mut Output, keep: &[bool]) {
        for (at, call) in out.calls.iter_mut().enumerate() {
            if keep.get(at).copied().unwrap_or(true) {
                self.one(call);
            }
        }
        let every_caller = matches!(self.owners, Owners::EveryCaller);
        if every_caller && self.setup.carriers.is_empty() && self.pairs.is_empty() && !self.for_owner {
            self.plain(&out.plain);
        } else {
            out.plain.iter().for_each(|call| self.one(&mut call.record()));
        }
    }

    /// Admits plain calls where every caller is judged and nothing is looked up: as [`Admit::one`] does, with less to ask.
    fn plain(&mut self, calls: &[PlainCall]) {
        let latest = self.setup.at.unwrap_or(Timestamp::MAX);
        let (mut from, mut through, mut first_known) = (Timestamp::MAX, Timestamp::EPOCH, u32::MAX);
        let before = self.counts.calls;
        for call in calls {
            let call = call.record();
            let known = call.known();
            if self.is_ahead(call.at, known, latest) {
                continue;
            }
            let Some(fact) = CallFact::of(&call, Direction::Outbound, None) else {
                self.counts.outside_years += 1;
                continue;
            };
            self.counts.calls += 1;
            self.counts.late += u64::from(is_late(&fact));
            (from, through, first_known) = (from.min(call.at), through.max(known), first_known.min(fact.known));
            self.outbox.send(&fact, self.shards);
        }
        if self.counts.calls > before {
            self.counts.spans(Some(from), Some(through));
            self.counts.knows(first_known);
        }
    }

    /// Tells whether a call is still to come: by the run's clock, or at the moment of judgement. It is counted.
    #[inline]
    fn is_ahead(&mut self, at: Timestamp, known: Timestamp, latest: Timestamp) -> bool {
        if at > self.limit {
            self.counts.in_the_future += 1;
            return true;
        }
        self.counts.after_at += u64::from(known > latest);
        known > latest
    }

    fn one(&mut self, call: &mut CallRecord) {
        let known = call.known();
        if self.is_ahead(call.at, known, self.setup.at.unwrap_or(Timestamp::MAX)) {
            return;
        }
        let direction = match self.owners.leg(call, &self.setup.extensions) {
            Leg::Judged(Direction::Internal) | Leg::Internal => {
                if let Some(count) = self.counts.skipped.get_mut(SkipKind::Internal as usize) {
                    *count += 1;
                }
                return;
            }
            Leg::NotOwn => {
                self.counts.not_own += 1;
                return;
            }
            Leg::UnmappedExtension => {
                self.counts.unmapped += 1;
                return;
            }
            Leg::Judged(direction) => direction,
        };
        let mut by_prefix = false;
        if call.carrier.is_none()
            && direction == Direction::Outbound
            && let Some(dest) = call.dest.number()
        {
            let found = self.setup.carriers.lookup(dest);
            call.carrier = found.map(|(carrier, _)| carrier);
            by_prefix = found.is_some_and(|(_, exact)| !exact);
        }
        let dest = call.dest.number().filter(|_| self.for_owner && direction == Direction::Outbound);
        let off_hours = dest.and_then(|dest| self.setup.policy.hours.off_hours(dest, call.at));
        let Some(fact) = CallFact::of(call, direction, off_hours) else {
            self.counts.outside_years += 1;
            return;
        };
        self.count(call, known, &fact);
        self.outbox.send(&fact, self.shards);
        if direction == Direction::Outbound {
            if self.setup.carriers.has_prefixes() {
                self.counts.carriers_by_prefix += u64::from(by_prefix);
                self.outbox.count_carrier(fact.tn, by_prefix, self.shards);
            }
            self.note(call);
        }
    }

    fn count(&mut self, call: &CallRecord, known: Timestamp, fact: &CallFact) {
        self.counts.calls += 1;
        self.counts.late += u64::from(is_late(fact));
        self.counts.spans(Some(call.at), Some(call.end().max(known)));
        self.counts.knows(fact.known);
    }

    fn note(&mut self, call: &mut CallRecord) {
        let (Party::Number(tn), Party::Number(dest)) = (call.orig, call.dest) else {
            return;
        };
        let is_proof = !self.pairs.is_empty() && self.pairs.contains(&(tn, dest));
        let proof = is_proof.then(|| reporter_of(HashKey::FIXED, dest));
        if let Some(note) = Note::of(call, (tn, dest), Kept { invalid: self.for_owner, proof }) {
            self.shards.with(tn, |shard| shard.extras.entry(tn).or_default().take(note));
        }
    }
}
