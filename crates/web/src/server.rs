//! The listener: takes connections, caps their number, and ends them.
//!
//! The loop is our own because the limits are: how many connections, how long for headers, how long an answer may wait for
//! a client that does not read, and what happens to a connection too many.

mod alarm;
mod connection;
mod guarded;
mod refuse;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

pub use connection::Peer;
pub use tls::{Tls, TlsError, TlsFiles};

use crate::entrance::Entrance;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::stop::Stop;

/// Chosen: long enough for a descriptor to come free, short enough that nobody notices.
const AFTER_ACCEPT_ERROR: Duration = Duration::from_millis(50);

/// What every connection is served with.
pub(crate) struct Shared {
    pub(crate) entrance: Entrance,
    pub(crate) limits: Limits,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) tls: Option<Arc<Tls>>,
}

/// Serves `entrance` on `listener` until `stop` says so; then lets requests in hand finish within the grace of `limits`.
pub async fn serve(
    listener: TcpListener,
    entrance: impl Into<Entrance>,
    limits: Limits,
    metrics: Arc<Metrics>,
    tls: Option<Arc<Tls>>,
    mut stop: Stop,
) {
    let free = Arc::new(Semaphore::new(limits.connections_max.min(Semaphore::MAX_PERMITS)));
    let refusals = Arc::new(Semaphore::new(refuse::AT_ONCE));
    let grace = limits.grace();
    let shared = Arc::new(Shared { entrance: entrance.into(), limits, metrics, tls });
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.stopped() => break,
            accepted = listener.accept() => accepted,
            Some(_ended) = open.join_next(), if !open.is_empty() => continue,
        };
        let Some((stream, peer)) = taken(accepted).await else { continue };
        match Arc::clone(&free).try_acquire_owned() {
            Ok(permit) => {
                let shared = Arc::clone(&shared);
                let stop = stop.clone();
                open.spawn(async move {
                    connection::run(stream, peer, &shared, stop).await;
                    drop(permit);
                });
            }
            Err(_full) => {
                shared.metrics.connections_refused.inc();
                if let Ok(permit) = Arc::clone(&refusals).try_acquire_owned() {
                    let plain = shared.tls.is_none();
                    open.spawn(async move {
                        refuse::refuse(stream, plain).await;
                        drop(permit);
                    });
                }
            }
        }
    }
    drop(listener);
    finish(open, grace).await;
}

/// The connection that was accepted; `None` after an error, which is told and waited out.
async fn taken(accepted: io::Result<(TcpStream, SocketAddr)>) -> Option<(TcpStream, SocketAddr)> {
    match accepted {
        Ok(pair) => Some(pair),
        // The client went away between its call and our answer: its own affair.
        Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => None,
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(AFTER_ACCEPT_ERROR).await;
            None
        }
    }
}

/// Waits for the open connections, and drops those that outlast the grace.
async fn finish(mut open: JoinSet<()>, grace: Duration) {
    let all = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(grace, all).await.is_err() {
        tracing::warn!(connections = open.len(), "connections were cut off: they outlasted the grace");
        open.shutdown().await;
    }
}
