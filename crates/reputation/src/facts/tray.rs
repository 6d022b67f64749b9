//! Calls on their way into a store.

use model::TelephoneNumber;

use super::slip::{Parcel, Slips};
use super::store::{Desk, FactStore, Thrift};

/// Slips wait until there are so many for each number that the store knows. Chosen: most numbers' calls then go through memory
/// twice in all, and what waits takes about as much room as the store.
const WAITING_PER_NUMBER: usize = 8;
/// Slips wait until there are so many, however few numbers the store knows. Chosen: 768 KiB, which the second cache holds while
/// they are sorted.
const WAITING_MIN: usize = 1 << 15;

/// Collects calls and adds them to a [`FactStore`] many at a time. What it holds is bounded by the numbers, not by the calls.
#[derive(Default)]
pub struct Tray {
    store: FactStore,
    waiting: Slips,
    known: Vec<TelephoneNumber>,
}

impl Tray {
    /// Takes the calls of a parcel; `desk` is where they are sorted once they are many.
    pub fn add(&mut self, parcel: &Parcel, desk: &mut Desk) {
        self.waiting.add(parcel);
        if self.waiting.len() >= WAITING_MIN.max(self.store.len() * WAITING_PER_NUMBER) {
            self.store.file(&mut self.waiting, desk, Thrift::Compact);
        }
    }

    /// Makes a number known, without any call.
    pub fn know(&mut self, tn: TelephoneNumber) {
        self.known.push(tn);
    }

    /// The store, when all that was taken is filed there.
    #[must_use]
    pub const fn filed(&self) -> Option<&FactStore> {
        if self.waiting.len() == 0 { Some(&self.store) } else { None }
    }

    /// The store with all that was taken.
    #[must_use]
    pub fn into_store(mut self, desk: &mut Desk) -> FactStore {
        self.store.file(&mut self.waiting, desk, Thrift::AsIs);
        if !self.known.is_empty() {
            self.store.know(&self.known);
        }
        self.store
    }
}
