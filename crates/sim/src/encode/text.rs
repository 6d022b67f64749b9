//! Numbers, times and texts, appended to bytes.

use model::time::civil_from_days;
use model::{CallOutcome, TelephoneNumber, Timestamp};

use crate::call::SimCall;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Appends a text.
#[inline]
pub(super) fn push(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// Appends a whole number.
#[inline]
pub(super) fn push_u64(out: &mut Vec<u8>, value: u64) {
    let mut digits = [0u8; 20];
    let mut len = 0;
    let mut rest = value;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        len += 1;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - len..).unwrap_or_default());
}

/// Appends the lowest `WIDTH` digits of a number.
#[inline]
pub(super) fn push_padded<const WIDTH: usize>(out: &mut Vec<u8>, value: u64) {
    let mut digits = [b'0'; WIDTH];
    let mut rest = value;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend_from_slice(&digits);
}

/// Appends 16 hexadecimal digits.
#[inline]
pub(super) fn push_hex(out: &mut Vec<u8>, value: u64) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [0u8; 16];
    let mut rest = value;
    for digit in digits.iter_mut().rev() {
        *digit = HEX.get((rest & 15) as usize).copied().unwrap_or(b'0');
        rest >>= 4;
    }
    out.extend_from_slice(&digits);
}

/// Appends a number as E.164 with its plus sign.
#[inline]
pub(super) fn push_tn(out: &mut Vec<u8>, tn: TelephoneNumber) {
    out.push(b'+');
    push_u64(out, tn.digits());
}

/// Appends milliseconds as decimal seconds, without needless zeros.
#[inline]
pub(super) fn push_seconds(out: &mut Vec<u8>, ms: u32) {
    push_u64(out, u64::from(ms / 1000));
    let fraction = u64::from(ms % 1000);
    if fraction == 0 {
        return;
    }
    out.push(b'.');
    match fraction {
        f if f % 100 == 0 => push_padded::<1>(out, f / 100),
        f if f % 10 == 0 => push_padded::<2>(out, f / 10),
        f => push_padded::<3>(out, f),
    }
}

/// Appends `2026-11-20T14:02:11.123Z`.
#[inline]
pub(super) fn push_rfc_3339(out: &mut Vec<u8>, at: Timestamp) {
    push_clock(out, at, b'T');
    let ms = at.as_ms().rem_euclid(1000);
    if ms != 0 {
        out.push(b'.');
        push_padded::<3>(out, ms as u64);
    }
    out.push(b'Z');
}

/// Appends the date and the time in UTC, to the second: `2026-11-20 14:02:11` with a blank between.
#[inline]
pub(super) fn push_clock(out: &mut Vec<u8>, at: Timestamp, between: u8) {
    let s = at.as_ms().div_euclid(1000);
    let (year, month, day) = civil_from_days(s.div_euclid(86_400));
    let of_day = s.rem_euclid(86_400) as u64;
    let mut text = *b"0000-00-00 00:00:00";
    let parts = [
        (0, year as u64 / 100),
        (2, year as u64 % 100),
        (5, u64::from(month)),
        (8, u64::from(day)),
        (11, of_day / 3600),
        (14, of_day / 60 % 60),
        (17, of_day % 60),
    ];
    for (place, value) in parts {
        if let Some([tens, ones]) = text.get_mut(place..place + 2) {
            *tens = b'0' + (value / 10) as u8;
            *ones = b'0' + (value % 10) as u8;
        }
    }
    if let Some(gap) = text.get_mut(10) {
        *gap = between;
    }
    out.extend_from_slice(&text);
}

