//! Tenants and sources in SQLite.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

use super::SqliteRegistry;
use super::audit::note;
use super::fault::Step;
use super::values::{At, rows};
use crate::registry::tenant::{SOURCES_MAX, TENANTS_MAX};
use crate::registry::{
    Action, Change, Listing, Name, NewSource, Page, RegistryError, Source, Subject, Tenant, Tenants,
};
use crate::{SourceRole, TenantId};

impl Tenants for SqliteRegistry {
    fn create_tenant(&self, name: &Name, change: &Change) -> Result<Tenant, RegistryError> {
        self.write("create a tenant", |tx| {
            if tenant_named(tx, name)?.is_some() {
                return Err(duplicate(Subject::Tenant, name).into());
            }
            let held: u64 = tx.query_row("SELECT count(*) FROM tenant", [], |row| row.get(0))?;
            hold_below(Subject::Tenant, held, TENANTS_MAX)?;
            let tenant = tx.query_row(
                "INSERT INTO tenant (name, created_at) VALUES (?1, ?2) RETURNING *",
                params![name, At(change.at)],
                tenant,
            )?;
            let after = json!({ "name": name.as_str() });
            note(tx, change, Action::TenantCreated, (tenant.id, &tenant.id), (None, Some(after)))?;
            Ok(tenant)
        })
    }

    fn tenant(&self, id: TenantId) -> Result<Tenant, RegistryError> {
        self.read("read a tenant", |connection| tenant_of(connection, id))
    }

    fn tenant_named(&self, name: &Name) -> Result<Option<Tenant>, RegistryError> {
        self.read("look a tenant up", |connection| Ok(tenant_named(connection, name)?))
    }

    fn tenants(&self, page: &Page<TenantId>) -> Result<Listing<Tenant, TenantId>, RegistryError> {
        self.read("list tenants", |connection| {
            let after = page.after.map_or(-1, |id| i64::from(id.0));
            let tenants = rows(
                connection,
                "SELECT * FROM tenant WHERE id > ?1 ORDER BY id LIMIT ?2",
                params![after, page.limit.one_more()],
                tenant,
            )?;
            Ok(Listing::cut(tenants, page.limit, |tenant| tenant.id))
        })
    }

    fn create_source(&self, new: &NewSource, change: &Change) -> Result<Source, RegistryError> {
        self.write("create a source", |tx| {
            tenant_of(tx, new.tenant)?;
            if source_of(tx, new.tenant, &new.name)?.is_some() {
                return Err(duplicate(Subject::Source, &new.name).into());
            }
            if let (SourceRole::Originating, Some(carrier)) = (new.role, &new.carrier) {
                let expected = "none for an originating source, whose calls end at many carriers";
                return Err(RegistryError::bad_value("carrier", carrier.as_str(), expected).into());
            }
            let held: u64 =
                tx.query_row("SELECT count(*) FROM source WHERE tenant_id = ?1", [new.tenant], |row| row.get(0))?;
            hold_below(Subject::Source, held, SOURCES_MAX)?;
            let source = tx.query_row(
                "INSERT INTO source (tenant_id, name, role, carrier, created_at) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING *",
                params![new.tenant, new.name, new.role, new.carrier, At(change.at)],
                source,
            )?;
            let after = json!({ "role": new.role.as_str(), "carrier": new.carrier.as_ref().map(Name::as_str) });
            note(tx, change, Action::SourceCreated, (new.tenant, &new.name), (None, Some(after)))?;
            Ok(source)
        })
    }

    fn source(&self, tenant: TenantId, name: &Name) -> Result<Option<Source>, RegistryError> {
        self.read("look a source up", |connection| Ok(source_of(connection, tenant, name)?))
    }

    fn sources(&self, tenant: TenantId, page: &Page<Name>) -> Result<Listing<Source, Name>, RegistryError> {
        self.read("list sources", |connection| {
            // No name sorts before the empty text.
            let after = page.after.as_ref().map_or("", Name::as_str);
            let sources = rows(
                connection,
                "SELECT * FROM source WHERE tenant_id = ?1 AND name > ?2 ORDER BY name LIMIT ?3",
                params![tenant, after, page.limit.one_more()],
                source,
            )?;
            Ok(Listing::cut(sources, page.limit, |source| source.name.clone()))
        })
    }
}

/// The tenant, or the refusal that there is none.
pub(super) fn tenant_of(connection: &Connection, id: TenantId) -> Step<Tenant> {
    let found = connection.query_row("SELECT * FROM tenant WHERE id = ?1", [id], tenant).optional()?;
    found.ok_or_else(|| RegistryError::not_found(Subject::Tenant, id).into())
}

/// A tenant's source.
pub(super) fn source_of(connection: &Connection, tenant: TenantId, name: &Name) -> rusqlite::Result<Option<Source>> {
    connection
        .query_row("SELECT * FROM source WHERE tenant_id = ?1 AND name = ?2", params![tenant, name], source)
        .optional()
}

/// Refuses one more of what there may be `limit` of.
pub(super) fn hold_below(subject: Subject, held: u64, limit: u64) -> Result<(), RegistryError> {
    if held >= limit { Err(RegistryError::LimitReached { subject, limit }) } else { Ok(()) }
}

/// The refusal of a name that is taken.
pub(super) fn duplicate(subject: Subject, name: &Name) -> RegistryError {
    RegistryError::DuplicateName { subject, name: name.to_string() }
}

fn tenant_named(connection: &Connection, name: &Name) -> rusqlite::Result<Option<Tenant>> {
    connection.query_row("SELECT * FROM tenant WHERE name = ?1", [name], tenant).optional()
}

fn tenant(row: &Row<'_>) -> rusqlite::Result<Tenant> {
    Ok(Tenant { id: row.get("id")?, name: row.get("name")?, created_at: row.get::<_, At>("created_at")?.0 })
}

fn source(row: &Row<'_>) -> rusqlite::Result<Source> {
    Ok(Source {
        tenant: row.get("tenant_id")?,
        name: row.get("name")?,
        role: row.get("role")?,
        carrier: row.get("carrier")?,
        created_at: row.get::<_, At>("created_at")?.0,
    })
}
