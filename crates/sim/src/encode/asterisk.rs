//! Asterisk: `Master.csv` as `cdr_csv` writes it by default, and the JSON lines of `cdr_custom` with causes.

use model::CallOutcome;

use super::text::{Seconds, push, push_clock, push_field, push_field_with, push_hex, push_tn, push_u64};
use crate::call::SimCall;

/// What `Dial` leaves in the record. A refusal is written as a failure: stock records have no word of their own for it.
const fn disposition(outcome: CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Answered => "ANSWERED",
        CallOutcome::NoAnswer => "NO ANSWER",
        CallOutcome::Busy => "BUSY",
        CallOutcome::Cancelled => "CANCEL",
        CallOutcome::Unreachable => "CONGESTION",
        CallOutcome::Declined
        | CallOutcome::Invalid
        | CallOutcome::Blocked
        | CallOutcome::Unwanted
        | CallOutcome::Failed => "FAILED",
    }
}

/// The seconds of the start and a counter, here the call's id.
fn unique_id(out: &mut Vec<u8>, call: &SimCall) {
    push_u64(out, call.at.as_ms().div_euclid(1000) as u64);
    out.push(b'.');
    push_u64(out, call.id);
}

pub(super) fn csv(call: &SimCall, out: &mut Vec<u8>) {
    let seconds = Seconds::of(call);
    push(out, "\"\",\"");
    push_tn(out, call.orig);
    push(out, "\",\"");
    push_tn(out, call.dest);
    push(out, "\",\"from-trunk\",\"\"\"Caller\"\" <");
    push_tn(out, call.orig);
    push(out, ">\",\"PJSIP/in-");
    push_hex(out, call.id);
    push(out, "\",\"PJSIP/out-");
    push_hex(out, call.id);
    push(out, "\",\"Dial\",\"PJSIP/");
    push_tn(out, call.dest);
    push(out, "@out,60\",\"");
    push_clock(out, seconds.start, b' ');
    push(out, "\",\"");
    if let Some(answer) = seconds.answer {
        push_clock(out, answer, b' ');
    }
    push(out, "\",\"");
    push_clock(out, seconds.end, b' ');
    push(out, "\",");
    push_u64(out, seconds.duration);
    out.push(b',');
    push_u64(out, seconds.talk);
    push(out, ",\"");
    push(out, disposition(call.outcome));
    push(out, "\",\"DOCUMENTATION\",\"");
    unique_id(out, call);
    push(out, "\",\"\"\n");
}

pub(super) fn json(call: &SimCall, out: &mut Vec<u8>) {
    let seconds = Seconds::of(call);
    out.push(b'{');
    push_field_with(out, "src", |out| push_tn(out, call.orig));
    push_field_with(out, "dst", |out| push_tn(out, call.dest));
    push_field(out, "dcontext", "from-trunk");
    push_field_with(out, "start", |out| push_clock(out, seconds.start, b' '));
    push_field_with(out, "answer", |out| {
        if let Some(answer) = seconds.answer {
            push_clock(out, answer, b' ');
        }
    });
    push_field_with(out, "end", |out| push_clock(out, seconds.end, b' '));
    push_field_with(out, "duration", |out| push_u64(out, seconds.duration));
    push_field_with(out, "billsec", |out| push_u64(out, seconds.talk));
    push_field(out, "disposition", disposition(call.outcome));
    push_field_with(out, "uniqueid", |out| unique_id(out, call));
    if let Some(cause) = call.q850 {
        push_field_with(out, "hangupcause", |out| push_u64(out, cause.into()));
    }
    if let Some(code) = call.sip_code {
        push_field_with(out, "sipcode", |out| push_u64(out, code.into()));
    }
    push(out, "}\n");
}
