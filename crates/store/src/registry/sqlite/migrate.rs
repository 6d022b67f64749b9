//! Schema versions: numbered texts of SQL, applied forward only.

use model::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use sha2::{Digest as _, Sha256};

use super::fault::Step;
use super::values::At;
use crate::registry::RegistryError;

/// A step from one schema version to the next.
#[derive(Clone, Copy)]
pub(super) struct Migration {
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

/// All migrations; the first leads to version 1. A migration that was released is never edited: what was applied is known by
/// its checksum.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration { name: "begin", sql: include_str!("migrations/0001_begin.sql") },
    Migration { name: "carrier", sql: include_str!("migrations/0002_carrier.sql") },
];

/// What tells our file from any other of SQLite's, `RTRG` in ASCII.
const APPLICATION_ID: i32 = 0x5254_5247;

/// Refuses a file that is none of ours, or of a newer program.
pub(super) fn is_known(connection: &Connection, migrations: &[Migration]) -> Step<()> {
    let found: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if found != APPLICATION_ID {
        let path = connection.path().unwrap_or("the file").to_owned();
        return Err(RegistryError::NotARegistry { path }.into());
    }
    not_newer(connection, migrations)
}

fn not_newer(connection: &Connection, migrations: &[Migration]) -> Step<()> {
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    let newest: u32 = connection.query_row("SELECT coalesce(max(version), 0) FROM migration", [], |row| row.get(0))?;
    if newest > known {
        return Err(RegistryError::NewerVersion { found: newest, known }.into());
    }
    Ok(())
}

/// Brings the schema to the newest version that this program knows. Processes that open the file at the same moment take turns.
pub(super) fn migrate(connection: &mut Connection, migrations: &[Migration], now: Timestamp) -> Step<()> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i32 = tx.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 = tx.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if found != APPLICATION_ID && (found != 0 || tables != 0) {
        let path = tx.path().unwrap_or("the file").to_owned();
        return Err(RegistryError::NotARegistry { path }.into());
    }
    if tables == 0 {
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.execute_batch(
            "CREATE TABLE migration (
                version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL, applied_at INTEGER NOT NULL
            ) STRICT",
        )?;
    }
    not_newer(&tx, migrations)?;
    for (version, migration) in (1u32..).zip(migrations) {
        let checksum: [u8; 32] = Sha256::digest(migration.sql).into();
        let applied: Option<[u8; 32]> = tx
            .query_row("SELECT checksum FROM migration WHERE version = ?1", [version], |row| row.get(0))
            .optional()?;
        match applied {
            Some(applied) if applied == checksum => {}
            Some(_) => return Err(RegistryError::DivergentSchema { version }.into()),
            None => {
                tx.execute_batch(migration.sql)?;
                tx.execute(
                    "INSERT INTO migration (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)",
                    params![version, migration.name, checksum, At(now)],
                )?;
            }
        }
    }
    tx.commit()?;
    Ok(())
}
