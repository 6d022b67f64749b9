//! A connection too many: told so, and closed.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How many connections are told at once; further ones are closed without a word.
pub(super) const AT_ONCE: usize = 64;
/// Chosen: time enough to read one short answer.
const WITHIN: Duration = Duration::from_secs(2);
const READ_BYTES: usize = 16 * 1024;

const BODY: &str = concat!(
    r#"{"type":"/docs/errors#overloaded","title":"Too busy","status":503,"#,
    r#""detail":"every connection is taken","code":"OVERLOADED","errors":[]}"#
);

/// Answers 503 before anything is asked, and closes. Inside TLS nothing can be said without a handshake, so nothing is.
pub(super) async fn refuse(mut stream: TcpStream, plain: bool) {
    if !plain {
        return;
    }
    let told = async {
        stream.write_all(answer().as_bytes()).await?;
        stream.shutdown().await?;
        // What the client sends is read until it hangs up: closing over unread bytes would reset the connection, and the
        // reset may overtake the answer.
        let mut scratch = [0; READ_BYTES];
        while stream.read(&mut scratch).await? > 0 {}
        Ok::<(), std::io::Error>(())
    };
    if let Ok(Err(error)) = tokio::time::timeout(WITHIN, told).await {
        tracing::debug!(%error, "a refused connection did not take the answer");
    }
}

fn answer() -> String {
    format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\n\
         retry-after: 5\r\nconnection: close\r\n\r\n{BODY}",
        BODY.len()
    )
}
