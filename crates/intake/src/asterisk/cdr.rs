//! One call detail record of Asterisk, whichever way it was written.

use model::{CallOutcome, Observable};

use crate::disposition::{Signals, platform};
use crate::leg::{self, Leg};
use crate::options::Options;
use crate::output::{Output, SkipKind};
use crate::reject::{Fault, RejectCode};
use crate::time::parse_time;

/// The fields of a record that tell of the call; empty where the writer left them out.
#[derive(Default, Debug)]
pub(super) struct Cdr<'a> {
    pub(super) src: &'a str,
    pub(super) clid: &'a str,
    pub(super) dst: &'a str,
    pub(super) start: &'a str,
    pub(super) answer: &'a str,
    pub(super) end: &'a str,
    pub(super) duration: &'a str,
    pub(super) billsec: &'a str,
    pub(super) disposition: &'a str,
    pub(super) uniqueid: &'a str,
    pub(super) userfield: &'a str,
    pub(super) sequence: &'a str,
    pub(super) hangupcause: &'a str,
    pub(super) sipcode: &'a str,
}

impl Cdr<'_> {
    /// Reads the call.
    pub(super) fn read(&self, options: &Options, out: &mut Output) -> Result<(), Fault> {
        let at = parse_time(self.start.as_bytes(), "start", options.tz.as_ref())?;
        if is_service(self.dst) {
            out.skip(SkipKind::NotACall);
            return Ok(());
        }
        let word = self.disposition.trim();
        let meaning = platform::asterisk(word).ok_or_else(|| {
            let expected = "ANSWERED, NO ANSWER, BUSY, FAILED, CONGESTION, CANCEL";
            Fault::new(RejectCode::BadValue, "disposition", format!("`{word}` is none of {expected}"))
        })?;
        let billsec = leg::seconds(self.billsec, "billsec")?;
        let duration = leg::seconds(self.duration, "duration")?;
        let answered = meaning.0.class == CallOutcome::Answered;
        let cause = leg::q850(code(self.hangupcause, self.userfield, "hangupcause"), "hangupcause")?;
        let cause = cause.filter(|&cause| cause > 0);
        let sip_code = leg::sip_code(code(self.sipcode, self.userfield, "sipcode"), "sipcode")?;
        let shows = match (sip_code, cause) {
            (Some(_), _) => Observable::ALL,
            (None, Some(_)) => leg::SHOWS_CAUSE,
            (None, None) => Observable::ANSWER,
        };
        let signals = Signals { sip_code, q850: cause, answered: Some(answered), ..Signals::default() };
        let disposition = leg::dispose(signals, Some(meaning), shows);
        let ring_ms = match (answered, duration, billsec) {
            (true, Some(whole), Some(talk)) => whole.checked_sub(talk),
            (true, _, _) => None,
            (false, whole, _) => whole,
        };
        let id = match (self.uniqueid, self.sequence) {
            ("", _) => String::new(),
            (uniqueid, "") => uniqueid.to_owned(),
            (uniqueid, sequence) => format!("{uniqueid}/{sequence}"),
        };
        let record = Leg {
            id: &id,
            at,
            ended_at: leg::time_if_any(self.end, "end", options)?,
            orig: leg::first_party(&[(self.src, "src"), (clid_number(self.clid), "clid")], "src", options)?,
            dest: leg::first_dest(&[(self.dst, "dst")], "dst", options)?,
            direction: None,
            ring_ms,
            talk_ms: billsec.or_else(|| self.talk_from_times(options)),
            hangup_by: None,
            attestation: None,
            disposition,
        };
        record.take(options, out);
        Ok(())
    }

    fn talk_from_times(&self, options: &Options) -> Option<u32> {
        let answer = leg::time_if_any(self.answer, "answer", options).ok()?;
        leg::span_ms(answer, leg::time_if_any(self.end, "end", options).ok()?)
    }
}

/// Extensions that are no called party: the start, hang-up and error extensions of a dialplan, and feature codes.
fn is_service(dst: &str) -> bool {
    const RESERVED: [&str; 9] = ["s", "h", "i", "t", "T", "o", "a", "e", "failed"];
    RESERVED.contains(&dst) || dst.starts_with(['*', '#'])
}

/// The number in `"Name" <number>`; empty when there is none.
fn clid_number(clid: &str) -> &str {
    clid.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(number, _)| number)
}

/// The field of its own, else the digits behind `name=` in the user field.
fn code<'a>(field: &'a str, userfield: &'a str, name: &str) -> &'a str {
    if !field.is_empty() {
        return field;
    }
    let mut rest = userfield;
    while let Some(at) = rest.find('=') {
        let (before, after) = rest.split_at(at);
        rest = after.get(1..).unwrap_or_default();
        if before.get(before.len().saturating_sub(name.len())..).is_some_and(|end| end.eq_ignore_ascii_case(name)) {
            let end = rest.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
            return rest.get(..end).unwrap_or_default();
        }
    }
    ""
}
