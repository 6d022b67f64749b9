//! What a record tells, as it must be found in the log again.

use model::{Party, TelephoneNumber};
use store::Payload;

/// The area code of numbers whose calls are told in pieces. Such a call is known by its two ends alone: its start follows from
/// what became whole.
pub(crate) const PIECED: u64 = 646;

/// One call or report. No two that are sent are equal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Fact {
    /// A call, by its start in milliseconds and its ends.
    Call { at_ms: i64, orig: u64, dest: u64 },
    /// A call that is told in pieces, by its ends.
    Joined { orig: u64, dest: u64 },
    /// A report, by its time in milliseconds and the number.
    Report { at_ms: i64, tn: u64 },
}

impl Fact {
    /// What an event of the log tells; `None` for the service's own events and for pieces.
    pub(crate) fn of(payload: &Payload) -> Option<Self> {
        match payload {
            Payload::Call(call) => {
                let (orig, dest) = (digits(call.orig)?, digits(call.dest)?);
                let at_ms = call.at.as_ms();
                let is_pieced = orig / 10_000_000 % 1000 == PIECED;
                Some(if is_pieced { Self::Joined { orig, dest } } else { Self::Call { at_ms, orig, dest } })
            }
            Payload::Report(report) => Some(Self::Report { at_ms: report.at.as_ms(), tn: report.tn.digits() }),
            Payload::CallBack(_)
            | Payload::Piece(_)
            | Payload::Tick { .. }
            | Payload::PolicyActivated { .. }
            | Payload::Forget { .. }
            | Payload::LabelChanged(_)
            | Payload::ReporterStanding(_) => None,
        }
    }

    /// The number whose call it is; `None` for a report.
    pub(crate) const fn caller(&self) -> Option<u64> {
        match *self {
            Self::Call { orig, .. } | Self::Joined { orig, .. } => Some(orig),
            Self::Report { .. } => None,
        }
    }
}

fn digits(party: Party) -> Option<u64> {
    party.number().map(TelephoneNumber::digits)
}
