//! The facts of all judged numbers, spread over shards that threads fill and judge apart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};

use model::{Report, TelephoneNumber, Timestamp};
use reputation::facts::{CallFact, Desk, FactStore, Parcel, Tray};

/// How many shards there are. Chosen: many more than threads, so that none waits for the last one; and so many that the calls
/// which wait in one are sorted in a core's own cache.
const SHARDS: usize = 256;
/// The most invalid destinations that are kept in clear for one number.
const MAX_INVALID_KEPT: usize = 1000;

/// The most refusals with 607 that are kept for one number. Chosen: sixteen times what the shipped policy weighs, so that past
/// moments have theirs.
pub(super) const MAX_REFUSALS_KEPT: usize = 4096;

/// The most addresses for contesting a block that are kept for one number. Chosen: many more than providers have.
const MAX_REDRESS_KEPT: usize = 256;

/// What is known of one number besides its calls' facts.
#[derive(Default)]
pub(super) struct Extra {
    /// Reports about it from report feeds, which are in memory anyway; a verdict weighs as many as the policy keeps.
    pub(super) reports: Vec<Report>,
    /// Calls refused with 607, as reports: the newest.
    pub(super) refusals: Vec<Report>,
    /// Those beyond the most that are kept.
    pub(super) refusals_dropped: u64,
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
    /// Notes an address at which a block may be contested. Of very many, as where each call has one of its own, those that are
    /// named least give way, the oldest first.
    pub(super) fn note_redress(&mut self, address: Box<str>, at: Timestamp) {
        let seen = self.redress.entry(address).or_insert((0, at));
        seen.0 += 1;
        seen.1 = seen.1.min(at);
        if self.redress.len() > MAX_REDRESS_KEPT {
            let mut by_age: Vec<(u64, Timestamp, Box<str>)> =
                self.redress.iter().map(|(address, &(count, first))| (count, first, address.clone())).collect();
            by_age.sort_unstable();
            for (.., address) in by_age.iter().take(MAX_REDRESS_KEPT / 2) {
                self.redress.remove(address);
            }
        }
    }

    /// Notes a refusal; of more than `most` those that became known last are kept, whatever the order in which they come.
    pub(super) fn note_refusal(&mut self, report: Report, most: usize) {
        self.refusals.push(report);
        if self.refusals.len() >= most.saturating_mul(2) {
            self.keep_refusals(most);
        }
    }

    /// Keeps the newest `most` refusals, the newest first; fewer are left as they are.
    pub(super) fn keep_refusals(&mut self, most: usize) {
        let order = |report: &Report| {
            let from = (report.reporter, report.reporter_tn, report.network, report.device, report.area_code);
            (report.known(), report.at, report.category, from, report.key)
        };
        self.refusals.sort_by_key(|report| std::cmp::Reverse(order(report)));
        self.refusals_dropped += self.refusals.len().saturating_sub(most) as u64;
        self.refusals.truncate(most);
    }

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

/// How the carriers of one number's outbound calls are known.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct CarrierSources {
    /// Calls whose carrier a prefix of the carrier map told.
    pub(super) by_prefix: u32,
    /// All of them.
    pub(super) calls: u32,
}

impl CarrierSources {
    const fn add(&mut self, other: Self) {
        self.by_prefix = self.by_prefix.saturating_add(other.by_prefix);
        self.calls = self.calls.saturating_add(other.calls);
    }
}

/// One shard while it is filled.
#[derive(Default)]
pub(super) struct Filling {
    /// The calls.
    pub(super) tray: Tray,
    /// The rest, of the few numbers that have any.
    pub(super) extras: BTreeMap<TelephoneNumber, Extra>,
    /// How carriers are known; empty without a carrier map that has prefixes.
    pub(super) carriers: BTreeMap<TelephoneNumber, CarrierSources>,
}

#[cfg(test)]
mod extra_tests {
    use super::*;

    fn report(at: i64) -> Report {
        let tn = TelephoneNumber::from_digits(12_155_550_112).expect("a number");
        Report {
            key: None,
            at: Timestamp::from_s(1_795_000_000 + at).expect("a time"),
            known_at: None,
            tn,
            category: model::ReportCategory::Unwanted,
            reporter: None,
            reporter_tn: None,
            reporter_since: None,
            network: None,
            device: None,
            area_code: None,
            carrier: None,
            proven: false,
            regulator: false,
        }
    }

    #[test]
    fn the_newest_refusals_are_kept_in_whatever_order_they_come() {
        let kept = |order: &mut dyn Iterator<Item = i64>| {
            let mut extra = Extra::default();
            order.for_each(|at| extra.note_refusal(report(at), 10));
            extra.keep_refusals(10);
            assert_eq!(extra.refusals_dropped, 90);
            extra.refusals.iter().map(|report| report.at).collect::<Vec<_>>()
        };
        let rising = kept(&mut (0..100));
        assert_eq!(rising, kept(&mut (0..100).rev()));
        assert_eq!(rising.first(), Some(&report(99).at));
    }
}

/// One shard.
#[derive(Default)]
pub(super) struct Shard {
    /// The calls.
    pub(super) store: FactStore,
    /// The rest, of the few numbers that have any.
    pub(super) extras: BTreeMap<TelephoneNumber, Extra>,
    /// How carriers are known; empty without a carrier map that has prefixes.
    pub(super) carriers: BTreeMap<TelephoneNumber, CarrierSources>,
}

/// All shards.
pub(super) struct Shards {
    shards: Vec<Mutex<Filling>>,
}

