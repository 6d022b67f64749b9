//! The registry in one file of SQLite.
//!
//! One connection writes, behind a lock; others read, and see the last committed state without waiting for the writer (WAL).
//! Every write is one transaction that takes the write lock at its beginning: a transaction that reads first and writes later
//! would fail instead of waiting when another process wrote in between. `synchronous=FULL` makes a commit durable before it
//! returns. Another process, such as `ringtrue key create`, may open the same file at any time.

mod audit;
mod deliveries;
mod fault;
mod held;
mod history;
mod idempotency;
mod imports;
mod keys;
mod meta;
mod migrate;
mod tenants;
#[cfg(test)]
mod tests;
mod values;
mod webhooks;

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::{TelephoneNumber, Timestamp};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, params};

use fault::{Fault, Step};
pub use held::Holdings;
use migrate::{MIGRATIONS, Migration};
use values::{At, Tn};

use super::{Action, Change, DataId, Registry, RegistryError};
use crate::TenantId;

/// Connections that read. Chosen: pages of a console are read now and then; look-ups read none.
const READERS: usize = 2;
/// How long a write waits for another process. Chosen: the longest transaction here takes some tens of milliseconds.
const BUSY_WAIT: Duration = Duration::from_secs(5);
/// Prepared statements that a connection keeps. Chosen: all that there are.
const STATEMENTS_KEPT: usize = 128;

/// What a new data directory begins with, should the file not exist yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Creation {
    /// Its id.
    pub id: DataId,
    /// The moment.
    pub at: Timestamp,
}

/// The registry in one file of SQLite.
pub struct SqliteRegistry {
    writer: Mutex<Connection>,
    readers: Vec<Mutex<Connection>>,
    turn: AtomicUsize,
}

impl SqliteRegistry {
    /// What the file is called in a data directory.
    pub const FILE_NAME: &str = "registry.sqlite";

    /// Opens the registry at `path`, which is created if it does not exist (readable by its owner alone, for it
    /// holds webhooks' secrets), and brings an older one to this program's schema.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NotARegistry`] for another file; [`RegistryError::NewerVersion`] and
    /// [`RegistryError::DivergentSchema`] for one that this program must not touch; when it cannot be read or written.
    pub fn open(path: &Path, creation: &Creation) -> Result<Self, RegistryError> {
        Self::open_with(path, creation, MIGRATIONS)
    }

    /// Opens the registry at `path` to look at it: nothing in the file changes, and an older one stays of its version. What
    /// writes fails.
    ///
    /// # Errors
    ///
    /// As [`SqliteRegistry::open`], and when there is no file.
    pub fn open_to_read(path: &Path) -> Result<Self, RegistryError> {
        let opening = |fault: Fault| fault.while_trying("open the file");
        let connect = || connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let first = connect().map_err(|error| not_a_database(error, path))?;
        migrate::is_known(&first, MIGRATIONS).map_err(|fault| match fault {
            Fault::Sql(error) => not_a_database(error, path),
            fault => opening(fault),
        })?;
        let readers = (1..READERS).map(|_| connect().map(Mutex::new));
        let mut readers: Vec<_> = readers.collect::<rusqlite::Result<_>>().map_err(|error| opening(error.into()))?;
        readers.push(Mutex::new(first));
        let writer = Mutex::new(connect().map_err(|error| opening(error.into()))?);
        Ok(Self { writer, readers, turn: AtomicUsize::new(0) })
    }

    fn open_with(path: &Path, creation: &Creation, migrations: &[Migration]) -> Result<Self, RegistryError> {
        let opening = |fault: Fault| fault.while_trying("open the file");
        create_private(path);
        let mut writer = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
            .map_err(|error| not_a_database(error, path))?;
        migrate::migrate(&mut writer, migrations, creation.at).map_err(opening)?;
        begin(&mut writer, creation).map_err(opening)?;
        let reader = || connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map(Mutex::new);
        let readers: Vec<Mutex<Connection>> =
            (0..READERS).map(|_| reader()).collect::<rusqlite::Result<_>>().map_err(|error| opening(error.into()))?;
        Ok(Self { writer: Mutex::new(writer), readers, turn: AtomicUsize::new(0) })
    }

