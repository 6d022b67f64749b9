//! The worst numbers first, for people.

mod columns;

use std::cmp::{Ordering, Reverse};
use std::io::{self, Write};

use model::Label;
use reputation::symptom::Symptom;
use reputation::verdict::{Opinion, Verdict};

use super::text::{self, Lead, paragraph};
use super::{Context, style};
use crate::score::result::{RunFacts, ScoredNumber};
use columns::Columns;

/// How many numbers' symptoms are told before the table.
const SYMPTOMS_MAX: usize = 10;

/// Writes symptoms, then the `top` worst numbers, then what was left out.
///
/// # Errors
/// Those of the writer.
pub(crate) fn write(
    mut out: impl Write,
    run: &RunFacts,
    numbers: &[ScoredNumber],
    top: usize,
    ctx: Context<'_>,
) -> io::Result<()> {
    let mut page = String::new();
    let worst = worst_first(numbers, top);
    push_symptoms(&mut page, numbers, ctx);
    push_header(&mut page, run, ctx);
    let columns = Columns::of(&worst, ctx);
    columns.push_heading(&mut page);
    for number in &worst {
        columns.push_row(&mut page, number);
    }
    push_close(&mut page, numbers.len() - worst.len(), &worst, ctx);
    out.write_all(page.as_bytes())?;
    out.flush()
}

/// The verdict that a number is sorted and explained by: the highest label, then the highest rating.
pub(crate) fn worst(number: &ScoredNumber) -> Option<&Verdict> {
    number.verdicts.iter().max_by_key(|verdict| (rank(verdict.opinion), Reverse(verdict.engine)))
}

/// No opinion comes below every opinion.
const fn rank(opinion: Opinion) -> (u8, u16) {
    match opinion {
        Opinion::NoOpinion => (0, 0),
        Opinion::Rated { label, rating_bp, .. } => (label as u8 + 1, rating_bp),
    }
}

fn worst_first(numbers: &[ScoredNumber], top: usize) -> Vec<&ScoredNumber> {
    let key = |number: &ScoredNumber| {
        let rank = worst(number).map_or((0, 0), |verdict| rank(verdict.opinion));
        (Reverse(rank), Reverse(number.d7.tally.attempts), number.tn)
    };
    let by_key = |a: &&ScoredNumber, b: &&ScoredNumber| -> Ordering { key(a).cmp(&key(b)) };
    let mut kept: Vec<&ScoredNumber> = numbers.iter().collect();
    if top < kept.len() {
        kept.select_nth_unstable_by(top, by_key);
        kept.truncate(top);
    }
    kept.sort_unstable_by(by_key);
    kept
}

/// What the owner can see directly comes before any estimate.
fn push_symptoms(page: &mut String, numbers: &[ScoredNumber], ctx: Context<'_>) {
    let mut affected: Vec<(&Symptom, &ScoredNumber)> =
        numbers.iter().filter_map(|number| Some((number.symptoms.first()?, number))).collect();
    if affected.is_empty() {
        return;
    }
    affected.sort_by_key(|(symptom, number)| (symptom.code, Reverse(symptom.count), number.tn));
    push_heading(page, "Seen in your own records");
    for (_, number) in affected.iter().take(SYMPTOMS_MAX) {
        let tn = format!("{}:", number.tn);
        for symptom in &number.symptoms {
            push_symptom(page, &Lead { text: &tn, style: style::seen() }, symptom, ctx);
        }
    }
    if affected.len() > SYMPTOMS_MAX {
        let more = text::count((affected.len() - SYMPTOMS_MAX) as u64);
        page.push_str(&format!("  … and {more} more numbers; --output json shows all\n"));
    }
    page.push('\n');
}

fn push_symptom(page: &mut String, lead: &Lead<'_>, symptom: &Symptom, ctx: Context<'_>) {
    let mut said = ctx.advice.symptoms.text(symptom, ctx.directory);
    if let Some(redress) = symptom.redress.first() {
        said.push_str(&format!(". Contest at {}", redress.address));
    }
    paragraph(page, 2, lead, &said);
}

fn push_heading(page: &mut String, words: &str) {
    page.push_str(&style::heading().style(words).to_string());
    page.push('\n');
}

fn push_header(page: &mut String, run: &RunFacts, ctx: Context<'_>) {
    push_heading(page, &format!("Labels as of {}", text::moment(run.at)));
    page.push_str("An estimate from published behaviour; no engine publishes its thresholds.\n");
    let name = |key: &str| {
        let engine = ctx.directory.engine(key).and_then(|place| ctx.directory.engines.get(place));
        engine.map_or("Any engine (carriers unknown):", |engine| &engine.name).to_owned()
    };
    let names: Vec<String> = run.summary.labels.iter().map(|(key, _)| name(key)).collect();
    let widest = names.iter().map(|name| text::width(name)).max().unwrap_or(0);
    for (name, (_, counts)) in names.iter().zip(&run.summary.labels) {
        paragraph(page, 0, &Lead::plain(&text::padded(name, widest)), &label_counts(counts));
    }
    page.push('\n');
}

/// `12 Spam, 3 Potential Spam, 40 without a label, 9 without an opinion`; labels that nobody has are left out.
fn label_counts(counts: &[u64; 5]) -> String {
    let [none, potential, likely, spam, no_opinion] = *counts;
    let parts = [
        (spam, Label::Spam.words()),
        (likely, Label::SpamLikely.words()),
        (potential, Label::PotentialSpam.words()),
        (none, "without a label"),
        (no_opinion, "without an opinion"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|&(count, _)| count > 0)
        .map(|(count, words)| format!("{} {words}", text::count(count)))
        .collect();
    if parts.is_empty() { "no numbers".to_owned() } else { parts.join(", ") }
}

fn push_close(page: &mut String, more: usize, shown: &[&ScoredNumber], ctx: Context<'_>) {
    page.push('\n');
    let silent = shown.iter().flat_map(|number| &number.verdicts).any(|verdict| verdict.opinion == Opinion::NoOpinion);
    if silent {
        let least = text::count(ctx.policy.opinion.min_attempts as u64);
        push_quiet(page, &format!("· no opinion: fewer than {least} calls, older ones counting less"));
    }
    if more > 0 {
        push_quiet(page, &format!("… and {} more; --output csv shows all", text::count(more as u64)));
    }
    if let Some(number) = shown.first() {
        push_quiet(page, &format!("--explain {} tells everything about that number", number.tn));
    }
}

fn push_quiet(page: &mut String, words: &str) {
    page.push_str(&style::quiet().style(words).to_string());
    page.push('\n');
}

#[cfg(test)]
mod tests;
