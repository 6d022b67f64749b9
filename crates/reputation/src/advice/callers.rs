//! Which destinations are called by several of an owner's numbers.

use hashbrown::HashTable;

use crate::facts::{DestCell, HORIZON_D};
use crate::replay::End;

/// The most destinations that are kept. Chosen: 16 MB at most, and a million destinations give any share to a tenth of a point.
const ENTRIES_MAX: usize = 1 << 20;

/// How many of the owner's numbers call each destination, for the destinations with the smallest hashes.
///
/// Every number's sample holds its own smallest hashes, so what several numbers call in common meets here. A number that calls
/// more destinations than its sample holds may be missed for some: a count of callers is a lower bound.
#[derive(Clone)]
pub struct DestinationCallers {
    callers: HashTable<(u32, u8)>,
    /// Only hashes below it are kept.
    limit: u64,
}

impl Default for DestinationCallers {
    fn default() -> Self {
        Self { callers: HashTable::new(), limit: 1 << 32 }
    }
}

impl DestinationCallers {
    /// Adds the destinations of one number. Each number must be added once.
    pub fn add(&mut self, dests: &[DestCell], end: End) {
        for hash in hashes(dests, end) {
            self.count(hash, 1);
        }
    }

    /// Adds what another accumulator counted for other numbers.
    pub fn merge(&mut self, other: &Self) {
        self.lower(other.limit);
        for &(hash, callers) in &other.callers {
            self.count(hash, callers);
        }
    }

    /// Of a number's sampled destinations: how many at least `callers` of the owner's numbers call, itself included, and how
    /// many are known here at all.
    #[must_use]
    pub fn shared(&self, dests: &[DestCell], end: End, callers: u32) -> (u32, u32) {
        let (mut shared, mut known) = (0, 0);
        for hash in hashes(dests, end) {
            if let Some(&(_, own)) = self.callers.find(spread(hash), |entry| entry.0 == hash) {
                known += 1;
                shared += u32::from(u32::from(own) >= callers);
            }
        }
        (shared, known)
    }

    fn count(&mut self, hash: u32, callers: u8) {
        if u64::from(hash) >= self.limit {
            return;
        }
        match self.callers.find_mut(spread(hash), |entry| entry.0 == hash) {
            Some((_, own)) => *own = own.saturating_add(callers),
            None => {
                self.callers.insert_unique(spread(hash), (hash, callers), |entry| spread(entry.0));
                if self.callers.len() > ENTRIES_MAX {
                    self.lower(self.limit / 2);
                }
            }
        }
    }

    fn lower(&mut self, limit: u64) {
        if limit < self.limit {
            self.limit = limit;
            self.callers.retain(|entry| u64::from(entry.0) < limit);
        }
    }
}

/// Spreads a hash over 64 bits: the table looks at the highest ones.
const fn spread(hash: u32) -> u64 {
    (hash as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A number's sampled destinations of the horizon, each once.
fn hashes(dests: &[DestCell], end: End) -> Vec<u32> {
    let oldest = (end.moment.hour / 24 + 1).saturating_sub(HORIZON_D) * 24;
    let known = dests.iter().filter(|dest| dest.known <= end.moment.hour && dest.hour >= oldest);
    let mut hashes: Vec<u32> = known.map(|dest| dest.hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}
