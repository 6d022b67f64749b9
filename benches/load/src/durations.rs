//! How long things took.

use std::time::Duration;

/// Many durations, of which quantiles are asked.
#[derive(Default)]
pub(crate) struct Durations {
    /// Nanoseconds; sorted once they were joined.
    ns: Vec<u64>,
}

impl Durations {
    /// Takes one.
    pub(crate) fn add(&mut self, took: Duration) {
        self.ns.push(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Those of several threads.
    pub(crate) fn joined(parts: Vec<Self>) -> Self {
        let mut ns: Vec<u64> = parts.into_iter().flat_map(|part| part.ns).collect();
        ns.sort_unstable();
        Self { ns }
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.ns.len()
    }

    /// Seconds that a share of them took at most; 0 when there are none.
    pub(crate) fn at(&self, share: f64) -> f64 {
        let place = (self.ns.len() as f64 * share) as usize;
        self.ns.get(place.min(self.ns.len().saturating_sub(1))).map_or(0.0, |&ns| ns as f64 / 1e9)
    }
}
