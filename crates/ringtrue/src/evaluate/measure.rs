//! From the outcomes of all numbers to figures: what was caught, who was wronged, how long it took, what a rating means.

use fit::metrics::{Bins, Calibration, Ranking, Scored, brier, calibration_error, reliability, share_upper_bound};
use model::Label;

use super::outcome::{FirstLabel, LEVELS, Levels, Outcome};

/// Bins of the calibration error.
const CALIBRATION_BINS: usize = 10;
/// The confidence of upper bounds.
pub(crate) const CONFIDENCE: f64 = 0.95;
/// Points of a curve that is drawn.
const CURVE_POINTS: usize = 150;
const DAY_MIN: f64 = 1440.0;

/// So many of so many.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Ratio {
    /// Those.
    pub(crate) part: u64,
    /// Of all these.
    pub(crate) whole: u64,
}

impl Ratio {
    /// The share; `None` of nothing.
    pub(crate) fn share(self) -> Option<f64> {
        (self.whole > 0).then(|| self.part as f64 / self.whole as f64)
    }

    /// The 95 % upper bound of the share (Clopper and Pearson, one-sided); `None` of nothing.
    pub(crate) fn upper_95(self) -> Option<f64> {
        (self.whole > 0).then(|| share_upper_bound(self.part, self.whole, CONFIDENCE))
    }

    /// One more, which counts or not.
    pub(crate) const fn add(&mut self, counts: bool) {
        self.whole += 1;
        self.part += counts as u64;
    }
}

/// Some numbers, summed up.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Group {
    /// How many numbers.
    pub(crate) numbers: u64,
    /// Their calls.
    pub(crate) calls: u64,
    /// Numbers that ever had a level or a higher one at some engine.
    pub(crate) labelled: Levels<Ratio>,
    /// Numbers of which some engine saw as many calls as the level asks for: no policy with that minimum labels others.
    pub(crate) reachable: Levels<Ratio>,
    /// The same of busy numbers.
    pub(crate) labelled_busy: Levels<Ratio>,
    /// The same of busy numbers.
    pub(crate) reachable_busy: Levels<Ratio>,
    /// Calls that showed a level or a higher one, of those that some engine could label.
    pub(crate) shown: Levels<Ratio>,
    /// Calls placed after their engine had seen as many as the level asks for.
    pub(crate) reachable_calls: Levels<Ratio>,
    /// How long it took until the level.
    pub(crate) time: Levels<TimeToLabel>,
    /// The median of days from first to last call; `None` without numbers.
    pub(crate) span_d: Option<f64>,
}

/// How long it took until a level, over the numbers that reached it.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct TimeToLabel {
    /// How many reached it.
    pub(crate) numbers: u64,
    /// Calls placed before.
    pub(crate) calls: Option<Quantiles>,
    /// Hours since the one of the first call.
    pub(crate) hours: Option<Quantiles>,
}

/// Two quantiles, each the value of a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Quantiles {
    /// Half are at most so.
    pub(crate) median: u64,
    /// Nine of ten are at most so.
    pub(crate) p90: u64,
}

impl Quantiles {
    /// Of values in any order; `None` without any.
    pub(crate) fn of(mut values: Vec<u64>) -> Option<Self> {
        values.sort_unstable();
        let at = |tenths: usize| values.get((values.len() * tenths).div_ceil(10).checked_sub(1)?).copied();
        Some(Self { median: at(5)?, p90: at(9)? })
    }
}

impl Group {
    /// Sums up numbers.
    pub(crate) fn of<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Self {
        let mut group = Self::default();
        let mut firsts: Levels<Vec<FirstLabel>> = Levels::default();
        let mut spans = Vec::new();
        for outcome in outcomes {
            group.numbers += 1;
            group.calls += outcome.calls;
            spans.push(u64::from(outcome.span_h));
            add(&mut group.labelled, outcome.first.map(|first| first.is_some()));
            add(&mut group.reachable, outcome.reachable);
            if outcome.busy {
                add(&mut group.labelled_busy, outcome.first.map(|first| first.is_some()));
                add(&mut group.reachable_busy, outcome.reachable);
            }
            add_calls(&mut group.shown, outcome.shown, outcome.looked_up);
            add_calls(&mut group.reachable_calls, outcome.reachable_calls, outcome.looked_up);
            for (firsts, first) in firsts.iter_mut().zip(outcome.first) {
                firsts.extend(first);
            }
        }
        group.span_d = Quantiles::of(spans).map(|span| span.median as f64 / 24.0);
        group.time = firsts.map(|firsts| TimeToLabel {
            numbers: firsts.len() as u64,
            calls: Quantiles::of(firsts.iter().map(|first| first.calls).collect()),
            hours: Quantiles::of(firsts.iter().map(|first| u64::from(first.hours)).collect()),
        });
        group
    }
}

fn add(ratios: &mut Levels<Ratio>, counts: Levels<bool>) {
    ratios.iter_mut().zip(counts).for_each(|(ratio, counts)| ratio.add(counts));
}

