//! Requests that are sent twice with one `Idempotency-Key` and done once.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use service::registry::{Claim, NewClaim, StoredResponse};
use sha2::{Digest as _, Sha256};
use utoipa::IntoParams;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::{Code, Problem};

/// How long an answer is remembered: a day, as clients expect of the header.
const REMEMBERED_MS: i64 = model::time::DAY_MS;
/// How long a request counts as being done, should the process die in between. Chosen: twice what a request may take.
const LEASE_MS: i64 = 2 * 60_000;
const RETRY_AFTER_S: u32 = 2;
const KEY_BYTES_MAX: usize = 255;

/// An answer that can be remembered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Vec<u8>,
}

impl Answer {
    /// A JSON answer.
    pub(crate) fn json<T: Serialize>(status: StatusCode, value: &T) -> Self {
        Self { status, body: serde_json::to_vec(value).expect("views are JSON") }
    }

    /// The answer as it is sent.
    pub(crate) fn response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

/// By what a request is known that may be sent again.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header, which is read as such")]
pub(crate) struct RepeatParams {
    /// A repeat with the same key is answered as the first.
    #[param(rename = "idempotency-key", value_type = String, required = false, pattern = "^[!-~]{1,255}$")]
    idempotency_key: Option<String>,
}

/// A request that may be sent again, and by what it is known.
#[derive(Clone, Debug)]
pub(crate) struct Repeatable {
    key: String,
    hash: [u8; 32],
}

impl Repeatable {
    /// A request with the client's key. `what` is the request's method and path.
    pub(crate) fn of(key: String, what: &str, body: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(what).chain_update([0]).chain_update(body).finalize();
        Self { key, hash: digest.into() }
    }
}

fn is_key(text: &str) -> bool {
    (1..=KEY_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The client's key, if it sent one.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str().ok().map(str::trim).filter(|key| is_key(key)) {
        Some(key) => Ok(Some(key.to_owned())),
        None => {
            Err(Problem::new(Code::BadParameter, "idempotency-key: 1 to 255 visible ASCII characters are expected"))
        }
    }
}

/// Does `work` once for a key of the client, and answers a repeat with what the first one was answered. Without a key it is
/// done. Only a success is remembered: what failed may be sent again.
pub(crate) async fn once(
    app: &App,
    caller: &Caller,
    repeatable: Option<Repeatable>,
    work: impl Future<Output = Result<Answer, Problem>>,
) -> Result<Response, Problem> {
    let Some(Repeatable { key, hash }) = repeatable else { return Ok(work.await?.response()) };
    if let Some(done) = claim(app, caller, &key, hash).await? {
        return Ok(done);
    }
    let tenant = caller.tenant();
    match work.await {
        Ok(answer) => {
            let body = answer.body.clone();
            let stored =
                StoredResponse { status: answer.status.as_u16(), content_type: "application/json".to_owned(), body };
            let expires_at = app.now().saturating_add_ms(REMEMBERED_MS);
            let remembered = app.registry(move |registry| registry.complete(tenant, &key, &stored, expires_at)).await;
            if let Err(problem) = remembered {
                // The work is done, and the answer says so; only a repeat would not know.
                tracing::warn!(
                    code = problem.code().as_str(),
                    "an answer could not be remembered for its idempotency key"
                );
            }
            Ok(answer.response())
        }
        Err(problem) => {
            // A claim that stays ends with its lease.
            let _released = app.registry(move |registry| registry.release(tenant, &key)).await;
            Err(problem)
        }
    }
}

/// Claims the key; the remembered answer when the request was done before.
async fn claim(app: &App, caller: &Caller, key: &str, request_hash: [u8; 32]) -> Result<Option<Response>, Problem> {
    let (tenant, key, now) = (caller.tenant(), key.to_owned(), app.now());
    let claimed = app
        .registry(move |registry| {
            let lease_until = now.saturating_add_ms(LEASE_MS);
            registry.claim(&NewClaim { tenant, key: &key, request_hash, now, lease_until })
        })
        .await?;
    match claimed {
        Claim::Fresh => Ok(None),
        Claim::InProgress => {
            let detail = "the request with this idempotency key is being done";
            Err(Problem::new(Code::Conflict, detail).retry_after(RETRY_AFTER_S))
        }
        Claim::OtherRequest => {
            Err(Problem::new(Code::IdempotencyMismatch, "the idempotency key was used for another request"))
        }
        Claim::Done(stored) => {
            let status = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK);
            let mut response = Answer { status, body: stored.body }.response();
            response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
            Ok(Some(response))
        }
    }
}
