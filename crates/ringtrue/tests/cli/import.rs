//! `ringtrue import`, into a server that runs and into a data directory.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::run::{CALLS, Desk, REPORTS, Told, ringtrue, run};
use crate::serve::{Server, await_folded, calls, key, labelled};

const TN: &str = "+12155550112";
/// Calls without ids, so many that they take several batches.
const MANY: u64 = 45_000;

fn many() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let row = |n: u64| format!("{},{TN},+1312555{:04},2,3,answered\n", now - 90_000 + n, 100 + n % 100);
    "start,orig,dest,talk_s,ring_s,outcome\n".to_owned() + &(0..MANY).map(row).collect::<String>()
}

fn into(server: &Server, key: &str, line: &str) -> Told {
    ringtrue(&format!("import {line} --url http://{} --key {key}", server.address))
}

/// The calls of the number, once everything that was taken is folded.
fn attempts(server: &Server, key: &str) -> Value {
    await_folded(server);
    server.json(key, &format!("GET /v1/numbers/{TN}"), "")["facts"]["d35"]["attempts"].clone()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Notes that an import came so far and no further.
fn set_back(server: &Server, key: &str, file: &str, position_bytes: u64, records: u64) {
    let path = format!("/v1/imports/{}", digest(&std::fs::read(file).expect("a file")));
    let noted = server.json(key, &format!("GET {path}"), "");
    assert_eq!(noted["finished"], true);
    let body = json!({"file_name": "many", "position_bytes": position_bytes, "records": records, "finished": false});
    server.json(key, &format!("PUT {path}"), &body.to_string());
}

#[test]
fn files_come_into_a_server_that_runs() {
    let desk = Desk::new();
    let all = key(&desk, "--scope ingest --scope lookup");
    let server = Server::start(&desk, &[]);
    let told = into(&server, &all, &format!("{CALLS} --reports {REPORTS}")).done();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    assert!(lines[0].starts_with(&format!("{CALLS}: 3,846 calls: 3,846 accepted")), "{told}");
    assert!(lines[1].starts_with(&format!("{REPORTS}: ")) && lines[1].contains(" reports: "), "{told}");
    let again = into(&server, &all, CALLS).done();
    assert_eq!(again, format!("{CALLS}: imported before, 3,846 calls\n"));
    let file = desk.file("calls.ndjson", calls("+12155550119"));
    into(&server, &all, &file).done();
    labelled(&server, &all, "+12155550119");
}

#[test]
fn an_import_that_was_broken_off_goes_on_and_counts_nothing_twice() {
    let desk = Desk::new();
    let all = key(&desk, "--scope ingest --scope lookup --scope read:facts");
    let file = desk.file("many.csv", many());
    let server = Server::start(&desk, &[]);
    let told = into(&server, &all, &file).done();
    assert_eq!(told, format!("{file}: 45,000 calls: 45,000 accepted\n"));
    assert_eq!(attempts(&server, &all), MANY);
    // Acknowledged, and the answer was lost: the first batch was noted, or none.
    for (position, records) in [(1_100_000, 19_000), (0, 0)] {
        set_back(&server, &all, &file, position, records);
        into(&server, &all, &file).done();
        assert_eq!(attempts(&server, &all), MANY);
    }
    set_back(&server, &all, &file, 0, 0);
    server.signal("KILL");
    assert_eq!(server.ended(), None);
    // Also where the answers are not remembered: the log knows the records.
    let told = ringtrue(&format!("import {file} --data {}", desk.path("data"))).done();
    assert_eq!(told, format!("{file}: 45,000 calls: 0 accepted, 45,000 taken before\n"));
    let server = Server::start(&desk, &[]);
    assert_eq!(attempts(&server, &all), MANY);
}

#[test]
fn an_import_that_is_killed_goes_on() {
    let desk = Desk::new();
    let all = key(&desk, "--scope ingest --scope read:facts");
    let file = desk.file("many.csv", many());
    let path = format!("/v1/imports/{}", digest(&std::fs::read(&file).expect("a file")));
    let server = Server::start(&desk, &[]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_ringtrue"))
        .args(["import", &file, "--url", &format!("http://{}", server.address)])
        .env("RINGTRUE_KEY", &all)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    // As soon as something was acknowledged; what is in work then may be taken or not.
    while server.ask(&all, &format!("GET {path}"), "", "").0 != 200 {}
    child.kill().expect("killed, or at its end");
    child.wait().expect("it ended");
    into(&server, &all, &file).done();
    assert_eq!(server.json(&all, &format!("GET {path}"), "")["records"], MANY);
    assert_eq!(attempts(&server, &all), MANY);
}

#[test]
fn files_come_into_the_directory_of_a_stopped_server() {
    let desk = Desk::new();
    let data = desk.path("data");
    let file = desk.file("calls.ndjson", calls(TN));
    let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(calls("+12155550113").as_bytes()).expect("packed");
    let second = desk.file("second", packed.finish().expect("packed"));
    let told = ringtrue(&format!("import {file} {second} --data {data} --source switch --role terminating"));
    assert!(told.err.contains("source switch of tenant operator is new: terminating"), "{}", told.err);
    assert_eq!(told.done(), format!("{file}: 200 calls: 200 accepted\n{second}: 200 calls: 200 accepted\n"));
    let told = run(&["import", "-", "--data", &data, "--source", "switch"], calls(TN).as_bytes()).done();
    assert_eq!(told, "standard input: 200 calls: 0 accepted, 200 taken before\n");
    assert!(
        ringtrue(&format!("import {file} --data {data} --source switch --role originating"))
            .refused(2)
            .contains("stays so")
    );
    let lookup = key(&desk, "--scope lookup");
    let server = Server::start(&desk, &[]);
    for tn in [TN, "+12155550113"] {
        labelled(&server, &lookup, tn);
    }
    let told = ringtrue(&format!("import {file} --data {data}")).refused(2);
    assert!(told.contains("name it with --url and --key, or stop it"), "{told}");
}

#[test]
fn any_dialect_is_sent_as_it_is() {
    let desk = Desk::new();
    let all = key(&desk, "--scope ingest");
    let server = Server::start(&desk, &["--config", &desk.file("config.toml", "tz = 'UTC'\nregion = 'US'\n")]);
    for (file, more) in [
        ("asterisk-newcdr.csv", ""),
        ("cucm.csv", ""),
        ("kamailio.ndjson", ""),
        ("telnyx.json", ""),
        ("twilio-page.json", ""),
        ("twilio-console.csv", "--dialect twilio-csv"),
    ] {
        let told = into(&server, &all, &format!("fixtures/cdr/{file} {more}")).done();
        assert!(told.contains(" accepted") && !told.contains(" 0 accepted"), "{told}");
    }
}

#[test]
fn what_is_rejected_is_told_with_its_line_and_kept() {
    let desk = Desk::new();
    let all = key(&desk, "--scope ingest");
    let server = Server::start(&desk, &[]);
    let mut text = many();
    let last = MANY + 2;
    text.push_str("yesterday,+12155550112,+13125550199,1,1,answered\n");
    let file = desk.file("many.csv", text);
    let rejects = desk.path("rejects");
    let told = into(&server, &all, &format!("{file} --rejects {rejects}"));
    assert!(told.err.contains(&format!("{file}:{last}: start BAD_TIME: ")), "{}", told.err);
    assert!(told.err.contains(&format!("1 reject is in {rejects}")), "{}", told.err);
    assert_eq!(told.done(), format!("{file}: 45,001 calls: 45,000 accepted, 1 rejected\n"));
    let kept: Value = serde_json::from_str(&desk.read("rejects")).expect("one line of JSON");
    assert_eq!((&kept["line"], &kept["field"]), (&last.into(), &"start".into()));
    assert!(kept["record"].as_str().expect("text").starts_with("yesterday,"), "{kept}");
    let bad = desk.file("bad.csv", "start,orig,dest\nx,y,z\n");
    let told = into(&server, &all, &bad);
    assert_eq!(told.code, 1, "{}", told.err);
    assert!(told.out.ends_with("1 calls: 0 accepted, 1 rejected\n"), "{}", told.out);
}

#[test]
fn what_cannot_be_imported_is_told() {
    let desk = Desk::new();
    let lookup = key(&desk, "--scope lookup");
    let server = Server::start(&desk, &[]);
    let file = desk.file("calls.ndjson", calls(TN));
    let told = into(&server, &lookup, &file).refused(2);
    assert!(told.contains("refuses: the key lacks the scope `ingest` (MISSING_SCOPE)"), "{told}");
    assert!(into(&server, "rt_none", &file).refused(2).contains("UNAUTHENTICATED"));
    assert!(
        ringtrue(&format!("import {file} --url http://127.0.0.1:1 --key x")).refused(2).contains("does not answer")
    );
    assert!(ringtrue(&format!("import {file} --url http://127.0.0.1:1")).refused(2).contains("RINGTRUE_KEY"));
    assert!(ringtrue(&format!("import {file}")).refused(2).contains("--data"));
    let none = desk.path("none.csv");
    assert!(into(&server, &lookup, &none).refused(2).contains("none.csv cannot be read"));
}

/// Answers requests with what a list says, one after the other, and gives the first lines and idempotency keys of them.
fn scripted(answers: &'static [&'static str]) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let serving = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let (mut line, mut told, mut length) = (String::new(), String::new(), 0);
            while reader.read_line(&mut line).expect("a line") > 2 {
                let lower = line.to_ascii_lowercase();
                if told.is_empty() || lower.starts_with("idempotency-key") {
                    told.push_str(line.trim_end());
                }
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a length");
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            asked.push(told);
            let (head, body) = answer.split_once('|').expect("a head and a body");
            let length = body.len();
            let text = format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
            stream.write_all(text.as_bytes()).expect("the client reads");
        }
        asked
    });
    (address, serving)
}

