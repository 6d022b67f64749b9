//! When a message that was not taken is tried again.

use std::time::Duration;

const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 60 * MINUTE_S;

/// Seconds from each try to the next: the example schedule of the Standard Webhooks specification, to 75 hours in all.
const DELAYS_S: [u64; 9] =
    [5, 5 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S, 14 * HOUR_S, 20 * HOUR_S, 24 * HOUR_S];

/// How long to wait after the try number `tries` (from 1) failed; `None` when it was the last.
///
/// `spread` (0 to 255) adds up to a tenth, so that messages that failed together are not sent together again.
#[must_use]
pub fn next_delay(tries: u32, spread: u8) -> Option<Duration> {
    let at = usize::try_from(tries.checked_sub(1)?).ok()?;
    let seconds = *DELAYS_S.get(at)?;
    Some(Duration::from_millis(seconds * 1_000 + seconds * 100 * u64::from(spread) / 255))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_end_after_three_days() {
        let all: Duration = (1..).map_while(|tries| next_delay(tries, 0)).sum();
        assert!(all >= Duration::from_secs(72 * HOUR_S) && all < Duration::from_secs(80 * HOUR_S), "{all:?}");
        assert_eq!(next_delay(1, 0), Some(Duration::from_secs(5)));
        assert_eq!(next_delay(1, 255), Some(Duration::from_millis(5_500)));
        assert_eq!(next_delay(10, 0), None);
        assert_eq!(next_delay(0, 0), None);
    }
}
