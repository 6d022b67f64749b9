//! Whether the server lives, whether it is ready, and what it counts.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use service::Condition;

use crate::app::App;
use crate::metrics::MEDIA_TYPE;

/// Whether the process lives. It says nothing of what the service can do; `/readyz` does.
#[utoipa::path(
    get, path = "/healthz", tag = "Operations", security(()),
    responses((status = 200, description = "It lives.", body = String, content_type = "text/plain")),
)]
pub(crate) async fn get_healthz() -> &'static str {
    "ok\n"
}

/// Whether the service does everything. A service that starts, stops or cannot write still answers look-ups.
#[utoipa::path(
    get, path = "/readyz", tag = "Operations", security(()),
    responses(
        (status = 200, description = "It takes records in and answers.", body = String, content_type = "text/plain"),
        (status = 503, description = "It does not take records in: `starting`, `failed` or `stopping`.", body = String,
            content_type = "text/plain"),
    ),
)]
pub(crate) async fn get_readyz(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    match app.service.condition() {
        Condition::Ready => (StatusCode::OK, "ready\n"),
        Condition::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting\n"),
        Condition::Failed => (StatusCode::SERVICE_UNAVAILABLE, "failed\n"),
        Condition::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
    }
}

/// What the server counts, in the OpenMetrics text form.
#[utoipa::path(
    get, path = "/metrics", tag = "Operations", security(()),
    responses((status = 200, description = "The metrics.", body = String, content_type = "application/openmetrics-text")),
)]
pub(crate) async fn get_metrics(State(app): State<Arc<App>>) -> Response {
    app.metrics.bodies_bytes.set(i64::try_from(app.budget.taken()).unwrap_or(i64::MAX));
    ([(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))], app.metrics.text()).into_response()
}
