//! Secrets: what a client shows to prove itself, and what of it is kept.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use super::id::{from_base32, to_base32};

/// What an API key's printed form begins with, so that scanners for leaked secrets recognise it.
const PREFIX: &str = "rt_";
/// Digits of half a secret: 26 of five bits hold 128.
const HALF_DIGITS: usize = 26;
/// Digits of the checksum. Five bits each: a typo passes once in 2³⁰.
const CHECK_DIGITS: usize = 6;

/// A text that is no API key of ours. It does not hold the text: a mistyped key is nearly a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SecretError {
    /// Another prefix, length or alphabet.
    #[error("not an API key: expected rt_ and 58 letters or digits")]
    Form,
    /// The form is right, the checksum is not: a typo, or a key that was cut and pasted badly.
    #[error("an API key with a typo: its checksum does not fit")]
    Checksum,
}

/// The secret of an API key: 256 random bits. It is shown once, when the key is created, and never kept.
#[derive(Clone, PartialEq, Eq)]
pub struct KeySecret([u8; 32]);

impl KeySecret {
    /// Makes a secret of 256 random bits.
    #[must_use]
    pub const fn new(random: [u8; 32]) -> Self {
        Self(random)
    }

    /// The text that a client sends: `rt_`, the secret in base 32, and a checksum of it.
    #[must_use]
    pub fn expose(&self) -> String {
        let (high, low) = self.halves();
        let secret = format!("{}{}", to_base32(high, HALF_DIGITS), to_base32(low, HALF_DIGITS));
        format!("{PREFIX}{secret}{}", to_base32(self.checksum(), CHECK_DIGITS))
    }

    /// What is kept of the secret, and looked up by.
    ///
    /// One round of SHA-256 suffices: a slow hash protects passwords, which people choose and others guess; 256 random bits are
    /// out of reach of any number of guesses. Nor need the comparison take constant time: keys are looked up by this hash, and
    /// whoever could measure how far a comparison came would learn of a hash, from which no secret is found.
    #[must_use]
    pub fn hash(&self) -> KeyHash {
        KeyHash(Sha256::digest(self.0).into())
    }

    fn halves(&self) -> (u128, u128) {
        let read = |half: &[u8]| half.iter().fold(0u128, |bits, byte| (bits << 8) | u128::from(*byte));
        let (high, low) = self.0.split_at(16);
        (read(high), read(low))
    }

    /// 30 bits of a hash of its own kind, so that the printed form tells nothing of [`KeySecret::hash`].
    pub(super) fn checksum(&self) -> u128 {
        let digest = Sha256::new().chain_update(b"ringtrue key checksum").chain_update(self.0).finalize();
        digest.iter().take(4).fold(0u128, |bits, byte| (bits << 8) | u128::from(*byte)) >> 2
    }
}

impl FromStr for KeySecret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        let (secret, check) = Self::unchecked(text)?;
        if secret.checksum() == check { Ok(secret) } else { Err(SecretError::Checksum) }
    }
}

impl KeySecret {
    /// Reads the form; beside the secret the checksum that the text states, which is not compared.
    pub(super) fn unchecked(text: &str) -> Result<(Self, u128), SecretError> {
        let digits = text.strip_prefix(PREFIX).ok_or(SecretError::Form)?;
        if digits.len() != 2 * HALF_DIGITS + CHECK_DIGITS || !digits.is_ascii() {
            return Err(SecretError::Form);
        }
        let (high, rest) = digits.split_at(HALF_DIGITS);
        let (low, check) = rest.split_at(HALF_DIGITS);
        let read = |part: &str| from_base32(part).ok_or(SecretError::Form);
        let (high, low, check) = (read(high)?, read(low)?, read(check)?);
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(high.to_be_bytes().into_iter().chain(low.to_be_bytes())) {
            *to = from;
        }
        Ok((Self(bytes), check))
    }
}

impl fmt::Debug for KeySecret {
    /// Never shows the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySecret(…)")
    }
}

/// The SHA-256 of an API key's secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyHash(pub [u8; 32]);

impl fmt::Debug for KeyHash {
    /// Never shows the hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(…)")
    }
}

/// The secret that a webhook's deliveries are signed with, 256 random bits. It is kept as it is: a signature needs it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(pub [u8; 32]);

impl fmt::Debug for WebhookSecret {
    /// Never shows the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(first: u8) -> KeySecret {
        let mut bytes = [0x5a; 32];
        bytes[0] = first;
        bytes[31] = first.wrapping_mul(7);
        KeySecret::new(bytes)
    }

    #[test]
    fn secrets_print_and_read() {
        for first in 0..=255 {
            let text = secret(first).expose();
            assert_eq!(text.len(), 61);
            assert_eq!(text.parse(), Ok(secret(first)));
            assert_eq!(text.parse::<KeySecret>().map(|read| read.hash()), Ok(secret(first).hash()));
        }
        assert_ne!(secret(1).hash(), secret(2).hash());
    }

    #[test]
    fn every_typo_is_caught() {
        let good = secret(9).expose();
        for place in 3..good.len() {
            let mut typo = good.clone().into_bytes();
            typo[place] = if typo[place] == b'z' { b'0' } else { b'z' };
            let typo = String::from_utf8(typo).expect("ASCII");
            assert!(typo.parse::<KeySecret>().is_err(), "{typo}");
        }
        for (text, expect) in [
            ("", SecretError::Form),
            ("rt_", SecretError::Form),
            (&good[3..], SecretError::Form),
            (&good[..60], SecretError::Form),
            (&format!("{good}0"), SecretError::Form),
            (&format!("rt_{}", "é".repeat(29)), SecretError::Form),
            (&format!("rt_{}", "u".repeat(58)), SecretError::Form),
            (&format!("rt_{}1", "0".repeat(57)), SecretError::Checksum),
        ] {
            assert_eq!(text.parse::<KeySecret>(), Err(expect), "{text}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        assert_eq!(format!("{:?} {:?}", secret(3), secret(3).hash()), "KeySecret(…) KeyHash(…)");
        assert_eq!(format!("{:?}", WebhookSecret([3; 32])), "WebhookSecret(…)");
    }
}
