//! A body of records on its way in.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use service::{Admitted, Body, IngestError, Origin, Pending, Receipt, Service};
use tracing::{Instrument as _, trace_span};

use super::view::ReceiptView;
use super::{RecordParams, content};
use crate::api::once::{Answer, Repeatable, idempotency_key};
use crate::app::App;
use crate::auth::Caller;
use crate::body::{Received, receive};
use crate::mapping::{apart, of_ingest};
use crate::problem::{Code, Fault, Problem};

/// [`Service::ingest_calls`] or [`Service::ingest_reports`].
type Ingest = fn(&Service, Admitted, &Arc<Origin>, Body<'_>) -> Result<Pending, IngestError>;

/// A body of records, read and unpacked, that the service has room for.
pub(super) struct Sent {
    admitted: Admitted,
    received: Received,
    format: Option<String>,
    key: Option<String>,
    history: bool,
}

impl Sent {
    /// Asks the service for room, then reads the body. With it comes what the body is known by when it is sent again; `what` is what
    /// is said of the records, and the request's method and path.
    pub(super) async fn receive(
        app: &App,
        request: Request,
        (params, what): (RecordParams, &'static str),
    ) -> Result<(Self, Option<Repeatable>), Problem> {
        let headers = request.headers();
        let (key, format) = (idempotency_key(headers)?, content::format(headers)?);
        let admitted = app.service.admit(stated_length(headers)).map_err(|error| of_ingest(&error))?;
        let received = receive(request, &app.limits, &app.budget).await?;
        let history = params.history.unwrap_or(false);
        let Some(key) = key else { return Ok((Self { admitted, received, format, key: None, history }, None)) };
        apart(move || {
            let repeatable = Repeatable::of(key.clone(), what, received.bytes());
            (Self { admitted, received, format, key: Some(key), history }, Some(repeatable))
        })
        .await
    }

    /// Hands the body to the service, and waits until it is on disk.
    pub(super) async fn take(self, app: &App, caller: &Caller, ingest: Ingest) -> Result<Answer, Problem> {
        let service = app.service.clone();
        let (origin, carrier) = (caller.origin(), caller.carrier(app));
        taken(move || {
            let Self { admitted, received, format, key, history } = self;
            let (format, idempotency_key) = (format.as_deref(), key.as_deref());
            let body = Body { format, idempotency_key, carrier, history, ..Body::new(received.bytes()) };
            ingest(&service, admitted, &origin, body)
        })
        .await
    }
}

/// Reads records and hands them to the service, and answers once they are on disk.
pub(super) async fn taken(
    read: impl FnOnce() -> Result<Pending, IngestError> + Send + 'static,
) -> Result<Answer, Problem> {
    let pending = apart(read).instrument(trace_span!("parse records")).await?.map_err(|error| of_ingest(&error))?;
    answer(pending.instrument(trace_span!("await append")).await.map_err(|error| of_ingest(&error))?)
}

/// The length that the client states; 0 for a body in chunks, which is counted as it comes.
fn stated_length(headers: &HeaderMap) -> usize {
    let stated = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    stated.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// A receipt is an answer, unless nothing could be taken.
fn answer(receipt: Receipt) -> Result<Answer, Problem> {
    let rejected = receipt.rejected.len() as u64 + receipt.rejected_more;
    if rejected == 0 || receipt.accepted + receipt.duplicate + receipt.skipped > 0 {
        return Ok(Answer::json(StatusCode::OK, &ReceiptView::from(receipt)));
    }
    let faults = receipt.rejected.into_iter().map(|rejected| Fault {
        line: Some(rejected.line),
        field: Some(rejected.field.into_owned()).filter(|field| !field.is_empty()),
        code: rejected.code.to_owned(),
        detail: rejected.detail,
    });
    let detail = format!("none of the {rejected} records could be taken");
    Err(Problem::new(Code::NothingTaken, detail).with_errors(faults.collect()))
}
