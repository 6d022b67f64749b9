//! Names that people give to tenants, sources and keys.

use std::fmt;
use std::str::FromStr;

/// The most bytes of a name. Chosen: it fits a column of a list and a line of a log.
pub const NAME_BYTES_MAX: usize = 64;

/// A name: 1 to 64 bytes of ASCII letters, digits, `-`, `_` and `.`, beginning with a letter or a digit.
///
/// The alphabet is narrow because names appear in shells, URLs, file names and logs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Name(Box<str>);

/// A text that is no name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{text:?} is no name: 1 to {NAME_BYTES_MAX} of a-z, A-Z, 0-9, '-', '_', '.', beginning with a letter or a digit"
)]
pub struct NameError {
    /// The text, cut at 64 characters.
    pub text: String,
}

impl Name {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`NameError`], when the text is empty, too long, or has another character.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        let known = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        if !begins || !known || text.len() > NAME_BYTES_MAX {
            return Err(NameError { text: text.chars().take(64).collect() });
        }
        Ok(Self(text.into()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        for good in ["dialer", "Clinic-2", "a", "east.example_1", "7", &"x".repeat(64)] {
            assert_eq!(Name::new(good).map(|name| name.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "-x", ".x", "two words", "a/b", "naïve", "tab\t", &"x".repeat(65)] {
            assert!(Name::new(bad).is_err(), "{bad}");
        }
    }
}
