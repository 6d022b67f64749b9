//! One number a line, written by hand: runs over millions of numbers spend most of their writing here.

mod owned;

use std::io::{self, Write};

use model::{Label, Status};
use reputation::verdict::{Clearing, Opinion, Reason, Verdict};

use super::Context;
use super::digits::{push_hundredths, push_measure, push_text, push_u64};
use crate::score::result::{ScoredNumber, WindowFacts};

/// Bytes gathered before they are handed on.
const CHUNK_BYTES: usize = 1 << 20;

/// Writes number objects; keeps what does not change between them.
#[derive(Clone, Debug)]
pub(crate) struct NumberWriter<'a> {
    ctx: Context<'a>,
    /// By engine (`any` last) and by label (no opinion last): the verdict object up to its status.
    heads: Vec<[Vec<u8>; 5]>,
    /// What a window without any call looks like.
    empty_window: Vec<u8>,
    /// Text before it is escaped.
    text: String,
}

/// Writes all numbers, one a line.
///
/// # Errors
/// Those of the writer.
pub(crate) fn write<'n>(
    mut out: impl Write,
    numbers: impl IntoIterator<Item = &'n ScoredNumber>,
    ctx: Context<'_>,
) -> io::Result<()> {
    let mut writer = NumberWriter::new(ctx);
    let mut lines = Vec::with_capacity(CHUNK_BYTES + (CHUNK_BYTES >> 4));
    for number in numbers {
        writer.push(&mut lines, number);
        lines.push(b'\n');
        if lines.len() >= CHUNK_BYTES {
            out.write_all(&lines)?;
            lines.clear();
        }
    }
    out.write_all(&lines)?;
    out.flush()
}

impl<'a> NumberWriter<'a> {
    /// Makes a writer for numbers judged under one directory and policy.
    pub(crate) fn new(ctx: Context<'a>) -> Self {
        let engines = (0..ctx.directory.engines.len()).map(Some).chain([None]);
        let heads = engines.map(|engine| heads(&ctx, engine)).collect();
        let mut empty_window = Vec::new();
        push_window(&mut empty_window, &WindowFacts::default(), ctx.policy.facts.short_call_s);
        Self { ctx, heads, empty_window, text: String::new() }
    }

    /// Appends one number object, without a line end.
    pub(crate) fn push(&mut self, out: &mut Vec<u8>, number: &ScoredNumber) {
        out.extend_from_slice(b"{\"tn\":\"+");
        push_u64(out, number.tn.digits());
        out.extend_from_slice(b"\",\"facts\":{\"h24\":");
        self.push_window(out, &number.h24);
        out.extend_from_slice(b",\"d7\":");
        let d7 = out.len();
        self.push_window(out, &number.d7);
        let d7 = d7..out.len();
        out.extend_from_slice(b",\"d35\":");
        if number.d35 == number.d7 {
            // Most numbers of a file of a week: the bytes are there already.
            out.extend_from_within(d7);
        } else {
            self.push_window(out, &number.d35);
        }
        out.extend_from_slice(b"},\"symptoms\":[");
        push_list(out, &number.symptoms, |out, symptom| owned::push_symptom(out, symptom, self.ctx));
        out.extend_from_slice(b"],\"engines\":[");
        push_list(out, &number.verdicts, |out, verdict| self.push_verdict(out, verdict));
        out.push(b']');
        if let Some(totals) = &number.totals {
            owned::push_totals(out, totals);
        }
        if !number.advice.is_empty() {
            out.extend_from_slice(b",\"advice\":[");
            push_list(out, &number.advice, |out, advice| owned::push_advice(out, advice, self.ctx));
            out.push(b']');
        }
        out.push(b'}');
    }

    fn push_window(&self, out: &mut Vec<u8>, facts: &WindowFacts) {
        let tally = &facts.tally;
        if tally.attempts == 0 && facts.reports == 0 && *facts == WindowFacts::default() {
            out.extend_from_slice(&self.empty_window);
        } else {
            push_window(out, facts, self.ctx.policy.facts.short_call_s);
        }
    }

