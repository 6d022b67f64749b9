//! Calls as bytes: 28 bits of what is one of a few, then the numbers.

use model::{
    Attestation, CallOutcome, CallRecord, CarrierId, Direction, HangupBy, Label, Observable, Outcome, Party, Strength,
    TelephoneNumber, Timestamp,
};

use super::bytes::put;
use super::decode::{Clerk, DecodeError};
use super::encode::Scribe;

/// The number that stands for each variant, both ways. They are on disk: none may ever change.
macro_rules! codes {
    ($($of:ident, $code:ident: $kind:ident { $($variant:ident = $number:literal),+ $(,)? })+) => { $(
        #[inline]
        pub(super) const fn $code(value: $kind) -> u32 {
            match value { $($kind::$variant => $number),+ }
        }

        #[inline]
        pub(super) const fn $of(code: u32) -> Result<$kind, DecodeError> {
            match code {
                $($number => Ok($kind::$variant),)+
                _ => Err(DecodeError::Range { field: stringify!($kind) }),
            }
        }
    )+ };
}

codes! {
    class_of, class_code: CallOutcome {
        Answered = 0, NoAnswer = 1, Busy = 2, Declined = 3, Cancelled = 4, Invalid = 5, Unreachable = 6, Blocked = 7,
        Unwanted = 8, Failed = 9,
    }
    strength_of, strength_code: Strength { Weak = 0, Medium = 1, Strong = 2 }
    direction_of, direction_code: Direction { Outbound = 1, Inbound = 2, Internal = 3 }
    hangup_of, hangup_code: HangupBy { Orig = 1, Dest = 2, Network = 3 }
    attestation_of, attestation_code: Attestation { Full = 1, Partial = 2, Gateway = 3, Unsigned = 4 }
    label_of, label_code: Label { None = 0, PotentialSpam = 1, SpamLikely = 2, Spam = 3 }
}

const HAS_CARRIER: u32 = 1 << 21;
const HAS_KNOWN_AT: u32 = 1 << 22;
const HAS_KEY: u32 = 1 << 23;
const HAS_RING: u32 = 1 << 24;
const HAS_TALK: u32 = 1 << 25;
const HAS_REDRESS: u32 = 1 << 26;
/// The record's time is not the event's.
const OWN_AT: u32 = 1 << 27;
const ALL_BITS: u32 = (1 << 28) - 1;

/// An optional member of a small set: 0 stands for none.
#[inline]
pub(super) fn some_of<T>(code: u32, of: fn(u32) -> Result<T, DecodeError>) -> Result<Option<T>, DecodeError> {
    if code == 0 { Ok(None) } else { of(code).map(Some) }
}

#[inline]
pub(super) const fn party_code(party: Party) -> u32 {
    match party {
        Party::Number(_) => 0,
        Party::Extension(_) => 1,
        Party::Anonymous => 2,
    }
}

#[inline]
pub(super) fn put_party(rows: &mut Vec<u8>, party: Party) {
    match party {
        Party::Number(tn) => put(rows, tn.digits()),
        Party::Extension(extension) => put(rows, u64::from(extension)),
        Party::Anonymous => {}
    }
}

#[inline]
pub(super) fn read_party(code: u32, clerk: &mut Clerk<'_>) -> Result<Party, DecodeError> {
    match code {
        0 => clerk.tn().map(Party::Number),
        1 => clerk.rows.fit("extension").map(Party::Extension),
        2 => Ok(Party::Anonymous),
        _ => Err(DecodeError::Range { field: "party" }),
    }
}

/// Six bits: class, strength; a seventh for the 607.
#[inline]
pub(super) const fn outcome_bits(outcome: Outcome) -> u32 {
    class_code(outcome.class) | strength_code(outcome.strength) << 4 | (outcome.unwanted as u32) << 6
}

#[inline]
pub(super) fn outcome_of(bits: u32) -> Result<Outcome, DecodeError> {
    let (class, strength) = (class_of(bits & 15)?, strength_of(bits >> 4 & 3)?);
    Ok(Outcome { class, strength, unwanted: bits & 64 != 0 })
}

