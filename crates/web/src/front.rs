//! What stands before every handler: time, panics, and the count of answers.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use tracing::Instrument as _;
use tracing::field::Empty;

use crate::limits::Limits;
use crate::metrics::{Metrics, RequestLabels};
use crate::problem::{Code, InternalReason, Problem};

struct Front {
    request_time: Duration,
    metrics: Arc<Metrics>,
}

/// Puts time-out, containment of faults and counting before `router`, and answers paths that it has not.
pub fn front(router: Router, limits: &Limits, metrics: Arc<Metrics>) -> Router {
    let front = Arc::new(Front { request_time: limits.request_time(), metrics });
    router
        .fallback(async || Problem::new(Code::NotFound, "there is nothing at this path"))
        .method_not_allowed_fallback(async || Problem::new(Code::MethodNotAllowed, "the path takes other methods"))
        .layer(from_fn_with_state(front, observe))
}

async fn observe(State(front): State<Arc<Front>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_label(request.method());
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    // Below every level of log lines: spans are for exporters alone. The names are OpenTelemetry's (semantic conventions, HTTP).
    let span = tracing::trace_span!(
        "request",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
    );
    let response = answer(&front, request, next).instrument(span.clone()).await;
    let (status, took) = (response.status().as_u16(), started.elapsed());
    span.record("http.response.status_code", i64::from(status));
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    if let Some(InternalReason(reason)) = response.extensions().get() {
        tracing::warn!(method, route, status, reason, "a request failed");
    }
    tracing::debug!(method, route, status, ms = took.as_secs_f64() * 1e3, "answered");
    front.metrics.count_request(RequestLabels { method, route, status }, took);
    response
}

async fn answer(front: &Front, request: Request, next: Next) -> Response {
    let work = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(front.request_time, work).await {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => {
            // The panic's own message went to standard error where it happened.
            front.metrics.panics.inc();
            Problem::new(Code::Internal, "the server failed at this request").into_response()
        }
        Err(_late) => {
            let seconds = front.request_time.as_secs();
            Problem::new(Code::TimedOut, format!("a request may take {seconds} seconds")).into_response()
        }
    }
}

/// A client may invent methods, and metrics must not grow with them.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
