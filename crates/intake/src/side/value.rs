//! The values that side tables, reports and aggregates are made of.

use jiff::tz::TimeZone;
use model::time::{DAY_MS, days_from_civil};
use model::tn::{ParseTnError, parse_tn};
use model::truth::TrustedSubject;
use model::{TelephoneNumber, Timestamp};

use crate::options::Options;
use crate::reject::{Fault, RejectCode};
use crate::time::{parse_time, parse_time_with};

/// Which end of a day a bare date stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DayEnd {
    /// Its first instant.
    Begin,
    /// The first instant of the next day.
    End,
}

/// Reads a time, or a bare date `YYYY-MM-DD`; `None` when empty. A date is a day of `options.tz`, of UTC where that is `None`.
pub(crate) fn time_or_date(
    text: &str,
    field: &'static str,
    end: DayEnd,
    options: &Options,
) -> Result<Option<Timestamp>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let Some((year, month, day)) = date(text) else {
        return parse_time(text.as_bytes(), field, options.tz.as_ref()).map(Some);
    };
    let days = days_from_civil(year, month, day) + i64::from(end == DayEnd::End);
    let Some(midnight) = days.checked_mul(DAY_MS).and_then(Timestamp::from_ms) else {
        return Err(Fault::new(RejectCode::BadTime, field, format!("`{text}` lies outside 1970 to 9999")));
    };
    let (year, month, day, ..) = midnight.civil();
    let tz = options.tz.clone().unwrap_or(TimeZone::UTC);
    let local = format!("{year:04}-{month:02}-{day:02} 00:00:00");
    parse_time_with(&local, "%Y-%m-%d %H:%M:%S", field, Some(&tz)).map(Some)
}

/// `YYYY-MM-DD` and nothing else.
pub(crate) fn date(text: &str) -> Option<(i64, u8, u8)> {
    if text.len() != 10 {
        return None;
    }
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || month.len() != 2 || parts.next().is_some() {
        return None;
    }
    let (year, month, day) = (year.parse::<i16>().ok()?, month.parse().ok()?, day.parse().ok()?);
    jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some((i64::from(year), month, day))
}

/// Reads a telephone number.
pub(crate) fn number(text: &str, field: &'static str, options: &Options) -> Result<TelephoneNumber, Fault> {
    parse_tn(text.as_bytes(), options.region).map_err(|error| match error {
        ParseTnError::Blank => Fault::missing(field),
        other => Fault::new(RejectCode::BadNumber, field, other.to_string()),
    })
}

/// Reads the leading digits of E.164 numbers, such as `+1215555` or `1215555`; a `*` or `x`s may stand for the rest.
pub(crate) fn prefix(text: &str, field: &'static str) -> Result<TrustedSubject, Fault> {
    let bad =
        || Fault::new(RejectCode::BadNumber, field, format!("`{text}` is not the leading digits of E.164 numbers"));
    let bare = text.trim_end_matches(['*', 'x', 'X']).trim_start_matches('+');
    let mut digits = 0u64;
    let mut len = 0u8;
    for c in bare.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')) {
        let digit = c.to_digit(10).ok_or_else(bad)?;
        digits = digits * 10 + u64::from(digit);
        len += 1;
        if u32::from(len) > model::tn::MAX_DIGITS {
            return Err(bad());
        }
    }
    if len == 0 || bare.starts_with('0') {
        return Err(bad());
    }
    Ok(TrustedSubject::Prefix { digits, len })
}

/// Reads what a row is about: its `tn` column or, where that is empty, its `prefix` column.
pub(crate) fn subject(tn: &str, leading: &str, options: &Options) -> Result<TrustedSubject, Fault> {
    match (tn, leading) {
        ("", "") => Err(Fault::missing("tn")),
        ("", leading) => prefix(leading, "prefix"),
        (tn, "") => number(tn, "tn", options).map(TrustedSubject::Number),
        _ => Err(Fault::new(RejectCode::BadValue, "prefix", "a row names a `tn` or a `prefix`, not both")),
    }
}

/// Reads a yes or no; `false` when empty.
pub(crate) fn yes(text: &str, field: &'static str) -> Result<bool, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "" | "false" | "no" | "n" | "0" => Ok(false),
        "true" | "yes" | "y" | "1" => Ok(true),
        _ => Err(Fault::new(RejectCode::BadValue, field, format!("`{text}` is neither true nor false"))),
    }
}

/// A fault for a word that is none of a closed set.
pub(crate) fn unknown_word<'a>(word: &str, field: &'static str, known: impl Iterator<Item = &'a str>) -> Fault {
    let known: Vec<&str> = known.collect();
    Fault::new(RejectCode::BadValue, field, format!("`{word}` is none of {}", known.join(", ")))
}