#[inline]
pub(super) const fn observable_bits(observable: Observable) -> u32 {
    observable.invalid as u32 | (observable.answer as u32) << 1 | (observable.blocked as u32) << 2
}

#[inline]
pub(super) const fn observable_of(bits: u32) -> Observable {
    Observable { invalid: bits & 1 != 0, answer: bits & 2 != 0, blocked: bits & 4 != 0 }
}

#[inline]
pub(super) const fn flag(is: bool, flag: u32) -> u32 {
    if is { flag } else { 0 }
}

/// Writes a call of an event that happened at `at`.
pub(super) fn write(call: &CallRecord, at: Timestamp, scribe: &mut Scribe<'_>) {
    let bits = party_code(call.orig)
        | party_code(call.dest) << 2
        | call.direction.map_or(0, direction_code) << 4
        | outcome_bits(call.outcome) << 6
        | observable_bits(call.observable) << 13
        | call.hangup_by.map_or(0, hangup_code) << 16
        | call.attestation.map_or(0, attestation_code) << 18
        | flag(call.carrier.is_some(), HAS_CARRIER)
        | flag(call.known_at.is_some(), HAS_KNOWN_AT)
        | flag(call.key.is_some(), HAS_KEY)
        | flag(call.ring_ms.is_some(), HAS_RING)
        | flag(call.talk_ms.is_some(), HAS_TALK)
        | flag(call.redress.is_some(), HAS_REDRESS)
        | flag(call.at != at, OWN_AT);
    scribe.rows.extend_from_slice(&bits.to_le_bytes());
    put_party(&mut scribe.rows, call.orig);
    put_party(&mut scribe.rows, call.dest);
    if call.at != at {
        scribe.time(call.at, at);
    }
    if let Some(CarrierId(carrier)) = call.carrier {
        scribe.rows.push(carrier);
    }
    for ms in [call.ring_ms, call.talk_ms].into_iter().flatten() {
        put(&mut scribe.rows, u64::from(ms));
    }
    if let Some(known_at) = call.known_at {
        scribe.time(known_at, call.end());
    }
    if let Some(redress) = &call.redress {
        super::bytes::put_bytes(&mut scribe.rows, redress.as_bytes());
    }
    scribe.key(call.key);
}

/// Reads a call of an event that happened at `at`.
pub(super) fn read(at: Timestamp, clerk: &mut Clerk<'_>) -> Result<CallRecord, DecodeError> {
    let bits = u32::from_le_bytes(clerk.rows.array()?);
    if bits & !ALL_BITS != 0 {
        return Err(DecodeError::Range { field: "call" });
    }
    let has = |flag: u32| bits & flag != 0;
    let orig = read_party(bits & 3, clerk)?;
    let dest = read_party(bits >> 2 & 3, clerk)?;
    let mut call = CallRecord {
        key: None,
        at: if has(OWN_AT) { clerk.time(at)? } else { at },
        known_at: None,
        orig,
        dest,
        direction: some_of(bits >> 4 & 3, direction_of)?,
        carrier: if has(HAS_CARRIER) { Some(CarrierId(clerk.rows.byte()?)) } else { None },
        outcome: outcome_of(bits >> 6 & 127)?,
        observable: observable_of(bits >> 13 & 7),
        ring_ms: if has(HAS_RING) { Some(clerk.rows.fit("ring time")?) } else { None },
        talk_ms: if has(HAS_TALK) { Some(clerk.rows.fit("talk time")?) } else { None },
        hangup_by: some_of(bits >> 16 & 3, hangup_of)?,
        attestation: some_of(bits >> 18 & 7, attestation_of)?,
        redress: None,
    };
    if has(HAS_KNOWN_AT) {
        call.known_at = Some(clerk.time(call.end())?);
    }
    if has(HAS_REDRESS) {
        call.redress = Some(clerk.rows.text("redress")?.into());
    }
    call.key = clerk.key(has(HAS_KEY))?;
    Ok(call)
}

/// An optional telephone number, told by a flag.
pub(super) fn read_tn(present: bool, clerk: &mut Clerk<'_>) -> Result<Option<TelephoneNumber>, DecodeError> {
    if present { clerk.tn().map(Some) } else { Ok(None) }
}
