//! What was acknowledged, and what was told.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::fact::Fact;
use crate::traffic::Batch;

/// The ledger of all who talk to the server.
#[derive(Default, Debug)]
pub(crate) struct Ledger(Mutex<Entries>);

/// What it holds.
#[derive(Clone, Default, Debug)]
pub(crate) struct Entries {
    /// Every record that was acknowledged.
    pub(crate) facts: Vec<Fact>,
    /// Bodies acknowledged, and those that were sent more than once until they were.
    pub(crate) bodies: u64,
    pub(crate) sent_again: u64,
    /// Records that were recognised as told before.
    pub(crate) duplicates: u64,
    /// Look-ups that were answered.
    pub(crate) look_ups: u64,
    /// Ids of label changes, as the listener was told.
    pub(crate) told: Vec<u64>,
    /// What must never be, a sentence each.
    pub(crate) faults: Vec<String>,
}

impl Ledger {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something that must never be.
    pub(crate) fn fault(&self, what: String) {
        self.lock().faults.push(what);
    }
}

impl Entries {
    /// Notes that a body was acknowledged after so many tries.
    pub(crate) fn acknowledge(&mut self, batch: &Batch, tries: u32, receipt: &Value) {
        let count = |field: &str| receipt.get(field).and_then(Value::as_u64).unwrap_or(0);
        let (accepted, duplicate) = (count("accepted"), count("duplicate"));
        let rejected = receipt.get("rejected").and_then(Value::as_array).map_or(0, Vec::len);
        let records = (batch.facts.len() + batch.repeats) as u64;
        let is_sound =
            batch.pieces || accepted + duplicate == records && (tries > 1 || accepted == batch.facts.len() as u64);
        if !is_sound || rejected > 0 || count("unchecked") > 0 {
            let (facts, repeats) = (batch.facts.len(), batch.repeats);
            self.faults.push(format!("{facts} new records and {repeats} old ones, sent {tries} times: {receipt}"));
        }
        self.facts.extend_from_slice(&batch.facts);
        self.bodies += 1;
        self.sent_again += u64::from(tries > 1);
        self.duplicates += duplicate;
    }
}