    fn push_verdict(&mut self, out: &mut Vec<u8>, verdict: &Verdict) {
        let engine = verdict.engine.unwrap_or(usize::MAX).min(self.heads.len().saturating_sub(1));
        let (head, rating_bp, confidence_bp) = match verdict.opinion {
            Opinion::NoOpinion => (Label::ALL.len(), None, None),
            Opinion::Rated { label, rating_bp, confidence_bp } => (label as usize, Some(rating_bp), confidence_bp),
        };
        if let Some(head) = self.heads.get(engine).and_then(|heads| heads.get(head)) {
            out.extend_from_slice(head);
        }
        out.extend_from_slice(Status::as_str(verdict.status).as_bytes());
        out.extend_from_slice(b"\",\"rating_bp\":");
        push_optional(out, rating_bp);
        out.extend_from_slice(b",\"confidence\":");
        push_optional(out, confidence_bp);
        out.extend_from_slice(b",\"sample_size\":");
        push_measure(out, verdict.sample_size);
        out.extend_from_slice(b",\"prior_decibans\":");
        push_hundredths(out, verdict.prior_decibans);
        out.extend_from_slice(b",\"rating_decibans\":");
        match rating_bp {
            Some(_) => push_hundredths(out, super::rating_decibans(verdict)),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"reasons\":[");
        push_list(out, &verdict.reasons, |out, reason| self.push_reason(out, reason));
        out.extend_from_slice(b"],\"clears_when\":[");
        push_list(out, &verdict.clears_when, |out, clearing| self.push_clearing(out, clearing));
        out.extend_from_slice(b"]}");
    }

    fn push_reason(&mut self, out: &mut Vec<u8>, reason: &Reason) {
        out.extend_from_slice(b"{\"code\":\"");
        out.extend_from_slice(reason.code.as_str().as_bytes());
        out.extend_from_slice(b"\",\"value\":");
        push_measure(out, reason.value);
        out.extend_from_slice(b",\"sample_size\":");
        push_measure(out, reason.sample_size);
        out.extend_from_slice(b",\"window\":\"");
        out.extend_from_slice(reason.window.as_bytes());
        out.extend_from_slice(b"\",\"decibans\":");
        push_hundredths(out, reason.decibans);
        out.extend_from_slice(b",\"text\":");
        self.text.clear();
        self.ctx.words.write_reason(&mut self.text, reason);
        push_text(out, &self.text);
        out.push(b'}');
    }

    fn push_clearing(&mut self, out: &mut Vec<u8>, clearing: &Clearing) {
        out.extend_from_slice(b"{\"code\":\"");
        out.extend_from_slice(clearing.code.as_str().as_bytes());
        out.extend_from_slice(b"\",\"value\":");
        push_measure(out, clearing.value);
        out.extend_from_slice(b",\"target\":");
        push_measure(out, clearing.target);
        out.extend_from_slice(if clearing.alone { b",\"alone\":true" } else { b",\"alone\":false" });
        out.extend_from_slice(b",\"text\":");
        self.text.clear();
        self.ctx.words.write_clearing(&mut self.text, clearing);
        push_text(out, &self.text);
        out.push(b'}');
    }
}

/// The verdict object of one engine up to its status, by label and for no opinion.
fn heads(ctx: &Context<'_>, engine: Option<usize>) -> [Vec<u8>; 5] {
    let head = |word: &str, display: Option<&str>| {
        let mut out = b"{\"engine\":".to_vec();
        push_text(&mut out, ctx.engine_key(engine));
        out.extend_from_slice(b",\"label\":");
        push_text(&mut out, word);
        out.extend_from_slice(b",\"display\":");
        match display {
            Some(display) => push_text(&mut out, display),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"status\":\"");
        out
    };
    let [none, potential, likely, spam] = Label::ALL.map(|label| head(label.as_str(), ctx.display(engine, label)));
    [none, potential, likely, spam, head(Opinion::NoOpinion.as_str(), None)]
}

