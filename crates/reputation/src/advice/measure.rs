//! One pass over a number's facts: everything that the rules ask for.

use model::Attestation;

use super::{AdviceInputs, AdvicePolicy};
use crate::facts::{Cell, Ended, HORIZON_D, LENGTH_EDGES_S, PaneRules, RingClass, Sample, SampleFacts};

const DAYS: usize = HORIZON_D as usize;

/// What was measured on a number.
#[derive(Debug, Default)]
pub(super) struct Measures {
    /// Counts of the rules' window.
    pub(super) window: Counts,
    /// Attempts by UTC day over the horizon, today last.
    pub(super) days: Vec<u64>,
    /// Attempts in the busiest hour of each of these days.
    pub(super) peaks: Vec<u64>,
    /// How many days the rules' window has.
    pub(super) window_d: usize,
    /// Destinations over the horizon.
    pub(super) sample: SampleFacts,
    /// Destinations of the rules' window.
    pub(super) window_sample: SampleFacts,
    /// Some call of the horizon is recorded as cancelled by a source that does not show how else calls fail.
    plain_cancels: bool,
}

/// Counts of calls placed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) attempts: u64,
    pub(super) answered_known: u64,
    pub(super) short: u64,
    pub(super) cancelled: u64,
    pub(super) shows_cause: u64,
    pub(super) shows_answer: u64,
    pub(super) ring_known: u64,
    pub(super) ring_under_15: u64,
    pub(super) ring_under_30: u64,
    pub(super) hours_known: u64,
    pub(super) off_hours: u64,
    pub(super) neighbour: u64,
    pub(super) attested_known: u64,
    pub(super) attested_full: u64,
}

impl Measures {
    pub(super) fn of(inputs: &AdviceInputs<'_>, policy: &AdvicePolicy, panes: &PaneRules) -> Self {
        let today = inputs.end.moment.hour / 24;
        let window_d = policy.measure.window_d.clamp(1, HORIZON_D);
        let window_from = (today + 1).saturating_sub(window_d) * 24;
        let short_bins = LENGTH_EDGES_S.iter().filter(|&&edge| edge <= policy.measure.short_call_s).count();
        let mut measures =
            Self { days: vec![0; DAYS], peaks: vec![0; DAYS], window_d: window_d as usize, ..Self::default() };
        let mut hours: Vec<(u32, u64)> = Vec::new();
        let oldest = (today + 1).saturating_sub(HORIZON_D) * 24;
        let known = |cell: &&Cell| cell.known <= inputs.end.moment.hour && cell.hour >= oldest;
        for cell in inputs.calls.iter().filter(known).filter(|cell| cell.kind.ended().is_attempt()) {
            hours.push((cell.hour, u64::from(cell.count)));
            measures.plain_cancels |= cell.kind.ended() == Ended::Cancelled && !cell.kind.shows_invalid();
            if cell.hour >= window_from {
                measures.window.add(cell, short_bins);
            }
        }
        measures.add_hours(hours, today);
        let (mut all, mut recent) = (Sample::default(), Sample::default());
        for dest in inputs.dests.iter().filter(|dest| dest.known <= inputs.end.moment.hour) {
            all.add(dest);
            if dest.hour >= window_from {
                recent.add(dest);
            }
        }
        all.roll(inputs.end.moment.hour);
        measures.sample = all.facts(panes, inputs.end.moment);
        measures.window_sample = recent.facts(panes, inputs.end.moment);
        measures
    }

    fn add_hours(&mut self, mut hours: Vec<(u32, u64)>, today: u32) {
        hours.sort_unstable();
        for of_one_hour in hours.chunk_by(|a, b| a.0 == b.0) {
            let calls: u64 = of_one_hour.iter().map(|&(_, count)| count).sum();
            let age = of_one_hour.first().map_or(0, |&(hour, _)| today.saturating_sub(hour / 24));
            let Some(day) = (DAYS - 1).checked_sub(age as usize) else { continue };
            if let Some(total) = self.days.get_mut(day) {
                *total += calls;
            }
            if let Some(peak) = self.peaks.get_mut(day) {
                *peak = (*peak).max(calls);
            }
        }
    }

    /// The place of the first day of the rules' window.
    fn window_start(&self) -> usize {
        DAYS.saturating_sub(self.window_d)
    }

    /// The greatest value of the rules' window, and the median of the days before it that had calls; `None` when there was none.
    pub(super) fn peak_and_usual(&self, by_day: &[u64]) -> (u64, Option<f64>) {
        let (before, window) = by_day.split_at(self.window_start().min(by_day.len()));
        let mut active: Vec<u64> = before.iter().copied().filter(|&calls| calls > 0).collect();
        active.sort_unstable();
        let usual = active.get(active.len() / 2).map(|&calls| calls as f64);
        (window.iter().copied().max().unwrap_or(0), usual)
    }

    /// The greatest ratio of a day of the rules' window to the mean of the `history_d` days before it, and that mean. Days with
    /// fewer than `min_calls` are passed over. `None` when the number has no such past.
    pub(super) fn spike(&self, history_d: usize, min_calls: u64) -> Option<(f64, f64)> {
        let first = self.days.iter().position(|&calls| calls > 0)?;
        let mut found: Option<(f64, f64)> = None;
        for (day, &calls) in self.days.iter().enumerate().skip(self.window_start()) {
            let from = day.checked_sub(history_d).filter(|&from| from >= first);
            let Some(past) = from.and_then(|from| self.days.get(from..day)) else { continue };
            let mean = past.iter().sum::<u64>() as f64 / history_d as f64;
            let ratio = if calls < min_calls || mean <= 0.0 { 0.0 } else { calls as f64 / mean };
            if found.is_none_or(|(greatest, _)| ratio > greatest) {
                found = Some((ratio, mean));
            }
        }
        found
    }

    /// Attempts of the rules' window that would show it if the caller had cancelled: those of sources that show the cause of a
    /// failure, and all that tell answered calls if such a source is seen to record cancelled ones.
    pub(super) fn shows_cancel(&self) -> u64 {
        if self.plain_cancels { self.window.shows_answer } else { self.window.shows_cause }
    }
}

impl Counts {
    fn add(&mut self, cell: &Cell, short_bins: usize) {
        let n = u64::from(cell.count);
        let kind = cell.kind;
        let ended = kind.ended();
        let when = |holds: bool| if holds { n } else { 0 };
        self.attempts += n;
        if let Some(bin) = kind.length_bin().filter(|_| ended.is_answered()) {
            self.answered_known += n;
            self.short += when((bin as usize) < short_bins);
        }
        self.cancelled += when(ended == Ended::Cancelled);
        self.shows_cause += when(kind.shows_invalid());
        self.shows_answer += when(kind.shows_answer());
        // Only these two end when the caller, or its dialer, gives up.
        if matches!(ended, Ended::NoAnswer | Ended::Cancelled) {
            self.ring_known += when(kind.ring() != RingClass::Unknown);
            self.ring_under_15 += when(kind.ring() == RingClass::Under15);
            self.ring_under_30 += when(matches!(kind.ring(), RingClass::Under15 | RingClass::Under30));
        }
        self.hours_known += when(kind.off_hours().is_some());
        self.off_hours += when(kind.off_hours() == Some(true));
        self.neighbour += when(kind.is_neighbour());
        self.attested_known += when(kind.attestation().is_some());
        self.attested_full += when(kind.attestation() == Some(Attestation::Full));
    }
}
