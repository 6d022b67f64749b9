//! Webhooks in SQLite.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::SqliteRegistry;
use super::audit::note;
use super::fault::Step;
use super::tenants::{hold_below, tenant_of};
use super::values::{At, rows};
use crate::TenantId;
use crate::registry::webhook::{check_kinds, check_url};
use crate::registry::{
    Action, Change, Listing, NewWebhook, Page, RegistryError, Subject, WEBHOOKS_MAX, Webhook, WebhookEdit, WebhookId,
    Webhooks,
};

impl Webhooks for SqliteRegistry {
    fn create_webhook(&self, new: &NewWebhook, change: &Change) -> Result<Webhook, RegistryError> {
        check_url(&new.url)?;
        check_kinds(new.kinds)?;
        self.write("create a webhook", |tx| {
            tenant_of(tx, new.tenant)?;
            let held: u64 =
                tx.query_row("SELECT count(*) FROM webhook WHERE tenant_id = ?1", [new.tenant], |row| row.get(0))?;
            hold_below(Subject::Webhook, held, WEBHOOKS_MAX)?;
            let webhook = tx.query_row(
                "INSERT INTO webhook (id, tenant_id, url, secret, kinds, active, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6) RETURNING *",
                params![new.id, new.tenant, new.url, new.secret, new.kinds, At(change.at)],
                webhook,
            )?;
            note(tx, change, Action::WebhookCreated, (new.tenant, &new.id), (None, Some(told(&webhook))))?;
            Ok(webhook)
        })
    }

    fn edit_webhook(
        &self,
        tenant: TenantId,
        id: WebhookId,
        edit: &WebhookEdit,
        change: &Change,
    ) -> Result<Webhook, RegistryError> {
        edit.url.as_deref().map_or(Ok(()), check_url)?;
        edit.kinds.map_or(Ok(()), check_kinds)?;
        self.write("change a webhook", |tx| {
            let before = webhook_of(tx, tenant, id)?;
            let after = tx.query_row(
                "UPDATE webhook SET url = coalesce(?2, url), secret = coalesce(?3, secret),
                 kinds = coalesce(?4, kinds), active = coalesce(?5, active) WHERE id = ?1 RETURNING *",
                params![id, edit.url, edit.secret, edit.kinds, edit.active],
                webhook,
            )?;
            note(tx, change, Action::WebhookChanged, (tenant, &id), (Some(told(&before)), Some(told(&after))))?;
            Ok(after)
        })
    }

    fn delete_webhook(&self, tenant: TenantId, id: WebhookId, change: &Change) -> Result<(), RegistryError> {
        self.write("delete a webhook", |tx| {
            let before = webhook_of(tx, tenant, id)?;
            tx.execute("DELETE FROM webhook WHERE id = ?1", [id])?;
            note(tx, change, Action::WebhookDeleted, (tenant, &id), (Some(told(&before)), None))?;
            Ok(())
        })
    }

    fn webhook(&self, tenant: TenantId, id: WebhookId) -> Result<Webhook, RegistryError> {
        self.read("read a webhook", |connection| webhook_of(connection, tenant, id))
    }

    fn webhooks(
        &self,
        tenant: Option<TenantId>,
        page: &Page<WebhookId>,
    ) -> Result<Listing<Webhook, WebhookId>, RegistryError> {
        self.read("list webhooks", |connection| {
            let after = page.after.map(WebhookId::to_bytes).map_or_else(Vec::new, Vec::from);
            let webhooks = rows(
                connection,
                "SELECT * FROM webhook WHERE id > ?1 AND (?2 IS NULL OR tenant_id = ?2) ORDER BY id LIMIT ?3",
                params![after, tenant, page.limit.one_more()],
                webhook,
            )?;
            Ok(Listing::cut(webhooks, page.limit, |webhook| webhook.id))
        })
    }
}

/// A tenant's webhook, or the refusal that there is none.
pub(super) fn webhook_of(connection: &Connection, tenant: TenantId, id: WebhookId) -> Step<Webhook> {
    let found = connection
        .query_row("SELECT * FROM webhook WHERE id = ?1 AND tenant_id = ?2", params![id, tenant], webhook)
        .optional()?;
    found.ok_or_else(|| RegistryError::not_found(Subject::Webhook, id).into())
}

fn webhook(row: &Row<'_>) -> rusqlite::Result<Webhook> {
    Ok(Webhook {
        id: row.get("id")?,
        tenant: row.get("tenant_id")?,
        url: row.get("url")?,
        secret: row.get("secret")?,
        kinds: row.get("kinds")?,
        active: row.get("active")?,
        created_at: row.get::<_, At>("created_at")?.0,
    })
}

/// A webhook as the audit tells it: of its secret no more than a few bits of a hash, which tell that it is another one.
fn told(webhook: &Webhook) -> Value {
    let [first, second, ..] = <[u8; 32]>::from(Sha256::digest(webhook.secret.0));
    json!({
        "url": webhook.url,
        "kinds": webhook.kinds.to_string(),
        "active": webhook.active,
        "secret": format!("{first:02x}{second:02x}…"),
    })
}
