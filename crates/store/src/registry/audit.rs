//! The audit: who changed what, when. Lines are added and never changed.

use std::fmt;

use model::Timestamp;
use serde_json::Value;

use super::{KeyId, Listing, Page, RegistryError};
use crate::TenantId;

/// Who made a change.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Actor {
    /// Whoever ran a command on the machine.
    Command,
    /// The service itself.
    Service,
    /// A client with an API key.
    Key(KeyId),
}

impl Actor {
    /// Reads what [`Actor`] prints; `None` for any other text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "command" => Some(Self::Command),
            "service" => Some(Self::Service),
            key => key.parse().ok().map(Self::Key),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command => f.write_str("command"),
            Self::Service => f.write_str("service"),
            Self::Key(id) => id.fmt(f),
        }
    }
}

/// Who makes a change, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Action {
    /// A tenant was created.
    TenantCreated,
    /// A source was created.
    SourceCreated,
    /// A key was created.
    KeyCreated,
    /// A key was revoked.
    KeyRevoked,
    /// A webhook was created.
    WebhookCreated,
    /// A webhook was changed.
    WebhookChanged,
    /// A webhook was deleted, with its deliveries.
    WebhookDeleted,
    /// A delivery was set to be made again.
    DeliveryReplayed,
    /// A policy was made the one in force.
    PolicyActivated,
    /// What was known of a number was removed.
    NumberForgotten,
    /// A backup was put in place of the data.
    Restored,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::TenantCreated,
        Self::SourceCreated,
        Self::KeyCreated,
        Self::KeyRevoked,
        Self::WebhookCreated,
        Self::WebhookChanged,
        Self::WebhookDeleted,
        Self::DeliveryReplayed,
        Self::PolicyActivated,
        Self::NumberForgotten,
        Self::Restored,
    ];

    /// The word used in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TenantCreated => "tenant.created",
            Self::SourceCreated => "source.created",
            Self::KeyCreated => "key.created",
            Self::KeyRevoked => "key.revoked",
            Self::WebhookCreated => "webhook.created",
            Self::WebhookChanged => "webhook.changed",
            Self::WebhookDeleted => "webhook.deleted",
            Self::DeliveryReplayed => "delivery.replayed",
            Self::PolicyActivated => "policy.activated",
            Self::NumberForgotten => "number.forgotten",
            Self::Restored => "data.restored",
        }
    }

    /// Reads the word used in output; `None` for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One line of the audit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditLine {
    /// Its place, from 1, without order among processes other than that later lines have later places.
    pub place: u64,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub by: Actor,
    /// What was done.
    pub action: Action,
    /// The tenant that it concerns; the operator's for what concerns nobody alone.
    pub tenant: TenantId,
    /// To what: an id, a name or a number.
    pub subject: String,
    /// How it was before, as a JSON object; `None` for what was not there. Never a secret.
    pub before: Option<Value>,
    /// How it was after, as a JSON object; `None` for what is no longer there. Never a secret.
    pub after: Option<Value>,
}

/// Which lines are asked for.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct AuditFilter {
    /// Only of this tenant; `None` for any.
    pub tenant: Option<TenantId>,
    /// Only of this subject; `None` for any.
    pub subject: Option<String>,
}

/// The audit. Administrative changes of the other topics write their line themselves.
pub trait Audit {
    /// Adds a line about a change outside the registry, such as an activated policy. [`AuditLine::place`] is given here, and
    /// what `line` says of it is not read.
    ///
    /// # Errors
    ///
    /// [`RegistryError::TooLong`] for a subject above 256 bytes or a side above 64 KiB; when the registry cannot be written.
    fn add_audit_line(&self, line: &AuditLine) -> Result<u64, RegistryError>;

    /// Lines, the newest first.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn audit_lines(&self, filter: &AuditFilter, page: &Page<u64>) -> Result<Listing<AuditLine, u64>, RegistryError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for action in Action::ALL {
            assert_eq!(Action::from_word(action.as_str()), Some(action));
        }
        for actor in [Actor::Command, Actor::Service, Actor::Key(KeyId::from_bytes([1; 16]))] {
            assert_eq!(Actor::from_text(&actor.to_string()), Some(actor));
        }
        assert_eq!(Action::from_word("key"), None);
        assert_eq!(Actor::from_text("somebody"), None);
    }
}
