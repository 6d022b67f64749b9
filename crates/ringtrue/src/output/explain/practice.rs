//! Calling practice: which rules are broken, near, met or not known, and the destinations to remove.

use owo_colors::Style;
use reputation::advice::{Advice, AdviceState};
use service::number::ScoredNumber;

use super::{push_heading, say};
use crate::output::text::{self, Lead, paragraph};
use crate::output::{Context, style};

/// How many destinations to remove are named.
const NUMBERS_MAX: usize = 10;

/// Appends what the rules say, the broken ones first and in full.
pub(super) fn push(page: &mut String, number: &ScoredNumber, ctx: Context<'_>) {
    push_heading(page, "Calling practice");
    if number.advice.is_empty() {
        say(page, 2, "Advice is for a number's owner: name your numbers with --own to get it.");
        return;
    }
    let with = |wanted: fn(AdviceState) -> bool| number.advice.iter().filter(move |advice| wanted(advice.state));
    for advice in with(|state| state == AdviceState::Broken) {
        push_in_full(page, "✗", style::against(), advice, ctx);
    }
    for advice in with(|state| state == AdviceState::Near) {
        push_in_full(page, "!", Style::new().yellow(), advice, ctx);
    }
    let met: Vec<&str> =
        with(|state| state == AdviceState::Met).map(|advice| ctx.advice.rule(advice.code).title.as_str()).collect();
    if !met.is_empty() {
        paragraph(page, 2, &Lead { text: "✓", style: style::favour() }, &format!("Met: {}.", met.join("; ")));
    }
    for advice in with(|state| matches!(state, AdviceState::Unknown(_) | AdviceState::Off)) {
        let said = format!("{}: {}.", ctx.advice.rule(advice.code).title, ctx.advice.text(advice));
        paragraph(page, 2, &Lead { text: "?", style: style::quiet() }, &said);
    }
    push_numbers(page, number);
}

fn push_in_full(page: &mut String, mark: &str, style: Style, advice: &Advice, ctx: Context<'_>) {
    let rule = ctx.advice.rule(advice.code);
    let said = format!("{}: {}.", rule.title, ctx.advice.text(advice));
    paragraph(page, 2, &Lead { text: mark, style }, &said);
    say(page, 4, &rule.what_to_do);
    paragraph(page, 4, &Lead { text: "Source:", style: style::quiet() }, &format!("{}.", rule.source));
}

/// The destinations that are not in service. Only an owner's run keeps them.
fn push_numbers(page: &mut String, number: &ScoredNumber) {
    let numbers: Vec<_> = number.advice.iter().flat_map(|advice| &advice.numbers).collect();
    if numbers.is_empty() {
        return;
    }
    push_heading(page, "Remove these from every call list");
    for invalid in numbers.iter().take(NUMBERS_MAX) {
        let sure = if invalid.strong { "not in service" } else { "probably not in service" };
        let calls = text::counted(u64::from(invalid.calls), "call", "calls");
        let last = text::day(invalid.last_seen);
        page.push_str(&format!("  {}  {sure}, {calls}, last on {last}\n", text::padded(&invalid.tn.to_string(), 16)));
    }
    if let Some(more) = numbers.len().checked_sub(NUMBERS_MAX).filter(|&more| more > 0) {
        let more = text::count(more as u64);
        say(page, 2, &format!("… and {more} more: --output json lists them all, under advice, numbers"));
    }
}
