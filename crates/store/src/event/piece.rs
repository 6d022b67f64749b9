//! Pieces of calls as bytes.

use model::{CarrierId, PartialCall, Piece, Timestamp};

use super::bytes::{put, put_bytes, put_signed};
use super::call::{
    attestation_code, attestation_of, direction_code, direction_of, flag, hangup_code, hangup_of, observable_bits,
    observable_of, outcome_bits, outcome_of, party_code, put_party, read_party, some_of,
};
use super::decode::{Clerk, DecodeError};
use super::encode::Scribe;

const ENDS: u32 = 1 << 7;
const DECIDES: u32 = 1 << 8;
const UNWANTED: u32 = 1 << 9;
const HAS_AT: u32 = 1 << 10;
const HAS_ANSWERED_AT: u32 = 1 << 11;
const HAS_ENDED_AT: u32 = 1 << 12;
const HAS_CARRIER: u32 = 1 << 13;
const HAS_OUTCOME: u32 = 1 << 14;
const HAS_OBSERVABLE: u32 = 1 << 15;
const HAS_RING: u32 = 1 << 16;
const HAS_TALK: u32 = 1 << 17;
const HAS_REDRESS: u32 = 1 << 18;
/// No such end is told; [`party_code`] has two bits and three values.
const NO_PARTY: u32 = 3;
const ALL_BITS: u32 = (1 << 23) - 1;

/// Writes a piece of an event that happened at `at`.
pub(super) fn write<'a>(piece: &'a Piece, at: Timestamp, scribe: &mut Scribe<'a>) {
    let part = &piece.part;
    let bits = part.direction.map_or(0, direction_code)
        | part.hangup_by.map_or(0, hangup_code) << 2
        | part.attestation.map_or(0, attestation_code) << 4
        | flag(piece.ends, ENDS)
        | flag(piece.decides, DECIDES)
        | flag(part.unwanted, UNWANTED)
        | flag(part.at.is_some(), HAS_AT)
        | flag(part.answered_at.is_some(), HAS_ANSWERED_AT)
        | flag(part.ended_at.is_some(), HAS_ENDED_AT)
        | flag(part.carrier.is_some(), HAS_CARRIER)
        | flag(part.outcome.is_some(), HAS_OUTCOME)
        | flag(part.observable.is_some(), HAS_OBSERVABLE)
        | flag(part.ring_ms.is_some(), HAS_RING)
        | flag(part.talk_ms.is_some(), HAS_TALK)
        | flag(part.redress.is_some(), HAS_REDRESS)
        | part.orig.map_or(NO_PARTY, party_code) << 19
        | part.dest.map_or(NO_PARTY, party_code) << 21;
    scribe.rows.extend_from_slice(&bits.to_le_bytes());
    put_bytes(&mut scribe.rows, piece.call.as_bytes());
    scribe.word(&piece.source);
    put_signed(&mut scribe.rows, piece.order);
    put(&mut scribe.rows, piece.line);
    for party in [part.orig, part.dest].into_iter().flatten() {
        put_party(&mut scribe.rows, party);
    }
    for time in [part.at, part.answered_at, part.ended_at].into_iter().flatten() {
        scribe.time(time, at);
    }
    if let Some(CarrierId(carrier)) = part.carrier {
        scribe.rows.push(carrier);
    }
    if let Some(outcome) = part.outcome {
        scribe.rows.push(outcome_bits(outcome) as u8);
    }
    if let Some(observable) = part.observable {
        scribe.rows.push(observable_bits(observable) as u8);
    }
    for ms in [part.ring_ms, part.talk_ms].into_iter().flatten() {
        put(&mut scribe.rows, u64::from(ms));
    }
    if let Some(redress) = &part.redress {
        put_bytes(&mut scribe.rows, redress.as_bytes());
    }
}

/// Reads a piece of an event that happened at `at`.
pub(super) fn read(at: Timestamp, clerk: &mut Clerk<'_>) -> Result<Piece, DecodeError> {
    let bits = u32::from_le_bytes(clerk.rows.array()?);
    if bits & !ALL_BITS != 0 {
        return Err(DecodeError::Range { field: "piece" });
    }
    let has = |flag: u32| bits & flag != 0;
    let call = clerk.rows.text("call")?.into();
    let source = clerk.word()?.into();
    let order = clerk.rows.signed()?;
    let line = clerk.rows.uint()?;
    let mut part = PartialCall {
        direction: some_of(bits & 3, direction_of)?,
        hangup_by: some_of(bits >> 2 & 3, hangup_of)?,
        attestation: some_of(bits >> 4 & 7, attestation_of)?,
        unwanted: has(UNWANTED),
        ..PartialCall::default()
    };
    for (code, party) in [(bits >> 19 & 3, &mut part.orig), (bits >> 21 & 3, &mut part.dest)] {
        *party = if code == NO_PARTY { None } else { Some(read_party(code, clerk)?) };
    }
    let times = [(HAS_AT, &mut part.at), (HAS_ANSWERED_AT, &mut part.answered_at), (HAS_ENDED_AT, &mut part.ended_at)];
    for (present, time) in times {
        *time = if has(present) { Some(clerk.time(at)?) } else { None };
    }
    if has(HAS_CARRIER) {
        part.carrier = Some(CarrierId(clerk.rows.byte()?));
    }
    if has(HAS_OUTCOME) {
        part.outcome = Some(outcome_of(u32::from(clerk.rows.byte()?))?);
    }
    if has(HAS_OBSERVABLE) {
        part.observable = Some(observable_of(u32::from(clerk.rows.byte()?)));
    }
    for (present, ms) in [(HAS_RING, &mut part.ring_ms), (HAS_TALK, &mut part.talk_ms)] {
        *ms = if has(present) { Some(clerk.rows.fit("milliseconds")?) } else { None };
    }
    if has(HAS_REDRESS) {
        part.redress = Some(clerk.rows.text("redress")?.into());
    }
    Ok(Piece { call, source, order, part, ends: has(ENDS), decides: has(DECIDES), line })
}
