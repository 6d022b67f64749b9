//! The plain counts behind a verdict, and how long answered calls lasted.

use model::Aggregate;
use reputation::facts::{LENGTH_EDGES_S, Tally};
use service::number::{ScoredNumber, WindowFacts};

use super::{push_heading, say};
use crate::output::text::{bar, count, padded, percent, right};
use crate::output::{Context, style};

const NAME_WIDTH: usize = 30;
const CELL_WIDTH: usize = 16;
/// Columns of the longest bar.
const BAR_WIDTH: usize = 48;
/// Above this many, distinct destinations are estimated from the sample.
const EXACT_DISTINCT: f64 = reputation::facts::SAMPLE_SIZE as f64;

/// What holds for all windows of a number.
#[derive(Clone, Copy)]
struct Whole {
    short_call_s: u32,
    /// It called so many that destinations are estimated, in every window.
    estimated: bool,
}

/// How one fact is read from a window.
type Read = fn(&WindowFacts, Whole) -> String;

/// A fact, and whether it is left out when it never happened.
struct Row {
    name: &'static str,
    always: bool,
    read: Read,
}

const ROWS: [Row; 16] = [
    Row { name: "Calls", always: true, read: |facts, _| count(facts.tally.attempts) },
    Row { name: "Answered", always: true, read: answered },
    Row { name: "  of these short", always: true, read: short },
    Row { name: "  mean length", always: true, read: |facts, _| mean_length(&facts.tally) },
    Row { name: "Not answered", always: true, read: unanswered },
    Row { name: "Not in service", always: true, read: invalid },
    Row { name: "Busy", always: false, read: |facts, _| of(facts.tally.busy, facts.tally.attempts) },
    Row { name: "Declined", always: false, read: |facts, _| of(facts.tally.declined, facts.tally.attempts) },
    Row {
        name: "Given up by the caller",
        always: false,
        read: |facts, _| of(facts.tally.cancelled, facts.tally.attempts),
    },
    Row { name: "Failed, cause unknown", always: false, read: |facts, _| of(facts.tally.failed, facts.tally.attempts) },
    Row { name: "Network failures", always: false, read: |facts, _| of(facts.tally.unreachable, facts.tally.attempts) },
    Row { name: "Blocked by analytics", always: false, read: |facts, _| of(facts.tally.blocked, facts.tally.attempts) },
    Row {
        name: "Refused as unwanted (607)",
        always: false,
        read: |facts, _| of(facts.tally.unwanted, facts.tally.attempts),
    },
    Row { name: "Different numbers called", always: true, read: distinct },
    Row { name: "Reports", always: true, read: |facts, _| count(facts.reports) },
    Row { name: "Calls back that talked", always: false, read: |facts, _| count(facts.tally.called_back) },
];

/// Appends facts and lengths.
pub(super) fn push(page: &mut String, number: &ScoredNumber, ctx: Context<'_>) {
    let short_call_s = ctx.policy.facts.short_call_s;
    let whole = Whole { short_call_s, estimated: number.d35.distinct_dest > EXACT_DISTINCT };
    if let Some(totals) = &number.totals {
        push_totals(page, totals);
        return;
    }
    push_heading(page, "Facts");
    let heading = format!(
        "  {}{}{}{}",
        padded("plain counts, days are UTC", NAME_WIDTH),
        right("24 h", CELL_WIDTH),
        right("7 days", CELL_WIDTH),
        right("35 days", CELL_WIDTH)
    );
    page.push_str(&style::quiet().style(heading).to_string());
    page.push('\n');
    for row in &ROWS {
        let cells = [&number.h24, &number.d7, &number.d35].map(|facts| (row.read)(facts, whole));
        let never = cells.iter().all(|cell| cell == "0" || cell == "–");
        if row.always || !never {
            push_row(page, row.name, &cells);
        }
    }
    push_lengths(page, &number.d35.tally, short_call_s);
}

fn push_row(page: &mut String, name: &str, cells: &[String; 3]) {
    page.push_str("  ");
    page.push_str(&padded(name, NAME_WIDTH));
    for cell in cells {
        page.push_str(&right(cell, CELL_WIDTH));
    }
    page.push('\n');
}

/// `100 (25 %)`; a dash where there is nothing to take a share of.
fn of(n: u64, all: u64) -> String {
    match (n, all) {
        (_, 0) => "–".to_owned(),
        (0, _) => "0".to_owned(),
        _ => format!("{} ({})", count(n), percent(n as f64 / all as f64)),
    }
}

