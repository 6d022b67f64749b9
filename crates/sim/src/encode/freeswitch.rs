//! FreeSWITCH: the template `example` of `mod_cdr_csv`, and the documents of `mod_json_cdr` with `encode-values` off.

use model::{CallOutcome, Direction, HangupBy, Timestamp};

use super::text::{Seconds, push, push_clock, push_field, push_field_with, push_tn, push_u64, push_uuid};
use crate::call::SimCall;

/// FreeSWITCH names Q.850 causes, has a name of its own for a caller that gives up, and takes a bare 404 for cause 1.
const fn hangup_cause(call: &SimCall) -> &'static str {
    match (call.outcome, call.q850) {
        (CallOutcome::Cancelled, _) => "ORIGINATOR_CANCEL",
        (_, Some(1)) | (CallOutcome::Invalid, None) => "UNALLOCATED_NUMBER",
        (_, Some(16)) => "NORMAL_CLEARING",
        (_, Some(17)) => "USER_BUSY",
        (_, Some(18)) => "NO_USER_RESPONSE",
        (_, Some(19)) => "NO_ANSWER",
        (_, Some(20)) => "SUBSCRIBER_ABSENT",
        (_, Some(21)) => "CALL_REJECTED",
        (_, Some(22)) => "NUMBER_CHANGED",
        (_, Some(34)) => "NORMAL_CIRCUIT_CONGESTION",
        (_, Some(38)) => "NETWORK_OUT_OF_ORDER",
        (_, Some(_) | None) => "NORMAL_UNSPECIFIED",
    }
}

pub(super) fn csv(call: &SimCall, out: &mut Vec<u8>) {
    let seconds = Seconds::of(call);
    push(out, "\"Caller\",\"");
    push_u64(out, call.orig.digits());
    push(out, "\",\"");
    push_u64(out, call.dest.digits());
    push(out, "\",\"public\",\"");
    push_clock(out, seconds.start, b' ');
    push(out, "\",\"");
    if let Some(answer) = seconds.answer {
        push_clock(out, answer, b' ');
    }
    push(out, "\",\"");
    push_clock(out, seconds.end, b' ');
    push(out, "\",\"");
    push_u64(out, seconds.duration);
    push(out, "\",\"");
    push_u64(out, seconds.talk);
    push(out, "\",\"");
    push(out, hangup_cause(call));
    push(out, "\",\"");
    push_uuid(out, call.id);
    push(out, "\",\"\",\"\",\"PCMU\",\"PCMU\"\n");
}

pub(super) fn json(call: &SimCall, out: &mut Vec<u8>) {
    let outbound = call.direction == Direction::Outbound;
    let answer = call.at.saturating_add_ms(i64::from(call.ring_ms));
    let answered = call.outcome == CallOutcome::Answered;
    push(out, "{\"core-uuid\":\"c0de0000-0000-4000-8000-000000000001\",\"switchname\":\"switch\",\"variables\":{");
    push_field_with(out, "uuid", |out| push_uuid(out, call.id));
    push_field(out, "direction", if outbound { "outbound" } else { "inbound" });
    push_field_with(out, "sip_from_user", |out| push_tn(out, call.orig));
    push_field_with(out, "sip_to_user", |out| push_tn(out, call.dest));
    push_field_with(out, "start_stamp", |out| push_clock(out, call.at, b' '));
    push_field_with(out, "start_uepoch", |out| micros(out, Some(call.at)));
    push_field_with(out, "answer_uepoch", |out| micros(out, answered.then_some(answer)));
    push_field_with(out, "end_uepoch", |out| micros(out, Some(call.end())));
    push_field(out, "hangup_cause", hangup_cause(call));
    if let Some(cause) = call.q850 {
        push_field_with(out, "hangup_cause_q850", |out| push_u64(out, cause.into()));
    }
    if let Some(code) = call.sip_code {
        let name = if answered { "sip_term_status" } else { "sip_invite_failure_status" };
        push_field_with(out, name, |out| push_u64(out, code.into()));
    }
    // On a leg that went out, what is received comes from the called person.
    match (call.hangup_by, outbound) {
        (HangupBy::Orig, true) | (HangupBy::Dest, false) => push_field(out, "sip_hangup_disposition", "send_bye"),
        (HangupBy::Dest, true) | (HangupBy::Orig, false) => push_field(out, "sip_hangup_disposition", "recv_bye"),
        (HangupBy::Network, _) => {}
    }
    push(out, "},\"callflow\":[{\"caller_profile\":{");
    push_field_with(out, "caller_id_number", |out| push_tn(out, call.orig));
    push_field_with(out, "destination_number", |out| push_tn(out, call.dest));
    push(out, "}}]}\n");
}

/// Microseconds since the epoch; 0 for a moment that never came.
fn micros(out: &mut Vec<u8>, at: Option<Timestamp>) {
    push_u64(out, at.map_or(0, |at| at.as_ms() as u64 * 1000));
}