impl Shards {
    /// Empty shards.
    pub(super) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }

    /// The shards, once all calls are in.
    pub(super) fn into_inner(self, threads: usize) -> Vec<Shard> {
        let waiting: Vec<Mutex<(Filling, Shard)>> = self
            .shards
            .into_iter()
            .map(|shard| Mutex::new((shard.into_inner().unwrap_or_else(PoisonError::into_inner), Shard::default())))
            .collect();
        let next = AtomicUsize::new(0);
        let file = || {
            let mut desk = Desk::default();
            while let Some(shard) = waiting.get(next.fetch_add(1, Ordering::Relaxed)) {
                let (filling, filled) = &mut *shard.lock().unwrap_or_else(PoisonError::into_inner);
                let Filling { tray, mut extras, carriers } = std::mem::take(filling);
                extras.values_mut().for_each(|extra| extra.keep_refusals(MAX_REFUSALS_KEPT));
                *filled = Shard { store: tray.into_store(&mut desk), extras, carriers };
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(file);
            }
        });
        waiting.into_iter().map(|shard| shard.into_inner().unwrap_or_else(PoisonError::into_inner).1).collect()
    }

    /// Works on the shard of a number.
    pub(super) fn with<R>(&self, tn: TelephoneNumber, work: impl FnOnce(&mut Filling) -> R) -> Option<R> {
        self.with_place(shard_of(tn), work)
    }

    /// Hands a parcel over, unless its shard is busy and the parcel still has room.
    #[inline(never)]
    fn deliver(&self, place: usize, parcel: &mut Parcel, desk: &mut Desk) {
        let Some(shard) = self.shards.get(place) else {
            return;
        };
        let mut shard = match shard.try_lock() {
            Ok(shard) => shard,
            Err(TryLockError::WouldBlock) if parcel.len() < PARCEL_MAX => return,
            Err(_) => shard.lock().unwrap_or_else(PoisonError::into_inner),
        };
        shard.tray.add(parcel, desk);
        parcel.clear();
    }

    fn with_place<R>(&self, place: usize, work: impl FnOnce(&mut Filling) -> R) -> Option<R> {
        let shard = self.shards.get(place)?;
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        Some(work(&mut shard))
    }
}

/// The shard of a number. Rises with the number, so that shards one after another give all numbers in order: North American
/// numbers by area code, the rest of the world before and after.
pub(super) fn shard_of(tn: TelephoneNumber) -> usize {
    const NORTH_AMERICAN: usize = SHARDS - 2;
    // The country code, the area code and one digit more; area codes begin with 2.
    match tn.digits() / 1_000_000 {
        0..10_000 => 0,
        leading @ 10_000..20_000 => {
            let place = usize::try_from(leading.saturating_sub(12_000)).unwrap_or(0);
            1 + (place * NORTH_AMERICAN / 8000).min(NORTH_AMERICAN - 1)
        }
        20_000.. => SHARDS - 1,
    }
}

/// Facts on their way to their shards; one thread's.
pub(super) struct Outbox {
    waiting: Vec<Parcel>,
    desk: Desk,
    carriers: BTreeMap<TelephoneNumber, CarrierSources>,
}

/// So many facts of one shard travel together. Chosen: all parcels of a thread stay in its second cache.
const PARCEL: usize = 32;
/// So many wait for a shard that another thread works on before this thread waits, too. Chosen: about what comes for one shard
/// while another thread files its calls.
const PARCEL_MAX: usize = 1024;
/// Of so many numbers a thread counts the carriers' sources before it hands them on. Chosen: few enough for the same cache.
const COUNTED_NUMBERS: usize = 4096;

impl Outbox {
    /// An empty outbox.
    pub(super) fn new() -> Self {
        let waiting = (0..SHARDS).map(|_| Parcel::with_room(PARCEL)).collect();
        Self { waiting, desk: Desk::default(), carriers: BTreeMap::new() }
    }

    /// Sends a fact.
    #[inline]
    pub(super) fn send(&mut self, fact: &CallFact, shards: &Shards) {
        let place = shard_of(fact.tn);
        let Some(parcel) = self.waiting.get_mut(place) else {
            return;
        };
        parcel.add(fact);
        if parcel.len() >= PARCEL {
            shards.deliver(place, parcel, &mut self.desk);
        }
    }

    /// Counts how the carrier of one of a number's calls is known.
    pub(super) fn count_carrier(&mut self, tn: TelephoneNumber, by_prefix: bool, shards: &Shards) {
        if self.carriers.len() >= COUNTED_NUMBERS && !self.carriers.contains_key(&tn) {
            self.flush_carriers(shards);
        }
        self.carriers.entry(tn).or_default().add(CarrierSources { by_prefix: by_prefix.into(), calls: 1 });
    }

    fn flush_carriers(&mut self, shards: &Shards) {
        while let Some((tn, sources)) = self.carriers.pop_first() {
            shards.with(tn, |shard| shard.carriers.entry(tn).or_default().add(sources));
        }
    }

    /// Sends everything that still waits.
    pub(super) fn flush(&mut self, shards: &Shards) {
        self.flush_carriers(shards);
        for (place, parcel) in self.waiting.iter_mut().enumerate() {
            shards.with_place(place, |shard| shard.tray.add(parcel, &mut self.desk));
            parcel.clear();
        }
    }
}

/// The pairs of a reported number and the reporter's own number: calls between them are proof.
pub(super) type ReporterPairs = BTreeSet<(TelephoneNumber, TelephoneNumber)>;
