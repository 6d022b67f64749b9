//! Calls on their way into a store.

use model::TelephoneNumber;

use super::store::{CallFact, FactStore, Thrift, by_number};

/// Calls wait until there are so many for each number that the store knows. Chosen: each call then goes through memory two or
/// three times in all, and the calls that wait take no more room than those in the store.
const WAITING_PER_NUMBER: usize = 3;
/// Calls wait until there are so many, however few numbers the store knows. Chosen: 2 MiB.
const WAITING_MIN: usize = 1 << 16;

/// Collects calls and adds them to a [`FactStore`] many at a time. What it holds is bounded by the numbers, not by the calls.
#[derive(Default)]
pub struct Tray {
    store: FactStore,
    parcels: Vec<Vec<CallFact>>,
    waiting: usize,
    known: Vec<TelephoneNumber>,
}

impl Tray {
    /// Takes calls.
    pub fn add(&mut self, parcel: Vec<CallFact>) {
        self.waiting += parcel.len();
        self.parcels.push(parcel);
        if self.waiting >= WAITING_MIN.max(self.store.len() * WAITING_PER_NUMBER) {
            self.file(Thrift::Compact);
        }
    }

    /// Makes a number known, without any call.
    pub fn know(&mut self, tn: TelephoneNumber) {
        self.known.push(tn);
    }

    /// The store with all that was taken.
    #[must_use]
    pub fn into_store(mut self) -> FactStore {
        self.file(Thrift::AsIs);
        self.store.know(&self.known);
        self.store
    }

    fn file(&mut self, thrift: Thrift) {
        let facts = by_number(&self.parcels);
        self.parcels.clear();
        self.waiting = 0;
        self.store.add_sorted(&facts, thrift);
    }
}
