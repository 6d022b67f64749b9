//! Reading telephone numbers as people and machines write them.

use super::{NumberKind, Region, TelephoneNumber};
use crate::call::Party;

/// The longest text that is read as a telephone number or SIP URI, in bytes.
const MAX_TEXT_BYTES: usize = 256;
/// Digits of an internal extension, at most.
const MAX_EXTENSION_DIGITS: u32 = 6;

/// Why a text is not a telephone number.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParseTnError {
    /// Nothing is written.
    #[error("the number is blank")]
    Blank,
    /// The caller withheld the number.
    #[error("the number is withheld")]
    Anonymous,
    /// A value that stands for "no number", such as `0000000000` or `None`.
    #[error("`{0}` stands for a missing number")]
    Sentinel(String),
    /// Fewer digits than a public number has.
    #[error("`{0}` has too few digits for a public number")]
    Fragment(String),
    /// More digits than a public number has.
    #[error("`{0}` has too many digits for a public number")]
    TooLong(String),
    /// A national number, and no region that says of which country.
    #[error("`{0}` is in national form: write it in E.164 (+15555550100) or name its region")]
    NoRegion(String),
    /// Digits in a form that no country uses.
    #[error("`{0}` fits no country's numbering plan")]
    NotInPlan(String),
    /// Something that has no digits to read.
    #[error("`{0}` is not a telephone number")]
    NotANumber(String),
}

/// Digits gathered from a text, at most 19.
struct Digits {
    value: u64,
    len: u32,
    plus: bool,
}

/// Reads a public telephone number: E.164 with or without `+`, `tel:` and `sip:` URIs, separators, or the national form of
/// `region`.
///
/// A bare ten-digit number that obeys the North American plan is read in it when `region` is `None` or North American.
///
/// # Errors
/// Says which of the ways to fail applies; see [`ParseTnError`].
pub fn parse_tn(text: &[u8], region: Option<Region>) -> Result<TelephoneNumber, ParseTnError> {
    if let Some(tn) = plain_nanp(text) {
        return Ok(tn);
    }
    match parse_party(text, region)? {
        Party::Number(tn) => Ok(tn),
        Party::Extension(_) => Err(ParseTnError::Fragment(shown(text))),
        Party::Anonymous => Err(ParseTnError::Anonymous),
    }
}

/// Reads one end of a call: a public number as [`parse_tn`] does, an internal extension of up to six digits, or a withheld
/// number.
///
/// # Errors
/// As [`parse_tn`], but an extension or a withheld number is a value.
pub fn parse_party(text: &[u8], region: Option<Region>) -> Result<Party, ParseTnError> {
    if let Some(tn) = plain_nanp(text) {
        return Ok(Party::Number(tn));
    }
    if text.len() > MAX_TEXT_BYTES {
        return Err(ParseTnError::TooLong(shown(text)));
    }
    let user = user_part(text);
    if user.is_empty() {
        return Err(ParseTnError::Blank);
    }
    if let Some(party) = word(user)? {
        return Ok(party);
    }
    let digits = gather(user).ok_or_else(|| ParseTnError::NotANumber(shown(text)))?;
    from_gathered(&digits, user, region)
}

/// The common case, without a search: `+1NXXNXXXXXX`, `1NXXNXXXXXX` or `NXXNXXXXXX` that begins like a North American number.
fn plain_nanp(text: &[u8]) -> Option<TelephoneNumber> {
    let digits = match text {
        [b'+', b'1', rest @ ..] | [b'1', rest @ ..] if rest.len() == 10 => rest,
        _ => return None,
    };
    let mut value = 0u64;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    TelephoneNumber::from_national_10(value)
}

/// Takes the user part out of `tel:`, `sip:` and `"Name" <sip:…>` forms, without parameters, and trims it.
fn user_part(text: &[u8]) -> &[u8] {
    let mut rest = text.trim_ascii();
    if let (Some(open), Some(close)) = (memchr_last(rest, b'<'), memchr_last(rest, b'>'))
        && let Some(inner) = rest.get(open + 1..close)
    {
        rest = inner;
    }
    for scheme in [&b"tel:"[..], b"sip:", b"sips:"] {
        if rest.len() >= scheme.len() && rest.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme))
        {
            rest = rest.get(scheme.len()..).unwrap_or_default();
            break;
        }
    }
    let end = rest.iter().position(|&b| b == b'@' || b == b';' || b == b'?').unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default().trim_ascii()
}

fn memchr_last(text: &[u8], byte: u8) -> Option<usize> {
    text.iter().rposition(|&b| b == byte)
}

