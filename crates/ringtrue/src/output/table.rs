//! The worst numbers first, for people.

mod columns;

use std::cmp::Reverse;
use std::io::{self, Write};

use model::{Label, TelephoneNumber};
use reputation::symptom::Symptom;
use reputation::verdict::{Opinion, Verdict};
use service::number::ScoredNumber;

use super::text::{self, Lead, paragraph};
use super::{Context, style};
use crate::score::result::RunFacts;
use columns::Columns;

/// How many numbers' symptoms are told before the table.
const SYMPTOMS_MAX: usize = 10;

/// The numbers that the table is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'a> {
    /// The worst ones, at least as many as the table shows, and every one with symptoms.
    pub(crate) numbers: &'a [ScoredNumber],
    /// How many others there are.
    pub(crate) left_out: usize,
}

/// Lets go of every number that no table of `top` shows, so that a run over millions keeps few; tells how many that were.
pub(crate) fn keep_shown(numbers: &mut Vec<ScoredNumber>, top: usize) -> usize {
    let before = numbers.len();
    if top >= before {
        return 0;
    }
    let mut keys: Vec<Key> = numbers.iter().map(key).collect();
    let (_, first_out, _) = keys.select_nth_unstable(top);
    let first_out = *first_out;
    numbers.retain(|number| key(number) < first_out || !number.symptoms.is_empty());
    before - numbers.len()
}

/// Writes symptoms, then the `top` worst numbers, then what was left out.
///
/// # Errors
/// Those of the writer.
pub(crate) fn write(
    mut out: impl Write,
    run: &RunFacts,
    shown: Shown<'_>,
    top: usize,
    ctx: Context<'_>,
) -> io::Result<()> {
    let mut page = String::new();
    let worst = worst_first(shown.numbers, top);
    push_symptoms(&mut page, shown.numbers, ctx);
    push_header(&mut page, run, ctx);
    if shown.numbers.is_empty() && shown.left_out == 0 {
        page.push_str("No number has the label and the calls that were asked for.\n");
        out.write_all(page.as_bytes())?;
        return out.flush();
    }
    let columns = Columns::of(&worst, ctx);
    columns.push_heading(&mut page);
    for number in &worst {
        columns.push_row(&mut page, number);
    }
    let more = shown.left_out + shown.numbers.len() - worst.len();
    push_close(&mut page, more, &worst, ctx);
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

/// What numbers are sorted by: label, rating, calls of seven days, each the highest first, then the number.
type Key = (Reverse<(u8, u16)>, Reverse<u64>, TelephoneNumber);

fn key(number: &ScoredNumber) -> Key {
    let rank = worst(number).map_or((0, 0), |verdict| rank(verdict.opinion));
    (Reverse(rank), Reverse(calls(number)), number.tn)
}

/// Calls of seven days; of a number judged by totals, all that they count.
fn calls(number: &ScoredNumber) -> u64 {
    number.totals.as_ref().map_or(number.d7.tally.attempts, |totals| totals.attempts)
}

fn worst_first(numbers: &[ScoredNumber], top: usize) -> Vec<&ScoredNumber> {
    let mut kept: Vec<&ScoredNumber> = numbers.iter().collect();
    if top < kept.len() {
        kept.select_nth_unstable_by_key(top, |number| key(number));
        kept.truncate(top);
    }
    kept.sort_unstable_by_key(|number| key(number));
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
