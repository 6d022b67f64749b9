//! Who cannot get out of a label: counted while a world is followed, and told.

use std::collections::BTreeMap;

use model::{Label, TelephoneNumber, Timestamp};
use serde_json::{Value, json};

use crate::output::text::count;

/// A number that behaves well for so long should have no label any more; the shipped policy has a case of it.
pub(super) const BEHAVES_D: u32 = 14;

/// Who could not get out of a label.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct LockIn {
    /// Wanted numbers that were labelled when they turned from bad to good behaviour, while labels were shown.
    pub(crate) labelled: u64,
    /// Those that have a label after [`BEHAVES_D`] days of behaving well.
    pub(crate) still: u64,
    /// Those of them that have one at that moment also where they never behave badly: they are wronged for what they are, not for
    /// what they were. Each of the others is a defect of the policy.
    pub(crate) anyway: u64,
    /// The first two where labels are shown to nobody.
    pub(crate) not_shown: [u64; 2],
    /// Wanted numbers that are labelled at the end only where their label was shown.
    pub(crate) held: u64,
    /// All wanted numbers, for comparison.
    pub(crate) wanted: u64,
}

impl LockIn {
    /// As part of the report.
    pub(crate) fn value(&self) -> Value {
        let [labelled, still] = self.not_shown;
        json!({
            "behaving_well_d": BEHAVES_D,
            "labelled": self.labelled,
            "still_labelled": self.still,
            "labelled_anyway": self.anyway,
            "not_shown": {"labelled": labelled, "still_labelled": still},
            "held_by_shown_label": self.held,
            "wanted": self.wanted,
        })
    }

    /// In sentences.
    pub(crate) fn words(&self) -> String {
        let [labelled, still] = self.not_shown.map(count);
        let held = format!(
            "Of {} wanted numbers {} are labelled at the end only where their label was shown.",
            count(self.wanted),
            count(self.held)
        );
        if self.labelled == 0 {
            return format!(
                "No wanted number turned from bad to good behaviour with a label, {BEHAVES_D} days before the end or earlier. {held}"
            );
        }
        format!(
            "Of {} wanted numbers that had a label when they turned from bad to good behaviour, {} had one after {BEHAVES_D} \
             days of behaving well. {} of these have one at that moment also where they never behave badly; each of the others \
             is a defect of the policy. Where labels are shown to nobody, {still} of {labelled} still had one. {held}",
            count(self.labelled),
            count(self.still),
            count(self.anyway)
        )
    }
}

/// Numbers that turned from bad to good behaviour with a label.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Turned {
    /// How many.
    pub(super) labelled: u64,
    /// Those that had a label after [`BEHAVES_D`] good days, each with that moment.
    pub(super) still: BTreeMap<TelephoneNumber, Timestamp>,
}

impl Turned {
    /// Counts a number that behaves well from an instant on, where the run is long enough to tell.
    pub(super) fn add(
        &mut self,
        tn: TelephoneNumber,
        label_at: impl Fn(Timestamp) -> Label,
        from: Timestamp,
        end: Timestamp,
    ) {
        let until = from.saturating_add_ms(i64::from(BEHAVES_D) * model::time::DAY_MS);
        // What its last bad calls were is known an hour later.
        if until > end || label_at(from.saturating_add_ms(model::time::HOUR_MS)) == Label::None {
            return;
        }
        self.labelled += 1;
        if label_at(until) > Label::None {
            self.still.insert(tn, until);
        }
    }

    /// Takes over what another has counted.
    pub(super) fn merge(&mut self, mut other: Self) {
        self.labelled += other.labelled;
        self.still.append(&mut other.still);
    }

    /// Both counts: labelled, and still labelled.
    pub(super) fn counts(&self) -> [u64; 2] {
        [self.labelled, self.still.len() as u64]
    }
}

#[cfg(test)]
mod tests;
