//! The fast way through plain CSV: no quotes, times in epoch seconds, North American numbers.
//!
//! Anything else on a line sends that line through the careful reader, so that both ways yield the same records.

use model::{CallOutcome, Observable, Outcome, Strength, TelephoneNumber, Timestamp};

use crate::disposition::q850_outcome;
use crate::options::Options;
use crate::output::{Dialect, Output, PlainCall, read_record};
use crate::value::decimal_ms;

use super::fields::Field;

/// The longest talk or ring time that is read the fast way, in seconds: 7 days.
const MAX_SPAN_S: u32 = 604_800;
/// Q.850 causes, and one more for none.
const CAUSES: usize = 129;
/// What is known of the answer: nothing, no, yes.
const ANSWERS: usize = 3;

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
    if !fits || options.region.is_some_and(|region| region != model::Region::US) {
        return false;
    }
    let outcomes = Outcomes::new();
    let before = out.taken();
    let mut quotes = None;
    let mut line = 0;
    let mut rest = block;
    while !rest.is_empty() {
        line += 1;
        if let Some((call, after)) = read_line(columns, &outcomes, rest) {
            out.take_plain(call);
            rest = after;
            continue;
        }
        // A quote never passes for plain, so the first line that does not is early enough to look for one.
        if *quotes.get_or_insert_with(|| memchr::memchr(b'"', block).is_some()) {
            out.untake(before);
            return false;
        }
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let (record, after) = rest.split_at(len);
        rest = after.get(1..).unwrap_or_default();
        read_record(dialect, line, record.strip_suffix(b"\r").unwrap_or(record), out);
    }
    out.lines += line;
    true
}

/// What each cause says, by what is known of the answer.
struct Outcomes([[Option<(Outcome, Observable)>; ANSWERS]; CAUSES]);

impl Outcomes {
    fn new() -> Self {
        let mut outcomes = [[None; ANSWERS]; CAUSES];
        for (row, cause) in outcomes.iter_mut().zip(0..) {
            for (outcome, answered) in row.iter_mut().zip([None, Some(false), Some(true)]) {
                *outcome = q850_outcome(cause, None, answered);
            }
        }
        if let Some([.., answered]) = outcomes.last_mut() {
            *answered = Some((Outcome::new(CallOutcome::Answered, Strength::Strong), Observable::ALL));
        }
        Self(outcomes)
    }

    /// `None` when the careful way must tell.
    fn get(&self, cause: Option<u32>, talk_ms: Option<u32>) -> Option<(Outcome, Observable)> {
        let row = cause.map_or(CAUSES - 1, |cause| cause as usize);
        let answer = talk_ms.map_or(0, |ms| 1 + usize::from(ms > 0));
        *self.0.get(row)?.get(answer)?
    }
}

/// Reads the first line of `bytes`; tells what lies behind it. `None` when the careful way must.
#[inline]
fn read_line<'a>(columns: &[Option<Field>], outcomes: &Outcomes, bytes: &'a [u8]) -> Option<(PlainCall, &'a [u8])> {
    let (mut start, mut orig, mut dest) = (None, None, None);
    let (mut talk_ms, mut ring_ms, mut cause) = (None, None, None);
    let mut rest = bytes;
    let mut others = columns;
    let mut between = false;
    if let [Some(Field::Start), Some(Field::Orig), Some(Field::Dest), behind @ ..] = columns
        && let Some((head, after)) = take_head(bytes)
    {
        (start, orig, dest) = (Some(head.0), Some(head.1), Some(head.2));
        (others, rest, between) = (behind, after, true);
    }
    for column in others {
        if between {
            rest = rest.strip_prefix(b",")?;
        }
        between = true;
        rest = match column {
            Some(Field::Start) => take(&mut start, take_start(rest)?),
            Some(Field::Orig) => take(&mut orig, take_number(rest)?),
            Some(Field::Dest) => take(&mut dest, take_number(rest)?),
            Some(Field::TalkS) => take(&mut talk_ms, take_span(rest)?),
            Some(Field::RingS) => take(&mut ring_ms, take_span(rest)?),
            Some(Field::Q850) => take(&mut cause, take_cause(rest)?),
            Some(_) => return None,
            None => skip(rest)?,
        };
    }
    rest = match rest {
        [b'\n', after @ ..] | [b'\r', b'\n', after @ ..] => after,
        [] | [b'\r'] => &[],
        _ => return None,
    };
    let (outcome, observable) = outcomes.get(cause, talk_ms)?;
    let call = PlainCall {
        at: start?,
        orig: orig?,
        dest: dest?,
        outcome,
        observable,
        ring_ms,
        talk_ms: if outcome.class == CallOutcome::Answered { talk_ms } else { None },
    };
    Some((call, rest))
}

#[inline]
fn take<'a, T>(into: &mut Option<T>, (value, rest): (Option<T>, &'a [u8])) -> &'a [u8] {
    *into = value;
    rest
}

/// Passes over a field that nobody reads. The careful reader asks for UTF-8 in every column.
fn skip(bytes: &[u8]) -> Option<&[u8]> {
    let len = bytes.iter().position(|&b| matches!(b, b',' | b'\n' | b'\r')).unwrap_or(bytes.len());
    let (field, rest) = bytes.split_at_checked(len)?;
    (field.is_ascii() && memchr::memchr(b'"', field).is_none()).then_some(rest)
}

/// When a call was placed, by whom, to whom.
type Head = (Timestamp, TelephoneNumber, TelephoneNumber);

