//! Panes that stay: those of a busy number, kept rolled from call to call, so that a reading need not go through its calls.

use super::{Moment, PaneRules, SUMS, Sums};
use crate::facts::word::Cell;

/// Stands for "no attempt".
const NONE: u8 = u8::MAX;
/// The place of the talk time in [`Sums`]: the one sum that may be too large for a count.
const TALK: usize = 4;

/// An hour's or a whole day's counts: 64 bytes, as much as a processor fetches at once.
#[derive(Clone, Copy, Debug)]
struct Pane {
    talk_ds: f64,
    /// The other sums, in their order.
    counts: [i32; SUMS - 1],
    /// The hour that it begins with.
    hour: u32,
    /// How many hours it spans: 1 or 24.
    hours: u8,
    /// The hour of its first attempt, from its begin on; [`NONE`] when it has none.
    first_attempt: u8,
}

impl Pane {
    const fn new(hour: u32, hours: u8) -> Self {
        Self { talk_ds: 0.0, counts: [0; SUMS - 1], hour, hours, first_attempt: NONE }
    }

    /// Adds whole numbers of calls.
    fn add(&mut self, sums: &Sums, first_attempt: Option<u32>) {
        let (before, after) = self.counts.split_at_mut(TALK);
        let [parts @ .., _, _, _, _, _, _, _, _] = &sums.0;
        for (count, &part) in before.iter_mut().zip(parts) {
            *count = count.saturating_add(part as i32);
        }
        let [_, _, _, _, talk_ds, parts @ ..] = &sums.0;
        self.talk_ds += talk_ds;
        for (count, &part) in after.iter_mut().zip(parts) {
            *count = count.saturating_add(part as i32);
        }
        let first = first_attempt.and_then(|hour| u8::try_from(hour - self.hour).ok()).unwrap_or(NONE);
        self.first_attempt = self.first_attempt.min(first);
    }

    /// Takes over what another pane within this one counted.
    fn merge(&mut self, other: &Self) {
        self.talk_ds += other.talk_ds;
        for (count, part) in self.counts.iter_mut().zip(other.counts) {
            *count = count.saturating_add(part);
        }
        let first = other.first_attempt().and_then(|hour| u8::try_from(hour - self.hour).ok()).unwrap_or(NONE);
        self.first_attempt = self.first_attempt.min(first);
    }

    fn sums(&self) -> Sums {
        let [a, b, c, d, e, f, g, h, i, j, k] = self.counts.map(f64::from);
        Sums([a, b, c, d, self.talk_ds, e, f, g, h, i, j, k])
    }

    fn first_attempt(&self) -> Option<u32> {
        (self.first_attempt != NONE).then(|| self.hour + u32::from(self.first_attempt))
    }

    fn end(&self) -> u32 {
        self.hour + u32::from(self.hours)
    }
}

/// A busy number's panes. They say what [`super::Panes`] say that were given the same calls and rolled at the same hour, to the
/// bit; no determination cuts them.
#[derive(Clone, Debug, Default)]
pub struct RolledPanes {
    /// Whole days first, then hours, in rising order.
    panes: Vec<Pane>,
    last_attempt: Option<u32>,
    rolled_at: u32,
}

impl RolledPanes {
    /// Adds a cell, in any order.
    pub fn add(&mut self, cell: &Cell, rules: &PaneRules) {
        let hour = cell.hour;
        let is_attempt = cell.kind.ended().is_attempt();
        if is_attempt {
            self.last_attempt = Some(self.last_attempt.map_or(hour, |last| last.max(hour)));
        }
        let mut sums = Sums::default();
        sums.add(cell, rules.short_bins, false, 1.0);
        let place = match self.panes.last() {
            // Nearly every call belongs to the last hour.
            Some(last) if last.hour <= hour => self.panes.len() - usize::from(hour < last.end()),
            Some(_) | None => self.panes.partition_point(|pane| pane.end() <= hour),
        };
        let first_attempt = is_attempt.then_some(hour);
        match self.panes.get_mut(place) {
            Some(pane) if pane.hour <= hour => pane.add(&sums, first_attempt),
            Some(_) | None => {
                let mut pane = if rules.counts_by_day(hour, self.rolled_at) {
                    Pane::new(hour / 24 * 24, 24)
                } else {
                    Pane::new(hour, 1)
                };
                pane.add(&sums, first_attempt);
                self.panes.insert(place, pane);
            }
        }
    }

    /// Rolls whole days that are old enough into one pane each, and drops what lies beyond the horizon. Must be called with
    /// rising hours, and before a reading at `now`.
    pub fn roll(&mut self, rules: &PaneRules, now: u32) {
        self.rolled_at = self.rolled_at.max(now);
        let oldest = rules.oldest_hour(now);
        let gone = self.panes.iter().take_while(|pane| pane.hour < oldest).count();
        self.panes.drain(..gone);
        let mut days = self.panes.partition_point(|pane| pane.hours == 24);
        let mut rolled = false;
        while let Some(first) = self.panes.get(days).filter(|first| rules.counts_by_day(first.hour, now)) {
            let mut whole = Pane::new(first.hour / 24 * 24, 24);
            let end = whole.end();
            let hours = self.panes.iter().skip(days).take_while(|pane| pane.hour < end);
            let count = hours.map(|pane| whole.merge(pane)).count();
            self.panes.splice(days..days + count, [whole]);
            days += 1;
            rolled = true;
        }
        // What stays is kept for long.
        if rolled && self.panes.capacity() > self.panes.len() * 3 / 2 + 8 {
            self.panes.shrink_to(self.panes.len() + 8);
        }
    }

    /// The decayed sums at `now`. The panes must have been rolled at that hour.
    #[must_use]
    pub fn sums(&self, rules: &PaneRules, now: Moment) -> Sums {
        let mut total = Sums::default();
        let part = rules.part(now);
        for pane in &self.panes {
            total.add_weighted(&pane.sums(), rules.weight_at(pane.end(), now, part));
        }
        total
    }

    /// Days from the first to the last attempt within the horizon, as [`super::Panes::span_d`] counts. The panes must have been
    /// rolled.
    #[must_use]
    pub fn span_d(&self) -> f64 {
        match (self.panes.iter().find_map(Pane::first_attempt), self.last_attempt) {
            (Some(first), Some(last)) => f64::from(last + 1 - first) / 24.0,
            _ => 0.0,
        }
    }

    /// The hour of the last attempt so far.
    #[must_use]
    pub const fn last_attempt(&self) -> Option<u32> {
        self.last_attempt
    }
}

const _: () = assert!(size_of::<Pane>() == 64, "a pane is one line of the cache");
