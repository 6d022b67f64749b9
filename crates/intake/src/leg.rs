//! What the dialects of switches and platforms share: choosing a number, reading what became of a call, making the record.

use std::borrow::Cow;

use model::{Attestation, CallOutcome, CallRecord, Direction, HangupBy, Observable, Outcome, Party, Timestamp};

use crate::disposition::{Disposition, Signals, classify};
use crate::options::{Options, record_key};
use crate::output::Output;
use crate::own::party;
use crate::reject::{Fault, RejectCode};
use crate::time::parse_time;
use crate::value;

/// A source that shows the Q.850 cause alone: invalid numbers, but no blocks by analytics.
pub(crate) const SHOWS_CAUSE: Observable = Observable { invalid: true, answer: true, blocked: false };

/// One leg, read.
pub(crate) struct Leg<'a> {
    /// What tells the record from all others of its source; empty when nothing does.
    pub(crate) id: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) orig: Party,
    pub(crate) dest: Party,
    pub(crate) direction: Option<Direction>,
    pub(crate) ring_ms: Option<u32>,
    pub(crate) talk_ms: Option<u32>,
    pub(crate) hangup_by: Option<HangupBy>,
    pub(crate) attestation: Option<Attestation>,
    pub(crate) disposition: Disposition,
}

impl Leg<'_> {
    /// Hands the call on.
    pub(crate) fn take(self, options: &Options, out: &mut Output) {
        let Disposition { outcome, observable, redress } = self.disposition;
        let answered = outcome.class == CallOutcome::Answered;
        out.take(CallRecord {
            key: (!self.id.is_empty()).then(|| record_key(&options.source.0, self.id.as_bytes())),
            at: self.at,
            known_at: self.ended_at,
            orig: self.orig,
            dest: self.dest,
            direction: self.direction,
            carrier: None,
            outcome,
            observable,
            ring_ms: self.ring_ms,
            talk_ms: self.talk_ms.filter(|_| answered),
            hangup_by: self.hangup_by.filter(|_| answered),
            attestation: self.attestation,
            redress,
        });
    }
}

/// What became of the call: `platform` is the word's meaning in the platform's table, `shows` what the source shows of
/// each call, also of an answered one that has no cause of failure to tell.
pub(crate) fn dispose(
    mut signals: Signals<'_>,
    platform: Option<(Outcome, Observable)>,
    shows: Observable,
) -> Disposition {
    if let Some((outcome, platform_shows)) = platform {
        signals.platform = Some(outcome);
        signals.platform_shows = platform_shows;
    }
    let mut found = classify(&signals);
    if found.outcome.class == CallOutcome::Answered {
        found.observable = Observable {
            invalid: found.observable.invalid || shows.invalid,
            answer: true,
            blocked: found.observable.blocked || shows.blocked,
        };
    }
    found
}

/// The first of several fields that holds a public or withheld number; else the first that holds an extension.
///
/// # Errors
/// `MISSING_FIELD` in `name` when all are blank, else what is wrong with the first that is not.
pub(crate) fn first_party(
    fields: &[(&str, &'static str)],
    name: &'static str,
    options: &Options,
) -> Result<Party, Fault> {
    let mut extension = None;
    let mut fault = None;
    for &(text, field) in fields.iter().filter(|(text, _)| !text.is_empty()) {
        match party(text, field, options) {
            Ok(found @ (Party::Number(_) | Party::Anonymous)) => return Ok(found),
            Ok(found @ Party::Extension(_)) => extension = extension.or(Some(found)),
            Err(found) => fault = fault.or(Some(found)),
        }
    }
    extension.ok_or_else(|| fault.unwrap_or_else(|| Fault::missing(name)))
}

/// A called end: as [`first_party`], but a withheld number is a fault.
///
/// # Errors
/// As [`first_party`].
pub(crate) fn first_dest(
    fields: &[(&str, &'static str)],
    name: &'static str,
    options: &Options,
) -> Result<Party, Fault> {
    let found = first_party(fields, name, options)?;
    if found == Party::Anonymous {
        return Err(Fault::new(RejectCode::BadNumber, name, "a called number cannot be withheld"));
    }
    Ok(found)
}

/// A time that switches leave empty or write as `0` when it never came.
///
/// # Errors
/// As [`parse_time`].
pub(crate) fn time_if_any(text: &str, field: &'static str, options: &Options) -> Result<Option<Timestamp>, Fault> {
    match text.trim() {
        "" | "0" | "0000-00-00 00:00:00" => Ok(None),
        text => parse_time(text.as_bytes(), field, options.tz.as_ref()).map(Some),
    }
}

/// A SIP status code; `None` when empty or 0.
///
/// # Errors
/// `BAD_VALUE` when it is none.
pub(crate) fn sip_code(text: &str, field: &'static str) -> Result<Option<u16>, Fault> {
    let code = value::integer(text.as_bytes(), field, 699, "a SIP status code")?;
    Ok(code.filter(|&code| code > 0))
}

/// A Q.850 cause; `None` when empty.
///
/// # Errors
/// `BAD_VALUE` when it is none.
pub(crate) fn q850(text: &str, field: &'static str) -> Result<Option<u16>, Fault> {
    value::integer(text.as_bytes(), field, 127, "a Q.850 cause from 0 to 127")
}

/// Decimal seconds as milliseconds; `None` when empty.
///
/// # Errors
/// `BAD_VALUE` when it is none.
pub(crate) fn seconds(text: &str, field: &'static str) -> Result<Option<u32>, Fault> {
    value::seconds(text.as_bytes(), field)
}

/// Milliseconds from one instant to another; `None` when one is unknown or they are in the wrong order.
pub(crate) fn span_ms(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<u32> {
    u32::try_from(to?.as_ms() - from?.as_ms()).ok()
}

/// The text, unless it is empty.
pub(crate) fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// The record as text. Names of people come in any encoding: what is not UTF-8 is replaced, and the numbers still count.
pub(crate) fn lossy(record: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(record)
}
