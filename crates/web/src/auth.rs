//! Who asks: the key that a request shows, and what it may be used for.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use model::CarrierId;
use service::registry::{Actor, ApiKey, Change, KeyRefusal, Name, Scope};
use service::{Origin, SourceRole, TenantId};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::app::App;
use crate::background::read_keys;
use crate::problem::{Code, Problem};

/// How often at most the registry is asked for keys that nobody knows: so often can a stranger make it work.
const UNKNOWN_KEYS_EVERY: Duration = Duration::from_millis(100);

/// When the registry was last asked for a key that was not in memory; `None` before the first time.
#[derive(Debug, Default)]
pub(crate) struct UnknownKeys(Mutex<Option<Instant>>);

impl UnknownKeys {
    /// Reads the keys again for a request that shows an unknown one, so that a key counts from the moment in which it is made. All
    /// who wait at a time are served by one reading.
    async fn look_again(&self, app: &App) {
        let asked = Instant::now();
        let mut last = self.0.lock().await;
        if let Some(before) = *last {
            if before >= asked {
                return;
            }
            sleep_until(before + UNKNOWN_KEYS_EVERY).await;
        }
        *last = Some(Instant::now());
        read_keys(app).await;
    }
}

/// The key that a request shows, known and valid.
#[derive(Clone, Debug)]
pub(crate) struct Caller(Arc<ApiKey>);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let key = shown(&parts.headers)?;
        let mut found = app.keys.find(key, app.now());
        if matches!(found, Err(KeyRefusal::Unknown)) {
            app.unknown_keys.look_again(app).await;
            found = app.keys.find(key, app.now());
        }
        found.map(Self).map_err(|refusal| Problem::new(Code::Unauthenticated, refusal.to_string()))
    }
}

/// The text of the key that these headers show.
fn shown(headers: &HeaderMap) -> Result<&str, Problem> {
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        return Err(Problem::new(Code::Unauthenticated, "the request has no `Authorization: Bearer KEY`"));
    };
    // The scheme is matched without regard to case (RFC 9110 §11.1).
    match header.to_str().ok().and_then(|text| text.split_once(' ')) {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Ok(key.trim()),
        Some(_) | None => Err(Problem::new(Code::Unauthenticated, "the header is not `Authorization: Bearer KEY`")),
    }
}

/// The key of a request that may come without one.
#[derive(Clone, Debug)]
pub(crate) struct MaybeCaller(pub(crate) Option<Caller>);

impl FromRequestParts<Arc<App>> for MaybeCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        if !parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(Self(None));
        }
        Caller::from_request_parts(parts, app).await.map(|caller| Self(Some(caller)))
    }
}

impl Caller {
    /// The caller whose key is in memory; `None` when these headers show none that is.
    pub(crate) fn known(headers: &HeaderMap, app: &App) -> Option<Self> {
        app.keys.find(shown(headers).ok()?, app.now()).map(Self).ok()
    }

    /// Refuses a key without `scope`.
    pub(crate) fn need(&self, scope: Scope) -> Result<(), Problem> {
        if self.has(scope) {
            return Ok(());
        }
        Err(Problem::new(Code::MissingScope, format!("the key lacks the scope `{scope}`")))
    }

    /// Refuses a key that is not the operator's own with the scope `admin`.
    pub(crate) fn need_operator(&self) -> Result<(), Problem> {
        self.need(Scope::Admin)?;
        if self.tenant() == TenantId::OPERATOR {
            return Ok(());
        }
        Err(Problem::new(Code::MissingScope, "this takes an `admin` key of the operator's own tenant"))
    }

    /// Whether the key has `scope`.
    pub(crate) fn has(&self, scope: Scope) -> bool {
        self.0.scopes.has(scope)
    }

    /// Whose key it is.
    pub(crate) fn tenant(&self) -> TenantId {
        self.0.tenant
    }

    /// Where records come from that are sent with this key: its source. A key without one sends reports alone, which count
    /// as those of a source by the key's name.
    pub(crate) fn origin(&self) -> Arc<Origin> {
        let (source, role) = match &self.0.source {
            Some((name, role)) => (name.as_str(), *role),
            None => (self.0.name.as_str(), SourceRole::Originating),
        };
        Arc::new(Origin { tenant: self.0.tenant, source: source.into(), role })
    }

    /// The source for which the key ingests.
    pub(crate) fn ingest_source(&self) -> Result<&Name, Problem> {
        self.need(Scope::Ingest)?;
        let source = self.0.source.as_ref().map(|(name, _)| name);
        source.ok_or_else(|| Problem::new(Code::Conflict, "the key has no source: make one with --source"))
    }

    /// The carrier whose own traffic the key's source is; `None` when that is not told, or the directory does not know it.
    pub(crate) fn carrier(&self, app: &App) -> Option<CarrierId> {
        let key = self.0.carrier.as_ref()?;
        app.service.config().reading.carrier(key.as_str())
    }

    /// A change that this key makes now.
    pub(crate) fn change(&self, app: &App) -> Change {
        Change { by: Actor::Key(self.0.id), at: app.now() }
    }
}
