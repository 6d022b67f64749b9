//! One record of an export, as a call.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use model::{
    CallOutcome, CallRecord, CarrierId, Direction, HangupBy, Observable, Outcome, Party, RecordKey, Strength, Timestamp,
};

use crate::disposition::{Disposition, Signals, classify};
use crate::options::{Options, record_key};
use crate::output::{Output, SkipKind};
use crate::own::party;
use crate::reject::{Fault, RejectCode};
use crate::time::{parse_time, parse_time_with};
use crate::value;

use super::Mapping;
use super::cells::{Bound, Cells};
use super::duration;
use super::file::{Alternatives, AnsweredBy, Column, DirectionBy, Pattern, Slot};
use super::words::{DirectionWord, OutcomeWord};

/// An outcome or skip rule's words, folded for comparison.
struct Rule<W> {
    columns: Vec<Bound>,
    words: BTreeMap<String, W>,
}

/// Reads records by a mapping whose columns were found in a file.
pub(super) struct Reader {
    mapping: Arc<Mapping>,
    options: Options,
    columns: BTreeMap<Slot, Vec<Bound>>,
    id_parts: Vec<Vec<Bound>>,
    outcomes: Vec<Rule<OutcomeWord>>,
    skips: Vec<Rule<bool>>,
    directions: BTreeMap<String, DirectionWord>,
    answers: BTreeMap<String, bool>,
}

fn folded<W: Copy>(words: &BTreeMap<String, W>) -> BTreeMap<String, W> {
    words.iter().map(|(word, &meaning)| (fold(word), meaning)).collect()
}

fn fold(word: &str) -> String {
    word.trim().to_lowercase()
}

impl Reader {
    /// Finds the mapping's columns; `bind` tells where one stands, or `None` when the file has none of that name.
    pub(super) fn new(mapping: Arc<Mapping>, options: &Options, bind: impl Fn(&Column) -> Option<Bound>) -> Self {
        let bound =
            |alternatives: &Alternatives| -> Vec<Bound> { alternatives.columns().iter().filter_map(&bind).collect() };
        let file = &mapping.file;
        let mut options = options.clone();
        options.region = options.region.or(file.numbers.region.map(|region| region.0));
        let outcomes =
            file.outcome.iter().map(|rule| Rule { columns: bound(&rule.column), words: folded(&rule.words) });
        let skips = file.skip.iter().map(|rule| Rule {
            columns: bound(&rule.column),
            words: rule.words.iter().chain(&rule.unless).map(|word| (fold(word), true)).collect(),
        });
        Self {
            options,
            columns: file.columns.iter().map(|(&slot, column)| (slot, bound(column))).collect(),
            id_parts: file.id_parts.iter().map(bound).collect(),
            outcomes: outcomes.collect(),
            skips: skips.collect(),
            directions: folded(&file.words.direction),
            answers: folded(&file.words.answered),
            mapping: Arc::clone(&mapping),
        }
    }

    /// A column that every call needs and that the file lacks, as the mapping names it; `None` when all are there.
    pub(super) fn missing(&self) -> Option<String> {
        let file = &self.mapping.file;
        let by_role = file.columns.contains_key(&Slot::Own);
        let ends = if by_role { [Slot::Own, Slot::Other] } else { [Slot::Orig, Slot::Dest] };
        let mut needed = vec![Slot::Start];
        needed.extend(ends);
        if by_role && file.direction == DirectionBy::Column {
            needed.push(Slot::Direction);
        }
        let lacking = needed.into_iter().find(|&slot| !self.has(slot))?;
        let names = file.columns.get(&lacking).map(Alternatives::columns).unwrap_or_default();
        let names = names.iter().map(|column| match column {
            Column::Name(name) => name.clone(),
            Column::Position(position) => position.to_string(),
        });
        Some(names.collect::<Vec<_>>().join("` or `"))
    }

    /// The key under which a JSON document holds its records; `None` when it is the records.
    pub(super) fn items(&self) -> Option<&str> {
        self.mapping.file.items.as_deref()
    }

