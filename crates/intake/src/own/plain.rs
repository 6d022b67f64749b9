//! The fast way through plain CSV: no quotes, times in epoch seconds, North American numbers.
//!
//! Anything else on a line sends that line through the careful reader, so that both ways yield the same records.

use model::{CallOutcome, CallRecord, Observable, Outcome, Party, Strength, TelephoneNumber, Timestamp};

use crate::disposition::q850_outcome;
use crate::options::Options;
use crate::output::{Dialect, Output, read_record};
use crate::value::decimal_ms;

use super::fields::Field;

/// The fields that the fast way understands.
const fn is_plain(field: Option<Field>) -> bool {
    matches!(field, None | Some(Field::Start | Field::Orig | Field::Dest | Field::TalkS | Field::RingS | Field::Q850))
}

/// Reads a block the fast way; false when its columns or a quote in it need the careful way throughout.
pub(super) fn read(
    dialect: &dyn Dialect,
    columns: &[Option<Field>],
    options: &Options,
    block: &[u8],
    out: &mut Output,
) -> bool {
    let fits = columns.iter().all(|&field| is_plain(field)) && columns.contains(&Some(Field::Q850));
    if !fits
        || options.region.is_some_and(|region| region != model::Region::US)
        || memchr::memchr(b'"', block).is_some()
    {
        return false;
    }
    let mut line = 0;
    let mut rest = block;
    while !rest.is_empty() {
        line += 1;
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let (record, after) = rest.split_at(len);
        rest = after.get(1..).unwrap_or_default();
        let record = record.strip_suffix(b"\r").unwrap_or(record);
        match read_line(columns, record) {
            Some(call) => out.calls.push(call),
            None => read_record(dialect, line, record, out),
        }
    }
    out.lines += line;
    true
}

#[derive(Default)]
struct Line {
    start: Option<Timestamp>,
    orig: Option<TelephoneNumber>,
    dest: Option<TelephoneNumber>,
    talk_ms: Option<u32>,
    ring_ms: Option<u32>,
    cause: Option<u16>,
}

/// Reads one line; `None` when the careful way must.
fn read_line(columns: &[Option<Field>], record: &[u8]) -> Option<CallRecord> {
    let mut line = Line::default();
    let mut rest = Some(record);
    for column in columns {
        let text = rest?;
        let len = text.iter().position(|&b| b == b',');
        let (field, after) = match len {
            Some(len) => (text.get(..len)?, text.get(len + 1..)),
            None => (text, None),
        };
        rest = after;
        let Some(column) = column else {
            // The careful reader asks for UTF-8 in every column, read or not.
            if field.is_ascii() {
                continue;
            }
            return None;
        };
        match column {
            Field::Start => line.start = Some(start(field)?),
            Field::Orig => line.orig = Some(number(field)?),
            Field::Dest => line.dest = Some(number(field)?),
            Field::TalkS if !field.is_empty() => line.talk_ms = Some(decimal_ms(field)?),
            Field::RingS if !field.is_empty() => line.ring_ms = Some(decimal_ms(field)?),
            Field::Q850 if !field.is_empty() => line.cause = Some(small(field)?),
            Field::TalkS | Field::RingS | Field::Q850 => {}
            _ => return None,
        }
    }
    if rest.is_some_and(|beyond| !beyond.is_ascii()) {
        return None;
    }
    call(&line)
}

fn call(line: &Line) -> Option<CallRecord> {
    let answered = line.talk_ms.map(|ms| ms > 0);
    let (outcome, observable) = match (line.cause, answered) {
        (Some(cause), _) => q850_outcome(cause, None, answered)?,
        (None, Some(true)) => (Outcome::new(CallOutcome::Answered, Strength::Strong), Observable::ALL),
        (None, Some(false) | None) => return None,
    };
    Some(CallRecord {
        key: None,
        at: line.start?,
        known_at: None,
        orig: Party::Number(line.orig?),
        dest: Party::Number(line.dest?),
        direction: None,
        carrier: None,
        outcome,
        observable,
        ring_ms: line.ring_ms,
        talk_ms: line.talk_ms.filter(|_| outcome.class == CallOutcome::Answered),
        hangup_by: None,
        attestation: None,
        redress: None,
    })
}

/// Ten digits of epoch seconds.
fn start(field: &[u8]) -> Option<Timestamp> {
    (field.len() == 10).then(|| digits(field)).flatten().and_then(|s| Timestamp::from_s(i64::try_from(s).ok()?))
}

/// `+1NXXNXXXXXX` or `1NXXNXXXXXX`.
fn number(field: &[u8]) -> Option<TelephoneNumber> {
    let field = field.strip_prefix(b"+").unwrap_or(field);
    if field.len() != 11 || field.first() != Some(&b'1') {
        return None;
    }
    TelephoneNumber::from_digits(digits(field)?)
}

fn small(field: &[u8]) -> Option<u16> {
    (field.len() <= 3).then(|| digits(field)).flatten().and_then(|v| u16::try_from(v).ok()).filter(|&v| v <= 127)
}

fn digits(field: &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for &byte in field {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value)
}
