//! The nouns of call reputation: telephone numbers, calls, reports, labels.
//!
//! Everything here is a plain value. Nothing reads a file, a socket or a clock; `now`, when it matters,
//! is an argument. Other crates parse bytes into these types once and pass the types on.

pub mod aggregate;
pub mod call;
pub mod label;
pub mod outcome;
pub mod piece;
pub mod report;
pub mod standing;
pub mod time;
pub mod tn;
pub mod truth;
pub mod varint;

pub use aggregate::Aggregate;
pub use call::{Attestation, CallRecord, CarrierId, Direction, HangupBy, Party, RecordKey};
pub use label::{Label, Status};
pub use outcome::{CallOutcome, Observable, Outcome, Strength};
pub use piece::{PartialCall, Piece};
pub use report::{Report, ReportCategory};
pub use standing::{CallPurpose, Determination, Standing};
pub use time::Timestamp;
pub use tn::{Region, TelephoneNumber};
pub use truth::{TrustedFact, TrustedKind};
