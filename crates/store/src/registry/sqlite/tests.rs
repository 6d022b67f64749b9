//! The battery on SQLite, and what only a file can get wrong.
#![cfg(test)]

use std::path::PathBuf;

use model::Label;
use rusqlite::Connection;
use tempfile::TempDir;

use super::migrate::{MIGRATIONS, Migration};
use super::{Creation, SqliteRegistry};
use crate::SourceRole;
use crate::registry::battery::{self, Bench, at, change, code, lookup_key, name, tn};
use crate::registry::{
    Audience, Audit as _, AuditFilter, Claim, DataId, Deliveries as _, DeliveryState, History as _, Idempotency as _,
    ImportKey, Imports as _, KeyRing, Keys as _, Meta as _, NewClaim, Page, Registry, Tenants as _,
};

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("registry.sqlite")
    }

    fn registry(&self) -> SqliteRegistry {
        SqliteRegistry::open(&self.path(), &creation()).expect("opens")
    }

    fn raw(&self) -> Connection {
        Connection::open(self.path()).expect("opens")
    }
}

impl Bench for Folder {
    fn open(&self) -> Box<dyn Registry> {
        Box::new(self.registry())
    }
}

fn creation() -> Creation {
    Creation { id: DataId::new(at(0), [7; 10]), at: at(0) }
}

battery::battery!(Folder::new());

const EXTRA: Migration = Migration { name: "extra", sql: "ALTER TABLE tenant ADD COLUMN note TEXT" };

fn opened_with(folder: &Folder, migrations: &[Migration]) -> Result<(), crate::registry::RegistryError> {
    SqliteRegistry::open_with(&folder.path(), &creation(), migrations).map(|_| ())
}

/// The fixture is what version 1 wrote; it is never made anew.
#[test]
fn the_oldest_schema_opens() {
    let folder = Folder::new();
    folder.raw().execute_batch(include_str!("../../../fixtures/registry-v1.sql")).expect("the fixture");
    let registry = folder.registry();
    assert_eq!(registry.identity().expect("an identity").created_at, at(0));
    let tenant = registry.tenant_named(&name("clinic")).expect("readable").expect("there");
    let keys = registry.keys(Some(tenant.id), &Page::first()).expect("a page").items;
    assert_eq!(keys.iter().map(|key| key.scopes.to_string()).collect::<Vec<_>>(), ["ingest read:facts"]);
    let ring = KeyRing::load(&registry).expect("readable");
    let key = ring.find(&battery::secret(1).expose(), at(2)).expect("known");
    assert_eq!(key.source, Some((name("dialer"), SourceRole::Originating)));
    let webhook = battery::webhook_id(1);
    let waiting = registry.deliveries(tenant.id, webhook, Some(DeliveryState::Pending), &Page::first());
    assert_eq!(waiting.expect("a page").items.iter().map(|one| one.tn).collect::<Vec<_>>(), [Some(tn(12))]);
    let history = registry.history(tn(12), Audience::Shared, &Page::first()).expect("a page").items;
    assert_eq!(history.iter().map(|entry| entry.change.to).collect::<Vec<_>>(), [Label::PotentialSpam]);
    let again = NewClaim { tenant: tenant.id, key: "batch-1", request_hash: [1; 32], now: at(9), lease_until: at(69) };
    assert!(matches!(registry.claim(&again), Ok(Claim::Done(answer)) if answer.body == b"{}"));
    let imported = ImportKey { tenant: tenant.id, source: name("dialer"), file: [2; 32] };
    assert!(registry.import(&imported).expect("readable").is_some_and(|import| import.finished));
    let lines = registry.audit_lines(&AuditFilter::default(), &Page::first()).expect("a page").items;
    assert_eq!(lines.len(), 4);
    assert_eq!(registry.setting("policy").expect("readable").as_deref(), Some(&b"2026-11"[..]));
    assert_eq!(registry.verify().expect("checked"), Vec::<String>::new());
}

#[test]
fn migrations_go_forward_only() {
    let folder = Folder::new();
    folder.registry().create_tenant(&name("clinic"), &change(1)).expect("a new tenant");
    let extended: Vec<Migration> = MIGRATIONS.iter().copied().chain([EXTRA]).collect();
    opened_with(&folder, &extended).expect("brought forward");
    opened_with(&folder, &extended).expect("there already");
    let note: Option<String> =
        folder.raw().query_row("SELECT note FROM tenant WHERE name = 'clinic'", [], |row| row.get(0)).expect("kept");
    assert_eq!(note, None);
    assert_eq!(code(opened_with(&folder, MIGRATIONS)), "REGISTRY_NEWER_VERSION");
    let other: Vec<Migration> = MIGRATIONS.iter().copied().chain([Migration { sql: "SELECT 1", ..EXTRA }]).collect();
    assert_eq!(code(opened_with(&folder, &other)), "REGISTRY_DIVERGENT_SCHEMA");
}

