//! The report as tables for people.

use std::io::{self, Write};

use super::baseline::{Against, Change};
use super::compare::Difference;
use super::measure::{Evaluation, Flaps, Group, Quantiles, Ratio};
use super::outcome::LEVELS;
use super::page::points;
use super::run::Report;
use super::trade_off::{Point, TradeOff};
use crate::output::style;
use crate::output::text::{self, count, padded, right};

/// The narrowest column of figures.
const COLUMN: usize = 9;

/// Writes the tables.
///
/// # Errors
/// Those of the writer.
pub(crate) fn write(mut out: impl Write, report: &Report) -> io::Result<()> {
    let mut page = String::new();
    push_header(&mut page, report);
    push_capture(&mut page, &report.evaluation);
    push_false_positives(&mut page, &report.evaluation);
    push_time(&mut page, &report.evaluation);
    push_steadiness(&mut page, &report.evaluation);
    push_engines(&mut page, report);
    push_trade_off(&mut page, report.trade_off.as_ref());
    report.against.iter().for_each(|against| push_changes(&mut page, against));
    if let Some(lock_in) = &report.lock_in {
        page.push('\n');
        text::paragraph(&mut page, 0, &text::Lead::default(), &lock_in.words());
    }
    out.write_all(page.as_bytes())?;
    out.flush()
}

fn push_header(page: &mut String, report: &Report) {
    let found = &report.evaluation;
    heading(page, &format!("Policy {} on traffic with known truth", report.policy_version));
    let from = report.from.map_or_else(|| "?".to_owned(), text::moment);
    page.push_str(&format!("{from} to {}\n", text::moment(report.through)));
    page.push_str(&format!(
        "{} unwanted and {} wanted numbers, {} of them registered; {} unwanted and {} wanted calls\n\n",
        count(found.unwanted.numbers),
        count(found.wanted.numbers),
        count(found.registered.numbers),
        count(found.unwanted.calls),
        count(found.wanted.calls)
    ));
}

fn push_capture(page: &mut String, found: &Evaluation) {
    heading(page, "Caught: unwanted numbers ever labelled, and unwanted calls that showed a label");
    let mut grid =
        Grid::new(["", "numbers", "busy", "Potential", "Likely", "Spam", "ceiling", "calls", "Likely", "ceiling"]);
    let unwanted = found.classes.iter().filter(|class| class.unwanted);
    let rows = unwanted.map(|class| (&*class.name, &class.all));
    let [attacked, _] = found.attacked_where_any();
    let all = std::iter::once(("all unwanted", &found.unwanted)).chain(attacked.map(|group| ("attacked", group)));
    for (name, group) in all.chain(rows) {
        let [potential, likely, spam] = group.labelled_busy;
        let [_, reach_likely, _] = group.reachable_busy;
        let [_, shown_likely, _] = group.shown;
        let [_, reach_calls, _] = group.reachable_calls;
        grid.row([
            name.to_owned(),
            count(group.numbers),
            count(likely.whole),
            percent(potential),
            percent(likely),
            percent(spam),
            percent(reach_likely),
            count(group.calls),
            percent(shown_likely),
            percent(reach_calls),
        ]);
    }
    grid.push(page);
    quiet(page, "The shares of numbers are those of busy ones: 50 calls or more within 7 days.");
    quiet(page, "The ceiling is what any policy reaches that asks for as many calls as this one does for Spam Likely.");
    page.push('\n');
}

fn push_false_positives(page: &mut String, found: &Evaluation) {
    heading(page, "Wronged: wanted numbers ever labelled");
    let mut grid =
        Grid::new(["", "numbers", "Potential", "Likely", "at most", "Spam", "at most", "calls shown Likely"]);
    let mut row = |name: &str, group: &Group| {
        let [potential, likely, spam] = group.labelled;
        let [_, shown, _] = group.shown;
        grid.row([
            name.to_owned(),
            count(group.numbers),
            fine(potential.share()),
            fine(likely.share()),
            fine(likely.upper_95()),
            fine(spam.share()),
            fine(spam.upper_95()),
            fine(shown.share()),
        ]);
    };
    row("all wanted", &found.wanted);
    row("registered", &found.registered);
    row("  and attested", &found.attested);
    row("not registered", &found.unregistered);
    let [_, attacked] = found.attacked_where_any();
    if let Some(group) = attacked {
        row("attacked", group);
    }
    for class in found.classes.iter().filter(|class| !class.unwanted) {
        row(&class.name, &class.all);
    }
    grid.push(page);
    quiet(page, "\"At most\" is the 95 % upper bound (Clopper and Pearson, one-sided).");
    page.push('\n');
}

