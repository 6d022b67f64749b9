//! API keys: who may ask for what.

use std::fmt;

use model::Timestamp;

use super::word_set::word_set;
use super::{Change, KeyHash, KeyId, Listing, Name, Page, RegistryError};
use crate::{SourceRole, TenantId};

/// The most keys that are not revoked. Chosen: all of them are held in memory, some 300 bytes each.
pub const KEYS_MAX: u64 = 100_000;

/// What a key may be used for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Scope {
    /// Sending calls and reports of its source.
    Ingest,
    /// Asking for labels.
    Lookup,
    /// Sending reports.
    Report,
    /// Reading what is the tenant's own.
    Read,
    /// Reading the facts of any number.
    ReadFacts,
    /// Deciding cases.
    Review,
    /// Changing the registry.
    Admin,
}

impl Scope {
    /// All scopes, in the order in which they are printed.
    pub const ALL: [Self; 7] =
        [Self::Ingest, Self::Lookup, Self::Report, Self::Read, Self::ReadFacts, Self::Review, Self::Admin];

    /// The word used in commands and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Lookup => "lookup",
            Self::Report => "report",
            Self::Read => "read",
            Self::ReadFacts => "read:facts",
            Self::Review => "review",
            Self::Admin => "admin",
        }
    }

    /// Reads the word used in commands; `None` for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

word_set! {
    /// Some scopes; none implies another.
    ScopeSet of Scope
}

/// An API key, without its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// What is kept of its secret.
    pub hash: KeyHash,
    /// Its name; of the tenant's keys that are not revoked, one has it.
    pub name: Name,
    /// Whose it is.
    pub tenant: TenantId,
    /// The source that it sends for, with its role; `None` for a key that does not send.
    pub source: Option<(Name, SourceRole)>,
    /// The key of the terminating carrier whose own traffic its source is; `None` when that is not told.
    pub carrier: Option<Name>,
    /// What it may be used for.
    pub scopes: ScopeSet,
    /// When it was created.
    pub created_at: Timestamp,
    /// From when it is refused; `None` when it does not expire.
    pub expires_at: Option<Timestamp>,
    /// The last UTC day on which it was used, in days since 1970-01-01; `None` when it never was.
    pub last_used_day: Option<u32>,
    /// When it was revoked; `None` when it was not.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Tells whether its time is over.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// A key to be created.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewKey {
    /// Its id.
    pub id: KeyId,
    /// The hash of its secret, of which the creator shows the printed form once.
    pub hash: KeyHash,
    /// Its name.
    pub name: Name,
    /// Whose it is.
    pub tenant: TenantId,
    /// The name of the source that it sends for; it must exist. `None` for a key that does not send.
    pub source: Option<Name>,
    /// What it may be used for, at least one.
    pub scopes: ScopeSet,
    /// From when it is refused; `None` when it does not expire.
    pub expires_at: Option<Timestamp>,
}

/// API keys.
pub trait Keys {
    /// Creates a key.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NotFound`], when there is no such tenant or source; [`RegistryError::DuplicateName`], when a key of the
    /// tenant that is not revoked has the name; [`RegistryError::BadValue`], when it has no scope, or `ingest` and no
    /// source; [`RegistryError::LimitReached`] at 100,000 that are not revoked; when the registry cannot be written.
    fn create_key(&self, key: &NewKey, change: &Change) -> Result<ApiKey, RegistryError>;

    /// Revokes a key for good. One that is revoked already stays as it is.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NotFound`], also for a key of another tenant; when the registry cannot be written.
    fn revoke_key(&self, tenant: TenantId, id: KeyId, change: &Change) -> Result<ApiKey, RegistryError>;

    /// A tenant's keys, the revoked ones too, in the order of creation; of all tenants with `None`.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn keys(&self, tenant: Option<TenantId>, page: &Page<KeyId>) -> Result<Listing<ApiKey, KeyId>, RegistryError>;

    /// Every key that is not revoked, with the generation that they are of. For [`super::KeyRing`].
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn live_keys(&self) -> Result<(u64, Vec<ApiKey>), RegistryError>;

    /// A counter that rises whenever a key is created or revoked, by whichever process.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn keys_generation(&self) -> Result<u64, RegistryError>;

    /// Notes the days on which keys were used; an earlier day than the one noted changes nothing, nor does an unknown key.
    ///
    /// # Errors
    ///
    /// When the registry cannot be written.
    fn note_use(&self, used: &[(KeyId, u32)]) -> Result<(), RegistryError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_print_and_read() {
        let all: ScopeSet = Scope::ALL.into_iter().collect();
        assert_eq!(all.to_string(), "ingest lookup report read read:facts review admin");
        assert_eq!(ScopeSet::from_words(&all.to_string()), Some(all));
        let some: ScopeSet = [Scope::ReadFacts, Scope::Ingest].into_iter().collect();
        assert_eq!(some.to_string(), "ingest read:facts");
        assert!(some.has(Scope::ReadFacts) && !some.has(Scope::Read) && !some.has(Scope::Admin));
        assert_eq!(ScopeSet::from_words("ingest write"), None);
        assert_eq!(ScopeSet::from_words(""), Some(ScopeSet::default()));
        assert!(ScopeSet::default().is_empty());
    }
}