    /// Writes a whole and consistent copy to `path`, which must be empty or not exist, while others read and write.
    ///
    /// # Errors
    ///
    /// When the copy cannot be written.
    pub fn copy_to(&self, path: &Path) -> Result<(), RegistryError> {
        self.read("copy the file", |connection| {
            connection.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
            Ok(())
        })
    }

    /// Reads everything and checks it; returns what is wrong, a sentence each, at most 100.
    ///
    /// # Errors
    ///
    /// When the file cannot be read at all.
    pub fn verify(&self) -> Result<Vec<String>, RegistryError> {
        self.read("check the file", |connection| {
            let mut integrity = connection.prepare("PRAGMA integrity_check(100)")?;
            let found: Vec<String> = integrity.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            let mut wrong: Vec<String> = found.into_iter().filter(|line| line != "ok").collect();
            let mut dangling =
                connection.prepare("SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT 100")?;
            let rows = dangling.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
            for row in rows {
                let (table, parent) = row?;
                wrong.push(format!("a row of {table} names a row of {parent} that does not exist"));
            }
            wrong.truncate(100);
            Ok(wrong)
        })
    }

    /// Runs `body` in a transaction of its own, committed if it succeeds.
    fn write<T>(
        &self,
        tried: &'static str,
        body: impl FnOnce(&Transaction<'_>) -> Step<T>,
    ) -> Result<T, RegistryError> {
        // A panic in a transaction rolled it back; the connection is whole.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let run = || {
            let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = body(&tx)?;
            tx.commit()?;
            Ok(value)
        };
        run().map_err(|fault: Fault| fault.while_trying(tried))
    }

    /// Runs `body` on a connection that only reads.
    fn read<T>(&self, tried: &'static str, body: impl FnOnce(&Connection) -> Step<T>) -> Result<T, RegistryError> {
        let reader = self.reader();
        body(&reader).map_err(|fault| fault.while_trying(tried))
    }

    /// A reader that is free, or the next in turn.
    fn reader(&self) -> MutexGuard<'_, Connection> {
        let free = self.readers.iter().find_map(|reader| reader.try_lock().ok());
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % READERS;
        let next = || self.readers.get(turn).unwrap_or(&self.writer);
        free.unwrap_or_else(|| next().lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Registry for SqliteRegistry {
    fn forget_number(&self, tn: TelephoneNumber, change: &Change) -> Result<u64, RegistryError> {
        self.write("forget a number", |tx| {
            let labels = tx.execute("DELETE FROM label_history WHERE tn = ?1", [Tn(tn)])?;
            let deliveries = tx.execute("DELETE FROM delivery WHERE tn = ?1", [Tn(tn)])?;
            audit::note(tx, change, Action::NumberForgotten, (TenantId::OPERATOR, &tn), (None, None))?;
            Ok(u64::try_from(labels + deliveries).unwrap_or(u64::MAX))
        })
    }
}

/// Creates the file so that only its owner can read it; SQLite gives its side files the same rights. Where that fails, SQLite
/// fails next, and says why. A file that exists is not even opened: closing it would drop the locks that another connection of
/// this process holds on it.
fn create_private(path: &Path) {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_WAIT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    if flags.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) {
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        // What was deleted is overwritten: a forgotten number does not linger in free pages.
        connection.pragma_update(None, "secure_delete", true)?;
    }
    Ok(connection)
}

/// The identity and the operator's tenant, unless they are there.
fn begin(connection: &mut Connection, creation: &Creation) -> Step<()> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute(
        "INSERT INTO meta (one, data_id, created_at, keys_generation) VALUES (1, ?1, ?2, 1) ON CONFLICT DO NOTHING",
        params![creation.id, At(creation.at)],
    )?;
    tx.execute(
        "INSERT INTO tenant (id, name, created_at) VALUES (?1, 'operator', ?2) ON CONFLICT DO NOTHING",
        params![TenantId::OPERATOR, At(creation.at)],
    )?;
    tx.commit()?;
    Ok(())
}

fn not_a_database(error: rusqlite::Error, path: &Path) -> RegistryError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => RegistryError::NotARegistry { path: path.display().to_string() },
        _ => Fault::Sql(error).while_trying("open the file"),
    }
}
