//! One number a line, written by hand: runs over millions of numbers spend most of their writing here.

mod owned;
mod window;

use crate::number::{ScoredNumber, WindowFacts};
use model::{Label, Status};
use reputation::verdict::{Clearing, Opinion, Reason, Verdict};

use super::Context;
use super::digits::{push_hundredths, push_measure, push_text, push_u64};

/// Writes number objects; keeps what does not change between them.
#[derive(Clone, Debug)]
pub struct NumberWriter<'a> {
    ctx: Context<'a>,
    /// By engine (`any` last) and by label (no opinion last): the verdict object up to its status.
    heads: Vec<[Vec<u8>; 5]>,
    /// A window without any call, and how it is written.
    empty: WindowFacts,
    empty_window: Vec<u8>,
    /// Text before it is escaped.
    text: String,
}

impl<'a> NumberWriter<'a> {
    /// Makes a writer for numbers judged under one directory and policy.
    pub fn new(ctx: Context<'a>) -> Self {
        let engines = (0..ctx.directory.engines.len()).map(Some).chain([None]);
        let heads = engines.map(|engine| heads(&ctx, engine)).collect();
        let (empty, mut empty_window) = (WindowFacts::default(), Vec::new());
        window::push(&mut empty_window, &empty, ctx.policy.facts.short_call_s);
        Self { ctx, heads, empty, empty_window, text: String::new() }
    }

    /// Appends one number object, without a line end.
    pub fn push(&mut self, out: &mut Vec<u8>, number: &ScoredNumber) {
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
        if facts.tally.attempts == 0 && *facts == self.empty {
            out.extend_from_slice(&self.empty_window);
        } else {
            window::push(out, facts, self.ctx.policy.facts.short_call_s);
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
        if rating_bp.is_none() && verdict.reasons.is_empty() && verdict.clears_when.is_empty() {
            out.extend_from_slice(b"\",\"rating_bp\":null,\"confidence\":null,\"sample_size\":");
            push_measure(out, verdict.sample_size);
            out.extend_from_slice(b",\"reasons\":[],\"clears_when\":[]}");
            return;
        }
        out.extend_from_slice(b"\",\"rating_bp\":");
        push_optional(out, rating_bp);
        out.extend_from_slice(b",\"confidence\":");
        push_optional(out, confidence_bp);
        out.extend_from_slice(b",\"sample_size\":");
        push_measure(out, verdict.sample_size);
        if rating_bp.is_some() {
            out.extend_from_slice(b",\"prior_decibans\":");
            push_hundredths(out, verdict.prior_decibans);
            out.extend_from_slice(b",\"rating_decibans\":");
            push_hundredths(out, super::rating_decibans(verdict));
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
