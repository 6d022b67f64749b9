//! Records that are sent in: calls and reports.

mod anonymous;
mod content;
mod sent;
mod shape;
mod view;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use serde::Deserialize;
use service::Service;
use service::registry::Scope;
use utoipa::IntoParams;

pub(crate) use view::ReceiptView;

use super::once::{RepeatParams, once};
use crate::app::App;
use crate::auth::{Caller, MaybeCaller};
use crate::extract::Params;
use crate::problem::Problem;
use crate::server::Peer;
use sent::Sent;
use shape::{CallEvent, CallRecord, ReportEvent, ReportRecord};

/// What is said of all records of a body.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordParams {
    /// `true`: the records tell history, and each became known when its call ended, unless it says otherwise. Else, or when absent,
    /// they become known now.
    history: Option<bool>,
}

/// Takes calls in. They are on disk when the answer comes.
///
/// The body holds NDJSON, CSV with a header, CloudEvents, or any dialect of a switch or platform that is recognised by its
/// content; `Content-Type: text/csv; format=NAME` names one. It may be packed with gzip or zstd.
///
/// A record with an `id` that was taken before is counted as `duplicate`, so a body may be sent again when no answer came.
#[utoipa::path(
    post, path = "/v1/calls", tag = "Records",
    params(RecordParams, RepeatParams),
    request_body(description = "The calls.", content((String = "application/x-ndjson"), (String = "text/csv"),
        (Vec<CallEvent> = "application/cloudevents-batch+json"), (CallRecord = "application/json"))),
    responses((status = 200, description = "What became of the records.", body = ReceiptView)),
)]
pub(crate) async fn post_calls(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(params): Params<RecordParams>,
    request: Request,
) -> Result<Response, Problem> {
    caller.need(Scope::Ingest)?;
    let (sent, repeatable) = Sent::receive(&app, request, (params, "POST /v1/calls")).await?;
    once(&app, &caller, repeatable, sent.take(&app, &caller, Service::ingest_calls)).await
}

/// Takes reports in. They are on disk when the answer comes.
///
/// A report says that people did not want a call, or did: `unwanted`, `fraud`, `not_spam`, `wrong_number`, `spoofed_me`. The body
/// holds NDJSON, CSV with a header, CloudEvents, or a regulator's file.
///
/// Without a key a few reports a minute are taken from one address: one JSON object with `tn` and, if known, `category`,
/// `called_at`, `carrier` and `comment`.
#[utoipa::path(
    post, path = "/v1/reports", tag = "Records", security((), ("key" = [])),
    params(RecordParams, RepeatParams),
    request_body(description = "The reports.", content((String = "application/x-ndjson"), (String = "text/csv"),
        (Vec<ReportEvent> = "application/cloudevents-batch+json"), (ReportRecord = "application/json"))),
    responses((status = 200, description = "What became of the records.", body = ReceiptView)),
)]
pub(crate) async fn post_reports(
    State(app): State<Arc<App>>,
    MaybeCaller(caller): MaybeCaller,
    Extension(peer): Extension<Peer>,
    Params(params): Params<RecordParams>,
    request: Request,
) -> Result<Response, Problem> {
    let Some(caller) = caller else { return anonymous::take(&app, peer, request).await };
    if !caller.has(Scope::Ingest) {
        caller.need(Scope::Report)?;
    }
    let (sent, repeatable) = Sent::receive(&app, request, (params, "POST /v1/reports")).await?;
    once(&app, &caller, repeatable, sent.take(&app, &caller, Service::ingest_reports)).await
}
