//! Telnyx: the webhooks of its call control, all events of a call.

use model::{CallOutcome, Direction, HangupBy, Timestamp};

use super::own::attestation;
use super::text::{push, push_clock, push_field, push_field_with, push_padded, push_tn, push_u64, push_uuid};
use crate::call::SimCall;
use crate::random::mix;

/// What Telnyx calls the end of a call.
const fn hangup_cause(outcome: CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Answered => "normal_clearing",
        CallOutcome::NoAnswer => "timeout",
        CallOutcome::Busy => "user_busy",
        CallOutcome::Declined => "call_rejected",
        CallOutcome::Cancelled => "originator_cancel",
        CallOutcome::Invalid => "not_found",
        CallOutcome::Unreachable | CallOutcome::Blocked | CallOutcome::Unwanted | CallOutcome::Failed => "unspecified",
    }
}

pub(super) fn webhooks(call: &SimCall, out: &mut Vec<u8>) {
    let answered = call.outcome == CallOutcome::Answered;
    open(call, "call.initiated", call.at, out);
    push_field(out, "state", if call.direction == Direction::Outbound { "bridging" } else { "parked" });
    if call.attestation.is_some() {
        push_field(out, "shaken_stir_attestation", attestation(call.attestation));
        push(out, ",\"shaken_stir_validated\":true");
    }
    close(out);
    if answered {
        open(call, "call.answered", call.at.saturating_add_ms(i64::from(call.ring_ms)), out);
        push_field(out, "state", "answered");
        close(out);
    }
    open(call, "call.hangup", call.end(), out);
    push_field(out, "state", "hangup");
    push_field_with(out, "end_time", |out| micros(out, call.end()));
    push_field(out, "hangup_cause", hangup_cause(call.outcome));
    push_field(
        out,
        "hangup_source",
        match call.hangup_by {
            HangupBy::Orig => "caller",
            HangupBy::Dest => "callee",
            HangupBy::Network => "unknown",
        },
    );
    if let Some(code) = call.sip_code {
        push_field_with(out, "sip_hangup_cause", |out| push_u64(out, code.into()));
    }
    close(out);
}

/// An event with the fields that each has, its payload left open.
fn open(call: &SimCall, kind: &str, at: Timestamp, out: &mut Vec<u8>) {
    push(out, "{\"data\":{");
    push_field(out, "event_type", kind);
    push_field_with(out, "id", |out| push_uuid(out, mix(call.id ^ kind.len() as u64)));
    push_field_with(out, "occurred_at", |out| micros(out, at));
    push(out, ",\"payload\":{");
    push_field_with(out, "call_leg_id", |out| push_uuid(out, call.id));
    push_field(out, "direction", if call.direction == Direction::Outbound { "outgoing" } else { "incoming" });
    push_field_with(out, "from", |out| push_tn(out, call.orig));
    push_field_with(out, "to", |out| push_tn(out, call.dest));
    push_field_with(out, "start_time", |out| micros(out, call.at));
}

fn close(out: &mut Vec<u8>) {
    push(out, "},\"record_type\":\"event\"}}\n");
}

fn micros(out: &mut Vec<u8>, at: Timestamp) {
    push_clock(out, at, b'T');
    out.push(b'.');
    push_padded::<3>(out, at.as_ms().rem_euclid(1000) as u64);
    push(out, "000Z");
}
