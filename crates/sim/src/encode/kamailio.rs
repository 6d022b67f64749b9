//! Kamailio: the lines of `acc_json`. An answered call is three lines, a failed one two.

use model::{Attestation, CallOutcome, Timestamp};

use super::text::{push, push_hex, push_padded, push_seconds, push_tn, push_u64};
use crate::call::SimCall;

/// What Kamailio's own answer is where the network's was lost.
const LOST: u16 = 500;

pub(super) fn lines(call: &SimCall, out: &mut Vec<u8>) {
    let answered = call.outcome == CallOutcome::Answered;
    // The accounting line is written with the final answer.
    let told = call.at.saturating_add_ms(i64::from(call.ring_ms));
    invite(call, told, out);
    if answered {
        push(out, "{\"time\": ");
        epoch(out, call.end());
        push(out, ", \"method\": \"BYE\", \"from_tag\": \"a\", \"to_tag\": \"b\", ");
        call_id(call, out);
        push(out, ", \"sip_code\": \"200\", \"sip_reason\": \"OK\", ");
        parties(call, out);
        push(out, ", \"reason\": \"\"}\n");
    }
    push(out, "{\"start_time\": \"");
    epoch(out, told);
    push(out, "\", \"end_time\": \"");
    epoch(out, call.end());
    push(out, "\", \"duration\": \"");
    push_seconds(out, if answered { call.talk_ms } else { 0 });
    push(out, "\", ");
    call_id(call, out);
    push(out, ", ");
    parties(call, out);
    push(out, ", \"bye\": \"\"}\n");
}

fn invite(call: &SimCall, told: Timestamp, out: &mut Vec<u8>) {
    push(out, "{\"time\": ");
    epoch(out, told);
    push(out, ", \"method\": \"INVITE\", \"from_tag\": \"a\", \"to_tag\": \"b\", ");
    call_id(call, out);
    push(out, ", \"sip_code\": \"");
    push_u64(out, call.sip_code.unwrap_or(LOST).into());
    push(out, "\", \"sip_reason\": \"");
    push(out, phrase(call.sip_code));
    push(out, "\", ");
    parties(call, out);
    push(out, ", \"pai\": \"sip:");
    push_tn(out, call.orig);
    push(out, "@tel.example.net");
    push(
        out,
        match call.attestation {
            Some(Attestation::Full) => ";verstat=TN-Validation-Passed-A",
            Some(Attestation::Partial) => ";verstat=TN-Validation-Passed-B",
            Some(Attestation::Gateway) => ";verstat=TN-Validation-Passed-C",
            Some(Attestation::Unsigned) => ";verstat=No-TN-Validation",
            None => "",
        },
    );
    push(out, "\", \"reason\": \"");
    if let Some(cause) = call.q850.filter(|_| call.outcome != CallOutcome::Answered) {
        push(out, "Q.850;cause=");
        push_u64(out, cause.into());
    }
    push(out, "\"}\n");
}

fn call_id(call: &SimCall, out: &mut Vec<u8>) {
    push(out, "\"callid\": \"");
    push_hex(out, call.id);
    push(out, "@192.0.2.1\"");
}

fn parties(call: &SimCall, out: &mut Vec<u8>) {
    push(out, "\"src\": \"");
    push_tn(out, call.orig);
    push(out, "\", \"dst\": \"");
    push_tn(out, call.dest);
    out.push(b'"');
}

fn epoch(out: &mut Vec<u8>, at: Timestamp) {
    push_u64(out, at.as_ms().div_euclid(1000) as u64);
    out.push(b'.');
    push_padded::<3>(out, at.as_ms().rem_euclid(1000) as u64);
}

/// The reason phrases of RFC 3261 §21.
const fn phrase(code: Option<u16>) -> &'static str {
    match code {
        Some(200) => "OK",
        Some(404) => "Not Found",
        Some(410) => "Gone",
        Some(480) => "Temporarily Unavailable",
        Some(486) => "Busy Here",
        Some(487) => "Request Terminated",
        Some(503) => "Service Unavailable",
        Some(603) => "Decline",
        Some(_) | None => "Server Internal Error",
    }
}
