//! Calls on their way into a store.

use model::TelephoneNumber;

use super::slip::Slips;
use super::store::{CallFact, FactStore, Thrift};

/// Calls wait until there are so many for each number that the store knows. Chosen: each call then goes through memory two or
/// three times in all, and the calls that wait take no more room than those in the store.
const WAITING_PER_NUMBER: usize = 3;
/// Calls wait until there are so many, however few numbers the store knows. Chosen: 3 MiB.
const WAITING_MIN: usize = 1 << 17;

/// Collects calls and adds them to a [`FactStore`] many at a time. What it holds is bounded by the numbers, not by the calls.
#[derive(Default)]
pub struct Tray {
    store: FactStore,
    waiting: Slips,
    known: Vec<TelephoneNumber>,
}

impl Tray {
    /// Takes calls.
    pub fn add(&mut self, facts: &[CallFact]) {
        self.waiting.add(facts);
        if self.waiting.len() >= WAITING_MIN.max(self.store.len() * WAITING_PER_NUMBER) {
            self.store.file(&self.waiting, Thrift::Compact);
            self.waiting.clear();
        }
    }

    /// Makes a number known, without any call.
    pub fn know(&mut self, tn: TelephoneNumber) {
        self.known.push(tn);
    }

    /// The store with all that was taken.
    #[must_use]
    pub fn into_store(mut self) -> FactStore {
        self.store.file(&self.waiting, Thrift::AsIs);
        if !self.known.is_empty() {
            self.store.know(&self.known);
        }
        self.store
    }
}
