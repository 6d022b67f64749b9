//! Published labels: what a look-up answers with, copied out of small slots.
//!
//! A reader takes no lock and waits for nobody: it loads its shard's table and two words of one place. A place's value is one word,
//! so a reader sees a label as it was before a change or after it, never half of each.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use model::{Label, Status, TelephoneNumber, Timestamp};
use reputation::assess::ReasonCode;

use crate::facts::{SHARDS, shard_of};

/// How many reasons a slot holds.
pub const REASONS: usize = 4;
/// Bits of a key that tell a number's views apart.
const VIEW_BITS: u32 = 6;
/// The most views that a number can have: one for each engine, and the one of calls whose carriers nobody names.
pub const VIEWS_MAX: u8 = 1 << VIEW_BITS;
/// Places of the smallest table.
const PLACES_MIN: usize = 16;
/// Stands for "no confidence": above 10,000.
const NO_CONFIDENCE: u64 = (1 << 14) - 1;

/// What is published of one number at one view.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Published {
    /// The label that is shown; [`Label::None`] where nothing is.
    pub label: Label,
    /// The label rose since the last tick, which did not confirm it yet.
    pub provisional: bool,
    /// How the number stands over time.
    pub status: Status,
    /// The rating in basis points; `None` without an opinion.
    pub rating_bp: Option<u16>,
    /// About the chance that the label stays when the sample doubles, in basis points; `None` where too little is known for that.
    pub confidence_bp: Option<u16>,
    /// The weightiest reasons against the caller first; `None` behind the last.
    pub reasons: [Option<ReasonCode>; REASONS],
    /// Which of the policies that were active judged, counted modulo 256.
    pub policy: u8,
}

const STATUSES: [Status; 5] =
    [Status::Unknown, Status::Unflagged, Status::MixedLow, Status::MixedHigh, Status::Flagged];

impl Published {
    /// What is published of a number of which nothing is.
    pub const NOTHING: Self = Self {
        label: Label::None,
        provisional: false,
        status: Status::Unknown,
        rating_bp: None,
        confidence_bp: None,
        reasons: [None; REASONS],
        policy: 0,
    };

    /// As one word, never 0. From the lowest bit: 1, label 2, provisional 1, opinion 1, status 3, rating 14, confidence 14, policy 8,
    /// reasons 5 each.
    #[must_use]
    pub fn to_word(self) -> u64 {
        let status = STATUSES.iter().position(|&status| status == self.status).unwrap_or(0) as u64;
        let confidence = self.confidence_bp.map_or(NO_CONFIDENCE, u64::from);
        let word = 1
            | (self.label as u64) << 1
            | u64::from(self.provisional) << 3
            | u64::from(self.rating_bp.is_some()) << 4
            | status << 5
            | u64::from(self.rating_bp.unwrap_or(0)) << 8
            | confidence << 22
            | u64::from(self.policy) << 36;
        self.reasons.iter().zip((44..).step_by(5)).fold(word, |word, (reason, at)| {
            let code = reason.and_then(|reason| ReasonCode::ALL.iter().position(|&code| code == reason));
            word | code.map_or(0, |code| code as u64 + 1) << at
        })
    }

    /// Reads a word; `None` for 0.
    #[must_use]
    pub fn from_word(word: u64) -> Option<Self> {
        let part = |at: u32, bits: u32| word >> at & ((1 << bits) - 1);
        if word & 1 == 0 {
            return None;
        }
        let basis_points = |value: u64| u16::try_from(value).ok();
        let reason = |at: u32| ReasonCode::ALL.get((part(at, 5) as usize).wrapping_sub(1)).copied();
        Some(Self {
            label: Label::ALL.get(part(1, 2) as usize).copied()?,
            provisional: part(3, 1) == 1,
            status: STATUSES.get(part(5, 3) as usize).copied()?,
            rating_bp: if part(4, 1) == 1 { basis_points(part(8, 14)) } else { None },
            confidence_bp: basis_points(part(22, 14)).filter(|&value| u64::from(value) != NO_CONFIDENCE),
            reasons: [reason(44), reason(49), reason(54), reason(59)],
            policy: part(36, 8) as u8,
        })
    }
}

