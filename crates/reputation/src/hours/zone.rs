//! A time zone's offsets from 2012 to 2041, laid out so that one is found in two steps.

use jiff::tz::TimeZone;
use model::time::days_from_civil;

/// The years that facts can hold.
const YEARS: [i64; 2] = [2012, 2042];
const DAY_S: i64 = 86_400;

/// The offsets of one time zone.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    /// Seconds since the epoch at which an offset begins, and the offset in seconds east of Greenwich. Never empty.
    spans: Vec<(i64, i64)>,
    /// For each day from the first on: the place of the span that holds at its start.
    by_day: Vec<u16>,
    first_day: i64,
}

impl Zone {
    /// Reads a zone's offsets out of the time zone data.
    pub(super) fn new(zone: &TimeZone) -> Self {
        let [first_day, last_day] = YEARS.map(|year| days_from_civil(year, 1, 1));
        let from_s = first_day * DAY_S;
        let start = jiff::Timestamp::from_second(from_s).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let mut spans = vec![(from_s, i64::from(zone.to_offset(start).seconds()))];
        let changes = zone.following(start).map(|change| (change.timestamp().as_second(), change.offset().seconds()));
        for (at_s, offset_s) in changes.take_while(|&(at_s, _)| at_s < last_day * DAY_S) {
            spans.push((at_s, i64::from(offset_s)));
        }
        let holding = |day: i64| spans.partition_point(|&(from, _)| from <= day * DAY_S).saturating_sub(1);
        let by_day = (first_day..last_day).map(|day| u16::try_from(holding(day)).unwrap_or(0)).collect();
        Self { spans, by_day, first_day }
    }

    /// The offset at an instant, both in seconds; `None` outside the years that facts can hold.
    pub(super) fn offset_s(&self, at_s: i64) -> Option<i64> {
        let day = usize::try_from(at_s.div_euclid(DAY_S) - self.first_day).ok()?;
        let mut place = usize::from(*self.by_day.get(day)?);
        // A day holds at most one change of the clock.
        if self.spans.get(place + 1).is_some_and(|&(from, _)| from <= at_s) {
            place += 1;
        }
        self.spans.get(place).map(|&(_, offset)| offset)
    }
}
