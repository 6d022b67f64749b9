//! API keys in SQLite.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Value, json};

use super::SqliteRegistry;
use super::audit::note;
use super::fault::Step;
use super::tenants::{duplicate, hold_below, source_of, tenant_of};
use super::values::{At, rows};
use crate::registry::{
    Action, ApiKey, Change, KEYS_MAX, KeyId, Keys, Listing, NewKey, Page, RegistryError, Scope, Subject,
};
use crate::{SourceRole, TenantId};

/// A key with its source's role and carrier.
const SELECT: &str = "SELECT api_key.*, source.role, source.carrier FROM api_key LEFT JOIN source \
                      ON source.tenant_id = api_key.tenant_id AND source.name = api_key.source_name";

impl Keys for SqliteRegistry {
    fn create_key(&self, new: &NewKey, change: &Change) -> Result<ApiKey, RegistryError> {
        self.write("create a key", |tx| {
            check(tx, new)?;
            tx.execute(
                "INSERT INTO api_key (id, hash, name, tenant_id, source_name, scopes, created_at, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    new.id,
                    new.hash,
                    new.name,
                    new.tenant,
                    new.source,
                    new.scopes,
                    At(change.at),
                    new.expires_at.map(At)
                ],
            )?;
            raise_generation(tx)?;
            let key = key_of(tx, new.id)?;
            note(tx, change, Action::KeyCreated, (new.tenant, &new.id), (None, Some(told(&key))))?;
            Ok(key)
        })
    }

    fn revoke_key(&self, tenant: TenantId, id: KeyId, change: &Change) -> Result<ApiKey, RegistryError> {
        self.write("revoke a key", |tx| {
            let before = key_of(tx, id)?;
            if before.tenant != tenant {
                return Err(RegistryError::not_found(Subject::Key, id).into());
            }
            if before.revoked_at.is_some() {
                return Ok(before);
            }
            tx.execute("UPDATE api_key SET revoked_at = ?2 WHERE id = ?1", params![id, At(change.at)])?;
            raise_generation(tx)?;
            let after = key_of(tx, id)?;
            note(tx, change, Action::KeyRevoked, (tenant, &id), (Some(told(&before)), Some(told(&after))))?;
            Ok(after)
        })
    }

    fn keys(&self, tenant: Option<TenantId>, page: &Page<KeyId>) -> Result<Listing<ApiKey, KeyId>, RegistryError> {
        self.read("list keys", |connection| {
            let after = page.after.map(KeyId::to_bytes).map_or_else(Vec::new, Vec::from);
            let keys = rows(connection, &format!(
                    "{SELECT} WHERE api_key.id > ?1 AND (?2 IS NULL OR api_key.tenant_id = ?2) ORDER BY api_key.id LIMIT ?3"
                ), params![after, tenant, page.limit.one_more()], key)?;
            Ok(Listing::cut(keys, page.limit, |key| key.id))
        })
    }

    fn live_keys(&self) -> Result<(u64, Vec<ApiKey>), RegistryError> {
        self.read("read all keys", |connection| {
            // The generation first: a key that is created in between is read again the next time, never missed.
            let generation = generation(connection)?;
            let keys = rows(connection, &format!("{SELECT} WHERE revoked_at IS NULL ORDER BY api_key.id"), [], key)?;
            Ok((generation, keys))
        })
    }

    fn keys_generation(&self) -> Result<u64, RegistryError> {
        self.read("ask whether keys changed", |connection| Ok(generation(connection)?))
    }

    fn note_use(&self, used: &[(KeyId, u32)]) -> Result<(), RegistryError> {
        self.write("note the use of keys", |tx| {
            let mut update = tx.prepare_cached(
                "UPDATE api_key SET last_used_day = ?2 WHERE id = ?1 AND coalesce(last_used_day, -1) < ?2",
            )?;
            for (id, day) in used {
                update.execute(params![id, day])?;
            }
            Ok(())
        })
    }
}

fn check(tx: &Connection, new: &NewKey) -> Step<()> {
    tenant_of(tx, new.tenant)?;
    if new.scopes.is_empty() {
        return Err(RegistryError::bad_value("scopes", "", "at least one scope").into());
    }
    if new.scopes.has(Scope::Ingest) && new.source.is_none() {
        return Err(
            RegistryError::bad_value("source", "", "the source that a key with the scope ingest sends for").into()
        );
    }
    if let Some(source) = &new.source
        && source_of(tx, new.tenant, source)?.is_none()
    {
        return Err(RegistryError::not_found(Subject::Source, source).into());
    }
    let same = "SELECT count(*) FROM api_key WHERE tenant_id = ?1 AND name = ?2 AND revoked_at IS NULL";
    let same: u64 = tx.query_row(same, params![new.tenant, new.name], |row| row.get(0))?;
    if same > 0 {
        return Err(duplicate(Subject::Key, &new.name).into());
    }
    let held: u64 = tx.query_row("SELECT count(*) FROM api_key WHERE revoked_at IS NULL", [], |row| row.get(0))?;
    Ok(hold_below(Subject::Key, held, KEYS_MAX)?)
}

fn key_of(connection: &Connection, id: KeyId) -> Step<ApiKey> {
    let found = connection.query_row(&format!("{SELECT} WHERE api_key.id = ?1"), [id], key).optional()?;
    found.ok_or_else(|| RegistryError::not_found(Subject::Key, id).into())
}

fn generation(connection: &Connection) -> rusqlite::Result<u64> {
    connection.prepare_cached("SELECT keys_generation FROM meta")?.query_row([], |row| row.get(0))
}

fn raise_generation(tx: &Connection) -> rusqlite::Result<()> {
    tx.execute("UPDATE meta SET keys_generation = keys_generation + 1", []).map(|_| ())
}

fn key(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    let source_name = row.get("source_name")?;
    let role: Option<SourceRole> = row.get("role")?;
    Ok(ApiKey {
        id: row.get("id")?,
        hash: row.get("hash")?,
        name: row.get("name")?,
        tenant: row.get("tenant_id")?,
        source: Option::zip(source_name, role),
        carrier: row.get("carrier")?,
        scopes: row.get("scopes")?,
        created_at: row.get::<_, At>("created_at")?.0,
        expires_at: row.get::<_, Option<At>>("expires_at")?.map(|at| at.0),
        last_used_day: row.get("last_used_day")?,
        revoked_at: row.get::<_, Option<At>>("revoked_at")?.map(|at| at.0),
    })
}

/// A key as the audit tells it: without its hash.
fn told(key: &ApiKey) -> Value {
    json!({
        "name": key.name.as_str(),
        "source": key.source.as_ref().map(|(name, _)| name.as_str()),
        "scopes": key.scopes.to_string(),
        "expires_at": key.expires_at.map(|at| at.to_string()),
        "revoked_at": key.revoked_at.map(|at| at.to_string()),
    })
}
