//! The registry: who may do what, and what is kept one by one.
//!
//! The event log holds calls and reports, millions a minute; the registry holds what people and programs configure and look up
//! singly: tenants and their sources, API keys, webhooks and their deliveries, remembered answers, the history of labels, how
//! far an import came, and the audit. It is a port: [`Registry`] is the sum of one trait a topic, and [`SqliteRegistry`] keeps
//! it in one file of the data directory.
//!
//! What a call of the port changed is durable when the call returns. Times, ids and secrets come in as arguments, so that the
//! same calls leave the same registry. Every administrative change carries a [`Change`] that says who made it and when, and its
//! audit line is written in the same transaction: there is no change without one.

mod audit;
#[cfg(test)]
mod battery;
mod delivery;
mod error;
mod history;
mod id;
mod idempotency;
mod import;
mod key;
mod key_ring;
mod meta;
mod name;
mod page;
mod secret;
mod sqlite;
mod tenant;
mod webhook;
mod word_set;

use model::TelephoneNumber;

pub use audit::{Action, Actor, Audit, AuditFilter, AuditLine, Change};
pub use delivery::{
    Attempt, AttemptOutcome, Deliveries, Delivery, DeliveryState, DueDelivery, Enqueued, NewDelivery, PENDING_MAX,
};
pub use error::{RegistryError, Subject};
pub use history::{Audience, History, HistoryEntry, NewHistoryEntry};
pub use id::{DataId, DeliveryId, IdError, KeyId, WebhookId, system_random};
pub use idempotency::{Claim, Idempotency, NewClaim, RESPONSE_BYTES_MAX, StoredResponse};
pub use import::{ImportKey, ImportProgress, Imports};
pub use key::{ApiKey, KEYS_MAX, Keys, NewKey, Scope, ScopeSet};
pub use key_ring::{KeyRefusal, KeyRing};
pub use meta::{DataIdentity, Meta};
pub use name::{NAME_BYTES_MAX, Name, NameError};
pub use page::{Limit, Listing, Page};
pub use secret::{KeyHash, KeySecret, SecretError, WebhookSecret};
pub use sqlite::{Creation, Holdings, SqliteRegistry};
pub use tenant::{NewSource, Source, Tenant, Tenants};
pub use webhook::{EventKind, EventKindSet, NewWebhook, URL_BYTES_MAX, WEBHOOKS_MAX, Webhook, WebhookEdit, Webhooks};

/// Everything that is kept one by one. Adapters are shared between threads; every call may wait for a disk or a network, so none
/// is made on the path of a look-up.
pub trait Registry:
    Meta + Tenants + Keys + Webhooks + Deliveries + Idempotency + History + Imports + Audit + Send + Sync
{
    /// Removes what is kept about one telephone number: its label history and the deliveries whose body tells of it. Returns how
    /// many rows went. Remembered answers and audit lines stay: the former expire within days, the latter are the proof that it
    /// was done, and hold a number only where the change was about it.
    ///
    /// # Errors
    ///
    /// When the registry cannot be written.
    fn forget_number(&self, tn: TelephoneNumber, change: &Change) -> Result<u64, RegistryError>;
}