/// Appends the counts of one window.
fn push_window(out: &mut Vec<u8>, facts: &WindowFacts, short_call_s: u32) {
    let tally = &facts.tally;
    push_count(out, b"{\"attempts\":", tally.attempts);
    push_count(out, b",\"answered\":", tally.answered);
    push_count(out, b",\"short\":", tally.answered_within(short_call_s));
    push_count(out, b",\"invalid\":", tally.invalid());
    push_count(out, b",\"unanswered\":", tally.unanswered());
    push_count(out, b",\"distinct_dest\":", facts.distinct_dest.round() as u64);
    push_count(out, b",\"reports\":", facts.reports);
    push_count(out, b",\"no_answer\":", tally.no_answer);
    push_count(out, b",\"busy\":", tally.busy);
    push_count(out, b",\"declined\":", tally.declined);
    push_count(out, b",\"cancelled\":", tally.cancelled);
    push_count(out, b",\"failed\":", tally.failed);
    push_count(out, b",\"unreachable\":", tally.unreachable);
    push_count(out, b",\"blocked\":", tally.blocked);
    push_count(out, b",\"unwanted\":", tally.unwanted);
    push_count(out, b",\"talk_s\":", (tally.talk_ds + 5) / 10);
    push_count(out, b",\"called_back\":", tally.called_back);
    push_count(out, b",\"shows_answer\":", tally.shows_answer);
    push_count(out, b",\"shows_invalid\":", tally.shows_invalid);
    push_count(out, b",\"shows_blocked\":", tally.shows_blocked);
    out.extend_from_slice(b",\"lengths\":[");
    push_list(out, &tally.lengths, |out, &count| push_u64(out, count));
    out.extend_from_slice(b"]}");
}

/// Appends a key and its count. The key's length is a constant at each use, which makes the copy a few moves.
#[inline(always)]
fn push_count<const N: usize>(out: &mut Vec<u8>, key: &[u8; N], count: u64) {
    out.extend_from_slice(key);
    push_u64(out, count);
}

pub(super) fn push_list<T>(out: &mut Vec<u8>, items: &[T], mut push: impl FnMut(&mut Vec<u8>, &T)) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        push(out, item);
    }
}

fn push_optional(out: &mut Vec<u8>, value: Option<u16>) {
    match value {
        Some(value) => push_u64(out, u64::from(value)),
        None => out.extend_from_slice(b"null"),
    }
}

#[cfg(test)]
mod tests {
    use model::Aggregate;
    use reputation::advice::AdviceCode;
    use serde_json::Value;

    use super::*;
    use crate::output::sample::{Shelf, any_engine, owned, three_engines};

