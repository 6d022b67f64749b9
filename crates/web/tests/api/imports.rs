//! How far imports came, records of the past, and numbers that are forgotten.

use axum::body::Body;
use service::registry::Scope;

use crate::world::{START_S, World};

#[tokio::test]
async fn an_import_is_noted_for_its_source_alone() {
    let world = World::new();
    let feed = world.key(1, Some("carrier"), &[Scope::Ingest]);
    let others = [world.key(1, Some("dialer"), &[Scope::Ingest]), world.key(2, Some("carrier"), &[Scope::Ingest])];
    let path = format!("/v1/imports/{}", "0a".repeat(32));
    let get = format!("GET {path}");
    assert_eq!(world.ask(Some(&feed), &get, Body::empty()).await.told().0, 404);
    let progress = |records: u64, finished: bool| {
        format!("{{\"file_name\":\"a.csv\",\"position_bytes\":40,\"records\":{records},\"finished\":{finished}}}")
    };
    for (records, finished) in [(3, false), (9, true)] {
        let put = world.ask(Some(&feed), &format!("PUT {path}"), progress(records, finished)).await;
        assert_eq!(put.status, 200, "{put:?}");
        let noted = world.ask(Some(&feed), &get, Body::empty()).await.json();
        assert_eq!((&noted["records"], &noted["finished"]), (&records.into(), &finished.into()));
        assert_eq!((&noted["file_name"], &noted["position_bytes"]), (&"a.csv".into(), &40.into()));
    }
    for other in others {
        assert_eq!(world.ask(Some(&other), &get, Body::empty()).await.told().0, 404);
    }
    for name in ["0a", &"0A".repeat(32), &"xx".repeat(32)] {
        let answer = world.ask(Some(&feed), &format!("GET /v1/imports/{name}"), Body::empty()).await;
        assert_eq!(answer.told(), (400, "BAD_PARAMETER".to_owned()), "{name}");
    }
    let huge = progress(u64::MAX, false);
    assert_eq!(world.ask(Some(&feed), &format!("PUT {path}"), huge).await.told(), (400, "BAD_BODY".to_owned()));
}

#[tokio::test]
async fn records_of_the_past_became_known_then() {
    let world = World::new();
    let feed = world.key(1, Some("carrier"), &[Scope::Ingest]);
    let start = START_S - 90 * 86_400;
    let call = |id: &str| {
        format!(
            "{{\"id\":\"{id}\",\"start\":{start},\"orig\":\"+12155550112\",\"dest\":\"+13125550199\",\"talk_s\":4}}\n"
        )
    };
    // A call of three months ago that becomes known now is late; one that became known then is not.
    for (path, late) in [("/v1/calls", 1), ("/v1/calls?history=false", 1), ("/v1/calls?history=true", 0)] {
        let answer = world.ask(Some(&feed), &format!("POST {path}"), call(path)).await;
        assert_eq!((&answer.json()["accepted"], &answer.json()["late"]), (&1.into(), &late.into()), "{path}");
    }
    let answer = world.ask(Some(&feed), "POST /v1/calls?history=yes", call("y")).await;
    assert_eq!(answer.told(), (400, "BAD_PARAMETER".to_owned()));
}

#[tokio::test]
async fn a_forgotten_number_is_gone_from_the_log() {
    let world = World::new();
    let feed = world.key(1, Some("carrier"), &[Scope::Ingest]);
    world.three_calls(&feed, "+12155550112").await;
    world.three_calls(&feed, "+12155550113").await;
    let operator = world.key(0, None, &[Scope::Admin]);
    let forget = async |tn: &str| world.ask(Some(&operator), &format!("DELETE /v1/numbers/{tn}"), Body::empty()).await;
    let answer = forget("215-555-0112").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["tn"]), (200, &"+12155550112".into()), "{answer:?}");
    assert!(answer.json()["events"].as_u64() >= Some(3), "{answer:?}");
    assert_eq!(forget("+12155550112").await.json()["events"], 0, "nothing is left of it");
    assert_eq!(forget("12").await.told(), (400, "BAD_NUMBER".to_owned()));
}
