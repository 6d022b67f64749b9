//! Cisco CUCM: a flat file with a line of names and a line of types.

use model::{CallOutcome, HangupBy, Timestamp};

use super::text::{Seconds, push, push_tn, push_u64, push_uuid};
use crate::call::SimCall;

/// The cause by which a manager knows a bare 404 (RFC 3398 §7.2.4.1).
const UNALLOCATED: u8 = 1;

pub(super) fn header(out: &mut Vec<u8>) {
    push(
        out,
        "\"cdrRecordType\",\"globalCallID_callManagerId\",\"globalCallID_callId\",\"origLegCallIdentifier\",\
         \"dateTimeOrigination\",\"callingPartyNumber\",\"origCause_location\",\"origCause_value\",\
         \"originalCalledPartyNumber\",\"finalCalledPartyNumber\",\"destCause_location\",\"destCause_value\",\
         \"dateTimeConnect\",\"dateTimeDisconnect\",\"pkid\",\"duration\",\"origDeviceName\",\"destDeviceName\"\n\
         INTEGER,INTEGER,INTEGER,INTEGER,INTEGER,VARCHAR(50),INTEGER,INTEGER,VARCHAR(50),VARCHAR(50),INTEGER,INTEGER,\
         INTEGER,INTEGER,UNIQUEIDENTIFIER,INTEGER,VARCHAR(129),VARCHAR(129)\n",
    );
}

pub(super) fn row(call: &SimCall, out: &mut Vec<u8>) {
    let seconds = Seconds::of(call);
    let epoch = |at: Timestamp| at.as_ms().div_euclid(1000) as u64;
    push(out, "1,2,");
    push_u64(out, call.id & 0xff_ffff);
    out.push(b',');
    push_u64(out, call.id >> 40);
    out.push(b',');
    push_u64(out, epoch(seconds.start));
    push(out, ",\"");
    push_tn(out, call.orig);
    push(out, "\",0,");
    let [orig, dest] = causes(call);
    push_u64(out, orig.into());
    for _ in 0..2 {
        push(out, ",\"");
        push_tn(out, call.dest);
        out.push(b'"');
    }
    push(out, ",0,");
    push_u64(out, dest.into());
    out.push(b',');
    push_u64(out, seconds.answer.map_or(0, epoch));
    out.push(b',');
    push_u64(out, epoch(seconds.end));
    push(out, ",\"");
    push_uuid(out, call.id);
    push(out, "\",");
    push_u64(out, seconds.talk);
    push(out, ",\"SEP000000000001\",\"Gateway\"\n");
}

/// The causes of the calling and of the called side: the side that cleared the call has it, the other 0.
fn causes(call: &SimCall) -> [u8; 2] {
    let cause = call.q850.unwrap_or(UNALLOCATED);
    let by_caller =
        call.hangup_by == HangupBy::Orig && matches!(call.outcome, CallOutcome::Answered | CallOutcome::Cancelled);
    if by_caller { [cause, 0] } else { [0, cause] }
}
