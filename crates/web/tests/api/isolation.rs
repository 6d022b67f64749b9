//! Who may do what: every kind of key at every endpoint, for its own tenant's things and another's.

use axum::body::Body;
use service::registry::Scope;

use crate::world::World;

/// The keys that ask, in the order of the columns. All but the first are of tenant 1, but for the last two, which are of the operator
/// and of tenant 2.
const WHO: [(&str, &[Scope]); 11] = [
    ("nobody", &[]),
    ("ingest", &[Scope::Ingest]),
    ("report", &[Scope::Report]),
    ("lookup", &[Scope::Lookup]),
    ("read", &[Scope::Read]),
    ("read:facts", &[Scope::ReadFacts]),
    ("review", &[Scope::Review]),
    ("admin", &[Scope::Admin]),
    ("all", &Scope::ALL),
    ("operator", &Scope::ALL),
    ("stranger", &Scope::ALL),
];

/// Each endpoint, with the status that each key gets, in the order of [`WHO`]. `{own}` and `{other}` are webhooks of tenant 1 and 2,
/// 0119 is a number in the own view of both, 0118 one that a carrier's traffic tells of.
const MATRIX: &str = "
GET /healthz                                     200 200 200 200 200 200 200 200 200 200 200
GET /readyz                                      200 200 200 200 200 200 200 200 200 200 200
GET /metrics                                     200 200 200 200 200 200 200 200 200 200 200
GET /openapi.json                                200 200 200 200 200 200 200 200 200 200 200
GET /                                            303 303 303 303 303 303 303 303 303 303 303
GET /docs                                        200 200 200 200 200 200 200 200 200 200 200
GET /docs/errors                                 200 200 200 200 200 200 200 200 200 200 200
POST /v1/calls                                   401 400 403 403 403 403 403 403 400 400 400
POST /v1/reports                                 400 400 400 403 403 403 403 403 400 400 400
GET /v1/labels/+12155550112                      401 403 403 200 403 403 403 403 200 200 200
POST /v1/labels                                  401 403 403 400 403 403 403 403 400 400 400
GET /v1/numbers/+12155550119                     401 403 403 403 200 404 403 403 200 404 200
GET /v1/numbers/+12155550119?view=shared         401 403 403 403 404 404 403 403 404 404 404
GET /v1/numbers/+12155550118                     401 403 403 403 404 200 403 403 200 200 200
GET /v1/numbers/+12155550118?view=own            401 403 403 403 404 404 403 403 404 404 404
DELETE /v1/numbers/+12155550117                  401 403 403 403 403 403 403 403 403 200 403
GET /v1/imports/{file}                           401 404 403 403 403 403 403 403 404 404 404
PUT /v1/imports/{file}                           401 400 403 403 403 403 403 403 400 400 400
GET /v1/events                                   401 403 403 403 200 403 403 403 200 200 200
GET /v1/webhooks                                 401 403 403 403 403 403 403 200 200 200 200
POST /v1/webhooks                                401 403 403 403 403 403 403 400 400 400 400
GET /v1/webhooks/{own}                           401 403 403 403 403 403 403 200 200 404 404
GET /v1/webhooks/{other}                         401 403 403 403 403 403 403 404 404 404 200
PATCH /v1/webhooks/{own}                         401 403 403 403 403 403 403 400 400 400 400
PATCH /v1/webhooks/{other}                       401 403 403 403 403 403 403 400 400 400 400
GET /v1/webhooks/{own}/deliveries                401 403 403 403 403 403 403 200 200 404 404
GET /v1/webhooks/{other}/deliveries              401 403 403 403 403 403 403 404 404 404 200
POST /v1/webhooks/{own}/secret                   401 403 403 403 403 403 403 200 200 404 404
POST /v1/webhooks/{other}/secret                 401 403 403 403 403 403 403 404 404 404 200
POST /v1/webhooks/{own}/deliveries/{d}/replay    401 403 403 403 403 403 403 200 200 404 404
POST /v1/webhooks/{other}/deliveries/{e}/replay  401 403 403 403 403 403 403 404 404 404 200
DELETE /v1/webhooks/{other}                      401 403 403 403 403 403 403 404 404 404 204
DELETE /v1/webhooks/{own}                        401 403 403 403 403 403 403 204 404 404 404
GET /v1/policy                                   401 403 403 403 200 403 403 403 200 200 200
GET /v1/policy/differences                       401 403 403 403 200 403 403 403 200 200 200
GET /v1/policy/differences?view=shared           401 403 403 403 403 200 403 403 200 200 200
POST /v1/policy/reload                           401 403 403 403 403 403 403 403 403 422 403
GET /v1/audit                                    401 403 403 403 403 403 403 200 200 200 200
GET /v1/nothing                                  404 404 404 404 404 404 404 404 404 404 404
";