fn short(facts: &WindowFacts, Whole { short_call_s, .. }: Whole) -> String {
    of(facts.tally.answered_within(short_call_s), facts.tally.answered_known())
}

fn answered(facts: &WindowFacts, _: Whole) -> String {
    let tally = &facts.tally;
    shown(tally.answered, tally.shows_answer, tally.attempts, tally.attempts)
}

fn unanswered(facts: &WindowFacts, _: Whole) -> String {
    let tally = &facts.tally;
    let answerable = tally.attempts.saturating_sub(tally.unreachable + tally.blocked);
    shown(if tally.shows_answer == 0 { 0 } else { tally.unanswered() }, tally.shows_answer, answerable, tally.attempts)
}

fn invalid(facts: &WindowFacts, _: Whole) -> String {
    let tally = &facts.tally;
    shown(tally.invalid(), tally.shows_invalid, tally.shows_invalid.max(tally.invalid()), tally.attempts)
}

/// A share; what the records cannot show is not zero.
fn shown(n: u64, observable: u64, all: u64, attempts: u64) -> String {
    if n == 0 && observable == 0 && attempts > 0 { "not shown".to_owned() } else { of(n, all) }
}

fn mean_length(tally: &Tally) -> String {
    let known = tally.answered_known();
    if known == 0 {
        return "–".to_owned();
    }
    format!("{} s", count((tally.talk_ds as f64 / 10.0 / known as f64).round() as u64))
}

fn distinct(facts: &WindowFacts, whole: Whole) -> String {
    let about = if whole.estimated && facts.distinct_dest > 0.0 { "about " } else { "" };
    format!("{about}{}", count(facts.distinct_dest.round() as u64))
}

/// How long answered calls lasted, with the line below which a call is short.
fn push_lengths(page: &mut String, tally: &Tally, short_call_s: u32) {
    let known = tally.answered_known();
    if known == 0 {
        return;
    }
    push_heading(page, "How long answered calls lasted, 35 days");
    let most = tally.lengths.iter().copied().max().unwrap_or(0);
    let mut from = 0;
    let edges = LENGTH_EDGES_S.iter().copied().map(Some).chain([None]);
    for (edge, &calls) in edges.zip(&tally.lengths) {
        let name = match edge {
            Some(edge) if from == 0 => format!("up to {edge} s"),
            Some(edge) => format!("{from} to {edge} s"),
            None => format!("over {from} s"),
        };
        let is_short = edge.is_some_and(|edge| edge <= short_call_s);
        let drawn = bar(calls, most, BAR_WIDTH);
        let coloured = is_short && !drawn.is_empty();
        let drawn = if coloured { style::against().style(drawn).to_string() } else { drawn };
        page.push_str(&format!("  {}{}  {drawn}", padded(&name, 14), right(&of(calls, known), CELL_WIDTH)));
        page.truncate(page.trim_end_matches(' ').len());
        page.push('\n');
        if edge == Some(short_call_s) {
            let share = percent(tally.answered_within(short_call_s) as f64 / known as f64);
            let line = format!("  ── above this line short: {share} ──");
            page.push_str(&style::quiet().style(line).to_string());
            page.push('\n');
        }
        from = edge.unwrap_or(from);
    }
}

/// What a source counted by itself.
fn push_totals(page: &mut String, totals: &Aggregate) {
    push_heading(page, "Facts, as totals of their source");
    let rows = [
        ("Calls", Some(totals.attempts)),
        ("Answered", totals.answered),
        ("Short", totals.short),
        ("Not answered", totals.unanswered),
        ("Not in service", totals.invalid),
        ("Busy", totals.busy),
        ("Declined", totals.declined),
        ("Blocked by analytics", totals.blocked),
        ("Refused as unwanted (607)", totals.unwanted),
        ("Different numbers called", totals.distinct_dest),
        ("First calls", totals.first_calls),
        ("Seconds of talk", totals.talk_ms.map(|ms| ms / 1000)),
        ("Reports", totals.reports),
    ];
    for (name, value) in rows {
        let cell = value.map_or_else(|| "not told".to_owned(), count);
        page.push_str(&format!("  {}{}\n", padded(name, NAME_WIDTH), right(&cell, CELL_WIDTH)));
    }
    say(page, 2, "What is not told is no evidence, neither against the caller nor for it.");
}
