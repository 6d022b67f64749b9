//! Who calls: how often, whom, and how it usually ends.

use crate::random::{between, mix, unit};

/// How fast the calls of a caller fall with its rank: calls ∝ rank^-TAIL.
///
/// Chosen: with 8 calls per caller on average, half of the callers make 4 or fewer and a few make tens of thousands.
const TAIL: f64 = 0.65;
/// Of the busiest quarter of callers this share is unwanted: about 4 % of all callers.
const UNWANTED_OF_BUSY: f64 = 0.16;

/// The habits of one caller. Rates are shares in [0, 1].
pub(crate) struct Caller {
    /// Its place by number of calls, 0 the busiest.
    pub(crate) rank: u64,
    /// People do not want its calls.
    pub(crate) unwanted: bool,
    /// First hour of the file in which it calls.
    pub(crate) first_hour: u64,
    /// The hour of the file after its last one.
    pub(crate) end_hour: u64,
    /// Share of its calls to valid destinations that are answered.
    pub(crate) answered: f64,
    /// Share of its answered calls that last at most 6 s.
    pub(crate) short: f64,
    /// Share of its destinations that are out of service.
    pub(crate) invalid: f64,
    /// Median seconds of its longer conversations.
    pub(crate) median_talk_s: f64,
    /// How many destinations it picks from.
    pub(crate) contacts: u64,
}

/// Everybody who calls in the file.
pub(crate) struct Callers {
    seed: u64,
    count: u64,
    calls: u64,
    hours: u64,
}

impl Callers {
    /// `count` callers that share `calls` calls over `hours` hours.
    pub(crate) const fn new(seed: u64, count: u64, calls: u64, hours: u64) -> Self {
        Self { seed, count, calls, hours }
    }

    /// Picks the rank of the caller of one call from a value in [0, 1).
    pub(crate) fn pick(&self, draw: f64) -> u64 {
        ((self.count as f64 * draw.powf(1.0 / (1.0 - TAIL))) as u64).min(self.count - 1)
    }

    /// The habits of the caller at `rank`. The rates are the base rates measured or chosen for the simulator.
    pub(crate) fn at(&self, rank: u64) -> Caller {
        let key = mix(self.seed ^ mix(rank));
        let share = |salt: u64, low: f64, high: f64| low + (high - low) * unit(mix(key ^ salt));
        let unwanted = rank < self.count / 4 && share(1, 0.0, 1.0) < UNWANTED_OF_BUSY;
        let place = (rank + 1) as f64 / self.count as f64;
        let calls = self.calls as f64 / self.count as f64 * (1.0 - TAIL) * place.powf(-TAIL);
        if unwanted {
            // Robocallers and telemarketers live two to eight days.
            let life = between(mix(key ^ 2), 48, 193).min(self.hours);
            let first_hour = between(mix(key ^ 3), 0, self.hours - life + 1);
            return Caller {
                rank,
                unwanted,
                first_hour,
                end_hour: first_hour + life,
                answered: share(4, 0.08, 0.28),
                short: share(5, 0.42, 0.70),
                invalid: share(6, 0.06, 0.11),
                median_talk_s: share(7, 20.0, 45.0),
                contacts: (calls * share(8, 6.0, 25.0)) as u64 + 1,
            };
        }
        Caller {
            rank,
            unwanted,
            first_hour: 0,
            end_hour: self.hours,
            answered: share(4, 0.35, 0.72),
            short: share(5, 0.10, 0.28),
            invalid: share(6, 0.006, 0.022),
            median_talk_s: share(7, 40.0, 90.0),
            contacts: (calls * share(8, 0.3, 1.8)) as u64 + 1,
        }
    }
}
