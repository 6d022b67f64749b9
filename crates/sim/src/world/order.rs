//! A seeded order of places: every place comes once, neighbours land anywhere.

use crate::random::{derive, mix};

const ROUNDS: u64 = 4;

/// A permutation of `0..count`: a Feistel network over the next power of four, walked until it lands inside (Black and Rogaway
/// 2002).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    key: u64,
    count: u64,
    half_bits: u32,
}

impl Order {
    pub(crate) const fn new(key: u64, count: u64) -> Self {
        let bits = if count > 1 { 64 - (count - 1).leading_zeros() } else { 1 };
        Self { key, count, half_bits: bits.div_ceil(2) }
    }

    /// Where `place` lands. A place beyond the count stays.
    pub(crate) const fn at(&self, place: u64) -> u64 {
        if place >= self.count {
            return place;
        }
        let mut at = place;
        loop {
            at = self.round_trip(at);
            if at < self.count {
                return at;
            }
        }
    }

    const fn round_trip(&self, place: u64) -> u64 {
        let mask = (1u64 << self.half_bits) - 1;
        let (mut left, mut right) = (place >> self.half_bits, place & mask);
        let mut round = 0;
        while round < ROUNDS {
            let next = left ^ (mix(right ^ derive(self.key, round)) & mask);
            left = right;
            right = next;
            round += 1;
        }
        left << self.half_bits | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_comes_once() {
        for count in [1, 2, 3, 10, 1000, 4097] {
            let order = Order::new(9, count);
            let mut seen: Vec<u64> = (0..count).map(|place| order.at(place)).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..count).collect::<Vec<_>>());
        }
        assert_ne!(Order::new(1, 1000).at(5), Order::new(2, 1000).at(5));
    }
}
