//! How a run went, before it is written in any form.

use model::Timestamp;

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