#[tokio::test]
async fn every_cell_of_the_matrix_holds() {
    let world = World::new();
    let (own, own_delivery) = world.webhook_with_delivery(1).await;
    let (other, other_delivery) = world.webhook_with_delivery(2).await;
    let carrier = world.key(2, Some("carrier"), &[Scope::Ingest]);
    world.three_calls(&carrier, "+12155550118").await;
    let keys: Vec<Option<String>> = WHO
        .iter()
        .map(|(who, scopes)| match *who {
            "nobody" => None,
            "operator" => Some(world.key(0, Some("carrier"), scopes)),
            "stranger" => Some(world.key(2, Some("carrier"), scopes)),
            _ => Some(world.key(1, Some("carrier"), scopes)),
        })
        .collect();
    let mut wrong = Vec::new();
    for row in MATRIX.trim().lines() {
        let (request, cells) = row.split_once("  ").expect("a request, then cells");
        let expect: Vec<u16> = cells.split_whitespace().map(|cell| cell.parse().expect("a status")).collect();
        assert_eq!(expect.len(), WHO.len(), "{request}");
        let filled = request.replace("{own}", &own).replace("{other}", &other);
        let filled = filled.replace("{file}", &"0a".repeat(32));
        let filled = filled.replace("{d}", &own_delivery).replace("{e}", &other_delivery);
        for ((who, _), (key, expect)) in WHO.iter().zip(keys.iter().zip(expect)) {
            // The body is empty: whoever is let in is told that it cannot be read.
            let answer = world.send(key.as_deref(), &filled, &[], Body::empty()).await;
            if answer.status() != expect {
                wrong.push(format!("{who}: {request}: {} instead of {expect}", answer.status()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The methods and paths that the server describes.
async fn described(world: &World) -> Vec<(String, String)> {
    let api = world.ask(None, "GET /openapi.json", Body::empty()).await.json();
    let paths = api["paths"].as_object().expect("paths").iter();
    let methods = paths.flat_map(|(path, of)| {
        let methods = of.as_object().expect("methods").keys();
        methods.filter(|key| *key != "parameters").map(move |method| (method.to_uppercase(), path.clone()))
    });
    methods.collect()
}

/// Tells whether a row of the matrix asks what a path describes.
fn asks(row: &str, method: &str, path: &str) -> bool {
    let (asked, rest) = row.split_once(' ').expect("a method");
    let target = rest.split(['?', ' ']).next().expect("a path");
    let (target, path): (Vec<&str>, Vec<&str>) = (target.split('/').collect(), path.split('/').collect());
    let fits = |(asked, part): (&&str, &&str)| part.starts_with('{') || asked == part;
    asked == method && target.len() == path.len() && target.iter().zip(&path).all(fits)
}

#[tokio::test]
async fn every_route_and_every_scope_is_in_the_matrix() {
    let world = World::new();
    let described = described(&world).await;
    assert!(described.len() > 20, "{described:?}");
    for (method, path) in &described {
        let rows: Vec<&str> = MATRIX.trim().lines().filter(|row| asks(row, method, path)).collect();
        assert!(!rows.is_empty(), "{method} {path} has no row in the matrix");
        // What belongs to a tenant is asked for by it and by others.
        if path.starts_with("/v1/webhooks/{id}") {
            let of = |whose| rows.iter().any(|row| row.contains(whose));
            assert!(of("{own}") && of("{other}"), "{method} {path} needs a row of its own and of another's");
        }
    }
    // Each row asks for something that exists, but for the one that must not, and what describes the others.
    let undescribed = ["/openapi.json", "/", "/docs", "/docs/errors", "/v1/nothing"];
    let beside = include_str!("../../src/router.rs").matches(".route(").count();
    assert_eq!(beside, undescribed.len() - 1, "a route that is not described needs a row, and its place in this list");
    for row in MATRIX.trim().lines() {
        let known = described.iter().any(|(method, path)| asks(row, method, path));
        let target = row.split(' ').nth(1).expect("a path");
        assert!(known || undescribed.contains(&target), "{row} asks for nothing that is described");
    }
    for scope in Scope::ALL {
        assert!(WHO.iter().any(|(_, scopes)| *scopes == [scope]), "{scope} has no column");
    }
}

#[tokio::test]
async fn what_an_originating_source_tells_is_seen_by_its_tenant_alone() {
    let world = World::new();
    let dialer = world.key(1, Some("dialer"), &[Scope::Ingest]);
    world.three_calls(&dialer, "+12155550112").await;
    for (tenant, expect) in [(1, "spam"), (2, "no_opinion"), (0, "no_opinion")] {
        let lookup = world.key(tenant, None, &[Scope::Lookup]);
        let answer = world.ask(Some(&lookup), "GET /v1/labels/+12155550112", Body::empty()).await;
        assert_eq!(answer.json()["label"], expect, "tenant {tenant}");
    }
    let carrier = world.key(1, Some("carrier"), &[Scope::Ingest]);
    world.three_calls(&carrier, "+12155550113").await;
    for tenant in [0, 1, 2] {
        let lookup = world.key(tenant, None, &[Scope::Lookup]);
        let answer = world.ask(Some(&lookup), "GET /v1/labels/+12155550113", Body::empty()).await;
        assert_eq!(answer.json()["label"], "spam", "tenant {tenant}");
    }
}

#[tokio::test]
async fn keys_that_are_none_are_refused() {
    let world = World::new();
    let good = world.key(1, None, &[Scope::Lookup]);
    let typo = format!("{}x", good.trim_end_matches(|_: char| false));
    for header in
        ["", "Bearer", "Bearer ", "Basic abc", &format!("Bearer {typo}"), &format!("Token {good}"), "Bearer rt_x"]
    {
        let headers = [("authorization", header)];
        let answer = world.ask_with(None, "GET /v1/labels/+12155550112", &headers, Body::empty()).await;
        assert_eq!(answer.told(), (401, "UNAUTHENTICATED".to_owned()), "{header}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    let headers = [("authorization", format!("bearer  {good}"))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let answer = world.ask_with(None, "GET /v1/labels/+12155550112", &headers, Body::empty()).await;
    assert_eq!(answer.status, 200);
}
