//! The report as one page with plots, complete in itself.

use fit::plot::{Axis, Block, Mark, Marks, Page, Plot, Series};

use super::baseline::Against;
use super::compare::Difference;
use super::measure::{CaughtAfter, Evaluation, Group, Ratio, thinned};
use super::outcome::LEVELS;
use super::run::Report;
use super::table::{decimals, fine};
use super::trade_off::{Point, TradeOff};
use crate::output::text::{self, count};

/// The page about one policy.
pub(crate) fn page(report: &Report) -> Page {
    let found = &report.evaluation;
    let title = format!("How good and how fair policy {} is", report.policy_version);
    let mut blocks = vec![
        Block::Text(headline(report)),
        Block::Text(
            "An evaluation on traffic with known truth: the policy ran event by event, knew nothing before it became known, \
             and each call looked up the label of its moment. What it says of real traffic is no better than that traffic."
                .to_owned(),
        ),
        Block::Heading("What is caught".to_owned()),
        capture(found),
        Block::Plots(vec![
            growth(found, "Caught after so many calls", "calls placed before the label", |after| &after.calls),
            growth(found, "Caught after so many hours", "hours since the first call", |after| &after.hours),
        ]),
        Block::Heading("Who is wronged".to_owned()),
        Block::Text(
            "Wanted numbers that ever had a label at some engine, however briefly. The bound is the 95 % upper one of Clopper \
             and Pearson: small classes prove little."
                .to_owned(),
        ),
        wronged(found),
        Block::Heading("What a rating means".to_owned()),
        ratings(found),
        Block::Plots(vec![reliability(found), roc(&[("ratings", found)]), precision(&[("ratings", found)])]),
        Block::Heading("How steady and how even".to_owned()),
        steadiness(found),
        engines(report),
    ];
    if let Some(curves) = &report.trade_off {
        blocks.extend(trade_off(found, curves));
    }
    blocks.extend(report.against.iter().map(against));
    if let Some(lock_in) = &report.lock_in {
        blocks.extend([Block::Heading("Who cannot get out of a label".to_owned()), Block::Text(lock_in.words())]);
    }
    Page { title, blocks }
}

/// What each threshold would cost, for the two kinds of wanted numbers.
fn trade_off(found: &Evaluation, curves: &TradeOff) -> [Block; 3] {
    let [registered, unregistered] = [("registered", &found.registered), ("not registered", &found.unregistered)];
    [
        Block::Heading("Where the thresholds stand".to_owned()),
        Block::Text(
            "Each curve runs through the probabilities from which its level might begin, .5 on the right and .999 on the left, \
             all other conditions as they are. The dots are the policy as it is. Where a curve ends far below everything, or \
             hardly moves, the threshold is not what decides."
                .to_owned(),
        ),
        Block::Plots(vec![
            trade_off_plot(found, curves, registered, |point| point.registered),
            trade_off_plot(found, curves, unregistered, |point| point.unregistered),
        ]),
    ]
}

fn trade_off_plot(
    found: &Evaluation,
    curves: &TradeOff,
    (name, group): (&str, &Group),
    wronged: impl Fn(&Point) -> Ratio,
) -> Plot {
    let place = |wronged: Ratio, caught: Ratio| Some([wronged.share()?, caught.share()?]);
    let mut series: Vec<Series> = LEVELS
        .into_iter()
        .zip(curves)
        .map(|(level, curve)| Series {
            name: level.words().to_owned(),
            mark: Mark::Line,
            points: curve.iter().rev().filter_map(|point| place(wronged(point), point.caught)).collect(),
        })
        .collect();
    let own = group.labelled.iter().zip(&found.unwanted.labelled_busy);
    let own = own.filter_map(|(&wronged, &caught)| place(wronged, caught)).collect();
    series.push(Series { name: "as it is".to_owned(), mark: Mark::Points, points: own });
    Plot {
        title: format!("Busy unwanted caught, and wanted wronged: {name}"),
        note: "The threshold of each level, moved from .999 to .5.".to_owned(),
        x: Axis { marks: Marks::Percent, ..Axis::linear(&format!("wanted, {name}, ever labelled")) },
        y: Axis::share("busy unwanted numbers ever labelled"),
        series,
    }
}

