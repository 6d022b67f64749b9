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
/// None, and the Q.850 causes.
const CAUSES: usize = 129;
/// What is known of the answer: nothing, no, yes.
const ANSWERS: usize = 3;

/// The columns of the plainest file: those that a switch gives.
const FIVE: [Option<Field>; 5] =
    [Some(Field::Start), Some(Field::Orig), Some(Field::Dest), Some(Field::TalkS), Some(Field::Q850)];

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
    let five = columns == FIVE;
    let before = out.taken();
    let mut quotes = None;
    let mut line = 0;
    let mut rest = block;
    while !rest.is_empty() {
        line += 1;
        let taken = if five { take_five(&outcomes, rest) } else { None };
        if let Some((call, after)) = taken.or_else(|| read_line(columns, &outcomes, rest)) {
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
        let (none, causes) = outcomes.split_at_mut(1);
        for (row, cause) in causes.iter_mut().zip(0..) {
            for (outcome, answered) in row.iter_mut().zip([None, Some(false), Some(true)]) {
                *outcome = q850_outcome(cause, None, answered);
            }
        }
        if let Some([.., answered]) = none.first_mut() {
            *answered = Some((Outcome::new(CallOutcome::Answered, Strength::Strong), Observable::ALL));
        }
        Self(outcomes)
    }

    /// `None` when the careful way must tell.
    fn get(&self, cause: Option<u32>, talk_ms: Option<u32>) -> Option<(Outcome, Observable)> {
        self.at(cause.map_or(0, |cause| cause + 1), talk_ms.map_or(0, |ms| 1 + u32::from(ms > 0)))
    }

    /// As [`Outcomes::get`], by the cause plus one, 0 for none, and the place of the answer.
    #[inline]
    fn at(&self, place: u32, answer: u32) -> Option<(Outcome, Observable)> {
        *self.0.get(place as usize)?.get(answer as usize)?
    }
}

/// Reads the first line of `bytes` where the columns are [`FIVE`]; tells what lies behind it. `None` when it is not of the
/// usual shape: whole seconds of at most four digits, and no more than eight characters behind the called number.
///
/// No branch hangs on what differs from line to line.
#[inline]
fn take_five<'a>(outcomes: &Outcomes, bytes: &'a [u8]) -> Option<(PlainCall, &'a [u8])> {
    const COMMA: u8 = b',' ^ b'0';
    let ((at, orig, dest), rest) = take_head(bytes)?;
    let rest = rest.strip_prefix(b",")?;
    let (digits, others) = digit_bytes(*rest.first_chunk()?);
    // The bits at which the talk time and the cause end. The second is exact, too, since a comma carries nothing on.
    let talk_end = others.trailing_zeros() & !7;
    let behind = others & others.wrapping_sub(1);
    let end = behind.trailing_zeros() & !7;
    let cause_bits = end - talk_end;
    if behind == 0 || talk_end > 32 || cause_bits > 32 || (digits >> talk_end) as u8 != COMMA {
        return None;
    }
    // Each moves up behind zeros in a half of its own.
    let talk = (digits << (32 - talk_end)) & u64::from(u32::MAX);
    let cause = (digits >> talk_end >> 8 << 8) << (64 - cause_bits);
    let (talk_s, cause) = join_halves(talk | cause);
    let after = match rest.get((end / 8) as usize..)? {
        [b'\n', after @ ..] | [b'\r', b'\n', after @ ..] => after,
        _ => return None,
    };
    let has_talk = talk_end > 0;
    let place = (cause + 1) * u32::from(cause_bits > 8);
    let (outcome, observable) = outcomes.at(place, u32::from(has_talk) + u32::from(talk_s > 0))?;
    let talk_ms = (has_talk & (outcome.class == CallOutcome::Answered)).then_some(talk_s * 1000);
    Some((PlainCall { at, orig, dest, outcome, observable, ring_ms: None, talk_ms }, after))
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

/// The two numbers that four digits each make.
const fn join_halves(digits: u64) -> (u32, u32) {
    const PAIRS: u64 = 0x00ff_00ff_00ff_00ff;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & PAIRS;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16);
    ((fours & 0xffff) as u32, (fours >> 32 & 0xffff) as u32)
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
    use proptest::prelude::*;

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

    /// A line of five columns, usual or not, and what follows it.
    fn five() -> impl Strategy<Value = String> {
        let number = "\\+?1215555010[0-9]";
        let usual = (number, number, "[0-9]{0,4}", "[0-9]{0,3}", "\r?\n").prop_map(|(orig, dest, talk, cause, end)| {
            format!("1709510400,{orig},{dest},{talk},{cause}{end}1709510401,12155550112,12155550113,1,16\n")
        });
        let unusual = ("[0-9]{9,11}", "[0-9+]{0,12}", "[0-9.,\"-]{0,9}", "[0-9\r\n,é]{0,9}")
            .prop_map(|(start, orig, talk, rest)| format!("{start},{orig},12155550112,{talk},{rest}"));
        prop_oneof![usual, unusual]
    }

    proptest! {
        #[test]
        fn five_columns_are_read_as_any_others(line in five(), at in any::<prop::sample::Index>(), byte: u8) {
            let outcomes = Outcomes::new();
            let mut bytes = line.into_bytes();
            for _ in 0..2 {
                if let Some(taken) = take_five(&outcomes, &bytes) {
                    prop_assert_eq!(read_line(&FIVE, &outcomes, &bytes), Some(taken));
                }
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
    }

    #[test]
    fn the_usual_five_columns_take_the_shortest_way() {
        let outcomes = Outcomes::new();
        let head = "1709510400,12155550112,12155550113";
        let takes = |tail: &str| take_five(&outcomes, format!("{head},{tail}1709510401").as_bytes()).is_some();
        for usual in ["0,1\n", "59,16\r\n", "1234,16\n", "1,\n", ",16\n", "123,127\n"] {
            assert!(takes(usual), "{usual:?}");
        }
        for unusual in
            [",\n", "0,128\n", "12345,16\n", "1234,127\r\n", "1.5,16\n", "1,16", "1;16\n", "1,16,\n", "\"1\",16\n"]
        {
            assert!(!takes(unusual), "{unusual:?}");
        }
    }
}
