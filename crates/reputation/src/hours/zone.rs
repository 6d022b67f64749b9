//! Which half hours of each UTC day from 2012 to 2041 lie outside calling hours in a time zone.

use jiff::tz::TimeZone;
use model::time::days_from_civil;

/// The years that facts can hold.
const YEARS: [i64; 2] = [2012, 2042];
const DAY_S: i64 = 86_400;
/// Half hours: since 2012 every clock of the plan's areas differs from UTC by whole ones, and changes at whole ones.
pub(super) const SLOT_S: i64 = 1800;
const SLOTS: u32 = 48;

/// The first of the days, counted from the epoch.
pub(super) const fn first_day() -> i64 {
    days_from_civil(YEARS[0], 1, 1)
}

/// One word a day: bit n is set when half hour n of the UTC day lies outside calling hours. `fair` holds whole hours after local
/// midnight, from and before. `None` for a zone whose clock does not keep to half hours.
pub(super) fn off_slots(zone: &TimeZone, fair: [u8; 2]) -> Option<Vec<u64>> {
    let [from_day, to_day] = YEARS.map(|year| days_from_civil(year, 1, 1));
    let [from, to] = fair.map(|hour| u32::from(hour) * 2);
    let local_off = (0..SLOTS).filter(|&slot| slot < from || slot >= to).fold(0u64, |mask, slot| mask | 1 << slot);
    let start = jiff::Timestamp::from_second(from_day * DAY_S).ok()?;
    let mut off = by_utc(local_off, zone.to_offset(start).seconds())?;
    let mut changes = zone.following(start).peekable();
    let mut days = Vec::new();
    for day in from_day..to_day {
        let mut of_day = off;
        while let Some(change) = changes.next_if(|change| change.timestamp().as_second() < (day + 1) * DAY_S) {
            let into_day = change.timestamp().as_second() - day * DAY_S;
            let slot = u32::try_from(into_day / SLOT_S).ok().filter(|_| into_day % SLOT_S == 0)?;
            off = by_utc(local_off, change.offset().seconds())?;
            let before = (1u64 << slot) - 1;
            of_day = of_day & before | off & !before;
        }
        days.push(of_day);
    }
    Some(days)
}

/// Turns half hours of the local day into half hours of the UTC day. `None` unless the offset is a whole number of them.
fn by_utc(local: u64, offset_s: i32) -> Option<u64> {
    let offset_s = i64::from(offset_s);
    let shift = u32::try_from((offset_s / SLOT_S).rem_euclid(i64::from(SLOTS))).ok()?;
    let whole = (1u64 << SLOTS) - 1;
    (offset_s % SLOT_S == 0).then_some((local >> shift | local << (SLOTS - shift)) & whole)
}
