//! Rises that were decided and have not come back from the log yet.

use std::collections::BTreeMap;

use model::{Label, TelephoneNumber};
use store::{Event, LabelChange, Payload};

use super::scope::Scope;

/// The labels to which numbers are about to rise, so that a number that goes on growing meanwhile rises once. Empty whenever the
/// state is kept, since nothing that was decided waits to be logged then.
#[derive(Default)]
pub(super) struct Awaited {
    labels: BTreeMap<(Scope, TelephoneNumber, Box<str>), Label>,
}

impl Awaited {
    /// The label to which a number is about to rise at an engine; [`Label::None`] when it is not.
    pub(super) fn label(&self, scope: Scope, tn: TelephoneNumber, engine: &str) -> Label {
        // Most of the time nothing is awaited at all.
        if self.labels.is_empty() {
            return Label::None;
        }
        self.labels.get(&(scope, tn, engine.into())).copied().unwrap_or_default()
    }

    /// These rises were decided.
    pub(super) fn decide(&mut self, scope: Scope, rises: &[Event]) {
        for rise in rises {
            if let Payload::LabelChanged(change) = &rise.payload {
                self.labels.insert((scope, change.tn, change.engine.clone()), change.to);
            }
        }
    }

    /// A rise came back from the log.
    pub(super) fn settle(&mut self, scope: Scope, change: &LabelChange) {
        let key = (scope, change.tn, change.engine.clone());
        if self.labels.get(&key).is_some_and(|&label| label <= change.to) {
            self.labels.remove(&key);
        }
    }

    /// A number was forgotten.
    pub(super) fn forget(&mut self, tn: TelephoneNumber) {
        self.labels.retain(|(_, of, _), _| *of != tn);
    }

    /// A tick or another policy looked at all numbers: what was decided before is not logged any more.
    pub(super) fn clear(&mut self) {
        self.labels.clear();
    }
}