#[test]
fn a_failed_migration_changes_nothing() {
    let folder = Folder::new();
    drop(folder.registry());
    let broken = Migration { name: "broken", sql: "CREATE TABLE half (a TEXT); CREATE TABLE tenant (b TEXT);" };
    let migrations: Vec<Migration> = MIGRATIONS.iter().copied().chain([broken]).collect();
    assert_eq!(code(opened_with(&folder, &migrations)), "REGISTRY_FAILED");
    let half = folder.raw().query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'half'", [], |row| row.get(0));
    assert_eq!(half, Ok(0));
    assert!(opened_with(&folder, MIGRATIONS).is_ok());
}

#[test]
fn other_files_are_refused() {
    let folder = Folder::new();
    folder.raw().execute_batch("CREATE TABLE mine (a TEXT)").expect("somebody else's");
    assert_eq!(code(opened_with(&folder, MIGRATIONS)), "NOT_A_REGISTRY");
    let folder = Folder::new();
    std::fs::write(folder.path(), "not a database, only text that is long enough to look like a file".repeat(20))
        .expect("written");
    assert_eq!(code(opened_with(&folder, MIGRATIONS)), "NOT_A_REGISTRY");
    let folder = Folder::new();
    std::fs::create_dir(folder.path()).expect("a folder");
    assert_eq!(code(opened_with(&folder, MIGRATIONS)), "REGISTRY_FAILED");
}

#[test]
fn values_that_cannot_be_read_are_told() {
    let folder = Folder::new();
    let registry = folder.registry();
    registry.create_key(&lookup_key(1), &change(1)).expect("a new key");
    folder.raw().execute("UPDATE api_key SET scopes = 'lookup everything'", []).expect("broken");
    let error = registry.live_keys().expect_err("unreadable");
    assert_eq!(error.code(), "REGISTRY_DAMAGED");
    assert!(error.to_string().contains("everything"), "{error}");
}

#[test]
fn audit_lines_cannot_be_changed() {
    let folder = Folder::new();
    folder.registry().create_tenant(&name("clinic"), &change(1)).expect("a new tenant");
    for sql in ["UPDATE audit SET by = 'service'", "DELETE FROM audit"] {
        assert!(folder.raw().execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn writes_wait_for_another_process_and_reads_do_not() {
    let folder = Folder::new();
    let registry = folder.registry();
    let other = folder.raw();
    other.execute_batch("BEGIN IMMEDIATE; UPDATE meta SET keys_generation = 9").expect("writes");
    assert_eq!(registry.keys_generation().expect("readable"), 1);
    registry.writer.lock().expect("free").busy_timeout(std::time::Duration::ZERO).expect("set");
    assert_eq!(code(registry.create_tenant(&name("clinic"), &change(1))), "REGISTRY_BUSY");
    other.execute_batch("COMMIT").expect("committed");
    assert_eq!(registry.keys_generation().expect("readable"), 9);
    assert!(registry.create_tenant(&name("clinic"), &change(1)).is_ok());
}

#[test]
fn many_threads_write_and_read() {
    let folder = Folder::new();
    let registry = folder.registry();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let registry = &registry;
            scope.spawn(move || {
                for n in 0..10 {
                    registry.create_tenant(&name(&format!("t{thread}-{n}")), &change(1)).expect("a new tenant");
                    registry.tenants(&Page::first()).expect("a page");
                }
            });
        }
    });
    assert_eq!(registry.tenants(&Page::first()).expect("a page").items.len(), 41);
}

#[test]
fn copies_are_whole() {
    let folder = Folder::new();
    let registry = folder.registry();
    registry.create_tenant(&name("clinic"), &change(1)).expect("a new tenant");
    let copied = Folder::new();
    registry.copy_to(&copied.path()).expect("copied");
    assert_eq!(code(registry.copy_to(&copied.path())), "REGISTRY_FAILED");
    let copy = copied.registry();
    assert_eq!(copy.identity().expect("an identity"), registry.identity().expect("an identity"));
    assert!(copy.tenant_named(&name("clinic")).expect("readable").is_some());
    assert_eq!(copy.verify().expect("checked"), Vec::<String>::new());
}

#[test]
fn damage_is_found() {
    let folder = Folder::new();
    let registry = folder.registry();
    registry.create_key(&lookup_key(1), &change(1)).expect("a new key");
    folder.raw().execute_batch("PRAGMA foreign_keys = OFF; UPDATE api_key SET tenant_id = 77;").expect("broken");
    assert_eq!(registry.verify().expect("checked"), ["a row of api_key names a row of tenant that does not exist"]);
}
