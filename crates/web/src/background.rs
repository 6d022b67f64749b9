//! What the server does by itself beside answering: keys, webhooks, and what is kept for a while only.

use std::sync::Arc;
use std::time::Duration;

use model::Timestamp;
use service::registry::{Limit, Registry, RegistryError};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use crate::app::App;
use crate::mapping::with_causes;
use crate::router::router;
use crate::server::serve;
use crate::stop::Stop;
use crate::webhook::worker;

/// How often keys are read again: one that was made or revoked by a command counts within a second.
const KEYS_EVERY: Duration = Duration::from_millis(500);
/// How often it is written down which keys were used.
const USE_EVERY: Duration = Duration::from_secs(60);
/// How often what has expired is removed.
const TRIM_EVERY: Duration = Duration::from_secs(3_600);
/// Days for which settled deliveries are kept: so long can they be looked at and made again.
const DELIVERY_DAYS: i64 = 30;
/// Days for which it is known that a file was imported. Chosen: a year's files may be put into a folder again by mistake.
const IMPORT_DAYS: i64 = 400;
/// Rows that one removal takes; the next follows at once while there are more.
const TRIM_AT_ONCE: Limit = Limit::MAX;

/// Serves the API on `listener`, with everything that goes on beside it, until the app's stop says so.
pub async fn run(app: Arc<App>, listener: TcpListener) {
    let mut beside = JoinSet::new();
    beside.spawn(worker::run(Arc::clone(&app), app.stop.clone()));
    beside.spawn(keep_keys(Arc::clone(&app)));
    beside.spawn(trim(Arc::clone(&app)));
    let (limits, metrics) = (app.limits.clone(), Arc::clone(&app.metrics));
    serve(listener, router(&app), limits, metrics, app.tls.clone(), app.stop.clone()).await;
    while beside.join_next().await.is_some() {}
}

/// Beats now and after every period, until the server stops.
struct Beat {
    timer: Interval,
    stop: Stop,
}

impl Beat {
    fn every(period: Duration, stop: Stop) -> Self {
        let mut timer = interval(period);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { timer, stop }
    }

    /// Waits for the next beat; false when the server stops.
    async fn next(&mut self) -> bool {
        tokio::select! {
            biased;
            () = self.stop.stopped() => false,
            _ = self.timer.tick() => true,
        }
    }
}

/// Reads keys again, and notes which were used; once more at the end.
async fn keep_keys(app: Arc<App>) {
    let mut beat = Beat::every(KEYS_EVERY, app.stop.clone());
    let mut noted = Instant::now();
    while beat.next().await {
        read_keys(&app).await;
        if noted.elapsed() >= USE_EVERY {
            noted = Instant::now();
            note_use(&app).await;
        }
    }
    note_use(&app).await;
}

/// Reads the keys again that commands may have made or revoked.
pub(crate) async fn read_keys(app: &App) {
    let keys = Arc::clone(&app.keys);
    told("keys could not be read", app.ask_registry(move |registry| keys.refresh(registry)).await);
}

async fn note_use(app: &App) {
    let keys = Arc::clone(&app.keys);
    told("the use of keys could not be noted", app.ask_registry(move |registry| keys.note_use(registry)).await);
}

/// Removes remembered answers that have expired, deliveries that are long settled, and changes of labels that are long past.
async fn trim(app: Arc<App>) {
    let mut beat = Beat::every(TRIM_EVERY, app.stop.clone());
    while beat.next().await {
        let (now, history_days) = (app.now(), app.history_days);
        let all = move |registry: &dyn Registry| remove_expired(registry, now, history_days);
        told("what has expired could not be removed", app.ask_registry(all).await);
    }
}

/// Removes from the registry what is kept for a while only, and whose time is over at `now`: remembered answers after a day, settled
/// deliveries after 30 days, progress of imports after 400, changes of labels after `history_days`.
///
/// # Errors
/// When the registry cannot be written; what is left goes the next time.
pub fn remove_expired(registry: &dyn Registry, now: Timestamp, history_days: u32) -> Result<(), RegistryError> {
    let days_ago = |days: i64| now.saturating_add_ms(days.saturating_mul(-model::time::DAY_MS));
    all_of(|| registry.trim_claims(now, TRIM_AT_ONCE))?;
    all_of(|| registry.trim_deliveries(days_ago(DELIVERY_DAYS), TRIM_AT_ONCE))?;
    registry.trim_imports(days_ago(IMPORT_DAYS))?;
    all_of(|| registry.trim_history(days_ago(history_days.into()), TRIM_AT_ONCE))
}

/// Removes until nothing is left to remove.
fn all_of(mut remove: impl FnMut() -> Result<u64, RegistryError>) -> Result<(), RegistryError> {
    while remove()? >= u64::from(TRIM_AT_ONCE.get()) {}
    Ok(())
}

/// Logs what failed.
fn told<T>(what: &'static str, done: Result<Result<T, RegistryError>, tokio::task::JoinError>) {
    match done {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(reason = with_causes(&error), "{what}"),
        Err(panic) => tracing::error!(reason = with_causes(&panic), "{what}"),
    }
}
