//! What operators and clients look at: health, metrics, the description, the pages, the audit.

use std::time::Duration;

use axum::body::Body;
use service::registry::Scope;

use crate::world::World;

/// Longer than anything takes here: reached only when it does not happen.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn health_readiness_and_metrics_are_told() {
    let world = World::new();
    assert_eq!(world.ask(None, "GET /healthz", Body::empty()).await.text, "ok\n");
    assert_eq!(world.ask(None, "GET /readyz", Body::empty()).await.text, "ready\n");
    let feed = world.key(1, Some("carrier"), &[Scope::Ingest]);
    world.three_calls(&feed, "+12155550112").await;
    let answer = world.ask(None, "GET /metrics", Body::empty()).await;
    assert!(answer.headers["content-type"].to_str().expect("text").starts_with("application/openmetrics-text"));
    for line in [
        "ringtrue_ready 1",
        "ringtrue_records_accepted_total 3",
        "ringtrue_http_requests_total{method=\"POST\",route=\"/v1/calls\",status=\"200\"} 1",
        "# UNIT ringtrue_http_request_duration_seconds seconds",
    ] {
        assert!(answer.text.contains(line), "{line} is missing:\n{}", answer.text);
    }
    assert!(answer.text.ends_with("# EOF\n"));
    // What was decided is logged, folded again and then counted.
    let counted = async {
        while !world.ask(None, "GET /metrics", Body::empty()).await.text.contains("ringtrue_label_changes_total 1") {}
    };
    tokio::time::timeout(PATIENCE, counted).await.expect("it is counted");
    world.service.stop();
    let answer = world.ask(None, "GET /readyz", Body::empty()).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (503, "stopping\n"));
    assert_eq!(world.ask(None, "GET /healthz", Body::empty()).await.status, 200);
}

#[tokio::test]
async fn every_metric_is_documented() {
    let page = include_str!("../../../../docs/operating/metrics.md");
    let world = World::new();
    world.ask(None, "GET /healthz", Body::empty()).await;
    let metrics = world.ask(None, "GET /metrics", Body::empty()).await.text;
    let names: Vec<&str> = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert!(names.len() > 20, "{names:?}");
    let missing: Vec<&&str> = names.iter().filter(|name| !page.contains(&format!("`{name}"))).collect();
    assert!(missing.is_empty(), "not in docs/operating/metrics.md: {missing:?}");
    let documented = page.lines().filter_map(|line| line.strip_prefix("| `")?.split(['`', ' ', '{']).next());
    let base = |name: &str| name.trim_end_matches("_total").trim_end_matches("_info").to_owned();
    let stale: Vec<&str> = documented
        .filter(|name| name.starts_with("ringtrue_"))
        .filter(|name| !names.contains(&base(name).as_str()))
        .collect();
    assert!(stale.is_empty(), "in docs/operating/metrics.md and nowhere: {stale:?}");
}

#[tokio::test]
async fn the_description_is_as_agreed() {
    let world = World::new();
    let answer = world.ask(None, "GET /openapi.json", Body::empty()).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    insta::assert_snapshot!("openapi", answer.text);
}

#[tokio::test]
async fn every_endpoint_is_documented() {
    let page = include_str!("../../../../docs/reference/http.md");
    let world = World::new();
    let described = world.ask(None, "GET /openapi.json", Body::empty()).await.json();
    for (path, item) in described["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("methods").keys() {
            let heading = format!("`{} {path}`", method.to_uppercase());
            assert!(page.contains(&heading), "docs/reference/http.md says nothing of {heading}");
        }
    }
}

#[tokio::test]
async fn the_pages_stand_alone() {
    let world = World::new();
    for path in ["/docs", "/docs/errors"] {
        let answer = world.ask(None, &format!("GET {path}"), Body::empty()).await;
        assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
        for foreign in ["http://", "src=", "<script", "@import", "url("] {
            assert!(!answer.text.contains(foreign), "{path} holds {foreign}");
        }
    }
    let page = world.ask(None, "GET /docs", Body::empty()).await.text;
    assert!(page.contains("id=\"get-v1-labels--tn-\"") && page.contains("type-LabelView"));
}

