//! Traces, in builds with the feature `otel`: what a collector is sent of requests, and what it is not.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use crate::run::Desk;
use crate::serve::{Server, calls, key};

const TN: &str = "+12155550112";

/// Takes what exporters send, until somebody connects and sends nothing.
struct Collector {
    address: SocketAddr,
    taking: JoinHandle<Vec<(String, Vec<u8>)>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let taking = thread::spawn(move || {
            let mut all = Vec::new();
            loop {
                let (stream, _) = listener.accept().expect("a connection");
                let sent = requests(&stream);
                if sent.is_empty() {
                    return all;
                }
                all.extend(sent);
            }
        });
        Self { address, taking }
    }

    /// Heads and bodies of all requests.
    fn end(self) -> Vec<(String, Vec<u8>)> {
        drop(TcpStream::connect(self.address).expect("it listens"));
        self.taking.join().expect("it took all")
    }
}

/// Answers the requests of one connection, until it ends.
fn requests(stream: &TcpStream) -> Vec<(String, Vec<u8>)> {
    let (mut reader, mut writer) = (BufReader::new(stream), stream);
    let mut all = Vec::new();
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).expect("text") == 0 {
                return all;
            }
        }
        head.make_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        let mut body = vec![0; length.parse().expect("a number")];
        reader.read_exact(&mut body).expect("a body");
        writer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").expect("it reads");
        all.push((head, body));
    }
}

fn holds(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_collector_learns_routes_and_no_numbers() {
    let (desk, collector) = (Desk::new(), Collector::start());
    let sender = key(&desk, "--source trunk --scope ingest");
    let reader = key(&desk, "--scope lookup --scope read:facts");
    let endpoint = format!("http://{}", collector.address);
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20of-the-collector"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
    ];
    let server = Server::start_told(&desk, &environment);
    server.json(&sender, "POST /v1/calls", &calls(TN));
    server.json(&reader, &format!("GET /v1/labels/{TN}?dest=%2B13125550101"), "");
    server.ask(&reader, &format!("GET /v1/numbers/{TN}"), "", "");
    assert_eq!(server.ask(&reader, &format!("GET /v1/nothing/{TN}"), "", "").0, 404);
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));
    let sent = collector.end();
    let said = |text: &str| sent.iter().any(|(_, body)| holds(body, text));
    for (head, _) in &sent {
        assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
        assert!(head.contains("authorization: bearer of-the-collector\r\n"), "{head}");
        assert_eq!(head.matches("user-agent:").count(), 1, "{head}");
    }
    for text in [
        "GET /v1/labels/{tn}",
        "POST /v1/calls",
        "http.route",
        "http.response.status_code",
        "read body",
        "parse records",
        "await append",
        "append",
        "look up label",
        "judge number",
        "deployment.environment.name",
        "ringtrue",
    ] {
        assert!(said(text), "{text} is not told");
    }
    for text in ["2155550112", "3125550", sender.as_str(), reader.as_str(), "rt_"] {
        assert!(!said(text), "{text} is told");
    }
}
