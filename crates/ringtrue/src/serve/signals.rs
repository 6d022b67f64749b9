//! What the operator says by signal.

use std::sync::Arc;

use service::registry::{Actor, Change};
use service::{Clock as _, SystemClock};
use tokio::signal::unix::{Signal, SignalKind, signal};
use web::{App, Stopper};

/// SIGTERM and SIGINT stop the server, SIGHUP reads certificate and policy again.
pub(super) async fn watch(app: Arc<App>, stopper: Stopper) {
    let (Some(mut terminate), Some(mut interrupt), Some(mut hang_up)) =
        (listen(SignalKind::terminate()), listen(SignalKind::interrupt()), listen(SignalKind::hangup()))
    else {
        // Without them the default holds: each of the three ends the process.
        return;
    };
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => {
                // What is refused is told in the log where it happens.
                let _told = app.reload(Change { by: Actor::Command, at: SystemClock.now() }).await;
            }
        }
    }
    tracing::info!("asked to stop");
    stopper.stop();
}

fn listen(kind: SignalKind) -> Option<Signal> {
    signal(kind).inspect_err(|error| tracing::error!(%error, ?kind, "a signal cannot be listened to")).ok()
}
