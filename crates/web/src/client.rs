//! A client of this API, for commands that work beside a running server: one connection, one request after the other.

use std::io;
use std::sync::Arc;
use std::time::Duration;

pub use axum::http::Method;
use axum::http::{HeaderValue, Request, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::rt;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::{self, Runtime};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig};

use crate::webhook::address::{self, AddressError, Target};
use crate::webhook::send::{USER_AGENT, trusting_system};

/// How long a connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(15);
/// How long an answer may take. Chosen: longer than a server gives itself (`limits.request_time_s`).
const ANSWER_WITHIN: Duration = Duration::from_secs(300);
/// The largest answer that is read. Chosen: a receipt with a thousand rejects takes a tenth of it.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// A client of one server, with at most one key. Its calls wait; it is not for a thread that runs async tasks.
pub struct Client {
    target: Target,
    tls: Option<Arc<ClientConfig>>,
    bearer: Option<HeaderValue>,
    answer_within: Duration,
    runtime: Runtime,
    open: Option<SendRequest<Full<Bytes>>>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// The method.
    pub method: Method,
    /// Path and query, from `/v1` on.
    pub path: &'a str,
    /// Headers beside those that every request has.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body; empty for none.
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// Seconds after which to ask again; `None` when the server does not say.
    pub retry_after_s: Option<u32>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// An address that cannot be used.
    #[error("the address cannot be used")]
    Address(#[from] AddressError),
    /// A key that no header can hold.
    #[error("the key is none: it holds characters that no key has")]
    Key,
    /// Threads or TLS that cannot be had.
    #[error("the client cannot be started")]
    Start(#[source] io::Error),
    /// No TLS version that both sides speak.
    #[error("TLS cannot be spoken")]
    Tls(#[source] rustls::Error),
    /// Nobody who takes the connection.
    #[error("no connection")]
    Connect(#[source] io::Error),
    /// A connection that broke, or an answer that is none.
    #[error("no answer")]
    Answer(#[source] hyper::Error),
    /// A request that cannot be written.
    #[error("the request cannot be written")]
    Unwritable(#[source] axum::http::Error),
    /// An answer that is too large, or broke off.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
    /// No answer in time.
    #[error("no answer within {} seconds", .0.as_secs())]
    Late(Duration),
}

impl ClientError {
    /// Tells whether another try may find a server: it may be starting, or the network.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Connect(_) | Self::Answer(_) | Self::Unreadable(_) | Self::Late(_) => true,
            Self::Address(_) | Self::Key | Self::Start(_) | Self::Tls(_) | Self::Unwritable(_) => false,
        }
    }
}

impl Client {
    /// A client of the server at `url`, such as `http://127.0.0.1:8080`. Nothing is sent yet.
    ///
    /// # Errors
    /// When the address or the key cannot be used.
    pub fn new(url: &str, key: &str) -> Result<Self, ClientError> {
        let mut bearer = HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| ClientError::Key)?;
        bearer.set_sensitive(true);
        Ok(Self { bearer: Some(bearer), ..Self::keyless(url, ANSWER_WITHIN)? })
    }

    /// A client of a server that is none of ours, or asks for no key. Each answer is waited for as long as said. Nothing is sent yet.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn keyless(url: &str, answer_within: Duration) -> Result<Self, ClientError> {
        let mut target = address::read(url, true)?;
        target.path.truncate(target.path.trim_end_matches('/').len());
        let tls = target.is_tls.then(trusting_system).transpose().map_err(ClientError::Tls)?.map(Arc::new);
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(ClientError::Start)?;
        Ok(Self { target, tls, bearer: None, answer_within, runtime, open: None })
    }

    /// Tells whether what is sent, the key too, can be read on its way: it is not encrypted, and leaves this machine.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        let is_here = |address: std::net::IpAddr| address.is_loopback();
        let host = self.target.host.as_str();
        !self.target.is_tls && host != "localhost" && !host.parse().is_ok_and(is_here)
    }

    /// Asks, and waits for the answer. A connection that the server closed meanwhile is opened anew, so a request may reach it
    /// twice.
    ///
    /// # Errors
    /// When there is no answer. A refusal is one.
    pub fn ask(&mut self, ask: &Ask<'_>) -> Result<Answered, ClientError> {
        let Self { target, tls, bearer, answer_within, runtime, open } = self;
        runtime.block_on(async {
            let request = request(target, bearer.as_ref(), ask)?;
            if let Some(sender) = open
                && sender.ready().await.is_ok()
                && let Ok(answer) = exchange(sender, request.clone(), *answer_within).await
            {
                return Ok(answer);
            }
            *open = None;
            let connecting = tokio::time::timeout(CONNECT_WITHIN, connect(target, tls.as_ref()));
            let late = |_| ClientError::Connect(io::Error::from(io::ErrorKind::TimedOut));
            let mut sender = connecting.await.map_err(late)??;
            let answer = exchange(&mut sender, request, *answer_within).await?;
            *open = Some(sender);
            Ok(answer)
        })
    }
}

fn request(target: &Target, bearer: Option<&HeaderValue>, ask: &Ask<'_>) -> Result<Request<Full<Bytes>>, ClientError> {
    let mut builder = Request::builder()
        .method(ask.method.clone())
        .uri(format!("{}{}", target.path, ask.path))
        .header(header::HOST, &target.authority)
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, "application/json");
    if let Some(bearer) = bearer {
        builder = builder.header(header::AUTHORIZATION, bearer);
    }
    for (name, value) in ask.headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Full::new(Bytes::from(ask.body.clone()))).map_err(ClientError::Unwritable)
}

