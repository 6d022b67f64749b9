//! What scoring yields, before it is written in any form.

use model::{Aggregate, TelephoneNumber, Timestamp};
use reputation::advice::Advice;
use reputation::facts::Tally;
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
