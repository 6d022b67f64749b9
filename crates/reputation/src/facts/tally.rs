//! Plain counts of calls, not decayed.

use super::kind::{Ended, Kind, LENGTH_EDGES_S, RingClass};
use super::word::Cell;

/// Counts of a number's calls in one window.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Calls placed.
    pub attempts: u64,
    /// Calls placed that somebody answered.
    pub answered: u64,
    /// Answered calls by length, by the bins of [`LENGTH_EDGES_S`] and one beyond.
    pub lengths: [u64; LENGTH_EDGES_S.len() + 1],
    /// Talk time of answered calls, in tenths of a second.
    pub talk_ds: u64,
    /// Rang out, or the subscriber was absent.
    pub no_answer: u64,
    /// Busy.
    pub busy: u64,
    /// Refused by the called person.
    pub declined: u64,
    /// Given up by the caller.
    pub cancelled: u64,
    /// Number not in service, strong.
    pub invalid_strong: u64,
    /// Number not in service, medium.
    pub invalid_medium: u64,
    /// Network or policy failures.
    pub unreachable: u64,
    /// Blocked by analytics.
    pub blocked: u64,
    /// Called unwanted by a 607, before or after the answer.
    pub unwanted: u64,
    /// Failed for an unknown cause.
    pub failed: u64,
    /// Unanswered calls whose ring time is known.
    pub ring_known: u64,
    /// Of those, rung less than 15 s.
    pub ring_under_15: u64,
    /// Of those, rung less than 30 s.
    pub ring_under_30: u64,
    /// To a destination with the caller's own area code and exchange.
    pub neighbour: u64,
    /// With known calling hours.
    pub hours_known: u64,
    /// Of those, outside calling hours at the called person's place.
    pub off_hours: u64,
    /// Attestation A, B, C, unsigned.
    pub attestation: [u64; 4],
    /// Attempts whose source could have shown an invalid number.
    pub shows_invalid: u64,
    /// Attempts whose source tells answered from unanswered.
    pub shows_answer: u64,
    /// Attempts whose source could have shown a block.
    pub shows_blocked: u64,
    /// Calls back that talked for more than 30 s.
    pub called_back: u64,
    /// Calls back that were answered for 30 s or less.
    pub called_back_briefly: u64,
    /// Calls back that nobody answered.
    pub called_back_unanswered: u64,
    /// Talk time of calls back, in tenths of a second.
    pub called_back_talk_ds: u64,
}

impl Tally {
    /// Adds a cell's calls.
    pub fn add(&mut self, cell: &Cell) {
        let n = u64::from(cell.count);
        let ended = cell.kind.ended();
        match ended {
            Ended::CalledBack => self.called_back += n,
            Ended::CalledBackBriefly => self.called_back_briefly += n,
            Ended::CalledBackUnanswered => self.called_back_unanswered += n,
            _ => {}
        }
        if !ended.is_attempt() {
            self.called_back_talk_ds += cell.talk_ds;
            return;
        }
        self.attempts += n;
        *self.of_ended(ended) += n;
        if ended == Ended::AnsweredUnwanted {
            self.unwanted += n;
        }
        if ended.is_answered() {
            self.talk_ds += cell.talk_ds;
            if let Some(bin) = cell.kind.length_bin().and_then(|bin| self.lengths.get_mut(bin as usize)) {
                *bin += n;
            }
        }
        self.add_circumstances(cell.kind, n);
    }

    fn of_ended(&mut self, ended: Ended) -> &mut u64 {
        match ended {
            Ended::Answered | Ended::AnsweredUnwanted => &mut self.answered,
            Ended::NoAnswer => &mut self.no_answer,
            Ended::Busy => &mut self.busy,
            Ended::Declined => &mut self.declined,
            Ended::Cancelled => &mut self.cancelled,
            Ended::InvalidStrong => &mut self.invalid_strong,
            Ended::InvalidMedium => &mut self.invalid_medium,
            Ended::Unreachable => &mut self.unreachable,
            Ended::Blocked => &mut self.blocked,
            Ended::Unwanted => &mut self.unwanted,
            Ended::Failed => &mut self.failed,
            Ended::CalledBack => &mut self.called_back,
            Ended::CalledBackBriefly => &mut self.called_back_briefly,
            Ended::CalledBackUnanswered => &mut self.called_back_unanswered,
        }
    }

    fn add_circumstances(&mut self, kind: Kind, n: u64) {
        match kind.ring() {
            RingClass::Unknown => {}
            RingClass::Under15 => {
                self.ring_known += n;
                self.ring_under_15 += n;
                self.ring_under_30 += n;
            }
            RingClass::Under30 => {
                self.ring_known += n;
                self.ring_under_30 += n;
            }
            RingClass::Full => self.ring_known += n,
        }
        if kind.is_neighbour() {
            self.neighbour += n;
        }
        if let Some(off) = kind.off_hours() {
            self.hours_known += n;
            self.off_hours += if off { n } else { 0 };
        }
        if let Some(attestation) = kind.attestation()
            && let Some(count) = self.attestation.get_mut(attestation as usize)
        {
            *count += n;
        }
        self.shows_invalid += if kind.shows_invalid() { n } else { 0 };
        self.shows_answer += if kind.shows_answer() { n } else { 0 };
        self.shows_blocked += if kind.shows_blocked() { n } else { 0 };
    }

    /// Answered calls of known length.
    #[must_use]
    pub fn answered_known(&self) -> u64 {
        self.lengths.iter().sum()
    }

    /// Answered calls of at most `seconds`, which must be an edge of the histogram.
    #[must_use]
    pub fn answered_within(&self, seconds: u32) -> u64 {
        self.lengths.iter().zip(LENGTH_EDGES_S).filter(|&(_, edge)| edge <= seconds).map(|(n, _)| n).sum()
    }

    /// Calls to numbers not in service, strong or medium.
    #[must_use]
    pub const fn invalid(&self) -> u64 {
        self.invalid_strong + self.invalid_medium
    }

    /// Attempts that could have been answered as far as their source can tell, and nobody did: attempts less answered,
    /// network failures and blocks by analytics.
    #[must_use]
    pub const fn unanswered(&self) -> u64 {
        self.attempts.saturating_sub(self.answered + self.unreachable + self.blocked)
    }
}