fn add_calls(ratios: &mut Levels<Ratio>, parts: Levels<u64>, whole: u64) {
    for (ratio, part) in ratios.iter_mut().zip(parts) {
        ratio.part += part;
        ratio.whole += whole;
    }
}

/// The numbers of one class that are alike in being wanted or not.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct ClassGroup {
    /// The class's name.
    pub(crate) name: Box<str>,
    /// Whether people do not want these calls.
    pub(crate) unwanted: bool,
    /// All of them.
    pub(crate) all: Group,
    /// Those that are registered.
    pub(crate) registered: Group,
    /// The others.
    pub(crate) unregistered: Group,
}

/// What became of the numbers at one engine.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct EngineResult {
    /// Its place; `None` for the one view of all calls.
    pub(crate) engine: Option<usize>,
    /// Unwanted numbers that ever had a level or a higher one.
    pub(crate) caught: Levels<Ratio>,
    /// Wanted ones that did.
    pub(crate) wronged: Levels<Ratio>,
    /// Numbers with an opinion when their last call was known.
    pub(crate) rated: Ratio,
}

/// How steady labels are.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Flaps {
    /// How often a label came back that had gone.
    pub(crate) returns: u64,
    /// How long labels were shown, in number-days of one engine each.
    pub(crate) labelled_d: f64,
}

impl Flaps {
    /// Returns a labelled number and day; `None` when nothing was labelled.
    pub(crate) fn rate(self) -> Option<f64> {
        (self.labelled_d > 0.0).then(|| self.returns as f64 / self.labelled_d)
    }
}

/// What the ratings mean: one of each number and engine with an opinion, when the number's last call was known.
#[derive(Clone, Debug)]
pub(crate) struct Ratings {
    /// Of them all: mean squared error and calibration error.
    pub(crate) overall: Quality,
    /// Of those whose label was a level or a higher one.
    pub(crate) at_level: Levels<Quality>,
    /// Bins of the calibration.
    pub(crate) bins: Calibration,
    /// In order of the rating.
    pub(crate) ranking: Ranking,
}

/// How far ratings are from the truth.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Quality {
    /// How many ratings.
    pub(crate) n: u64,
    /// Mean squared error; `None` without any.
    pub(crate) brier: Option<f64>,
    /// Calibration error over ten bins of equal width; `None` without any.
    pub(crate) ece: Option<f64>,
}

impl Quality {
    fn of(scored: &[Scored]) -> Self {
        let ece = calibration_error(scored, Bins::EqualWidth, CALIBRATION_BINS);
        Self { n: scored.len() as u64, brier: brier(scored), ece }
    }
}

/// Everything that is measured of one policy.
#[derive(Clone, Debug)]
pub(crate) struct Evaluation {
    /// Unwanted numbers.
    pub(crate) unwanted: Group,
    /// Wanted ones.
    pub(crate) wanted: Group,
    /// Wanted ones that are registered.
    pub(crate) registered: Group,
    /// Those among them whose calls are attested.
    pub(crate) attested: Group,
    /// Wanted ones that are not registered.
    pub(crate) unregistered: Group,
    /// Unwanted numbers that an adversary uses, and wanted ones at which it aims.
    pub(crate) attacked: [Group; 2],
    /// By class; the unwanted first, then by name.
    pub(crate) classes: Vec<ClassGroup>,
    /// By engine, in the order of the directory.
    pub(crate) engines: Vec<EngineResult>,
    /// How steady labels are.
    pub(crate) flaps: Levels<Flaps>,
    /// The share of unwanted numbers that had a level after so many calls, and after so many hours.
    pub(crate) caught_after: Levels<CaughtAfter>,
    /// What ratings mean.
    pub(crate) ratings: Ratings,
}

impl Evaluation {
    /// Measures outcomes, which stand in rising order of numbers.
    pub(crate) fn of(outcomes: &[Outcome], classes: &[Box<str>]) -> Self {
        let group = |keep: &dyn Fn(&Outcome) -> bool| Group::of(outcomes.iter().filter(|outcome| keep(outcome)));
        Self {
            unwanted: group(&|one| one.known.unwanted),
            wanted: group(&|one| !one.known.unwanted),
            registered: group(&|one| !one.known.unwanted && one.known.registered),
            attested: group(&|one| !one.known.unwanted && one.known.registered && one.attested),
            unregistered: group(&|one| !one.known.unwanted && !one.known.registered),
            attacked: [true, false].map(|bad| group(&|one| one.known.attacked && one.known.unwanted == bad)),
            classes: by_class(outcomes, classes),
            engines: by_engine(outcomes),
            flaps: flaps(outcomes),
            caught_after: caught_after(outcomes),
            ratings: ratings(outcomes),
        }
    }

    /// The unwanted numbers that an adversary uses, and the wanted ones at which it aims; `None` where there are none.
    pub(crate) fn attacked_where_any(&self) -> [Option<&Group>; 2] {
        self.attacked.each_ref().map(|group| (group.numbers > 0).then_some(group))
    }
}

