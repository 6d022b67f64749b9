//! A small generator of random numbers, so that one seed means the same choices on every machine and in every version.

/// Random numbers from a seed: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
///
/// Good enough for shuffles and resampling, useless for secrets.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The generator of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A generator of its own for part number `part` of the work, so that parts may run in any order.
    #[must_use]
    pub fn part(seed: u64, part: u64) -> Self {
        let mut own = Self::new(seed ^ part.wrapping_mul(0xd1b5_4a32_d192_ed03));
        own.next_u64();
        own
    }

    /// The next 64 random bits.
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number below `end`; 0 when `end` is 0.
    pub const fn below(&mut self, end: usize) -> usize {
        ((self.next_u64() as u128 * end as u128) >> 64) as usize
    }

    /// A fraction from 0 to below 1.
    pub const fn fraction(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Brings `items` into a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            items.swap(place, self.below(place + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_reference_sequence_comes_out() {
        // The first outputs for seed 1234567, as the author's implementation prints them.
        let mut random = Random::new(1_234_567);
        assert_eq!([random.next_u64(), random.next_u64()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut random = Random::new(7);
        let drawn: Vec<usize> = (0..1000).map(|_| random.below(10)).collect();
        assert!((0..10).all(|value| drawn.contains(&value)) && drawn.iter().all(|value| *value < 10));
        assert!((0..1000).map(|_| random.fraction()).all(|value| (0.0..1.0).contains(&value)));
        let mut items: Vec<u32> = (0..100).collect();
        random.shuffle(&mut items);
        assert!(items.iter().enumerate().any(|(place, item)| place != *item as usize));
        items.sort_unstable();
        assert!(items.into_iter().eq(0..100));
    }
}
