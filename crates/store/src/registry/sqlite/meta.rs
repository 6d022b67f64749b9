//! Identity and settings in SQLite.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::SqliteRegistry;
use super::values::At;
use crate::registry::error::hold_to;
use crate::registry::meta::SETTING_BYTES_MAX;
use crate::registry::{DataIdentity, Meta, RegistryError};

impl Meta for SqliteRegistry {
    fn identity(&self) -> Result<DataIdentity, RegistryError> {
        self.read("read the identity", |connection| {
            let found = connection.query_row("SELECT data_id, created_at FROM meta", [], |row| {
                Ok(DataIdentity { id: row.get(0)?, created_at: row.get::<_, At>(1)?.0 })
            })?;
            Ok(found)
        })
    }

    fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, RegistryError> {
        self.read("read a setting", |connection| Ok(setting(connection, name)?))
    }

    fn put_setting(&self, name: &str, value: &[u8]) -> Result<(), RegistryError> {
        hold_to("setting", value, SETTING_BYTES_MAX)?;
        self.write("put a setting", |tx| {
            tx.execute(
                "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
                params![name, value],
            )?;
            Ok(())
        })
    }

    fn setting_or(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, RegistryError> {
        hold_to("setting", value, SETTING_BYTES_MAX)?;
        self.write("put a setting", |tx| {
            tx.execute(
                "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![name, value],
            )?;
            Ok(setting(tx, name)?.unwrap_or_else(|| value.to_vec()))
        })
    }
}

fn setting(connection: &Connection, name: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    connection.query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0)).optional()
}
