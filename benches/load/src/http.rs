//! As much of HTTP/1.1 as a load needs: one connection that stays open, requests that are ready bytes, answers with a length.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, bail};

/// A connection that stays open. One exchange at a time.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
pub(crate) struct Answer<'a> {
    /// The status code.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: &'a [u8],
}

/// No answer takes longer, even beside a heavy load.
const PATIENCE: Duration = Duration::from_secs(60);
const READ_BYTES: usize = 16 * 1024;

impl Connection {
    /// Connects.
    pub(crate) fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: vec![0; READ_BYTES] })
    }

    /// Sends a whole request and reads its answer.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.stream.write_all(request)?;
        let mut filled = 0;
        let (status, begin, end) = loop {
            if filled == self.buffer.len() {
                self.buffer.resize(filled * 2, 0);
            }
            let got = self.stream.read(self.buffer.get_mut(filled..).unwrap_or_default())?;
            if got == 0 {
                bail!("the server closed the connection");
            }
            filled += got;
            if let Some(found) = whole(self.buffer.get(..filled).unwrap_or_default())? {
                break found;
            }
        };
        Ok(Answer { status, body: self.buffer.get(begin..end).unwrap_or_default() })
    }
}

/// Status, and begin and end of the body, once all of an answer is there.
fn whole(bytes: &[u8]) -> anyhow::Result<Option<(u16, usize, usize)>> {
    let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(bytes.get(..at).unwrap_or_default())?;
    let status = head.get(9..12).and_then(|code| code.parse().ok()).context("an answer without a status")?;
    let stated = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let begin = at + 4;
    let end = begin + stated.context("an answer without a length")?;
    Ok((bytes.len() >= end).then_some((status, begin, end)))
}

/// A GET as bytes.
pub(crate) fn get(path: &str, key: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\r\n").into_bytes()
}

/// A POST of records as bytes.
pub(crate) fn post(path: &str, key: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\ncontent-length: {length}\r\n{headers}\r\n"
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}
