//! A server without a socket: router, registry, service, and keys of two tenants.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use model::Timestamp;
use serde_json::Value;
use service::registry::{
    Actor, Change, KeyId, KeyRing, KeySecret, Keys as _, Name, NewKey, NewSource, Registry, Scope, Tenants as _,
    system_random,
};
use service::{Clock as _, Config, HandClock, Parts as ServiceParts, Service, SourceRole, TenantId};
use store::registry::{Creation, DataId, SqliteRegistry};
use store::{MemoryLog, MemorySnapshots};
use tempfile::TempDir;
use tokio::sync::Notify;
use tower::ServiceExt as _;
use web::webhook::send::Sender;
use web::{App, Entrance, Limits, Metrics, Outbox, Parts, Policies, Stopper, stop_pair};

use crate::ledger::Ledger;

/// 2026-11-23T10:30:00Z.
pub(crate) const START_S: i64 = 1_795_429_800;
/// Days for which changes of labels are kept.
pub(crate) const HISTORY_DAYS: u32 = 2;

/// A server, and what a test looks at besides.
pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) service: Service,
    pub(crate) ledger: Ledger,
    pub(crate) registry: Arc<SqliteRegistry>,
    pub(crate) stopper: Stopper,
    keys: Arc<KeyRing>,
    router: Entrance,
    _dir: TempDir,
}

/// A policy whose files never hold.
struct NoPolicies;