/// One place of a table. A key of 0 is free; a value of 0 says nothing.
#[derive(Default)]
struct Place {
    key: AtomicU64,
    value: AtomicU64,
}

/// An open-addressed table whose size is a power of two.
struct Table {
    places: Box<[Place]>,
}

impl Table {
    fn new(places: usize) -> Self {
        Self { places: (0..places).map(|_| Place::default()).collect() }
    }

    /// The place of a key, or the free one where it would be.
    fn find(&self, key: u64) -> Option<&Place> {
        let mask = self.places.len().checked_sub(1)?;
        let mut at = spread(key) & mask;
        loop {
            let place = self.places.get(at)?;
            let found = place.key.load(Ordering::Acquire);
            if found == key || found == 0 {
                return Some(place);
            }
            at = (at + 1) & mask;
        }
    }
}

/// Where a key's search begins: the high bits of a product depend on all of the key.
fn spread(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24) as usize
}

/// One shard's table, and how many of its places are taken.
#[derive(Default)]
struct ShardSlots {
    table: ArcSwapOption<Table>,
    taken: Mutex<usize>,
}

/// The published labels of one scope.
pub struct Slots {
    shards: Vec<ShardSlots>,
    data_through_ms: AtomicI64,
}

impl Default for Slots {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| ShardSlots::default()).collect(), data_through_ms: AtomicI64::new(0) }
    }
}

/// `None` for a view beyond the most that there can be: nothing is published there.
fn key_of(tn: TelephoneNumber, view_place: u8) -> Option<u64> {
    (view_place < VIEWS_MAX).then(|| tn.digits() << VIEW_BITS | u64::from(view_place))
}

impl Slots {
    /// What is published of a number at a view; `None` when nothing is, which is no opinion.
    #[must_use]
    pub fn get(&self, tn: TelephoneNumber, view_place: u8) -> Option<Published> {
        let table = self.shards.get(shard_of(tn))?.table.load();
        let key = key_of(tn, view_place)?;
        let place = table.as_ref()?.find(key)?;
        if place.key.load(Ordering::Acquire) != key {
            return None;
        }
        Published::from_word(place.value.load(Ordering::Acquire))
    }

    /// Up to when calls and reports are known; the epoch before the first.
    #[must_use]
    pub fn data_through(&self) -> Timestamp {
        Timestamp::from_ms(self.data_through_ms.load(Ordering::Acquire)).unwrap_or(Timestamp::EPOCH)
    }

    /// Calls and reports are known up to `at`, or later.
    pub(crate) fn known_through(&self, at: Timestamp) {
        self.data_through_ms.fetch_max(at.as_ms(), Ordering::AcqRel);
    }

    /// Publishes; `None` takes back what was published.
    pub(crate) fn set(&self, tn: TelephoneNumber, view_place: u8, value: Option<Published>) {
        if let Some((shard, key)) = self.shards.get(shard_of(tn)).zip(key_of(tn, view_place)) {
            shard.set(key, value.map_or(0, Published::to_word));
        }
    }

    /// Everything that is published of a shard's numbers, in rising order.
    pub(crate) fn of_shard(&self, shard: usize) -> Vec<(TelephoneNumber, u8, u64)> {
        let table = self.shards.get(shard).and_then(|shard| shard.table.load_full());
        let places = table.iter().flat_map(|table| &table.places);
        let mut all: Vec<_> = places
            .filter_map(|place| {
                let (key, value) = (place.key.load(Ordering::Acquire), place.value.load(Ordering::Acquire));
                let view_place = (key & u64::from(VIEWS_MAX - 1)) as u8;
                (value != 0).then_some((TelephoneNumber::from_digits(key >> VIEW_BITS)?, view_place, value))
            })
            .collect();
        all.sort_unstable();
        all
    }

    /// Takes back everything that is published of a shard's numbers.
    pub(crate) fn clear(&self, shard: usize) {
        if let Some(shard) = self.shards.get(shard) {
            let mut taken = shard.taken.lock().unwrap_or_else(PoisonError::into_inner);
            shard.table.store(None);
            *taken = 0;
        }
    }

    /// Bytes held by the tables.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let places = |shard: &ShardSlots| shard.table.load().as_ref().map_or(0, |table| table.places.len());
        self.shards.iter().map(places).sum::<usize>() * size_of::<Place>()
    }
}

