//! Labels, one by one and many at once.

use axum::body::Body;
use model::{Label, TelephoneNumber, Timestamp};
use service::LabelChange;
use service::registry::Scope;
use store::registry::{Audience, History as _, NewHistoryEntry, Page};

use crate::world::{HISTORY_DAYS, START_S, World};

#[tokio::test]
async fn a_label_is_told_for_every_form_of_a_number() {
    let world = World::new();
    let (feed, lookup) = (world.key(1, Some("carrier"), &[Scope::Ingest]), world.key(1, None, &[Scope::Lookup]));
    world.three_calls(&feed, "+12155550112").await;
    for form in [
        "+12155550112",
        "%2B12155550112",
        "12155550112",
        "2155550112",
        "(215)%20555-0112",
        "tel:+1-215-555-0112",
        "sip:+12155550112@example.org;user=phone",
        "2155550112?region=US",
    ] {
        let answer = world.ask(Some(&lookup), &format!("GET /v1/labels/{form}"), Body::empty()).await;
        assert_eq!(answer.status, 200, "{form}: {answer:?}");
        assert!(answer.text.len() < 1_024, "{}", answer.text);
        let label = answer.json();
        assert_eq!((&label["tn"], &label["label"]), (&"+12155550112".into(), &"spam".into()), "{form}");
    }
}

#[tokio::test]
async fn the_engine_that_is_meant_answers_alone() {
    let world = World::new();
    let lookup = world.key(1, None, &[Scope::Lookup]);
    let answer = world.ask(Some(&lookup), "GET /v1/labels/+12155550112?engine=hiya", Body::empty()).await.json();
    assert_eq!((&answer["engine"], &answer["label"]), (&"hiya".into(), &"no_opinion".into()));
    assert!(answer.get("engines").is_none());
    let answer = world.ask(Some(&lookup), "GET /v1/labels/+12155550112", Body::empty()).await.json();
    assert!(answer["engine"].is_null());
    assert!(answer["engines"][0].get("reasons").is_none(), "reasons are told of the engine that is asked for");
    assert_eq!(answer["engines"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        answer.as_object().expect("an object").keys().map(String::as_str).collect::<Vec<_>>(),
        [
            "confidence",
            "data_through",
            "display",
            "engine",
            "engines",
            "label",
            "policy_version",
            "provisional",
            "rating_bp",
            "reasons",
            "status",
            "tn",
            "treatment"
        ]
    );
}

#[tokio::test]
async fn plain_text_is_the_display_alone() {
    let world = World::new();
    let (feed, lookup) = (world.key(1, Some("carrier"), &[Scope::Ingest]), world.key(1, None, &[Scope::Lookup]));
    world.three_calls(&feed, "+12155550112").await;
    for (tn, expect) in [("+12155550112", "Spam"), ("+12155550113", "")] {
        let headers = [("accept", "text/plain")];
        let answer = world.ask_with(Some(&lookup), &format!("GET /v1/labels/{tn}"), &headers, Body::empty()).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, expect));
        assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    }
}

