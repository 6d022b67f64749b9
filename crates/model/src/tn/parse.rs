//! Reading telephone numbers as people and machines write them.

mod text;

use super::{MAX_DIGITS, MIN_DIGITS, NumberKind, Region, TelephoneNumber};
use crate::call::Party;
use text::{Digits, gather, user_part, word};

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

/// Reads a public telephone number: E.164 with or without `+`, `tel:` and `sip:` URIs, separators, or the national form of
/// `region`.
///
/// A bare ten-digit number is read in the North American plan when `region` is `None` or North American. A number of that plan
/// that breaks its rules is still read: that somebody called from it is evidence (see [`TelephoneNumber::kind`]).
///
/// # Errors
/// Says which of the ways to fail applies; see [`ParseTnError`].
pub fn parse_tn(text: &[u8], region: Option<Region>) -> Result<TelephoneNumber, ParseTnError> {
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
    if let Some(tn) = plain_nanp(text, region) {
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
    from_digits(&digits, user, region)
}

/// The common case, without a search: `+1NXXNXXXXXX`, and where the region is North American or unknown `1NXXNXXXXXX`.
fn plain_nanp(text: &[u8], region: Option<Region>) -> Option<TelephoneNumber> {
    let digits = match text {
        [b'+', b'1', rest @ ..] if rest.len() == 10 => rest,
        [b'1', rest @ ..] if rest.len() == 10 && is_north_american(region) => rest,
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
    TelephoneNumber::from_digits(10_000_000_000 + value)
}

/// Without a region, bare numbers are read as North Americans write them.
fn is_north_american(region: Option<Region>) -> bool {
    region.is_none_or(Region::is_north_american)
}

fn from_digits(digits: &Digits, user: &[u8], region: Option<Region>) -> Result<Party, ParseTnError> {
    let north_american = is_north_american(region);
    if digits.len == 11 && digits.value / 10_000_000_000 == 1 {
        let number = number(TelephoneNumber::from_digits(digits.value), user);
        // Elsewhere eleven bare digits may be a national number that begins with 1.
        return if digits.plus || north_american { number } else { national(digits, user, region).or(number) };
    }
    if digits.is_sentinel() {
        return Err(ParseTnError::Sentinel(shown(user)));
    }
    if digits.plus {
        return international(digits, user);
    }
    if digits.len <= MAX_EXTENSION_DIGITS {
        return u32::try_from(digits.value).map(Party::Extension).map_err(|_| ParseTnError::Fragment(shown(user)));
    }
    if north_american {
        if digits.len == 10 && digits.zeros == 0 {
            return national_nanp(digits.value, user, region);
        }
        if let Some(dialled) = digits.dialled_abroad() {
            return abroad(dialled, user);
        }
    }
    let found = national(digits, user, region);
    if found.is_err() && digits.zeros == 0 && digits.len >= 11 {
        // E.164 without its plus sign.
        return if digits.len > MAX_DIGITS {
            Err(ParseTnError::TooLong(shown(user)))
        } else {
            abroad(digits.value, user)
        };
    }
    found
}

/// A number that was written with a plus sign.
fn international(digits: &Digits, user: &[u8]) -> Result<Party, ParseTnError> {
    if digits.spells_withheld() {
        return Ok(Party::Anonymous);
    }
    if digits.len > MAX_DIGITS {
        return Err(ParseTnError::TooLong(shown(user)));
    }
    if digits.zeros > 0 {
        return Err(ParseTnError::NotInPlan(shown(user)));
    }
    abroad(digits.value, user)
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
    let tn = TelephoneNumber::from_digits(value).ok_or_else(|| odd_length(value, user))?;
    if tn.nanp().is_some() {
        return Ok(Party::Number(tn));
    }
    known_abroad(&tn.to_string(), None, user)
}

/// Reads a text by the metadata library and takes the number in its E.164 form, if the library knows numbers like it.
fn known_abroad(text: &str, region: Option<Region>, user: &[u8]) -> Result<Party, ParseTnError> {
    let library = &rlibphonenumber::PHONE_NUMBER_UTIL;
    let parsed = library.parse(text, region.map(Region::library)).map_err(|_| ParseTnError::NotInPlan(shown(user)))?;
    // The library writes the number without what people add to it, such as the zero of `+44 (0)20`.
    let digits = parsed.to_string().strip_prefix('+').and_then(|digits| digits.parse().ok());
    let Some(tn) = digits.and_then(TelephoneNumber::from_digits) else {
        return Err(ParseTnError::NotInPlan(shown(user)));
    };
    if tn.nanp().is_some() || library.is_valid_number(&parsed) {
        Ok(Party::Number(tn))
    } else {
        Err(ParseTnError::NotInPlan(shown(user)))
    }
}

/// Why digits with a country code have no number's length.
fn odd_length(value: u64, user: &[u8]) -> ParseTnError {
    let len = value.checked_ilog10().map_or(1, |log| log + 1);
    let shortest = if value.to_string().starts_with('1') { 11 } else { MIN_DIGITS };
    if len < shortest { ParseTnError::Fragment(shown(user)) } else { ParseTnError::NotInPlan(shown(user)) }
}

/// A number in the national or international dialling form of a region outside North America (`020 7946 0958`).
fn national(digits: &Digits, user: &[u8], region: Option<Region>) -> Result<Party, ParseTnError> {
    let found = match region {
        Some(region) if !region.is_north_american() => known_abroad(&digits.to_string(), Some(region), user),
        Some(_) => Err(ParseTnError::NotInPlan(shown(user))),
        None => Err(ParseTnError::NoRegion(shown(user))),
    };
    found.map_err(|error| if digits.len < 10 { ParseTnError::Fragment(shown(user)) } else { error })
}

fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    if text.chars().count() <= 40 {
        text.into_owned()
    } else {
        format!("{}…", text.chars().take(40).collect::<String>())
    }
}
