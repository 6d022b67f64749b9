//! The texts that numbers are written in: URIs, separators, extensions, and the words that stand for no number.

use std::fmt;

use super::{ParseTnError, shown};
use crate::call::Party;

/// Digits beyond this many are counted but not kept: no number has as many, dialling prefix included.
const MAX_KEPT: u32 = 18;

/// The words `ANONYMOUS`, `RESTRICTED`, `BLOCKED`, `UNKNOWN` and `UNAVAILABLE` on a keypad: some platforms write a withheld caller
/// as the number that they spell.
const SPELT_WITHHELD: [u64; 5] = [266_696_687, 7_378_742_833, 2_562_533, 8_656_696, 86_282_452_253];

/// The digits of a text.
pub(super) struct Digits {
    /// The first 18 digits as one integer.
    pub(super) value: u64,
    /// How many digits there are.
    pub(super) len: u32,
    /// How many of them are zeros at the front.
    pub(super) zeros: u32,
    /// A plus sign stood before them.
    pub(super) plus: bool,
}

impl Digits {
    /// Tells whether the digits stand for a missing number: all alike, or counting.
    ///
    /// A number with a plus sign is what a network carried: there only zeros and counting stand for nothing.
    pub(super) const fn is_sentinel(&self) -> bool {
        if self.len < 7 || self.len > MAX_KEPT {
            return false;
        }
        let ones = (10u64.pow(self.len) - 1) / 9;
        let alike = self.value.is_multiple_of(ones);
        let counting = self.len == 10 && matches!(self.value, 1_234_567_890 | 123_456_789);
        self.value == 0 || counting || alike && !self.plus
    }

    /// Tells whether the digits spell that the number was withheld.
    pub(super) fn spells_withheld(&self) -> bool {
        SPELT_WITHHELD.contains(&self.value)
    }

    /// The E.164 digits behind the prefix `011` or `00`; `None` without one, or when nothing like a number follows.
    pub(super) const fn dialled_abroad(&self) -> Option<u64> {
        if self.len > MAX_KEPT || self.len < 10 {
            return None;
        }
        if self.zeros == 2 {
            return Some(self.value);
        }
        let scale = 10u64.pow(self.len - 3);
        let behind = self.value % scale;
        if self.zeros == 1 && self.value / scale == 11 && behind >= scale / 10 { Some(behind) } else { None }
    }
}

impl fmt::Display for Digits {
    /// The digits alone; those that were kept.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.len.min(MAX_KEPT) as usize;
        write!(f, "{:0width$}", self.value)
    }
}

/// Takes the user part out of `tel:`, `sip:` and `"Name" <sip:…>` forms, without parameters, and trims it.
pub(super) fn user_part(text: &[u8]) -> &[u8] {
    let mut rest = text.trim_ascii();
    let open = rest.iter().rposition(|&b| b == b'<');
    let close = rest.iter().rposition(|&b| b == b'>');
    if let (Some(open), Some(close)) = (open, close)
        && let Some(inner) = rest.get(open + 1..close)
    {
        rest = inner;
    }
    for scheme in [&b"tel:"[..], b"sip:", b"sips:"] {
        if let Some(head) = rest.get(..scheme.len())
            && head.eq_ignore_ascii_case(scheme)
        {
            rest = rest.get(scheme.len()..).unwrap_or_default();
            break;
        }
    }
    let end = rest.iter().position(|&b| b == b'@' || b == b';' || b == b'?').unwrap_or(rest.len());
    let mut user = rest.get(..end).unwrap_or_default().trim_ascii();
    // What spreadsheets put around a number so that it stays text.
    while let [b'\'' | b'"' | b'=', inner @ ..] = user {
        user = inner;
    }
    while let [inner @ .., b'\'' | b'"'] = user {
        user = inner;
    }
    user.trim_ascii()
}

