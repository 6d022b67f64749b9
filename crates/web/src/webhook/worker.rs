//! The worker that delivers what waits: due messages, a few at a time, until the server stops.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use model::Timestamp;
use service::registry::{Attempt, AttemptOutcome, DueDelivery, Limit};
use tokio::task::JoinSet;

use super::address;
use super::schedule::next_delay;
use super::send::{Message, SendError, Sender};
use super::signature::Secret;
use crate::app::App;
use crate::mapping::with_causes;
use crate::metrics::DeliveryOutcome;
use crate::stop::Stop;

/// Messages under way at once. Chosen: enough that one slow receiver does not hold up the others for long.
const AT_ONCE: u16 = 32;
/// After so long a message is due again whose try never ended, since the process died.
const LEASE_MS: i64 = 60_000;
/// The longest wait between two looks at the registry: another process may have made a webhook active.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// The shortest, so that a registry that fails is not asked without pause.
const PAUSE: Duration = Duration::from_millis(100);

/// Delivers until the server stops. Messages under way are finished.
pub(crate) async fn run(app: Arc<App>, mut stop: Stop) {
    let mut under_way = JoinSet::new();
    loop {
        let room = AT_ONCE.saturating_sub(u16::try_from(under_way.len()).unwrap_or(u16::MAX));
        if room > 0 {
            for due in take_due(&app, room).await {
                let app = Arc::clone(&app);
                under_way.spawn(async move { deliver(&app, due).await });
            }
        }
        tokio::select! {
            biased;
            () = stop.stopped() => break,
            Some(_done) = under_way.join_next(), if !under_way.is_empty() => {}
            () = app.deliveries_due.notified() => {}
            () = wait(&app, room > 0) => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

async fn take_due(app: &App, room: u16) -> Vec<DueDelivery> {
    let now = app.now();
    let limit = Limit::nearest(u64::from(room));
    let lease = now.saturating_add_ms(LEASE_MS);
    match app.ask_registry(move |registry| registry.take_due(now, lease, limit)).await {
        Ok(Ok(due)) => return due,
        Ok(Err(error)) => tracing::warn!(reason = with_causes(&error), "due deliveries could not be read"),
        Err(panic) => tracing::error!(reason = with_causes(&panic), "due deliveries could not be read"),
    }
    Vec::new()
}

/// Waits until the next message is due, at most [`LOOK_AGAIN`] and at least [`PAUSE`]. Without room there is nothing to take.
async fn wait(app: &App, has_room: bool) {
    let now = app.now();
    let next = match has_room {
        true => app.ask_registry(|registry| registry.next_due()).await.ok().and_then(Result::ok).flatten(),
        false => None,
    };
    let until =
        next.map(|at| Duration::from_millis(u64::try_from(at.as_ms().saturating_sub(now.as_ms())).unwrap_or(0)));
    tokio::time::sleep(until.map_or(LOOK_AGAIN, |until| until.clamp(PAUSE, LOOK_AGAIN))).await;
}

async fn deliver(app: &App, due: DueDelivery) {
    let sent = send(&app.sender, &due, app.now()).await;
    let attempt = attempt(&due, &sent, app.now());
    let outcome = match &attempt.outcome {
        AttemptOutcome::Delivered => DeliveryOutcome::delivered,
        AttemptOutcome::Retry { .. } => DeliveryOutcome::retry,
        AttemptOutcome::Failed { error } => {
            let (webhook, delivery) = (due.delivery.webhook, due.delivery.id);
            tracing::warn!(%webhook, %delivery, error, "a message was given up");
            DeliveryOutcome::given_up
        }
    };
    app.metrics.count_delivery(outcome);
    let id = due.delivery.id;
    // What could not be noted stays due, so the receiver may be told twice; `webhook-id` tells it so.
    match app.ask_registry(move |registry| registry.settle(id, &attempt)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(delivery = %id, reason = with_causes(&error), "the outcome of a try could not be noted");
        }
        Err(panic) => {
            tracing::error!(delivery = %id, reason = with_causes(&panic), "the outcome of a try could not be noted");
        }
    }
}

async fn send(sender: &Sender, due: &DueDelivery, now: Timestamp) -> Result<u16, SendError> {
    let target = address::read(&due.url, sender.allows_private())?;
    let timestamp_s = u64::try_from(now.as_ms() / 1_000).unwrap_or(0);
    let body = Bytes::from(due.delivery.body.clone());
    let signature = Secret::from(&due.secret).sign(&due.delivery.event, timestamp_s, &body);
    sender.send(&target, &Message { id: due.delivery.event.clone(), timestamp_s, signature, body }).await
}

/// What follows from a try that ended at `at`.
fn attempt(due: &DueDelivery, sent: &Result<u16, SendError>, at: Timestamp) -> Attempt {
    let error = match sent {
        Ok(status) => return Attempt { at, status: Some(*status), outcome: AttemptOutcome::Delivered },
        Err(error) => error,
    };
    let status = if let SendError::Status(status) = error { Some(*status) } else { None };
    let text = with_causes(error);
    // The last byte of an id is random, so messages that failed together spread.
    let spread = due.delivery.id.to_bytes().last().copied().unwrap_or(0);
    let delay = next_delay(due.delivery.attempts, spread).and_then(|delay| i64::try_from(delay.as_millis()).ok());
    // The receiver says that it is gone for good (Standard Webhooks, "410 Gone").
    let outcome = match delay.filter(|_| status != Some(410)) {
        Some(ms) => AttemptOutcome::Retry { next_attempt_at: at.saturating_add_ms(ms), error: text },
        None => AttemptOutcome::Failed { error: text },
    };
    Attempt { at, status, outcome }
}