#[tokio::test]
async fn the_audit_tells_who_changed_what() {
    let world = World::new();
    let (operator, admin) = (world.key(0, None, &[Scope::Admin]), world.key(1, None, &[Scope::Admin]));
    let body = r#"{"url":"https://hooks.example.org/a"}"#;
    let webhook = world.ask(Some(&admin), "POST /v1/webhooks", body).await.json();
    let id = webhook["id"].as_str().expect("an id");
    let lines = world.ask(Some(&operator), &format!("GET /v1/audit?subject={id}"), Body::empty()).await.json();
    assert_eq!((&lines["items"][0]["action"], &lines["items"][0]["subject"]), (&"webhook.created".into(), &id.into()));
    assert!(lines["items"][0]["by"].as_str().expect("who").starts_with("key_"));
    assert!(!lines.to_string().contains("whsec_"), "no secret is in the audit");
    let answer =
        world.ask_with(Some(&operator), "GET /v1/audit?limit=2", &[("accept", "text/csv")], Body::empty()).await;
    assert!(answer.text.starts_with("place,at,by,action,subject,before,after\r\n"), "{}", answer.text);
    assert_eq!(answer.text.lines().count(), 3);
    let next = answer.headers["link"].to_str().expect("text");
    let next = next.strip_prefix("<?after=").and_then(|rest| rest.split('>').next()).expect("a link");
    let page = world.ask(Some(&operator), &format!("GET /v1/audit?limit=2&after={next}"), Body::empty()).await.json();
    assert!(
        page["items"][0]["place"].as_u64()
            < answer.text.lines().nth(2).and_then(|line| line.split(',').next()?.parse().ok())
    );
    let answer = world.ask(Some(&operator), "GET /v1/audit?after=x", Body::empty()).await;
    assert_eq!(answer.told(), (400, "BAD_PARAMETER".to_owned()));
}

#[tokio::test]
async fn policies_are_told_compared_and_refused() {
    let world = World::new();
    let (feed, read) = (world.key(1, Some("dialer"), &[Scope::Ingest]), world.key(1, None, &[Scope::Read]));
    let policy = world.ask(Some(&read), "GET /v1/policy", Body::empty()).await.json();
    assert_eq!((&policy["version"], &policy["shadow"]), (&"1".into(), &"2".into()));
    for last in 110..115 {
        world.three_calls(&feed, &format!("+12155550{last}")).await;
    }
    let first = world.ask(Some(&read), "GET /v1/policy/differences?limit=3", Body::empty()).await.json();
    assert_eq!(first["items"].as_array().map(Vec::len), Some(3));
    assert_eq!((&first["items"][0]["label"], &first["items"][0]["shadow"]), (&"spam".into(), &"none".into()));
    let next = first["next"].as_str().expect("more").replace('+', "%2B");
    let path = format!("GET /v1/policy/differences?limit=3&after={next}");
    let second = world.ask(Some(&read), &path, Body::empty()).await.json();
    assert_eq!((second["items"].as_array().map(Vec::len), &second["next"]), (Some(2), &serde_json::Value::Null));
    let operator = world.key(0, None, &[Scope::Admin]);
    let answer = world.ask(Some(&operator), "POST /v1/policy/reload", Body::empty()).await;
    assert_eq!(answer.told(), (422, "POLICY_REFUSED".to_owned()));
    assert!(answer.json()["detail"].as_str().expect("a sentence").contains("reputation.toml"));
}

#[tokio::test]
async fn a_key_counts_from_the_moment_in_which_it_is_made() {
    let world = World::new();
    let ask = async |key: String| world.ask(Some(&key), "GET /v1/labels/+12155550112", Body::empty()).await.status;
    // The second one comes within the time in which the registry is not asked again, and waits for its end.
    for _ in 0..2 {
        assert_eq!(ask(world.key_by_command(1, None, &[Scope::Lookup])).await, 200);
    }
    let stranger = service::registry::KeySecret::new(service::registry::system_random().expect("random"));
    assert_eq!(ask(stranger.expose()).await, 401);
}
