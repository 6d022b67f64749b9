//! Sending one message: a connection of its own, to an address that was checked.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, Method, Request, header};
use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper::rt;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use super::address::{AddressError, Target, is_public};

/// Chosen: receivers are asked to answer at once and to work later.
const WITHIN: Duration = Duration::from_secs(15);
pub(crate) const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("ringtrue/", env!("CARGO_PKG_VERSION")));

/// Sends messages.
#[derive(Clone, Debug)]
pub struct Sender {
    tls: Arc<ClientConfig>,
    private: bool,
}

/// One message, signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// What `webhook-id` says: the same for every try.
    pub id: String,
    /// What `webhook-timestamp` says, in Unix seconds: that of this try.
    pub timestamp_s: u64,
    /// What `webhook-signature` says.
    pub signature: String,
    /// JSON.
    pub body: Bytes,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// An address that messages are not sent to.
    #[error("the message was not sent")]
    Address(#[from] AddressError),
    /// A name that leads nowhere.
    #[error("the name cannot be resolved")]
    Name(#[source] io::Error),
    /// Nobody who takes the connection.
    #[error("no connection")]
    Connect(#[source] io::Error),
    /// A certificate that does not hold, or no TLS at all.
    #[error("no TLS connection")]
    Tls(#[source] io::Error),
    /// A connection that broke, or an answer that is none.
    #[error("no answer")]
    Answer(#[from] hyper::Error),
    /// A header that cannot be written.
    #[error("the message cannot be written")]
    Unwritable(#[from] axum::http::Error),
    /// An answer that says something else than that it took the message.
    #[error("the answer was {0}")]
    Status(u16),
    /// No answer in time.
    #[error("no answer within {} seconds", WITHIN.as_secs())]
    Late,
}

impl Sender {
    /// Makes a sender that trusts the certificate authorities of the system. `private` also allows addresses that are not public.
    ///
    /// # Errors
    /// When no TLS version that we speak is left.
    pub fn new(private: bool) -> Result<Self, rustls::Error> {
        Ok(Self { tls: Arc::new(trusting_system()?), private })
    }

    /// Whether addresses that are not public are allowed.
    #[must_use]
    pub const fn allows_private(&self) -> bool {
        self.private
    }

    /// Sends a message, and returns the status with which it was taken. A redirect is not followed: it is a refusal.
    ///
    /// # Errors
    /// Says how far the message came.
    pub async fn send(&self, target: &Target, message: &Message) -> Result<u16, SendError> {
        tokio::time::timeout(WITHIN, self.send_untimed(target, message)).await.unwrap_or(Err(SendError::Late))
    }

    async fn send_untimed(&self, target: &Target, message: &Message) -> Result<u16, SendError> {
        let request = request(target, message)?;
        let stream = self.connect(target).await?;
        let status = if target.is_tls {
            let name = ServerName::try_from(target.host.clone()).map_err(|_| AddressError::Unreadable)?;
            let stream =
                TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await.map_err(SendError::Tls)?;
            exchange(TokioIo::new(stream), request).await?
        } else {
            exchange(TokioIo::new(stream), request).await?
        };
        if (200..300).contains(&status) { Ok(status) } else { Err(SendError::Status(status)) }
    }

    /// Connects to the first address of the target that answers. The addresses that were checked are those connected to: a
    /// second look-up could say something else.
    async fn connect(&self, target: &Target) -> Result<TcpStream, SendError> {
        let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await.map_err(SendError::Name)?;
        let allowed: Vec<SocketAddr> = found.filter(|address| self.private || is_public(address.ip())).collect();
        let mut last = None;
        for address in allowed {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = Some(error),
            }
        }
        Err(last.map_or(SendError::Address(AddressError::NotPublic), SendError::Connect))
    }
}

/// How a client speaks TLS that trusts the certificate authorities of the system.
pub(crate) fn trusting_system() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a certificate authority of the system could not be read");
    }
    roots.add_parsable_certificates(found.certs);
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(builder.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth())
}

fn request(target: &Target, message: &Message) -> Result<Request<Full<Bytes>>, SendError> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(&target.path)
        .header(header::HOST, &target.authority)
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONNECTION, "close")
        .header("webhook-id", &message.id)
        .header("webhook-timestamp", message.timestamp_s)
        .header("webhook-signature", &message.signature)
        .body(Full::new(message.body.clone()))?;
    Ok(request)
}

/// One request on a fresh connection. The body of the answer is not read: nothing in it matters.
async fn exchange<I>(io: I, request: Request<Full<Bytes>>) -> Result<u16, SendError>
where
    I: rt::Read + rt::Write + Unpin,
{
    let (mut sender, connection) = http1::handshake(io).await?;
    let mut answer = std::pin::pin!(sender.send_request(request));
    let mut connection = std::pin::pin!(connection);
    let answer = tokio::select! {
        answer = answer.as_mut() => answer?,
        ended = connection.as_mut() => {
            ended?;
            answer.await?
        }
    };
    Ok(answer.status().as_u16())
}
