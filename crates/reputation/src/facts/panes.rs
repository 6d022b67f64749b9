//! A number's panes as a verdict reads them: decayed sums at a moment.

mod rolled;

pub use rolled::RolledPanes;

use super::HORIZON_D;
use super::word::Cell;
use model::Attestation;

/// How many sums a pane keeps.
const SUMS: usize = 12;

/// Hours of age for which weights are at hand: the sample remembers days of calls that came late to the epoch before.
const WEIGHTED_H: u32 = (3 * HORIZON_D + 1) * 24;

/// The sums of one pane, or their decayed total.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Sums([f64; SUMS]);

macro_rules! sums {
    ($($(#[$doc:meta])* $name:ident = $at:expr;)*) => {
        impl Sums {
            $($(#[$doc])* #[must_use] pub const fn $name(&self) -> f64 { self.0[$at] })*
        }
    };
}

sums! {
    /// Calls placed.
    attempts = 0;
    /// Answered calls.
    answered = 1;
    /// Answered calls of known length.
    answered_known = 2;
    /// Of those, short ones.
    short = 3;
    /// Their talk time in tenths of a second.
    talk_ds = 4;
    /// Attempts that could have been answered, at a source that tells.
    answerable = 5;
    /// Of those, unanswered ones.
    unanswered = 6;
    /// Attempts signed with attestation A.
    full = 7;
    /// With B.
    partial = 8;
    /// With C.
    gateway = 9;
    /// Unsigned attempts.
    unsigned = 10;
    /// Calls back that talked for more than 30 s.
    called_back = 11;
}

impl Sums {
    /// Adds a cell's calls, each for as much as `weight`.
    fn add(&mut self, cell: &Cell, short_bins: u32, served: bool, weight: f64) {
        let n = f64::from(cell.count) * weight;
        let kind = cell.kind;
        let ended = kind.ended();
        let [attempts, answered, known, short, talk, answerable, unanswered, full, partial, gateway, unsigned, back] =
            &mut self.0;
        if !ended.is_attempt() {
            *back += if ended == super::Ended::CalledBack { n } else { 0.0 };
            return;
        }
        *attempts += n;
        if ended.is_answered() {
            *answered += n;
            if let Some(bin) = kind.length_bin() {
                *known += n;
                *talk += cell.talk_ds as f64 * weight;
                *short += if bin < short_bins { n } else { 0.0 };
            }
        }
        if kind.tells_answer() && !served {
            *answerable += n;
            *unanswered += if ended.is_answered() { 0.0 } else { n };
        }
        match kind.attestation() {
            Some(Attestation::Full) => *full += n,
            Some(Attestation::Partial) => *partial += n,
            Some(Attestation::Gateway) => *gateway += n,
            Some(Attestation::Unsigned) => *unsigned += n,
            None => {}
        }
    }

    fn add_weighted(&mut self, other: &Self, weight: f64) {
        for (sum, part) in self.0.iter_mut().zip(other.0) {
            *sum += part * weight;
        }
    }
}

impl Sums {
    /// The sums of a source that gives totals only; attestation and calls back are not told.
    #[must_use]
    pub const fn of_totals(totals: &TotalSums) -> Self {
        let &TotalSums { attempts, answered, answered_known, short, talk_ds, answerable, unanswered } = totals;
        Self([attempts, answered, answered_known, short, talk_ds, answerable, unanswered, 0.0, 0.0, 0.0, 0.0, 0.0])
    }
}

/// Decayed totals; fields as the methods of [`Sums`].
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[allow(missing_docs, reason = "the methods of Sums say what each is")]
pub struct TotalSums {
    pub attempts: f64,
    pub answered: f64,
    pub answered_known: f64,
    pub short: f64,
    pub talk_ds: f64,
    pub answerable: f64,
    pub unanswered: f64,
}

/// An hour's or a whole day's sums.
#[derive(Clone, Copy, Debug)]
struct Pane {
    /// The hour that it begins with.
    hour: u32,
    /// How many hours it spans: 1 or 24.
    hours: u32,
    /// The hour of its first attempt; `u32::MAX` when it has none.
    first_attempt: u32,
    sums: Sums,
}

/// A moment at which facts are read: an hour boundary, or a part of an hour after it.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
pub struct Moment {
    /// The last hour boundary, as hour indices count.
    pub hour: u32,
    /// The part of an hour that has passed since, 0 to below 1.
    pub part: f64,
}

impl Moment {
    /// An hour boundary.
    #[must_use]
    pub const fn tick(hour: u32) -> Self {
        Self { hour, part: 0.0 }
    }
}

/// What reading panes needs to know of the policy.
#[derive(Clone, Debug)]
pub struct PaneRules {
    /// How many of the lowest length bins are short.
    short_bins: u32,
    hourly_for_h: u32,
    horizon_h: u32,
    /// Weights of panes by whole hours of age.
    weights: Vec<f64>,
    half_life_h: f64,
}

impl PaneRules {
    /// Rules for a half-life, a short-call edge, the hours for which panes stay hourly, and a horizon in days.
    #[must_use]
    pub fn new(half_life_d: f64, short_call_s: u32, hourly_for_h: u32, horizon_d: u32) -> Self {
        let half_life_h = half_life_d * 24.0;
        let horizon_h = horizon_d.min(HORIZON_D) * 24;
        let weights = (0..=WEIGHTED_H).map(|age| libm::exp2(-f64::from(age) / half_life_h)).collect();
        let short_bins = super::LENGTH_EDGES_S.iter().filter(|&&edge| edge <= short_call_s).count();
        Self { short_bins: u32::try_from(short_bins).unwrap_or(0), hourly_for_h, horizon_h, weights, half_life_h }
    }

    /// The weight of a pane that ended at hour `end`, seen at `now`: 2^(−age / half-life); 1 while it has not ended.
    #[must_use]
    pub fn weight(&self, end: u32, now: Moment) -> f64 {
        self.weight_at(end, now, self.part(now))
    }

    /// The same where [`Self::part`] of the moment is at hand.
    pub(super) fn weight_at(&self, end: u32, now: Moment, part: f64) -> f64 {
        if now.hour < end {
            return 1.0;
        }
        self.weights.get((now.hour - end) as usize).copied().unwrap_or(0.0) * part
    }

    /// The horizon, in days.
    #[must_use]
    pub const fn horizon_d(&self) -> u32 {
        self.horizon_h / 24
    }

    /// Gives the weight of an hour's calls at `now`: by the end of the hour, or of its day once that counts as a whole; 0 beyond the
    /// horizon.
    pub fn weights_of_hours(&self, now: Moment) -> impl Fn(u32) -> f64 {
        let part = self.part(now);
        move |hour| self.weight_of_hour_at(hour, now, part)
    }

    fn weight_of_hour_at(&self, hour: u32, now: Moment, part: f64) -> f64 {
        let day_end = (hour / 24 + 1) * 24;
        let oldest = (now.hour / 24 + 1).saturating_sub(self.horizon_h / 24) * 24;
        if hour < oldest {
            return 0.0;
        }
        self.weight_at(if day_end + self.hourly_for_h <= now.hour { day_end } else { hour + 1 }, now, part)
    }

    /// The first hour of the horizon at hour `now`.
    const fn oldest_hour(&self, now: u32) -> u32 {
        (now / 24 + 1).saturating_sub(self.horizon_h / 24) * 24
    }

    /// Tells whether an hour's calls count with those of its whole day at hour `now`.
    const fn counts_by_day(&self, hour: u32, now: u32) -> bool {
        (hour / 24 + 1) * 24 + self.hourly_for_h <= now
    }

    /// The weight of what is so many whole hours old; 0 beyond the horizon.
    #[must_use]
    pub fn weight_of_age(&self, hours: u32) -> f64 {
        self.weights.get(hours as usize).copied().unwrap_or(0.0)
    }

    /// Tells whether a length bin holds short calls.
    #[must_use]
    pub const fn is_short(&self, bin: u32) -> bool {
        bin < self.short_bins
    }

    /// The weight of the part of an hour that has passed.
    pub(super) fn part(&self, now: Moment) -> f64 {
        if now.part == 0.0 { 1.0 } else { libm::exp2(-now.part / self.half_life_h) }
    }
}

/// A number's panes, filled in the order in which its calls became known.
#[derive(Clone, Debug, Default)]
pub struct Panes {
    panes: Vec<Pane>,
    /// The first hour of evidence that counts; older calls are left out.
    from_hour: u32,
    last: Option<u32>,
}

impl Panes {
    /// Forgets everything; evidence counts from `from_hour` on.
    pub fn clear(&mut self, from_hour: u32) {
        self.panes.clear();
        self.from_hour = from_hour;
        self.last = None;
    }

    /// Adds a cell. `served` tells that this policy's label was shown while the calls were placed, so that unanswered calls
    /// say nothing.
    pub fn add(&mut self, cell: &Cell, rules: &PaneRules, served: bool) {
        if cell.hour < self.from_hour {
            return;
        }
        let hour = cell.hour;
        let is_attempt = cell.kind.ended().is_attempt();
        let first_attempt = if is_attempt { hour } else { u32::MAX };
        if is_attempt {
            self.last = Some(self.last.map_or(hour, |last| last.max(hour)));
        }
        // Calls come nearly in order, so it is the last pane or one after it most often.
        let place = match self.panes.last() {
            Some(last) if last.hour + last.hours <= hour => self.panes.len(),
            Some(last) if last.hour <= hour => self.panes.len() - 1,
            Some(_) | None => self.panes.partition_point(|pane| pane.hour + pane.hours <= hour),
        };
        match self.panes.get_mut(place) {
            Some(pane) if pane.hour <= hour => {
                pane.first_attempt = pane.first_attempt.min(first_attempt);
                pane.sums.add(cell, rules.short_bins, served, 1.0);
            }
            Some(_) | None => {
                let mut sums = Sums::default();
                sums.add(cell, rules.short_bins, served, 1.0);
                self.panes.insert(place, Pane { hour, hours: 1, first_attempt, sums });
            }
        }
    }

    /// Rolls whole days that are old enough into one pane each, and drops what lies beyond the horizon. Reading at `now` or
    /// later gives the same with or without.
    pub fn roll(&mut self, rules: &PaneRules, now: u32) {
        let today = now / 24;
        let oldest = (today + 1).saturating_sub(rules.horizon_h / 24) * 24;
        if self.panes.first().is_some_and(|pane| pane.hour < oldest) {
            self.panes.retain(|pane| pane.hour >= oldest);
        }
        let cut_day = self.from_hour / 24;
        let may_roll = |pane: &Pane| pane.hours == 1 && (self.from_hour == 0 || pane.hour / 24 != cut_day);
        let is_old = |pane: &Pane| may_roll(pane) && (pane.hour / 24 + 1) * 24 + rules.hourly_for_h <= now;
        // Panes stand in rising order, so the first that may roll is the oldest.
        if !self.panes.iter().find(|pane| may_roll(pane)).is_some_and(is_old) {
            return;
        }
        let from_hour = self.from_hour;
        let mut rolled: usize = 0;
        for at in 0..self.panes.len() {
            let Some(&pane) = self.panes.get(at) else { continue };
            let day = pane.hour / 24;
            let old =
                pane.hours == 1 && (day + 1) * 24 + rules.hourly_for_h <= now && (from_hour == 0 || day != cut_day);
            let previous = rolled.checked_sub(1).and_then(|last| self.panes.get_mut(last));
            match previous {
                Some(last) if old && last.hour / 24 == day => {
                    last.hour = day * 24;
                    last.hours = 24;
                    last.first_attempt = last.first_attempt.min(pane.first_attempt);
                    last.sums.add_weighted(&pane.sums, 1.0);
                }
                _ => {
                    let kept = if old { Pane { hour: day * 24, hours: 24, ..pane } } else { pane };
                    if let Some(place) = self.panes.get_mut(rolled) {
                        *place = kept;
                    }
                    rolled += 1;
                }
            }
        }
        self.panes.truncate(rolled);
    }

    /// The decayed sums at `now`. The panes must have been rolled at that hour.
    #[must_use]
    pub fn sums(&self, rules: &PaneRules, now: Moment) -> Sums {
        let mut total = Sums::default();
        let part = rules.part(now);
        for pane in &self.panes {
            total.add_weighted(&pane.sums, rules.weight_at(pane.hour + pane.hours, now, part));
        }
        total
    }

    /// Days from the first to the last attempt within the horizon, counted from the first hour's start to the last hour's end.
    /// The panes must have been rolled.
    #[must_use]
    pub fn span_d(&self) -> f64 {
        let first = self.panes.iter().map(|pane| pane.first_attempt).find(|&first| first != u32::MAX);
        match (first, self.last) {
            (Some(first), Some(last)) => f64::from(last + 1 - first) / 24.0,
            _ => 0.0,
        }
    }

    /// The hour of the last attempt so far.
    #[must_use]
    pub const fn last_attempt(&self) -> Option<u32> {
        self.last
    }
}

/// Decayed sums at a moment straight from cells, and the days from the first attempt to the last, as [`Panes`] would have them: for
/// numbers with so few calls that panes would cost more than they save.
pub(crate) fn sums_of_cells<'a>(cells: impl Iterator<Item = &'a Cell>, rules: &PaneRules, now: Moment) -> (Sums, f64) {
    let mut sums = Sums::default();
    let part = rules.part(now);
    let (mut first, mut last) = (u32::MAX, 0);
    let oldest = (now.hour / 24 + 1).saturating_sub(rules.horizon_h / 24) * 24;
    for cell in cells {
        sums.add(cell, rules.short_bins, false, rules.weight_of_hour_at(cell.hour, now, part));
        if cell.kind.ended().is_attempt() {
            first = if cell.hour >= oldest { first.min(cell.hour) } else { first };
            last = last.max(cell.hour);
        }
    }
    (sums, if first <= last { f64::from(last + 1 - first) / 24.0 } else { 0.0 })
}