/// Words that stand for a withheld or missing number; `None` for anything else.
pub(super) fn word(user: &[u8]) -> Result<Option<Party>, ParseTnError> {
    const WITHHELD: [&str; 12] = [
        "anonymous",
        "restricted",
        "private",
        "withheld",
        "blocked",
        "unknown",
        "unavailable",
        "no caller id",
        "private number",
        "private caller",
        "unknown number",
        "unknown caller",
    ];
    const MISSING: [&str; 8] = ["none", "null", "(null)", "nan", "n/a", "na", "-", "undefined"];
    let text = std::str::from_utf8(user).unwrap_or_default();
    if WITHHELD.iter().any(|w| text.eq_ignore_ascii_case(w)) {
        return Ok(Some(Party::Anonymous));
    }
    if MISSING.iter().any(|w| text.eq_ignore_ascii_case(w)) {
        return Err(ParseTnError::Sentinel(shown(user)));
    }
    Ok(None)
}

/// Gathers digits, passing over the separators that people write; `None` when anything else stands there.
pub(super) fn gather(user: &[u8]) -> Option<Digits> {
    if user.is_ascii() {
        return gather_ascii(without_fraction(without_extension(user)));
    }
    let mut plain = String::new();
    for char in std::str::from_utf8(user).ok()?.chars() {
        match char {
            _ if char.is_ascii() => plain.push(char),
            _ if is_invisible_or_dash(char) => {}
            _ => return None,
        }
    }
    gather_ascii(without_fraction(without_extension(plain.as_bytes())))
}

fn gather_ascii(user: &[u8]) -> Option<Digits> {
    let mut digits = Digits { value: 0, len: 0, zeros: 0, plus: false };
    let mut rest = user;
    if rest.get(..3).is_some_and(|head| head.eq_ignore_ascii_case(b"%2b")) {
        digits.plus = true;
        rest = rest.get(3..)?;
    }
    for &byte in rest {
        match byte {
            b'0'..=b'9' => {
                digits.len += 1;
                if digits.len <= MAX_KEPT {
                    digits.value = digits.value * 10 + u64::from(byte - b'0');
                    digits.zeros += u32::from(digits.value == 0);
                }
            }
            b'+' if digits.len == 0 && !digits.plus => digits.plus = true,
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' | b'\t' => {}
            _ => return None,
        }
    }
    (digits.len > 0).then_some(digits)
}

/// Spaces, dashes and the direction marks that address books leave around a number.
const fn is_invisible_or_dash(char: char) -> bool {
    matches!(
        char,
        '\u{a0}' | '\u{ad}' | '\u{2007}'..='\u{2015}' | '\u{202a}'..='\u{202f}' | '\u{2060}'..='\u{2069}' | '\u{2212}' | '\u{feff}'
    )
}

/// Takes off what is dialled after the call is up: `x12`, `ext. 12`, `#12`, `,12`.
fn without_extension(user: &[u8]) -> &[u8] {
    const MARKS: [&[u8]; 6] = [b"extension", b"ext.", b"ext", b"x", b"#", b","];
    let Some(at) = user.iter().position(|b| matches!(b, b'e' | b'E' | b'x' | b'X' | b'#' | b',')) else {
        return user;
    };
    let (number, tail) = user.split_at(at);
    let behind = MARKS.iter().find_map(|mark| {
        let (head, rest) = tail.split_at_checked(mark.len())?;
        head.eq_ignore_ascii_case(mark).then_some(rest.trim_ascii())
    });
    let is_number = number.iter().filter(|b| b.is_ascii_digit()).count() >= 7;
    let is_extension = behind.is_some_and(|rest| (1..=7).contains(&rest.len()) && rest.iter().all(u8::is_ascii_digit));
    if is_number && is_extension { number } else { user }
}

/// Takes off the `.0` of a number that a spreadsheet took for a decimal one.
fn without_fraction(user: &[u8]) -> &[u8] {
    match user.strip_suffix(b".0") {
        Some(whole) if whole.len() >= 7 && whole.iter().all(|&b| b.is_ascii_digit() || b == b'+') => whole,
        Some(_) | None => user,
    }
}