    /// Why a record is no call to be judged; `None` when it is one.
    pub(super) fn skipped(&self, cells: &Cells<'_>) -> Option<SkipKind> {
        for (rule, bound) in self.mapping.file.skip.iter().zip(&self.skips) {
            let text = cells.get(&bound.columns);
            let hit = if text.is_empty() {
                rule.empty
            } else {
                let listed = bound.words.contains_key(&fold(&text));
                (listed && !rule.words.is_empty()) || (!listed && !rule.unless.is_empty())
            };
            if hit {
                return Some(rule.kind.into());
            }
        }
        None
    }

    fn has(&self, slot: Slot) -> bool {
        self.columns.get(&slot).is_some_and(|columns| !columns.is_empty())
    }

    fn get<'c>(&self, cells: &'c Cells<'_>, slot: Slot) -> Cow<'c, str> {
        self.columns.get(&slot).map(|columns| cells.get(columns)).unwrap_or_default()
    }

    /// Makes a call of the record, or skips it when the caller is withheld.
    pub(super) fn read(&self, cells: &Cells<'_>, out: &mut Output) -> Result<(), Fault> {
        let zone = self.zone(cells)?;
        let at = self.start(cells, zone.as_ref())?;
        let answered_at = self.time(cells, Slot::AnsweredAt, "answered_at", zone.as_ref())?;
        let ended_at = self.time(cells, Slot::EndedAt, "ended_at", zone.as_ref())?;
        let stated = self.direction(cells)?;
        let (orig, dest) = self.ends(cells, stated)?;
        if orig == Party::Anonymous {
            out.skip(SkipKind::Anonymous);
            return Ok(());
        }
        let direction = match self.mapping.file.direction {
            DirectionBy::Column => stated,
            DirectionBy::Outbound => Some(Direction::Outbound),
            DirectionBy::Extensions => by_extensions(orig, dest),
        };
        let spans = self.spans(cells, at, answered_at, ended_at)?;
        let Disposition { outcome, observable, redress } = self.disposition(cells, &spans)?;
        let answered = outcome.class == CallOutcome::Answered;
        let carrier = self.carrier(cells, out);
        out.calls.push(CallRecord {
            key: self.key(cells),
            at,
            known_at: ended_at.filter(|&end| end >= at),
            orig,
            dest,
            direction,
            carrier,
            outcome,
            observable,
            ring_ms: spans.ring_ms(answered),
            talk_ms: spans.talk_ms.filter(|_| answered),
            hangup_by: self.hangup_by(cells, direction),
            attestation: value::attestation(&self.get(cells, Slot::Attestation)).unwrap_or_default(),
            redress,
        });
        Ok(())
    }

    /// The zone of times without one: the row's own, else the mapping's, else the operator's.
    fn zone(&self, cells: &Cells<'_>) -> Result<Option<TimeZone>, Fault> {
        let named = self.get(cells, Slot::Zone);
        if !named.is_empty() {
            let zone = TimeZone::get(&named);
            let bad = |_| Fault::new(RejectCode::BadTime, "zone", format!("`{named}` is not the name of a time zone"));
            return zone.map(Some).map_err(bad);
        }
        let fixed = self.mapping.file.time.zone.as_ref().map(|zone| zone.0.clone());
        Ok(fixed.or_else(|| self.options.tz.clone()))
    }

    fn start(&self, cells: &Cells<'_>, zone: Option<&TimeZone>) -> Result<Timestamp, Fault> {
        let day = self.get(cells, Slot::Start);
        let clock = self.get(cells, Slot::StartTime);
        if day.is_empty() {
            return Err(Fault::missing("start"));
        }
        if clock.is_empty() {
            return self.parse(&day, "start", zone);
        }
        self.parse(&format!("{day} {clock}"), "start", zone)
    }

    fn time(
        &self,
        cells: &Cells<'_>,
        slot: Slot,
        field: &'static str,
        zone: Option<&TimeZone>,
    ) -> Result<Option<Timestamp>, Fault> {
        let text = self.get(cells, slot);
        if matches!(text.as_ref(), "" | "-" | "--") {
            return Ok(None);
        }
        self.parse(&text, field, zone).map(Some)
    }

