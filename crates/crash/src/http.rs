//! Just enough of HTTP/1.1 to send a request to a server that may die at any moment.

use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Context as _;

/// How long an answer may take. Chosen: a server that is busy reading its log on a slow machine answers sooner; one that hangs is a
/// finding.
const ANSWER_TIME: Duration = Duration::from_secs(60);

/// A request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) key: &'a str,
    /// Method and path.
    pub(crate) what: &'a str,
    /// Header lines, each with its line end.
    pub(crate) headers: &'a str,
    pub(crate) body: &'a [u8],
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Sends a request and reads the whole answer.
///
/// # Errors
/// When the server cannot be reached, or the connection ends before the answer does: what became of the request is not known.
pub(crate) fn ask(address: &str, request: &Request<'_>) -> anyhow::Result<Answer> {
    let mut reader = send(address, request, Some(ANSWER_TIME))?;
    let (status, length) = head(&mut reader)?;
    let mut body = vec![0; length.context("an answer without its length")?];
    reader.read_exact(&mut body).context("the answer ended early")?;
    Ok(Answer { status, body: String::from_utf8(body).context("an answer that is no text")? })
}

/// Sends a request whose answer does not end, and gives what is to be read of it line by line.
///
/// # Errors
/// As [`ask`], and when the answer is a refusal.
pub(crate) fn listen(address: &str, request: &Request<'_>) -> anyhow::Result<impl BufRead + use<>> {
    let mut reader = send(address, request, None)?;
    let (status, _) = head(&mut reader)?;
    anyhow::ensure!(status == 200, "{} is answered with {status}", request.what);
    Ok(reader)
}

fn send(address: &str, request: &Request<'_>, most: Option<Duration>) -> anyhow::Result<BufReader<TcpStream>> {
    let Request { key, what, headers, body } = request;
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(most)?;
    stream.set_nodelay(true)?;
    let length = body.len();
    let head = format!(
        "{what} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {key}\r\n\
         content-length: {length}\r\n{headers}\r\n"
    );
    stream.write_all(&[head.as_bytes(), body].concat())?;
    Ok(BufReader::new(stream))
}

/// Reads status and length of an answer.
fn head(reader: &mut impl BufRead) -> anyhow::Result<(u16, Option<usize>)> {
    let first = line(reader)?;
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
    let mut length = None;
    loop {
        let line = line(reader)?;
        if line.is_empty() {
            return Ok((status, length));
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = Some(value.trim().parse()?);
        }
    }
}

/// The next line, without its end.
///
/// # Errors
/// When the connection ends first.
pub(crate) fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    let read = reader.read_line(&mut line)?;
    if read == 0 || !line.ends_with('\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    line.truncate(line.trim_end().len());
    Ok(line)
}
