//! What is said of one number, before it is written in any form.

use model::{Aggregate, ReportCategory, TelephoneNumber};
use reputation::advice::Advice;
use reputation::evidence::ReportFact;
use reputation::facts::{Cell, Moment, Tally, hour_index};
use reputation::replay::End;
use reputation::symptom::Symptom;
use reputation::verdict::Verdict;

/// One scored number.
#[derive(Clone, PartialEq, Debug)]
pub struct ScoredNumber {
    /// The number.
    pub tn: TelephoneNumber,
    /// Plain counts of the last 24 hours.
    pub h24: WindowFacts,
    /// Of the last 7 whole UTC days, the current one included.
    pub d7: WindowFacts,
    /// Of the last 35.
    pub d35: WindowFacts,
    /// One verdict an engine; a single one with engine `None` where no call names a carrier.
    pub verdicts: Vec<Verdict>,
    /// Attempts on each of the last 14 UTC days, the oldest first.
    pub daily_attempts: [u32; 14],
    /// What the owner sees directly; empty unless the run is an owner's.
    pub symptoms: Vec<Symptom>,
    /// Each rule of good practice; empty unless the run is an owner's.
    pub advice: Vec<Advice>,
    /// The totals that the number was judged by, where its source gave no single calls.
    pub totals: Option<Box<Aggregate>>,
}

impl ScoredNumber {
    /// A number of which nothing is told yet.
    pub fn new(tn: TelephoneNumber) -> Self {
        Self {
            tn,
            h24: WindowFacts::default(),
            d7: WindowFacts::default(),
            d35: WindowFacts::default(),
            verdicts: Vec::new(),
            daily_attempts: [0; 14],
            symptoms: Vec::new(),
            advice: Vec::new(),
            totals: None,
        }
    }

    /// Moves the number out of a place that will be filled anew.
    pub fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(self.tn))
    }

    /// Starts over for another number.
    pub fn clear(&mut self, tn: TelephoneNumber) {
        self.tn = tn;
        self.verdicts.clear();
        self.symptoms.clear();
        self.advice.clear();
        self.totals = None;
    }

    /// Counts the calls of the last 24 hours, 7 and 35 whole UTC days, and the attempts of each of the last days. `distinct_since`
    /// tells how many destinations were called in or after an hour.
    pub fn count(&mut self, calls: &[Cell], distinct_since: impl Fn(u32) -> f64, reports: &[ReportFact], end: End) {
        let Moment { hour, part } = end.moment;
        let today = hour / 24;
        let h24_from = hour.saturating_sub(if part == 0.0 { 24 } else { 23 });
        let days_from = |days: u32| (today + 1).saturating_sub(days) * 24;
        let froms = [h24_from, days_from(7), days_from(35)];
        Tally::count(calls, froms, [&mut self.h24.tally, &mut self.d7.tally, &mut self.d35.tally]);
        for (window, from) in [&mut self.h24, &mut self.d7, &mut self.d35].into_iter().zip(froms) {
            let counts = |report: &&ReportFact| {
                report.known <= end.at
                    && hour_index(report.at).is_some_and(|hour| hour >= from)
                    && matches!(report.category, ReportCategory::Unwanted | ReportCategory::Fraud)
            };
            window.reports = reports.iter().filter(counts).count() as u64;
            // No estimate needs to be more than what was counted.
            let attempts = window.tally.attempts;
            window.distinct_dest = if attempts == 0 { 0.0 } else { distinct_since(from).min(attempts as f64) };
        }
        self.daily_attempts = [0; 14];
        for cell in calls.iter().filter(|cell| cell.kind.ended().is_attempt()) {
            let back = today.saturating_sub(cell.hour / 24) as usize;
            if let Some(day) = 13usize.checked_sub(back).and_then(|at| self.daily_attempts.get_mut(at)) {
                *day += cell.count;
            }
        }
    }
}

/// Plain counts of one window.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WindowFacts {
    /// Calls.
    pub tally: Tally,
    /// Distinct destinations; an estimate above 64.
    pub distinct_dest: f64,
    /// Reports against the number.
    pub reports: u64,
}
