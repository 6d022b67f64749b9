//! Remembered answers in SQLite.

use model::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::SqliteRegistry;
use super::values::{At, count};
use crate::TenantId;
use crate::registry::error::hold_to;
use crate::registry::idempotency::IDEMPOTENCY_KEY_BYTES_MAX;
use crate::registry::{Claim, Idempotency, Limit, NewClaim, RESPONSE_BYTES_MAX, RegistryError, StoredResponse};

impl Idempotency for SqliteRegistry {
    fn claim(&self, claim: &NewClaim<'_>) -> Result<Claim, RegistryError> {
        hold_to("idempotency key", claim.key.as_bytes(), IDEMPOTENCY_KEY_BYTES_MAX)?;
        self.write("claim a request", |tx| {
            let known = tx
                .prepare_cached("SELECT * FROM claim WHERE tenant_id = ?1 AND key = ?2 AND expires_at > ?3")?
                .query_row(params![claim.tenant, claim.key, At(claim.now)], known)
                .optional()?;
            if let Some((request_hash, response)) = known {
                let same = request_hash == claim.request_hash;
                return Ok(match response {
                    _ if !same => Claim::OtherRequest,
                    Some(response) => Claim::Done(response),
                    None => Claim::InProgress,
                });
            }
            tx.prepare_cached(
                "INSERT OR REPLACE INTO claim (tenant_id, key, request_hash, expires_at) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![claim.tenant, claim.key, claim.request_hash, At(claim.lease_until)])?;
            Ok(Claim::Fresh)
        })
    }

    fn complete(
        &self,
        tenant: TenantId,
        key: &str,
        response: &StoredResponse,
        expires_at: Timestamp,
    ) -> Result<(), RegistryError> {
        hold_to("answer", &response.body, RESPONSE_BYTES_MAX)?;
        self.write("remember an answer", |tx| {
            tx.prepare_cached(
                "UPDATE claim SET status = ?3, content_type = ?4, body = ?5, expires_at = ?6
                 WHERE tenant_id = ?1 AND key = ?2 AND status IS NULL",
            )?
            .execute(params![
                tenant,
                key,
                response.status,
                response.content_type,
                response.body,
                At(expires_at)
            ])?;
            Ok(())
        })
    }

    fn release(&self, tenant: TenantId, key: &str) -> Result<(), RegistryError> {
        self.write("give a request back", |tx| {
            tx.execute("DELETE FROM claim WHERE tenant_id = ?1 AND key = ?2 AND status IS NULL", params![tenant, key])?;
            Ok(())
        })
    }

    fn release_all(&self) -> Result<u64, RegistryError> {
        self.write("give requests back", |tx| Ok(count(tx.execute("DELETE FROM claim WHERE status IS NULL", [])?)))
    }

    fn trim_claims(&self, now: Timestamp, limit: Limit) -> Result<u64, RegistryError> {
        self.write("trim remembered answers", |tx| {
            let trimmed = tx.execute(
                "DELETE FROM claim WHERE rowid IN
                 (SELECT rowid FROM claim WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
                params![At(now), limit.get()],
            )?;
            Ok(count(trimmed))
        })
    }
}

/// The hash of a claimed request, and the answer if it was done.
fn known(row: &Row<'_>) -> rusqlite::Result<([u8; 32], Option<StoredResponse>)> {
    let response = match row.get("status")? {
        Some(status) => Some(StoredResponse { status, content_type: row.get("content_type")?, body: row.get("body")? }),
        None => None,
    };
    Ok((row.get("request_hash")?, response))
}
