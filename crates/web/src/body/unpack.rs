//! Unpacking gzip and zstd up to a limit, whatever the packed bytes promise.

use std::io::Read;

use axum::http::{HeaderMap, header};
use flate2::read::MultiGzDecoder;

use super::budget::Held;
use super::no_room;
use crate::problem::{Code, Problem};

const PIECE_BYTES: usize = 64 * 1024;
/// The largest window that a zstd frame may ask for, as a power of two: 8 MiB, what RFC 8878 §3.1.1.1.2 recommends to support.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// How a body is packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    /// What `Content-Encoding` says; `None` for a body that is not packed.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(None) };
        match value.to_str().unwrap_or("?").trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(None),
            "gzip" | "x-gzip" => Ok(Some(Self::Gzip)),
            "zstd" => Ok(Some(Self::Zstd)),
            _ => Err(Problem::new(Code::UnsupportedEncoding, "content-encoding is gzip, zstd or nothing")),
        }
    }
}

/// Unpacks `packed` into at most `most` bytes.
pub(super) fn unpack(packing: Packing, packed: &[u8], most: usize, held: &mut Held) -> Result<Vec<u8>, Problem> {
    match packing {
        Packing::Gzip => drain(MultiGzDecoder::new(packed), most, held),
        Packing::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(packed).map_err(|error| damaged(&error))?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|error| damaged(&error))?;
            drain(decoder, most, held)
        }
    }
}

fn drain(mut from: impl Read, most: usize, held: &mut Held) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let mut piece = [0; PIECE_BYTES];
    loop {
        let count = from.read(&mut piece).map_err(|error| damaged(&error))?;
        if count == 0 {
            return Ok(bytes);
        }
        if bytes.len() + count > most {
            return Err(Problem::new(Code::TooLarge, format!("an unpacked body may have {most} bytes")));
        }
        held.take(count).map_err(|_full| no_room())?;
        bytes.extend(piece.iter().take(count));
    }
}

fn damaged(error: &std::io::Error) -> Problem {
    Problem::new(Code::BadBody, format!("the body cannot be unpacked: {error}"))
}
