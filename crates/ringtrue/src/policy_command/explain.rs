//! What a code means: its page of the reference, the numbers in force, its words.

use std::path::Path;

use reputation::advice::AdviceCode;
use reputation::assess::ReasonCode;
use reputation::symptom::SymptomCode;

use super::{AllSettings, load, push_settings};
use crate::error::ScoreError;
use crate::output::text::{Lead, paragraph};

const REASONS: &str = include_str!("../../../../docs/reference/reasons.md");
const ADVICE: &str = include_str!("../../../../docs/reference/advice.md");
const SYMPTOMS: &str = include_str!("../../../../docs/reference/symptoms.md");

/// A page of the reference that has a heading for each code.
struct Page {
    /// What its codes are.
    kind: &'static str,
    file: &'static str,
    text: &'static str,
}

const PAGES: [Page; 3] = [
    Page { kind: "reason", file: "docs/reference/reasons.md", text: REASONS },
    Page { kind: "rule of good practice", file: "docs/reference/advice.md", text: ADVICE },
    Page { kind: "symptom", file: "docs/reference/symptoms.md", text: SYMPTOMS },
];

/// Explains a code of a reason, a hint, a rule or a symptom. One code may be a reason and a rule.
pub(super) fn explain(page: &mut String, code: &str, dir: Option<&Path>) -> Result<(), ScoreError> {
    let all = AllSettings::load(dir, &load(dir)?)?;
    let code = code.to_ascii_uppercase();
    let mut known = false;
    for reference in &PAGES {
        let Some(section) = section(reference.text, &code) else { continue };
        if known {
            page.push('\n');
        }
        known = true;
        page.push_str(&format!("{code}, a {}\n\n", reference.kind));
        push_section(page, section);
        push_numbers(page, reference, &code, &all);
        page.push_str(&format!("\nMore: {}#{}\n", reference.file, code.to_ascii_lowercase()));
    }
    if known { Ok(()) } else { Err(unknown(&code)) }
}

fn unknown(code: &str) -> ScoreError {
    let reasons = ReasonCode::ALL.iter().map(|code| code.as_str());
    let rules = AdviceCode::ALL.iter().map(|code| code.as_str());
    let symptoms = SymptomCode::ALL.iter().map(|code| code.as_str());
    let mut known: Vec<&str> = reasons.chain(rules).chain(symptoms).collect();
    known.sort_unstable();
    known.dedup();
    ScoreError::Argument { argument: "REASON", detail: format!("`{code}` is none of {}", known.join(", ")) }
}

/// The text under the heading of a code, up to the next heading.
fn section<'a>(page: &'a str, code: &str) -> Option<&'a str> {
    let heading = |line: &str| line.trim_start_matches('#').trim() == code && line.starts_with("###");
    let mut at = 0;
    let mut start = None;
    for line in page.split_inclusive('\n') {
        match start {
            None if heading(line) => start = Some(at + line.len()),
            Some(start) if line.starts_with('#') => return page.get(start..at).map(str::trim),
            None | Some(_) => {}
        }
        at += line.len();
    }
    start.and_then(|start| page.get(start..)).map(str::trim)
}

/// Sets a section of Markdown as plain paragraphs; items of a list keep their dash.
fn push_section(page: &mut String, section: &str) {
    let mut block = String::new();
    let flush = |page: &mut String, block: &mut String| {
        let text = plain(block);
        match text.strip_prefix("- ") {
            Some(item) => paragraph(page, 2, &Lead::plain("-"), item),
            None => paragraph(page, 0, &Lead::default(), &text),
        }
        block.clear();
    };
    for line in section.lines() {
        if line.trim().is_empty() || line.starts_with("- ") {
            flush(page, &mut block);
        }
        block.push_str(line.trim());
        block.push(' ');
    }
    flush(page, &mut block);
}

