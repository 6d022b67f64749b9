//! What became of one number: how many of its calls showed which label, when it was labelled first, how its label moved.

use model::{Label, TelephoneNumber};
use reputation::facts::Cell;
use reputation::policy::Policy;
use reputation::replay::End;
use reputation::state::LabelChanged;

use crate::score::follow::{Followed, FollowedView};

/// The labels that can be shown, from the mildest on.
pub(crate) const LEVELS: [Label; 3] = [Label::PotentialSpam, Label::SpamLikely, Label::Spam];

/// Something for each of [`LEVELS`].
pub(crate) type Levels<T> = [T; 3];

/// A number is busy when it places so many calls within [`BUSY_HOURS`].
pub(crate) const BUSY_CALLS: u64 = 50;
/// Seven days.
pub(crate) const BUSY_HOURS: u32 = 7 * 24;

/// What the truth says of a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Known {
    /// Its class, by place.
    pub(crate) class: u16,
    /// People do not want its calls.
    pub(crate) unwanted: bool,
    /// It is registered.
    pub(crate) registered: bool,
    /// An adversary uses it or aims at it.
    pub(crate) attacked: bool,
}

/// What became of one number.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Outcome {
    /// The number.
    pub(crate) tn: TelephoneNumber,
    /// The truth about it.
    pub(crate) known: Known,
    /// The registry says that its calls are attested.
    pub(crate) attested: bool,
    /// Calls that it placed.
    pub(crate) calls: u64,
    /// Those to carriers that some engine serves, or that nobody names: they could have shown a label.
    pub(crate) looked_up: u64,
    /// Hours from its first call to its last.
    pub(crate) span_h: u32,
    /// It placed [`BUSY_CALLS`] within [`BUSY_HOURS`].
    pub(crate) busy: bool,
    /// Calls that showed a level or a higher one.
    pub(crate) shown: Levels<u64>,
    /// Calls that could have shown it at the earliest: the engine asked had seen as many calls as the level asks for.
    pub(crate) reachable_calls: Levels<u64>,
    /// Some engine saw as many calls as the level asks for.
    pub(crate) reachable: Levels<bool>,
    /// When some engine gave it a level first; `None` when none ever did.
    pub(crate) first: Levels<Option<FirstLabel>>,
    /// What became of it at each engine.
    pub(crate) views: Vec<ViewOutcome>,
}

/// When a number reached a level first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FirstLabel {
    /// Calls that it had placed in the hours before.
    pub(crate) calls: u64,
    /// Hours since the one of its first call.
    pub(crate) hours: u32,
}

/// What became of one number at one engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ViewOutcome {
    /// The engine's place; `None` for the one view of all calls.
    pub(crate) engine: Option<usize>,
    /// The rating when its last call was known, in basis points, and the label then; `None` without an opinion.
    pub(crate) rating: Option<(u16, Label)>,
    /// It had a level or a higher one at some time.
    pub(crate) reached: Levels<bool>,
    /// How often it came back to a level that it had left.
    pub(crate) returns: Levels<u32>,
    /// How long it had a level or a higher one, in minutes.
    pub(crate) labelled_min: Levels<u64>,
}

impl Outcome {
    /// Sums up a number that was followed to `end` under `policy`.
    pub(crate) fn of(known: Known, followed: &Followed<'_>, policy: &Policy, end: End) -> Self {
        let attempts: Vec<&Cell> = followed
            .calls
            .iter()
            .filter(|cell| cell.kind.ended().is_attempt() && cell.known <= end.moment.hour)
            .collect();
        let paths: Vec<Path<'_>> = followed.views.iter().map(|view| Path::new(view, &attempts, policy)).collect();
        let hours = || attempts.iter().map(|cell| cell.hour);
        let (first_hour, last_hour) = (hours().min().unwrap_or(0), hours().max().unwrap_or(0));
        let mut outcome = Self {
            tn: followed.tn,
            known,
            attested: followed.attested,
            calls: attempts.iter().map(|cell| u64::from(cell.count)).sum(),
            looked_up: 0,
            span_h: last_hour - first_hour,
            busy: is_busy(&attempts),
            shown: [0; 3],
            reachable_calls: [0; 3],
            reachable: [0, 1, 2].map(|level| paths.iter().any(|path| at(&path.reach, level).is_some())),
            first: [0, 1, 2].map(|level| first_label(&paths, level, &attempts, first_hour)),
            views: followed.views.iter().map(|view| ViewOutcome::of(view, end)).collect(),
        };
        for cell in attempts {
            outcome.look_up(cell, &paths);
        }
        outcome
    }

