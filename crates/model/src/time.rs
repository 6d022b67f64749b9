//! Instants, as whole milliseconds since 1970-01-01T00:00:00Z.

use std::fmt;

/// Milliseconds in one hour.
pub const HOUR_MS: i64 = 3_600_000;
/// Milliseconds in one day. Days are UTC days, without leap seconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// An instant in UTC, in whole milliseconds since the Unix epoch.
///
/// Valid range: the years 1970 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The latest instant that can be written as RFC 3339, 9999-12-31T23:59:59.999Z.
    pub const MAX: Self = Self(253_402_300_799_999);
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// Makes an instant from milliseconds since the epoch; `None` outside the years 1970 to 9999.
    #[must_use]
    pub const fn from_ms(ms: i64) -> Option<Self> {
        if ms < 0 || ms > Self::MAX.0 { None } else { Some(Self(ms)) }
    }

    /// Makes an instant from whole seconds since the epoch; `None` outside the years 1970 to 9999.
    #[must_use]
    pub const fn from_s(s: i64) -> Option<Self> {
        match s.checked_mul(1000) {
            Some(ms) => Self::from_ms(ms),
            None => None,
        }
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// Whole hours since the epoch, rounded down.
    #[must_use]
    pub const fn hour(self) -> i64 {
        self.0.div_euclid(HOUR_MS)
    }

    /// Whole UTC days since the epoch, rounded down.
    #[must_use]
    pub const fn day(self) -> i64 {
        self.0.div_euclid(DAY_MS)
    }

    /// The instant `ms` milliseconds later (earlier when negative), held inside the valid range.
    #[must_use]
    #[inline]
    pub fn saturating_add_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms).clamp(0, Self::MAX.0))
    }

    /// The civil date and time in UTC: year, month, day, hour, minute, second, millisecond.
    #[must_use]
    pub fn civil(self) -> (i64, u8, u8, u8, u8, u8, u16) {
        let (year, month, day) = civil_from_days(self.day());
        let ms = self.0.rem_euclid(DAY_MS);
        let part = |n: i64| u8::try_from(n).unwrap_or(0);
        (
            year,
            month,
            day,
            part(ms / HOUR_MS),
            part(ms / 60_000 % 60),
            part(ms / 1000 % 60),
            u16::try_from(ms % 1000).unwrap_or(0),
        )
    }
}

/// Days since the epoch of a proleptic Gregorian date. Month and day count from 1.
///
/// The algorithm is the usual shift of the year's start to March, so that the leap day comes last.
#[must_use]
pub const fn days_from_civil(year: i64, month: u8, day: u8) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y - era * 400;
    let shifted_month = (month as i64 + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day as i64 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// A day since 1970-01-01 as `YYYY-MM-DD`.
#[must_use]
pub fn date(days: i64) -> String {
    let (year, month, day) = civil_from_days(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The proleptic Gregorian date of a day count since the epoch: year, month, day.
#[must_use]
pub fn civil_from_days(days: i64) -> (i64, u8, u8) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z - era * 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
}

/// Characters of a time up to its seconds.
const SECONDS_TEXT: usize = "2026-11-23T22:10:50".len();

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC; milliseconds only where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day, hour, minute, second, ms) = self.civil();
        let mut text = *b"0000-00-00T00:00:00.000Z";
        // Formatted piece by piece it would be a tenth of what a look-up costs.
        let mut put = |at: usize, digits: usize, mut value: u16| {
            for digit in text.iter_mut().skip(at).take(digits).rev() {
                *digit = b'0' + (value % 10) as u8;
                value /= 10;
            }
        };
        put(0, 4, u16::try_from(year).unwrap_or(0));
        put(20, 3, ms);
        for (at, part) in [(5, month), (8, day), (11, hour), (14, minute), (17, second)] {
            put(at, 2, part.into());
        }
        let text = str::from_utf8(&text).unwrap_or_default();
        if ms != 0 {
            return f.write_str(text);
        }
        f.write_str(text.get(..SECONDS_TEXT).unwrap_or_default())?;
        f.write_str("Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        for days in (-1_000_000..3_000_000).step_by(97) {
            let (y, m, d) = civil_from_days(days);
            assert_eq!(days_from_civil(y, m, d), days, "{y}-{m}-{d}");
        }
        assert_eq!(civil_from_days(days_from_civil(2024, 2, 29)), (2024, 2, 29));
    }

    #[test]
    fn prints_rfc_3339() {
        let at = Timestamp::from_ms(1_795_471_850_994).expect("in range");
        assert_eq!(at.to_string(), "2026-11-23T22:10:50.994Z");
        assert_eq!(Timestamp::EPOCH.to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn refuses_what_cannot_be_written() {
        assert_eq!(Timestamp::from_ms(-1), None);
        assert_eq!(Timestamp::from_s(i64::MAX), None);
        assert_eq!(Timestamp::from_ms(Timestamp::MAX.as_ms() + 1), None);
    }
}
