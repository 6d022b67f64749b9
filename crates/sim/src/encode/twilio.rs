//! Twilio: its call list as JSON and as CSV, and its status callbacks.

use model::{CallOutcome, Direction, Timestamp};

use super::text::{Seconds, push, push_field, push_field_with, push_hex, push_rfc_2822, push_tn, push_u64};
use crate::call::SimCall;
use crate::random::mix;

pub(super) fn header(out: &mut Vec<u8>) {
    push(out, "sid,to,from,status,start_time,end_time,duration,price_unit,direction\n");
}

/// The status of a call. A refusal counts as busy: the list has no word of its own for it.
const fn status(outcome: CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Answered => "completed",
        CallOutcome::NoAnswer => "no-answer",
        CallOutcome::Busy | CallOutcome::Declined => "busy",
        CallOutcome::Cancelled => "canceled",
        CallOutcome::Invalid
        | CallOutcome::Unreachable
        | CallOutcome::Blocked
        | CallOutcome::Unwanted
        | CallOutcome::Failed => "failed",
    }
}

const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Outbound => "outbound-api",
        Direction::Inbound | Direction::Internal => "inbound",
    }
}

fn sid(out: &mut Vec<u8>, call: &SimCall) {
    push(out, "CA");
    push_hex(out, call.id);
    push_hex(out, mix(call.id));
}

pub(super) fn json(call: &SimCall, out: &mut Vec<u8>) {
    let seconds = Seconds::of(call);
    out.push(b'{');
    push_field_with(out, "sid", |out| sid(out, call));
    push_field_with(out, "to", |out| push_tn(out, call.dest));
    push_field_with(out, "from", |out| push_tn(out, call.orig));
    push_field(out, "status", status(call.outcome));
    push_field_with(out, "start_time", |out| push_rfc_2822(out, seconds.start));
    push_field_with(out, "end_time", |out| push_rfc_2822(out, seconds.end));
    push_field_with(out, "duration", |out| push_u64(out, seconds.talk));
    push_field(out, "direction", direction(call.direction));
    push(out, "}\n");
}

pub(super) fn csv(call: &SimCall, out: &mut Vec<u8>) {
    let seconds = Seconds::of(call);
    sid(out, call);
    out.push(b',');
    push_tn(out, call.dest);
    out.push(b',');
    push_tn(out, call.orig);
    out.push(b',');
    push(out, status(call.outcome));
    push(out, ",\"");
    push_rfc_2822(out, seconds.start);
    push(out, "\",\"");
    push_rfc_2822(out, seconds.end);
    push(out, "\",");
    push_u64(out, seconds.talk);
    push(out, ",USD,");
    push(out, direction(call.direction));
    out.push(b'\n');
}

/// All events of a call, in their order.
pub(super) fn callbacks(call: &SimCall, out: &mut Vec<u8>) {
    let seconds = Seconds::of(call);
    callback(call, ["initiated", "0"], seconds.start, out);
    push(out, "}\n");
    if let Some(answer) = seconds.answer {
        callback(call, ["in-progress", "1"], answer, out);
        push(out, "}\n");
    }
    callback(call, [status(call.outcome), "2"], seconds.end, out);
    if let Some(code) = call.sip_code {
        push_field_with(out, "SipResponseCode", |out| push_u64(out, code.into()));
    }
    push_field_with(out, "CallDuration", |out| push_u64(out, seconds.talk));
    push(out, "}\n");
}

fn callback(call: &SimCall, [status, sequence]: [&str; 2], at: Timestamp, out: &mut Vec<u8>) {
    out.push(b'{');
    push_field_with(out, "CallSid", |out| sid(out, call));
    push_field_with(out, "To", |out| push_tn(out, call.dest));
    push_field_with(out, "From", |out| push_tn(out, call.orig));
    push_field(out, "CallStatus", status);
    push_field(out, "Direction", direction(call.direction));
    push_field_with(out, "Timestamp", |out| push_rfc_2822(out, at));
    push_field(out, "SequenceNumber", sequence);
}
