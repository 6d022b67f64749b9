//! Which path leads to which handler, and what describes them.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::get;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::{audit, events, health, imports, labels, numbers, policy, records, webhooks};
use crate::app::App;
use crate::entrance::Entrance;
use crate::front::front;
use crate::openapi;
use crate::pages;

/// All paths, with what stands before every handler.
pub fn router(app: &Arc<App>) -> Entrance {
    let (router, api) = described();
    let text = Bytes::from(openapi::text(&api));
    let page = pages::api_page(&serde_json::to_value(&api).unwrap_or_default());
    let problems = pages::problems_page();
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let router = router
        .route("/openapi.json", get(async move || (json, text).into_response()))
        // Who opens the address in a browser finds what can be asked.
        .route("/", get(async || Redirect::to("/docs")))
        .route("/docs", get(async move || page))
        .route("/docs/errors", get(async move || problems))
        .with_state(Arc::clone(app));
    Entrance::new(labels::quick(app), front(router, &app.limits, Arc::clone(&app.metrics)))
}

/// The described paths, and their description.
pub(crate) fn described() -> (Router<Arc<App>>, OpenApi) {
    let (router, mut api) = OpenApiRouter::with_openapi(openapi::head())
        .routes(routes!(records::post_calls))
        .routes(routes!(records::post_reports))
        .routes(routes!(imports::get_import, imports::put_import))
        .routes(routes!(labels::get_label))
        .routes(routes!(labels::post_labels))
        .routes(routes!(numbers::get_number, numbers::delete_number))
        .routes(routes!(events::get_events))
        .routes(routes!(webhooks::get_webhooks, webhooks::post_webhook))
        .routes(routes!(webhooks::get_webhook, webhooks::patch_webhook, webhooks::delete_webhook))
        .routes(routes!(webhooks::post_secret))
        .routes(routes!(webhooks::deliveries::get_deliveries))
        .routes(routes!(webhooks::deliveries::post_replay))
        .routes(routes!(policy::get_policy))
        .routes(routes!(policy::post_reload))
        .routes(routes!(policy::get_differences))
        .routes(routes!(audit::get_audit))
        .routes(routes!(health::get_healthz))
        .routes(routes!(health::get_readyz))
        .routes(routes!(health::get_metrics))
        .split_for_parts();
    openapi::add_problems(&mut api);
    (router, api)
}