    fn lines(numbers: &[ScoredNumber]) -> Vec<Value> {
        let shelf = Shelf::new();
        let mut out = Vec::new();
        write(&mut out, numbers, shelf.ctx()).expect("a buffer takes everything");
        let text = String::from_utf8(out).expect("text");
        assert!(text.ends_with('\n'));
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    const WINDOW_KEYS: [&str; 21] = [
        "attempts",
        "answered",
        "short",
        "invalid",
        "unanswered",
        "distinct_dest",
        "reports",
        "no_answer",
        "busy",
        "declined",
        "cancelled",
        "failed",
        "unreachable",
        "blocked",
        "unwanted",
        "talk_s",
        "called_back",
        "shows_answer",
        "shows_invalid",
        "shows_blocked",
        "lengths",
    ];

    #[test]
    fn an_owner_sees_symptoms_and_advice() {
        let lines = lines(&[owned()]);
        has_exactly(&lines[0], &["tn", "facts", "symptoms", "engines", "advice"]);
        let symptoms = lines[0]["symptoms"].as_array().expect("a list");
        const SYMPTOM_KEYS: [&str; 12] = [
            "code",
            "value",
            "count",
            "sample_size",
            "first_seen",
            "last_seen",
            "carrier",
            "by_carrier",
            "redress",
            "test",
            "text",
            "what_to_do",
        ];
        symptoms.iter().for_each(|symptom| has_exactly(symptom, &SYMPTOM_KEYS));
        assert_eq!(symptoms[0]["carrier"], "att");
        assert_eq!(symptoms[0]["redress"][0]["address"], "https://redress.example.com/calls");
        assert_eq!(symptoms[1]["test"]["siblings"]["state"], "hold");
        assert_eq!(symptoms[1]["test"]["p"], 3.17e-15);
        let advice = lines[0]["advice"].as_array().expect("a list");
        assert_eq!(advice.len(), AdviceCode::ALL.len());
        const ADVICE_KEYS: [&str; 10] =
            ["code", "state", "value", "target", "sample_size", "usual", "text", "what_to_do", "source", "numbers"];
        advice.iter().for_each(|advice| has_exactly(advice, &ADVICE_KEYS));
        assert_eq!(advice[1]["numbers"].as_array().expect("a list").len(), 13);
        has_exactly(&advice[1]["numbers"][0], &["tn", "last_seen", "strength", "calls"]);
    }

    #[test]
    fn totals_say_what_their_source_did_not_tell() {
        let mut number = any_engine().remove(0);
        number.totals = Some(Box::new(Aggregate { answered: Some(30), ..Aggregate::new(number.tn, 120) }));
        let lines = lines(&[number]);
        assert_eq!(lines[0]["totals"]["attempts"], 120);
        assert_eq!(lines[0]["totals"]["answered"], 30);
        assert_eq!(lines[0]["totals"]["invalid"], Value::Null);
    }

    fn has_exactly(value: &Value, keys: &[&str]) {
        let object = value.as_object().expect("an object");
        for key in keys {
            assert!(object.contains_key(*key), "{key} is missing in {value}");
        }
        assert_eq!(object.len(), keys.len(), "{value}");
    }

    #[test]
    fn every_line_has_the_documented_keys() {
        for line in lines(&any_engine()).iter().chain(&lines(&three_engines())) {
            has_exactly(line, &["tn", "facts", "symptoms", "engines"]);
            has_exactly(&line["facts"], &["h24", "d7", "d35"]);
            for window in ["h24", "d7", "d35"] {
                has_exactly(&line["facts"][window], &WINDOW_KEYS);
            }
            for engine in line["engines"].as_array().expect("a list") {
                has_exactly(
                    engine,
                    &[
                        "engine",
                        "label",
                        "display",
                        "status",
                        "rating_bp",
                        "confidence",
                        "sample_size",
                        "prior_decibans",
                        "rating_decibans",
                        "reasons",
                        "clears_when",
                    ],
                );
                for reason in engine["reasons"].as_array().expect("a list") {
                    has_exactly(reason, &["code", "value", "sample_size", "window", "decibans", "text"]);
                }
                for clearing in engine["clears_when"].as_array().expect("a list") {
                    has_exactly(clearing, &["code", "value", "target", "alone", "text"]);
                }
            }
        }
    }

    #[test]
    fn prior_and_reasons_add_up_to_the_rating() {
        for line in lines(&three_engines()) {
            for engine in line["engines"].as_array().expect("a list") {
                let number = |value: &Value| value.as_f64().expect("a number");
                let reasons = engine["reasons"].as_array().expect("a list");
                let sum = number(&engine["prior_decibans"])
                    + reasons.iter().map(|reason| number(&reason["decibans"])).sum::<f64>();
                if let Some(rating) = engine["rating_decibans"].as_f64() {
                    assert!((sum - rating).abs() < 0.005 * (reasons.len() + 2) as f64, "{engine}");
                } else {
                    assert!(reasons.is_empty() && engine["rating_bp"].is_null(), "{engine}");
                }
            }
        }
    }

    #[test]
    fn words_follow_the_engine_and_nothing_is_shown_without_a_label() {
        let lines = lines(&three_engines());
        let engines = &lines[0]["engines"];
        assert_eq!(engines[0]["engine"], "hiya");
        assert_eq!(engines[0]["display"], "Spam Risk");
        assert_eq!(engines[1]["display"], Value::Null);
        assert_eq!(engines[2]["display"], "Potential Spam");
        assert_eq!(lines[2]["engines"][0]["label"], "no_opinion");
    }

    #[test]
    fn counts_are_the_plain_ones() {
        let numbers = any_engine();
        let lines = lines(&numbers);
        for (number, line) in numbers.iter().zip(&lines) {
            let tally = &number.d35.tally;
            let facts = &line["facts"]["d35"];
            assert_eq!(facts["attempts"], tally.attempts);
            assert_eq!(facts["short"], tally.answered_within(6));
            assert_eq!(facts["invalid"], tally.invalid());
            assert_eq!(facts["unanswered"], tally.unanswered());
            assert_eq!(facts["lengths"].as_array().expect("a list").len(), 10);
        }
        assert_eq!(lines[3]["facts"]["d7"]["attempts"], 0);
        assert_eq!(lines[0]["engines"][0]["reasons"][0]["decibans"], 17.37);
        assert_eq!(lines[0]["engines"][0]["engine"], "any");
    }
}
