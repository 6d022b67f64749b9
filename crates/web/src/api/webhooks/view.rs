//! How webhooks are told and asked for.

use serde::{Deserialize, Serialize};
use service::registry::{EventKind, EventKindSet, Webhook};
use utoipa::ToSchema;

use crate::api::list::Row;
use crate::webhook::signature::Secret;

/// What can be told.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub(crate) enum EventName {
    /// A label changed.
    #[serde(rename = "label.changed")]
    LabelChanged,
}

/// A webhook to be set up.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookBody {
    /// Where events are sent: an `https` address that is public.
    #[schema(format = "uri", max_length = 2048)]
    pub(crate) url: String,
    /// What is told; everything when absent.
    #[schema(min_items = 1)]
    events: Option<Vec<EventName>>,
}

/// What is changed of a webhook.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookChange {
    /// Another address.
    #[schema(format = "uri", max_length = 2048)]
    pub(crate) url: Option<String>,
    /// Other events.
    #[schema(min_items = 1)]
    events: Option<Vec<EventName>>,
    /// Whether events are sent. What waits, waits on.
    pub(crate) active: Option<bool>,
}

/// A webhook.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct WebhookView {
    /// Its id.
    id: String,
    /// Where events are sent.
    url: String,
    /// What is told, such as `label.changed`.
    events: Vec<&'static str>,
    /// Whether events are sent.
    active: bool,
    /// When it was set up.
    created_at: String,
}

/// A webhook with its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CreatedWebhook {
    /// Its id.
    id: String,
    /// Where events are sent.
    url: String,
    /// What is told, such as `label.changed`.
    events: Vec<&'static str>,
    /// Whether events are sent.
    active: bool,
    /// When it was set up.
    created_at: String,
    /// What deliveries are signed with: `whsec_` and base64, as in the Standard Webhooks specification.
    secret: String,
}

impl Row for WebhookView {
    const COLUMNS: &'static [&'static str] = &["id", "url", "events", "active", "created_at"];
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id.to_string(),
            url: webhook.url,
            events: webhook.kinds.iter().map(EventKind::as_str).collect(),
            active: webhook.active,
            created_at: webhook.created_at.to_string(),
        }
    }
}

impl From<Webhook> for CreatedWebhook {
    fn from(webhook: Webhook) -> Self {
        let secret = Secret::from(&webhook.secret).reveal();
        let WebhookView { id, url, events, active, created_at } = webhook.into();
        Self { id, url, events, active, created_at, secret }
    }
}

impl From<EventName> for EventKind {
    fn from(name: EventName) -> Self {
        match name {
            EventName::LabelChanged => Self::LabelChanged,
        }
    }
}

impl WebhookBody {
    /// The events that are asked for.
    pub(crate) fn kinds(&self) -> EventKindSet {
        self.events.as_deref().map_or_else(|| EventKind::ALL.into_iter().collect(), kinds)
    }
}

impl WebhookChange {
    /// The events that are asked for; `None` leaves them.
    pub(crate) fn kinds(&self) -> Option<EventKindSet> {
        self.events.as_deref().map(kinds)
    }
}

fn kinds(names: &[EventName]) -> EventKindSet {
    names.iter().copied().map(EventKind::from).collect()
}
