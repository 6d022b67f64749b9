//! Numbers that the North American plan allows, by index.

use crate::random::mix;

/// Turns an index into a geographic number, one to one.
pub struct Numbers {
    /// Every geographic area code followed by an exchange, as six digits.
    blocks: Vec<u32>,
}

/// Area codes that are no area: N11, N9X, 37X, 96X, toll-free, premium, personal and special ones.
const fn is_area(npa: u32) -> bool {
    let tens = npa / 10;
    npa % 100 != 11
        && tens % 10 != 9
        && tens != 37
        && tens != 96
        && !matches!(npa, 500..=599 | 600 | 622 | 700 | 710 | 900)
        && !matches!(npa, 800 | 822 | 833 | 844 | 855 | 866 | 877 | 880..=889)
}

/// Exchanges that no person has: N11, 555 (information) and 958, 959 (test lines).
const fn is_exchange(nxx: u32) -> bool {
    nxx % 100 != 11 && !matches!(nxx, 555 | 958 | 959)
}

impl Default for Numbers {
    /// Lists every area code with every exchange.
    fn default() -> Self {
        let areas = (200..1000).filter(|npa| is_area(*npa));
        let blocks = areas.flat_map(|npa| {
            let exchanges = (200..1000).filter(|nxx| is_exchange(*nxx));
            exchanges.map(move |nxx| npa * 1000 + nxx)
        });
        Self { blocks: blocks.collect() }
    }
}

impl Numbers {
    /// How many numbers there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.blocks.len() as u64 * 10_000
    }

    /// The number at `index` (modulo the count): 11 digits, country code 1 first.
    #[must_use]
    pub fn at(&self, index: u64) -> u64 {
        let index = index % self.count();
        let line = index / self.blocks.len() as u64;
        let block = self.blocks.get((index % self.blocks.len() as u64) as usize);
        10_000_000_000 + u64::from(block.copied().unwrap_or(212_200)) * 10_000 + line
    }

    /// The number of the caller at `rank`: neighbouring ranks lie far apart, and no two ranks share a number.
    #[must_use]
    pub fn caller(&self, rank: u64) -> u64 {
        // A prime larger than any factor of the count, so that the walk visits every index once.
        const STEP: u64 = 1_000_000_007;
        self.at(rank % self.count() * STEP)
    }

    /// A number picked by the hash of `key`.
    #[must_use]
    pub fn hashed(&self, key: u64) -> u64 {
        self.at(mix(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn callers_are_distinct_and_well_formed() {
        let numbers = Numbers::default();
        let callers: HashSet<u64> = (0..100_000).map(|rank| numbers.caller(rank)).collect();
        assert_eq!(callers.len(), 100_000);
        for tn in callers {
            let (npa, nxx) = (tn / 10_000_000 % 1000, tn / 10_000 % 1000);
            assert_eq!(tn / 10_000_000_000, 1);
            assert!(npa >= 200 && nxx >= 200, "{tn}");
            assert!(npa % 100 != 11 && nxx % 100 != 11, "{tn}");
        }
    }
}
