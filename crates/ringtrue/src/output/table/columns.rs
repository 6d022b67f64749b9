//! The columns of the table, made to fit the page.

use reputation::assess::ReasonCode;
use reputation::verdict::{Opinion, Reason, Verdict};
use service::number::ScoredNumber;

use super::{calls, worst};
use crate::output::text::{self, WIDTH};
use crate::output::{Context, style};

/// Spaces between two columns.
const GAP: usize = 2;
/// A column of labels is at most as wide as the widest words with their mark.
const LABEL_WIDTH_MAX: usize = 16;
const RATING_WIDTH: usize = 6;
/// Reasons below this many decibans, a quarter more odds, are left to the explanation.
const MIN_DECIBANS: f64 = 1.0;
/// Days in the picture: all there are, or a week where several engines need the room.
const DAYS: usize = 14;
const FEW_DAYS: usize = 7;

/// Which columns there are and how wide.
pub(super) struct Columns<'a> {
    ctx: Context<'a>,
    /// The engines, each a column; one that is `None` stands for any engine.
    engines: Vec<EngineColumn>,
    tn_width: usize,
    calls_heading: &'static str,
    calls_width: usize,
    days: usize,
    why_width: usize,
}

/// A column of labels.
struct EngineColumn {
    engine: Option<usize>,
    name: String,
    width: usize,
}

impl EngineColumn {
    fn of(engine: Option<usize>, several: bool, numbers: &[&ScoredNumber], ctx: Context<'_>) -> Self {
        let name = engine.map_or("Label", |_| ctx.engine_name(engine));
        let name = text::cut(name, LABEL_WIDTH_MAX);
        let words = |number: &&ScoredNumber| opinion_at(number, engine).map_or(0, |it| text::width(words(it, several)));
        let width = numbers.iter().map(words).fold(text::width(&name), |widest, words| widest.max(words + 2));
        Self { engine, name, width }
    }
}

/// What an engine thinks of a number. A number whose calls name no carrier has one verdict, which stands at every engine.
fn opinion_at(number: &ScoredNumber, engine: Option<usize>) -> Option<Opinion> {
    let of = |engine| number.verdicts.iter().find(|verdict| verdict.engine == engine);
    of(engine).or_else(|| of(None)).map(|verdict| verdict.opinion)
}

const fn words(opinion: Opinion, several: bool) -> &'static str {
    if several { style::short_words(opinion) } else { style::words(opinion) }
}

impl<'a> Columns<'a> {
    /// Fits the columns to the numbers that are shown.
    pub(super) fn of(numbers: &[&ScoredNumber], ctx: Context<'a>) -> Self {
        let mut engines: Vec<Option<usize>> =
            numbers.iter().flat_map(|number| &number.verdicts).map(|verdict| verdict.engine).collect();
        engines.sort_unstable();
        engines.dedup();
        if engines.len() > 1 {
            engines.retain(Option::is_some);
        }
        let several = engines.len() > 1;
        let engines: Vec<EngineColumn> =
            engines.into_iter().map(|engine| EngineColumn::of(engine, several, numbers, ctx)).collect();
        let widest = |widths: &mut dyn Iterator<Item = usize>, least| widths.fold(least, usize::max);
        let tn_width = widest(&mut numbers.iter().map(|number| usize::from(number.tn.len()) + 1), "Number".len());
        let totals = numbers.iter().any(|number| number.totals.is_some());
        // Totals cover a span of their own, and the narrow table has no room.
        let calls_heading = if several || totals { "Calls" } else { "Calls 7 d" };
        let digits = |number: &&ScoredNumber| text::width(&text::count(calls(number)));
        let calls_width = widest(&mut numbers.iter().map(digits), text::width(calls_heading));
        let days = if several { FEW_DAYS } else { DAYS };
        let labels: usize = engines.iter().map(|column| column.width).sum();
        let taken = [tn_width, labels + engines.len().saturating_sub(1), RATING_WIDTH, calls_width, days];
        let taken = taken.iter().sum::<usize>() + taken.len() * GAP - 1;
        Self { ctx, engines, tn_width, calls_heading, calls_width, days, why_width: WIDTH.saturating_sub(taken) }
    }

