//! Policies of a server that runs: read again, refused, watched, and there again after a kill and after a rebuild.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::run::{Desk, ringtrue};
use crate::serve::{Server, key, labelled};

const TN: &str = "+12155550112";
/// Under these no number is labelled.
const MILD: &str = "version = \"mild\"\n[prior]\nunwanted_share = 0.000001\n[floor]\nattempts = 1000000.0\n";
const STRICT: &str = "version = \"strict\"\n[prior]\nunwanted_share = 0.9\n";

fn stopped(server: Server, signal: &str) {
    server.signal(signal);
    server.ended();
}

fn metric(server: &Server, name: &str) -> String {
    let (_, _, text) = server.ask("", "GET /metrics", "", "");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned));
    line.unwrap_or_else(|| panic!("{name} in {text}"))
}

/// Bad calls of three hours ago, which became known then: a policy that is activated judges them at once.
fn earlier_calls() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let call = |n: u64| {
        let (start, dest) = (now - 3 * 3_600 + n, 13_125_550_100 + n % 100);
        format!(
            "{{\"id\":\"{n}\",\"start\":{start},\"known_at\":{},\"orig\":\"{TN}\",\"dest\":\"+{dest}\",\
             \"outcome\":\"answered\",\"talk_s\":2,\"ring_s\":3}}\n",
            start + 30
        )
    };
    (0..200).map(call).collect()
}

#[test]
fn a_policy_is_read_again_and_a_bad_one_refused() {
    let desk = Desk::new();
    let all = key(&desk, "--scope ingest --scope lookup --scope read --scope read:facts --scope admin");
    fs::create_dir(desk.path("policy")).expect("a folder");
    fs::create_dir(desk.path("next")).expect("a folder");
    desk.file("policy/reputation.toml", MILD);
    desk.file("next/reputation.toml", STRICT);
    let folder = |name: &str| desk.path(name);
    let text = format!("policy = '{}'\nshadow_policy = '{}'\n", folder("policy"), folder("next"));
    let config = desk.file("config.toml", text);
    let start = || Server::start(&desk, &["--config", &config]);
    let server = start();
    assert_eq!(server.json(&all, "POST /v1/calls", &earlier_calls())["accepted"], 200);
    let label = |server: &Server| labelled(server, &all, TN);
    let version = |server: &Server| {
        let policy = server.json(&all, "GET /v1/policy", "");
        let name = |of: &str| policy[of].as_str().expect("a version").split('+').next().expect("a name").to_owned();
        (name("version"), name("shadow"))
    };
    let versions = |version: &str, shadow: &str| (version.to_owned(), shadow.to_owned());
    assert_eq!(version(&server), versions("mild", "strict"));

    // A bad one is refused: what judged judges on, and it is told where operators look.
    for bad in ["version = \"bad\"\n[prior]\nunwanted_share = 7.0\n", "no_such_key = 1\n", "not TOML"] {
        desk.file("policy/reputation.toml", bad);
        let (status, _, told) = server.ask(&all, "POST /v1/policy/reload", "", "");
        assert!(status == 422 && told.contains("POLICY_REFUSED") && told.contains("reputation.toml"), "{told}");
        assert_eq!(
            (version(&server), metric(&server, "ringtrue_reload_failed")),
            (versions("mild", "strict"), "1".into())
        );
        assert_eq!(server.ask("", "GET /readyz", "", "").0, 200);
    }
    // A good one holds, from its place in the log on.
    desk.file("policy/reputation.toml", STRICT);
    desk.file("next/reputation.toml", MILD);
    server.json(&all, "POST /v1/policy/reload", "");
    assert_eq!(metric(&server, "ringtrue_reload_failed"), "0");
    while version(&server) != versions("strict", "mild") {}
    assert_ne!(label(&server)["label"], "none");
    let answer = |server: &Server| {
        let shown = label(server);
        (shown["label"].clone(), shown["engine"].clone(), shown["policy_version"].clone())
    };
    let history = |server: &Server| {
        let number = server.json(&all, &format!("GET /v1/numbers/{TN}?view=shared"), "");
        number["history"].as_array().expect("a history").clone()
    };
    let differences =
        |server: &Server| -> Value { server.json(&all, "GET /v1/policy/differences?view=shared", "")["items"].clone() };
    while history(&server).is_empty() {}
    let before = (answer(&server), history(&server), differences(&server));
    assert!(!before.2.as_array().expect("items").is_empty(), "the watched policy shows nothing, the other does");

    // The same answers after a kill, and after all is folded again from the log.
    stopped(server, "KILL");
    let server = start();
    assert_eq!((answer(&server), history(&server), differences(&server)), before);
    stopped(server, "TERM");
    assert_eq!(ringtrue(&format!("rebuild --data {}", desk.path("data"))).code, 0);
    let server = start();
    assert_eq!((answer(&server), history(&server), differences(&server)), before);
    assert_eq!(metric(&server, "ringtrue_policies_missing_total"), "0");
    stopped(server, "TERM");

    // What was in force is kept; where it is gone, that is told.
    let kept: Vec<_> = fs::read_dir(desk.path("data/policies")).expect("a folder").collect();
    assert_eq!(kept.len(), 3, "two policies, and when each was activated");
    for entry in kept {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "policy") {
            fs::remove_file(path).expect("removed");
        }
    }
    assert_eq!(ringtrue(&format!("rebuild --data {}", desk.path("data"))).code, 0);
    let server = start();
    assert_eq!(metric(&server, "ringtrue_policies_missing_total"), "1");
    stopped(server, "TERM");
    assert!(fs::read_to_string(desk.path("err")).expect("text").contains("is not kept"));
}
