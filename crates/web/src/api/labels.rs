//! Look-ups: which label a call would be shown with.

mod batch;
mod quick;
mod view;
mod written;

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use model::Attestation;
use serde::Deserialize;
use service::LabelQuestion;
use service::registry::Scope;
use utoipa::IntoParams;

pub(crate) use quick::quick;
pub(crate) use view::{LabelBatch, LabelItem, LabelItems, LabelView};

use batch::read_batch;
use written::written;

use crate::app::App;
use crate::auth::Caller;
use crate::body::receive;
use crate::extract::{Params, Segment, prefers};
use crate::number::{read_region, read_tn};
use crate::problem::{Code, Fault, Problem};

/// What is known of the call.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LabelParams {
    /// The called number. Where it tells the terminating carrier, that carrier's engine answers.
    dest: Option<String>,
    /// The key of the terminating carrier, such as `att`. Goes before `dest`.
    carrier: Option<String>,
    /// The key of an analytics engine, such as `hiya`. Goes before `carrier`.
    engine: Option<String>,
    /// The call's attestation: `A`, `B`, `C` or `none`.
    #[param(pattern = "^([A-Ca-c]|none)$")]
    attestation: Option<String>,
    /// The region of numbers in national form, such as `US`.
    #[param(format = "region")]
    region: Option<String>,
}

/// The label that a call of this number would be shown with.
///
/// The number may be written in any usual form: E.164 with or without `+`, with separators, as a `tel:` or `sip:` URI, or in the
/// national form of `region`. A number of which too little is known is answered with `no_opinion`. Where nothing says which
/// engine is meant, the worst label is told, `engine` is null, and `engines` lists all of them.
///
/// With `Accept: text/plain` the answer is the display text alone, and empty where nothing is shown.
#[utoipa::path(
    get, path = "/v1/labels/{tn}", tag = "Labels",
    params(("tn" = String, Path, format = "telephone-number", description = "The calling number.", example = "+12155550112"), LabelParams),
    responses((status = 200, description = "The label.", content((LabelView = "application/json"), (String = "text/plain")))),
)]
pub(crate) async fn get_label(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Segment(tn): Segment,
    Params(params): Params<LabelParams>,
) -> Result<Response, Problem> {
    told(&app, &caller, &headers, &tn, params)
}

/// The answer to one question.
fn told(app: &App, caller: &Caller, headers: &HeaderMap, tn: &str, params: LabelParams) -> Result<Response, Problem> {
    caller.need(Scope::Lookup)?;
    let question = params.question(app, caller, tn)?;
    let answer = tracing::trace_span!("look up label").in_scope(|| app.service.label(&question));
    let (media_type, body) = if prefers(headers, "text/plain") {
        ("text/plain; charset=utf-8", Body::from(answer.label.display.to_string()))
    } else {
        ("application/json", Body::from(written(&answer)))
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    Ok(response)
}

/// The labels of up to 1,000 numbers, in the order of the question.
#[utoipa::path(
    post, path = "/v1/labels", tag = "Labels", request_body = LabelBatch,
    responses((status = 200, description = "The labels.", body = LabelItems)),
)]
pub(crate) async fn post_labels(
    State(app): State<Arc<App>>,
    caller: Caller,
    request: Request,
) -> Result<Json<LabelItems>, Problem> {
    caller.need(Scope::Lookup)?;
    let body = receive(request, &app.limits, &app.budget).await?;
    let items = read_batch(body.bytes(), app.limits.labels_max)?;
    let questions = questions(&app, &caller, &items)?;
    Ok(Json(questions.iter().map(|question| app.service.label(question).into()).collect()))
}

impl LabelParams {
    fn question(self, app: &App, caller: &Caller, tn: &str) -> Result<LabelQuestion, Problem> {
        let region = read_region(self.region.as_deref())?.or(app.region);
        let mut question = LabelQuestion::new(read_tn(tn, region)?, caller.tenant());
        if let Some(dest) = &self.dest {
            // What is known of the called end only narrows the answer: an extension or a withheld number narrows nothing.
            question.dest = read_tn(dest, region).ok();
        }
        question.carrier = self.carrier.map(Into::into);
        question.engine = self.engine.map(Into::into);
        question.attestation = self.attestation.as_deref().map(read_attestation).transpose()?;
        Ok(question)
    }
}

/// The questions of a batch; all that cannot be read are told at once.
fn questions(app: &App, caller: &Caller, items: &[LabelItem]) -> Result<Vec<LabelQuestion>, Problem> {
    let mut faults = Vec::new();
    let mut questions = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        match item.params().question(app, caller, &item.tn) {
            Ok(question) => questions.push(question),
            Err(problem) => faults.push(Fault {
                line: None,
                field: Some(format!("items[{place}]")),
                code: problem.code().as_str().to_owned(),
                detail: problem.detail().to_owned(),
            }),
        }
    }
    if faults.is_empty() {
        return Ok(questions);
    }
    Err(Problem::new(Code::BadNumber, format!("{} of the items cannot be asked for", faults.len())).with_errors(faults))
}

fn read_attestation(text: &str) -> Result<Attestation, Problem> {
    match text {
        "A" | "a" => Ok(Attestation::Full),
        "B" | "b" => Ok(Attestation::Partial),
        "C" | "c" => Ok(Attestation::Gateway),
        "none" => Ok(Attestation::Unsigned),
        _ => Err(Problem::new(Code::BadParameter, "attestation: A, B, C or none is expected")),
    }
}
