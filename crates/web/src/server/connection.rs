//! One connection, from its handshake to its end.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, rt};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Shared;
use super::alarm::Alarm;
use super::guarded::Guarded;
use crate::stop::Stop;

/// The address at the other end of the connection, as an extension of each request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peer(pub IpAddr);

/// Serves requests on `stream` until either side ends it or the server stops.
pub(super) async fn run(stream: TcpStream, peer: SocketAddr, shared: &Shared, stop: Stop) {
    // Without it a small answer may wait for the acknowledgement of the one before. A socket that cannot is still one.
    let _best_effort = stream.set_nodelay(true);
    shared.metrics.connections_open.inc();
    let peer = Peer(peer.ip().to_canonical());
    let guarded = Guarded::new(stream, shared.limits.write_stall());
    match &shared.tls {
        None => requests(TokioIo::new(guarded), peer, shared, stop).await,
        Some(tls) => {
            let handshake = tls.acceptor().accept(guarded);
            match tokio::time::timeout(shared.limits.header_time(), handshake).await {
                Ok(Ok(stream)) => requests(TokioIo::new(stream), peer, shared, stop).await,
                Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                Err(_late) => tracing::debug!("a TLS handshake took too long"),
            }
        }
    }
    shared.metrics.connections_open.dec();
}

async fn requests<I>(io: I, peer: Peer, shared: &Shared, mut stop: Stop)
where
    I: rt::Read + rt::Write + Unpin,
{
    let service = service_fn(|request: Request<Incoming>| {
        shared.entrance.take(request, |request| {
            request.extensions_mut().insert(peer);
        })
    });
    let connection = http1::Builder::new()
        .timer(Alarm::default())
        .header_read_timeout(shared.limits.header_time())
        .max_headers(shared.limits.header_count_max)
        .max_buf_size(shared.limits.header_bytes_max)
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    let mut stopping = false;
    loop {
        tokio::select! {
            done = connection.as_mut() => {
                if let Err(error) = done {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            () = stop.stopped(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
