//! Deliveries: one event on its way to one webhook.

use std::fmt;

use model::{TelephoneNumber, Timestamp};

use super::{Change, DeliveryId, EventKind, Limit, Listing, Page, RegistryError, WebhookId, WebhookSecret};
use crate::TenantId;

/// The most deliveries that wait for one webhook; further ones are refused. Chosen: three days at two a minute.
pub const PENDING_MAX: u64 = 10_000;
/// The most bytes of a delivery's body. Chosen: an event is a few hundred.
pub(super) const BODY_BYTES_MAX: usize = 64 * 1024;
/// The most bytes of an event's id.
pub(super) const EVENT_ID_BYTES_MAX: usize = 64;
/// What is kept of an error's text, in bytes.
pub(super) const ERROR_BYTES_MAX: usize = 256;

/// Where a delivery stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DeliveryState {
    /// It waits for its next attempt.
    Pending,
    /// The receiver took it.
    Delivered,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    /// The word used in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// Reads the word used in output; `None` for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A delivery.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Where it goes.
    pub webhook: WebhookId,
    /// The event's id, the same at every attempt and every webhook: the header `webhook-id`.
    pub event: String,
    /// What it tells.
    pub kind: EventKind,
    /// The number that it tells of; `None` when it tells of none.
    pub tn: Option<TelephoneNumber>,
    /// What is sent, JSON.
    pub body: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next; `None` once it is settled.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was tried last; `None` before the first attempt.
    pub last_attempt_at: Option<Timestamp>,
    /// The receiver's last HTTP status; `None` when there was no answer.
    pub last_status: Option<u16>,
    /// What went wrong last, in words; `None` when nothing did.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: Timestamp,
}

/// A delivery to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// Where it goes.
    pub webhook: WebhookId,
    /// The event's id, at most 64 bytes.
    pub event: String,
    /// What it tells.
    pub kind: EventKind,
    /// The number that it tells of; `None` when it tells of none.
    pub tn: Option<TelephoneNumber>,
    /// What is sent, at most 64 KiB.
    pub body: String,
    /// When it is enqueued, and tried first.
    pub at: Timestamp,
}

/// What became of deliveries that were to be enqueued.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Enqueued {
    /// Those that wait now.
    pub added: u64,
    /// Those whose event was enqueued for the webhook before: told once, they stay once.
    pub repeated: u64,
    /// Those whose webhook is gone or not active, or has 10,000 waiting.
    pub refused: u64,
}

/// A delivery that is to be tried now, with what it takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DueDelivery {
    /// The delivery; its attempts count this one.
    pub delivery: Delivery,
    /// Where it is sent.
    pub url: String,
    /// What it is signed with.
    pub secret: WebhookSecret,
}

/// How an attempt ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// When it ended.
    pub at: Timestamp,
    /// The receiver's HTTP status; `None` when there was no answer.
    pub status: Option<u16>,
    /// What follows from it.
    pub outcome: AttemptOutcome,
}

/// What follows from an attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AttemptOutcome {
    /// The receiver took it.
    Delivered,
    /// It is tried again.
    Retry {
        /// When.
        next_attempt_at: Timestamp,
        /// What went wrong; the first 256 bytes are kept.
        error: String,
    },
    /// It is given up.
    Failed {
        /// What went wrong; the first 256 bytes are kept.
        error: String,
    },
}

/// Deliveries. One process makes them: the one that serves.
pub trait Deliveries {
    /// Enqueues deliveries, all at once, and says what became of them.
    ///
    /// # Errors
    ///
    /// [`RegistryError::TooLong`] for an event's id above 64 bytes or a body above 64 KiB: then none is enqueued; when the
    /// registry cannot be written.
    fn enqueue_deliveries(&self, deliveries: &[NewDelivery]) -> Result<Enqueued, RegistryError>;

    /// Takes deliveries of active webhooks that are due at `now`, those due the longest first. Each counts an attempt and is due
    /// again at `again_at`, in case the process dies before it says how the attempt ended.
    ///
    /// # Errors
    ///
    /// When the registry cannot be written.
    fn take_due(&self, now: Timestamp, again_at: Timestamp, limit: Limit) -> Result<Vec<DueDelivery>, RegistryError>;

    /// When the next delivery of an active webhook is due; `None` when none waits.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn next_due(&self) -> Result<Option<Timestamp>, RegistryError>;

    /// Notes how an attempt ended. A delivery that is gone with its webhook is no error.
    ///
    /// # Errors
    ///
    /// When the registry cannot be written.
    fn settle(&self, id: DeliveryId, attempt: &Attempt) -> Result<(), RegistryError>;

    /// Sets a delivery of a tenant's webhook to be made again, as if it had never been tried.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NotFound`], also for one of another webhook or tenant; when the registry cannot be written.
    fn replay(
        &self,
        tenant: TenantId,
        webhook: WebhookId,
        id: DeliveryId,
        change: &Change,
    ) -> Result<Delivery, RegistryError>;

    /// The deliveries of a tenant's webhook, the newest first; in one state only with `Some`.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NotFound`], when there is no such webhook, or it is another tenant's; when the registry cannot be read.
    fn deliveries(
        &self,
        tenant: TenantId,
        webhook: WebhookId,
        state: Option<DeliveryState>,
        page: &Page<DeliveryId>,
    ) -> Result<Listing<Delivery, DeliveryId>, RegistryError>;

    /// Removes settled deliveries that were enqueued before `before`, at most `limit` of them; returns how many.
    ///
    /// # Errors
    ///
    /// When the registry cannot be written.
    fn trim_deliveries(&self, before: Timestamp, limit: Limit) -> Result<u64, RegistryError>;
}

/// The beginning of an error's text, cut between characters.
pub(super) fn error_text(error: &str) -> &str {
    let end = (0..=ERROR_BYTES_MAX.min(error.len())).rev().find(|end| error.is_char_boundary(*end));
    end.and_then(|end| error.get(..end)).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_cut_between_characters() {
        assert_eq!(error_text("timed out"), "timed out");
        assert_eq!(error_text(""), "");
        assert_eq!(error_text(&"ü".repeat(200)).len(), 256);
        assert_eq!(error_text(&format!("a{}", "ü".repeat(200))).len(), 255);
    }
}
