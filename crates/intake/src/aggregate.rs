//! Totals per number, for sources that keep no single calls: CSV by header, the fields of `docs/reference/records.md`.

use model::{Aggregate, Timestamp};

use crate::format::{Head, OpenError, Opened};
use crate::frame::Framing;
use crate::options::Options;
use crate::output::{Dialect, Output};
use crate::reject::{Fault, RejectCode};
use crate::side::table::{Header, Row};
use crate::side::value::{DayEnd, number, time_or_date};

const COLUMNS: [&str; 16] = [
    "tn",
    "from",
    "to",
    "attempts",
    "answered",
    "short",
    "invalid",
    "unanswered",
    "busy",
    "declined",
    "distinct_dest",
    "first_calls",
    "talk_s",
    "reports",
    "blocked",
    "unwanted",
];

/// The largest count that is believed. Chosen: a thousand calls a second for three months.
const MAX_COUNT: u64 = 10_000_000_000;

/// Tells whether a header line is that of aggregates.
pub(crate) fn detect(head: &Head<'_>) -> bool {
    let header = Header::read(head.first);
    header.has("tn") && header.has("attempts")
}

/// Opens a file of aggregates.
///
/// # Errors
/// `MissingColumn` without `tn` or `attempts`.
pub(crate) fn open(head: &Head<'_>, options: &Options) -> Result<Opened, OpenError> {
    let header = Header::read(head.first);
    header.need(&["tn", "attempts"], "aggregates")?;
    let ignored = header.ignored(&COLUMNS);
    let dialect = Box::new(Aggregates { header, options: options.clone() });
    Ok(Opened { dialect, skip: head.header_len(), skip_lines: 1, ignored })
}

struct Aggregates {
    header: Header,
    options: Options,
}

impl Dialect for Aggregates {
    fn framing(&self) -> Framing {
        Framing::Csv
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        let row = self.header.row(record)?;
        let aggregate = read(&row, &self.options)?;
        check(&aggregate)?;
        out.aggregates.push(aggregate);
        Ok(())
    }
}

fn read(row: &Row<'_>, options: &Options) -> Result<Aggregate, Fault> {
    let number_of = |field| count(row.get(field), field);
    let attempts = number_of("attempts")?.ok_or_else(|| Fault::missing("attempts"))?;
    let time = |field, end| time_or_date(row.get(field), field, end, options);
    Ok(Aggregate {
        tn: number(row.get("tn"), "tn", options)?,
        from: time("from", DayEnd::Begin)?,
        to: time("to", DayEnd::End)?,
        attempts,
        answered: number_of("answered")?,
        short: number_of("short")?,
        invalid: number_of("invalid")?,
        unanswered: number_of("unanswered")?,
        busy: number_of("busy")?,
        declined: number_of("declined")?,
        distinct_dest: number_of("distinct_dest")?,
        first_calls: number_of("first_calls")?,
        talk_ms: talk_ms(row.get("talk_s"))?,
        reports: number_of("reports")?,
        blocked: number_of("blocked")?,
        unwanted: number_of("unwanted")?,
    })
}

/// A whole number; `None` when empty. `12.0`, as spreadsheets write it, is one.
fn count(text: &str, field: &'static str) -> Result<Option<u64>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
        Some(_) | None => text,
    };
    match whole.parse::<u64>() {
        Ok(value) if value <= MAX_COUNT => Ok(Some(value)),
        Ok(_) | Err(_) => {
            let detail = format!("`{text}` is not a whole number from 0 to {MAX_COUNT}");
            Err(Fault::new(RejectCode::BadValue, field, detail))
        }
    }
}

/// Seconds, with decimals or without, as milliseconds; `None` when empty.
fn talk_ms(text: &str) -> Result<Option<u64>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let ms = (decimals.bytes().all(|b| b.is_ascii_digit()) && decimals.len() <= 9)
        .then(|| format!("{decimals:0<3}").get(..3).and_then(|d| d.parse::<u64>().ok()))
        .flatten()
        .zip(whole.parse::<u64>().ok())
        .and_then(|(ms, s)| s.checked_mul(1000)?.checked_add(ms));
    match ms {
        Some(ms) => Ok(Some(ms)),
        None => Err(Fault::new(RejectCode::BadValue, "talk_s", format!("`{text}` is not decimal seconds"))),
    }
}

/// Refuses totals that cannot hold together.
fn check(row: &Aggregate) -> Result<(), Fault> {
    if let (Some(from), Some(to)) = (row.from, row.to)
        && to <= from
    {
        return Err(span(from, to));
    }
    let attempts = Some(row.attempts);
    let rules = [
        ("answered", row.answered, "attempts", attempts),
        ("short", row.short, "answered", row.answered.or(attempts)),
        ("invalid", row.invalid, "attempts", attempts),
        ("unanswered", row.unanswered, "attempts", attempts),
        ("busy", row.busy, "attempts", attempts),
        ("declined", row.declined, "attempts", attempts),
        ("distinct_dest", row.distinct_dest, "attempts", attempts),
        ("first_calls", row.first_calls, "distinct_dest", row.distinct_dest.or(attempts)),
        ("blocked", row.blocked, "attempts", attempts),
        ("unwanted", row.unwanted, "attempts", attempts),
    ];
    for (field, part, whole_field, whole) in rules {
        if let (Some(part), Some(whole)) = (part, whole)
            && part > whole
        {
            let detail = format!("{part} {field} exceed {whole} {whole_field}");
            return Err(Fault::new(RejectCode::BadValue, field, detail));
        }
    }
    let apart = [row.answered, row.invalid, row.busy, row.declined].into_iter().flatten().sum::<u64>();
    if apart > row.attempts {
        let detail =
            format!("answered, invalid, busy and declined add up to {apart}, beyond {} attempts", row.attempts);
        return Err(Fault::new(RejectCode::BadValue, "attempts", detail));
    }
    if row.answered == Some(0) && row.talk_ms.is_some_and(|ms| ms > 0) {
        return Err(Fault::new(RejectCode::BadValue, "talk_s", "talk time without an answered call"));
    }
    Ok(())
}

fn span(from: Timestamp, to: Timestamp) -> Fault {
    Fault::new(RejectCode::BadTime, "to", format!("the span ends at {to}, which is not after its begin {from}"))
}

#[cfg(test)]
mod tests;
