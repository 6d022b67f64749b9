//! What can go wrong with the registry.

use std::error::Error;
use std::fmt;

/// What an entry of the registry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// A tenant.
    Tenant,
    /// A source of a tenant.
    Source,
    /// An API key.
    Key,
    /// A webhook.
    Webhook,
    /// A delivery of an event to a webhook.
    Delivery,
    /// A telephone number.
    Number,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Tenant, Self::Source, Self::Key, Self::Webhook, Self::Delivery, Self::Number];

    /// The word used in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Source => "source",
            Self::Key => "key",
            Self::Webhook => "webhook",
            Self::Delivery => "delivery",
            Self::Number => "number",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal of the registry, or its failure.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// An entry of that name exists.
    #[error("there is a {subject} named {name:?} already")]
    DuplicateName {
        /// What it is.
        subject: Subject,
        /// The name.
        name: String,
    },
    /// There is no such entry, or it belongs to another tenant.
    #[error("there is no {subject} {id}")]
    NotFound {
        /// What was looked for.
        subject: Subject,
        /// Its id or name.
        id: String,
    },
    /// There are as many as there may be.
    #[error("there are {limit} entries of the kind {subject} already, which is the most")]
    LimitReached {
        /// What was to be added.
        subject: Subject,
        /// The most there may be.
        limit: u64,
    },
    /// A value is longer than the registry keeps.
    #[error("the {field} has {size_bytes} bytes, at most {limit_bytes} are kept")]
    TooLong {
        /// Which value.
        field: &'static str,
        /// Its length.
        size_bytes: usize,
        /// The most that is kept.
        limit_bytes: usize,
    },
    /// A value does not have its form.
    #[error("the {field} {value:?} is not valid: expected {expected}")]
    BadValue {
        /// Which value.
        field: &'static str,
        /// The value, cut at 100 characters.
        value: String,
        /// Its form, in words.
        expected: &'static str,
    },
    /// A newer version of the program has written this registry.
    #[error("the registry has schema version {found}, this program knows versions up to {known}: use a newer program")]
    NewerVersion {
        /// The version found.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// A migration that was applied is not the one that this program has under its number.
    #[error("schema version {version} of the registry was made by another migration than this program's")]
    DivergentSchema {
        /// Its number.
        version: u32,
    },
    /// The file is not a registry.
    #[error("{path} is no registry of ours")]
    NotARegistry {
        /// The file.
        path: String,
    },
    /// What is stored does not have its form.
    #[error("could not {tried} in the registry: a stored value cannot be read: {detail}")]
    Damaged {
        /// What was tried.
        tried: &'static str,
        /// What is wrong with the value.
        detail: String,
    },
    /// Another process writes, and did not finish in time.
    #[error("the registry was busy for too long while trying to {tried}")]
    Busy {
        /// What was tried.
        tried: &'static str,
    },
    /// The disk is full.
    #[error("the disk is full, could not {tried}")]
    DiskFull {
        /// What was tried.
        tried: &'static str,
    },
    /// The storage below failed.
    #[error("could not {tried} in the registry")]
    Storage {
        /// What was tried.
        tried: &'static str,
        /// What the storage said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes: {detail}")]
    NoRandomness {
        /// What it said.
        detail: String,
    },
}

impl RegistryError {
    /// The stable code; each has a heading in `docs/reference/errors.md`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::DuplicateName { .. } => "DUPLICATE_NAME",
            Self::NotFound { .. } => "NOT_FOUND",
            Self::LimitReached { .. } => "LIMIT_REACHED",
            Self::TooLong { .. } => "VALUE_TOO_LONG",
            Self::BadValue { .. } => "BAD_VALUE",
            Self::NewerVersion { .. } => "REGISTRY_NEWER_VERSION",
            Self::DivergentSchema { .. } => "REGISTRY_DIVERGENT_SCHEMA",
            Self::NotARegistry { .. } => "NOT_A_REGISTRY",
            Self::Damaged { .. } => "REGISTRY_DAMAGED",
            Self::Busy { .. } => "REGISTRY_BUSY",
            Self::DiskFull { .. } => "DISK_FULL",
            Self::Storage { .. } => "REGISTRY_FAILED",
            Self::NoRandomness { .. } => "NO_RANDOMNESS",
        }
    }

    /// A missing entry.
    pub(super) fn not_found(subject: Subject, id: impl fmt::Display) -> Self {
        Self::NotFound { subject, id: id.to_string() }
    }

    /// A value that does not have its form.
    pub(super) fn bad_value(field: &'static str, value: &str, expected: &'static str) -> Self {
        Self::BadValue { field, value: value.chars().take(100).collect(), expected }
    }
}

/// Refuses a value that is longer than what is kept.
pub(super) fn hold_to(field: &'static str, value: &[u8], limit_bytes: usize) -> Result<(), RegistryError> {
    let size_bytes = value.len();
    if size_bytes > limit_bytes {
        return Err(RegistryError::TooLong { field, size_bytes, limit_bytes });
    }
    Ok(())
}
