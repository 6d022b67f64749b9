//! Everything about one number.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::fold::Scope as View;
use service::registry::Scope;
use service::{LabelChange, NumberDetail, Position};
use tracing::Instrument as _;
use utoipa::{IntoParams, ToSchema};

use super::events::EventId;
use crate::app::App;
use crate::auth::Caller;
use crate::extract::{Params, Segment};
use crate::mapping::{apart, of_forget};
use crate::number::{read_region, read_tn};
use crate::problem::{Code, Problem};

/// How a number is asked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NumberParams {
    /// The region of numbers in national form, such as `US`.
    #[param(format = "region")]
    region: Option<String>,
    /// `own`: what the tenant's own records say; `shared`: what carriers' traffic and reports say. The first of these in which
    /// anything is known and that the key may see, when absent.
    #[param(pattern = "^(own|shared)$")]
    view: Option<String>,
}

/// Everything about one number: the object of `score`, and what became of its labels.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct NumberView {
    /// The number in E.164.
    tn: String,
    /// Plain counts of the last 24 hours, 7 days and 35 days.
    facts: Value,
    /// What the owner can see without any estimate; told in the own view.
    symptoms: Vec<Value>,
    /// Each engine's verdict, with all its reasons and what would clear the label.
    engines: Vec<Value>,
    /// Rules of good practice, each measured; told in the own view.
    #[schema(required = false)]
    advice: Vec<Value>,
    /// Whose view it is: `own` or `shared`.
    view: String,
    /// The changes of its labels, the newest first.
    history: Vec<HistoryView>,
    /// The version of the policy that judges.
    policy_version: String,
    /// Everything that became known until then is in it.
    data_through: String,
}

/// A change of the number's label.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct HistoryView {
    /// The event's id.
    id: String,
    /// The key of the analytics engine.
    engine: String,
    /// The label before.
    from: &'static str,
    /// The label after.
    to: &'static str,
    /// From when the label was shown.
    at: String,
    /// The codes of the reasons, the weightiest first.
    reasons: Vec<String>,
}

/// What is told beside the object of `score`.
#[derive(Debug, Serialize)]
struct Beside {
    view: &'static str,
    history: Vec<HistoryView>,
    policy_version: String,
    data_through: String,
}

/// Everything about one number: facts by window, the verdict of every engine with all its reasons, the history of its labels.
///
/// With the scope `read` a tenant sees what its own records say. The facts that carriers' traffic and reports amount to take
/// `read:facts`. What a key may not see is answered as if it were not there.
#[utoipa::path(
    get, path = "/v1/numbers/{tn}", tag = "Numbers",
    params(("tn" = String, Path, format = "telephone-number", description = "The number.", example = "+12155550112"), NumberParams),
    responses((status = 200, description = "The number.", body = NumberView)),
)]
pub(crate) async fn get_number(
    State(app): State<Arc<App>>,
    caller: Caller,
    Segment(tn): Segment,
    Params(params): Params<NumberParams>,
) -> Result<Response, Problem> {
    let views = views(&caller, params.view.as_deref())?;
    let region = read_region(params.region.as_deref())?.or(app.region);
    let (tn, tenant, service) = (read_tn(&tn, region)?, caller.tenant(), app.service.clone());
    let detail = apart(move || service.number(tn, tenant, &views));
    match detail.instrument(tracing::trace_span!("judge number")).await? {
        Some(detail) => {
            Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], written(detail))
                .into_response())
        }
        None => Err(Problem::new(Code::NotFound, "nothing is known of this number that the key may see")),
    }
}

/// What is gone of a forgotten number.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ForgottenView {
    /// The number.
    tn: String,
    /// Events that named it, and are no longer in the log.
    events: u64,
}

/// Forgets a number: its facts, its labels and their history, and every event that names it.
///
/// It takes an `admin` key of the operator's own tenant. The log is written anew for it, which may take a while; asking again goes on
/// where it ended. A later call makes the number known again.
#[utoipa::path(
    delete, path = "/v1/numbers/{tn}", tag = "Numbers",
    params(("tn" = String, Path, format = "telephone-number", description = "The number.", example = "+12155550112")),
    responses((status = 200, description = "It is forgotten.", body = ForgottenView)),
)]
pub(crate) async fn delete_number(
    State(app): State<Arc<App>>,
    caller: Caller,
    Segment(tn): Segment,
) -> Result<Json<ForgottenView>, Problem> {
    caller.need_operator()?;
    let (tn, service) = (read_tn(&tn, app.region)?, app.service.clone());
    let events = apart(move || service.forget(tn)).await?.map_err(|error| of_forget(&error))?;
    Ok(Json(ForgottenView { tn: tn.to_string(), events }))
}

/// The views that the key may see, in the order in which they are asked.
fn views(caller: &Caller, wanted: Option<&str>) -> Result<Vec<View>, Problem> {
    let (is_owner, sees_facts) = (caller.has(Scope::Read), caller.has(Scope::ReadFacts));
    if !is_owner && !sees_facts {
        caller.need(Scope::Read)?;
    }
    let own = is_owner.then_some(View::Tenant(caller.tenant()));
    let shared = sees_facts.then_some(View::Shared);
    match wanted {
        None => Ok(own.into_iter().chain(shared).collect()),
        Some("own") => Ok(own.into_iter().collect()),
        Some("shared") => Ok(shared.into_iter().collect()),
        Some(_) => Err(Problem::new(Code::BadParameter, "view: own or shared is expected")),
    }
}

/// The object of `score`, with more fields at its end.
fn written(detail: NumberDetail) -> String {
    let beside = Beside {
        view: match detail.scope {
            View::Shared => "shared",
            View::Tenant(_) => "own",
        },
        history: detail.history.iter().map(HistoryView::from).collect(),
        policy_version: detail.policy_version.to_string(),
        data_through: detail.data_through.to_string(),
    };
    let beside = serde_json::to_string(&beside).expect("text and numbers are JSON");
    let mut text = detail.json;
    // Both are objects: the brace between them becomes a comma.
    text.pop();
    text.push(',');
    text.extend(beside.chars().skip(1));
    text
}

impl From<&(Position, LabelChange)> for HistoryView {
    fn from((place, change): &(Position, LabelChange)) -> Self {
        Self {
            id: EventId(*place).to_string(),
            engine: change.engine.to_string(),
            from: change.from.as_str(),
            to: change.to.as_str(),
            at: change.effective_at.to_string(),
            reasons: change.reasons.iter().map(ToString::to_string).collect(),
        }
    }
}
