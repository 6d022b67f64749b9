//! The words that platforms have for a call's end.
//!
//! Each function looks a word up in one platform's table (docs/reference/dispositions.md shows them all) and tells the outcome,
//! and what that platform's records can show. Case is passed over. `None` for a word that is not in the table, and for the words
//! of a call that is still going on. A platform's word is only one signal: hand it to [`super::classify`] with the others.

pub(super) mod freeswitch;

use model::CallOutcome::{Answered, Busy, Cancelled, Declined, Failed, Invalid, NoAnswer, Unreachable};
use model::Strength::{Medium, Strong, Weak};
use model::{CallOutcome, Observable, Outcome, Strength};

pub use freeswitch::freeswitch;

/// A platform's words, each with what it says.
pub(super) type Words = [(&'static str, CallOutcome, Strength)];

/// Platforms that tell an invalid number apart, but not a block by analytics.
const INVALID_SHOWN: Observable = Observable { blocked: false, ..Observable::ALL };

pub(super) const ASTERISK: &Words = &[
    ("ANSWERED", Answered, Strong),
    ("NO ANSWER", NoAnswer, Medium),
    ("BUSY", Busy, Medium),
    ("FAILED", Failed, Weak),
    ("CONGESTION", Unreachable, Medium),
    ("CANCEL", Cancelled, Strong),
];

pub(super) const TWILIO: &Words = &[
    ("completed", Answered, Strong),
    ("answered", Answered, Strong),
    ("busy", Busy, Medium),
    ("no-answer", NoAnswer, Medium),
    ("noanswer", NoAnswer, Medium),
    ("canceled", Cancelled, Strong),
    ("failed", Failed, Weak),
    ("fail", Failed, Weak),
    ("undialed", Unreachable, Weak),
];

pub(super) const TELNYX: &Words = &[
    ("normal_clearing", Answered, Medium),
    ("time_limit", Answered, Medium),
    ("originator_cancel", Cancelled, Strong),
    ("timeout", NoAnswer, Medium),
    ("no_answer", NoAnswer, Strong),
    ("user_busy", Busy, Strong),
    ("call_rejected", Declined, Weak),
    ("not_found", Invalid, Medium),
    ("unspecified", Failed, Weak),
];

pub(super) const PLIVO: &Words = &[
    ("0", Failed, Weak),
    ("1000", Cancelled, Strong),
    ("1010", Unreachable, Strong),
    ("1020", Unreachable, Strong),
    ("2000", Invalid, Strong),
    ("2010", Invalid, Medium),
    ("2020", NoAnswer, Weak),
    ("2030", Unreachable, Strong),
    ("2040", Unreachable, Strong),
    ("3000", NoAnswer, Medium),
    ("3010", Busy, Medium),
    ("3020", Declined, Weak),
    ("4000", Answered, Medium),
    ("4010", Answered, Medium),
    ("4020", Answered, Medium),
    ("4030", Answered, Medium),
    ("6010", NoAnswer, Medium),
];

pub(super) const VONAGE: &Words = &[
    ("completed", Answered, Medium),
    ("answered", Answered, Strong),
    ("machine", Answered, Strong),
    ("busy", Busy, Medium),
    ("rejected", Declined, Weak),
    ("timeout", NoAnswer, Medium),
    ("unanswered", NoAnswer, Medium),
    ("cancelled", Cancelled, Strong),
    ("failed", Failed, Weak),
];

pub(super) const BANDWIDTH: &Words = &[
    ("hangup", Answered, Medium),
    ("busy", Busy, Medium),
    ("timeout", NoAnswer, Medium),
    ("cancel", Cancelled, Strong),
    ("rejected", Declined, Weak),
    ("account-limit", Unreachable, Strong),
    ("node-capacity-exceeded", Unreachable, Strong),
    ("callback-error", Failed, Weak),
    ("invalid-bxml", Failed, Weak),
    ("application-error", Failed, Weak),
    ("error", Failed, Weak),
    ("unknown", Failed, Weak),
];

pub(super) const RINGCENTRAL: &Words = &[
    ("Accepted", Answered, Strong),
    ("Call connected", Answered, Strong),
    ("Connected", Answered, Strong),
    ("Voicemail", Answered, Medium),
    ("Answered Not Accepted", Answered, Weak),
    ("Missed", NoAnswer, Medium),
    ("No Answer", NoAnswer, Medium),
    ("Not Answered", NoAnswer, Medium),
    ("IP Phone Offline", NoAnswer, Weak),
    ("Busy", Busy, Medium),
    ("Line Busy", Busy, Medium),
    ("Declined", Declined, Medium),
    ("Rejected", Declined, Weak),
    ("Hang Up", Cancelled, Medium),
    ("Abandoned", Cancelled, Medium),
    ("Stopped", Cancelled, Weak),
    ("Wrong Number", Invalid, Medium),
    ("Bad Number", Invalid, Medium),
    ("Number Disabled", Invalid, Medium),
    ("Blocked", Unreachable, Weak),
    ("Number Blocked", Unreachable, Weak),
    ("Restricted Number", Unreachable, Medium),
    ("International Disabled", Unreachable, Medium),
    ("International Restricted", Unreachable, Medium),
    ("No Calling Credit", Unreachable, Medium),
    ("No Credit", Unreachable, Medium),
    ("Suspended Account", Unreachable, Medium),
    ("Internal Error", Unreachable, Weak),
    ("Call Failed", Failed, Weak),
    ("Call Failure", Failed, Weak),
    ("Unknown", Failed, Weak),
];

pub(super) const AMAZON_CONNECT: &Words = &[
    ("ANSWERED", Answered, Strong),
    ("HUMAN_ANSWERED", Answered, Strong),
    ("VOICEMAIL_BEEP", Answered, Strong),
    ("VOICEMAIL_NO_BEEP", Answered, Strong),
    ("FAX_MACHINE_DETECTED", Answered, Strong),
    ("AMD_UNRESOLVED", Answered, Medium),
    ("AMD_ERROR", Answered, Weak),
    ("AMD_UNANSWERED", NoAnswer, Medium),
    ("SIT_TONE_INVALID_NUMBER", Invalid, Strong),
    ("SIT_TONE_BUSY", Busy, Medium),
    ("SIT_TONE_DETECTED", Failed, Weak),
    ("AMD_NOT_APPLICABLE", Failed, Weak),
    ("UNDETECTED", Failed, Weak),
    ("ERROR", Failed, Weak),
];

pub(super) const GENESYS: &Words = &[
    ("disposition.classification.callable.lineconnected", Answered, Strong),
    ("disposition.classification.callable.person", Answered, Strong),
    ("disposition.classification.callable.machine", Answered, Strong),
    ("disposition.classification.callable.fax", Answered, Strong),
    ("disposition.classification.callable.busy", Busy, Medium),
    ("disposition.classification.callable.noanswer", NoAnswer, Medium),
    ("disposition.classification.callable.disconnect", Failed, Weak),
    ("disposition.classification.callable.sit", Unreachable, Medium),
    ("disposition.classification.uncallable.sit", Invalid, Medium),
    ("disposition.classification.uncallable.notfound", Invalid, Medium),
];

pub(super) const THREECX: &Words = &[
    ("TerminatedBySrc", Cancelled, Medium),
    ("src_participant_terminated", Cancelled, Medium),
    ("TerminatedByDst", Declined, Weak),
    ("dst_participant_terminated", Declined, Weak),
    ("Failed_Cancelled", Cancelled, Medium),
    ("Failed", Failed, Weak),
    ("no_route", Unreachable, Medium),
    ("declined", Declined, Medium),
    ("not_found", Invalid, Medium),
    ("timeout", NoAnswer, Medium),
    ("busy", Busy, Medium),
];

/// Asterisk's `disposition`. Records of a stock Asterisk have no cause beside it: `FAILED` is no evidence of an invalid number.
#[must_use]
pub fn asterisk(disposition: &str) -> Option<(Outcome, Observable)> {
    find(ASTERISK, disposition, Observable::ANSWER)
}

/// Twilio's `CallStatus`, or the `call_state` of its voice insights.
#[must_use]
pub fn twilio(status: &str) -> Option<(Outcome, Observable)> {
    find(TWILIO, status, Observable::ANSWER)
}

/// The `hangup_cause` of Telnyx's `call.hangup` event.
#[must_use]
pub fn telnyx(hangup_cause: &str) -> Option<(Outcome, Observable)> {
    find(TELNYX, hangup_cause, INVALID_SHOWN)
}

/// Plivo's `HangupCauseCode`.
#[must_use]
pub fn plivo(code: &str) -> Option<(Outcome, Observable)> {
    find(PLIVO, code, INVALID_SHOWN)
}

/// The `status` of Vonage's voice events.
#[must_use]
pub fn vonage(status: &str) -> Option<(Outcome, Observable)> {
    find(VONAGE, status, Observable::ANSWER)
}

/// The `cause` of Bandwidth's disconnect event.
#[must_use]
pub fn bandwidth(cause: &str) -> Option<(Outcome, Observable)> {
    find(BANDWIDTH, cause, Observable::ANSWER)
}

/// The `result` or the `reason` of a line of RingCentral's call log; the reason says more where both are known.
#[must_use]
pub fn ringcentral(result: &str) -> Option<(Outcome, Observable)> {
    find(RINGCENTRAL, result, INVALID_SHOWN)
}

/// The `AnsweringMachineDetectionStatus` of an Amazon Connect contact record.
#[must_use]
pub fn amazon_connect(amd_status: &str) -> Option<(Outcome, Observable)> {
    find(AMAZON_CONNECT, amd_status, INVALID_SHOWN)
}

/// The `dispositionName` of a Genesys Cloud dialer conversation. Its `sipResponseCodes` and `q850ResponseCodes` say more.
#[must_use]
pub fn genesys(disposition: &str) -> Option<(Outcome, Observable)> {
    find(GENESYS, disposition, INVALID_SHOWN)
}

/// The `reason-terminated` of a 3CX call record; a call with a `time-answered` was answered, whatever this says.
#[must_use]
pub fn threecx(reason: &str) -> Option<(Outcome, Observable)> {
    find(THREECX, reason, INVALID_SHOWN)
}

fn find(words: &Words, word: &str, shows: Observable) -> Option<(Outcome, Observable)> {
    let word = word.trim();
    let (_, class, strength) = words.iter().find(|(name, ..)| name.eq_ignore_ascii_case(word))?;
    Some((Outcome::new(*class, *strength), shows))
}
