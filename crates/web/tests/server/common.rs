//! A server with small handlers, and a client that sends raw bytes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use futures_util::stream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use web::body::Budget;
use web::{Limits, Metrics, Problem, Stopper, Tls, stop_pair};

/// Longer than any limit of a test: reached only when the server hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that runs until it is stopped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) budget: Budget,
    begun: Arc<Notify>,
    ended: Arc<Notify>,
    stopper: Stopper,
    task: JoinHandle<()>,
}

/// Says so when it is dropped.
struct Told(Arc<Notify>);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Running {
    pub(crate) async fn start(limits: Limits) -> Self {
        Self::start_with(limits, None).await
    }

    pub(crate) async fn start_with(limits: Limits, tls: Option<Arc<Tls>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (metrics, budget) = (Arc::new(Metrics::default()), Budget::new(limits.bodies_bytes_max));
        let (begun, ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let router = web::front::front(router(&limits, &budget, &begun, &ended), &limits, Arc::clone(&metrics));
        let (stopper, stop) = stop_pair();
        let task = tokio::spawn(web::serve(listener, router, limits, Arc::clone(&metrics), tls, stop));
        Self { address, metrics, budget, begun, ended, stopper, task }
    }

    /// Sends `request` on a connection of its own and reads the one answer.
    pub(crate) async fn ask(&self, request: &str) -> String {
        let mut client = Raw::connect(self.address).await;
        client.send(request.as_bytes()).await;
        client.finish_sending().await;
        client.read_to_end().await
    }

    /// Waits until a handler has the head of a body.
    pub(crate) async fn body_begun(&self) {
        self.begun.notified().await;
    }

    /// Waits until the endless answer was given up.
    pub(crate) async fn endless_ended(&self) {
        self.ended.notified().await;
    }

    pub(crate) async fn stop(self) {
        self.stopper.stop();
        tokio::time::timeout(PATIENCE, self.task).await.expect("stops").expect("no panic");
    }
}

fn router(limits: &Limits, budget: &Budget, begun: &Arc<Notify>, ended: &Arc<Notify>) -> Router {
    let (limits, budget, begun) = (limits.clone(), budget.clone(), Arc::clone(begun));
    let length = move |request: Request| {
        let (limits, budget, begun) = (limits.clone(), budget.clone(), Arc::clone(&begun));
        async move {
            begun.notify_one();
            let body = web::body::receive(request, &limits, &budget).await?;
            Ok::<String, Problem>(body.bytes().len().to_string())
        }
    };
    let ended = Arc::clone(ended);
    let endless = move |_headers: HeaderMap| {
        let told = Told(Arc::clone(&ended));
        async move {
            let pieces = stream::unfold(told, |told| async move {
                Some((Ok::<Bytes, std::io::Error>(Bytes::from_static(&[b'x'; 65_536])), told))
            });
            Response::new(Body::from_stream(pieces))
        }
    };
    let panic = async || -> String { panic!("as the test asks") };
    Router::new().route("/", post(length)).route("/endless", get(endless)).route("/panic", get(panic))
}

/// A client that sends what it likes.
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.expect("the server listens"))
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("the server reads");
    }

    pub(crate) async fn finish_sending(&mut self) {
        self.0.shutdown().await.expect("still open");
    }

    /// Sends up to `most` bytes, until the server answers or hangs up.
    pub(crate) async fn send_until_refused(&mut self, most: usize) {
        let piece = [b'a'; 65_536];
        let mut sent = 0;
        let mut peeked = [0];
        let (mut reading, mut writing) = self.0.split();
        while sent < most {
            tokio::select! {
                biased;
                _answered = reading.peek(&mut peeked) => break,
                written = writing.write(&piece) => match written {
                    Ok(count) => sent += count,
                    Err(_closed) => break,
                },
            }
        }
        assert!(sent < 64 << 20, "the server took {sent} bytes");
    }

    /// Sends one byte after the other, with a pause in which it listens, until the server answers or hangs up: what it said.
    pub(crate) async fn drip(&mut self, bytes: &[u8], pause: Duration) -> String {
        for byte in bytes {
            if self.0.write_all(&[*byte]).await.is_err() {
                break;
            }
            if tokio::time::timeout(pause, self.0.readable()).await.is_ok() {
                break;
            }
        }
        self.read_to_end().await
    }

    pub(crate) async fn read_some(&mut self) -> String {
        let mut bytes = vec![0; 65_536];
        let count = tokio::time::timeout(PATIENCE, self.0.read(&mut bytes)).await.expect("in time").expect("open");
        bytes.truncate(count);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Reads until the server hangs up.
    pub(crate) async fn read_to_end(&mut self) -> String {
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(PATIENCE, self.0.read_to_end(&mut bytes)).await.expect("the server hangs up");
        // A reset after the answer is an end as well.
        let _end = read;
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
