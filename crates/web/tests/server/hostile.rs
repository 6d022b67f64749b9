//! Clients that mean harm: slow on purpose, many at once, packed to burst, without manners.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use web::Limits;

use crate::common::{Raw, Running};
use crate::limits::limits;

/// A byte comes so often: each before any time runs out, all together long after.
const PAUSE: Duration = Duration::from_millis(100);
const ZEROS: usize = 64 << 20;

#[tokio::test]
async fn bytes_that_drip_do_not_keep_a_connection() {
    let server = Running::start(limits()).await;
    let began = Instant::now();
    let mut headers = Raw::connect(server.address).await;
    let mut body = Raw::connect(server.address).await;
    body.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n").await;
    let endless = [b'a'; 1_000];
    let (_closed, answer) = tokio::join!(headers.drip(&endless, PAUSE), body.drip(&endless, PAUSE));
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("TIMED_OUT"), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(20), "the limits are of one second each");
    assert_eq!(server.budget.taken(), 0);
    server.stop().await;
}

#[tokio::test]
async fn requests_are_answered_beside_many_idle_connections() {
    // Both ends are in this process, and a shell gives it 1,024 descriptors.
    let server = Running::start(Limits { header_time_s: 2, ..limits() }).await;
    let mut idle = Vec::new();
    for _ in 0..400 {
        idle.push(Raw::connect(server.address).await);
    }
    let answer = server.ask("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nab").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    for client in &mut idle {
        client.read_to_end().await;
    }
    assert!(server.metrics.text().contains("ringtrue_http_connections_refused_total 0"));
    server.stop().await;
}

async fn packed(server: &Running, encoding: &str, body: &[u8]) -> String {
    let mut client = Raw::connect(server.address).await;
    let head =
        format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-encoding: {encoding}\r\ncontent-length: {}\r\n\r\n", body.len());
    client.send(&[head.as_bytes(), body].concat()).await;
    client.read_some().await
}

#[tokio::test]
async fn bodies_that_are_packed_to_burst_are_refused() {
    let server = Running::start(limits()).await;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&vec![0; ZEROS]).expect("memory");
    let gzip = gzip.finish().expect("memory");
    let mut zstd = zstd::Encoder::new(Vec::new(), 1).expect("zstd");
    zstd.write_all(&vec![0; ZEROS]).expect("memory");
    let zstd = zstd.finish().expect("memory");
    // A frame that asks for a window of a gigabyte before it holds a byte.
    let mut greedy = zstd::Encoder::new(Vec::new(), 1).expect("zstd");
    greedy.window_log(30).expect("zstd");
    greedy.write_all(b"small").expect("memory");
    greedy.flush().expect("memory");
    let greedy = greedy.finish().expect("memory");
    for (encoding, body, expect) in
        [("gzip", &gzip, "TOO_LARGE"), ("zstd", &zstd, "TOO_LARGE"), ("zstd", &greedy, "BAD_BODY")]
    {
        assert!(body.len() < 100_000, "{} bytes are below the limit of a body", body.len());
        let answer = packed(&server, encoding, body).await;
        assert!(answer.contains(expect), "{encoding}: {answer}");
        assert_eq!(server.budget.taken(), 0);
    }
    server.stop().await;
}

#[tokio::test]
async fn bytes_that_are_no_text_are_told_so() {
    let server = Running::start(limits()).await;
    let mut client = Raw::connect(server.address).await;
    client.send(b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let answer = client.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let mut client = Raw::connect(server.address).await;
    client.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-encoding: \xff\r\ncontent-length: 0\r\n\r\n").await;
    let answer = client.read_some().await;
    assert!(answer.starts_with("HTTP/1.1 415 "), "{answer}");
    let mut client = Raw::connect(server.address).await;
    client.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").await;
    assert!(client.read_to_end().await.starts_with("HTTP/1.1 400 "), "TLS is not spoken here");
    server.stop().await;
}

#[tokio::test]
async fn requests_in_a_row_are_answered_in_a_row() {
    let server = Running::start(limits()).await;
    let mut client = Raw::connect(server.address).await;
    let request = |n: usize| format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {n}\r\n\r\n{}", "a".repeat(n));
    let last = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let row: String = (1..=100).map(request).chain([last.to_owned()]).collect();
    client.send(row.as_bytes()).await;
    let answers = client.read_to_end().await;
    let told: Vec<usize> = answers
        .split("HTTP/1.1 200 OK\r\n")
        .filter_map(|answer| answer.split_once("\r\n\r\n")?.1.parse().ok())
        .collect();
    assert_eq!(told, (1..=100).chain([0]).collect::<Vec<_>>());
    server.stop().await;
}