    fn parse(&self, text: &str, field: &'static str, zone: Option<&TimeZone>) -> Result<Timestamp, Fault> {
        let formats = &self.mapping.file.time.formats;
        if formats.is_empty() {
            return parse_time(text.as_bytes(), field, zone);
        }
        for format in formats {
            let read = match format {
                Pattern::Auto => parse_time(text.as_bytes(), field, zone),
                Pattern::Strptime(pattern) => parse_time_with(text, pattern, field, zone),
            };
            match read {
                Ok(at) => return Ok(at),
                Err(fault) if fault.code == RejectCode::TimeWithoutZone => return Err(fault),
                Err(_) => {}
            }
        }
        let known: Vec<&str> = formats.iter().map(Pattern::as_str).collect();
        Err(Fault::new(
            RejectCode::BadTime,
            field,
            format!("`{text}` fits none of the mapping's times: {}", known.join("; ")),
        ))
    }

    fn direction(&self, cells: &Cells<'_>) -> Result<Option<Direction>, Fault> {
        let word = self.get(cells, Slot::Direction);
        if word.is_empty() {
            return Ok(None);
        }
        self.directions.get(&fold(&word)).map(|&direction| Some(direction.into())).ok_or_else(|| {
            let known: Vec<&str> = self.mapping.file.words.direction.keys().map(String::as_str).collect();
            let detail = format!("`{word}` is none of {}: add it to [words.direction]", known.join(", "));
            Fault::new(RejectCode::BadValue, "direction", detail)
        })
    }

    fn ends(&self, cells: &Cells<'_>, direction: Option<Direction>) -> Result<(Party, Party), Fault> {
        if !self.mapping.file.columns.contains_key(&Slot::Own) {
            return Ok((self.party(cells, Slot::Orig, "orig")?, self.party(cells, Slot::Dest, "dest")?));
        }
        let (own, other) = (self.party(cells, Slot::Own, "own")?, self.party(cells, Slot::Other, "other")?);
        Ok(if direction == Some(Direction::Inbound) { (other, own) } else { (own, other) })
    }

    fn party(&self, cells: &Cells<'_>, slot: Slot, field: &'static str) -> Result<Party, Fault> {
        let text = self.get(cells, slot);
        let strip = self.mapping.file.numbers.strip.iter();
        let bare = strip.filter_map(|head| text.strip_prefix(head.as_str())).next().unwrap_or(&text);
        party(bare, field, &self.options)
    }

    fn spans(
        &self,
        cells: &Cells<'_>,
        at: Timestamp,
        answered_at: Option<Timestamp>,
        ended_at: Option<Timestamp>,
    ) -> Result<Spans, Fault> {
        let units = &self.mapping.file.units;
        let between = |from: Timestamp, to: Timestamp| u32::try_from(to.as_ms() - from.as_ms()).ok();
        let talk = duration::read(&self.get(cells, Slot::Talk), units.talk, "talk")?;
        let ring = duration::read(&self.get(cells, Slot::Ring), units.ring, "ring")?;
        let whole = duration::read(&self.get(cells, Slot::Duration), units.duration, "duration")?
            .or_else(|| ended_at.and_then(|end| between(at, end)));
        let ring = ring.or_else(|| answered_at.and_then(|answer| between(at, answer)));
        let by_ends = || answered_at.zip(ended_at).and_then(|(answer, end)| between(answer, end));
        let by_rest = || whole.zip(ring).and_then(|(whole, ring)| whole.checked_sub(ring));
        // Where talk time is the sign of an answer, zero in a call that a word calls answered (a mailbox, an abandoned call)
        // is the agent's share, not the call's.
        let told = talk.filter(|&ms| ms > 0 || self.mapping.file.answered != AnsweredBy::Talk);
        let talk_ms = told.or_else(by_ends).or_else(by_rest);
        Ok(Spans { talked: talk.or(talk_ms).map(|ms| ms > 0), talk_ms, ring_ms: ring, whole_ms: whole, answered_at })
    }

    fn answered(&self, cells: &Cells<'_>, spans: &Spans) -> Option<bool> {
        match self.mapping.file.answered {
            AnsweredBy::Outcome => None,
            AnsweredBy::Talk => spans.talked,
            // An export without the column says nothing of answers.
            AnsweredBy::AnsweredAt if !self.has(Slot::AnsweredAt) => None,
            AnsweredBy::AnsweredAt => Some(spans.answered_at.is_some()),
            AnsweredBy::Word => self.answers.get(&fold(&self.get(cells, Slot::Answered))).copied(),
        }
    }

