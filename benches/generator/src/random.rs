//! Seeded random numbers that every version and every machine draws alike.

/// The finalizer of SplitMix64: spreads any value over all 64 bits.
pub const fn mix(value: u64) -> u64 {
    let mut x = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Maps the upper bits of a value to [0, 1).
pub fn unit(value: u64) -> f64 {
    (value >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// Maps a value evenly to `low..high`, by its upper bits.
pub const fn between(value: u64, low: u64, high: u64) -> u64 {
    low + ((value as u128 * (high - low) as u128) >> 64) as u64
}

/// A stream of random values (SplitMix64).
pub struct Random {
    state: u64,
}

impl Random {
    /// Starts the stream that belongs to `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { state: mix(seed) }
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// The next value in [0, 1).
    pub fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    /// The next integer in `low..high`.
    pub const fn between(&mut self, low: u64, high: u64) -> u64 {
        between(self.bits(), low, high)
    }
}
