//! Imports in SQLite.

use model::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::SqliteRegistry;
use super::tenants::source_of;
use super::values::{At, count, rows};
use crate::registry::import::short_name;
use crate::registry::{ImportKey, ImportProgress, Imports, Listing, Name, Page, RegistryError, Subject};

impl Imports for SqliteRegistry {
    fn note_import(&self, progress: &ImportProgress) -> Result<(), RegistryError> {
        self.write("note an import", |tx| {
            let ImportKey { tenant, source, file } = &progress.key;
            if source_of(tx, *tenant, source)?.is_none() {
                return Err(RegistryError::not_found(Subject::Source, source).into());
            }
            tx.prepare_cached(
                "INSERT INTO import (tenant_id, source_name, file, file_name, position_bytes, records, finished, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET file_name = excluded.file_name,
                 position_bytes = excluded.position_bytes, records = excluded.records, finished = excluded.finished,
                 updated_at = excluded.updated_at",
            )?
            .execute(params![
                tenant,
                source,
                file,
                short_name(&progress.file_name),
                progress.position_bytes,
                progress.records,
                progress.finished,
                At(progress.updated_at)
            ])?;
            Ok(())
        })
    }

    fn import(&self, key: &ImportKey) -> Result<Option<ImportProgress>, RegistryError> {
        self.read("read an import", |connection| {
            let select = "SELECT * FROM import WHERE tenant_id = ?1 AND source_name = ?2 AND file = ?3";
            Ok(connection.query_row(select, params![key.tenant, key.source, key.file], progress).optional()?)
        })
    }

    fn imports(&self, page: &Page<ImportKey>) -> Result<Listing<ImportProgress, ImportKey>, RegistryError> {
        self.read("list imports", |connection| {
            let (tenant, source, file) = match &page.after {
                Some(key) => (i64::from(key.tenant.0), key.source.as_str(), key.file.to_vec()),
                None => (-1, "", Vec::new()),
            };
            let imports = rows(
                connection,
                "SELECT * FROM import WHERE (tenant_id, source_name, file) > (?1, ?2, ?3)
                     ORDER BY tenant_id, source_name, file LIMIT ?4",
                params![tenant, source, file, page.limit.one_more()],
                progress,
            )?;
            Ok(Listing::cut(imports, page.limit, |progress| progress.key.clone()))
        })
    }

    fn trim_imports(&self, before: Timestamp) -> Result<u64, RegistryError> {
        self.write("trim imports", |tx| {
            let trimmed = tx.execute("DELETE FROM import WHERE updated_at < ?1", [At(before)])?;
            Ok(count(trimmed))
        })
    }
}

fn progress(row: &Row<'_>) -> rusqlite::Result<ImportProgress> {
    let source: Name = row.get("source_name")?;
    Ok(ImportProgress {
        key: ImportKey { tenant: row.get("tenant_id")?, source, file: row.get("file")? },
        file_name: row.get("file_name")?,
        position_bytes: row.get("position_bytes")?,
        records: row.get("records")?,
        finished: row.get("finished")?,
        updated_at: row.get::<_, At>("updated_at")?.0,
    })
}