    fn disposition(&self, cells: &Cells<'_>, spans: &Spans) -> Result<Disposition, Fault> {
        let sip_code = self.get(cells, Slot::SipCode);
        let q850 = self.get(cells, Slot::Q850);
        let (reason, location) = (self.get(cells, Slot::Reason), self.get(cells, Slot::Q850Location));
        let filled = |text: &'_ str| !text.is_empty();
        let platform = self.platform(cells);
        let answered = self.answered(cells, spans);
        let signals = Signals {
            sip_code: value::integer(sip_code.as_bytes(), "sip_code", 699, "a SIP status code")?,
            q850: value::integer(q850.as_bytes(), "q850", 127, "a Q.850 cause from 0 to 127")?,
            reason: Some(reason.as_ref()).filter(|text| filled(text)),
            q850_location: Some(location.as_ref()).filter(|text| filled(text)),
            platform,
            answered,
            ..Signals::default()
        };
        if signals.sip_code.is_some() || signals.q850.is_some() || signals.reason.is_some() {
            return Ok(classify(&signals));
        }
        let outcome = platform.unwrap_or(match answered {
            Some(true) => Outcome::new(CallOutcome::Answered, Strength::Strong),
            Some(false) | None => Outcome::new(CallOutcome::Failed, Strength::Weak),
        });
        let observes = self.mapping.file.observes;
        // A row that tells nothing of the end is no observation of an answer, whatever the source shows elsewhere.
        let told = platform.is_some() || answered.is_some();
        let observable = Observable {
            answer: observes.answer && told,
            invalid: observes.invalid && told,
            blocked: observes.blocked && told,
        };
        Ok(Disposition { outcome, observable, redress: None })
    }

    /// The outcome by the platform's words; `None` when no rule knows the word.
    fn platform(&self, cells: &Cells<'_>) -> Option<Outcome> {
        self.mapping.file.outcome.iter().zip(&self.outcomes).find_map(|(rule, bound)| {
            let text = cells.get(&bound.columns);
            if text.is_empty() {
                return None;
            }
            let meaning = bound.words.get(&fold(&text)).copied().or(rule.otherwise);
            meaning.and_then(|word| word.0)
        })
    }

    fn carrier(&self, cells: &Cells<'_>, out: &mut Output) -> Option<CarrierId> {
        let text = self.get(cells, Slot::Carrier);
        if text.is_empty() {
            return None;
        }
        let known = self.mapping.file.carriers.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text));
        let id = self.options.carrier(known.map_or(&text, |(_, key)| key));
        out.unknown_carriers += u64::from(id.is_none());
        id
    }

    fn hangup_by(&self, cells: &Cells<'_>, direction: Option<Direction>) -> Option<HangupBy> {
        let text = self.get(cells, Slot::HangupBy);
        let words = &self.mapping.file.words.hangup_by;
        words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text)).and_then(|(_, word)| word.end(direction))
    }

    fn key(&self, cells: &Cells<'_>) -> Option<RecordKey> {
        let mut id = self.get(cells, Slot::Id).into_owned();
        for part in &self.id_parts {
            id.push('\u{1f}');
            id.push_str(&cells.get(part));
        }
        let empty = id.chars().all(|c| c == '\u{1f}');
        (!empty).then(|| record_key(&self.options.source.0, id.as_bytes()))
    }
}

/// The times that a record tells, in milliseconds.
struct Spans {
    talked: Option<bool>,
    talk_ms: Option<u32>,
    ring_ms: Option<u32>,
    whole_ms: Option<u32>,
    answered_at: Option<Timestamp>,
}

impl Spans {
    /// The ring time; an unanswered call rings until it ends.
    fn ring_ms(&self, answered: bool) -> Option<u32> {
        self.ring_ms.or(if answered { None } else { self.whole_ms })
    }
}

/// A call from an extension to a public number is outbound, the other way inbound, between extensions internal.
fn by_extensions(orig: Party, dest: Party) -> Option<Direction> {
    match (orig, dest) {
        (Party::Extension(_), Party::Number(_)) => Some(Direction::Outbound),
        (Party::Number(_) | Party::Anonymous, Party::Extension(_)) => Some(Direction::Inbound),
        (Party::Extension(_), Party::Extension(_)) => Some(Direction::Internal),
        (Party::Number(_) | Party::Anonymous, Party::Number(_) | Party::Anonymous)
        | (Party::Extension(_), Party::Anonymous) => None,
    }
}