/// What rose and fell against another evaluation.
fn against(against: &Against) -> Block {
    let rows = against.changes.iter().map(|change| {
        let off = change.levels.map(|[then, now]| points(then.zip(now).map(|(then, now)| now - then)));
        std::iter::once(change.words.to_owned()).chain(off).collect()
    });
    Block::Table {
        caption: format!("Against {}, in points of a hundred", against.words),
        header: std::iter::once(String::new()).chain(LEVELS.map(|level| level.words().to_owned())).collect(),
        rows: rows.collect(),
    }
}

/// The page about two policies.
pub(crate) fn compared(names: &[String; 2], reports: [&Report; 2], differences: &[Difference]) -> Page {
    let [one, other] = names;
    let found = reports.map(|report| &report.evaluation);
    let [first, second] = found;
    let both = [(one.as_str(), first), (other.as_str(), second)];
    let rows = differences.iter().map(|difference| {
        let Difference { words, level, first, second, difference: off, interval, .. } = difference;
        let show = |value: Option<f64>| if level.is_some() { fine(value) } else { decimals(value) };
        let interval = interval.map_or_else(
            || "–".to_owned(),
            |interval| format!("{} to {}", points(Some(interval.low)), points(Some(interval.high))),
        );
        let name = level.map_or_else(|| (*words).to_owned(), |level| format!("{words}, {level}"));
        vec![name, show(*first), show(*second), points(*off), interval]
    });
    let header = ["", one, other, "difference", "95 % interval"].map(str::to_owned).to_vec();
    let table = Block::Table {
        caption: "Differences in points of a hundred; intervals by drawing numbers with replacement".to_owned(),
        header,
        rows: rows.collect(),
    };
    let reliabilities =
        both.map(|(name, found)| Plot { title: format!("Calibration of {name}"), ..reliability(found) });
    let mut plots = vec![roc(&both), precision(&both)];
    plots.extend(reliabilities);
    Page {
        title: format!("{one} beside {other}"),
        blocks: vec![
            Block::Text("Two policies on the same facts about the same numbers.".to_owned()),
            table,
            Block::Plots(plots),
            Block::Heading(format!("What {one} catches")),
            capture(first),
            wronged(first),
            Block::Heading(format!("What {other} catches")),
            capture(second),
            wronged(second),
        ],
    }
}

/// A difference in points of a hundred, with its sign.
pub(crate) fn points(difference: Option<f64>) -> String {
    difference.map_or_else(|| "–".to_owned(), |off| format!("{:+.3}", off * 100.0).replace('-', "−"))
}

fn headline(report: &Report) -> String {
    let found = &report.evaluation;
    let [_, busy, _] = found.unwanted.labelled_busy;
    let [_, registered, _] = found.registered.labelled;
    let [_, calls, _] = found.unwanted.shown;
    format!(
        "{} to {}: of {} unwanted numbers with 50 calls or more within 7 days, {} came to show Spam Likely or Spam, and {} of \
         all unwanted calls did. Of {} registered legitimate callers {} ever showed it; with 95 % confidence the share is at \
         most {}.",
        report.from.map_or_else(|| "?".to_owned(), text::moment),
        text::moment(report.through),
        count(busy.whole),
        fine(busy.share()),
        fine(calls.share()),
        count(registered.whole),
        count(registered.part),
        fine(registered.upper_95())
    )
}