fn push_time(page: &mut String, found: &Evaluation) {
    heading(page, "How long it takes until an unwanted number is labelled");
    let mut grid = Grid::new(["", "numbers", "calls", "of 9 in 10", "hours", "of 9 in 10"]);
    for (level, time) in LEVELS.into_iter().zip(&found.unwanted.time) {
        let [calls, calls_p90] = quantiles(time.calls);
        let [hours, hours_p90] = quantiles(time.hours);
        grid.row([level.words().to_owned(), count(time.numbers), calls, calls_p90, hours, hours_p90]);
    }
    grid.push(page);
    page.push('\n');
}

fn push_steadiness(page: &mut String, found: &Evaluation) {
    let ratings = &found.ratings;
    heading(page, "Labels that come back, and what a rating means");
    let mut grid = Grid::new(["", "returns", "number-days", "a day", "ratings", "Brier", "calibration error"]);
    for ((level, flaps), quality) in LEVELS.into_iter().zip(&found.flaps).zip(&ratings.at_level) {
        let Flaps { returns, labelled_d } = *flaps;
        grid.row([
            format!("{} or higher", level.words()),
            count(returns),
            count(labelled_d as u64),
            fine(flaps.rate()),
            count(quality.n),
            decimals(quality.brier),
            decimals(quality.ece),
        ]);
    }
    let all = &ratings.overall;
    let blank = String::new;
    let overall = [count(all.n), decimals(all.brier), decimals(all.ece)];
    let [n, brier, ece] = overall;
    grid.row(["all with an opinion".to_owned(), blank(), blank(), blank(), n, brier, ece]);
    grid.push(page);
    page.push_str(&format!(
        "Area under the ROC curve {}, average precision {}, recall at 1 % false positives {}\n\n",
        decimals(ratings.ranking.auc()),
        decimals(ratings.ranking.average_precision()),
        decimals(ratings.ranking.recall_at_fpr(0.01))
    ));
}

fn push_engines(page: &mut String, report: &Report) {
    heading(page, "By engine: numbers ever labelled there");
    let header = ["", "rated", "caught: Potential", "Likely", "Spam", "wronged: Potential", "Likely", "Spam"];
    let mut grid = Grid::new(header);
    for result in &report.evaluation.engines {
        let [caught_potential, caught_likely, caught_spam] = result.caught.map(percent);
        let [potential, likely, spam] = result.wronged.map(|ratio| fine(ratio.share()));
        let name = report.engine_name(result.engine).to_owned();
        let rated = count(result.rated.part);
        grid.row([name, rated, caught_potential, caught_likely, caught_spam, potential, likely, spam]);
    }
    grid.push(page);
}

fn push_trade_off(page: &mut String, curves: Option<&TradeOff>) {
    for (level, curve) in LEVELS.into_iter().zip(curves.into_iter().flatten()) {
        page.push('\n');
        heading(page, &format!("If {} began at another probability", level.words()));
        let mut grid = Grid::new(["from", "busy unwanted", "registered", "not registered"]);
        for Point { p, caught, registered, unregistered } in curve {
            let [caught, registered, unregistered] = [*caught, *registered, *unregistered].map(percent);
            grid.row([format!("{p}"), caught, registered, unregistered]);
        }
        grid.push(page);
    }
}