async fn connect(target: &Target, tls: Option<&Arc<ClientConfig>>) -> Result<SendRequest<Full<Bytes>>, ClientError> {
    let stream = TcpStream::connect((target.host.as_str(), target.port)).await.map_err(ClientError::Connect)?;
    // A small request must not wait for the answer to the one before.
    stream.set_nodelay(true).map_err(ClientError::Connect)?;
    let Some(tls) = tls else { return shake_hands(TokioIo::new(stream)).await };
    let name = ServerName::try_from(target.host.clone()).map_err(|_| AddressError::Unreadable)?;
    let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await.map_err(ClientError::Connect)?;
    shake_hands(TokioIo::new(stream)).await
}

async fn shake_hands<I>(io: I) -> Result<SendRequest<Full<Bytes>>, ClientError>
where
    I: rt::Read + rt::Write + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(io).await.map_err(ClientError::Answer)?;
    // It ends with the connection; what ended it is told by the request that it ends.
    drop(tokio::spawn(async move { drop(connection.await) }));
    Ok(sender)
}

async fn exchange(
    sender: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    within: Duration,
) -> Result<Answered, ClientError> {
    let asked = async {
        let answer = sender.send_request(request).await.map_err(ClientError::Answer)?;
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after_s = retry_after.and_then(|text| text.parse().ok());
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| ClientError::Unreadable(error.to_string()))?.to_bytes().to_vec();
        Ok(Answered { status, retry_after_s, body })
    };
    tokio::time::timeout(within, asked).await.unwrap_or(Err(ClientError::Late(within)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_machine_unencrypted_is_known() {
        for (url, exposed) in [
            ("http://127.0.0.1:8080", false),
            ("http://localhost", false),
            ("http://[::1]:8080", false),
            ("https://example.com", false),
            ("http://192.0.2.7:8080/", true),
            ("http://example.com", true),
        ] {
            assert_eq!(Client::new(url, "rt_x").expect(url).is_exposed(), exposed, "{url}");
        }
    }

    #[test]
    fn what_cannot_be_asked_is_refused_at_once() {
        for url in ["127.0.0.1:8080", "ftp://127.0.0.1", "http://", "http://user:word@127.0.0.1"] {
            assert!(Client::new(url, "rt_x").is_err(), "{url}");
        }
        assert!(Client::new("http://127.0.0.1", "a\nb").is_err());
    }
}
