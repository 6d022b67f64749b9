//! Reading times: RFC 3339, epoch seconds or milliseconds, and local times in a named zone.

use jiff::civil;
use jiff::tz::TimeZone;
use model::Timestamp;
use model::time::days_from_civil;

use crate::reject::{Fault, RejectCode};

/// Reads a time in any of the forms that records use:
/// RFC 3339 (a space may stand for the `T`), 10 digits of epoch seconds (with decimals or without), 13 digits of
/// milliseconds, 16 digits of microseconds; or, when `tz` names the zone, `YYYY-MM-DD HH:MM:SS` without one.
///
/// A local time that a change of clocks skips or repeats is read as the zone's rules before the change have it.
///
/// # Errors
/// `BAD_TIME` for anything else, `TIME_WITHOUT_ZONE` for a local time when `tz` is `None`.
pub fn parse_time(text: &[u8], field: &'static str, tz: Option<&TimeZone>) -> Result<Timestamp, Fault> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Err(Fault::missing(field));
    }
    if let Some(at) = epoch(text) {
        return Ok(at);
    }
    let Some((days, ms, rest)) = date_and_time(text) else {
        return Err(bad(field, text));
    };
    let local_ms = days * model::time::DAY_MS + ms;
    match offset_ms(rest) {
        Offset::Known(offset) => Timestamp::from_ms(local_ms - offset).ok_or_else(|| bad(field, text)),
        Offset::Absent => in_zone(local_ms, tz, field, text),
        Offset::Broken => Err(bad(field, text)),
    }
}

/// Reads a time by a `strptime` pattern (as `jiff::fmt::strtime` has them), in `tz` when the pattern reads no offset.
///
/// # Errors
/// `BAD_TIME` when the text does not fit the pattern, `TIME_WITHOUT_ZONE` when no zone is known.
pub fn parse_time_with(text: &str, pattern: &str, field: &str, tz: Option<&TimeZone>) -> Result<Timestamp, Fault> {
    let fault = |detail: String| Fault::new(RejectCode::BadTime, field.to_owned(), detail);
    let parsed = jiff::fmt::strtime::parse(pattern, text.trim())
        .map_err(|_| fault(format!("`{}` does not fit the time pattern `{pattern}`", text.trim())))?;
    let at = match (parsed.to_timestamp(), tz) {
        (Ok(at), _) => at,
        (Err(_), Some(tz)) => {
            let local = parsed.to_datetime().map_err(|_| fault(format!("`{text}` is not a whole date and time")))?;
            tz.to_zoned_datetime(local).map_err(|_| fault(format!("`{text}` lies outside the calendar")))?.timestamp()
        }
        (Err(_), None) => return Err(without_zone(field.to_owned(), text)),
    };
    Timestamp::from_ms(at.as_millisecond()).ok_or_else(|| fault(format!("`{text}` lies outside 1970 to 9999")))
}

/// Reads `Thu, 20 Nov 2026 14:02:11 +0000` (RFC 5322 §3.3).
///
/// # Errors
/// `BAD_TIME` for anything else.
pub fn parse_rfc_2822(text: &str, field: &'static str) -> Result<Timestamp, Fault> {
    let at = jiff::fmt::rfc2822::parse(text.trim()).map_err(|_| bad(field, text.as_bytes()))?;
    Timestamp::from_ms(at.timestamp().as_millisecond()).ok_or_else(|| bad(field, text.as_bytes()))
}

fn in_zone(local_ms: i64, tz: Option<&TimeZone>, field: &'static str, text: &[u8]) -> Result<Timestamp, Fault> {
    let Some(tz) = tz else {
        return Err(without_zone(field, &String::from_utf8_lossy(text)));
    };
    let local = civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0)
        .checked_add(jiff::SignedDuration::from_millis(local_ms))
        .map_err(|_| bad(field, text))?;
    let zoned = tz.to_zoned_datetime(local).map_err(|_| bad(field, text))?;
    Timestamp::from_ms(zoned.timestamp().as_millisecond()).ok_or_else(|| bad(field, text))
}

fn bad(field: &'static str, text: &[u8]) -> Fault {
    let text = String::from_utf8_lossy(text.get(..text.len().min(40)).unwrap_or_default());
    let detail = format!("`{text}` is not a time: RFC 3339, epoch seconds (10 digits) or milliseconds (13)");
    Fault::new(RejectCode::BadTime, field, detail)
}

fn without_zone(field: impl Into<std::borrow::Cow<'static, str>>, text: &str) -> Fault {
    let detail = format!("`{text}` names no zone: give one with --tz, such as --tz America/New_York or --tz UTC");
    Fault::new(RejectCode::TimeWithoutZone, field, detail)
}

