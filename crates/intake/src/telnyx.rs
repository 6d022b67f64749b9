//! Telnyx: the webhooks of its call control, joined on the call leg.

use model::{Attestation, CallOutcome, Direction, HangupBy, Observable, PartialCall, Piece};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::disposition::{Disposition, Signals, platform};
use crate::flat::Flat;
use crate::frame::Framing;
use crate::leg::{self, lossy};
use crate::options::Options;
use crate::output::{Dialect, Output, SkipKind};
use crate::own::bad_json;
use crate::reject::{Fault, RejectCode};
use crate::value;

/// Telnyx's webhooks.
pub(crate) struct Telnyx {
    options: Options,
}

/// A webhook as it is posted (`{"data": {…}}`), or its `data` alone.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    payload: Option<Flat<'a>>,
}

impl Telnyx {
    /// Makes the dialect.
    pub(crate) fn new(options: Options) -> Self {
        Self { options }
    }

    fn event(&self, text: &str, out: &mut Output) -> Result<(), Fault> {
        let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| bad_json(&error))?;
        let data: Flat<'_> = serde_json::from_str(text).map_err(|error| bad_json(&error))?;
        let kind = data.get("event_type");
        if !matches!(kind, "call.initiated" | "call.answered" | "call.hangup") {
            out.skip(SkipKind::NotACall);
            return Ok(());
        }
        let payload = envelope.payload.ok_or_else(|| Fault::missing("payload"))?;
        let call = payload.get("call_leg_id");
        if call.is_empty() {
            return Err(Fault::missing("call_leg_id"));
        }
        let occurred = [data.get("occurred_at"), payload.get("occurred_at")];
        let occurred = occurred.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
        let at = leg::time_if_any(occurred, "occurred_at", &self.options)?;
        let at = at.ok_or_else(|| Fault::missing("occurred_at"))?;
        let mut part = self.common(&payload)?;
        let ends = kind == "call.hangup";
        match kind {
            "call.initiated" => part.at = part.at.or(Some(at)),
            "call.answered" => part.answered_at = Some(at),
            _ => {
                part.ended_at = leg::time_if_any(payload.get("end_time"), "end_time", &self.options)?.or(Some(at));
                hangup(&payload, &mut part)?;
            }
        }
        let (call, source) = (call.into(), (&*self.options.source.0).into());
        out.pieces.push(Piece { call, source, order: at.as_ms(), part, ends, decides: ends, line: out.line() });
        Ok(())
    }

    /// What every event of a call may tell.
    fn common(&self, payload: &Flat<'_>) -> Result<PartialCall, Fault> {
        let validated = matches!(payload.get("shaken_stir_validated"), "" | "true");
        let attestation = value::attestation(payload.get("shaken_stir_attestation")).ok().flatten();
        Ok(PartialCall {
            at: leg::time_if_any(payload.get("start_time"), "start_time", &self.options)?,
            orig: Some(leg::first_party(&[(payload.get("from"), "from")], "from", &self.options)?),
            dest: Some(leg::first_dest(&[(payload.get("to"), "to")], "to", &self.options)?),
            direction: match payload.get("direction") {
                "incoming" | "inbound" => Some(Direction::Inbound),
                "outgoing" | "outbound" => Some(Direction::Outbound),
                _ => None,
            },
            attestation: attestation.map(|found| if validated { found } else { Attestation::Unsigned }),
            ..PartialCall::default()
        })
    }
}

/// The last event: what became of the call, and who ended it.
fn hangup(payload: &Flat<'_>, part: &mut PartialCall) -> Result<(), Fault> {
    let word = payload.get("hangup_cause");
    let sip_code = leg::sip_code(payload.get("sip_hangup_cause"), "sip_hangup_cause").ok().flatten();
    let meaning = platform::telnyx(word);
    if meaning.is_none() && sip_code.is_none() {
        let detail = format!("`{word}` is no known cause, and there is no sip_hangup_cause");
        return Err(Fault::new(RejectCode::BadValue, "hangup_cause", detail));
    }
    let signals = Signals { sip_code, ..Signals::default() };
    let Disposition { outcome, observable, redress } = leg::dispose(signals, meaning, Observable::ALL);
    (part.outcome, part.observable, part.redress) = (Some(outcome), Some(observable), redress);
    let answered = outcome.class == CallOutcome::Answered;
    part.hangup_by = match payload.get("hangup_source") {
        "caller" if answered => Some(HangupBy::Orig),
        "callee" if answered => Some(HangupBy::Dest),
        _ => None,
    };
    Ok(())
}

impl Dialect for Telnyx {
    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        let text = lossy(record);
        let envelope: Envelope<'_> = serde_json::from_str(&text).map_err(|error| bad_json(&error))?;
        match envelope.data {
            Some(data) => self.event(data.get(), out),
            None => self.event(&text, out),
        }
    }
}
