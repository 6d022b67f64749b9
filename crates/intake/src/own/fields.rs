//! The fields of our own call record, and how they make a call.

use std::borrow::Cow;

use model::tn::{ParseTnError, parse_party};
use model::{CallOutcome, CallRecord, Direction, Observable, Outcome, Party, Strength};

use crate::disposition::{Disposition, Signals, classify};
use crate::options::{Options, record_key};
use crate::output::{Output, SkipKind};
use crate::reject::{Fault, RejectCode};
use crate::time::parse_time;
use crate::value;

/// A field of the call record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Field {
    Id,
    Source,
    Start,
    Orig,
    Dest,
    Direction,
    Carrier,
    Outcome,
    SipCode,
    Reason,
    Q850,
    Q850Location,
    RingS,
    TalkS,
    HangupBy,
    Attestation,
    KnownAt,
}

/// The fields' names, in the order of [`Field`].
pub(crate) const COLUMNS: [(&str, Field); 17] = [
    ("id", Field::Id),
    ("source", Field::Source),
    ("start", Field::Start),
    ("orig", Field::Orig),
    ("dest", Field::Dest),
    ("direction", Field::Direction),
    ("carrier", Field::Carrier),
    ("outcome", Field::Outcome),
    ("sip_code", Field::SipCode),
    ("reason", Field::Reason),
    ("q850", Field::Q850),
    ("q850_location", Field::Q850Location),
    ("ring_s", Field::RingS),
    ("talk_s", Field::TalkS),
    ("hangup_by", Field::HangupBy),
    ("attestation", Field::Attestation),
    ("known_at", Field::KnownAt),
];

/// The names of the call record's fields, for sources that hold columns apart instead of lines of text.
pub fn call_columns() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().map(|&(name, _)| name)
}

/// The texts of one record's fields; empty where absent.
#[derive(Default)]
pub(crate) struct Fields<'a> {
    texts: [Cow<'a, str>; COLUMNS.len()],
}

impl<'a> Fields<'a> {
    pub(crate) fn set(&mut self, field: Field, text: Cow<'a, str>) {
        if let Some(place) = self.texts.get_mut(field as usize) {
            *place = text;
        }
    }

    pub(crate) fn get(&self, field: Field) -> &str {
        self.texts.get(field as usize).map_or("", |text| text.trim())
    }

    /// Makes a call of the fields and hands it to `out`, or skips it when the caller is withheld.
    ///
    /// `shows_cause` tells that the source has a field for the cause, filled or not.
    pub(crate) fn read(&self, shows_cause: bool, options: &Options, out: &mut Output) -> Result<(), Fault> {
        let at = parse_time(self.get(Field::Start).as_bytes(), "start", options.tz.as_ref())?;
        let known_at = match self.get(Field::KnownAt) {
            "" => None,
            text => Some(parse_time(text.as_bytes(), "known_at", options.tz.as_ref())?),
        };
        let orig = party(self.get(Field::Orig), "orig", options)?;
        let dest = party(self.get(Field::Dest), "dest", options)?;
        let direction = direction(self.get(Field::Direction))?;
        if !options.extensions && direction != Some(Direction::Internal) {
            for (party, field) in [(orig, "orig"), (dest, "dest")] {
                refuse_extension(party, field)?;
            }
        }
        if orig == Party::Anonymous {
            out.skip(SkipKind::Anonymous);
            return Ok(());
        }
        let carrier = match self.get(Field::Carrier) {
            "" => None,
            key => {
                let id = options.carrier(key);
                out.unknown_carriers += u64::from(id.is_none());
                id
            }
        };
        let ring_ms = value::seconds(self.get(Field::RingS).as_bytes(), "ring_s")?;
        let talk_ms = value::seconds(self.get(Field::TalkS).as_bytes(), "talk_s")?;
        let Disposition { outcome, observable, redress } = self.disposition(talk_ms, shows_cause)?;
        let source = match self.get(Field::Source) {
            "" => &options.source.0,
            name => name,
        };
        let key = Some(self.get(Field::Id)).filter(|id| !id.is_empty()).map(|id| record_key(source, id.as_bytes()));
        out.calls.push(CallRecord {
            key,
            at,
            known_at,
            orig,
            dest,
            direction,
            carrier,
            outcome,
            observable,
            ring_ms,
            talk_ms: talk_ms.filter(|_| outcome.class == CallOutcome::Answered),
            hangup_by: value::hangup_by(self.get(Field::HangupBy))?,
            attestation: value::attestation(self.get(Field::Attestation))?,
            redress,
        });
        Ok(())
    }

    fn disposition(&self, talk_ms: Option<u32>, shows_cause: bool) -> Result<Disposition, Fault> {
        let sip_code = value::integer(self.get(Field::SipCode).as_bytes(), "sip_code", 699, "a SIP status code")?;
        let q850 = value::integer(self.get(Field::Q850).as_bytes(), "q850", 127, "a Q.850 cause from 0 to 127")?;
        let text = |field| Some(self.get(field)).filter(|text| !text.is_empty());
        let signals = Signals {
            sip_code,
            reason: text(Field::Reason),
            q850,
            q850_location: text(Field::Q850Location),
            answered: talk_ms.map(|ms| ms > 0),
            ..Signals::default()
        };
        let mut found = classify(&signals);
        if let Some(word) = text(Field::Outcome) {
            let class = CallOutcome::from_word(word.as_bytes()).ok_or_else(|| unknown_outcome(word))?;
            let strength = if class != CallOutcome::Invalid {
                Strength::Strong
            } else if found.outcome.class == CallOutcome::Invalid {
                found.outcome.strength
            } else {
                Strength::Medium
            };
            let unwanted = found.outcome.unwanted || class == CallOutcome::Unwanted;
            found.outcome = Outcome { class, strength, unwanted };
            found.observable = Observable::ALL;
        } else if shows_cause && found.outcome.class == CallOutcome::Answered {
            found.observable = Observable::ALL;
        }
        Ok(found)
    }
}

fn unknown_outcome(word: &str) -> Fault {
    let words: Vec<&str> = CallOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
    Fault::new(RejectCode::BadValue, "outcome", format!("`{word}` is none of {}", words.join(", ")))
}

fn direction(word: &str) -> Result<Option<Direction>, Fault> {
    match word {
        "" => Ok(None),
        "outbound" => Ok(Some(Direction::Outbound)),
        "inbound" => Ok(Some(Direction::Inbound)),
        "internal" => Ok(Some(Direction::Internal)),
        other => Err(Fault::new(
            RejectCode::BadValue,
            "direction",
            format!("`{other}` is none of outbound, inbound, internal"),
        )),
    }
}

/// Reads one end of a call.
///
/// # Errors
/// `MISSING_FIELD` when blank, `BAD_NUMBER` when it is no number, extension or withheld number.
fn refuse_extension(party: Party, field: &'static str) -> Result<(), Fault> {
    match party {
        Party::Extension(digits) => {
            let detail = format!(
                "`{digits}` is too short for a telephone number; if it is an extension, --extension-map FILE tells what it shows"
            );
            Err(Fault::new(RejectCode::BadNumber, field, detail))
        }
        Party::Number(_) | Party::Anonymous => Ok(()),
    }
}

pub(crate) fn party(text: &str, field: &'static str, options: &Options) -> Result<Party, Fault> {
    parse_party(text.as_bytes(), options.region).map_err(|error| match error {
        ParseTnError::Blank => Fault::missing(field),
        other => Fault::new(RejectCode::BadNumber, field, other.to_string()),
    })
}
