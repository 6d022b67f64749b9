//! Answers by carrier and day, of one number or of all of an owner's numbers.

use model::Timestamp;

use crate::facts::{Cell, Ended, HORIZON_D, hour_start};
use crate::replay::End;

/// How many days are looked at: as many as facts are kept.
pub(super) const DAYS: usize = HORIZON_D as usize;

/// Answers among calls that could have been answered, at sources that tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rate {
    /// Answered calls.
    pub answered: u64,
    /// Calls that reached the called network and could have been answered.
    pub answerable: u64,
}

impl Rate {
    /// The share that was answered; 0 without calls.
    #[must_use]
    pub fn share(self) -> f64 {
        if self.answerable == 0 { 0.0 } else { self.answered as f64 / self.answerable as f64 }
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self { answered: self.answered + other.answered, answerable: self.answerable + other.answerable }
    }

    pub(super) const fn less(self, other: Self) -> Self {
        Self {
            answered: self.answered.saturating_sub(other.answered),
            answerable: self.answerable.saturating_sub(other.answerable),
        }
    }
}

/// Rates by UTC day, today last.
pub(super) type Days = [Rate; DAYS];

/// Answers by carrier and day.
#[derive(Clone, Debug)]
pub(super) struct DayRates {
    end: End,
    /// By carrier plus one (0 is unknown), in the order in which they were met.
    by_carrier: Vec<(u8, Days)>,
    /// Calls placed, answerable or not, by day.
    attempts: [u64; DAYS],
}

impl DayRates {
    pub(super) const fn new(end: End) -> Self {
        Self { end, by_carrier: Vec::new(), attempts: [0; DAYS] }
    }

    pub(super) fn of(calls: &[Cell], end: End) -> Self {
        let mut days = Self::new(end);
        days.add(calls);
        days
    }

    pub(super) fn add(&mut self, calls: &[Cell]) {
        let now = self.end.moment.hour;
        for cell in calls.iter().filter(|cell| cell.known <= now) {
            let ended = cell.kind.ended();
            let Some(day) = self.day(cell.hour / 24).filter(|_| ended.is_attempt()) else { continue };
            let n = u64::from(cell.count);
            if let Some(attempts) = self.attempts.get_mut(day) {
                *attempts += n;
            }
            if !cell.kind.shows_answer() || matches!(ended, Ended::Unreachable | Ended::Blocked) {
                continue;
            }
            let answered = if ended.is_answered() { n } else { 0 };
            self.add_rate(cell.carrier, day, Rate { answered, answerable: n });
        }
    }

    fn add_rate(&mut self, carrier: u8, day: usize, rate: Rate) {
        let at = self.by_carrier.iter().position(|&(known, _)| known == carrier).unwrap_or_else(|| {
            self.by_carrier.push((carrier, [Rate::default(); DAYS]));
            self.by_carrier.len() - 1
        });
        if let Some(sum) = self.by_carrier.get_mut(at).and_then(|(_, days)| days.get_mut(day)) {
            *sum = sum.plus(rate);
        }
    }

    /// The place of a day, counted as hour indices are; `None` outside the days looked at.
    pub(super) fn day(&self, day: u32) -> Option<usize> {
        let age = (self.end.moment.hour / 24).checked_sub(day)?;
        (DAYS - 1).checked_sub(age as usize)
    }

    /// The start of the day at a place.
    pub(super) fn day_start(&self, place: usize) -> Timestamp {
        let age = u32::try_from(DAYS - 1 - place.min(DAYS - 1)).unwrap_or(0);
        hour_start((self.end.moment.hour / 24).saturating_sub(age) * 24)
    }

    /// The carriers met, rising, each plus one; 0 stands for unknown.
    pub(super) fn carriers(&self) -> Vec<u8> {
        let mut carriers: Vec<u8> = self.by_carrier.iter().map(|&(carrier, _)| carrier).collect();
        carriers.sort_unstable();
        carriers
    }

    /// The days at one carrier; `None` stands for all carriers together.
    pub(super) fn rates(&self, carrier: Option<u8>) -> Days {
        let mut sum = [Rate::default(); DAYS];
        for (_, days) in self.by_carrier.iter().filter(|&&(known, _)| carrier.is_none_or(|carrier| carrier == known)) {
            for (total, &rate) in sum.iter_mut().zip(days) {
                *total = total.plus(rate);
            }
        }
        sum
    }

    /// Calls placed on one day; 0 outside the days looked at.
    pub(super) fn attempts(&self, day: usize) -> u64 {
        self.attempts.get(day).copied().unwrap_or(0)
    }

    /// The first and the last day with a call.
    pub(super) fn span(&self) -> Option<(usize, usize)> {
        let first = self.attempts.iter().position(|&calls| calls > 0)?;
        let last = self.attempts.iter().rposition(|&calls| calls > 0)?;
        Some((first, last))
    }
}

/// The calls of all of an owner's numbers by carrier and day. Filled in a first pass; a number's own share is taken off when its
/// symptoms are looked for.
#[derive(Clone, Debug)]
pub struct SiblingDays {
    pub(super) days: DayRates,
}

impl SiblingDays {
    /// Nothing yet, for symptoms at `end`.
    #[must_use]
    pub const fn new(end: End) -> Self {
        Self { days: DayRates::new(end) }
    }

    /// Adds the calls of one number. Each number must be added once, the one that is looked at among them.
    pub fn add(&mut self, calls: &[Cell]) {
        self.days.add(calls);
    }

    /// Adds what another accumulator with the same end counted for other numbers.
    pub fn merge(&mut self, other: &Self) {
        for (sum, calls) in self.days.attempts.iter_mut().zip(other.days.attempts) {
            *sum += calls;
        }
        for &(carrier, ref days) in &other.days.by_carrier {
            for (day, &rate) in days.iter().enumerate() {
                self.days.add_rate(carrier, day, rate);
            }
        }
    }
}
