//! `ringtrue key`.

use serde_json::Value;
use store::registry::{Creation, DataId, KeyRefusal, KeyRing, SqliteRegistry};

use crate::run::{Desk, Told, ringtrue};

fn create(desk: &Desk, line: &str) -> Told {
    ringtrue(&format!("key create --data {} {line}", desk.path("data")))
}

fn listed(desk: &Desk, line: &str) -> Vec<Value> {
    let listed = ringtrue(&format!("key list --json --data {} {line}", desk.path("data"))).json();
    listed["items"].as_array().expect("items").clone()
}

/// The registry as a server that runs has it open.
fn opened(desk: &Desk) -> SqliteRegistry {
    let now = model::Timestamp::EPOCH;
    let path = std::path::PathBuf::from(desk.path("data")).join(SqliteRegistry::FILE_NAME);
    SqliteRegistry::open(&path, &Creation { id: DataId::new(now, [0; 10]), at: now }).expect("opens")
}

#[test]
fn a_key_is_printed_alone_and_works() {
    let desk = Desk::new();
    let told = create(&desk, "--name load --scope ingest --scope read");
    assert!(told.err.contains("key_") && told.err.contains("source local of tenant operator is new: terminating"));
    let out = told.done();
    let key = out.strip_suffix('\n').expect("one line");
    assert!(key.starts_with("rt_") && key.len() == 61 && key.is_ascii(), "{key}");
    let ring = KeyRing::load(&opened(&desk)).expect("readable");
    let found = ring.find(key, model::Timestamp::EPOCH).expect("known");
    assert_eq!((found.name.as_str(), found.scopes.to_string().as_str()), ("load", "ingest read"));
    let other = create(&desk, "--name other --scope lookup").done();
    assert_ne!(other, out);
    assert_eq!(
        listed(&desk, "").iter().map(|key| key["source"].clone()).collect::<Vec<_>>(),
        ["local".into(), Value::Null]
    );
}

#[test]
fn a_server_that_runs_sees_keys_come_and_go() {
    let desk = Desk::new();
    create(&desk, "--name first --scope read").done();
    let serving = opened(&desk);
    let ring = KeyRing::load(&serving).expect("readable");
    let key = create(&desk, "--name second --scope read").done();
    assert!(ring.refresh(&serving).expect("readable"));
    assert!(ring.find(key.trim(), model::Timestamp::EPOCH).is_ok());
    let told = ringtrue(&format!("key revoke second --data {}", desk.path("data")));
    assert_eq!((told.code, told.out.as_str()), (0, ""), "{}", told.err);
    assert!(ring.refresh(&serving).expect("readable"));
    assert_eq!(ring.find(key.trim(), model::Timestamp::EPOCH), Err(KeyRefusal::Unknown));
}

#[test]
fn keys_are_listed_without_secrets() {
    let desk = Desk::new();
    let secret = create(&desk, "--name a --scope ingest --tenant clinic --source dialer --expires 90d").done();
    create(&desk, "--name b --scope lookup --scope read:facts").done();
    let table = ringtrue(&format!("key list --data {}", desk.path("data"))).done();
    assert!(!table.contains(secret.trim()));
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("id ") && lines.len() == 3, "{table}");
    assert!(lines[1].contains("dialer (originating)") && lines[1].contains("valid until 2"), "{table}");
    assert!(lines[2].contains("lookup,read:facts") && lines[2].ends_with("valid"), "{table}");
    let id = listed(&desk, "--tenant clinic")[0]["id"].as_str().expect("an id").to_owned();
    let revoke = format!("key revoke {id} --data {}", desk.path("data"));
    assert!(ringtrue(&revoke).refused(2).contains("NOT_FOUND"), "the operator has no such key");
    assert_eq!(ringtrue(&format!("{revoke} --tenant clinic")).code, 0);
    assert_eq!(listed(&desk, "").len(), 1);
    let all = listed(&desk, "--all");
    assert_eq!(all.iter().map(|key| key["state"].clone()).collect::<Vec<_>>(), ["revoked", "valid"]);
}

#[test]
fn a_source_may_be_a_carriers_own_traffic() {
    let desk = Desk::new();
    let told = create(&desk, "--name a --scope ingest --source edge --carrier TMobile");
    assert!(
        told.err.contains("source edge of tenant operator is new: terminating, the traffic of tmobile"),
        "{}",
        told.err
    );
    told.done();
    create(&desk, "--name b --scope ingest --source edge").done();
    let carriers: Vec<Value> = listed(&desk, "").iter().map(|key| key["carrier"].clone()).collect();
    assert_eq!(carriers, ["tmobile", "tmobile"]);
    // What a server on this directory knew goes before the shipped directory.
    desk.file("data/carriers", "regional\n");
    create(&desk, "--name c --scope ingest --source west --carrier regional").done();
    for (line, words) in [
        ("--source edge --carrier regional", "source edge is tmobile and stays so"),
        ("--source other --carrier tmobile", "`tmobile` is not in the directory of carriers: regional"),
        ("--source other --carrier regional --role originating", "end at many carriers"),
    ] {
        let told = create(&desk, &format!("--name d --scope ingest {line}")).refused(2);
        assert!(told.contains(words), "{line}: {told}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let desk = Desk::new();
    create(&desk, "--name a --scope ingest --source trunk").done();
    for (line, words) in [
        ("--name a --scope read", "DUPLICATE_NAME"),
        ("--name b --scope ingest --source trunk --role originating", "source trunk is terminating"),
        ("--name b --scope write", "ingest, lookup, report, read, read:facts, review, admin"),
        ("--name b", "--scope"),
        ("--name b/c --scope read", "is no name"),
        ("--name b --scope read --role sideways", "terminating and originating"),
        ("--name b --scope read --expires 2020-01-01T00:00:00Z", "not in the future"),
        ("--name b --scope read --expires soon", "neither a time"),
        ("--name b --scope read --expires 0d", "not in the future"),
    ] {
        let told = create(&desk, line).refused(2);
        assert!(told.contains(words), "{line}: {told}");
    }
    let told = ringtrue(&format!("key revoke nobody --data {}", desk.path("data"))).refused(2);
    assert!(told.contains("NOT_FOUND") && told.contains("there is no key nobody"), "{told}");
}

#[test]
fn folders_that_are_no_data_directory() {
    let desk = Desk::new();
    for line in ["key list", "key revoke a"] {
        let told = ringtrue(&format!("{line} --data {}", desk.path("data"))).refused(2);
        assert!(told.contains("no data directory"), "{told}");
        assert!(!std::path::Path::new(&desk.path("data")).exists(), "nothing is made");
    }
    let file = desk.file("file", "text");
    let told = ringtrue(&format!("key create --name a --scope read --data {file}")).refused(2);
    assert!(told.contains("cannot be written"), "{told}");
    std::fs::create_dir(desk.path("data")).expect("a folder");
    desk.file("data/registry.sqlite", "not a registry".repeat(100));
    assert!(create(&desk, "--name a --scope read").refused(2).contains("NOT_A_REGISTRY"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    create(&desk, "--name a --scope read").done();
    for (name, expect) in [("data", 0o700), ("data/registry.sqlite", 0o600)] {
        let mode = std::fs::metadata(desk.path(name)).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, expect, "{name}");
    }
}