/// 10 digits of seconds, 13 of milliseconds, 16 of microseconds; seconds may have decimals.
fn epoch(text: &[u8]) -> Option<Timestamp> {
    let (whole, fraction) = match memchr::memchr(b'.', text) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, &b""[..]),
    };
    let value = digits(whole)?;
    match (whole.len(), fraction.is_empty()) {
        (10, true) => Timestamp::from_ms(value * 1000),
        (10, false) => Timestamp::from_ms(value * 1000 + fraction_ms(fraction)?),
        (13, true) => Timestamp::from_ms(value),
        (16, true) => Timestamp::from_ms(value / 1000),
        _ => None,
    }
}

fn digits(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 17 {
        return None;
    }
    let mut value = 0i64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(value)
}

/// The first three decimals as milliseconds; the rest is cut off.
fn fraction_ms(text: &[u8]) -> Option<i64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut ms = 0;
    for place in 0..3 {
        ms = ms * 10 + text.get(place).map_or(0, |&b| i64::from(b - b'0'));
    }
    Some(ms)
}

/// `YYYY-MM-DD[T ]HH:MM:SS[.fff…]`: days since the epoch, milliseconds of the day, and what follows.
fn date_and_time(text: &[u8]) -> Option<(i64, i64, &[u8])> {
    let part = |from: usize, to: usize| text.get(from..to).and_then(digits);
    let punctuation = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    if punctuation.iter().any(|&(at, byte)| text.get(at) != Some(&byte)) || !matches!(text.get(10)?, b'T' | b't' | b' ')
    {
        return None;
    }
    let (year, month, day) = (part(0, 4)?, u8::try_from(part(5, 7)?).ok()?, u8::try_from(part(8, 10)?).ok()?);
    let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
    if !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut ms = ((hour * 60 + minute) * 60 + second.min(59)) * 1000;
    if let [b'.' | b',', after @ ..] = rest {
        let len = after.iter().take_while(|b| b.is_ascii_digit()).count();
        ms += fraction_ms(after.get(..len)?)?;
        rest = after.get(len..)?;
    }
    Some((days_from_civil(year, month, day), ms, rest))
}

const fn days_in(year: i64, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

enum Offset {
    Known(i64),
    Absent,
    Broken,
}

/// `Z`, `+HH:MM`, `+HHMM`, `+HH`, ` UTC`, or nothing.
fn offset_ms(text: &[u8]) -> Offset {
    let text = text.trim_ascii();
    let (sign, rest) = match text {
        [] => return Offset::Absent,
        b"Z" | b"z" | b"UTC" | b"GMT" => return Offset::Known(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return Offset::Broken,
    };
    let (hours, minutes) = match rest.len() {
        2 => (rest.get(..2), Some(&b"00"[..])),
        4 => (rest.get(..2), rest.get(2..)),
        5 if rest.get(2) == Some(&b':') => (rest.get(..2), rest.get(3..)),
        _ => return Offset::Broken,
    };
    match (hours.and_then(digits), minutes.and_then(digits)) {
        (Some(h), Some(m)) if h < 24 && m < 60 => Offset::Known(sign * (h * 60 + m) * 60_000),
        _ => Offset::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, tz: Option<&str>, expect: Result<&str, RejectCode>) {
        let tz = tz.map(|name| TimeZone::get(name).expect("a zone"));
        let got = parse_time(text.as_bytes(), "start", tz.as_ref());
        match (got, expect) {
            (Ok(at), Ok(want)) => assert_eq!(at.to_string(), want, "{text}"),
            (Err(fault), Err(code)) => assert_eq!(fault.code, code, "{text}"),
            (got, want) => panic!("{text}: {got:?}, expected {want:?}"),
        }
    }

    #[test]
    fn forms() {
        check("2026-11-20T14:02:11Z", None, Ok("2026-11-20T14:02:11Z"));
        check("2026-11-20 14:02:11.5-05:00", None, Ok("2026-11-20T19:02:11.500Z"));
        check("2026-11-20T14:02:11+0530", None, Ok("2026-11-20T08:32:11Z"));
        check("1795471850", None, Ok("2026-11-23T22:10:50Z"));
        check("1795471850.9943089", None, Ok("2026-11-23T22:10:50.994Z"));
        check("1795471850994", None, Ok("2026-11-23T22:10:50.994Z"));
        check("2026-11-20 14:02:11", Some("America/New_York"), Ok("2026-11-20T19:02:11Z"));
        check("2026-07-20 14:02:11", Some("America/New_York"), Ok("2026-07-20T18:02:11Z"));
    }

    #[test]
    fn refusals() {
        check("", None, Err(RejectCode::MissingField));
        check("2026-11-20 14:02:11", None, Err(RejectCode::TimeWithoutZone));
        check("2026-02-30T14:02:11Z", None, Err(RejectCode::BadTime));
        check("20/11/2026 14:02", None, Err(RejectCode::BadTime));
        check("17954718", None, Err(RejectCode::BadTime));
        check("2026-11-20T14:02:11 somewhere", None, Err(RejectCode::BadTime));
    }
}
