//! The facts of all judged numbers, spread over shards that threads fill and judge apart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};

use model::TelephoneNumber;
use reputation::facts::{CallFact, Desk, Parcel, Tray};
use service::facts::{CarrierSources, Extra, MAX_REFUSALS_KEPT, SHARDS, Shard, shard_of};

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
