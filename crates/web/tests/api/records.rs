//! Calls and reports that are sent in.

use std::io::Write as _;

use axum::body::Body;
use service::registry::Scope;
use web::Limits;

use crate::world::{START_S, World};

fn call(id: &str) -> String {
    format!("{{\"id\":\"{id}\",\"start\":{START_S},\"orig\":\"+12155550112\",\"dest\":\"+13125550199\"}}\n")
}

#[tokio::test]
async fn every_record_is_told() {
    let world = World::new();
    let feed = world.key(1, Some("carrier"), &[Scope::Ingest]);
    let body = format!("{}{}{}not a record\n", call("a"), call("a"), call("b"));
    let answer = world.ask(Some(&feed), "POST /v1/calls", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let receipt = answer.json();
    assert_eq!((&receipt["accepted"], &receipt["duplicate"]), (&2.into(), &1.into()));
    assert_eq!((&receipt["rejected"][0]["line"], &receipt["rejected"][0]["code"]), (&4.into(), &"BAD_JSON".into()));
}

#[tokio::test]
async fn every_form_is_taken() {
    let world = World::new();
    let feed = world.key(1, Some("carrier"), &[Scope::Ingest]);
    let event = |id: &str| {
        format!(
            "{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"x\",\"type\":\"call\",\"data\":\
             {{\"start\":{START_S},\"orig\":\"+12155550112\",\"dest\":\"+13125550199\"}}}}"
        )
    };
    for (content_type, body) in [
        ("application/x-ndjson", call("f1")),
        ("application/json", call("f2")),
        ("text/csv", format!("id,start,orig,dest\nf3,{START_S},+12155550112,+13125550199\n")),
        ("application/cloudevents-batch+json", format!("[{}]", event("f4"))),
        ("application/cloudevents+json", event("f5")),
    ] {
        let answer = world.ask_with(Some(&feed), "POST /v1/calls", &[("content-type", content_type)], body).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["accepted"]),
            (200, &1.into()),
            "{content_type}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn packed_bodies_are_taken_and_bombs_are_not() {
    let world = World::with(Limits { body_bytes_max: 50_000, unpacked_bytes_max: 50_000, ..Limits::default() });
    let feed = world.key(1, Some("carrier"), &[Scope::Ingest]);
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).expect("a buffer takes everything");
        encoder.finish().expect("a buffer takes everything")
    };
    let send = |encoding: &'static str, body: Vec<u8>| {
        let (world, feed) = (&world, &feed);
        async move { world.ask_with(Some(feed), "POST /v1/calls", &[("content-encoding", encoding)], body).await.told() }
    };
    assert_eq!(send("gzip", gzip(call("z1").as_bytes())).await.0, 200);
    assert_eq!(send("zstd", zstd::encode_all(call("z2").as_bytes(), 3).expect("packed")).await.0, 200);
    assert_eq!(send("gzip", gzip(&vec![b'\n'; 10_000_000])).await, (413, "TOO_LARGE".to_owned()));
    assert_eq!(send("zstd", zstd::encode_all(&vec![b'\n'; 10_000_000][..], 3).expect("packed")).await.0, 413);
    assert_eq!(send("deflate", vec![0]).await, (415, "UNSUPPORTED_ENCODING".to_owned()));
    assert_eq!(send("gzip", vec![0; 20]).await, (400, "BAD_BODY".to_owned()));
}

#[tokio::test]
async fn a_body_of_which_nothing_can_be_taken_is_refused() {
    let world = World::new();
    let feed = world.key(1, Some("carrier"), &[Scope::Ingest]);
    let ask = |body: Vec<u8>| {
        let (world, feed) = (&world, &feed);
        async move { world.ask(Some(feed), "POST /v1/calls", body).await }
    };
    let answer = ask(b"{\"start\":1}\n{}\n".to_vec()).await;
    assert_eq!(answer.told(), (422, "NOTHING_TAKEN".to_owned()));
    assert_eq!(answer.json()["errors"].as_array().map(Vec::len), Some(2));
    assert_eq!(ask(Vec::new()).await.told(), (400, "BAD_BODY".to_owned()));
    let half = [b"{\"start\":\"\xff\xfe\",\"orig\":\"".as_slice(), &[0xff; 100], b"\"}\n"].concat();
    assert_eq!(ask(half).await.told(), (422, "NOTHING_TAKEN".to_owned()), "invalid UTF-8");
    let headers = [("content-type", "application/pdf")];
    let answer = world.ask_with(Some(&feed), "POST /v1/calls", &headers, call("p")).await;
    assert_eq!(answer.told(), (415, "UNSUPPORTED_TYPE".to_owned()));
    let headers = [("content-type", "text/csv; format=no-such")];
    let answer = world.ask_with(Some(&feed), "POST /v1/calls", &headers, call("p")).await;
    assert_eq!(answer.told(), (400, "BAD_PARAMETER".to_owned()));
}

