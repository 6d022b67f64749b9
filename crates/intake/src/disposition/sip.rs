//! The final SIP status codes and what each says of a call.

use model::{CallOutcome, Outcome, Strength};

use super::ANSWERED;

/// The outcome of a final status code alone; `None` when the code is not final (below 200) or no SIP code.
///
/// `rang` tells whether an 18x was seen. A 603 without its phrase and Reason header is a plain one.
pub(super) fn outcome(code: u16, rang: Option<bool>) -> Option<Outcome> {
    use CallOutcome::{Blocked, Busy, Cancelled, Declined, Failed, Invalid, NoAnswer, Unreachable, Unwanted};
    use Strength::{Medium, Strong, Weak};
    let (class, strength) = match code {
        200..=299 => return Some(ANSWERED),
        301 => (Invalid, Weak),
        300..=399 | 401 | 407 => (Unreachable, Weak),
        404 | 484 => (Invalid, Medium),
        408 if rang == Some(true) => (NoAnswer, Medium),
        410 | 604 => (Invalid, Strong),
        480 => (NoAnswer, Medium),
        485 => (Invalid, Weak),
        486 | 600 => (Busy, Strong),
        487 => (Cancelled, Strong),
        400 | 405 | 406 | 415 | 416 | 420 | 421 | 428 | 436..=438 | 481..=483 | 488 | 491 | 493 => {
            (Unreachable, Strong)
        }
        400..=499 => (Unreachable, Medium),
        500..=505 | 513 | 580 | 606 => (Unreachable, Strong),
        500..=599 => (Unreachable, Medium),
        603 => (Declined, Medium),
        607 => (Unwanted, Strong),
        608 => (Blocked, Strong),
        600..=699 => (Failed, Weak),
        _ => return None,
    };
    Some(Outcome::new(class, strength))
}
