//! Events as they happen: server-sent events that resume where the client was.

mod view;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use service::registry::Scope;
use service::{Heard, Subscription};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use utoipa::IntoParams;

pub(crate) use view::{EventId, LabelChangedView, StreamEvent};

use crate::app::App;
use crate::auth::Caller;
use crate::extract::Params;
use crate::mapping::with_causes;
use crate::problem::{Code, Problem};
use crate::stop::Stop;

/// How often a comment tells proxies and clients that the stream lives.
const COMMENT_EVERY: Duration = Duration::from_secs(15);
/// A stream is ended after so long, and the client comes back with its last id: a key that was revoked then no longer listens.
const STREAM_LIFE: Duration = Duration::from_secs(3_600);
/// Changes read at once from the log for a client that is far behind.
const CATCH_UP: usize = 1_000;
const RETRY_AFTER_S: u32 = 10;
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// From where on events are told.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventParams {
    /// The last id that the client has, where it cannot send the header; events after it are told.
    #[param(pattern = "^(event_[0-9]{1,19})?$")]
    after: Option<String>,
}

/// The same, as browsers send it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header, which is read as such")]
pub(crate) struct LastEventParams {
    /// The last id that the client has; events after it are told.
    #[param(rename = "last-event-id", value_type = String, required = false, pattern = "^(event_[0-9]{1,19})?$")]
    last_event_id: Option<String>,
}

/// Events as they happen, as `text/event-stream`.
///
/// `label.changed` tells that a label changed. A client that sends the last id it has, as `Last-Event-ID`, is told what it
/// missed first, in order. `missed` says that some of that is no longer kept. A comment comes every 15 seconds; a stream ends
/// after an hour, and the client resumes.
#[utoipa::path(
    get, path = "/v1/events", tag = "Events",
    params(LastEventParams, EventParams),
    responses((status = 200, description = "Events, one after the other.", body = StreamEvent,
        content_type = "text/event-stream")),
)]
pub(crate) async fn get_events(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Params(params): Params<EventParams>,
) -> Result<Response, Problem> {
    caller.need(Scope::Read)?;
    let after = last_id(&headers, params.after.as_deref())?;
    let place = Arc::clone(&app.event_streams)
        .try_acquire_owned()
        .map_err(|_full| Problem::new(Code::Overloaded, "every event stream is taken").retry_after(RETRY_AFTER_S))?;
    let subscription = app.service.subscribe(caller.tenant(), after.map(|id| id.0));
    let listener = Listener::new(subscription, place, &app);
    let events = stream::unfold(listener, |mut listener| async { Some((listener.next().await?, listener)) });
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(COMMENT_EVERY));
    Ok(([(BUFFERING, HeaderValue::from_static("no"))], sse).into_response())
}

/// The last id that the client has; `None` begins now. The header goes before the parameter: browsers send it by themselves.
fn last_id(headers: &HeaderMap, parameter: Option<&str>) -> Result<Option<EventId>, Problem> {
    let header = headers.get("last-event-id").map(|value| value.to_str().unwrap_or("?"));
    let (header, parameter) = (read_id("last-event-id", header)?, read_id("after", parameter)?);
    Ok(header.or(parameter))
}

/// An id as the client sends it; an empty text is none.
fn read_id(name: &str, text: Option<&str>) -> Result<Option<EventId>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    match text.parse() {
        Ok(id) => Ok(Some(id)),
        Err(()) => Err(Problem::new(Code::BadParameter, format!("{name}: an id such as event_42 is expected"))),
    }
}

/// One client that listens.
struct Listener {
    subscription: Option<Subscription>,
    ready: VecDeque<Event>,
    stop: Stop,
    until: Instant,
    app: Arc<App>,
    _place: OwnedSemaphorePermit,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.app.metrics.event_streams_open.dec();
    }
}

impl Listener {
    fn new(subscription: Subscription, place: OwnedSemaphorePermit, app: &Arc<App>) -> Self {
        app.metrics.event_streams_open.inc();
        Self {
            subscription: Some(subscription),
            ready: VecDeque::new(),
            stop: app.stop.clone(),
            until: Instant::now() + STREAM_LIFE,
            app: Arc::clone(app),
            _place: place,
        }
    }

    /// The next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Result<Event, Infallible>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(Ok(event));
            }
            let heard = self.hear().await?;
            self.take(heard).await?;
        }
    }

    async fn hear(&mut self) -> Option<Heard> {
        let subscription = self.subscription.as_mut()?;
        tokio::select! {
            biased;
            () = self.stop.stopped() => None,
            () = tokio::time::sleep_until(self.until) => None,
            heard = subscription.next() => heard,
        }
    }

    /// Queues what was heard; `None` ends the stream, as when the log cannot be read.
    async fn take(&mut self, heard: Heard) -> Option<()> {
        let heard = if heard == Heard::Behind { self.catch_up().await? } else { heard };
        match heard {
            Heard::Changes(told) => self.ready.extend(told.iter().map(|told| event(told))),
            Heard::Missed(from) => self.ready.push_back(missed(EventId(from))),
            Heard::Behind => {}
        }
        Some(())
    }

    /// Reads from the log, on a thread that may wait for the disk.
    async fn catch_up(&mut self) -> Option<Heard> {
        let mut subscription = self.subscription.take()?;
        let read = tokio::task::spawn_blocking(move || {
            let heard = subscription.catch_up(CATCH_UP);
            (subscription, heard)
        });
        let (subscription, heard) = read.await.ok()?;
        self.subscription = Some(subscription);
        match heard {
            Ok(heard) => Some(heard),
            Err(error) => {
                tracing::warn!(reason = with_causes(&error), "an event stream ended: the log could not be read");
                None
            }
        }
    }
}

fn event(told: &service::Told) -> Event {
    let view = LabelChangedView::from(told);
    let data = serde_json::to_string(&view).expect("text and numbers are JSON");
    Event::default().event("label.changed").id(view.id).data(data)
}

fn missed(from: EventId) -> Event {
    Event::default().event("missed").data(format!("{{\"from\":\"{from}\"}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_from_header_and_parameter() {
        let header = |value: &'static str| {
            HeaderMap::from_iter([(HeaderName::from_static("last-event-id"), HeaderValue::from_static(value))])
        };
        let check = |headers: &HeaderMap, parameter, expect: Result<Option<&str>, Code>| {
            let got =
                last_id(headers, parameter).map(|id| id.map(|id| id.to_string())).map_err(|problem| problem.code());
            assert_eq!(got, expect.map(|id| id.map(str::to_owned)));
        };
        check(&HeaderMap::new(), None, Ok(None));
        check(&header("event_7"), Some("event_9"), Ok(Some("event_7")));
        check(&HeaderMap::new(), Some("event_9"), Ok(Some("event_9")));
        check(&header(""), None, Ok(None));
        check(&header(""), Some("event_9"), Ok(Some("event_9")));
        check(&header("event_7"), Some("9"), Err(Code::BadParameter));
        check(&header("7"), None, Err(Code::BadParameter));
        check(&header("event_x"), None, Err(Code::BadParameter));
    }
}
