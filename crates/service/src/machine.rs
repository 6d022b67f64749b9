//! What events do: the port between the log's driver and what is folded from it.

use std::sync::Arc;

use model::TelephoneNumber;
use store::{Event, Position};

use crate::facts::shard_of;
use crate::fold::{Fold, SNAPSHOT_VERSION};
use crate::policy::PolicySet;

/// A state that is a fold of the log. The driver calls it from one thread, with events in the order of the log.
///
/// The same events in the same order leave the same state and decide the same.
pub trait Machine: Send {
    /// Applies one event. Changes of labels that follow from it alone go to `decided`; they come back as events once they are
    /// logged.
    fn apply(&mut self, place: Position, event: &Event, decided: &mut Vec<Event>);

    /// Some events were applied, and none waits now: what readers see may be brought up to date, and labels may rise
    /// provisionally. How events are put together is chance, and is not repeated when the log is read again.
    fn pause(&mut self, decided: &mut Vec<Event>);

    /// How many parts a snapshot has. Each is taken and restored by itself.
    fn parts(&self) -> usize;

    /// The part that holds a number's facts; the first where there is only one.
    fn part_of(&self, tn: TelephoneNumber) -> usize {
        let _ = tn;
        0
    }

    /// The version of what a snapshot holds: another one is not restored.
    fn version(&self) -> u32;

    /// The bytes of one part.
    fn snapshot(&mut self, part: usize) -> Vec<u8>;

    /// Restores one part as it was before the event at `place`; events before that place leave it alone from then on.
    ///
    /// # Errors
    /// What is wrong with the bytes; the part is then as before.
    fn restore(&mut self, part: usize, place: Position, bytes: &[u8]) -> Result<(), String>;

    /// Makes a policy known, so that an event can activate it. A state that judges by none takes none.
    fn offer(&mut self, policy: Arc<PolicySet>) {
        let _ = policy;
    }

    /// Tells whether a policy was made known. A state that judges by none misses none.
    fn knows_policy(&self, version: &str) -> bool {
        let _ = version;
        true
    }

    /// Judges by a policy that was made known, before the first event: the one that was in force there.
    fn begin_with(&mut self, version: &str) {
        let _ = version;
    }

    /// Brings what the watched policy says up to the last tick, where it has not judged yet. Only called while every part is at the
    /// same place of the log.
    fn step_shadow(&mut self) {}

    /// Watches a second policy from the next tick on; `None` ends that. A state that judges by none watches none.
    fn watch(&mut self, shadow: Option<Arc<PolicySet>>) {
        let _ = shadow;
    }
}

impl Machine for Fold {
    fn apply(&mut self, place: Position, event: &Event, decided: &mut Vec<Event>) {
        Self::apply(self, place, event, decided);
    }

    fn pause(&mut self, decided: &mut Vec<Event>) {
        Self::pause(self, decided);
    }

    fn parts(&self) -> usize {
        Self::parts(self)
    }

    fn part_of(&self, tn: TelephoneNumber) -> usize {
        shard_of(tn)
    }

    fn version(&self) -> u32 {
        SNAPSHOT_VERSION
    }

    fn snapshot(&mut self, part: usize) -> Vec<u8> {
        Self::snapshot(self, part)
    }

    fn restore(&mut self, part: usize, place: Position, bytes: &[u8]) -> Result<(), String> {
        Self::restore(self, part, place, bytes).map_err(|error| error.to_string())
    }

    fn offer(&mut self, policy: Arc<PolicySet>) {
        Self::offer(self, policy);
    }

    fn knows_policy(&self, version: &str) -> bool {
        Self::knows_policy(self, version)
    }

    fn begin_with(&mut self, version: &str) {
        Self::begin_with(self, version);
    }

    fn step_shadow(&mut self) {
        Self::step_shadow(self);
    }

    fn watch(&mut self, shadow: Option<Arc<PolicySet>>) {
        Self::watch(self, shadow);
    }
}
