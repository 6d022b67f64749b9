//! The audit in SQLite.

use std::fmt::Display;

use rusqlite::{Connection, Row, params};
use serde_json::Value;

use super::SqliteRegistry;
use super::fault::Step;
use super::values::{At, rows};
use crate::TenantId;
use crate::registry::error::hold_to;
use crate::registry::{Action, Audit, AuditFilter, AuditLine, Change, Listing, Page, RegistryError};

/// The most bytes of what a line is about.
const SUBJECT_BYTES_MAX: usize = 256;
/// The most bytes of either side of a line.
const SIDE_BYTES_MAX: usize = 64 * 1024;

/// The tenant that a change concerns, and what was changed.
pub(super) type About<'a> = (TenantId, &'a dyn Display);

/// Adds the line of a change to the change's own transaction. `sides` is how it was before, and after.
pub(super) fn note(
    tx: &Connection,
    change: &Change,
    action: Action,
    about: About<'_>,
    sides: (Option<Value>, Option<Value>),
) -> Step<u64> {
    let subject = about.1.to_string();
    let [before, after] = [sides.0, sides.1].map(|side| side.map(|value| value.to_string()));
    hold_to("subject", subject.as_bytes(), SUBJECT_BYTES_MAX)?;
    for side in [&before, &after].into_iter().flatten() {
        hold_to("side of the audit line", side.as_bytes(), SIDE_BYTES_MAX)?;
    }
    let mut insert = tx.prepare_cached(
        "INSERT INTO audit (at, by, action, tenant_id, subject, before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         RETURNING place",
    )?;
    let row = params![At(change.at), change.by, action, about.0, subject, before, after];
    Ok(insert.query_row(row, |row| row.get::<_, u64>(0))?)
}

impl Audit for SqliteRegistry {
    fn add_audit_line(&self, line: &AuditLine) -> Result<u64, RegistryError> {
        self.write("add an audit line", |tx| {
            let change = Change { by: line.by, at: line.at };
            note(tx, &change, line.action, (line.tenant, &line.subject), (line.before.clone(), line.after.clone()))
        })
    }

    fn audit_lines(&self, filter: &AuditFilter, page: &Page<u64>) -> Result<Listing<AuditLine, u64>, RegistryError> {
        self.read("list audit lines", |connection| {
            let fetch = page.limit.one_more();
            let before = page.after.unwrap_or(i64::MAX.unsigned_abs());
            // Two texts, so that the one without a subject can follow the tenant's index or the places.
            let subject = filter.subject.as_deref();
            let listed = match subject {
                Some(_) => {
                    "SELECT * FROM audit WHERE subject = ?1 AND (?2 IS NULL OR tenant_id = ?2) AND place < ?3
                            ORDER BY place DESC LIMIT ?4"
                }
                None => {
                    "SELECT * FROM audit WHERE ?1 IS NULL AND (?2 IS NULL OR tenant_id = ?2) AND place < ?3
                         ORDER BY place DESC LIMIT ?4"
                }
            };
            let lines = rows(connection, listed, params![subject, filter.tenant, before, fetch], line)?;
            Ok(Listing::cut(lines, page.limit, |line| line.place))
        })
    }
}

fn line(row: &Row<'_>) -> rusqlite::Result<AuditLine> {
    Ok(AuditLine {
        place: row.get("place")?,
        at: row.get::<_, At>("at")?.0,
        by: row.get("by")?,
        action: row.get("action")?,
        tenant: row.get("tenant_id")?,
        subject: row.get("subject")?,
        before: json(row, "before")?,
        after: json(row, "after")?,
    })
}

fn json(row: &Row<'_>, column: &'static str) -> rusqlite::Result<Option<Value>> {
    let Some(text) = row.get::<_, Option<String>>(column)? else { return Ok(None) };
    let unreadable = |error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error));
    serde_json::from_str(&text).map(Some).map_err(unreadable)
}
