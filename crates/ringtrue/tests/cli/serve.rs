//! `ringtrue serve`, as its clients and its operator meet it.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::run::{Desk, ringtrue, root};

/// A server that runs, and is killed when the test fails.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that ended by itself cannot be killed.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Server {
    /// Starts a server on a free port, and waits until it says where it is.
    pub(crate) fn start(desk: &Desk, more: &[&str]) -> Self {
        Self::start_in(desk, "data", more)
    }

    /// Starts a server on a data directory of this name.
    pub(crate) fn start_in(desk: &Desk, data: &str, more: &[&str]) -> Self {
        Self::start_as(desk, data, more, &[])
    }

    /// Starts a server that is told something by its environment.
    #[cfg(feature = "otel")]
    pub(crate) fn start_told(desk: &Desk, environment: &[(&str, &str)]) -> Self {
        Self::start_as(desk, "data", &[], environment)
    }

    fn start_as(desk: &Desk, data: &str, more: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ringtrue"))
            .args(["serve", "--data", &desk.path(data), "--listen", "127.0.0.1:0"])
            .args(more)
            .envs(environment.iter().copied())
            .current_dir(root())
            .stdout(Stdio::piped())
            .stderr(File::create(desk.path("err")).expect("a file"))
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut line).expect("it says where it is");
        let address =
            line.trim().strip_prefix("ringtrue listens on http://").expect("one line with the address").to_owned();
        Self { child, address }
    }

    /// Asks, and returns status, headers and body.
    pub(crate) fn ask(&self, key: &str, request: &str, headers: &str, body: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(&self.address).expect("the server listens");
        let length = body.len();
        let text = format!(
            "{request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {key}\r\n\
             content-length: {length}\r\n{headers}\r\n{body}"
        );
        stream.write_all(text.as_bytes()).expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, head.to_owned(), body.to_owned())
    }

    pub(crate) fn json(&self, key: &str, request: &str, body: &str) -> Value {
        let (status, _, text) = self.ask(key, request, "", body);
        assert_eq!(status, 200, "{request}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.child.id())]).status();
        assert!(sent.expect("a shell").success());
    }

    /// Waits for the end, and returns the exit code.
    pub(crate) fn ended(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }
}

pub(crate) fn key(desk: &Desk, scopes: &str) -> String {
    let line = format!("key create --data {} --name {} {scopes}", desk.path("data"), scopes.len());
    ringtrue(&line).done().trim().to_owned()
}

/// Calls of a number within the last minutes, most of them short: it earns a label at once.
pub(crate) fn calls(tn: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    (0..200u64)
        .map(|n| {
            let start = now - 1_000 + n;
            let dest = 13_125_550_100 + n % 100;
            format!(
                "{{\"id\":\"{tn}-{n}\",\"start\":{start},\"orig\":\"{tn}\",\"dest\":\"+{dest}\",\"outcome\":\"answered\",\
                 \"talk_s\":2,\"ring_s\":3}}\n"
            )
        })
        .collect()
}

/// Asks until the number has a label.
pub(crate) fn labelled(server: &Server, key: &str, tn: &str) -> Value {
    loop {
        let answer = server.json(key, &format!("GET /v1/labels/{tn}"), "");
        if answer["label"] != "no_opinion" {
            return answer;
        }
    }
}

/// Waits until everything that was taken is folded.
pub(crate) fn await_folded(server: &Server) {
    let is_folded = |metrics: String| metrics.contains("ringtrue_fold_lag_events 0\n");
    while !is_folded(server.ask("", "GET /metrics", "", "").2) {
        std::thread::yield_now();
    }
}

#[test]
fn calls_become_labels_and_outlive_a_kill() {
    let desk = Desk::new();
    let all = key(&desk, "--scope ingest --scope lookup --scope read --scope read:facts");
    let server = Server::start(&desk, &[]);
    let receipt = server.json(&all, "POST /v1/calls", &calls("+12155550112"));
    assert_eq!((&receipt["accepted"], &receipt["duplicate"]), (&200.into(), &0.into()));
    let label = labelled(&server, &all, "+12155550112");
    assert!(label["rating_bp"].as_u64().expect("a rating") > 5_000, "{label}");
    assert!(label["reasons"].as_array().expect("reasons").contains(&"SHORT_CALLS".into()), "{label}");
    server.signal("KILL");
    assert_eq!(server.ended(), None, "killed");

    let server = Server::start(&desk, &[]);
    let again = labelled(&server, &all, "+12155550112");
    assert_eq!((&again["label"], &again["engine"]), (&label["label"], &label["engine"]));
    let receipt = server.json(&all, "POST /v1/calls", &calls("+12155550112"));
    assert_eq!((&receipt["accepted"], &receipt["duplicate"]), (&0.into(), &200.into()), "what was taken is known");
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));
}