impl Policies for NoPolicies {
    fn reload(&self, _: &Service) -> Result<(), Box<dyn Error + Send + Sync>> {
        Err("reputation.toml: prior: a number was expected".into())
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The status, and the code of a problem.
    pub(crate) fn told(&self) -> (u16, String) {
        let code = match self.status.is_success() {
            true => String::new(),
            false => self.json()["code"].as_str().expect("a problem has a code").to_owned(),
        };
        (self.status.as_u16(), code)
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let clock = HandClock::new(Timestamp::from_s(START_S).expect("a time"));
        let creation = Creation { id: DataId::new(clock.now(), [7; 10]), at: clock.now() };
        let registry = Arc::new(SqliteRegistry::open(&dir.path().join("registry.db"), &creation).expect("opened"));
        let (ledger, due) = (Ledger::default(), Arc::new(Notify::new()));
        let as_registry: Arc<dyn Registry> = Arc::<SqliteRegistry>::clone(&registry);
        let history = Outbox::new(Arc::clone(&as_registry), Arc::new(clock.clone()), Arc::clone(&due));
        let parts = ServiceParts {
            log: Box::new(MemoryLog::new()),
            machine: Box::new(ledger.clone()),
            answers: Arc::new(ledger.clone()),
            snapshots: Arc::new(MemorySnapshots::default()),
            history: Arc::new(history),
            clock: Arc::new(clock),
        };
        let service = Service::open(Config::default(), parts).expect("opened");
        let (stopper, stop) = stop_pair();
        let keys = Arc::new(KeyRing::load(registry.as_ref()).expect("read"));
        let app = App::new(Parts {
            service: service.clone(),
            registry: as_registry,
            keys: Arc::clone(&keys),
            limits,
            history_days: HISTORY_DAYS,
            metrics: Arc::new(Metrics::of(service.clone())),
            deliveries_due: due,
            sender: Sender::new(true).expect("TLS"),
            region: None,
            tls: None,
            policies: Box::new(NoPolicies),
            stop,
        });
        let router = web::router(&app);
        let world = Self { app, service, ledger, registry, stopper, keys, router, _dir: dir };
        world.await_ready();
        world.sources(TenantId::OPERATOR);
        world.tenant("one");
        world.tenant("two");
        world
    }

    fn await_ready(&self) {
        while self.service.condition() != service::Condition::Ready {
            std::thread::yield_now();
        }
    }

    fn change(&self) -> Change {
        Change { by: Actor::Command, at: self.service.now() }
    }

    fn tenant(&self, name: &str) {
        let name = Name::new(name).expect("a name");
        self.sources(self.registry.create_tenant(&name, &self.change()).expect("created").id);
    }

    fn sources(&self, tenant: TenantId) {
        for (source, role) in [("carrier", SourceRole::Terminating), ("dialer", SourceRole::Originating)] {
            let source = NewSource { tenant, name: Name::new(source).expect("a name"), role, carrier: None };
            self.registry.create_source(&source, &self.change()).expect("created");
        }
    }

    /// A key of a tenant, for a source of that name where one is given.
    pub(crate) fn key(&self, tenant: u32, source: Option<&str>, scopes: &[Scope]) -> String {
        let secret = self.key_by_command(tenant, source, scopes);
        self.keys.refresh(self.registry.as_ref()).expect("read");
        secret
    }

    /// A key that the server has not heard of yet, as a command makes it.
    pub(crate) fn key_by_command(&self, tenant: u32, source: Option<&str>, scopes: &[Scope]) -> String {
        let secret = KeySecret::new(system_random().expect("random"));
        let id = KeyId::new(self.service.now(), system_random().expect("random"));
        let key = NewKey {
            id,
            hash: secret.hash(),
            name: Name::new(&id.to_string()).expect("a name"),
            tenant: TenantId(tenant),
            source: source.map(|name| Name::new(name).expect("a name")),
            scopes: scopes.iter().copied().collect(),
            expires_at: None,
        };
        self.registry.create_key(&key, &self.change()).expect("created");
        secret.expose()
    }

    /// Asks, and reads the whole answer.
    pub(crate) async fn ask(&self, key: Option<&str>, request: &str, body: impl Into<Body>) -> Answer {
        self.ask_with(key, request, &[], body).await
    }

    /// Asks with headers. `request` is method and path.
    pub(crate) async fn ask_with(
        &self,
        key: Option<&str>,
        request: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let response = self.send(key, request, headers, body.into()).await;
        let (parts, body) = response.into_parts();
        let bytes: Bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Asks, and leaves the body unread.
    pub(crate) async fn send(
        &self,
        key: Option<&str>,
        request: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> axum::response::Response {
        let (method, path) = request.split_once(' ').expect("method and path");
        let mut builder = Request::builder().method(method).uri(path);
        if let Some(key) = key {
            builder = builder.header("authorization", format!("Bearer {key}"));
        }
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let mut request = builder.body(body).expect("a request");
        request.extensions_mut().insert(web::server::Peer([192, 0, 2, 1].into()));
        self.router.clone().oneshot(request).await.expect("a router always answers")
    }

    /// Three calls of a number, sent with `key`: it has a label then, in the view of the key's source.
    pub(crate) async fn three_calls(&self, key: &str, tn: &str) {
        let calls: String = (0..3)
            .map(|n| {
                let start = START_S - 60 + n;
                format!("{{\"id\":\"{tn}-{n}\",\"start\":{start},\"orig\":\"{tn}\",\"dest\":\"+13125550199\"}}\n")
            })
            .collect();
        let answer = self.ask(Some(key), "POST /v1/calls", calls).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        self.settle().await;
    }

    /// Runs the server with all that it does beside answering, and says where.
    pub(crate) fn run(&self) -> SocketAddr {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("bound");
        let listener = tokio::net::TcpListener::from_std(listener).expect("a runtime");
        tokio::spawn(web::run(Arc::clone(&self.app), listener));
        address
    }

    /// Waits until everything that was taken is folded.
    pub(crate) async fn settle(&self) {
        let service = self.service.clone();
        tokio::task::spawn_blocking(move || service.settle()).await.expect("settled");
    }

    /// A webhook of a tenant with a delivery that waits: their ids.
    pub(crate) async fn webhook_with_delivery(&self, tenant: u32) -> (String, String) {
        let (admin, dialer) =
            (self.key(tenant, None, &[Scope::Admin]), self.key(tenant, Some("dialer"), &[Scope::Ingest]));
        let body = r#"{"url":"https://hooks.example.org/a"}"#;
        let webhook = self.ask(Some(&admin), "POST /v1/webhooks", body).await.json();
        let id = webhook["id"].as_str().expect("an id").to_owned();
        self.three_calls(&dialer, "+12155550119").await;
        // What was decided is logged, folded again and then enqueued.
        loop {
            let path = format!("GET /v1/webhooks/{id}/deliveries");
            let listing = self.ask(Some(&admin), &path, Body::empty()).await.json();
            if let Some(delivery) = listing["items"][0]["id"].as_str() {
                return (id, delivery.to_owned());
            }
        }
    }
}
