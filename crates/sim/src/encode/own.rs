//! Our own call records (docs/reference/records.md).

use model::{Attestation, CallOutcome, CarrierId, Direction, HangupBy};

use super::text::{push, push_hex, push_rfc_3339, push_seconds, push_tn, push_u64};
use crate::call::SimCall;

pub(super) fn header(out: &mut Vec<u8>) {
    push(out, "id,start,orig,dest,direction,carrier,sip_code,q850,ring_s,talk_s,hangup_by,attestation\n");
}

pub(super) fn csv(call: &SimCall, carriers: &[Box<str>], out: &mut Vec<u8>) {
    push_hex(out, call.id);
    out.push(b',');
    push_rfc_3339(out, call.at);
    out.push(b',');
    push_tn(out, call.orig);
    out.push(b',');
    push_tn(out, call.dest);
    out.push(b',');
    push(out, direction(call.direction));
    out.push(b',');
    push(out, carrier(call.carrier, carriers));
    out.push(b',');
    if let Some(code) = call.sip_code {
        push_u64(out, code.into());
    }
    out.push(b',');
    if let Some(cause) = call.q850 {
        push_u64(out, cause.into());
    }
    out.push(b',');
    push_seconds(out, call.ring_ms);
    out.push(b',');
    if call.outcome == CallOutcome::Answered {
        push_seconds(out, call.talk_ms);
    }
    out.push(b',');
    push(out, hangup_by(call.hangup_by));
    out.push(b',');
    push(out, attestation(call.attestation));
    out.push(b'\n');
}

pub(super) fn json(call: &SimCall, carriers: &[Box<str>], out: &mut Vec<u8>) {
    push(out, "{\"id\":\"");
    push_hex(out, call.id);
    push(out, "\",\"start\":\"");
    push_rfc_3339(out, call.at);
    push(out, "\",\"orig\":\"");
    push_tn(out, call.orig);
    push(out, "\",\"dest\":\"");
    push_tn(out, call.dest);
    push(out, "\",\"direction\":\"");
    push(out, direction(call.direction));
    if call.carrier.is_some() {
        push(out, "\",\"carrier\":\"");
        push(out, carrier(call.carrier, carriers));
    }
    out.push(b'"');
    if let Some(code) = call.sip_code {
        push(out, ",\"sip_code\":");
        push_u64(out, code.into());
    }
    if let Some(cause) = call.q850 {
        push(out, ",\"q850\":");
        push_u64(out, cause.into());
    }
    push(out, ",\"ring_s\":");
    push_seconds(out, call.ring_ms);
    if call.outcome == CallOutcome::Answered {
        push(out, ",\"talk_s\":");
        push_seconds(out, call.talk_ms);
    }
    push(out, ",\"hangup_by\":\"");
    push(out, hangup_by(call.hangup_by));
    if call.attestation.is_some() {
        push(out, "\",\"attestation\":\"");
        push(out, attestation(call.attestation));
    }
    push(out, "\"}\n");
}

pub(super) fn carrier(carrier: Option<CarrierId>, carriers: &[Box<str>]) -> &str {
    carrier.and_then(|id| carriers.get(usize::from(id.0))).map_or("", |key| key)
}

const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Outbound => "outbound",
        Direction::Inbound => "inbound",
        Direction::Internal => "internal",
    }
}

const fn hangup_by(by: HangupBy) -> &'static str {
    match by {
        HangupBy::Orig => "orig",
        HangupBy::Dest => "dest",
        HangupBy::Network => "network",
    }
}

/// An empty text where none was seen.
pub(super) const fn attestation(attestation: Option<Attestation>) -> &'static str {
    match attestation {
        Some(Attestation::Full) => "A",
        Some(Attestation::Partial) => "B",
        Some(Attestation::Gateway) => "C",
        Some(Attestation::Unsigned) => "none",
        None => "",
    }
}
