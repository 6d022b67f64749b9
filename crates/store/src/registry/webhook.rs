//! Webhooks: where a tenant's events are sent.

use std::fmt;

use model::Timestamp;

use super::word_set::word_set;
use super::{Change, Listing, Page, RegistryError, WebhookId, WebhookSecret};
use crate::TenantId;

/// The most bytes of a webhook's URL. Chosen: what browsers and proxies take.
pub const URL_BYTES_MAX: usize = 2048;
/// The most webhooks of one tenant. Chosen: every event is sent to each.
pub const WEBHOOKS_MAX: u64 = 50;

/// What is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum EventKind {
    /// A label changed.
    LabelChanged,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::LabelChanged];

    /// The word used in events and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LabelChanged => "label.changed",
        }
    }

    /// Reads the word used in output; `None` for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

word_set! {
    /// Some kinds of events.
    EventKindSet of EventKind
}

/// A webhook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Where events are sent.
    pub url: String,
    /// What deliveries are signed with.
    pub secret: WebhookSecret,
    /// What is told.
    pub kinds: EventKindSet,
    /// Whether events are sent at all. What waits, waits on.
    pub active: bool,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A webhook to be created; it is active.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewWebhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Where events are sent: a URL, of which only the length and the scheme are checked here.
    pub url: String,
    /// What deliveries are signed with.
    pub secret: WebhookSecret,
    /// What is told, at least one kind.
    pub kinds: EventKindSet,
}

/// What is changed of a webhook; `None` leaves a thing as it is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct WebhookEdit {
    /// Another URL.
    pub url: Option<String>,
    /// Another secret.
    pub secret: Option<WebhookSecret>,
    /// Other kinds of events, at least one.
    pub kinds: Option<EventKindSet>,
    /// Whether events are sent.
    pub active: Option<bool>,
}

/// Webhooks.
pub trait Webhooks {
    /// Creates a webhook.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NotFound`], when there is no such tenant; [`RegistryError::TooLong`] and
    /// [`RegistryError::BadValue`] for a URL above 2,048 bytes or of another scheme than `http` and `https`, and for no kind;
    /// [`RegistryError::LimitReached`] at 50 a tenant; when the registry cannot be written.
    fn create_webhook(&self, webhook: &NewWebhook, change: &Change) -> Result<Webhook, RegistryError>;

    /// Changes a webhook and returns it as it is then.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NotFound`], also for one of another tenant; as [`Webhooks::create_webhook`].
    fn edit_webhook(
        &self,
        tenant: TenantId,
        id: WebhookId,
        edit: &WebhookEdit,
        change: &Change,
    ) -> Result<Webhook, RegistryError>;

    /// Deletes a webhook with its deliveries.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NotFound`], also for one of another tenant; when the registry cannot be written.
    fn delete_webhook(&self, tenant: TenantId, id: WebhookId, change: &Change) -> Result<(), RegistryError>;

    /// A webhook.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NotFound`], also for one of another tenant; when the registry cannot be read.
    fn webhook(&self, tenant: TenantId, id: WebhookId) -> Result<Webhook, RegistryError>;

    /// A tenant's webhooks in the order of creation; of all tenants with `None`.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn webhooks(
        &self,
        tenant: Option<TenantId>,
        page: &Page<WebhookId>,
    ) -> Result<Listing<Webhook, WebhookId>, RegistryError>;
}

/// Refuses a URL that cannot be one of a webhook. Whether it may be reached is for whoever sends.
pub(super) fn check_url(url: &str) -> Result<(), RegistryError> {
    super::error::hold_to("url", url.as_bytes(), URL_BYTES_MAX)?;
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let shaped = url.bytes().all(|byte| byte.is_ascii_graphic());
    if !shaped || rest.is_none_or(|rest| rest.is_empty() || rest.starts_with('/')) {
        return Err(RegistryError::bad_value("url", url, "an http or https URL in ASCII"));
    }
    Ok(())
}

/// Refuses a set of no kinds.
pub(super) fn check_kinds(kinds: EventKindSet) -> Result<(), RegistryError> {
    if kinds.is_empty() {
        return Err(RegistryError::bad_value("kinds", "", "at least one kind of event"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_checked() {
        for good in ["https://example.org/hook?a=b", "http://127.0.0.1:8080", "https://[::1]/x"] {
            assert!(check_url(good).is_ok(), "{good}");
        }
        let long = format!("https://example.org/{}", "a".repeat(URL_BYTES_MAX));
        for bad in ["", "example.org", "ftp://example.org", "https://", "https:///x", "https://a b", "https://ä", &long]
        {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn kinds_print_and_read() {
        let all: EventKindSet = EventKind::ALL.into_iter().collect();
        assert_eq!(EventKindSet::from_words(&all.to_string()), Some(all));
        assert_eq!(EventKindSet::from_words("label.changed nothing"), None);
        assert!(check_kinds(EventKindSet::default()).is_err() && check_kinds(all).is_ok());
    }
}
