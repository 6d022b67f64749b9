//! Calls that are told in pieces, by accounting lines or webhooks.

use crate::call::{Attestation, CarrierId, Direction, HangupBy, Party};
use crate::outcome::{Observable, Outcome};
use crate::time::Timestamp;

/// One piece of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// What all pieces of one call share, such as the Call-ID. Unique within the source.
    pub call: Box<str>,
    /// The source that told it.
    pub source: Box<str>,
    /// The order of pieces of one call where they disagree: the highest wins (a sequence number, or milliseconds).
    pub order: i64,
    /// What this piece tells.
    pub part: PartialCall,
    /// No further piece is needed once this and `decides` were seen.
    pub ends: bool,
    /// This piece tells the outcome.
    pub decides: bool,
    /// The line that told it, for the rejects.
    pub line: u64,
}

/// The fields of a call that a piece may tell; `None` where it does not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PartialCall {
    /// When the call was placed.
    pub at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The calling end.
    pub orig: Option<Party>,
    /// The called end.
    pub dest: Option<Party>,
    /// The direction.
    pub direction: Option<Direction>,
    /// The terminating carrier.
    pub carrier: Option<CarrierId>,
    /// The outcome.
    pub outcome: Option<Outcome>,
    /// What the source could have shown.
    pub observable: Option<Observable>,
    /// Milliseconds from placing to answer or end.
    pub ring_ms: Option<u32>,
    /// Milliseconds from answer to end.
    pub talk_ms: Option<u32>,
    /// Who ended it.
    pub hangup_by: Option<HangupBy>,
    /// Its attestation.
    pub attestation: Option<Attestation>,
    /// Where a block may be contested.
    pub redress: Option<Box<str>>,
    /// A 607 was seen, in whichever piece.
    pub unwanted: bool,
}
