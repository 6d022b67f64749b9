//! What is kept of a call besides its facts.

use model::{CallOutcome, CallRecord, Report, ReportCategory, Strength, TelephoneNumber, Timestamp};
use reputation::facts::{CallFact, HORIZON_D, HashKey};

use crate::facts::{Extra, MAX_REFUSALS_KEPT};

/// Events may lie so far ahead of the clock by which they are taken: five minutes, since clocks differ.
pub const AHEAD_MS: i64 = 5 * 60_000;

/// What is kept of a call where it applies, besides refusals and addresses for contesting a block.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// A destination not in service, in clear: only of an owner's own numbers.
    pub invalid: bool,
    /// The call itself, since its destination reports the caller: what stands for the person as the one who reports.
    pub proof: Option<u64>,
}

/// What stands for a person who reports under a number: under the fixed key, as the reader of reports hashes it.
#[must_use]
pub fn reporter_of(key: HashKey, tn: TelephoneNumber) -> u64 {
    key.reporter(tn).unwrap_or_else(|| intake::text_hash(&format!("tel:{tn}")))
}

/// A report without its reporter's number, which is given apart, and with what else stands for the person hashed under the key.
#[must_use]
pub fn hashed(report: Report, key: HashKey) -> (Report, Option<TelephoneNumber>) {
    let reporter_tn = report.reporter_tn;
    let reporter = match reporter_tn {
        Some(tn) => key.reporter(tn).or(report.reporter),
        None => report.reporter.map(|reporter| key.word(reporter)),
    };
    let (network, device) = (report.network.map(|hash| key.word(hash)), report.device.map(|hash| key.word(hash)));
    (Report { reporter, reporter_tn: None, network, device, ..report }, reporter_tn)
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
    proof: Option<u64>,
}

impl Note {
    /// Takes from a call between two numbers what facts cannot hold; `None` when there is nothing. Who refuses a call is hashed under
    /// the fixed key.
    #[must_use]
    pub fn of(call: &CallRecord, ends: (TelephoneNumber, TelephoneNumber), kept: Kept) -> Option<Self> {
        Self::keyed(call, ends, kept, HashKey::FIXED)
    }

    /// As [`Note::of`], with who refuses a call hashed under `key`.
    #[must_use]
    pub fn keyed(
        call: &CallRecord,
        (tn, dest): (TelephoneNumber, TelephoneNumber),
        kept: Kept,
        key: HashKey,
    ) -> Option<Self> {
        let invalid = call.outcome.class == CallOutcome::Invalid && call.outcome.strength > Strength::Weak;
        let invalid = invalid && kept.invalid;
        if !call.outcome.unwanted && !invalid && kept.proof.is_none() && call.redress.is_none() {
            return None;
        }
        Some(Self {
            dest,
            at: call.at,
            end: call.end(),
            redress: call.redress.clone(),
            report: call.outcome.unwanted.then(|| unwanted_report(call, (tn, dest), key)),
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
        if let Some(reporter) = proof {
            self.calls_to_reporters.entry(reporter).or_default().push(end);
        }
    }
}

/// A call that became known so late that no fact holds it any more.
#[must_use]
#[inline]
pub const fn is_late(fact: &CallFact) -> bool {
    fact.known - fact.hour > HORIZON_D * 24
}

/// A 607 is also a report, with the call itself as its proof. Its reporter is the hash of the destination.
#[must_use]
pub fn unwanted_report(call: &CallRecord, (tn, dest): (TelephoneNumber, TelephoneNumber), key: HashKey) -> Report {
    Report {
        key: None,
        at: call.at,
        known_at: Some(call.known()),
        tn,
        category: ReportCategory::Unwanted,
        reporter: Some(u64::from(key.dest(dest))),
        reporter_tn: None,
        reporter_since: None,
        network: None,
        device: None,
        area_code: dest.nanp().map(|parts| parts.npa),
        carrier: call.carrier,
        proven: true,
        regulator: false,
    }
}
