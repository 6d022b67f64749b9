//! Ids: 128 bits that sort by the moment of creation, printed with a prefix that says what they name.

use std::fmt;
use std::str::FromStr;

use model::Timestamp;

use super::RegistryError;

/// Crockford's base 32, in lower case: no `i`, `l`, `o`, `u`, so that no two digits look alike.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// The value of each byte as a digit of [`DIGITS`], in either case. Every request shows a key of 58 digits.
static VALUES: [u8; 256] = values();
/// A byte that is no digit.
const NO_DIGIT: u8 = 0xff;
/// Digits of 128 bits, five a digit; the first holds three.
const ID_DIGITS: usize = 26;

/// A text that is no id of the expected kind.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{text:?} is no id: expected {prefix} and 26 letters or digits")]
pub struct IdError {
    /// The prefix that was expected, such as `key_`.
    pub prefix: &'static str,
    /// The text, cut at 64 characters.
    pub text: String,
}

/// Random bytes of the operating system, for ids and secrets.
///
/// # Errors
///
/// [`RegistryError::NoRandomness`], when the system has none to give.
pub fn system_random<const N: usize>() -> Result<[u8; N], RegistryError> {
    let mut bytes = [0; N];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) => Err(RegistryError::NoRandomness { detail: error.to_string() }),
    }
}

const fn values() -> [u8; 256] {
    let mut values = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < DIGITS.len() {
        values[DIGITS[digit] as usize] = digit as u8;
        values[DIGITS[digit].to_ascii_uppercase() as usize] = digit as u8;
        digit += 1;
    }
    values
}

/// Writes `bits` from the most significant one down, `digits` digits of five bits.
pub(super) fn to_base32(bits: u128, digits: usize) -> String {
    (0..digits)
        .rev()
        .filter_map(|place| DIGITS.get((bits >> (place * 5) & 31) as usize).map(|digit| char::from(*digit)))
        .collect()
}

/// Reads what [`to_base32`] wrote, in either case; `None` for any other character, or for more than 128 bits.
pub(super) fn from_base32(text: &str) -> Option<u128> {
    text.bytes().try_fold(0u128, |bits, byte| {
        let digit = VALUES.get(usize::from(byte)).copied().filter(|digit| *digit != NO_DIGIT)?;
        (bits >> 123 == 0).then_some((bits << 5) | u128::from(digit))
    })
}

/// 48 bits of milliseconds, then 80 random bits: later ones sort later, and none can be guessed from another.
fn sortable(at: Timestamp, random: [u8; 10]) -> u128 {
    let ms = u128::from(at.as_ms().unsigned_abs()) & 0xffff_ffff_ffff;
    random.into_iter().fold(ms, |bits, byte| (bits << 8) | u128::from(byte))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// What the printed form begins with.
            pub const PREFIX: &str = $prefix;

            /// Makes an id from the moment of creation and 80 random bits.
            #[must_use]
            pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
                Self(sortable(at, random))
            }

            /// The id as 16 bytes that sort as the id does.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.to_be_bytes()
            }

            /// Reads what [`Self::to_bytes`] wrote.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(u128::from_be_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, to_base32(self.0, ID_DIGITS))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let digits = text.strip_prefix($prefix).filter(|digits| digits.len() == ID_DIGITS);
                let bits = digits.and_then(from_base32);
                bits.map(Self).ok_or_else(|| IdError { prefix: $prefix, text: text.chars().take(64).collect() })
            }
        }
    )*};
}

ids! {
    /// An API key's id. It is no secret: it names the key in lists, logs and the audit.
    KeyId, "key_";
    /// A webhook's id.
    WebhookId, "webhook_";
    /// The id of the delivery of one event to one webhook.
    DeliveryId, "delivery_";
    /// A data directory's id, the same for its whole life and in its backups.
    DataId, "data_";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_read_and_sort() {
        let at = |ms: i64| Timestamp::from_ms(ms).expect("in range");
        let early = KeyId::new(at(1_764_000_000_000), [0xff; 10]);
        let late = KeyId::new(at(1_764_000_000_001), [0; 10]);
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(late.to_string(), "key_01kav9ft010000000000000000");
        for id in [early, late, KeyId::from_bytes([0xff; 16]), KeyId::from_bytes([0; 16])] {
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(KeyId::from_bytes(id.to_bytes()), id);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let good = KeyId::from_bytes([7; 16]).to_string();
        let digits = good.strip_prefix("key_").expect("a key's prefix");
        let wrong = [
            format!("webhook_{digits}"),
            digits.to_owned(),
            format!("{good}0"),
            good.chars().take(29).collect(),
            good.replace(&digits[20..], "uuuuuu"),
            "key_zzzzzzzzzzzzzzzzzzzzzzzzzz".to_owned(),
            "key_ééééééééééééé".to_owned(),
        ];
        for text in wrong {
            assert!(text.parse::<KeyId>().is_err(), "{text}");
        }
    }
}
