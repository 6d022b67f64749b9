//! Everything about one number, as an expert would put it: what is seen, what it would show as and why, what would clear it,
//! the facts, and what to change.

mod facts;
mod ladder;
mod opinion;
mod practice;

use std::io::{self, Write};

use reputation::symptom::Symptom;
use reputation::verdict::{Opinion, Verdict};
use service::number::ScoredNumber;

use super::text::{self, Lead, paragraph};
use super::{Context, style};
use crate::score::result::RunFacts;

/// Writes the page of one number.
///
/// # Errors
/// Those of the writer.
pub(crate) fn write(mut out: impl Write, run: &RunFacts, number: &ScoredNumber, ctx: Context<'_>) -> io::Result<()> {
    let mut page = String::new();
    push_title(&mut page, run, number);
    push_symptoms(&mut page, number, ctx);
    push_answer(&mut page, number, ctx);
    for (nth, verdict) in number.verdicts.iter().enumerate() {
        opinion::push(&mut page, verdict, number.verdicts.get(..nth).unwrap_or_default(), ctx);
    }
    facts::push(&mut page, number, ctx);
    practice::push(&mut page, number, ctx);
    page.push('\n');
    let quiet = format!("policy {}; ringtrue policy explain REASON tells what a reason rests on", run.policy_version);
    page.push_str(&style::quiet().style(quiet).to_string());
    page.push('\n');
    out.write_all(page.as_bytes())?;
    out.flush()
}

/// Appends the heading of a section, with a blank line before it.
fn push_heading(page: &mut String, words: &str) {
    page.push('\n');
    page.push_str(&style::heading().style(words).to_string());
    page.push('\n');
}

/// Appends a plain paragraph.
fn say(page: &mut String, indent: usize, words: &str) {
    paragraph(page, indent, &Lead::default(), words);
}

fn push_title(page: &mut String, run: &RunFacts, number: &ScoredNumber) {
    let title = format!("{} as of {}", number.tn, text::moment(run.at));
    page.push_str(&style::heading().style(title).to_string());
    page.push('\n');
    if let Some(totals) = &number.totals {
        let calls = text::counted(totals.attempts, "call", "calls");
        say(page, 0, &format!("Judged by totals that its source kept: {calls}. Single calls are not known."));
        return;
    }
    let calls = text::counted(number.d35.tally.attempts, "call", "calls");
    let week = text::count(number.d7.tally.attempts);
    let day = text::count(number.h24.tally.attempts);
    say(page, 0, &format!("{calls} in 35 days, {week} in the last 7 and {day} in the last 24 hours."));
    let busiest = number.daily_attempts.iter().copied().max().unwrap_or(0);
    if busiest > 0 {
        let picture = text::sparkline(&number.daily_attempts);
        say(page, 0, &format!("Last 14 days {picture} (most on one day: {})", text::count(u64::from(busiest))));
    }
}

/// What the owner can see directly comes before any estimate.
fn push_symptoms(page: &mut String, number: &ScoredNumber, ctx: Context<'_>) {
    if number.symptoms.is_empty() {
        return;
    }
    push_heading(page, "Seen in your own records");
    for symptom in &number.symptoms {
        push_symptom(page, symptom, ctx);
    }
}

fn push_symptom(page: &mut String, symptom: &Symptom, ctx: Context<'_>) {
    let words = &ctx.advice.symptoms;
    let title = format!("{}:", words.title(symptom.code));
    let said = format!("{title} {}.", words.text(symptom, ctx.directory).trim_end_matches('.'));
    paragraph(page, 2, &Lead { text: "!", style: style::seen() }, &said);
    for redress in &symptom.redress {
        let calls = text::counted(redress.count, "call", "calls");
        let since = text::day(redress.first_seen);
        say(page, 4, &format!("Contest at {} (named by {calls} since {since}).", redress.address));
    }
    say(page, 4, words.what_to_do(symptom.code));
}

/// The answer in two sentences, and once that it is an estimate.
fn push_answer(page: &mut String, number: &ScoredNumber, ctx: Context<'_>) {
    push_heading(page, "How its calls would show");
    say(page, 0, &answer(&number.verdicts, ctx));
    say(
        page,
        0,
        "This is an estimate from published behaviour: engines publish what they look at, not their thresholds. Only a \
         call to a handset shows what is displayed.",
    );
}

fn answer(verdicts: &[Verdict], ctx: Context<'_>) -> String {
    let labelled: Vec<String> = verdicts
        .iter()
        .filter_map(|verdict| {
            let display = ctx.display(verdict.engine, verdict.opinion.label())?;
            Some(match verdict.engine {
                Some(_) => format!("as \"{display}\" at {}", ctx.engine_name(verdict.engine)),
                None => format!("as \"{display}\""),
            })
        })
        .collect();
    let clean = names(verdicts, ctx, |opinion| {
        matches!(opinion, Opinion::Rated { .. }) && opinion.label() == model::Label::None
    });
    let silent = names(verdicts, ctx, |opinion| opinion == Opinion::NoOpinion);
    let mut parts = Vec::new();
    if !labelled.is_empty() {
        parts.push(format!("Its calls would probably show {}.", listed(&labelled)));
    }
    if !clean.is_empty() {
        parts.push(format!("No label is expected at {}.", listed(&clean)));
    }
    if !silent.is_empty() {
        parts.push(format!("Too little is known for an opinion at {}.", listed(&silent)));
    }
    if verdicts.iter().all(|verdict| verdict.engine.is_none()) {
        parts.push("No call names its carrier, so this one answer stands for every engine.".to_owned());
    }
    parts.join(" ")
}

fn names(verdicts: &[Verdict], ctx: Context<'_>, holds: impl Fn(Opinion) -> bool) -> Vec<String> {
    let found = verdicts.iter().filter(|verdict| holds(verdict.opinion));
    found.map(|verdict| ctx.engine_name(verdict.engine).to_owned()).collect()
}

/// `a, b and c`.
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests;
