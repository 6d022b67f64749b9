//! How a rating adds up: a ladder from the prior over each reason to the sum.

use owo_colors::Style;
use reputation::verdict::{Opinion, Verdict};

use super::say;
use crate::output::text::{self, cut, padded, right};
use crate::output::{Context, rating_decibans, style};

const TITLE_WIDTH: usize = 24;
const VALUE_WIDTH: usize = 7;
/// Columns of the picture.
const CELLS: usize = 56;

/// One rung: from where to where it leads, in decibans.
struct Rung {
    title: String,
    value: f64,
    from: f64,
    to: f64,
    style: Style,
}

/// Appends the ladder.
pub(super) fn push(page: &mut String, verdict: &Verdict, ctx: Context<'_>) {
    page.push('\n');
    say(page, 2, "How the rating adds up, in decibans: 10 more are ten times the odds, 0 is even odds (│)");
    let rungs = rungs(verdict, ctx);
    let low = rungs.iter().fold(0.0_f64, |low, rung| low.min(rung.from).min(rung.to));
    let high = rungs.iter().fold(0.0_f64, |high, rung| high.max(rung.from).max(rung.to));
    let scale = Scale { low, span: (high - low).max(1.0) };
    for rung in &rungs {
        let title = padded(&cut(&rung.title, TITLE_WIDTH), TITLE_WIDTH);
        let value = right(&signed(rung.value), VALUE_WIDTH);
        page.push_str(&format!("    {title} {value}  {}", scale.draw(rung)));
        page.truncate(page.trim_end_matches(' ').len());
        page.push('\n');
    }
}

fn rungs(verdict: &Verdict, ctx: Context<'_>) -> Vec<Rung> {
    let mut at = verdict.prior_decibans;
    let mut rungs =
        vec![Rung { title: "Before any evidence".to_owned(), value: at, from: 0.0, to: at, style: style::quiet() }];
    for reason in &verdict.reasons {
        let to = at + reason.decibans;
        let style = if reason.decibans > 0.0 { style::against() } else { style::favour() };
        let title = ctx.words.title(reason.code).to_owned();
        rungs.push(Rung { title, value: reason.decibans, from: at, to, style });
        at = to;
    }
    let sum = rating_decibans(verdict);
    let title = match verdict.opinion {
        Opinion::Rated { rating_bp, .. } => format!("= rating {}", text::rating(rating_bp)),
        Opinion::NoOpinion => "= sum".to_owned(),
    };
    rungs.push(Rung { title, value: sum, from: 0.0, to: sum, style: style::heading() });
    rungs
}

/// `+17.4`, `−16.9`: with a real minus, as wide as the plus.
fn signed(decibans: f64) -> String {
    let tenths = (decibans.abs() * 10.0).round() / 10.0;
    let sign = if tenths == 0.0 {
        "±"
    } else if decibans < 0.0 {
        "−"
    } else {
        "+"
    };
    format!("{sign}{tenths:.1}")
}

/// Decibans to columns.
struct Scale {
    low: f64,
    span: f64,
}

impl Scale {
    fn column(&self, decibans: f64) -> usize {
        let share = ((decibans - self.low) / self.span).clamp(0.0, 1.0);
        (share * (CELLS - 1) as f64).round() as usize
    }

    /// The rung's bar, one cell at least; even odds are marked where the bar does not cover them.
    fn draw(&self, rung: &Rung) -> String {
        let (a, b) = (self.column(rung.from), self.column(rung.to));
        let (start, end) = (a.min(b), a.max(b).max(a.min(b) + 1));
        let zero = self.column(0.0);
        let bar = rung.style.style("█".repeat(end - start)).to_string();
        let blank = |from: usize, to: usize| -> String {
            (from..to).map(|column| if column == zero { '│' } else { ' ' }).collect()
        };
        format!("{}{bar}{}", blank(0, start), blank(end, CELLS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_as_wide_as_each_other() {
        assert_eq!(signed(17.372), "+17.4");
        assert_eq!(signed(-16.902), "−16.9");
        assert_eq!(signed(-0.01), "±0.0");
    }

    #[test]
    fn bars_meet_where_one_rung_ends_and_the_next_begins() {
        let scale = Scale { low: -20.0, span: 40.0 };
        let rung = |from, to| Rung { title: String::new(), value: 0.0, from, to, style: Style::new() };
        let up = scale.draw(&rung(-20.0, 0.0));
        let on = scale.draw(&rung(0.0, 20.0));
        let cells = |bar: &str| bar.chars().filter(|&cell| cell == '█').count();
        assert_eq!(cells(&up) + cells(&on), CELLS - 1);
        assert_eq!(text::width(&up), CELLS);
        assert!(scale.draw(&rung(-12.0, -4.0)).contains('│'));
    }
}
