//! Server-sent events: who hears what, in which order, from where on.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt as _;
use service::registry::Scope;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpSocket;
use web::Limits;

use crate::world::{START_S, World};

/// Longer than any answer takes: reached only when an event does not come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that listens.
struct Listening {
    body: BodyDataStream,
    text: String,
}

impl Listening {
    async fn start(world: &World, key: &str, last_id: Option<&str>) -> Self {
        let headers: Vec<(&str, &str)> = last_id.iter().map(|id| ("last-event-id", *id)).collect();
        let response = world.send(Some(key), "GET /v1/events", &headers, Body::empty()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event: its name, id and data.
    async fn next(&mut self) -> (String, String, serde_json::Value) {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_default().trim_start_matches(": ").to_owned()
                };
                let found = (field("event"), field("id"), field("data"));
                self.text = rest.to_owned();
                return (found.0, found.1, serde_json::from_str(&found.2).expect("JSON"));
            }
            let piece = tokio::time::timeout(PATIENCE, self.body.next()).await.expect("an event comes");
            self.text += std::str::from_utf8(&piece.expect("the stream goes on").expect("a piece")).expect("text");
        }
    }

    /// Whether the stream ends without another event.
    async fn ends(mut self) -> bool {
        tokio::time::timeout(PATIENCE, self.body.next()).await.expect("the stream ends").is_none()
    }
}

#[tokio::test]
async fn changes_are_told_and_resumed() {
    let world = World::new();
    let (feed, read) = (world.key(1, Some("carrier"), &[Scope::Ingest]), world.key(2, None, &[Scope::Read]));
    let mut listening = Listening::start(&world, &read, None).await;
    world.three_calls(&feed, "+12155550112").await;
    let (name, first, data) = listening.next().await;
    assert_eq!((name.as_str(), &data["tn"]), ("label.changed", &"+12155550112".into()));
    assert_eq!((&data["from"], &data["to"], &data["id"]), (&"none".into(), &"spam".into(), &first.as_str().into()));
    drop(listening);
    world.three_calls(&feed, "+12155550113").await;
    world.three_calls(&feed, "+12155550114").await;
    let mut resumed = Listening::start(&world, &read, Some(&first)).await;
    assert_eq!(resumed.next().await.2["tn"], "+12155550113");
    assert_eq!(resumed.next().await.2["tn"], "+12155550114");
}

#[tokio::test]
async fn a_tenants_own_view_is_told_to_it_alone() {
    let world = World::new();
    let (dialer, carrier) =
        (world.key(1, Some("dialer"), &[Scope::Ingest]), world.key(1, Some("carrier"), &[Scope::Ingest]));
    let (own, other) = (world.key(1, None, &[Scope::Read]), world.key(2, None, &[Scope::Read]));
    let mut own = Listening::start(&world, &own, None).await;
    let mut other = Listening::start(&world, &other, None).await;
    world.three_calls(&dialer, "+12155550112").await;
    world.three_calls(&carrier, "+12155550113").await;
    assert_eq!(own.next().await.2["tn"], "+12155550112");
    assert_eq!(own.next().await.2["tn"], "+12155550113");
    assert_eq!(other.next().await.2["tn"], "+12155550113", "the other tenant's own view is not told");
}

#[tokio::test]
async fn a_stop_ends_the_stream() {
    let world = World::new();
    let read = world.key(1, None, &[Scope::Read]);
    let listening = Listening::start(&world, &read, None).await;
    world.stopper.stop();
    assert!(listening.ends().await);
}

#[tokio::test]
async fn streams_are_counted_and_capped() {
    let world = World::with(Limits { event_streams_max: 1, ..Limits::default() });
    let read = world.key(1, None, &[Scope::Read]);
    let listening = Listening::start(&world, &read, None).await;
    let answer = world.ask(Some(&read), "GET /v1/events", Body::empty()).await;
    assert_eq!(answer.told(), (503, "OVERLOADED".to_owned()));
    assert!(answer.headers.contains_key("retry-after"));
    let metrics = world.ask(None, "GET /metrics", Body::empty()).await.text;
    assert!(metrics.contains("ringtrue_event_streams_open 1\n"), "{metrics}");
    drop(listening);
    let _again = Listening::start(&world, &read, None).await;
}

#[tokio::test]
async fn an_id_that_is_none_is_refused() {
    let world = World::new();
    let read = world.key(1, None, &[Scope::Read]);
    let answer = world.ask(Some(&read), "GET /v1/events?after=yesterday", Body::empty()).await;
    assert_eq!(answer.told(), (400, "BAD_PARAMETER".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_never_reads_is_left() {
    let world = World::with(Limits { write_stall_s: 1, ..Limits::default() });
    let (feed, read) = (world.key(1, Some("carrier"), &[Scope::Ingest]), world.key(2, None, &[Scope::Read]));
    // More changes than the buffers of a socket hold: of each area code a hundred fictional numbers with three calls each.
    for area in 200..400 {
        let call = |n: usize| {
            let (start, orig) = (START_S - 60, format!("+1{area}55501{:02}", n / 3));
            format!("{{\"id\":\"{area}-{n}\",\"start\":{start},\"orig\":\"{orig}\",\"dest\":\"+13125550199\"}}\n")
        };
        let calls: String = (0..300).map(call).collect();
        assert_eq!(world.ask(Some(&feed), "POST /v1/calls", calls).await.status, 200);
    }
    world.settle().await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("a small buffer");
    let mut deaf = socket.connect(world.run()).await.expect("the server listens");
    let request = format!("GET /v1/events?after=event_0 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {read}\r\n\r\n");
    deaf.write_all(request.as_bytes()).await.expect("the server reads");
    for open in ["ringtrue_event_streams_open 1", "ringtrue_event_streams_open 0"] {
        let told = async {
            while !world.ask(None, "GET /metrics", Body::empty()).await.text.contains(open) {
                // Answers are ready at once, and the time limit must have its turn.
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, told).await.expect(open);
    }
    drop(deaf);
    world.stopper.stop();
}