impl ShardSlots {
    fn set(&self, key: u64, value: u64) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let table = self.table.load_full();
        if let Some(place) = table.as_ref().and_then(|table| table.find(key))
            && place.key.load(Ordering::Acquire) == key
        {
            place.value.store(value, Ordering::Release);
            return;
        }
        if value == 0 {
            return;
        }
        // A quarter stays free, so that a search for what is not there soon ends.
        let table = match table {
            Some(table) if (*taken + 1) * 4 <= table.places.len() * 3 => table,
            full => {
                let (grown, kept) = grown(full.as_deref());
                *taken = kept;
                self.table.store(Some(Arc::clone(&grown)));
                grown
            }
        };
        if let Some(place) = table.find(key) {
            place.value.store(value, Ordering::Release);
            place.key.store(key, Ordering::Release);
            *taken += 1;
        }
    }
}

/// A table with room for more, and how much of it is taken: what says nothing any more is left behind.
fn grown(full: Option<&Table>) -> (Arc<Table>, usize) {
    let said = || {
        let places = full.into_iter().flat_map(|table| &table.places);
        let words = places.map(|place| (place.key.load(Ordering::Acquire), place.value.load(Ordering::Acquire)));
        words.filter(|&(_, value)| value != 0)
    };
    let count = said().count();
    let table = Table::new((count * 2).max(PLACES_MIN).next_power_of_two());
    for (key, value) in said() {
        if let Some(place) = table.find(key) {
            place.value.store(value, Ordering::Release);
            place.key.store(key, Ordering::Release);
        }
    }
    (Arc::new(table), count)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn tn(line: u64) -> TelephoneNumber {
        TelephoneNumber::from_digits(12_155_550_000 + line).expect("a number")
    }

    fn published(seed: u64) -> Published {
        let reason = |at: u64| ReasonCode::ALL.get((seed >> at) as usize % 20).copied();
        Published {
            label: Label::ALL[seed as usize % 4],
            provisional: seed & 16 != 0,
            status: STATUSES[(seed >> 5) as usize % 5],
            rating_bp: (seed & 1024 != 0).then_some((seed % 10_001) as u16),
            confidence_bp: (seed & 2048 != 0).then_some((seed >> 8) as u16 % 10_001),
            reasons: [reason(0), reason(7), reason(13), reason(21)],
            policy: (seed >> 30) as u8,
        }
    }

    proptest! {
        #[test]
        fn a_slot_is_one_word(seed in any::<u64>()) {
            prop_assert_eq!(Published::from_word(published(seed).to_word()), Some(published(seed)));
        }

        #[test]
        fn slots_say_what_a_map_says(steps in prop::collection::vec((0..300u64, 0..4u8, any::<Option<u64>>()), 0..600)) {
            let (slots, mut map) = (Slots::default(), BTreeMap::new());
            for (line, view, seed) in steps {
                let value = seed.map(published);
                slots.set(tn(line), view, value);
                match value {
                    Some(value) => map.insert((tn(line), view), value),
                    None => map.remove(&(tn(line), view)),
                };
            }
            for line in 0..300 {
                for view in 0..4 {
                    prop_assert_eq!(slots.get(tn(line), view), map.get(&(tn(line), view)).copied());
                }
            }
            let listed: Vec<_> = slots.of_shard(shard_of(tn(0))).into_iter().map(|(tn, view, _)| (tn, view)).collect();
            prop_assert_eq!(listed, map.into_keys().collect::<Vec<_>>());
        }
    }

    #[test]
    fn readers_see_whole_labels_while_slots_are_filled() {
        let slots = Slots::default();
        let (even, odd) = (published(0x1234_5678_9abc_de10), published(0x0fed_cba9_8765_4c21));
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut seen = 0;
                while seen < 2000 {
                    let found = slots.get(tn(seen % 500), 0);
                    assert!(found.is_none_or(|found| found == even || found == odd), "{found:?}");
                    seen += u64::from(found.is_some());
                }
            });
            for round in 0..20 {
                for line in 0..500 {
                    slots.set(tn(line), 0, Some(if (round + line) % 2 == 0 { even } else { odd }));
                }
            }
            reader.join().expect("the reader ends");
        });
    }
}