#[test]
fn a_busy_server_is_asked_again_with_the_same_key() {
    const TAKEN: &str = "200 OK|{\"accepted\":200,\"duplicate\":0,\"late\":0,\"unchecked\":0,\"skipped\":0,\"rejected\":[],\"rejected_more\":0}";
    let (address, serving) = scripted(&[
        "503 Service Unavailable\r\nretry-after: 0|{}",
        "404 Not Found|{}",
        "503 Service Unavailable\r\nretry-after: 0|{}",
        "429 Too Many Requests\r\nretry-after: 0|{}",
        "409 Conflict\r\nretry-after: 0|{}",
        TAKEN,
        "200 OK|{}",
        "200 OK|{}",
    ]);
    let desk = Desk::new();
    let file = desk.file("calls.ndjson", calls(TN));
    let told = ringtrue(&format!("import {file} --url http://{address} --key x")).done();
    assert_eq!(told, format!("{file}: 200 calls: 200 accepted\n"));
    let asked = serving.join().expect("it served");
    assert!(asked[0].starts_with("GET /v1/imports/") && asked[0] == asked[1]);
    assert!(asked[2].starts_with("POST /v1/calls?history=true") && asked[2].contains("import-"), "{}", asked[2]);
    assert_eq!((&asked[2], &asked[2], &asked[2]), (&asked[3], &asked[4], &asked[5]));
    assert!(asked[6].starts_with("PUT /v1/imports/") && asked[7].starts_with("PUT /v1/imports/"));
}
