//! Kamailio: the lines of `acc_json`, transactions and dialogs, joined on the Call-ID.
//!
//! An answered call is told by its INVITE's final answer, its BYE and its dialog's record; a failed one by the answer and
//! a dialog's record of no length. Only the answer has the code, only the dialog's record the talk time.

use model::{Attestation, Observable, PartialCall, Party, Piece, Timestamp};

use crate::disposition::{Disposition, Signals, classify};
use crate::flat::Flat;
use crate::frame::Framing;
use crate::leg::{self, lossy};
use crate::options::Options;
use crate::output::{Dialect, Output, SkipKind};
use crate::own::bad_json;
use crate::reject::Fault;
use crate::value;

/// Kamailio's accounting lines.
pub(crate) struct Kamailio {
    options: Options,
}

impl Kamailio {
    /// Makes the dialect.
    pub(crate) fn new(options: Options) -> Self {
        Self { options }
    }
}

impl Dialect for Kamailio {
    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        let text = lossy(record);
        let line: Flat<'_> = serde_json::from_str(&text).map_err(|error| bad_json(&error))?;
        let call = line.get("callid");
        if call.is_empty() {
            return Err(Fault::missing("callid"));
        }
        let told = match line.get("method") {
            "INVITE" => self.invite(&line)?,
            "BYE" => Some(self.bye(&line)?),
            "" if line.has("start_time") || line.has("duration") => Some(self.dialog(&line)?),
            "" => return Err(Fault::missing("method")),
            _ => None,
        };
        let Some(Told { order, part, ends, decides }) = told else {
            out.skip(SkipKind::NotACall);
            return Ok(());
        };
        let (call, source) = (call.into(), (&*self.options.source.0).into());
        out.pieces.push(Piece { call, source, order, part, ends, decides, line: out.line() });
        Ok(())
    }
}

/// What one line tells.
struct Told {
    order: i64,
    part: PartialCall,
    ends: bool,
    decides: bool,
}

impl Kamailio {
    /// The final answer to an INVITE; `None` for a challenge, after which the call is tried again.
    fn invite(&self, line: &Flat<'_>) -> Result<Option<Told>, Fault> {
        let at = self.time(line, "time")?;
        let code = leg::sip_code(line.get("sip_code"), "sip_code")?.ok_or_else(|| Fault::missing("sip_code"))?;
        if matches!(code, 401 | 407) || code < 200 {
            return Ok(None);
        }
        let answered = (200..300).contains(&code);
        // The phrase is the network's own only where the answer was passed on: Kamailio gives its own answers a generic one.
        // So it may prove a block by analytics, but a `Decline` proves no refusal by a person, unless the line has the
        // `reason` extra, in which a block would show.
        let phrase = line.get("sip_reason");
        let says = line.has("reason") || phrase.eq_ignore_ascii_case("Network Blocked");
        let signals = Signals {
            sip_code: Some(code),
            sip_phrase: leg::some(phrase).filter(|_| says),
            reason: leg::some(line.get("reason")),
            answered: Some(answered),
            ..Signals::default()
        };
        let Disposition { outcome, observable, redress } = leg::dispose(signals, None, Observable::ALL);
        let part = PartialCall {
            at: Some(at),
            answered_at: answered.then_some(at),
            outcome: Some(outcome),
            observable: Some(observable),
            attestation: verstat(line.get("pai")),
            redress,
            ..self.parties(line)?
        };
        Ok(Some(Told { order: at.as_ms(), part, ends: false, decides: true }))
    }

    /// A BYE tells when the call ended. Its ends may be the other way round.
    fn bye(&self, line: &Flat<'_>) -> Result<Told, Fault> {
        let at = self.time(line, "time")?;
        let unwanted = reason_says_unwanted(line.get("reason"));
        let part = PartialCall { ended_at: Some(at), unwanted, ..PartialCall::default() };
        Ok(Told { order: at.as_ms(), part, ends: false, decides: false })
    }

    /// The record of a dialog; one of no length belongs to a call that was not answered.
    fn dialog(&self, line: &Flat<'_>) -> Result<Told, Fault> {
        let (start, end) = (self.time(line, "start_time")?, self.time(line, "end_time")?);
        let talk_ms = leg::seconds(line.get("duration"), "duration")?.filter(|&ms| ms > 0);
        let mut part = PartialCall { at: Some(start), ..self.parties(line)? };
        let mut order = i64::MIN;
        if talk_ms.is_some() {
            order = end.as_ms();
            let found = classify(&Signals { sip_code: Some(200), answered: Some(true), ..Signals::default() });
            part.outcome = Some(found.outcome);
            part.observable = Some(found.observable);
            part.ended_at = Some(end);
            part.talk_ms = talk_ms;
            part.unwanted = reason_says_unwanted(line.get("bye"));
        }
        // Without an answer the dialog's record only has the ends as they called themselves: the INVITE's word comes later.
        Ok(Told { order, part, ends: true, decides: talk_ms.is_some() })
    }

    /// The caller from the asserted identity, else the extras that name it; the called number likewise. A configuration
    /// names its extras as it likes; these are the customary ones.
    fn parties(&self, line: &Flat<'_>) -> Result<PartialCall, Fault> {
        let find = |names: &[&'static str]| -> Result<Option<Party>, Fault> {
            let fields: Vec<_> = names.iter().map(|&name| (line.get(name), name)).collect();
            if fields.iter().all(|(text, _)| text.is_empty()) {
                return Ok(None);
            }
            leg::first_party(&fields, "", &self.options).map(Some)
        };
        Ok(PartialCall {
            orig: find(&["pai", "src", "from"])?,
            dest: find(&["dst", "to", "ruri"])?,
            ..PartialCall::default()
        })
    }

    fn time(&self, line: &Flat<'_>, field: &'static str) -> Result<Timestamp, Fault> {
        leg::time_if_any(line.get(field), field, &self.options)?.ok_or_else(|| Fault::missing(field))
    }
}

fn reason_says_unwanted(reason: &str) -> bool {
    let signals =
        Signals { sip_code: Some(200), reason: leg::some(reason), answered: Some(true), ..Signals::default() };
    classify(&signals).outcome.unwanted
}

/// The `verstat` parameter of an asserted identity, in the user part or behind the host (3GPP TS 24.229 §7.2A.20).
fn verstat(identity: &str) -> Option<Attestation> {
    let (_, rest) = identity.split_once("verstat=")?;
    value::verstat(rest.split([';', '@', '>', ',']).next().unwrap_or_default())
}
