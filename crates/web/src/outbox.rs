//! The history of labels in the registry, and the deliveries that follow from it.

use std::sync::Arc;

use model::{TelephoneNumber, Timestamp};
use serde::Serialize;
use service::registry::{
    Actor, Audience, Change, DeliveryId, EventKind, Limit, NewDelivery, NewHistoryEntry, Page, Registry, RegistryError,
    Webhook, system_random,
};
use service::{Clock, LabelChange, LabelHistory, Position, TenantId, Told};
use tokio::sync::Notify;

use crate::api::events::{EventId, LabelChangedView};
use crate::mapping::with_causes;

/// Deliveries that are enqueued in one go. Chosen: a transaction of some milliseconds.
const AT_ONCE: usize = 1_000;

/// Keeps changes of labels in the registry, and enqueues each for the webhooks whose tenant may see it.
///
/// Both are told a change again after a crash, and both then keep it once.
pub struct Outbox {
    registry: Arc<dyn Registry>,
    clock: Arc<dyn Clock>,
    due: Arc<Notify>,
}

/// What is sent, in the form that the Standard Webhooks specification recommends.
#[derive(Debug, Serialize)]
struct Message {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: LabelChangedView,
}

impl Outbox {
    /// An outbox that rings `due` when a delivery was enqueued.
    #[must_use]
    pub fn new(registry: Arc<dyn Registry>, clock: Arc<dyn Clock>, due: Arc<Notify>) -> Self {
        Self { registry, clock, due }
    }

    fn add_history(&self, changes: &[Told]) -> Result<(), RegistryError> {
        let entry = |told: &Told| NewHistoryEntry {
            audience: told.tenant.map_or(Audience::Shared, Audience::Tenant),
            position: told.id.0,
            change: told.change.clone(),
        };
        self.registry.add_history(&changes.iter().map(entry).collect::<Vec<_>>())?;
        Ok(())
    }

    fn enqueue(&self, changes: &[Told]) -> Result<(), RegistryError> {
        let webhooks = self.active_webhooks()?;
        if webhooks.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut wanted = Vec::new();
        for told in changes {
            let mut receivers = webhooks.iter().filter(|webhook| told.is_for(webhook.tenant)).peekable();
            let message = receivers.peek().map(|_| message(told)).unwrap_or_default();
            for webhook in receivers {
                wanted.push(delivery(webhook, told, &message, now)?);
                if wanted.len() >= AT_ONCE {
                    self.registry.enqueue_deliveries(&std::mem::take(&mut wanted))?;
                }
            }
        }
        if !wanted.is_empty() {
            self.registry.enqueue_deliveries(&wanted)?;
        }
        self.due.notify_one();
        Ok(())
    }

    fn active_webhooks(&self) -> Result<Vec<Webhook>, RegistryError> {
        let mut found = Vec::new();
        let mut page = Page::first();
        loop {
            let listing = self.registry.webhooks(None, &page)?;
            let told = |webhook: &Webhook| webhook.active && webhook.kinds.has(EventKind::LabelChanged);
            found.extend(listing.items.into_iter().filter(told));
            match listing.next {
                Some(next) => page.after = Some(next),
                None => return Ok(found),
            }
        }
    }
}

/// What every webhook is sent about a change.
fn message(told: &Told) -> String {
    let message = Message {
        kind: EventKind::LabelChanged.as_str(),
        timestamp: told.change.decided_at.to_string(),
        data: LabelChangedView::from(told),
    };
    serde_json::to_string(&message).expect("text and numbers are JSON")
}

fn delivery(webhook: &Webhook, told: &Told, message: &str, at: Timestamp) -> Result<NewDelivery, RegistryError> {
    Ok(NewDelivery {
        id: DeliveryId::new(at, system_random()?),
        webhook: webhook.id,
        event: EventId(told.id).to_string(),
        kind: EventKind::LabelChanged,
        tn: Some(told.change.tn),
        body: message.to_owned(),
        at,
    })
}

impl LabelHistory for Outbox {
    fn keep(&self, changes: &[Told]) -> Result<(), String> {
        self.add_history(changes).and_then(|()| self.enqueue(changes)).map_err(|error| with_causes(&error))
    }

    fn of(&self, tn: TelephoneNumber, tenant: TenantId, most: usize) -> Result<Vec<(Position, LabelChange)>, String> {
        let page = Page { after: None, limit: Limit::nearest(most as u64) };
        let read = |audience| self.registry.history(tn, audience, &page).map_err(|error| with_causes(&error));
        let (shared, own) = (read(Audience::Shared)?, read(Audience::Tenant(tenant))?);
        let entries = shared.items.into_iter().chain(own.items);
        let mut changes: Vec<_> = entries.map(|entry| (Position(entry.position), entry.change)).collect();
        changes.sort_by_key(|(position, _)| std::cmp::Reverse(*position));
        changes.truncate(most);
        Ok(changes)
    }

    fn forget(&self, tn: TelephoneNumber) -> Result<(), String> {
        let change = Change { by: Actor::Service, at: self.clock.now() };
        self.registry.forget_number(tn, &change).map(drop).map_err(|error| with_causes(&error))
    }
}
