//! Reading TOML into what a specification or a learned score is made of.

use serde::de::DeserializeOwned;

/// Why a text is not read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TomlError {
    /// It is not TOML.
    #[error("it is not valid TOML: {detail}")]
    Syntax {
        /// Where and why.
        detail: String,
    },
    /// A key that does not exist, a missing one, or a value of the wrong type.
    #[error("`{key}`: {detail}")]
    Value {
        /// The key's path.
        key: String,
        /// What was expected.
        detail: String,
    },
}

/// Reads a text; keys that the type does not name are its to refuse.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, TomlError> {
    let syntax = |error: toml::de::Error| TomlError::Syntax { detail: error.to_string() };
    let deserializer = toml::Deserializer::parse(text).map_err(syntax)?;
    serde_path_to_error::deserialize(deserializer)
        .map_err(|error| TomlError::Value { key: error.path().to_string(), detail: error.inner().message().to_owned() })
}