/// A call's start and ends where they come first, without `+`: each digit's place is known beforehand.
#[inline]
fn take_head(bytes: &[u8]) -> Option<(Head, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<34>()?;
    let (start, ends) = head.split_first_chunk::<10>()?;
    let (orig, dest) = ends.split_first_chunk::<12>()?;
    let number = |end: &[u8; 12]| match end {
        [b',', b'1', national @ ..] => TelephoneNumber::from_digits(10_000_000_000 + ten_digits(national)?),
        _ => None,
    };
    let at = Timestamp::from_s(i64::try_from(ten_digits(start)?).ok()?)?;
    Some(((at, number(orig)?, number(dest.first_chunk()?)?), rest))
}

/// Ten digits of epoch seconds.
#[inline]
fn take_start(bytes: &[u8]) -> Option<(Option<Timestamp>, &[u8])> {
    let (digits, rest) = bytes.split_first_chunk::<10>()?;
    Some((Timestamp::from_s(i64::try_from(ten_digits(digits)?).ok()?), rest))
}

/// `+1NXXNXXXXXX` or `1NXXNXXXXXX`.
#[inline]
fn take_number(bytes: &[u8]) -> Option<(Option<TelephoneNumber>, &[u8])> {
    let bytes = bytes.strip_prefix(b"+").unwrap_or(bytes);
    let (digits, rest) = bytes.strip_prefix(b"1")?.split_first_chunk::<10>()?;
    Some((TelephoneNumber::from_digits(10_000_000_000 + ten_digits(digits)?), rest))
}

/// Decimal seconds, or nothing.
#[inline]
fn take_span(bytes: &[u8]) -> Option<(Option<u32>, &[u8])> {
    let (value, len) = leading_digits(bytes)?;
    let rest = bytes.get(len..)?;
    if rest.first() == Some(&b'.') {
        let len = bytes.iter().position(|b| !matches!(b, b'0'..=b'9' | b'.')).unwrap_or(bytes.len());
        let (field, rest) = bytes.split_at_checked(len)?;
        return Some((Some(decimal_ms(field)?), rest));
    }
    if value > MAX_SPAN_S {
        return None;
    }
    Some(((len > 0).then_some(value * 1000), rest))
}

/// A Q.850 cause, or nothing.
#[inline]
fn take_cause(bytes: &[u8]) -> Option<(Option<u32>, &[u8])> {
    let (value, len) = leading_digits(bytes)?;
    if len > 3 || value > 127 {
        return None;
    }
    Some(((len > 0).then_some(value), bytes.get(len..)?))
}

const ZEROS: u64 = 0x3030_3030_3030_3030;
const TOP_BITS: u64 = 0x8080_8080_8080_8080;

/// Eight characters as digits 0 to 9, one a byte, the first lowest; and a mask whose top bits tell which bytes are none. The
/// lowest such bit is exact.
const fn digit_bytes(bytes: [u8; 8]) -> (u64, u64) {
    let digits = u64::from_le_bytes(bytes) ^ ZEROS;
    (digits, (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & TOP_BITS)
}

/// The number that eight digits make: neighbours are joined to pairs, to fours, to eight.
const fn join_digits(digits: u64) -> u32 {
    const PAIRS: u64 = 0x0000_00ff_0000_00ff;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let high = (pairs & PAIRS).wrapping_mul(100 + (1_000_000 << 32));
    let low = ((pairs >> 16) & PAIRS).wrapping_mul(1 + (10_000 << 32));
    (high.wrapping_add(low) >> 32) as u32
}

#[inline]
fn ten_digits(bytes: &[u8; 10]) -> Option<u64> {
    let [eight @ .., tens, ones] = bytes;
    let (digits, others) = digit_bytes(*eight);
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if others != 0 || tens > 9 || ones > 9 {
        return None;
    }
    Some(u64::from(join_digits(digits)) * 100 + u64::from(tens) * 10 + u64::from(ones))
}

/// The number that the digits at the beginning make, and how many there are; `None` for eight or more.
#[inline]
fn leading_digits(bytes: &[u8]) -> Option<(u32, usize)> {
    let Some(eight) = bytes.first_chunk::<8>() else {
        let len = bytes.iter().position(|b| !b.is_ascii_digit()).unwrap_or(bytes.len());
        let value = bytes.iter().take(len).fold(0, |value, &b| value * 10 + u32::from(b - b'0'));
        return Some((value, len));
    };
    let (digits, others) = digit_bytes(*eight);
    // Without a branch on the length, which differs from line to line: the digits move up behind zeros.
    let bits = others.trailing_zeros() & !7;
    if bits == 64 {
        return None;
    }
    Some((join_digits((digits << 8) << (56 - bits)), (bits / 8) as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_joined() {
        assert_eq!(ten_digits(b"9876543210"), Some(9_876_543_210));
        for other in [b"/876543210", b"987654321:", b"98765\xb03210"] {
            assert_eq!(ten_digits(other), None);
        }
        for (text, expect) in [
            ("", (0, 0)),
            (",12345678", (0, 0)),
            ("7,123456", (7, 1)),
            ("0123,567", (123, 4)),
            ("1234567,", (1_234_567, 7)),
            ("42", (42, 2)),
            ("1234567", (1_234_567, 7)),
        ] {
            assert_eq!(leading_digits(text.as_bytes()), Some(expect), "{text}");
        }
        assert_eq!(leading_digits(b"12345678"), None);
    }
}
