//! The facts of all judged numbers, spread over shards that threads fill and judge apart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use model::{Report, TelephoneNumber, Timestamp};
use reputation::facts::{CallFact, FactStore};

/// How many shards there are. Chosen: many more than threads, so that none waits for the last one.
const SHARDS: usize = 64;
/// The most invalid destinations that are kept in clear for one number.
const MAX_INVALID_KEPT: usize = 1000;

/// What is known of one number besides its calls' facts.
#[derive(Default)]
pub(super) struct Extra {
    /// Reports about it.
    pub(super) reports: Vec<Report>,
    /// Calls to people who report it, by the person's number: proof that it reached them.
    pub(super) calls_to_reporters: BTreeMap<TelephoneNumber, Vec<Timestamp>>,
    /// Where blocks may be contested: how often it was said, and when first.
    pub(super) redress: BTreeMap<Box<str>, (u64, Timestamp)>,
    /// Invalid destinations in clear: when last, strong or not, how many calls. Only of an owner's own numbers.
    pub(super) invalid: BTreeMap<TelephoneNumber, InvalidSeen>,
    /// Those beyond the most that are kept.
    pub(super) invalid_dropped: u64,
}

/// What is known of an invalid destination.
#[derive(Clone, Copy, Debug)]
pub(super) struct InvalidSeen {
    pub(super) last: Timestamp,
    pub(super) strong: bool,
    pub(super) calls: u32,
}

impl Extra {
    /// Notes a call to a number not in service; the newest are kept.
    pub(super) fn note_invalid(&mut self, dest: TelephoneNumber, at: Timestamp, strong: bool) {
        let seen = self.invalid.entry(dest).or_insert(InvalidSeen { last: at, strong, calls: 0 });
        seen.last = seen.last.max(at);
        seen.strong |= strong;
        seen.calls += 1;
        if self.invalid.len() > MAX_INVALID_KEPT
            && let Some(oldest) = self.invalid.iter().min_by_key(|(tn, seen)| (seen.last, **tn)).map(|(&tn, _)| tn)
        {
            self.invalid.remove(&oldest);
            self.invalid_dropped += 1;
        }
    }
}

/// One shard.
#[derive(Default)]
pub(super) struct Shard {
    /// The calls.
    pub(super) store: FactStore,
    /// The rest, of the few numbers that have any.
    pub(super) extras: BTreeMap<TelephoneNumber, Extra>,
}

/// All shards.
pub(super) struct Shards {
    shards: Vec<Mutex<Shard>>,
}

impl Shards {
    /// Empty shards.
    pub(super) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }

    /// The shards, once all calls are in.
    pub(super) fn into_inner(self) -> Vec<Shard> {
        self.shards
            .into_iter()
            .map(|shard| shard.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
            .collect()
    }

    /// Works on the shard of a number.
    pub(super) fn with<R>(&self, tn: TelephoneNumber, work: impl FnOnce(&mut Shard) -> R) -> Option<R> {
        self.with_place(shard_of(tn), work)
    }

    fn with_place<R>(&self, place: usize, work: impl FnOnce(&mut Shard) -> R) -> Option<R> {
        let shard = self.shards.get(place)?;
        let mut shard = shard.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Some(work(&mut shard))
    }
}

/// The shard of a number. Rises with the number, so that shards one after another give all numbers in order: North American
/// numbers by area code, the rest of the world before and after.
pub(super) fn shard_of(tn: TelephoneNumber) -> usize {
    const NORTH_AMERICAN: usize = SHARDS - 2;
    match tn.nanp() {
        Some(parts) => {
            let place = usize::from(parts.npa.saturating_sub(200)) * 10 + usize::from(parts.nxx / 100);
            1 + (place * NORTH_AMERICAN / 8000).min(NORTH_AMERICAN - 1)
        }
        None if tn.digits() < 10_000_000_000 => 0,
        None => SHARDS - 1,
    }
}

/// Facts on their way to their shards; one thread's.
pub(super) struct Outbox {
    waiting: Vec<Vec<CallFact>>,
}

/// So many facts of one shard travel together.
const PARCEL: usize = 2048;

impl Outbox {
    /// An empty outbox.
    pub(super) fn new() -> Self {
        Self { waiting: vec![Vec::with_capacity(PARCEL); SHARDS] }
    }

    /// Sends a fact.
    pub(super) fn send(&mut self, fact: CallFact, shards: &Shards) {
        let place = shard_of(fact.tn);
        let Some(parcel) = self.waiting.get_mut(place) else {
            return;
        };
        parcel.push(fact);
        if parcel.len() >= PARCEL {
            shards.with_place(place, |shard| shard.store.add(parcel));
            parcel.clear();
        }
    }

    /// Sends everything that still waits.
    pub(super) fn flush(&mut self, shards: &Shards) {
        for (place, parcel) in self.waiting.iter_mut().enumerate() {
            if !parcel.is_empty() {
                shards.with_place(place, |shard| shard.store.add(parcel));
                parcel.clear();
            }
        }
    }
}

/// The pairs of a reported number and the reporter's own number: calls between them are proof.
pub(super) type ReporterPairs = BTreeSet<(TelephoneNumber, TelephoneNumber)>;
