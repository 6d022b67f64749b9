//! What scoring yields, before it is written in any form.

use model::{Aggregate, ReportCategory, TelephoneNumber, Timestamp};
use reputation::advice::Advice;
use reputation::evidence::ReportFact;
use reputation::facts::{Cell, Moment, Tally, hour_index};
use reputation::replay::End;
use reputation::symptom::Symptom;
use reputation::verdict::Verdict;

/// One scored number.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct ScoredNumber {
    /// The number.
    pub(crate) tn: TelephoneNumber,
    /// Plain counts of the last 24 hours.
    pub(crate) h24: WindowFacts,
    /// Of the last 7 whole UTC days, the current one included.
    pub(crate) d7: WindowFacts,
    /// Of the last 35.
    pub(crate) d35: WindowFacts,
    /// One verdict an engine; a single one with engine `None` where no call names a carrier.
    pub(crate) verdicts: Vec<Verdict>,
    /// Attempts on each of the last 14 UTC days, the oldest first.
    pub(crate) daily_attempts: [u32; 14],
    /// What the owner sees directly; empty unless the run is an owner's.
    pub(crate) symptoms: Vec<Symptom>,
    /// Each rule of good practice; empty unless the run is an owner's.
    pub(crate) advice: Vec<Advice>,
    /// The totals that the number was judged by, where its source gave no single calls.
    pub(crate) totals: Option<Box<Aggregate>>,
}

impl ScoredNumber {
    /// A number of which nothing is told yet.
    pub(super) fn new(tn: TelephoneNumber) -> Self {
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
    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(self.tn))
    }

    /// Starts over for another number.
    pub(super) fn clear(&mut self, tn: TelephoneNumber) {
        self.tn = tn;
        self.verdicts.clear();
        self.symptoms.clear();
        self.advice.clear();
        self.totals = None;
    }

    /// Counts the calls of the last 24 hours, 7 and 35 whole UTC days, and the attempts of each of the last days. `distinct_since`
    /// tells how many destinations were called in or after an hour.
    pub(super) fn count(
        &mut self,
        calls: &[Cell],
        distinct_since: impl Fn(u32) -> f64,
        reports: &[ReportFact],
        end: End,
    ) {
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
pub(crate) struct WindowFacts {
    /// Calls.
    pub(crate) tally: Tally,
    /// Distinct destinations; an estimate above 64.
    pub(crate) distinct_dest: f64,
    /// Reports against the number.
    pub(crate) reports: u64,
}

/// How a run went.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Summary {
    /// Lines or records gone through.
    pub(crate) lines: u64,
    /// Calls taken.
    pub(crate) calls: u64,
    /// Totals per number taken.
    pub(crate) totals: u64,
    /// Records that could not be taken.
    pub(crate) rejected: u64,
    /// Calls that were recognised as duplicates.
    pub(crate) duplicates: u64,
    /// Calls outside the window within which duplicates are recognised.
    pub(crate) unchecked: u64,
    /// Calls without an id, never taken for duplicates.
    pub(crate) without_id: u64,
    /// Calls and reports that name a carrier which the directory does not know.
    pub(crate) unknown_carriers: u64,
    /// Calls whose carrier was taken from a prefix of the carrier map.
    pub(crate) carriers_by_prefix: u64,
    /// Rows of the carrier map that name a carrier which the directory does not know.
    pub(crate) unknown_carriers_mapped: u64,
    /// Calls learned of later than the facts' horizon.
    pub(crate) late: u64,
    /// Calls after the moment of judgement.
    pub(crate) after_at: u64,
    /// Records passed over, by kind in words.
    pub(crate) skipped: Vec<(&'static str, u64)>,
    /// Reports taken.
    pub(crate) reports: u64,
    /// Numbers judged.
    pub(crate) numbers: u64,
    /// By engine key (or `any`): numbers by label in the order of `Label::ALL`, then those without an opinion.
    pub(crate) labels: Vec<(String, [u64; 5])>,
    /// The earliest call or report; `None` when there was none.
    pub(crate) data_from: Option<Timestamp>,
    /// The latest call end or report; `None` when there was none.
    pub(crate) data_through: Option<Timestamp>,
}

/// What all numbers of a run share.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct RunFacts {
    /// The moment of judgement.
    pub(crate) at: Timestamp,
    /// The policy's version.
    pub(crate) policy_version: String,
    /// How the run went.
    pub(crate) summary: Summary,
}
