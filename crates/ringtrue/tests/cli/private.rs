//! What a data directory and the log lines of a server tell of people.

use std::fs;

use store::{DataKey, SegmentLog, SegmentOptions};

use crate::run::{Desk, ringtrue};
use crate::serve::{Server, calls, key, labelled};

fn stop(server: Server) {
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));
}

#[test]
fn a_data_directory_is_sealed_with_a_key_of_its_own() {
    let desk = Desk::new();
    let all = key(&desk, "--scope ingest --scope lookup");
    let server = Server::start(&desk, &[]);
    server.json(&all, "POST /v1/calls", &calls("+12155550112"));
    labelled(&server, &all, "+12155550112");
    stop(server);
    let file = desk.path("data/secret.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).expect("a key").permissions().mode() & 0o777, 0o600);
    }
    let log = std::path::PathBuf::from(desk.path("data/log"));
    assert!(SegmentLog::is_sealed(&log).expect("readable"));
    let other = SegmentOptions { key: Some(DataKey::new([1; 32])), ..SegmentOptions::default() };
    assert!(SegmentLog::open(&log, other).is_err(), "another key opens nothing");
    assert_eq!(ringtrue(&format!("verify --data {}", desk.path("data"))).code, 0);

    // Without its key a server does not start, and makes no other one.
    let elsewhere = desk.path("elsewhere.key");
    fs::rename(&file, &elsewhere).expect("moved");
    let told = ringtrue(&format!("serve --data {} --listen 127.0.0.1:0", desk.path("data"))).refused(2);
    assert!(told.contains("secret.key is missing"), "{told}");
    assert!(!fs::exists(&file).expect("readable"));
    // Its checksums are checked all the same, and with the key elsewhere everything is as before.
    let told = ringtrue(&format!("verify --data {}", desk.path("data")));
    assert_eq!(told.code, 0, "{}", told.out);
    assert!(told.out.contains("the key is not here"), "{}", told.out);
    let config = desk.file("config.toml", format!("key_file = '{elsewhere}'\n"));
    let server = Server::start(&desk, &["--config", &config]);
    labelled(&server, &all, "+12155550112");
    stop(server);
    fs::write(&elsewhere, "no key").expect("written");
    let told = ringtrue(&format!("serve --data {} --config {config}", desk.path("data"))).refused(2);
    assert!(told.contains("holds no key"), "{told}");
}

#[test]
fn log_lines_at_info_hold_no_telephone_number() {
    let desk = Desk::new();
    let all = key(&desk, "--scope ingest --scope lookup --scope read --scope read:facts --scope admin");
    let map = desk.file("map.csv", "tn,prefix,carrier\n1215555011x,,att\n,1312555,att\n");
    let config = desk.file("config.toml", format!("[known]\ncarrier_map = '{map}'\n"));
    let server = Server::start(&desk, &["--config", &config]);
    server.json(&all, "POST /v1/calls", &calls("+12155550112"));
    labelled(&server, &all, "+12155550112");
    let report = |more: &str| {
        format!("{{\"at\":\"2026-11-23T10:30:00Z\",\"tn\":\"+12155550112\",\"category\":\"unwanted\"{more}}}\n")
    };
    server.json(&all, "POST /v1/reports", &report(",\"reporter\":\"tel:+13125550143\""));
    for (request, body) in [
        ("POST /v1/calls", "{\"start\":1795429800,\"orig\":\"12155550112\",\"dest\":\"13125550143123456789\"}\n"),
        ("POST /v1/reports", "{\"tn\":\"+1215555011x\"}\n"),
        ("GET /v1/labels/+1215555011x", ""),
        ("GET /v1/labels/+12155550112?dest=%2B13125550143", ""),
        ("GET /v1/numbers/+12155550112", ""),
        ("POST /v1/labels", "{\"items\":[{\"tn\":\"+12155550112\",\"dest\":\"+13125550143\"}]}"),
        ("POST /v1/policy/reload", ""),
        ("POST /v1/webhooks", "{\"url\":\"https://hooks.example.org/+12155550112\"}"),
    ] {
        server.ask(&all, request, "", body);
    }
    stop(server);
    let told = fs::read_to_string(desk.path("err")).expect("text");
    assert!(told.contains("map.csv:2"), "the row that is not taken is told: {told}");
    assert!(!told.contains("555"), "{told}");
}
