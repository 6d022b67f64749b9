//! Webhooks: set up, told, signed, tried again, looked at.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use service::registry::Scope;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use web::webhook::signature::Secret;

use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(30);

type Received = (HeaderMap, String);

/// A receiver that answers what it is told to, and passes on what it got.
async fn receiver(status: StatusCode) -> (String, mpsc::UnboundedReceiver<Received>) {
    let (sender, received) = mpsc::unbounded_channel();
    let take = async move |State(sender): State<mpsc::UnboundedSender<Received>>, headers: HeaderMap, body: String| {
        sender.send((headers, body)).expect("the test listens");
        status
    };
    let router = Router::new().route("/hook", post(take)).with_state(sender);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/hook", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, received)
}

async fn next(received: &mut mpsc::UnboundedReceiver<Received>) -> Received {
    tokio::time::timeout(PATIENCE, received.recv()).await.expect("a message comes").expect("the receiver runs")
}

/// Asks for the webhook's one delivery until it is in `state`.
async fn delivery_in(world: &World, admin: &str, id: &str, state: &str) -> serde_json::Value {
    let ask = async {
        loop {
            let path = format!("GET /v1/webhooks/{id}/deliveries?state={state}");
            let listing = world.ask(Some(admin), &path, Body::empty()).await.json();
            if let Some(delivery) = listing["items"].as_array().and_then(|items| items.first()) {
                return delivery.clone();
            }
        }
    };
    tokio::time::timeout(PATIENCE, ask).await.expect("it comes to this state")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_delivered_signed_and_told_in_the_log_of_deliveries() {
    let world = World::new();
    let (url, mut received) = receiver(StatusCode::NO_CONTENT).await;
    let (admin, feed) = (world.key(1, None, &[Scope::Admin]), world.key(1, Some("carrier"), &[Scope::Ingest]));
    let created = world.ask(Some(&admin), "POST /v1/webhooks", format!("{{\"url\":\"{url}\"}}")).await;
    assert_eq!(created.status, 201, "{created:?}");
    let created = created.json();
    let (id, secret) = (created["id"].as_str().expect("an id"), created["secret"].as_str().expect("a secret"));
    world.run();
    world.three_calls(&feed, "+12155550112").await;
    let (headers, body) = next(&mut received).await;
    let message: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((&message["type"], &message["data"]["to"]), (&"label.changed".into(), &"spam".into()));
    let header = |name: &str| headers[name].to_str().expect("text").to_owned();
    let timestamp = header("webhook-timestamp").parse().expect("seconds");
    let signature = Secret::parse(secret).expect("a secret").sign(&header("webhook-id"), timestamp, body.as_bytes());
    assert_eq!(header("webhook-signature"), signature);
    assert_eq!(header("webhook-id"), message["data"]["id"].as_str().expect("an id"));
    let delivery = delivery_in(&world, &admin, id, "delivered").await;
    assert_eq!((&delivery["attempts"], &delivery["last_status"]), (&1.into(), &204.into()));
    assert_eq!(delivery["body"], message);

    let other = r#"{"url":"https://hooks.example.org/other"}"#;
    let other = world.ask(Some(&admin), "POST /v1/webhooks", other).await.json()["id"].clone();
    let replay = |webhook: &str| {
        format!("POST /v1/webhooks/{webhook}/deliveries/{}/replay", delivery["id"].as_str().expect("an id"))
    };
    let elsewhere = world.ask(Some(&admin), &replay(other.as_str().expect("an id")), Body::empty()).await;
    assert_eq!(elsewhere.told(), (404, "NOT_FOUND".to_owned()), "the delivery is another webhook's");
    let path = replay(id);
    assert_eq!(world.ask(Some(&admin), &path, Body::empty()).await.json()["state"], "pending");
    assert_eq!(next(&mut received).await.1, body, "the same message comes again");
    world.stopper.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_is_tried_again_later() {
    let world = World::new();
    let (url, mut received) = receiver(StatusCode::INTERNAL_SERVER_ERROR).await;
    let (admin, feed) = (world.key(1, None, &[Scope::Admin]), world.key(1, Some("carrier"), &[Scope::Ingest]));
    let created = world.ask(Some(&admin), "POST /v1/webhooks", format!("{{\"url\":\"{url}\"}}")).await.json();
    world.run();
    world.three_calls(&feed, "+12155550112").await;
    next(&mut received).await;
    let id = created["id"].as_str().expect("an id");
    let tried = async {
        loop {
            let delivery = delivery_in(&world, &admin, id, "pending").await;
            if delivery["last_status"] == 500 {
                return delivery;
            }
        }
    };
    let delivery = tokio::time::timeout(PATIENCE, tried).await.expect("the try is noted");
    assert_eq!((&delivery["attempts"], &delivery["last_error"]), (&1.into(), &"the answer was 500".into()));
    assert!(delivery["next_attempt_at"].is_string());
    world.stopper.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_gone_for_good_is_told_nothing_more() {
    let world = World::new();
    let (url, mut received) = receiver(StatusCode::GONE).await;
    let (admin, feed) = (world.key(1, None, &[Scope::Admin]), world.key(1, Some("carrier"), &[Scope::Ingest]));
    let created = world.ask(Some(&admin), "POST /v1/webhooks", format!("{{\"url\":\"{url}\"}}")).await.json();
    world.run();
    world.three_calls(&feed, "+12155550112").await;
    next(&mut received).await;
    let delivery = delivery_in(&world, &admin, created["id"].as_str().expect("an id"), "failed").await;
    assert_eq!((&delivery["attempts"], &delivery["last_status"]), (&1.into(), &410.into()));
    world.stopper.stop();
}

#[tokio::test]
async fn a_webhook_is_changed_and_its_secret_exchanged() {
    let world = World::new();
    let admin = world.key(1, None, &[Scope::Admin]);
    let body = r#"{"url":"https://hooks.example.org/a","events":["label.changed"]}"#;
    let created = world.ask(Some(&admin), "POST /v1/webhooks", body).await.json();
    let id = created["id"].as_str().expect("an id");
    let change = r#"{"active":false,"url":"https://hooks.example.org/b"}"#;
    let changed = world.ask(Some(&admin), &format!("PATCH /v1/webhooks/{id}"), change).await.json();
    assert_eq!((&changed["active"], &changed["url"]), (&false.into(), &"https://hooks.example.org/b".into()));
    assert!(changed.get("secret").is_none(), "the secret is shown once");
    let exchanged = world.ask(Some(&admin), &format!("POST /v1/webhooks/{id}/secret"), Body::empty()).await.json();
    assert!(exchanged["secret"].is_string() && exchanged["secret"] != created["secret"]);
    let headers = [("accept", "text/csv")];
    let listed = world.ask_with(Some(&admin), "GET /v1/webhooks", &headers, Body::empty()).await.text;
    assert!(
        listed.starts_with("id,url,events,active,created_at\r\n") && listed.contains("label.changed,false"),
        "{listed}"
    );
}

#[tokio::test]
async fn a_webhook_is_set_up_once_for_a_key() {
    let world = World::new();
    let admin = world.key(1, None, &[Scope::Admin]);
    let headers = [("idempotency-key", "w-1")];
    let body = r#"{"url":"https://hooks.example.org/a"}"#;
    let first = world.ask_with(Some(&admin), "POST /v1/webhooks", &headers, body).await;
    let again = world.ask_with(Some(&admin), "POST /v1/webhooks", &headers, body).await;
    assert_eq!((first.status.as_u16(), first.text), (201, again.text));
    let listed = world.ask(Some(&admin), "GET /v1/webhooks", Body::empty()).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_cannot_be_set_up_is_refused() {
    let world = World::new();
    let admin = world.key(1, None, &[Scope::Admin]);
    for (body, expect) in [
        (r#"{"url":"ftp://hooks.example.org/"}"#, "ADDRESS_REFUSED"),
        (r#"{"url":"https://me:secret@hooks.example.org/"}"#, "ADDRESS_REFUSED"),
        (r#"{"url":"https://hooks.example.org/","events":["nothing"]}"#, "BAD_BODY"),
        (r#"{"url":"https://hooks.example.org/","events":[]}"#, "BAD_BODY"),
        (r#"{"address":"https://hooks.example.org/"}"#, "BAD_BODY"),
        ("", "BAD_BODY"),
    ] {
        let answer = world.ask(Some(&admin), "POST /v1/webhooks", body).await;
        assert_eq!(answer.told().1, expect, "{body}: {answer:?}");
    }
    let answer = world.ask(Some(&admin), "GET /v1/webhooks/webhook_none/deliveries?state=lost", Body::empty()).await;
    assert_eq!(answer.told(), (404, "NOT_FOUND".to_owned()));
}
