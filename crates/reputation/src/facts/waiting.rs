//! Calls that wait to be filed in a store while its numbers are read: found by number, in the order in which they came.

use hashbrown::HashMap;
use model::TelephoneNumber;

use super::slip::{Parcel, Slips};
use super::store::{CallFact, Cells, Desk, FactStore, Thrift};

/// The store takes over what waits once that is this part of its words. Chosen: a call then is copied about as often as a merge
/// of sorted runs would, and what waits takes an eighth of the room that the store takes.
const WAITING_PART: usize = 16;
/// So many wait in any case. Chosen: 48 KiB, which a shard of a few numbers can afford.
const WAITING_MIN: usize = 1 << 10;
/// Stands for "none before this one".
const NONE: u32 = u32::MAX;

/// Calls that wait, and an index over them.
#[derive(Default)]
pub struct Waiting {
    parcel: Parcel,
    /// For each slip the one of the same number before it.
    before: Vec<u32>,
    /// The last slip of each number.
    last: HashMap<TelephoneNumber, u32, rapidhash::fast::RandomState>,
}

impl Waiting {
    /// Takes a call.
    pub fn add(&mut self, fact: &CallFact) {
        self.parcel.add(fact);
        let last = self.last.entry(fact.tn).or_insert(NONE);
        while self.before.len() < self.parcel.len() {
            let own = u32::try_from(self.before.len()).unwrap_or(NONE);
            self.before.push(std::mem::replace(last, own));
        }
    }

    /// Tells whether nothing waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.parcel.is_empty()
    }

    /// Tells whether so much waits that the store should take it over.
    #[must_use]
    pub fn is_due(&self, store: &FactStore) -> bool {
        self.parcel.len() >= WAITING_MIN.max(store.words() / WAITING_PART)
    }

    /// Tells whether a call of this number waits.
    #[must_use]
    pub fn holds(&self, tn: TelephoneNumber) -> bool {
        self.last.contains_key(&tn)
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.parcel.bytes() + self.before.capacity() * 4 + self.last.allocation_size()
    }

    /// Files everything in the store.
    pub fn file(&mut self, store: &mut FactStore, desk: &mut Desk) {
        if self.is_empty() {
            return;
        }
        let mut slips = Slips::of(std::mem::take(&mut self.parcel));
        store.file(&mut slips, desk, Thrift::Compact);
        self.before.clear();
        self.last.clear();
        // What a burst needed is not kept for ever.
        self.before.shrink_to(WAITING_MIN * 4);
        self.last.shrink_to(WAITING_MIN * 4);
    }

    /// Reads a number's cells, those in the store and those that wait, merged and sorted; tells whether the number is known.
    pub fn read(&self, store: &FactStore, tn: TelephoneNumber, into: &mut Cells) -> bool {
        let place = store.find(tn);
        let waiting = self.last.get(&tn).copied();
        into.gather(|words| {
            if let Some(place) = place {
                store.words_at(place, words);
            }
            let mut next = waiting.unwrap_or(NONE);
            while let Some(&before) = self.before.get(next as usize) {
                self.parcel.write(next as usize, words);
                next = before;
            }
        });
        place.is_some() || waiting.is_some()
    }

    /// Forgets a number's calls.
    pub fn forget(&mut self, tn: TelephoneNumber) {
        if self.last.remove(&tn).is_none() {
            return;
        }
        let parcel = std::mem::take(&mut self.parcel);
        self.before.clear();
        self.last.clear();
        for (tn, slip) in parcel.others(tn) {
            self.parcel.push(slip);
            let own = u32::try_from(self.before.len()).unwrap_or(NONE);
            self.before.push(self.last.insert(tn, own).unwrap_or(NONE));
        }
    }
}