/// Appends `Fri, 20 Nov 2026 14:02:11 +0000`.
pub(super) fn push_rfc_2822(out: &mut Vec<u8>, at: Timestamp) {
    let (year, month, day, hour, minute, second, _) = at.civil();
    let weekday = (at.day() + 3).rem_euclid(7);
    push(out, DAYS.get(weekday as usize).copied().unwrap_or_default());
    push(out, ", ");
    push_padded::<2>(out, day.into());
    out.push(b' ');
    push(out, MONTHS.get(usize::from(month).saturating_sub(1)).copied().unwrap_or_default());
    out.push(b' ');
    push_padded::<4>(out, year as u64);
    out.push(b' ');
    for (value, behind) in [(hour, b':'), (minute, b':'), (second, b' ')] {
        push_padded::<2>(out, value.into());
        out.push(behind);
    }
    push(out, "+0000");
}

/// Appends an id in the form of a UUID of version 4, made of two keys.
pub(super) fn push_uuid(out: &mut Vec<u8>, id: u64) {
    let mut hex = Vec::with_capacity(32);
    push_hex(&mut hex, id);
    push_hex(&mut hex, crate::random::mix(id));
    for (place, digit) in hex.into_iter().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            out.push(b'-');
        }
        out.push(match place {
            12 => b'4',
            16 => b'8',
            _ => digit,
        });
    }
}

/// Appends the `"key":"` of a JSON field, or `,"key":"` behind another.
pub(super) fn push_key(out: &mut Vec<u8>, key: &str) {
    if !matches!(out.last(), Some(b'{')) {
        out.push(b',');
    }
    out.push(b'"');
    push(out, key);
    push(out, "\":\"");
}

/// Appends a JSON field of text that needs no escapes.
pub(super) fn push_field(out: &mut Vec<u8>, key: &str, value: &str) {
    push_key(out, key);
    push(out, value);
    out.push(b'"');
}

/// Appends a JSON field whose text `write` appends.
pub(super) fn push_field_with(out: &mut Vec<u8>, key: &str, write: impl FnOnce(&mut Vec<u8>)) {
    push_key(out, key);
    write(out);
    out.push(b'"');
}

/// A call as a switch that keeps whole seconds sees it: each moment is cut to its second.
#[derive(Clone, Copy)]
pub(super) struct Seconds {
    pub(super) start: Timestamp,
    /// `None` when nobody picked up.
    pub(super) answer: Option<Timestamp>,
    pub(super) end: Timestamp,
    pub(super) duration: u64,
    pub(super) talk: u64,
}

impl Seconds {
    pub(super) fn of(call: &SimCall) -> Self {
        let cut = |at: Timestamp| Timestamp::EPOCH.saturating_add_ms(at.as_ms().div_euclid(1000) * 1000);
        let answered = call.outcome == CallOutcome::Answered;
        let start = cut(call.at);
        let answer = answered.then(|| cut(call.at.saturating_add_ms(i64::from(call.ring_ms))));
        // A conversation of less than a second is still one second: an answered call is never written with none.
        let end = cut(call.end()).max(answer.map_or(start, |answer| answer.saturating_add_ms(1000)));
        let whole = |from: Timestamp| ((end.as_ms() - from.as_ms()) / 1000).max(0) as u64;
        Self { start, answer, end, duration: whole(start), talk: answer.map_or(0, whole) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn times_and_numbers() {
        let at = Timestamp::from_ms(1_795_183_331_045).expect("in range");
        assert_eq!(text(|out| push_rfc_3339(out, at)), "2026-11-20T14:02:11.045Z");
        assert_eq!(text(|out| push_clock(out, at, b' ')), "2026-11-20 14:02:11");
        assert_eq!(text(|out| push_rfc_2822(out, at)), "Fri, 20 Nov 2026 14:02:11 +0000");
        for (ms, expect) in [(0, "0"), (5000, "5"), (5400, "5.4"), (5040, "5.04"), (5004, "5.004")] {
            assert_eq!(text(|out| push_seconds(out, ms)), expect);
        }
        assert_eq!(text(|out| push_u64(out, u64::MAX)), u64::MAX.to_string());
        assert_eq!(text(|out| push_hex(out, 0xab)), "00000000000000ab");
        assert_eq!(text(|out| push_uuid(out, 1)).len(), 36);
    }
}