#[tokio::test]
async fn a_repeat_with_its_key_is_answered_as_the_first() {
    let world = World::new();
    let (feed, other) =
        (world.key(1, Some("carrier"), &[Scope::Ingest]), world.key(2, Some("carrier"), &[Scope::Ingest]));
    let send = |key: String, body: String| {
        let world = &world;
        async move { world.ask_with(Some(&key), "POST /v1/calls", &[("idempotency-key", "k-1")], body).await }
    };
    let first = send(feed.clone(), call("i1")).await;
    assert_eq!((first.status.as_u16(), &first.json()["accepted"]), (200, &1.into()));
    let again = send(feed.clone(), call("i1")).await;
    assert_eq!((&again.text, &again.headers["idempotent-replayed"]), (&first.text, &"true".parse().expect("a value")));
    assert_eq!(send(feed.clone(), call("i2")).await.told(), (422, "IDEMPOTENCY_MISMATCH".to_owned()));
    assert_eq!(send(other, call("i1")).await.json()["accepted"], 1, "another tenant's keys are its own");
    let headers = [("idempotency-key", " ")];
    let answer = world.ask_with(Some(&feed), "POST /v1/calls", &headers, call("i3")).await;
    assert_eq!(answer.told(), (400, "BAD_PARAMETER".to_owned()));
}

#[tokio::test]
async fn a_failure_is_not_remembered_for_its_key() {
    let world = World::new();
    let feed = world.key(1, Some("carrier"), &[Scope::Ingest]);
    let headers = [("idempotency-key", "k-2")];
    for _ in 0..2 {
        let answer = world.ask_with(Some(&feed), "POST /v1/calls", &headers, "{}\n").await;
        assert_eq!(answer.told(), (422, "NOTHING_TAKEN".to_owned()));
    }
}

#[tokio::test]
async fn a_service_that_stops_takes_nothing_and_says_when_to_come_back() {
    let world = World::new();
    let (feed, lookup) = (world.key(1, Some("carrier"), &[Scope::Ingest]), world.key(1, None, &[Scope::Lookup]));
    world.service.stop();
    let answer = world.ask(Some(&feed), "POST /v1/calls", call("s")).await;
    assert_eq!(answer.told(), (503, "NOT_READY".to_owned()));
    assert!(answer.headers.contains_key("retry-after"));
    let answer = world.ask(Some(&lookup), "GET /v1/labels/+12155550112", Body::empty()).await;
    assert_eq!(answer.status, 200, "look-ups go on");
}

#[tokio::test]
async fn reports_come_with_a_key_and_without() {
    let world = World::new();
    let reporter = world.key(1, None, &[Scope::Report]);
    let body = format!("{{\"at\":{START_S},\"tn\":\"+12155550112\",\"category\":\"fraud\",\"reporter\":\"p1\"}}\n");
    let answer = world.ask(Some(&reporter), "POST /v1/reports", body).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["accepted"]), (200, &1.into()), "{answer:?}");
    let anonymous = r#"{"tn":"(215) 555-0113","category":"unwanted","comment":"rang and hung up"}"#;
    let answer = world.ask(None, "POST /v1/reports", anonymous).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["accepted"]), (200, &1.into()), "{answer:?}");
    world.settle().await;
    let reports = world.ledger.reports();
    assert_eq!(reports.iter().map(|(tn, _)| tn.to_string()).collect::<Vec<_>>(), ["+12155550112", "+12155550113"]);
    assert!(reports[1].1.is_some(), "anonymous reports cluster by network");
}

#[tokio::test]
async fn people_without_a_key_can_say_little_and_seldom() {
    let world = World::with(Limits { anonymous_reports_per_minute: 4, ..Limits::default() });
    let ask = |body: &'static str| world.ask(None, "POST /v1/reports", body);
    assert_eq!(ask(r#"{"tn":"+12155550112","reporter":"somebody else"}"#).await.told(), (400, "BAD_BODY".to_owned()));
    assert_eq!(ask("[1]").await.told(), (400, "BAD_BODY".to_owned()));
    assert_eq!(ask(r#"{"tn":"nobody"}"#).await.told(), (400, "BAD_NUMBER".to_owned()));
    assert_eq!(ask(r#"{"tn":"+12155550112","category":"boring"}"#).await.told(), (422, "NOTHING_TAKEN".to_owned()));
    let answer = ask(r#"{"tn":"+12155550112"}"#).await;
    assert_eq!(answer.told(), (429, "RATE_LIMITED".to_owned()));
    let seconds: u32 = answer.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=16).contains(&seconds), "{seconds}");
}