fn capture(found: &Evaluation) -> Block {
    let row = |name: &str, group: &Group| {
        let [busy_potential, busy, busy_spam] = group.labelled_busy;
        let [_, reach, _] = group.reachable_busy;
        let [_, shown, _] = group.shown;
        let [_, reach_calls, _] = group.reachable_calls;
        let share = |ratio: Ratio| fine(ratio.share());
        let mut cells = vec![name.to_owned(), count(busy.whole)];
        cells.extend([busy_potential, busy, busy_spam, reach].map(share));
        cells.push(count(group.calls));
        cells.extend([shown, reach_calls].map(share));
        cells
    };
    let unwanted = found.classes.iter().filter(|class| class.unwanted).map(|class| row(&class.name, &class.all));
    let [attacked, _] = found.attacked_where_any();
    Block::Table {
        caption: "Unwanted numbers with 50 calls or more within 7 days, and all unwanted calls. Reachable: what a policy can \
                  label at all that asks for as many calls as this one does for Spam Likely."
            .to_owned(),
        header: [
            "", "numbers", "Potential Spam", "Spam Likely", "Spam", "reachable", "calls", "shown Spam Likely", "reachable",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: std::iter::once(row("all unwanted", &found.unwanted))
            .chain(attacked.map(|group| row("attacked", group)))
            .chain(unwanted)
            .collect(),
    }
}

fn wronged(found: &Evaluation) -> Block {
    let row = |name: &str, group: &Group| {
        let [potential, likely, spam] = group.labelled;
        let mut cells = vec![name.to_owned(), count(group.numbers), fine(potential.share())];
        for level in [likely, spam] {
            cells.extend([fine(level.share()), fine(level.upper_95())]);
        }
        cells
    };
    let mut rows = vec![
        row("all wanted", &found.wanted),
        row("registered", &found.registered),
        row("registered and attested", &found.attested),
        row("not registered", &found.unregistered),
    ];
    let [_, attacked] = found.attacked_where_any();
    rows.extend(attacked.map(|group| row("attacked", group)));
    rows.extend(found.classes.iter().filter(|class| !class.unwanted).map(|class| row(&class.name, &class.all)));
    Block::Table {
        caption: "Wanted numbers ever labelled, by class".to_owned(),
        header: ["", "numbers", "Potential Spam", "Spam Likely", "at most", "Spam", "at most"]
            .map(str::to_owned)
            .to_vec(),
        rows,
    }
}

fn growth(found: &Evaluation, title: &str, across: &str, of: impl Fn(&CaughtAfter) -> &Vec<[f64; 2]>) -> Plot {
    let series = LEVELS.into_iter().zip(&found.caught_after).map(|(level, after)| {
        // On a logarithmic axis nothing has a place at 0.
        let points = of(after).iter().map(|&[value, share]| [value.max(1.0), share]).collect();
        Series { name: level.words().to_owned(), mark: Mark::Steps, points }
    });
    Plot {
        title: title.to_owned(),
        note: "The share of all unwanted numbers that had the label or a higher one by then.".to_owned(),
        x: Axis::log(across),
        y: Axis::share("unwanted numbers"),
        series: series.collect(),
    }
}

fn ratings(found: &Evaluation) -> Block {
    let ratings = &found.ratings;
    let levels = LEVELS.into_iter().zip(&ratings.at_level);
    let row = |name: String, quality: &super::measure::Quality| {
        vec![name, count(quality.n), decimals(quality.brier), decimals(quality.ece)]
    };
    let mut rows = vec![row("all with an opinion".to_owned(), &ratings.overall)];
    rows.extend(levels.map(|(level, quality)| row(format!("{} or higher", level.words()), quality)));
    Block::Table {
        caption: "One rating of each number and engine, when the number's last call was known".to_owned(),
        header: ["", "ratings", "Brier score", "calibration error"].map(str::to_owned).to_vec(),
        rows,
    }
}

fn reliability(found: &Evaluation) -> Plot {
    let bins = found.ratings.bins.bins.iter().map(|bin| [bin.mean_p, bin.share]).collect();
    Plot {
        title: "Calibration".to_owned(),
        note: "Each point is a tenth of the scale: what was said, and what was true. On the diagonal both are equal."
            .to_owned(),
        x: Axis::share("rating"),
        y: Axis::share("really unwanted"),
        series: vec![
            Series { name: "as said".to_owned(), mark: Mark::Guide, points: vec![[0.0, 0.0], [1.0, 1.0]] },
            Series { name: "ratings".to_owned(), mark: Mark::Points, points: bins },
        ],
    }
}

fn roc(policies: &[(&str, &Evaluation)]) -> Plot {
    let mut series: Vec<Series> = Vec::new();
    for (name, found) in policies {
        let points = thinned(found.ratings.ranking.roc().iter().map(|point| [point.x, point.y]).collect());
        series.push(Series { name: (*name).to_owned(), mark: Mark::Steps, points });
    }
    if let [(_, found)] = policies {
        let share = |ratio: Ratio| ratio.share().unwrap_or(f64::NAN);
        let levels = found.wanted.labelled.iter().zip(&found.unwanted.labelled);
        let points = levels.map(|(&wronged, &caught)| [share(wronged), share(caught)]).collect();
        series.push(Series { name: "labels, ever".to_owned(), mark: Mark::Points, points });
    }
    series.push(Series { name: String::new(), mark: Mark::Guide, points: vec![[0.0, 0.0], [1.0, 1.0]] });
    let auc: Vec<String> =
        policies.iter().map(|(name, found)| format!("{name} {}", decimals(found.ratings.ranking.auc()))).collect();
    Plot {
        title: "Caught and wronged at each threshold".to_owned(),
        note: format!("The ROC curve of the ratings. Area under it: {}.", auc.join(", ")),
        x: Axis::share("wanted, rated above"),
        y: Axis::share("unwanted, rated above"),
        series,
    }
}

fn precision(policies: &[(&str, &Evaluation)]) -> Plot {
    let series = policies.iter().map(|(name, found)| Series {
        name: (*name).to_owned(),
        mark: Mark::Steps,
        points: thinned(found.ratings.ranking.precision_recall().iter().map(|point| [point.x, point.y]).collect()),
    });
    let average: Vec<String> = policies
        .iter()
        .map(|(name, found)| format!("{name} {}", decimals(found.ratings.ranking.average_precision())))
        .collect();
    Plot {
        title: "Precision and recall".to_owned(),
        note: format!("Of those rated above a threshold, how many are unwanted. Average: {}.", average.join(", ")),
        x: Axis::share("unwanted, rated above"),
        y: Axis::share("unwanted, of those rated above"),
        series: series.collect(),
    }
}

fn steadiness(found: &Evaluation) -> Block {
    let rows = LEVELS.into_iter().zip(&found.flaps).zip(&found.unwanted.time).map(|((level, flaps), time)| {
        let quantile = |found: Option<super::measure::Quantiles>| {
            found.map_or_else(|| "–".to_owned(), |found| format!("{} ({})", count(found.median), count(found.p90)))
        };
        vec![
            level.words().to_owned(),
            quantile(time.calls),
            quantile(time.hours),
            count(flaps.returns),
            count(flaps.labelled_d as u64),
            fine(flaps.rate()),
        ]
    });
    Block::Table {
        caption:
            "Calls and hours until an unwanted number is labelled: the median, and in brackets what nine of ten need; \
                  labels that came back after they had gone"
                .to_owned(),
        header: ["", "calls", "hours", "came back", "labelled number-days", "a number and day"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
    }
}

fn engines(report: &Report) -> Block {
    let rows = report.evaluation.engines.iter().map(|result| {
        let mut cells = vec![report.engine_name(result.engine).to_owned(), count(result.rated.part)];
        cells.extend(result.caught.map(|ratio| fine(ratio.share())));
        cells.extend(result.wronged.map(|ratio| fine(ratio.share())));
        cells
    });
    let header = [
        "",
        "rated",
        "caught: Potential Spam",
        "Spam Likely",
        "Spam",
        "wronged: Potential Spam",
        "Spam Likely",
        "Spam",
    ];
    Block::Table {
        caption: "Numbers ever labelled at each engine, which sees only the calls that end at its own carriers"
            .to_owned(),
        header: header.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}