/// Words that stand for a withheld or missing number.
fn word(user: &[u8]) -> Result<Option<Party>, ParseTnError> {
    const WITHHELD: [&str; 9] = [
        "anonymous",
        "restricted",
        "private",
        "withheld",
        "blocked",
        "unknown",
        "unavailable",
        "no caller id",
        "private number",
    ];
    const MISSING: [&str; 6] = ["none", "null", "nan", "n/a", "na", "-"];
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
fn gather(user: &[u8]) -> Option<Digits> {
    let mut digits = Digits { value: 0, len: 0, plus: false };
    let mut rest = user;
    if rest.get(..3).is_some_and(|head| head.eq_ignore_ascii_case(b"%2b")) {
        digits.plus = true;
        rest = rest.get(3..)?;
    }
    for &byte in rest {
        match byte {
            b'0'..=b'9' => {
                digits.len += 1;
                if digits.len <= 19 {
                    digits.value = digits.value.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                }
            }
            b'+' if digits.len == 0 && !digits.plus => digits.plus = true,
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' | b'\t' => {}
            _ => return None,
        }
    }
    (digits.len > 0).then_some(digits)
}

fn from_gathered(digits: &Digits, user: &[u8], region: Option<Region>) -> Result<Party, ParseTnError> {
    let &Digits { value, len, plus } = digits;
    if len > 18 {
        return Err(ParseTnError::TooLong(shown(user)));
    }
    if len >= 7 && is_sentinel(user) {
        return Err(ParseTnError::Sentinel(shown(user)));
    }
    if !plus && len <= MAX_EXTENSION_DIGITS {
        return u32::try_from(value).map(Party::Extension).map_err(|_| ParseTnError::Fragment(shown(user)));
    }
    let north_american = region.is_none_or(Region::is_north_american);
    let leading_zero = user.iter().find(|b| b.is_ascii_digit()) == Some(&b'0');
    if !plus && !leading_zero && len == 10 && north_american {
        return national_nanp(value, user, region);
    }
    if len == 11 && value / 10_000_000_000 == 1 && !leading_zero {
        return number(TelephoneNumber::from_digits(value), user);
    }
    if plus {
        return if leading_zero { Err(ParseTnError::NotInPlan(shown(user))) } else { abroad(value, user) };
    }
    if !leading_zero && len >= 11 && region.is_none() {
        return abroad(value, user);
    }
    national(user, region, len)
}

/// Ten bare digits in the North American plan. A number that breaks the plan's rules may be another country's, written
/// without `+`; it is taken as such only if that country's metadata knows it.
fn national_nanp(value: u64, user: &[u8], region: Option<Region>) -> Result<Party, ParseTnError> {
    let tn = TelephoneNumber::from_national_10(value).ok_or_else(|| ParseTnError::NotInPlan(shown(user)))?;
    if let NumberKind::Undialable(_) = tn.kind()
        && region.is_none()
        && let Ok(party) = abroad(value, user)
    {
        return Ok(party);
    }
    Ok(Party::Number(tn))
}

fn number(tn: Option<TelephoneNumber>, user: &[u8]) -> Result<Party, ParseTnError> {
    tn.map(Party::Number).ok_or_else(|| ParseTnError::NotInPlan(shown(user)))
}

/// A number with its country code: North America by rule, the rest of the world by the metadata library.
fn abroad(value: u64, user: &[u8]) -> Result<Party, ParseTnError> {
    let tn = TelephoneNumber::from_digits(value).ok_or_else(|| too_short_or_odd(value, user))?;
    if tn.nanp().is_some() {
        return Ok(Party::Number(tn));
    }
    let parsed = rlibphonenumber::PHONE_NUMBER_UTIL.parse(tn.to_string(), None);
    match parsed {
        Ok(parsed) if rlibphonenumber::PHONE_NUMBER_UTIL.is_valid_number(&parsed) => Ok(Party::Number(tn)),
        Ok(_) | Err(_) => Err(ParseTnError::NotInPlan(shown(user))),
    }
}

fn too_short_or_odd(value: u64, user: &[u8]) -> ParseTnError {
    if value < 1_000_000 { ParseTnError::Fragment(shown(user)) } else { ParseTnError::NotInPlan(shown(user)) }
}

/// A number in the national or international dialling form of a region (`011 44 …`, `020 7946 0958`).
fn national(user: &[u8], region: Option<Region>, len: u32) -> Result<Party, ParseTnError> {
    let text = std::str::from_utf8(user).unwrap_or_default();
    let dialled_abroad = region.is_none() && (text.starts_with("011") || text.starts_with("00"));
    let region = match region {
        Some(region) => region,
        None if dialled_abroad && len > 10 => Region::US,
        None if len < 10 => return Err(ParseTnError::Fragment(shown(user))),
        None => return Err(ParseTnError::NoRegion(shown(user))),
    };
    let text = if dialled_abroad && text.starts_with("00") {
        format!("+{}", text.trim_start_matches('0'))
    } else {
        text.to_owned()
    };
    let parsed = rlibphonenumber::PHONE_NUMBER_UTIL.parse(&text, Some(region.library())).map_err(|_| {
        if len < 10 { ParseTnError::Fragment(shown(user)) } else { ParseTnError::NotInPlan(shown(user)) }
    })?;
    let e164: String = parsed.to_string();
    let digits: u64 = e164.trim_start_matches('+').parse().map_err(|_| ParseTnError::NotInPlan(shown(user)))?;
    let tn = TelephoneNumber::from_digits(digits).ok_or_else(|| {
        if len < 10 { ParseTnError::Fragment(shown(user)) } else { ParseTnError::NotInPlan(shown(user)) }
    })?;
    if tn.nanp().is_none() && !rlibphonenumber::PHONE_NUMBER_UTIL.is_valid_number(&parsed) {
        return Err(ParseTnError::NotInPlan(shown(user)));
    }
    Ok(Party::Number(tn))
}

/// Seven or more times the same digit, or a run of all digits, is how forms stand in for a missing number.
fn is_sentinel(user: &[u8]) -> bool {
    let mut digits = user.iter().copied().filter(u8::is_ascii_digit);
    let Some(first) = digits.next() else {
        return false;
    };
    let same = digits.clone().all(|d| d == first);
    let national: Vec<u8> = user.iter().copied().filter(u8::is_ascii_digit).collect();
    let counting = matches!(national.as_slice(), b"1234567890" | b"0123456789" | b"11234567890");
    same || counting
}

fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    if text.chars().count() <= 40 {
        text.into_owned()
    } else {
        format!("{}…", text.chars().take(40).collect::<String>())
    }
}
