//! How long the registry keeps what it keeps for a while: the rows of the table in `docs/concepts/privacy.md`.

use axum::body::Body;
use model::time::{DAY_MS, HOUR_MS};
use service::registry::{Attempt, AttemptOutcome, Audience, Deliveries as _, History as _, Page, Scope};

use crate::world::{START_S, World};

/// What is left of each kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Left {
    answer: bool,
    delivery: bool,
    import: bool,
    history: bool,
    audit: bool,
}

const ALL: Left = Left { answer: true, delivery: true, import: true, history: true, audit: true };

/// A server's registry with one thing of each kind.
async fn filled() -> (World, String, String) {
    let world = World::new();
    let (webhook, delivery) = world.webhook_with_delivery(1).await;
    let now = world.service.now();
    let done = Attempt { at: now, status: Some(200), outcome: AttemptOutcome::Delivered };
    world.registry.settle(delivery.parse().expect("an id"), &done).expect("settled");
    let feed = world.key(1, Some("carrier"), &[Scope::Ingest]);
    let progress = "{\"file_name\":\"a.csv\",\"position_bytes\":40,\"records\":3,\"finished\":true}";
    let put = world.ask(Some(&feed), &format!("PUT /v1/imports/{}", "0a".repeat(32)), progress).await;
    assert_eq!(put.status, 200);
    assert!(!repeated(&world, &feed).await, "the first time it is done");
    (world, webhook, feed)
}

/// Sends a body with a name; tells whether it was answered as before.
async fn repeated(world: &World, feed: &str) -> bool {
    let call = format!("{{\"start\":{START_S},\"orig\":\"+12155550117\",\"dest\":\"+13125550199\"}}\n");
    let headers = [("idempotency-key", "k-1")];
    let answer = world.ask_with(Some(feed), "POST /v1/calls", &headers, call).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.headers.contains_key("idempotent-replayed")
}

async fn left(world: &World, webhook: &str, feed: &str) -> Left {
    let admin = world.key(1, None, &[Scope::Admin]);
    let listed = |path: String| {
        let admin = admin.clone();
        async move {
            let listing = world.ask(Some(&admin), &path, Body::empty()).await.json();
            !listing["items"].as_array().expect("items").is_empty()
        }
    };
    let import = world.ask(Some(feed), &format!("GET /v1/imports/{}", "0a".repeat(32)), Body::empty()).await;
    let tn = model::TelephoneNumber::from_digits(12_155_550_119).expect("a number");
    let audience = Audience::Tenant(service::TenantId(1));
    let history = world.registry.history(tn, audience, &Page::first()).expect("readable");
    Left {
        delivery: listed(format!("GET /v1/webhooks/{webhook}/deliveries")).await,
        import: import.status == 200,
        history: !history.items.is_empty(),
        audit: listed("GET /v1/audit".to_owned()).await,
        answer: repeated(world, feed).await,
    }
}

#[tokio::test]
async fn what_is_kept_for_a_while_goes_when_its_time_is_over() {
    for (after_ms, expected) in [
        (0, ALL),
        (23 * HOUR_MS, ALL),
        (25 * HOUR_MS, Left { answer: false, ..ALL }),
        (29 * DAY_MS, Left { answer: false, ..ALL }),
        (31 * DAY_MS, Left { answer: false, delivery: false, ..ALL }),
        (89 * DAY_MS, Left { answer: false, delivery: false, ..ALL }),
        (91 * DAY_MS, Left { answer: false, delivery: false, history: false, ..ALL }),
        (399 * DAY_MS, Left { answer: false, delivery: false, history: false, ..ALL }),
        (401 * DAY_MS, Left { answer: false, delivery: false, history: false, import: false, ..ALL }),
        (4_000 * DAY_MS, Left { answer: false, delivery: false, history: false, import: false, audit: true }),
    ] {
        let (world, webhook, feed) = filled().await;
        let now = world.service.now().saturating_add_ms(after_ms);
        web::remove_expired(world.registry.as_ref(), now, 90).expect("removed");
        assert_eq!(left(&world, &webhook, &feed).await, expected, "after {} hours", after_ms / HOUR_MS);
    }
}
