//! Durations as exports write them.

use crate::reject::{Fault, RejectCode};
use crate::value::decimal_ms;

use super::file::Unit;

/// Reads a duration as milliseconds; `None` when empty or a dash.
///
/// # Errors
/// `BAD_VALUE` for anything that is not written in `unit`, or longer than seven days.
pub(super) fn read(text: &str, unit: Unit, field: &'static str) -> Result<Option<u32>, Fault> {
    if matches!(text, "" | "-" | "--") {
        return Ok(None);
    }
    let ms = match unit {
        Unit::Auto if text.contains(':') => clock(text, 2).or_else(|| clock(text, 3)),
        Unit::Auto | Unit::Seconds => decimal_ms(text.as_bytes()),
        Unit::Milliseconds => {
            decimal_ms(text.as_bytes()).map(|thousandfold| thousandfold / 1000).or_else(|| whole(text))
        }
        Unit::Minutes => decimal_ms(text.as_bytes()).and_then(|ms| ms.checked_mul(60)),
        Unit::MinutesSeconds => clock(text, 2),
        Unit::HoursMinutesSeconds => clock(text, 3),
    };
    ms.filter(|&ms| ms <= MAX_MS).map(Some).ok_or_else(|| {
        let expected = match unit {
            Unit::Auto => "seconds, mm:ss or h:mm:ss",
            Unit::Seconds => "seconds",
            Unit::Milliseconds => "milliseconds",
            Unit::Minutes => "minutes",
            Unit::MinutesSeconds => "mm:ss",
            Unit::HoursMinutesSeconds => "h:mm:ss",
        };
        Fault::new(RejectCode::BadValue, field, format!("`{text}` is not a duration of at most 7 days in {expected}"))
    })
}

/// Seven days.
const MAX_MS: u32 = 7 * 24 * 3_600_000;

/// Whole milliseconds beyond what fits as seconds.
fn whole(text: &str) -> Option<u32> {
    text.parse().ok()
}

/// `mm:ss` (two parts) or `h:mm:ss` (three); the last may have decimals, the first may be large.
fn clock(text: &str, parts: usize) -> Option<u32> {
    let fields: Vec<&str> = text.split(':').map(str::trim).collect();
    if fields.len() != parts {
        return None;
    }
    let (&seconds, rest) = fields.split_last()?;
    let seconds = decimal_ms(seconds.as_bytes()).filter(|&ms| ms < 60_000)?;
    let mut minutes = 0u32;
    for (place, field) in rest.iter().enumerate() {
        let value: u32 = field.parse().ok()?;
        if place > 0 && value > 59 {
            return None;
        }
        minutes = minutes.checked_mul(60)?.checked_add(value)?;
    }
    minutes.checked_mul(60_000)?.checked_add(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, unit: Unit, expect: Option<u32>) {
        assert_eq!(read(text, unit, "talk").ok().flatten(), expect, "{text} {unit:?}");
    }

    #[test]
    fn units() {
        check("6", Unit::Auto, Some(6000));
        check("1.205", Unit::Seconds, Some(1205));
        check("0:06", Unit::Auto, Some(6000));
        check("00:01:06", Unit::Auto, Some(66_000));
        check("90:00", Unit::MinutesSeconds, Some(5_400_000));
        check("1:02:03.5", Unit::HoursMinutesSeconds, Some(3_723_500));
        check("6200", Unit::Milliseconds, Some(6200));
        check("604800000", Unit::Milliseconds, Some(604_800_000));
        check("0.1", Unit::Minutes, Some(6000));
        check("", Unit::Auto, None);
    }

    #[test]
    fn refusals() {
        for (text, unit) in [
            ("1:60", Unit::MinutesSeconds),
            ("1:75:00", Unit::HoursMinutesSeconds),
            ("1:02:03", Unit::MinutesSeconds),
            ("six", Unit::Seconds),
            ("604800001", Unit::Milliseconds),
            ("-4", Unit::Auto),
        ] {
            assert_eq!(read(text, unit, "talk").expect_err(text).code, RejectCode::BadValue, "{text}");
        }
    }
}
