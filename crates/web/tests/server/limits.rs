//! What the server does with clients that are slow, many, large or odd.

use std::time::Duration;

use crate::common::{Raw, Running};
use web::Limits;

pub(crate) fn limits() -> Limits {
    Limits {
        header_time_s: 1,
        request_time_s: 1,
        write_stall_s: 1,
        body_bytes_max: 100_000,
        unpacked_bytes_max: 200_000,
        bodies_bytes_max: 400_000,
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_request_is_answered() {
    let server = Running::start(limits()).await;
    let answer = server.ask("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n3"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn a_path_that_is_none_and_a_method_that_is_none_are_problems() {
    let server = Running::start(limits()).await;
    let answer = server.ask("GET /no HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 404 ") && answer.contains("application/problem+json"), "{answer}");
    let answer = server.ask("DELETE / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 405 ") && answer.contains("METHOD_NOT_ALLOWED"), "{answer}");
    assert!(answer.to_lowercase().contains("allow: post"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn headers_that_come_too_slowly_end_the_connection() {
    let server = Running::start(limits()).await;
    let mut slow = Raw::connect(server.address).await;
    slow.send(b"GET / HT").await;
    // The server hangs up by itself; what it may say before is up to it.
    slow.read_to_end().await;
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_answered_408() {
    let server = Running::start(limits()).await;
    let mut slow = Raw::connect(server.address).await;
    slow.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nab").await;
    let answer = slow.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("TIMED_OUT"), "{answer}");
    assert_eq!(server.budget.taken(), 0, "nothing of it is kept");
    server.stop().await;
}

#[tokio::test]
async fn idle_connections_are_closed() {
    let server = Running::start(limits()).await;
    let mut idle = Raw::connect(server.address).await;
    idle.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").await;
    let answer = idle.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn headers_that_are_too_many_or_too_long_are_answered_431() {
    let server = Running::start(limits()).await;
    let many: String = (0..100).map(|n| format!("h{n}: x\r\n")).collect();
    let answer = server.ask(&format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let long = "x".repeat(20_000);
    let answer = server.ask(&format!("GET / HTTP/1.1\r\nhost: x\r\nlong: {long}\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn a_gigabyte_is_refused_before_it_is_read() {
    let server = Running::start(limits()).await;
    let mut client = Raw::connect(server.address).await;
    client.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1073741824\r\n\r\n").await;
    client.send_until_refused(1 << 30).await;
    let answer = client.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("TOO_LARGE"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn a_gigabyte_in_chunks_is_refused_when_the_limit_is_passed() {
    let server = Running::start(limits()).await;
    let mut client = Raw::connect(server.address).await;
    client.send(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n40000000\r\n").await;
    client.send_until_refused(1 << 30).await;
    let answer = client.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_eq!(server.budget.taken(), 0);
    server.stop().await;
}

#[tokio::test]
async fn a_connection_too_many_is_told_so_and_others_go_on() {
    let server = Running::start(Limits { connections_max: 20, header_time_s: 30, ..limits() }).await;
    let mut idle = Vec::new();
    for _ in 0..20 {
        let mut client = Raw::connect(server.address).await;
        // Served once, so that it is surely counted.
        client.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").await;
        client.read_some().await;
        idle.push(client);
    }
    let mut refused = 0;
    for _ in 0..100 {
        let mut client = Raw::connect(server.address).await;
        let answer = client.read_to_end().await;
        if answer.starts_with("HTTP/1.1 503 ") {
            assert!(answer.contains("retry-after: 5") && answer.contains("\"code\":\"OVERLOADED\""), "{answer}");
            refused += 1;
        }
    }
    assert!(refused >= 90, "told: {refused}");
    assert!(server.metrics.text().contains("ringtrue_http_connections_refused_total 100"));
    idle.pop();
    // The place of the one that left is free again, once the server noticed.
    loop {
        let answer = server.ask("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
        if answer.starts_with("HTTP/1.1 200 ") {
            break;
        }
    }
    drop(idle);
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_left() {
    let server = Running::start(limits()).await;
    let mut client = Raw::connect(server.address).await;
    client.send(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let gone = server.endless_ended();
    tokio::time::timeout(Duration::from_secs(30), gone).await.expect("the server left the client");
    server.stop().await;
}

#[tokio::test]
async fn a_panic_is_contained_and_counted() {
    let server = Running::start(limits()).await;
    let answer = server.ask("GET /panic HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 500 ") && answer.contains("INTERNAL"), "{answer}");
    let answer = server.ask("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nz").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(server.metrics.text().contains("ringtrue_http_panics_total 1"));
    server.stop().await;
}

#[tokio::test]
async fn a_stop_lets_requests_finish_and_closes_the_rest() {
    let server = Running::start(Limits { header_time_s: 30, request_time_s: 30, ..limits() }).await;
    let mut idle = Raw::connect(server.address).await;
    let mut busy = Raw::connect(server.address).await;
    busy.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\na").await;
    server.body_begun().await;
    let stopping = tokio::spawn(server.stop());
    idle.read_to_end().await;
    busy.send(b"bc").await;
    let answer = busy.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with('3'), "{answer}");
    stopping.await.expect("stopped");
}
