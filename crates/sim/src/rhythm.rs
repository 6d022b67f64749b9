//! The hours and days of calling, ready to be asked.

use crate::scenario::Rhythm;

const HOUR_MS: f64 = 3_600_000.0;

/// The hours of a day as rising shares of its traffic, and the days of a week as factors of mean 1.
pub(crate) struct Clock {
    /// The share of a day's calls that are placed before the end of each hour.
    ends: [f64; 24],
    days: [f64; 7],
}

impl Clock {
    /// Prepares a rhythm whose weights were checked.
    pub(crate) fn new(rhythm: &Rhythm) -> Self {
        let total: f64 = rhythm.hours.iter().sum();
        let mut sum = 0.0;
        let ends = rhythm.hours.map(|weight| {
            sum += weight;
            sum / total
        });
        let week: f64 = rhythm.days.iter().sum();
        Self { ends, days: rhythm.days.map(|day| day * 7.0 / week) }
    }

    /// The moment of the day, in milliseconds after local midnight, by which the share `u` of its calls is placed.
    #[inline]
    pub(crate) fn moment_ms(&self, u: f64) -> i64 {
        let hour = self.ends.partition_point(|end| *end <= u);
        let before = hour.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0.0);
        let weight = self.ends.get(hour).map_or(0.0, |end| end - before);
        let into = if weight > 0.0 { (u - before) / weight } else { 0.0 };
        ((hour as f64 + into) * HOUR_MS) as i64
    }

    /// The weight of a day beside the mean day. `day` counts from the epoch, whose first day was a Thursday.
    pub(crate) fn day(&self, day: i64) -> f64 {
        self.days.get((day + 3).rem_euclid(7) as usize).copied().unwrap_or(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_fall_where_the_weights_are() {
        let mut hours = [0.0; 24];
        (hours[9], hours[15]) = (1.0, 3.0);
        let clock = Clock::new(&Rhythm { hours, days: [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0] });
        let mut count = [0u32; 24];
        for n in 0..4096 {
            count[(clock.moment_ms((f64::from(n) + 0.5) / 4096.0) / 3_600_000) as usize] += 1;
        }
        assert!(count[9] == 1024 && count[15] == 3072, "{count:?}");
        // 2026-11-23 was a Monday.
        let monday = model::time::days_from_civil(2026, 11, 23);
        assert_eq!([0, 4, 5, 6].map(|day| clock.day(monday + day)), [1.4, 1.4, 0.0, 0.0]);
    }

    #[test]
    fn moments_never_go_back() {
        let clock = Clock::new(&Rhythm { hours: [0.5; 24], days: [1.0; 7] });
        let moments: Vec<i64> = (0..=1000).map(|n| clock.moment_ms(f64::from(n) / 1000.0)).collect();
        assert!(moments.is_sorted() && *moments.last().expect("one") <= 86_400_000);
    }
}
