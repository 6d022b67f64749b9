//! `ringtrue serve`: the service over HTTP, until it is told to stop.

mod assemble;
pub(crate) mod config;
mod demo;
pub(crate) mod log;
pub(crate) mod opened;
mod secret;
mod signals;
#[cfg(feature = "otel")]
mod traces;
mod watch;

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use service::Condition;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime;
use web::{Tls, stop_pair};

use crate::error::ScoreError;
use assemble::Assembled;
use config::Config;

/// Where the server listens unless it is told otherwise: reached from this machine alone.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
/// Connections that may wait to be accepted; beyond, a client tries again after a second. Chosen: what came at once when 10,000 clients
/// connected on a busy machine overran the usual 128 seventy times.
const BACKLOG: u32 = 4_096;
/// Threads that may wait for a disk or read bodies at once. Chosen: far more than a machine has cores, and each a stack of 2 MB.
const WAITING_THREADS: usize = 64;

/// Arguments of `ringtrue serve`.
#[derive(Args)]
pub(crate) struct ServeArgs {
    /// The data directory; it is made if it does not exist.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address and port to listen on; 127.0.0.1:8080 by default. Port 0 takes a free one.
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// The configuration, a TOML file; examples/ringtrue.toml has every key.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Take in a sample of calls placed up to now, and make a key to look at them with.
    #[arg(long)]
    demo: bool,
}

/// Serves until a signal ends it.
pub(crate) fn serve(args: &ServeArgs) -> Result<(), ScoreError> {
    let mut config = Config::load(args.config.as_deref())?;
    config.data = args.data.clone().or(config.data);
    config.listen = args.listen.or(config.listen);
    config.demo = args.demo;
    // Before the log lines, which it would carry as well. It ends after the runtime, when no more spans come.
    #[cfg(feature = "otel")]
    let _traces = traces::begin(config.log);
    log::begin(config.log);
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(WAITING_THREADS)
        .build()
        .map_err(ScoreError::Runtime)?;
    runtime.block_on(run(config))
}

async fn run(config: Config) -> Result<(), ScoreError> {
    let address = config.listen.unwrap_or(LISTEN);
    // The port first: a second server is told so before it touches the data.
    let listener = listen(address).map_err(|source| ScoreError::Listen { address, source })?;
    let address = listener.local_addr().map_err(|source| ScoreError::Listen { address, source })?;
    let tls = config.tls.clone().map(Tls::load).transpose().map_err(ScoreError::Tls)?.map(Arc::new);
    let scheme = if tls.is_some() { "https" } else { "http" };
    let (stopper, stop) = stop_pair();
    let Assembled { app, service, watching } =
        tokio::task::block_in_place(|| assemble::assemble(&config, tls.clone(), stop))?;
    let signals = tokio::spawn(signals::watch(Arc::clone(&app), stopper));
    if config.demo {
        let service = service.clone();
        tokio::task::spawn_blocking(move || demo::take_sample(&service));
    }
    let ready = tokio::spawn(announce(service.clone(), format!("{scheme}://{address}")));
    web::run(app, listener).await;
    signals.abort();
    ready.abort();
    tracing::info!("stopping");
    tokio::task::block_in_place(|| {
        if let Some(watching) = watching {
            watching.stop();
        }
        opened::stop(&service);
    });
    Ok(())
}

/// Listens on `address`, with room for a crowd that comes at once.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A server that was stopped a moment ago still holds the port otherwise.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Says where the server is, once it takes records in.
async fn announce(service: service::Service, address: String) {
    let started = tokio::task::spawn_blocking(move || service.wait_until_started()).await;
    match started {
        Ok(Condition::Ready) => {
            let mut out = std::io::stdout().lock();
            // That nobody reads it stops no server.
            let _told = writeln!(out, "ringtrue listens on {address}").and_then(|()| out.flush());
        }
        Ok(condition) => tracing::error!(?condition, "the service did not become ready"),
        Err(error) => tracing::error!(%error, "the service did not start"),
    }
}
