//! Webhooks of a tenant, and what was delivered to them.

pub(crate) mod deliveries;
mod view;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use service::registry::{NewWebhook, Scope, WebhookEdit, WebhookId, WebhookSecret, system_random};
use utoipa::IntoParams;

pub(crate) use view::{CreatedWebhook, WebhookBody, WebhookChange, WebhookView};

use super::list::{ListView, PageLimit, PageParams, limit_schema, list};
use super::once::{Answer, RepeatParams, Repeatable, idempotency_key, once};
use crate::app::App;
use crate::auth::Caller;
use crate::body::receive;
use crate::extract::{Params, Segment, json};
use crate::problem::{Code, Problem};
use crate::webhook::address;

/// Which webhooks are asked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WebhookParams {
    /// The most items, 1 to 1000, where more count as 1000; 100 when absent.
    #[param(schema_with = limit_schema, required = false)]
    limit: Option<PageLimit>,
    /// What the page before gave as `next`; absent for the first page.
    #[param(pattern = "^webhook_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    after: Option<String>,
}

/// The tenant's webhooks, in the order of their creation.
#[utoipa::path(
    get, path = "/v1/webhooks", tag = "Webhooks", params(WebhookParams),
    responses((status = 200, description = "A page of webhooks; CSV with `Accept: text/csv`.", body = ListView<WebhookView>)),
)]
pub(crate) async fn get_webhooks(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Params(params): Params<WebhookParams>,
) -> Result<Response, Problem> {
    caller.need(Scope::Admin)?;
    let (tenant, page) = (caller.tenant(), PageParams { limit: params.limit, after: params.after }.page()?);
    let listing = app.registry(move |registry| registry.webhooks(Some(tenant), &page)).await?;
    Ok(list(&headers, listing, WebhookView::from))
}

/// Sets up a webhook.
///
/// The answer holds the secret that deliveries are signed with. It is shown this once.
#[utoipa::path(
    post, path = "/v1/webhooks", tag = "Webhooks", request_body = WebhookBody,
    params(RepeatParams),
    responses((status = 201, description = "It is set up.", body = CreatedWebhook)),
)]
pub(crate) async fn post_webhook(
    State(app): State<Arc<App>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    caller.need(Scope::Admin)?;
    let headers = request.headers().clone();
    let body = receive(request, &app.limits, &app.budget).await?;
    let repeatable = idempotency_key(&headers)?.map(|key| Repeatable::of(key, "POST /v1/webhooks", body.bytes()));
    let wanted: WebhookBody = json(body.bytes())?;
    let kinds = wanted.kinds();
    check_address(&app, &wanted.url)?;
    let work = async {
        let (change, tenant) = (caller.change(&app), caller.tenant());
        let created = app
            .registry(move |registry| {
                let (id, secret) = (WebhookId::new(change.at, system_random()?), WebhookSecret(system_random()?));
                registry.create_webhook(&NewWebhook { id, tenant, url: wanted.url, secret, kinds }, &change)
            })
            .await?;
        Ok(Answer::json(StatusCode::CREATED, &CreatedWebhook::from(created)))
    };
    once(&app, &caller, repeatable, work).await
}

/// One webhook.
#[utoipa::path(
    get, path = "/v1/webhooks/{id}", tag = "Webhooks", params(("id" = String, Path, description = "The webhook's id.")),
    responses((status = 200, description = "The webhook.", body = WebhookView)),
)]
pub(crate) async fn get_webhook(
    State(app): State<Arc<App>>,
    caller: Caller,
    Segment(id): Segment,
) -> Result<Json<WebhookView>, Problem> {
    caller.need(Scope::Admin)?;
    let (tenant, id) = (caller.tenant(), read_id(&id)?);
    let webhook = app.registry(move |registry| registry.webhook(tenant, id)).await?;
    Ok(Json(webhook.into()))
}

/// Changes a webhook: its address, what it is told, whether it is told at all. What the body leaves out stays.
#[utoipa::path(
    patch, path = "/v1/webhooks/{id}", tag = "Webhooks", request_body = WebhookChange,
    params(("id" = String, Path, description = "The webhook's id.")),
    responses((status = 200, description = "The webhook as it is now.", body = WebhookView)),
)]
pub(crate) async fn patch_webhook(
    State(app): State<Arc<App>>,
    caller: Caller,
    Segment(id): Segment,
    request: Request,
) -> Result<Json<WebhookView>, Problem> {
    caller.need(Scope::Admin)?;
    let (tenant, id, change) = (caller.tenant(), read_id(&id)?, caller.change(&app));
    let body = receive(request, &app.limits, &app.budget).await?;
    let wanted: WebhookChange = json(body.bytes())?;
    let kinds = wanted.kinds();
    if let Some(url) = &wanted.url {
        check_address(&app, url)?;
    }
    let edit = WebhookEdit { url: wanted.url, secret: None, kinds, active: wanted.active };
    let webhook = app.registry(move |registry| registry.edit_webhook(tenant, id, &edit, &change)).await?;
    Ok(Json(webhook.into()))
}

/// Deletes a webhook, with its deliveries.
#[utoipa::path(
    delete, path = "/v1/webhooks/{id}", tag = "Webhooks", params(("id" = String, Path, description = "The webhook's id.")),
    responses((status = 204, description = "It is gone.")),
)]
pub(crate) async fn delete_webhook(
    State(app): State<Arc<App>>,
    caller: Caller,
    Segment(id): Segment,
) -> Result<StatusCode, Problem> {
    caller.need(Scope::Admin)?;
    let (tenant, id, change) = (caller.tenant(), read_id(&id)?, caller.change(&app));
    app.registry(move |registry| registry.delete_webhook(tenant, id, &change)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a webhook a new secret. Deliveries from now on are signed with it.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/secret", tag = "Webhooks", params(("id" = String, Path, description = "The webhook's id.")),
    responses((status = 200, description = "The webhook with its new secret, shown this once.", body = CreatedWebhook)),
)]
pub(crate) async fn post_secret(
    State(app): State<Arc<App>>,
    caller: Caller,
    Segment(id): Segment,
) -> Result<Json<CreatedWebhook>, Problem> {
    caller.need(Scope::Admin)?;
    let (tenant, id, change) = (caller.tenant(), read_id(&id)?, caller.change(&app));
    let webhook = app
        .registry(move |registry| {
            let edit = WebhookEdit { secret: Some(WebhookSecret(system_random()?)), ..WebhookEdit::default() };
            registry.edit_webhook(tenant, id, &edit, &change)
        })
        .await?;
    Ok(Json(webhook.into()))
}

/// Reads an id. A text that is none names nothing.
pub(super) fn read_id(text: &str) -> Result<WebhookId, Problem> {
    text.parse().map_err(|_| Problem::new(Code::NotFound, "there is no such webhook"))
}

fn check_address(app: &App, url: &str) -> Result<(), Problem> {
    match address::read(url, app.sender.allows_private()) {
        Ok(_target) => Ok(()),
        Err(error) => Err(Problem::new(Code::AddressRefused, error.to_string())),
    }
}