fn push_changes(page: &mut String, Against { words, changes, key: _ }: &Against) {
    page.push('\n');
    heading(page, &format!("Against {words}, in points of a hundred"));
    let mut grid = Grid::new(["", "Potential", "Likely", "Spam"]);
    for Change { place: _, words, levels } in changes {
        let [potential, likely, spam] = levels.map(|[then, now]| points(then.zip(now).map(|(then, now)| now - then)));
        grid.row([(*words).to_owned(), potential, likely, spam]);
    }
    grid.push(page);
}

/// Writes two policies side by side.
///
/// # Errors
/// Those of the writer.
pub(crate) fn write_compared(
    mut out: impl Write,
    names: &[String; 2],
    reports: [&Report; 2],
    differences: &[Difference],
) -> io::Result<()> {
    let mut page = String::new();
    let [one, other] = names;
    heading(&mut page, "Two policies on the same facts");
    for (name, report) in names.iter().zip(reports) {
        page.push_str(&format!("{name}: version {}\n", report.policy_version));
    }
    page.push('\n');
    let mut grid = Grid::new(["", "", one, other, "points", "95 % interval", ""]);
    for difference in differences {
        let Difference { words, level, first, second, difference: off, interval, .. } = difference;
        let show = |value: Option<f64>| if level.is_some() { fine(value) } else { decimals(value) };
        let interval = interval.map_or_else(
            || "–".to_owned(),
            |interval| format!("{} … {}", points(Some(interval.low)), points(Some(interval.high))),
        );
        let sure = if difference.is_sure() { "differs" } else { "" };
        let level = level.unwrap_or_default();
        let cells = [words, level].map(str::to_owned);
        let [words, level] = cells;
        grid.row([words, level, show(*first), show(*second), points(*off), interval, sure.to_owned()]);
    }
    grid.push(&mut page);
    for (name, report) in names.iter().zip(reports) {
        if let Some(lock_in) = &report.lock_in {
            page.push('\n');
            text::paragraph(&mut page, 0, &text::Lead::default(), &format!("{name}: {}", lock_in.words()));
        }
    }
    quiet(&mut page, "Intervals by drawing numbers with replacement; \"differs\" where 0 lies outside.");
    out.write_all(page.as_bytes())?;
    out.flush()
}

/// Rows of text, the first column to the left and the others to the right.
struct Grid<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Grid<N> {
    fn new(header: [&str; N]) -> Self {
        Self { rows: vec![header.map(str::to_owned)] }
    }

    fn row(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    fn push(&self, page: &mut String) {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| text::width(cell)).max().unwrap_or(0)
        };
        for (place, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                if column == 0 {
                    line.push_str(&padded(cell, width(column)));
                } else {
                    line.push_str("  ");
                    line.push_str(&right(cell, width(column).max(COLUMN)));
                }
            }
            if place == 0 { quiet(page, line.trim_end()) } else { page.push_str(&format!("{}\n", line.trim_end())) }
        }
    }
}

fn heading(page: &mut String, words: &str) {
    page.push_str(&format!("{}\n", style::heading().style(words)));
}

fn quiet(page: &mut String, words: &str) {
    page.push_str(&format!("{}\n", style::quiet().style(words)));
}

/// A share of numbers or calls, as people write it.
fn percent(ratio: Ratio) -> String {
    fine(ratio.share())
}

/// A share in per cent with as many decimals as a small one needs; a dash of nothing.
pub(crate) fn fine(share: Option<f64>) -> String {
    match share.map(|share| share * 100.0) {
        None => "–".to_owned(),
        Some(0.0) => "0 %".to_owned(),
        Some(percent) if percent < 0.1 => format!("{percent:.3} %"),
        Some(percent) if percent < 10.0 => format!("{percent:.2} %"),
        Some(percent) if percent < 100.0 => format!("{percent:.1} %"),
        Some(percent) => format!("{percent:.0} %"),
    }
}

/// A figure between 0 and 1; a dash of nothing.
pub(crate) fn decimals(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"))
}

fn quantiles(found: Option<Quantiles>) -> [String; 2] {
    match found {
        None => ["–".to_owned(), "–".to_owned()],
        Some(Quantiles { median, p90 }) => [count(median), count(p90)],
    }
}
