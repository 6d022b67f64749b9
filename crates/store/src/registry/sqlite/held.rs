//! What a registry's file holds, for those who look after it.

use rusqlite::Connection;

use super::SqliteRegistry;
use super::fault::Step;
use crate::registry::RegistryError;

/// What a registry's file holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holdings {
    /// The version of its schema.
    pub schema: u32,
    /// The newest version that this program knows.
    pub schema_known: u32,
    /// Its tables by name, each with its rows.
    pub rows: Vec<(String, u64)>,
    /// Bytes of the file.
    pub bytes: u64,
}

impl SqliteRegistry {
    /// Tells what the file holds.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn holdings(&self) -> Result<Holdings, RegistryError> {
        self.read("count the rows", holdings)
    }
}

fn holdings(connection: &Connection) -> Step<Holdings> {
    let schema = connection.query_row("SELECT coalesce(max(version), 0) FROM migration", [], |row| row.get(0))?;
    let mut tables = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )?;
    let names: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut rows = Vec::with_capacity(names.len());
    for name in names {
        // The name comes from the schema, quoted as SQL quotes names.
        let quoted = name.replace('"', "\"\"");
        let count = connection.query_row(&format!("SELECT count(*) FROM \"{quoted}\""), [], |row| row.get(0))?;
        rows.push((name, count));
    }
    let pages: u64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    let page_bytes: u64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    let schema_known = u32::try_from(super::MIGRATIONS.len()).unwrap_or(u32::MAX);
    Ok(Holdings { schema, schema_known, rows, bytes: pages * page_bytes })
}
