//! What is kept of a call besides its facts.

use model::{CallOutcome, CallRecord, Report, ReportCategory, Strength, TelephoneNumber, Timestamp};
use reputation::facts::{CallFact, HORIZON_D};

use crate::facts::{Extra, MAX_REFUSALS_KEPT};

/// Events may lie so far ahead of the clock by which they are taken: five minutes, since clocks differ.
pub const AHEAD_MS: i64 = 5 * 60_000;

/// What is kept of a call where it applies, besides refusals and addresses for contesting a block.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// A destination not in service, in clear: only of an owner's own numbers.
    pub invalid: bool,
    /// The call itself, since its destination reports the caller.
    pub proof: bool,
}

/// What facts cannot hold of one call.
#[derive(Clone, Debug)]
pub struct Note {
    dest: TelephoneNumber,
    at: Timestamp,
    end: Timestamp,
    report: Option<Report>,
    redress: Option<Box<str>>,
    /// The destination is not in service; whether that is strongly said.
    invalid: Option<bool>,
    proof: bool,
}

impl Note {
    /// Takes from a call between two numbers what facts cannot hold; `None` when there is nothing.
    #[must_use]
    pub fn of(call: &CallRecord, (tn, dest): (TelephoneNumber, TelephoneNumber), kept: Kept) -> Option<Self> {
        let invalid = call.outcome.class == CallOutcome::Invalid && call.outcome.strength > Strength::Weak;
        let invalid = invalid && kept.invalid;
        if !call.outcome.unwanted && !invalid && !kept.proof && call.redress.is_none() {
            return None;
        }
        Some(Self {
            dest,
            at: call.at,
            end: call.end(),
            redress: call.redress.clone(),
            report: call.outcome.unwanted.then(|| unwanted_report(call, tn, dest)),
            invalid: invalid.then_some(call.outcome.strength == Strength::Strong),
            proof: kept.proof,
        })
    }
}

impl Extra {
    /// Takes a note of a call of this number.
    pub fn take(&mut self, note: Note) {
        let Note { dest, at, end, report, redress, invalid, proof } = note;
        if let Some(report) = report {
            self.note_refusal(report, MAX_REFUSALS_KEPT);
        }
        if let Some(address) = redress {
            self.note_redress(address, at);
        }
        if let Some(strong) = invalid {
            self.note_invalid(dest, at, strong);
        }
        if proof {
            self.calls_to_reporters.entry(dest).or_default().push(end);
        }
    }
}

/// A call that became known so late that no fact holds it any more.
#[must_use]
#[inline]
pub const fn is_late(fact: &CallFact) -> bool {
    fact.known - fact.hour > HORIZON_D * 24
}

/// A 607 is also a report, with the call itself as its proof.
#[must_use]
pub fn unwanted_report(call: &CallRecord, tn: TelephoneNumber, dest: TelephoneNumber) -> Report {
    Report {
        key: None,
        at: call.at,
        known_at: Some(call.known()),
        tn,
        category: ReportCategory::Unwanted,
        reporter: Some(u64::from(reputation::facts::dest_hash(dest))),
        reporter_tn: Some(dest),
        reporter_since: None,
        network: None,
        device: None,
        area_code: dest.nanp().map(|parts| parts.npa),
        carrier: call.carrier,
        proven: true,
        regulator: false,
    }
}