#[test]
fn carriers_come_from_the_source_or_the_map_and_the_map_is_read_again() {
    let desk = Desk::new();
    let all = key(&desk, "--scope ingest --scope lookup --scope read:facts --scope admin --source trunk");
    let edge = key(&desk, "--scope ingest --source edge --carrier tmobile");
    let map = desk.file("map.csv", "prefix,carrier\n+1312555,att\n");
    let config = desk.file("config.toml", format!("[known]\ncarrier_map = '{map}'\n"));
    let server = Server::start(&desk, &["--config", &config]);
    server.json(&all, "POST /v1/calls", &calls("+12155550112"));
    server.json(&edge, "POST /v1/calls", &calls("+12155550113"));
    let engine = |tn: &str| {
        labelled(&server, &all, tn);
        let number = server.json(&all, &format!("GET /v1/numbers/{tn}?view=shared"), "");
        let seen = number["engines"].as_array().expect("engines").iter().filter(|engine| engine["sample_size"] != 0);
        seen.map(|engine| engine["engine"].as_str().expect("a key").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(engine("+12155550112"), ["hiya"], "the map says att");
    assert_eq!(engine("+12155550113"), ["first_orion"], "the source is tmobile's own traffic");
    let asked =
        |server: &Server| server.json(&all, "GET /v1/labels/+12155550112?dest=%2B13125550143", "")["engine"].clone();
    assert_eq!(asked(&server), "hiya");
    desk.file("map.csv", "prefix,carrier\n+1312555,verizon\n");
    server.json(&all, "POST /v1/policy/reload", "");
    assert_eq!(asked(&server), "tns");
    desk.file("map.csv", "prefix,provider\n+1312555,att\n");
    let (status, _, told) = server.ask(&all, "POST /v1/policy/reload", "", "");
    assert!(status == 422 && told.contains("carrier"), "{status}: {told}");
    assert_eq!(asked(&server), "tns", "the last good map stays");
    server.json(&all, "POST /v1/calls", &calls("+12155550114"));
    assert_eq!(engine("+12155550114"), ["tns"]);
}

#[test]
fn a_key_made_beside_the_server_counts() {
    let desk = Desk::new();
    let server = Server::start(&desk, &[]);
    let lookup = key(&desk, "--scope lookup");
    // It is seen within a second.
    while server.ask(&lookup, "GET /v1/labels/+12155550112", "", "").0 == 401 {}
    let (status, head, body) = server.ask(&lookup, "GET /v1/labels/+12155550112", "accept: text/plain\r\n", "");
    assert_eq!((status, body.as_str()), (200, ""), "{head}");
    server.signal("INT");
    assert_eq!(server.ended(), Some(0));
}

#[test]
fn a_policy_of_a_relative_folder_is_named_by_its_files() {
    let desk = Desk::new();
    let lookup = key(&desk, "--scope lookup");
    let version = |config: &str, before: &str| {
        let server = Server::start(&desk, &["--config", &desk.file("config.toml", config)]);
        // Another policy holds from when its activation is logged, which is soon.
        let version = loop {
            let label = server.json(&lookup, "GET /v1/labels/+12155550112", "");
            let version = label["policy_version"].as_str().expect("a version").to_owned();
            if version != before {
                break version;
            }
        };
        server.signal("TERM");
        assert_eq!(server.ended(), Some(0));
        version
    };
    let shipped = version("", "");
    let own = version("policy = 'fixtures/starting'\n", &shipped);
    assert!(own.starts_with(&format!("{shipped}+")), "{own}, where {shipped} is shipped");
}

#[test]
fn the_demo_brings_calls_and_a_key() {
    let desk = Desk::new();
    let server = Server::start(&desk, &["--demo"]);
    let told = std::fs::read_to_string(desk.path("err")).expect("text");
    let key =
        told.lines().find_map(|line| line.rsplit(' ').next().filter(|word| word.starts_with("rt_"))).expect("a key");
    // The sample comes in while the server answers already, so the first answers may know a part of it.
    let ask = |_: u32| {
        let (status, _, body) = server.ask(key, "GET /v1/numbers/+12155550112", "", "");
        (status == 200).then(|| serde_json::from_str::<Value>(&body).expect("JSON"))
    };
    let all = |number: &Value| number["facts"]["d35"]["attempts"].as_u64().expect("a count") > 100;
    let number = (0..100_000).filter_map(ask).find(all).expect("the whole sample");
    assert_eq!(number["view"], "shared");
}

#[test]
fn what_cannot_be_served_is_told() {
    let desk = Desk::new();
    let serve = |line: &str| ringtrue(&format!("serve {line}")).refused(2);
    assert!(serve("").contains("--data"));
    let data = desk.path("data");
    let config = desk.file("bad.toml", "lisen = '127.0.0.1:0'\n");
    assert!(serve(&format!("--data {data} --config {config}")).contains("lisen"));
    assert!(serve(&format!("--data {data} --config {}", desk.path("none.toml"))).contains("none.toml cannot be read"));
    let config = desk.file("tls.toml", "[tls]\ncertificate = 'no.pem'\nkey = 'no.pem'\n");
    assert!(serve(&format!("--data {data} --listen 127.0.0.1:0 --config {config}")).contains("TLS"));
    let server = Server::start(&desk, &[]);
    let told = serve(&format!("--data {data} --listen {}", server.address));
    assert!(told.contains("cannot be listened on"), "{told}");
}
