//! FreeSWITCH's hang-up causes: the Q.850 causes by name, and causes of its own above 127.

use model::CallOutcome::{Busy, Cancelled, Declined, Failed, Invalid, NoAnswer, Unreachable, Unwanted};
use model::Strength::{Medium, Strong, Weak};
use model::{Observable, Outcome};

use super::{INVALID_SHOWN, Words, find};
use crate::disposition::q850_outcome;

/// Names of Q.850 causes.
pub(in crate::disposition) const Q850_NAMES: &[(&str, u16)] = &[
    ("NONE", 0),
    ("UNALLOCATED_NUMBER", 1),
    ("NO_ROUTE_TRANSIT_NET", 2),
    ("NO_ROUTE_DESTINATION", 3),
    ("CHANNEL_UNACCEPTABLE", 6),
    ("CALL_AWARDED_DELIVERED", 7),
    ("NORMAL_CLEARING", 16),
    ("USER_BUSY", 17),
    ("NO_USER_RESPONSE", 18),
    ("NO_ANSWER", 19),
    ("SUBSCRIBER_ABSENT", 20),
    ("CALL_REJECTED", 21),
    ("NUMBER_CHANGED", 22),
    ("REDIRECTION_TO_NEW_DESTINATION", 23),
    ("EXCHANGE_ROUTING_ERROR", 25),
    ("DESTINATION_OUT_OF_ORDER", 27),
    ("INVALID_NUMBER_FORMAT", 28),
    ("FACILITY_REJECTED", 29),
    ("RESPONSE_TO_STATUS_ENQUIRY", 30),
    ("NORMAL_UNSPECIFIED", 31),
    ("NORMAL_CIRCUIT_CONGESTION", 34),
    ("NETWORK_OUT_OF_ORDER", 38),
    ("NORMAL_TEMPORARY_FAILURE", 41),
    ("SWITCH_CONGESTION", 42),
    ("ACCESS_INFO_DISCARDED", 43),
    ("REQUESTED_CHAN_UNAVAIL", 44),
    ("PRE_EMPTED", 45),
    ("FACILITY_NOT_SUBSCRIBED", 50),
    ("OUTGOING_CALL_BARRED", 52),
    ("INCOMING_CALL_BARRED", 54),
    ("BEARERCAPABILITY_NOTAUTH", 57),
    ("BEARERCAPABILITY_NOTAVAIL", 58),
    ("SERVICE_UNAVAILABLE", 63),
    ("BEARERCAPABILITY_NOTIMPL", 65),
    ("CHAN_NOT_IMPLEMENTED", 66),
    ("FACILITY_NOT_IMPLEMENTED", 69),
    ("SERVICE_NOT_IMPLEMENTED", 79),
    ("INVALID_CALL_REFERENCE", 81),
    ("INCOMPATIBLE_DESTINATION", 88),
    ("INVALID_MSG_UNSPECIFIED", 95),
    ("MANDATORY_IE_MISSING", 96),
    ("MESSAGE_TYPE_NONEXIST", 97),
    ("WRONG_MESSAGE", 98),
    ("IE_NONEXIST", 99),
    ("INVALID_IE_CONTENTS", 100),
    ("WRONG_CALL_STATE", 101),
    ("RECOVERY_ON_TIMER_EXPIRE", 102),
    ("MANDATORY_IE_LENGTH_ERROR", 103),
    ("PROTOCOL_ERROR", 111),
    ("INTERWORKING", 127),
];

/// Causes of its own.
pub(in crate::disposition) const OWN_NAMES: &Words = &[
    ("ORIGINATOR_CANCEL", Cancelled, Strong),
    ("LOSE_RACE", Cancelled, Medium),
    ("PICKED_OFF", Cancelled, Medium),
    ("MANAGER_REQUEST", Cancelled, Weak),
    ("BLIND_TRANSFER", Failed, Weak),
    ("ATTENDED_TRANSFER", Failed, Weak),
    ("ALLOTTED_TIMEOUT", NoAnswer, Weak),
    ("MEDIA_TIMEOUT", Failed, Weak),
    ("USER_NOT_REGISTERED", NoAnswer, Medium),
    ("PROGRESS_TIMEOUT", Unreachable, Medium),
    ("NO_PICKUP", NoAnswer, Strong),
    ("BUSY_EVERYWHERE", Busy, Strong),
    ("DECLINE", Declined, Medium),
    ("DOES_NOT_EXIST_ANYWHERE", Invalid, Strong),
    ("NOT_ACCEPTABLE", Unreachable, Strong),
    ("UNWANTED", Unwanted, Strong),
    ("USER_CHALLENGE", Unreachable, Weak),
    ("INVALID_GATEWAY", Unreachable, Strong),
    ("GATEWAY_DOWN", Unreachable, Strong),
    ("INVALID_URL", Unreachable, Strong),
    ("INVALID_PROFILE", Unreachable, Strong),
    ("SRTP_READ_ERROR", Unreachable, Strong),
    ("CRASH", Unreachable, Strong),
    ("SYSTEM_SHUTDOWN", Unreachable, Strong),
    ("NO_IDENTITY", Unreachable, Strong),
    ("BAD_IDENTITY_INFO", Unreachable, Strong),
    ("UNSUPPORTED_CERTIFICATE", Unreachable, Strong),
    ("INVALID_IDENTITY", Unreachable, Strong),
    ("STALE_DATE", Unreachable, Strong),
];

/// FreeSWITCH's `hangup_cause` of a call that was not answered (its records tell answered calls by `billsec`).
///
/// A 603 and a 608 both arrive as `CALL_REJECTED`, so blocks by analytics do not show here: `sip_term_status`, `sip_reason` and
/// `sip_603plus_reason` do.
#[must_use]
pub fn freeswitch(name: &str) -> Option<(Outcome, Observable)> {
    let name = name.trim();
    if let Some(&(_, cause)) = Q850_NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        let (outcome, shown) = q850_outcome(cause, None, Some(false))?;
        return Some((outcome, Observable { blocked: false, ..shown }));
    }
    find(OWN_NAMES, name, INVALID_SHOWN)
}