    /// Asks for the label of calls as they are placed. Of a call whose carrier nobody names every engine may be the one asked, so the
    /// highest label counts.
    fn look_up(&mut self, cell: &Cell, paths: &[Path<'_>]) {
        let asked = || paths.iter().filter(|path| path.view.view.sees(cell.carrier, cell.hour));
        let Some(label) = asked().map(|path| path.label_at(cell.hour)).max() else {
            return;
        };
        let count = u64::from(cell.count);
        self.looked_up += count;
        for (level, shown) in LEVELS.into_iter().zip(&mut self.shown) {
            *shown += if label >= level { count } else { 0 };
        }
        for (level, reachable) in self.reachable_calls.iter_mut().enumerate() {
            let reached = |path: &Path<'_>| at(&path.reach, level).is_some_and(|from| from <= cell.hour);
            *reachable += if asked().any(reached) { count } else { 0 };
        }
    }
}

impl ViewOutcome {
    fn of(followed: &FollowedView<'_>, end: End) -> Self {
        let mut outcome = Self {
            engine: followed.engine,
            rating: followed.last_look.map(|look| (basis_points(look.p), look.label)),
            reached: [false; 3],
            returns: [0; 3],
            labelled_min: [0; 3],
        };
        for (place, level) in LEVELS.into_iter().enumerate() {
            let (mut since, mut left, mut total_ms, mut returns) = (None, false, 0, 0);
            for LabelChanged { from, to, at } in &followed.history {
                if *from < level && *to >= level {
                    since = Some(at.as_ms());
                    returns += u32::from(left);
                } else if *from >= level && *to < level {
                    left = true;
                    total_ms += since.take().map_or(0, |since| at.as_ms() - since);
                }
            }
            total_ms += since.map_or(0, |since| end.at.as_ms() - since);
            set(&mut outcome.reached, place, since.is_some() || left);
            set(&mut outcome.returns, place, returns);
            set(&mut outcome.labelled_min, place, u64::try_from(total_ms / 60_000).unwrap_or(0));
        }
        outcome
    }
}

/// One engine's labels of a number over time.
struct Path<'a> {
    view: &'a FollowedView<'a>,
    /// From which hour on which label is shown, in rising order.
    steps: Vec<(u32, Label)>,
    /// The first hour at whose start the engine had seen as many calls as a level asks for.
    reach: Levels<Option<u32>>,
}

impl<'a> Path<'a> {
    fn new(view: &'a FollowedView<'a>, attempts: &[&Cell], policy: &Policy) -> Self {
        let levels = [&policy.levels.potential_spam, &policy.levels.spam_likely, &policy.levels.spam];
        let reach = levels.map(|level| hour_of_call(view, attempts, level.attempts).map(|known| known + 1));
        Self { view, steps: view.steps().collect(), reach }
    }

    /// The label at the start of an hour: facts keep hours, and a label moves at their boundaries.
    fn label_at(&self, hour: u32) -> Label {
        self.steps.iter().take_while(|&&(from, _)| from <= hour).last().map_or(Label::None, |&(_, label)| label)
    }
}

/// The hour in which the call became known with which the engine had seen `least` calls; `None` when it never saw so many.
fn hour_of_call(view: &FollowedView<'_>, attempts: &[&Cell], least: f64) -> Option<u32> {
    let mut seen = 0;
    let seen_by = attempts.iter().filter(|cell| view.view.sees(cell.carrier, cell.hour));
    for cell in seen_by {
        seen += u64::from(cell.count);
        if seen as f64 >= least {
            return Some(cell.known);
        }
    }
    None
}

fn first_label(paths: &[Path<'_>], level: usize, attempts: &[&Cell], first_hour: u32) -> Option<FirstLabel> {
    let label = *LEVELS.get(level)?;
    let entry = |path: &Path<'_>| path.steps.iter().find(|&&(_, to)| to >= label).map(|&(hour, _)| hour);
    let hour = paths.iter().filter_map(entry).min()?;
    let before = attempts.iter().filter(|cell| cell.hour < hour);
    Some(FirstLabel { calls: before.map(|cell| u64::from(cell.count)).sum(), hours: hour.saturating_sub(first_hour) })
}

fn is_busy(attempts: &[&Cell]) -> bool {
    let total: u64 = attempts.iter().map(|cell| u64::from(cell.count)).sum();
    if total < BUSY_CALLS {
        return false;
    }
    let mut by_hour: Vec<(u32, u64)> = attempts.iter().map(|cell| (cell.hour, u64::from(cell.count))).collect();
    by_hour.sort_unstable();
    let (mut within, mut rest) = (0, by_hour.iter());
    for &(hour, count) in &by_hour {
        within += count;
        while let Some(&(oldest, dropped)) = rest.as_slice().first()
            && oldest + BUSY_HOURS <= hour
        {
            within -= dropped;
            rest.next();
        }
        if within >= BUSY_CALLS {
            return true;
        }
    }
    false
}

/// A probability in whole basis points.
fn basis_points(p: f64) -> u16 {
    (p.clamp(0.0, 1.0) * 10_000.0).round() as u16
}

fn at<T: Copy>(levels: &Levels<Option<T>>, level: usize) -> Option<T> {
    levels.get(level).copied().flatten()
}

fn set<T>(levels: &mut Levels<T>, level: usize, value: T) {
    if let Some(slot) = levels.get_mut(level) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests;
