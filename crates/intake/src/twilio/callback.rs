//! The bodies of Twilio's status callbacks, as forms or as JSON, joined on the `CallSid`.

use model::{Observable, PartialCall, Piece, Timestamp};

use crate::disposition::{Disposition, Signals, platform};
use crate::flat::Flat;
use crate::frame::Framing;
use crate::leg::{self, lossy};
use crate::options::Options;
use crate::output::{Dialect, Output, SkipKind};
use crate::own::bad_json;
use crate::reject::Fault;
use crate::value;

use super::call::{caller, direction, is_client, is_in_progress, status, time, unknown_status};

/// Twilio's status callbacks.
pub(crate) struct TwilioCallback {
    options: Options,
}

impl TwilioCallback {
    /// Makes the dialect.
    pub(crate) fn new(options: Options) -> Self {
        Self { options }
    }

    fn event(&self, event: &Flat<'_>, out: &mut Output) -> Result<(), Fault> {
        let (from, to) = (first(event, ["From", "Caller"]), first(event, ["To", "Called"]));
        if is_client(from) || is_client(to) {
            out.skip(SkipKind::OtherLeg);
            return Ok(());
        }
        let call = event.get("CallSid");
        if call.is_empty() {
            return Err(Fault::missing("CallSid"));
        }
        let word = status(event.get("CallStatus"));
        let ends = !is_in_progress(&word);
        let at = time(event.get("Timestamp"), "Timestamp", &self.options)?;
        let mut part = PartialCall {
            orig: Some(caller(from, "From", &self.options)?),
            dest: Some(leg::first_dest(&[(to, "To")], "To", &self.options)?),
            direction: direction(event.get("Direction"))?,
            attestation: value::verstat(event.get("StirVerstat")),
            ..PartialCall::default()
        };
        if ends {
            self.end(event, &word, at, &mut part)?;
        } else if word == "in-progress" || word == "answered" {
            (part.at, part.answered_at) = (at, at);
        } else {
            part.at = at;
        }
        // Events overtake one another: their numbers tell their order, without them their statuses do.
        let order = event.get("SequenceNumber").parse().unwrap_or(if ends { i64::MAX } else { rank(&word) });
        let (call, source) = (call.into(), (&*self.options.source.0).into());
        out.pieces.push(Piece { call, source, order, part, ends, decides: ends, line: out.line() });
        Ok(())
    }

    /// The last event: what became of the call, and from its length when it began.
    fn end(&self, event: &Flat<'_>, word: &str, at: Option<Timestamp>, part: &mut PartialCall) -> Result<(), Fault> {
        let meaning = platform::twilio(word).ok_or_else(|| unknown_status(event.get("CallStatus")))?;
        let sip_code = leg::sip_code(event.get("SipResponseCode"), "SipResponseCode")?;
        let shows = if sip_code.is_some() { Observable::ALL } else { Observable::ANSWER };
        let answered = word == "completed";
        let signals = Signals { sip_code, answered: Some(answered), ..Signals::default() };
        let Disposition { outcome, observable, redress } = leg::dispose(signals, Some(meaning), shows);
        let talk_ms = leg::seconds(event.get("CallDuration"), "CallDuration")?.filter(|_| answered);
        part.at = at.map(|at| at.saturating_add_ms(-i64::from(talk_ms.unwrap_or(0))));
        part.ended_at = at;
        (part.outcome, part.observable, part.redress) = (Some(outcome), Some(observable), redress);
        part.talk_ms = talk_ms;
        Ok(())
    }
}

impl Dialect for TwilioCallback {
    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        let text = lossy(record);
        if !text.starts_with('{') {
            return self.event(&Flat::from_form(&text), out);
        }
        self.event(&serde_json::from_str(&text).map_err(|error| bad_json(&error))?, out)
    }
}

fn first<'a>(event: &'a Flat<'_>, names: [&str; 2]) -> &'a str {
    names.map(|name| event.get(name)).into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

fn rank(word: &str) -> i64 {
    match word {
        "queued" => -4,
        "initiated" => -3,
        "ringing" => -2,
        _ => -1,
    }
}
