//! Reading the small values that records are made of.

use model::{Attestation, HangupBy};

use crate::reject::{Fault, RejectCode};

/// The longest talk or ring time that is believed, in milliseconds: 7 days.
const MAX_SPAN_MS: u64 = 7 * 24 * 3_600_000;

/// Reads decimal seconds, such as `6` or `1.205`, as whole milliseconds (rounded); `None` when empty.
///
/// # Errors
/// `BAD_VALUE` for anything else than decimal seconds from 0 to seven days.
pub(crate) fn seconds(text: &[u8], field: &'static str) -> Result<Option<u32>, Fault> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Ok(None);
    }
    decimal_ms(text).map(Some).ok_or_else(|| {
        let shown = String::from_utf8_lossy(text);
        Fault::new(RejectCode::BadValue, field, format!("`{shown}` is not decimal seconds from 0 to 604800"))
    })
}

/// Decimal seconds as milliseconds; `None` when the text is anything else.
pub(crate) fn decimal_ms(text: &[u8]) -> Option<u32> {
    let mut ms = 0u64;
    let mut scale = 0u32;
    let mut any = false;
    for &byte in text {
        match byte {
            b'0'..=b'9' if scale == 0 => {
                any = true;
                ms = ms.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
            }
            b'0'..=b'9' => {
                any = true;
                if scale <= 3 {
                    ms = ms.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
                } else if scale == 4 && byte >= b'5' {
                    ms = ms.checked_add(1)?;
                }
                scale += 1;
            }
            b'.' if scale == 0 => scale = 1,
            _ => return None,
        }
    }
    let decimals = scale.saturating_sub(1).min(3);
    let ms = ms.checked_mul(10u64.pow(3 - decimals))?;
    (any && ms <= MAX_SPAN_MS).then(|| u32::try_from(ms).ok()).flatten()
}

/// Reads a small non-negative integer; `None` when empty.
///
/// # Errors
/// `BAD_VALUE` for anything else, naming `expected`.
pub(crate) fn integer(text: &[u8], field: &'static str, max: u16, expected: &str) -> Result<Option<u16>, Fault> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Ok(None);
    }
    let value = std::str::from_utf8(text).ok().and_then(|t| t.parse::<u16>().ok()).filter(|&v| v <= max);
    value.map(Some).ok_or_else(|| {
        let shown = String::from_utf8_lossy(text);
        Fault::new(RejectCode::BadValue, field, format!("`{shown}` is not {expected}"))
    })
}

/// Reads `A`, `B`, `C` or `none`; `None` when empty.
///
/// # Errors
/// `BAD_VALUE` for any other word.
pub(crate) fn attestation(text: &str) -> Result<Option<Attestation>, Fault> {
    match text.trim() {
        "" => Ok(None),
        "A" | "a" => Ok(Some(Attestation::Full)),
        "B" | "b" => Ok(Some(Attestation::Partial)),
        "C" | "c" => Ok(Some(Attestation::Gateway)),
        "none" => Ok(Some(Attestation::Unsigned)),
        other => Err(Fault::new(RejectCode::BadValue, "attestation", format!("`{other}` is none of A, B, C, none"))),
    }
}

/// Reads `orig`, `dest` or `network`; `None` when empty.
///
/// # Errors
/// `BAD_VALUE` for any other word.
pub(crate) fn hangup_by(text: &str) -> Result<Option<HangupBy>, Fault> {
    match text.trim() {
        "" => Ok(None),
        "orig" => Ok(Some(HangupBy::Orig)),
        "dest" => Ok(Some(HangupBy::Dest)),
        "network" => Ok(Some(HangupBy::Network)),
        other => {
            Err(Fault::new(RejectCode::BadValue, "hangup_by", format!("`{other}` is none of orig, dest, network")))
        }
    }
}

/// Reads the verification status that a terminating network puts beside the number (`verstat`, 3GPP TS 24.229 §7.2A.20), in
/// its graded variants too. `None` where it says nothing.
pub(crate) fn verstat(text: &str) -> Option<Attestation> {
    match text.trim() {
        "TN-Validation-Passed-A" => Some(Attestation::Full),
        "TN-Validation-Passed-B" => Some(Attestation::Partial),
        "TN-Validation-Passed-C" => Some(Attestation::Gateway),
        "No-TN-Validation" => Some(Attestation::Unsigned),
        failed if failed.starts_with("TN-Validation-Failed") => Some(Attestation::Unsigned),
        _ => None,
    }
}