#[tokio::test]
async fn questions_that_cannot_be_read_are_refused() {
    let world = World::new();
    let lookup = world.key(1, None, &[Scope::Lookup]);
    for (path, expect) in [
        ("anonymous", "BAD_NUMBER"),
        ("555", "BAD_NUMBER"),
        ("%FF", "BAD_PARAMETER"),
        ("+12155550112?attestation=D", "BAD_PARAMETER"),
        ("2155550112?region=Nowhere", "BAD_PARAMETER"),
    ] {
        let answer = world.ask(Some(&lookup), &format!("GET /v1/labels/{path}"), Body::empty()).await;
        assert_eq!(answer.told(), (400, expect.to_owned()), "{path}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn many_are_told_in_the_order_of_the_question() {
    let world = World::new();
    let (feed, lookup) = (world.key(1, Some("carrier"), &[Scope::Ingest]), world.key(1, None, &[Scope::Lookup]));
    world.three_calls(&feed, "+12155550113").await;
    let items: Vec<String> =
        (110..115).map(|last| format!("{{\"tn\":\"+12155550{last}\",\"carrier\":\"att\"}}")).collect();
    let body = format!("{{\"items\":[{}]}}", items.join(","));
    let answer = world.ask(Some(&lookup), "POST /v1/labels", body).await.json();
    let labels: Vec<_> = answer["items"].as_array().expect("items").iter().map(|item| &item["label"]).collect();
    assert_eq!(labels, ["no_opinion", "no_opinion", "no_opinion", "spam", "no_opinion"]);
}

#[tokio::test]
async fn a_batch_tells_every_fault_and_keeps_to_its_limit() {
    let world = World::new();
    let lookup = world.key(1, None, &[Scope::Lookup]);
    let ask = |body: String| world.ask(Some(&lookup), "POST /v1/labels", body);
    let answer = ask(r#"{"items":[{"tn":"x"},{"tn":"+12155550112"},{"tn":"5"}]}"#.to_owned()).await;
    assert_eq!(answer.told(), (400, "BAD_NUMBER".to_owned()));
    let errors = answer.json()["errors"].clone();
    assert_eq!((&errors[0]["field"], &errors[1]["field"]), (&"items[0]".into(), &"items[2]".into()));
    let item = r#"{"tn":"+12155550112"}"#;
    let batch = |count: usize| format!("{{\"items\":[{}]}}", vec![item; count].join(","));
    assert_eq!(ask(batch(1_000)).await.status, 200);
    assert_eq!(ask(batch(1_001)).await.told(), (413, "TOO_LARGE".to_owned()));
    assert_eq!(ask("{".to_owned()).await.told(), (400, "BAD_BODY".to_owned()));
    assert_eq!(ask(r#"{"items":[{"number":"x"}]}"#.to_owned()).await.told(), (400, "BAD_BODY".to_owned()));
}

#[tokio::test]
async fn a_number_is_told_in_the_views_that_the_key_may_see() {
    let world = World::new();
    let (dialer, read) = (world.key(1, Some("dialer"), &[Scope::Ingest]), world.key(1, None, &[Scope::Read]));
    world.three_calls(&dialer, "+12155550112").await;
    let answer = world.ask(Some(&read), "GET /v1/numbers/(215)%20555-0112", Body::empty()).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    let number = answer.json();
    assert_eq!((&number["tn"], &number["view"]), (&"+12155550112".into(), &"own".into()));
    assert!(number["facts"].is_object());
    let changed = async {
        loop {
            let number = world.ask(Some(&read), "GET /v1/numbers/+12155550112", Body::empty()).await.json();
            if let Some(change) = number["history"].as_array().and_then(|history| history.first()) {
                return change.clone();
            }
        }
    };
    let change = tokio::time::timeout(std::time::Duration::from_secs(30), changed).await.expect("it is kept");
    assert_eq!((&change["from"], &change["to"]), (&"none".into(), &"spam".into()));
    let answer = world.ask(Some(&read), "GET /v1/numbers/+12155550112?view=mine", Body::empty()).await;
    assert_eq!(answer.told(), (400, "BAD_PARAMETER".to_owned()));
}

#[tokio::test]
async fn changes_of_labels_are_kept_for_so_many_days() {
    let world = World::new();
    let tn = TelephoneNumber::from_digits(12_155_550_112).expect("a number");
    let kept_s = i64::from(HISTORY_DAYS) * 86_400;
    let entry = |position: u64, before_now_s: i64| {
        let at = Timestamp::from_s(START_S - before_now_s).expect("a time");
        let change = LabelChange {
            tn,
            engine: "any".into(),
            from: Label::None,
            to: Label::Spam,
            effective_at: at,
            decided_at: at,
            policy_version: "1".into(),
            provisional: false,
            reasons: Vec::new(),
        };
        NewHistoryEntry { audience: Audience::Shared, position, change }
    };
    world.registry.add_history(&[entry(1, kept_s + 1), entry(2, kept_s - 60)]).expect("added");
    world.run();
    let trimmed = async {
        loop {
            let registry = std::sync::Arc::clone(&world.registry);
            let read = tokio::task::spawn_blocking(move || registry.history(tn, Audience::Shared, &Page::first()));
            let left = read.await.expect("no panic").expect("read").items;
            if left.len() < 2 {
                return left;
            }
        }
    };
    let left = tokio::time::timeout(std::time::Duration::from_secs(30), trimmed).await.expect("what is old goes");
    assert_eq!(left.iter().map(|entry| entry.position).collect::<Vec<_>>(), [2]);
    world.stopper.stop();
}
