//! Deliveries in SQLite.

use model::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

use super::SqliteRegistry;
use super::audit::note;
use super::values::{At, Tn, count, rows};
use super::webhooks::webhook_of;
use crate::TenantId;
use crate::registry::delivery::{BODY_BYTES_MAX, EVENT_ID_BYTES_MAX, error_text};
use crate::registry::error::hold_to;
use crate::registry::{
    Action, Attempt, AttemptOutcome, Change, Deliveries, Delivery, DeliveryId, DeliveryState, DueDelivery, Enqueued,
    Limit, Listing, NewDelivery, PENDING_MAX, Page, RegistryError, Subject, WebhookId,
};

impl Deliveries for SqliteRegistry {
    fn enqueue_deliveries(&self, deliveries: &[NewDelivery]) -> Result<Enqueued, RegistryError> {
        for new in deliveries {
            hold_to("event id", new.event.as_bytes(), EVENT_ID_BYTES_MAX)?;
            hold_to("body", new.body.as_bytes(), BODY_BYTES_MAX)?;
        }
        self.write("enqueue deliveries", |tx| {
            let mut enqueued = Enqueued::default();
            for new in deliveries {
                enqueue(tx, new, &mut enqueued)?;
            }
            Ok(enqueued)
        })
    }

    fn take_due(&self, now: Timestamp, again_at: Timestamp, limit: Limit) -> Result<Vec<DueDelivery>, RegistryError> {
        self.write("take due deliveries", |tx| {
            let mut due = tx.prepare_cached(
                "SELECT delivery.*, webhook.url, webhook.secret FROM delivery JOIN webhook ON webhook.id = webhook_id
                 WHERE next_attempt_at <= ?1 AND active ORDER BY next_attempt_at, delivery.id LIMIT ?2",
            )?;
            let mut taken = due
                .query_map(params![At(now), limit.get()], |row| {
                    Ok(DueDelivery { delivery: delivery(row)?, url: row.get("url")?, secret: row.get("secret")? })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            let mut take =
                tx.prepare_cached("UPDATE delivery SET attempts = attempts + 1, next_attempt_at = ?2 WHERE id = ?1")?;
            for due in &mut taken {
                take.execute(params![due.delivery.id, At(again_at)])?;
                due.delivery.attempts = due.delivery.attempts.saturating_add(1);
                due.delivery.next_attempt_at = Some(again_at);
            }
            Ok(taken)
        })
    }

    fn next_due(&self) -> Result<Option<Timestamp>, RegistryError> {
        self.read("ask for the next delivery", |connection| {
            let next = connection
                .prepare_cached(
                    "SELECT next_attempt_at FROM delivery JOIN webhook ON webhook.id = webhook_id
                     WHERE next_attempt_at IS NOT NULL AND active ORDER BY next_attempt_at LIMIT 1",
                )?
                .query_row([], |row| row.get::<_, At>(0))
                .optional()?;
            Ok(next.map(|at| at.0))
        })
    }

    fn settle(&self, id: DeliveryId, attempt: &Attempt) -> Result<(), RegistryError> {
        let (state, next, error) = match &attempt.outcome {
            AttemptOutcome::Delivered => (DeliveryState::Delivered, None, None),
            AttemptOutcome::Retry { next_attempt_at, error } => {
                (DeliveryState::Pending, Some(At(*next_attempt_at)), Some(error_text(error)))
            }
            AttemptOutcome::Failed { error } => (DeliveryState::Failed, None, Some(error_text(error))),
        };
        self.write("settle a delivery", |tx| {
            tx.prepare_cached(
                "UPDATE delivery SET state = ?2, next_attempt_at = ?3, last_attempt_at = ?4, last_status = ?5,
                 last_error = ?6 WHERE id = ?1",
            )?
            .execute(params![id, state, next, At(attempt.at), attempt.status, error])?;
            Ok(())
        })
    }

    fn replay(
        &self,
        tenant: TenantId,
        webhook: WebhookId,
        id: DeliveryId,
        change: &Change,
    ) -> Result<Delivery, RegistryError> {
        self.write("replay a delivery", |tx| {
            let select = "SELECT delivery.* FROM delivery JOIN webhook ON webhook.id = webhook_id
                          WHERE delivery.id = ?1 AND webhook_id = ?2 AND tenant_id = ?3";
            let before = tx.query_row(select, params![id, webhook, tenant], delivery).optional()?;
            let Some(before) = before else { return Err(RegistryError::not_found(Subject::Delivery, id).into()) };
            let after = tx.query_row(
                "UPDATE delivery SET state = 'pending', attempts = 0, next_attempt_at = ?2 WHERE id = ?1 RETURNING *",
                params![id, At(change.at)],
                delivery,
            )?;
            let told = json!({ "state": before.state.as_str(), "attempts": before.attempts });
            note(tx, change, Action::DeliveryReplayed, (tenant, &id), (Some(told), None))?;
            Ok(after)
        })
    }

    fn deliveries(
        &self,
        tenant: TenantId,
        webhook: WebhookId,
        state: Option<DeliveryState>,
        page: &Page<DeliveryId>,
    ) -> Result<Listing<Delivery, DeliveryId>, RegistryError> {
        self.read("list deliveries", |connection| {
            webhook_of(connection, tenant, webhook)?;
            let before = page.after.unwrap_or(DeliveryId::from_bytes([0xff; 16]));
            let deliveries = rows(
                connection,
                "SELECT * FROM delivery WHERE webhook_id = ?1 AND id < ?2 AND (?3 IS NULL OR state = ?3)
                     ORDER BY id DESC LIMIT ?4",
                params![webhook, before, state, page.limit.one_more()],
                delivery,
            )?;
            Ok(Listing::cut(deliveries, page.limit, |delivery| delivery.id))
        })
    }

    fn trim_deliveries(&self, before: Timestamp, limit: Limit) -> Result<u64, RegistryError> {
        self.write("trim deliveries", |tx| {
            let trimmed = tx.execute(
                "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE next_attempt_at IS NULL
                 AND created_at < ?1 ORDER BY created_at LIMIT ?2)",
                params![At(before), limit.get()],
            )?;
            Ok(count(trimmed))
        })
    }
}

fn enqueue(tx: &Connection, new: &NewDelivery, enqueued: &mut Enqueued) -> rusqlite::Result<()> {
    let repeated: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM delivery WHERE webhook_id = ?1 AND event = ?2)")?
        .query_row(params![new.webhook, new.event], |row| row.get(0))?;
    if repeated {
        enqueued.repeated += 1;
        return Ok(());
    }
    let added = tx
        .prepare_cached(
            "INSERT INTO delivery (id, webhook_id, event, kind, tn, body, state, attempts, next_attempt_at, created_at)
             SELECT ?1, id, ?3, ?4, ?5, ?6, 'pending', 0, ?7, ?7 FROM webhook WHERE id = ?2 AND active
             AND (SELECT count(*) FROM delivery WHERE webhook_id = ?2 AND state = 'pending') < ?8",
        )?
        .execute(params![
            new.id,
            new.webhook,
            new.event,
            new.kind,
            new.tn.map(Tn),
            new.body,
            At(new.at),
            PENDING_MAX
        ])?;
    if added == 1 {
        enqueued.added += 1
    } else {
        enqueued.refused += 1
    }
    Ok(())
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let moment = |column| row.get::<_, Option<At>>(column).map(|at| at.map(|at| at.0));
    Ok(Delivery {
        id: row.get("id")?,
        webhook: row.get("webhook_id")?,
        event: row.get("event")?,
        kind: row.get("kind")?,
        tn: row.get::<_, Option<Tn>>("tn")?.map(|tn| tn.0),
        body: row.get("body")?,
        state: row.get("state")?,
        attempts: row.get("attempts")?,
        next_attempt_at: moment("next_attempt_at")?,
        last_attempt_at: moment("last_attempt_at")?,
        last_status: row.get("last_status")?,
        last_error: row.get("last_error")?,
        created_at: row.get::<_, At>("created_at")?.0,
    })
}