fn by_class(outcomes: &[Outcome], classes: &[Box<str>]) -> Vec<ClassGroup> {
    let mut members: Vec<[Vec<&Outcome>; 2]> = vec![Default::default(); classes.len()];
    for outcome in outcomes {
        let [unwanted, wanted] = match members.get_mut(usize::from(outcome.known.class)) {
            Some(lists) => lists,
            None => continue,
        };
        if outcome.known.unwanted { unwanted.push(outcome) } else { wanted.push(outcome) }
    }
    let mut groups = Vec::new();
    for (name, lists) in classes.iter().zip(&members) {
        for (list, unwanted) in lists.iter().zip([true, false]).filter(|(list, _)| !list.is_empty()) {
            let of = |registered| Group::of(list.iter().copied().filter(|one| one.known.registered == registered));
            groups.push(ClassGroup {
                name: name.clone(),
                unwanted,
                all: Group::of(list.iter().copied()),
                registered: of(true),
                unregistered: of(false),
            });
        }
    }
    groups.sort_by(|one, other| (!one.unwanted, &one.name).cmp(&(!other.unwanted, &other.name)));
    groups
}

fn by_engine(outcomes: &[Outcome]) -> Vec<EngineResult> {
    let views = || outcomes.iter().flat_map(|one| one.views.iter().map(|view| (one.known.unwanted, view)));
    let mut engines: Vec<Option<usize>> = views().map(|(_, view)| view.engine).collect();
    engines.sort_unstable();
    engines.dedup();
    let result = |engine: Option<usize>| {
        let (mut caught, mut wronged, mut rated) = (Levels::default(), Levels::default(), Ratio::default());
        for (unwanted, view) in views().filter(|(_, view)| view.engine == engine) {
            add(if unwanted { &mut caught } else { &mut wronged }, view.reached);
            rated.add(view.rating.is_some());
        }
        EngineResult { engine, caught, wronged, rated }
    };
    engines.into_iter().map(result).collect()
}

fn flaps(outcomes: &[Outcome]) -> Levels<Flaps> {
    let mut sums = Levels::<(u64, u64)>::default();
    for view in outcomes.iter().flat_map(|one| &one.views) {
        for (sum, (returns, minutes)) in sums.iter_mut().zip(view.returns.into_iter().zip(view.labelled_min)) {
            sum.0 += u64::from(returns);
            sum.1 += minutes;
        }
    }
    sums.map(|(returns, minutes)| Flaps { returns, labelled_d: minutes as f64 / DAY_MIN })
}

/// How the share of unwanted numbers with a level grows.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct CaughtAfter {
    /// Calls placed before, and the share.
    pub(crate) calls: Vec<[f64; 2]>,
    /// Hours since the one of the first call, and the share.
    pub(crate) hours: Vec<[f64; 2]>,
}

fn caught_after(outcomes: &[Outcome]) -> Levels<CaughtAfter> {
    let unwanted = || outcomes.iter().filter(|one| one.known.unwanted);
    let all = unwanted().count();
    [0, 1, 2].map(|level| {
        let firsts = || unwanted().filter_map(move |one| one.first.get(level).copied().flatten());
        CaughtAfter {
            calls: growth(firsts().map(|first| first.calls).collect(), all),
            hours: growth(firsts().map(|first| first.hours.into()).collect(), all),
        }
    })
}

/// Values with the share of `all` that is at most so, thinned for a plot.
fn growth(mut values: Vec<u64>, all: usize) -> Vec<[f64; 2]> {
    values.sort_unstable();
    let points = values.iter().enumerate().map(|(place, &value)| [value as f64, (place + 1) as f64 / all as f64]);
    thinned(points.collect())
}

/// At most about [`CURVE_POINTS`] of the points, the first and the last among them.
pub(crate) fn thinned(points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    let every = points.len().div_ceil(CURVE_POINTS).max(1);
    let last = points.len().saturating_sub(1);
    let keeps = |&(place, _): &(usize, [f64; 2])| place % every == 0 || place == last;
    points.into_iter().enumerate().filter(keeps).map(|(_, point)| point).collect()
}

/// The ratings with the truth beside them, and the labels.
pub(crate) fn rated(outcomes: &[Outcome]) -> impl Iterator<Item = (Scored, Label)> {
    let of_number = |one: &Outcome| {
        let positive = one.known.unwanted;
        let rating = |(bp, label)| (Scored { p: f64::from(bp) / 10_000.0, positive }, label);
        one.views.iter().filter_map(|view| view.rating).map(rating).collect::<Vec<_>>()
    };
    outcomes.iter().flat_map(of_number)
}

fn ratings(outcomes: &[Outcome]) -> Ratings {
    let rated: Vec<(Scored, Label)> = rated(outcomes).collect();
    let scored: Vec<Scored> = rated.iter().map(|&(scored, _)| scored).collect();
    let at_level = LEVELS.map(|level| {
        let own: Vec<Scored> = rated.iter().filter(|&&(_, label)| label >= level).map(|&(scored, _)| scored).collect();
        Quality::of(&own)
    });
    Ratings {
        overall: Quality::of(&scored),
        at_level,
        bins: reliability(&scored, Bins::EqualWidth, CALIBRATION_BINS),
        ranking: Ranking::of(&scored),
    }
}

#[cfg(test)]
mod tests;
