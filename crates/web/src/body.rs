//! Bodies: read frame by frame, unpacked, and never larger than they may be.

mod budget;
mod unpack;

use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use http_body_util::BodyExt as _;
use tracing::Instrument as _;

pub use budget::Budget;
use budget::Held;

use crate::limits::Limits;
use crate::problem::{Code, Problem};
use unpack::Packing;

/// Seconds after which a client whose body found no room may try again.
const RETRY_AFTER_S: u32 = 2;
/// What is reserved at first for a body of stated length: a client may state any.
const FIRST_RESERVE_BYTES: usize = 256 * 1024;

/// A body as it was before it was packed. Its bytes count against the server's budget until it is dropped.
#[derive(Debug)]
pub struct Received {
    bytes: Vec<u8>,
    _held: Held,
}

impl Received {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads the body of `request` to its end and unpacks it.
///
/// # Errors
/// When it is over a limit, packed in an unknown way, damaged, or ends early.
pub async fn receive(request: Request<Body>, limits: &Limits, budget: &Budget) -> Result<Received, Problem> {
    let (parts, body) = request.into_parts();
    let packing = Packing::of(&parts.headers)?;
    let length = stated_length(&parts.headers, limits)?;
    let mut held = budget.hold();
    let packed = collect(body, length, limits, &mut held).instrument(tracing::trace_span!("read body")).await?;
    let Some(packing) = packing else {
        return Ok(Received { bytes: packed, _held: held });
    };
    let most = limits.unpacked_bytes_max;
    // Unpacking is work without a pause, and would stall the connections that share the thread.
    tokio::task::spawn_blocking(move || {
        let packed_bytes = packed.len();
        let bytes = unpack::unpack(packing, &packed, most, &mut held)?;
        drop(packed);
        held.give_back(packed_bytes);
        Ok(Received { bytes, _held: held })
    })
    .await
    .map_err(|panic| Problem::new(Code::Internal, "the body could not be unpacked").internal(panic.to_string()))?
}

/// The length that the client states; `None` for a body in chunks. A body that is too large is refused before it is read.
fn stated_length(headers: &HeaderMap, limits: &Limits) -> Result<Option<usize>, Problem> {
    let Some(value) = headers.get(header::CONTENT_LENGTH) else { return Ok(None) };
    let length: Option<u64> = value.to_str().ok().and_then(|text| text.parse().ok());
    match length.and_then(|length| usize::try_from(length).ok()) {
        Some(length) if length <= limits.body_bytes_max => Ok(Some(length)),
        Some(_) | None => Err(too_large(limits)),
    }
}

async fn collect(mut body: Body, length: Option<usize>, limits: &Limits, held: &mut Held) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::with_capacity(length.unwrap_or(0).min(FIRST_RESERVE_BYTES));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Problem::new(Code::BadBody, "the body ended before its end").internal(error.to_string())
        })?;
        // Trailers say nothing that we read.
        let Ok(piece) = frame.into_data() else { continue };
        if bytes.len() + piece.len() > limits.body_bytes_max {
            return Err(too_large(limits));
        }
        held.take(piece.len()).map_err(|_full| no_room())?;
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

fn too_large(limits: &Limits) -> Problem {
    Problem::new(Code::TooLarge, format!("a body may have {} bytes", limits.body_bytes_max))
}

fn no_room() -> Problem {
    Problem::new(Code::Overloaded, "bodies in hand take all the memory set aside for them").retry_after(RETRY_AFTER_S)
}

#[cfg(test)]
mod tests;
