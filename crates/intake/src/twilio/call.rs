//! One call of Twilio's list, and the values that its list and its callbacks share.

use model::{Direction, Observable, Party, Timestamp};

use crate::disposition::{Signals, platform};
use crate::leg::{self, Leg};
use crate::options::Options;
use crate::output::{Output, SkipKind};
use crate::reject::{Fault, RejectCode};
use crate::time::{parse_rfc_2822, parse_time};

/// The fields of a call of the list; empty where absent.
pub(super) struct Call<'a> {
    pub(super) sid: &'a str,
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) status: &'a str,
    pub(super) direction: &'a str,
    pub(super) start_time: &'a str,
    pub(super) end_time: &'a str,
    pub(super) date_created: &'a str,
    pub(super) duration: &'a str,
}

impl Call<'_> {
    /// Reads the call.
    pub(super) fn read(&self, options: &Options, out: &mut Output) -> Result<(), Fault> {
        let status = status(self.status);
        if is_in_progress(&status) {
            out.skip(SkipKind::NotACall);
            return Ok(());
        }
        if is_client(self.from) || is_client(self.to) {
            out.skip(SkipKind::OtherLeg);
            return Ok(());
        }
        let meaning = platform::twilio(&status).ok_or_else(|| unknown_status(self.status))?;
        let start = time(self.start_time, "start_time", options)?.or(time(self.date_created, "date_created", options)?);
        let record = Leg {
            id: self.sid,
            at: start.ok_or_else(|| Fault::missing("start_time"))?,
            ended_at: time(self.end_time, "end_time", options)?,
            orig: caller(self.from, "from", options)?,
            dest: leg::first_dest(&[(self.to, "to")], "to", options)?,
            direction: direction(self.direction)?,
            ring_ms: None,
            talk_ms: leg::seconds(self.duration, "duration")?,
            hangup_by: None,
            attestation: None,
            disposition: leg::dispose(Signals::default(), Some(meaning), Observable::ANSWER),
        };
        record.take(options, out);
        Ok(())
    }
}

/// The status as the API writes it; the console writes `No Answer` for `no-answer`.
pub(super) fn status(text: &str) -> String {
    text.trim().to_ascii_lowercase().replace([' ', '_'], "-")
}

/// The call goes on: a later record tells how it ended.
pub(super) fn is_in_progress(status: &str) -> bool {
    matches!(status, "queued" | "initiated" | "ringing" | "in-progress" | "answered")
}

/// An end that is an app or a SIP device has no public number; the leg to the network is another record.
pub(super) fn is_client(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("client:") || (text.starts_with("sip:") && !text.starts_with("sip:+"))
}

pub(super) fn unknown_status(status: &str) -> Fault {
    let expected = "completed, busy, no-answer, canceled, failed";
    Fault::new(RejectCode::BadValue, "status", format!("`{status}` is none of {expected}"))
}

/// Reads the calling end. Twilio spells a withheld number on the keypad: `+266696687` is ANONYMOUS.
///
/// # Errors
/// As [`leg::first_party`].
pub(super) fn caller(text: &str, field: &'static str, options: &Options) -> Result<Party, Fault> {
    const WITHHELD: [&str; 5] = ["266696687", "7378742833", "2562533", "8656696", "86282452253"];
    if WITHHELD.contains(&text.trim_start_matches('+')) {
        return Ok(Party::Anonymous);
    }
    leg::first_party(&[(text, field)], field, options)
}

/// Reads `inbound`, `outbound-api`, `outbound-dial` and the trunking words; `None` when empty.
///
/// # Errors
/// `BAD_VALUE` for any other word.
pub(super) fn direction(text: &str) -> Result<Option<Direction>, Fault> {
    let word = status(text);
    match word.as_str() {
        "" => Ok(None),
        "inbound" | "incoming" | "trunking-terminating" => Ok(Some(Direction::Inbound)),
        "outbound-api"
        | "outbound-dial"
        | "outbound"
        | "outgoing"
        | "outgoing-api"
        | "outgoing-dial"
        | "trunking-originating" => Ok(Some(Direction::Outbound)),
        _ => Err(Fault::new(
            RejectCode::BadValue,
            "direction",
            format!("`{text}` is none of inbound, outbound-api, outbound-dial"),
        )),
    }
}

/// Reads a time as RFC 2822, which the API writes in UTC, or in the forms of [`parse_time`]; `None` when empty.
///
/// # Errors
/// `BAD_TIME`, `TIME_WITHOUT_ZONE`.
pub(super) fn time(text: &str, field: &'static str, options: &Options) -> Result<Option<Timestamp>, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) || text.get(..3).is_some_and(|day| day.contains(' ')) {
        return parse_rfc_2822(text, field).map(Some);
    }
    parse_time(text.as_bytes(), field, options.tz.as_ref()).map(Some)
}
