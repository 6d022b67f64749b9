//! The report as one page with plots.

use fit::cross::rows_of;
use fit::metrics::{Bins, CALIBRATION_BINS, Ranking, Scored, reliability};
use fit::model::{Evidence, Learned, Model};
use fit::plot::{Axis, Block, Mark, Marks, Page, Plot, Series};
use fit::spec::{Scale, Source};
use fit::table::{Observed, Part, Table};

use super::report::{MEASURES, Report, four, range};

/// The most points of a drawn curve: more than a screen shows.
const CURVE_POINTS: usize = 400;
/// Points of a drawn density ratio.
const RATIO_POINTS: usize = 60;
/// The sample size that a Beta density's evidence is drawn for.
const DRAWN_N: f64 = 100.0;

impl Report<'_> {
    /// The page.
    pub(crate) fn page(&self) -> String {
        let part = self.measured.iter().map(|(part, _)| *part).find(|part| *part == Part::Test);
        let part = part.or_else(|| self.measured.last().map(|(part, _)| *part)).unwrap_or(Part::Test);
        let scored = self.model.score(self.table, &rows_of(self.parts, part));
        let mut order: Vec<(&Evidence, &Observed)> = self.model.evidence.iter().zip(&self.table.observed).collect();
        let width = |one: &Evidence| {
            let [low, high] = range(self.model, one);
            high - low
        };
        order.sort_by(|left, right| width(right.0).total_cmp(&width(left.0)));
        let shapes = order.into_iter().map(|(one, seen)| evidence(self.model, one, seen, self.table)).collect();
        let blocks = vec![
            Block::Text(format!("Measured on the {} rows of {} (part {}).", scored.len(), self.features, part.name())),
            self.measures(),
            Block::Heading("How well it tells".to_owned()),
            Block::Plots(vec![roc(&scored), precision_recall(&scored), calibration(&scored)]),
            Block::Heading("What each evidence says".to_owned()),
            Block::Text(
                "Decibans against a caller upwards, for it downwards: 10 more are ten times the odds. They add up."
                    .to_owned(),
            ),
            Block::Plots(shapes),
        ];
        Page { title: "A learned score".to_owned(), blocks }.html()
    }

    fn measures(&self) -> Block {
        let mut header = vec!["measure".to_owned()];
        header.extend(self.columns().map(|(name, _)| name.to_owned()));
        let mut rows: Vec<Vec<String>> = MEASURES
            .iter()
            .map(|(_, name, get)| {
                let values = self.columns().map(|(_, metrics)| four(get(metrics)));
                std::iter::once((*name).to_owned()).chain(values).collect()
            })
            .collect();
        let counts = self.columns().map(|(_, metrics)| format!("{} of {}", metrics.positives, metrics.n));
        rows.push(std::iter::once("unwanted rows".to_owned()).chain(counts).collect());
        Block::Table { caption: "Measures by part".to_owned(), header, rows }
    }
}

/// The ROC curve.
pub(crate) fn roc(scored: &[Scored]) -> Plot {
    let ranking = Ranking::of(scored);
    let points = ranking.roc().iter().map(|point| [point.x, point.y]).collect();
    let note = format!("Unwanted rows found against wanted rows hit. Area {}.", four(ranking.auc()));
    let diagonal = Series { name: "chance".to_owned(), mark: Mark::Guide, points: vec![[0.0, 0.0], [1.0, 1.0]] };
    Plot {
        title: "ROC curve".to_owned(),
        note,
        x: Axis::share("false-positive rate"),
        y: Axis::share("recall"),
        series: vec![diagonal, Series { name: "score".to_owned(), mark: Mark::Line, points: thinned(points) }],
    }
}

/// The precision against the recall.
pub(crate) fn precision_recall(scored: &[Scored]) -> Plot {
    let ranking = Ranking::of(scored);
    let points = ranking.precision_recall().iter().map(|point| [point.x, point.y]).collect();
    Plot {
        title: "Precision and recall".to_owned(),
        note: format!(
            "How many of those called unwanted are. Average precision {}.",
            four(ranking.average_precision())
        ),
        x: Axis::share("recall"),
        y: Axis::share("precision"),
        series: vec![Series { name: "score".to_owned(), mark: Mark::Line, points: thinned(points) }],
    }
}

/// The reliability plot.
pub(crate) fn calibration(scored: &[Scored]) -> Plot {
    let found = reliability(scored, Bins::EqualCount, CALIBRATION_BINS);
    let points = found.bins.iter().map(|bin| [bin.mean_p, bin.share]).collect();
    let diagonal =
        Series { name: "as it should be".to_owned(), mark: Mark::Guide, points: vec![[0.0, 0.0], [1.0, 1.0]] };
    Plot {
        title: "Reliability".to_owned(),
        note: format!(
            "Ten groups of equal size: of rows with P = 30 %, 30 % should be unwanted. Error {}.",
            four(found.error)
        ),
        x: Axis::share("probability"),
        y: Axis::share("share unwanted"),
        series: vec![diagonal, Series { name: "score".to_owned(), mark: Mark::Points, points }],
    }
}

