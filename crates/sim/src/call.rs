//! One simulated call, and what is known of it before somebody picks up.

use model::{Attestation, CallOutcome, CarrierId, Direction, HangupBy, Strength, TelephoneNumber, Timestamp};

/// A call that is about to be placed: what an analytics engine is asked with, before anybody knows how it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// When it is placed.
    pub at: Timestamp,
    /// The number that it shows.
    pub orig: TelephoneNumber,
    /// The called number.
    pub dest: TelephoneNumber,
    /// The terminating carrier; `None` when nobody listed serves the called number.
    pub carrier: Option<CarrierId>,
    /// The attestation that the terminating carrier sees; `None` when it sees none.
    pub attestation: Option<Attestation>,
}

/// One finished call, in 56 bytes and without allocation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SimCall {
    /// Tells the calls of a world apart.
    pub id: u64,
    /// When it was placed.
    pub at: Timestamp,
    /// The calling number.
    pub orig: TelephoneNumber,
    /// The called number.
    pub dest: TelephoneNumber,
    /// Milliseconds from placing to answer or end.
    pub ring_ms: u32,
    /// Milliseconds of conversation; 0 when not answered.
    pub talk_ms: u32,
    /// The final SIP status; `None` where the record has none.
    pub sip_code: Option<u16>,
    /// The Q.850 cause; `None` where the network passed none on.
    pub q850: Option<u8>,
    /// What became of it.
    pub outcome: CallOutcome,
    /// How sure the codes are of the outcome.
    pub strength: Strength,
    /// `Inbound` where a person calls the number back: `dest` is then the number judged.
    pub direction: Direction,
    /// The carrier of the called number; `None` when nobody listed serves it, or the call is inbound.
    pub carrier: Option<CarrierId>,
    /// Who ended it.
    pub hangup_by: HangupBy,
    /// The attestation that the terminating carrier saw; `None` when it saw none.
    pub attestation: Option<Attestation>,
}

impl SimCall {
    /// When the call ended; its record is known from then on.
    #[must_use]
    #[inline]
    pub fn end(&self) -> Timestamp {
        self.at.saturating_add_ms(i64::from(self.ring_ms) + i64::from(self.talk_ms))
    }

    /// The number that the call is about: the caller, or for a call back the called number.
    #[must_use]
    #[inline]
    pub const fn judged(&self) -> TelephoneNumber {
        match self.direction {
            Direction::Outbound | Direction::Internal => self.orig,
            Direction::Inbound => self.dest,
        }
    }
}
