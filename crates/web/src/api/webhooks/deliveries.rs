//! What was delivered to a webhook, and what is delivered again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use service::registry::{Delivery, DeliveryId, DeliveryState, Scope};
use utoipa::{IntoParams, ToSchema};

use super::read_id;
use crate::api::list::{ListView, PageLimit, PageParams, Row, limit_schema, list};
use crate::app::App;
use crate::auth::Caller;
use crate::extract::{Params, Segment};
use crate::problem::{Code, Problem};

/// Which deliveries are asked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveryParams {
    /// Only those in this state: `pending`, `delivered` or `failed`.
    #[param(pattern = "^(pending|delivered|failed)$")]
    state: Option<String>,
    /// The most items, 1 to 1000, where more count as 1000; 100 when absent.
    #[param(schema_with = limit_schema, required = false)]
    limit: Option<PageLimit>,
    /// What the page before gave as `next`; absent for the first page.
    #[param(pattern = "^delivery_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    after: Option<String>,
}

/// A delivery of one event to one webhook.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryView {
    /// Its id.
    id: String,
    /// What the header `webhook-id` says: the event's id, the same at every try.
    event_id: String,
    /// What is told, such as `label.changed`.
    event: &'static str,
    /// Where it stands: `pending`, `delivered` or `failed`.
    state: &'static str,
    /// How often it was tried.
    attempts: u32,
    /// When it is tried next; null once it is settled.
    next_attempt_at: Option<String>,
    /// When it was tried last; null before the first try.
    last_attempt_at: Option<String>,
    /// The receiver's last status; null when there was no answer.
    last_status: Option<u16>,
    /// What went wrong last; null when nothing did.
    last_error: Option<String>,
    /// When it was enqueued.
    created_at: String,
    /// What is sent.
    #[schema(value_type = Object)]
    body: Box<RawValue>,
}

impl Row for DeliveryView {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "event_id",
        "event",
        "state",
        "attempts",
        "next_attempt_at",
        "last_attempt_at",
        "last_status",
        "last_error",
        "created_at",
        "body",
    ];
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id.to_string(),
            event_id: delivery.event,
            event: delivery.kind.as_str(),
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            next_attempt_at: delivery.next_attempt_at.map(|at| at.to_string()),
            last_attempt_at: delivery.last_attempt_at.map(|at| at.to_string()),
            last_status: delivery.last_status,
            last_error: delivery.last_error,
            created_at: delivery.created_at.to_string(),
            body: RawValue::from_string(delivery.body).unwrap_or_default(),
        }
    }
}

/// What was and is to be delivered to a webhook, the newest first.
#[utoipa::path(
    get, path = "/v1/webhooks/{id}/deliveries", tag = "Webhooks",
    params(("id" = String, Path, description = "The webhook's id."), DeliveryParams),
    responses((status = 200, description = "A page of deliveries; CSV with `Accept: text/csv`.", body = ListView<DeliveryView>)),
)]
pub(crate) async fn get_deliveries(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Segment(id): Segment,
    Params(params): Params<DeliveryParams>,
) -> Result<Response, Problem> {
    caller.need(Scope::Admin)?;
    let (tenant, id, state) = (caller.tenant(), read_id(&id)?, read_state(params.state.as_deref())?);
    let page = PageParams { limit: params.limit, after: params.after }.page()?;
    let listing = app.registry(move |registry| registry.deliveries(tenant, id, state, &page)).await?;
    Ok(list(&headers, listing, DeliveryView::from))
}

/// Delivers an event again, as if it had never been tried.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/deliveries/{delivery}/replay", tag = "Webhooks",
    params(
        ("id" = String, Path, description = "The webhook's id."),
        ("delivery" = String, Path, description = "The delivery's id."),
    ),
    responses((status = 200, description = "The delivery, due now.", body = DeliveryView)),
)]
pub(crate) async fn post_replay(
    State(app): State<Arc<App>>,
    caller: Caller,
    Segment((webhook, delivery)): Segment<(String, String)>,
) -> Result<Json<DeliveryView>, Problem> {
    caller.need(Scope::Admin)?;
    let (tenant, change, webhook) = (caller.tenant(), caller.change(&app), read_id(&webhook)?);
    let no_such = |_| Problem::new(Code::NotFound, "there is no such delivery");
    let id: DeliveryId = delivery.parse().map_err(no_such)?;
    let delivery = app.registry(move |registry| registry.replay(tenant, webhook, id, &change)).await?;
    app.deliveries_due.notify_one();
    Ok(Json(delivery.into()))
}

fn read_state(word: Option<&str>) -> Result<Option<DeliveryState>, Problem> {
    let Some(word) = word else { return Ok(None) };
    match DeliveryState::from_word(word) {
        Some(state) => Ok(Some(state)),
        None => Err(Problem::new(Code::BadParameter, "state: pending, delivered or failed is expected")),
    }
}
