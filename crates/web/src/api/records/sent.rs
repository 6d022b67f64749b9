//! A body of records on its way in.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use service::{Admitted, Body, IngestError, Origin, Pending, Receipt, Service};

use super::content;
use super::view::ReceiptView;
use crate::api::once::{Answer, Repeatable, idempotency_key};
use crate::app::App;
use crate::body::{Received, receive};
use crate::mapping::{of_ingest, of_panic};
use crate::problem::{Code, Fault, Problem};

/// [`Service::ingest_calls`] or [`Service::ingest_reports`].
type Ingest = fn(&Service, Admitted, &Arc<Origin>, Body<'_>) -> Result<Pending, IngestError>;

/// A body of records, read and unpacked, that the service has room for.
pub(super) struct Sent {
    admitted: Admitted,
    headers: HeaderMap,
    received: Received,
    format: Option<String>,
    key: Option<String>,
}

impl Sent {
    /// Asks the service for room, then reads the body.
    pub(super) async fn receive(app: &App, request: Request) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let (key, format) = (idempotency_key(&headers)?, content::format(&headers)?);
        let admitted = app.service.admit(stated_length(&headers)).map_err(|error| of_ingest(&error))?;
        let received = receive(request, &app.limits, &app.budget).await?;
        Ok(Self { admitted, headers, received, format, key })
    }

    /// What the body is known by when it is sent again.
    pub(super) fn repeatable(&self, what: &str) -> Result<Option<Repeatable>, Problem> {
        Repeatable::of(&self.headers, what, self.received.bytes())
    }

    /// Hands the body to the service, and waits until it is on disk.
    pub(super) async fn take(self, app: &App, origin: Arc<Origin>, ingest: Ingest) -> Result<Answer, Problem> {
        let service = app.service.clone();
        // Reading records is work without a pause, and would stall the connections that share the thread.
        let read = tokio::task::spawn_blocking(move || {
            let Self { admitted, received, format, key, .. } = self;
            let body =
                Body { format: format.as_deref(), idempotency_key: key.as_deref(), ..Body::new(received.bytes()) };
            ingest(&service, admitted, &origin, body)
        });
        let pending = read.await.map_err(|panic| of_panic(&panic))?.map_err(|error| of_ingest(&error))?;
        answer(pending.await.map_err(|error| of_ingest(&error))?)
    }
}

/// The length that the client states; 0 for a body in chunks, which is counted as it comes.
fn stated_length(headers: &HeaderMap) -> usize {
    let stated = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    stated.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// A receipt is an answer, unless nothing could be taken.
pub(super) fn answer(receipt: Receipt) -> Result<Answer, Problem> {
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