    /// Appends the line of column names.
    pub(super) fn push_heading(&self, page: &mut String) {
        let labels: Vec<String> = self.engines.iter().map(|column| text::padded(&column.name, column.width)).collect();
        let why = ["Speaks against the caller", "Against the caller", "Why"];
        let why = why.into_iter().find(|words| text::width(words) <= self.why_width).unwrap_or("");
        let line = self.line(
            &text::padded("Number", self.tn_width),
            &labels.join(" "),
            &text::right("Rating", RATING_WIDTH),
            &text::right(self.calls_heading, self.calls_width),
            &text::padded(why, self.why_width),
            if self.several() { "7 days" } else { "14 days" },
        );
        page.push_str(&style::quiet().style(line).to_string());
        page.push('\n');
    }

    /// Appends one number.
    pub(super) fn push_row(&self, page: &mut String, number: &ScoredNumber) {
        let labels: Vec<String> = self.engines.iter().map(|column| self.label(number, column)).collect();
        let worst = worst(number);
        let rating = match worst.map(|verdict| verdict.opinion) {
            Some(Opinion::Rated { rating_bp, .. }) => text::rating(rating_bp),
            Some(Opinion::NoOpinion) | None => String::new(),
        };
        let why = worst.map(|verdict| self.why(verdict)).unwrap_or_default();
        let days = number.daily_attempts.get(DAYS.saturating_sub(self.days)..).unwrap_or_default();
        let called = number.daily_attempts.iter().any(|&attempts| attempts > 0);
        let picture = if called { text::sparkline(days) } else { String::new() };
        let line = self.line(
            &text::padded(&number.tn.to_string(), self.tn_width),
            &labels.join(" "),
            &text::right(&rating, RATING_WIDTH),
            &text::right(&text::count(calls(number)), self.calls_width),
            &text::padded(&why, self.why_width),
            &picture,
        );
        page.push_str(&line);
        page.push('\n');
    }

    fn line(&self, tn: &str, labels: &str, rating: &str, calls: &str, why: &str, days: &str) -> String {
        // A rating is set to the right, so one space keeps it apart from the labels.
        let left = [tn, labels].join(&" ".repeat(GAP));
        let rest = [rating, calls, why, days].join(&" ".repeat(GAP));
        format!("{left} {rest}").trim_end().to_owned()
    }

    const fn several(&self) -> bool {
        self.engines.len() > 1
    }

    /// Mark and words of the label at one engine, padded; the colours take no room.
    fn label(&self, number: &ScoredNumber, column: &EngineColumn) -> String {
        let Some(opinion) = opinion_at(number, column.engine) else {
            return " ".repeat(column.width);
        };
        let words = words(opinion, self.several());
        let rest = column.width.saturating_sub(text::width(style::mark(opinion)) + 1 + text::width(words));
        format!(
            "{} {}{}",
            style::of_mark(opinion).style(style::mark(opinion)),
            style::of_words(opinion).style(words),
            " ".repeat(rest)
        )
    }

    /// The two strongest reasons against the caller that fit. The floor restates the others, and a weak one is no news.
    fn why(&self, verdict: &Verdict) -> String {
        let speaks = |reason: &&Reason| reason.decibans >= MIN_DECIBANS && reason.code != ReasonCode::Floor;
        let mut against = verdict.reasons.iter().filter(speaks);
        let Some(first) = against.next() else {
            return String::new();
        };
        let first = self.ctx.words.short_text(first);
        for second in against {
            let both = format!("{first} · {}", self.ctx.words.short_text(second));
            if text::width(&both) <= self.why_width {
                return both;
            }
        }
        text::cut(&first, self.why_width)
    }
}
