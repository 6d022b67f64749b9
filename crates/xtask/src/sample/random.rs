//! Chance from a seed: SplitMix64, in whole numbers only, so that every machine draws the same.

/// A stream of chance.
pub(super) struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number from `low` up to, but not including, `high`.
    pub(super) fn within(&mut self, low: u32, high: u32) -> u32 {
        let span = u64::from(high.saturating_sub(low).max(1));
        low + u32::try_from(self.next() % span).unwrap_or(0)
    }

    /// True in so many cases of a thousand.
    pub(super) fn chance(&mut self, per_mille: u32) -> bool {
        self.within(0, 1000) < per_mille
    }

    /// One of the items; `None` when there are none.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let count = u32::try_from(items.len()).ok()?;
        items.get(usize::try_from(self.within(0, count)).ok()?)
    }

    /// Puts items into a random order.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.within(0, u32::try_from(last + 1).unwrap_or(1));
            items.swap(last, usize::try_from(other).unwrap_or(0));
        }
    }
}