/// Markdown without its marks: emphasis, code marks, and the targets of links.
fn plain(markdown: &str) -> String {
    let mut text = String::new();
    let mut rest = markdown;
    while let Some((before, after)) = rest.split_once("](") {
        let (before, label) = before.rsplit_once('[').unwrap_or((before, ""));
        text.push_str(before);
        text.push_str(label);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    text.replace("**", "").replace('`', "").trim().to_owned()
}

fn push_numbers(page: &mut String, reference: &Page, code: &str, all: &AllSettings) {
    let settings = match reference.kind {
        "reason" => &all.reputation,
        _ => &all.advice,
    };
    let prefixes = prefixes(reference, code);
    let wanted = |key: &&String| prefixes.iter().any(|prefix| key.starts_with(prefix.as_str()));
    let numbers: Vec<_> = settings.iter().filter(|(key, _)| wanted(key)).collect();
    if !numbers.is_empty() {
        page.push_str("\nIn force, and the file that it comes from\n");
        push_settings(page, numbers.into_iter());
    }
    let words: Vec<_> = all.reasons.iter().filter(|(key, _)| key.starts_with(&format!("{code}."))).collect();
    if reference.kind == "reason" && !words.is_empty() {
        page.push_str("\nIts words\n");
        push_settings(page, words.into_iter());
    }
}

/// Which settings a code rests on, by the beginning of their keys.
fn prefixes(reference: &Page, code: &str) -> Vec<String> {
    let reason = ReasonCode::ALL.into_iter().find(|reason| reason.as_str() == code);
    let owned = |prefixes: &[&str]| prefixes.iter().map(|&prefix| prefix.to_owned()).collect();
    match (reference.kind, reason) {
        ("reason", Some(reason)) => owned(reason_prefixes(reason)),
        ("symptom", _) => {
            let kind: &[&str] = match code {
                "BLOCKED_BY_ANALYTICS" => &["symptoms.blocked"],
                "UNWANTED_607" => &["symptoms.unwanted"],
                "ANSWER_RATE_BREAK" => &["symptoms.break_test", "symptoms.siblings"],
                "SPOOFED_USE" => &["symptoms.spoofed"],
                _ => &[],
            };
            let mut prefixes: Vec<String> = owned(kind);
            prefixes.push(format!("symptoms.words.{code}."));
            prefixes
        }
        ("reason", None) => Vec::new(),
        _ => vec![format!("advice.{code}."), "measure.window_d".to_owned()],
    }
}

const fn reason_prefixes(reason: ReasonCode) -> &'static [&'static str] {
    match reason {
        ReasonCode::InvalidDestinations => {
            &["evidence.INVALID_DESTINATIONS.", "floor.invalid", "floor.attempts", "floor.destinations"]
        }
        ReasonCode::Unanswered => &["evidence.UNANSWERED.", "facts.half_life_d"],
        ReasonCode::ShortCalls => &[
            "evidence.SHORT_CALLS.",
            "facts.short_call_s",
            "facts.half_life_d",
            "families.engagement_max",
            "floor.short",
            "floor.attempts",
            "floor.destinations",
        ],
        ReasonCode::TalkTime => &["evidence.TALK_TIME.", "facts.half_life_d", "families.engagement_max"],
        ReasonCode::FirstCalls => &["evidence.FIRST_CALLS.", "facts.half_life_d"],
        ReasonCode::Reports => &["reports.", "floor.report"],
        ReasonCode::Block => &["block.", "prior."],
        ReasonCode::Attestation => &["attestation."],
        ReasonCode::Dno => &["trusted.dno"],
        ReasonCode::Undialable => &["trusted.undialable"],
        ReasonCode::Unallocated => &["trusted.unallocated"],
        ReasonCode::Honeypot => &["trusted.honeypot"],
        ReasonCode::Traceback => &["trusted.traceback"],
        ReasonCode::Determination => &["trusted.upheld"],
        ReasonCode::Registered => &["registered."],
        ReasonCode::Floor => &["floor.", "levels."],
    }
}