/// At most [`CURVE_POINTS`] of a curve's points, its ends among them.
fn thinned(points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    let every = points.len().div_ceil(CURVE_POINTS).max(1);
    let last = points.len().saturating_sub(1);
    points.into_iter().enumerate().filter(|(place, _)| place % every == 0 || *place == last).map(|(_, at)| at).collect()
}

/// What an evidence says over the span of what was seen.
fn evidence(model: &Model, one: &Evidence, seen: &Observed, table: &Table) -> Plot {
    let [low, high] = span(seen, one.scale());
    let decibans = |nats: f64| nats.clamp(one.clip[0], one.clip[1]) * one.weight * model.decibans_per_nat();
    let label = match &one.source {
        Source::Counts { s, n } => format!("{s} of {n}"),
        Source::Share { share, .. } => share.clone(),
        Source::Value { value, .. } => value.clone(),
    };
    let mut x = if one.scale() == Scale::Log { Axis::log(&label) } else { Axis::linear(&label) };
    if matches!(seen, Observed::Rate { .. }) {
        x.marks = Marks::Percent;
    }
    x.span = (low < high).then_some([low, high]);
    let (mark, points, what) = match &one.learned {
        Learned::Shape(shape) => {
            let starts = std::iter::once(low).chain(shape.edges.iter().copied());
            let mut points: Vec<[f64; 2]> = starts
                .zip(&shape.nats)
                .map(|(edge, nats)| [edge.clamp(low, high), decibans(nats - shape.nats(shape.mean))])
                .collect();
            points.extend(points.last().copied().map(|[_, nats]| [high, nats]));
            let shrunken =
                if shape.kappa > 0.0 { format!(", rates shrunken by {}", shape.kappa) } else { String::new() };
            (Mark::Steps, points, format!("A shape of {} bins{shrunken}.", shape.nats.len()))
        }
        Learned::Beta { .. } => {
            let at = |share: f64| decibans(one.learned.of_rate(share * DRAWN_N, DRAWN_N));
            let points = spread(low, high, Scale::Linear).into_iter().map(|share| [share, at(share)]).collect();
            (Mark::Line, points, format!("Beta densities, drawn for {DRAWN_N} observations."))
        }
        Learned::Normal { .. } => {
            let at = |value: f64| decibans(one.learned.of_value(value, one.scale()));
            let points = spread(low, high, one.scale()).into_iter().map(|value| [value, at(value)]).collect();
            (Mark::Line, points, "Normal densities.".to_owned())
        }
    };
    let silent = (0..table.len()).filter(|row| unseen(seen, *row)).count();
    let note = if silent == 0 { what } else { format!("{what} Unknown in {silent} rows, where it says nothing.") };
    let zero = Series { name: String::new(), mark: Mark::Guide, points: vec![[low, 0.0], [high, 0.0]] };
    let series = vec![zero, Series { name: one.name.clone(), mark, points }];
    Plot { title: one.name.clone(), note, x, y: Axis::linear("decibans"), series }
}

fn unseen(seen: &Observed, row: usize) -> bool {
    match seen {
        Observed::Rate { n, .. } => n.get(row).is_none_or(|n| *n <= 0.0),
        Observed::Value(values) => values.get(row).is_none_or(|value| value.is_nan()),
    }
}

/// What lies between the hundredth and the last but one hundredth of what was seen.
fn span(seen: &Observed, scale: Scale) -> [f64; 2] {
    let mut known: Vec<f64> = match seen {
        Observed::Rate { s, n } => s.iter().zip(n).filter(|(_, n)| **n > 0.0).map(|(s, n)| s / n).collect(),
        Observed::Value(values) => values.iter().copied().filter(|value| !value.is_nan()).collect(),
    };
    known.retain(|value| scale == Scale::Linear || *value > 0.0);
    known.sort_unstable_by(f64::total_cmp);
    let at = |part: f64| known.get((part * known.len() as f64) as usize).or(known.last()).copied().unwrap_or(0.0);
    [at(0.01), at(0.99)]
}

fn spread(low: f64, high: f64, scale: Scale) -> Vec<f64> {
    let part = |step: usize| step as f64 / RATIO_POINTS as f64;
    (0..=RATIO_POINTS)
        .map(|step| match scale {
            Scale::Linear => low + part(step) * (high - low),
            Scale::Log => low * (high / low).powf(part(step)),
        })
        .collect()
}
