//! Plain counts of calls, not decayed.

use super::kind::{Ended, Kind, LENGTH_EDGES_S, RingClass};
use super::word::Cell;

/// How many calls are of each kind in some respect, by window.
type ByWindow<const KINDS: usize, const N: usize> = [[u32; N]; KINDS];

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
    /// Counts the calls placed in or after each of some hours, which fall, into the tally of each.
    ///
    /// Each call is counted once, for the shortest window that holds it; a longer one takes over what the shorter counted.
    pub fn count<const N: usize>(calls: &[Cell], froms: [u32; N], into: [&mut Self; N]) {
        debug_assert!(froms.is_sorted_by(|a, b| a >= b), "windows from the shortest on: {froms:?}");
        let mut counts = Counts::<N>::default();
        for cell in calls {
            let window = froms.iter().map(|&from| usize::from(cell.hour < from)).sum();
            counts.add(cell, window);
        }
        counts.widen();
        for (window, tally) in into.into_iter().enumerate() {
            *tally = counts.tally(window);
        }
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

/// Calls counted by what their kinds say in each respect, without a branch that depends on the call: most numbers have few calls,
/// and none is like the one before.
struct Counts<const N: usize> {
    /// By the place of [`Ended`].
    ended: ByWindow<16, N>,
    /// By length bin plus one; 0 is unknown or not answered.
    lengths: ByWindow<16, N>,
    /// By what the source could have shown: 1 invalid numbers, 2 answers, 4 blocks, added up.
    shows: ByWindow<8, N>,
    talk_ds: [u64; N],
    called_back_talk_ds: [u64; N],
    circumstances: Circumstances<N>,
    /// Any of the circumstances is known of any call.
    circumstantial: bool,
}

/// What most sources do not tell.
struct Circumstances<const N: usize> {
    /// By the place of [`RingClass`].
    ring: ByWindow<4, N>,
    neighbour: [u32; N],
    /// Unknown, inside and outside calling hours.
    hours: ByWindow<3, N>,
    /// By the place of the attestation.
    attestation: ByWindow<4, N>,
}

impl<const N: usize> Default for Counts<N> {
    fn default() -> Self {
        let circumstances =
            Circumstances { ring: [[0; N]; 4], neighbour: [0; N], hours: [[0; N]; 3], attestation: [[0; N]; 4] };
        Self {
            ended: [[0; N]; 16],
            lengths: [[0; N]; 16],
            shows: [[0; N]; 8],
            talk_ds: [0; N],
            called_back_talk_ds: [0; N],
            circumstances,
            circumstantial: false,
        }
    }
}

impl<const N: usize> Counts<N> {
    #[inline]
    fn add(&mut self, cell: &Cell, window: usize) {
        let ended = cell.kind.ended();
        let (attempt, answered) = (u32::from(ended.is_attempt()), u64::from(ended.is_answered()));
        let n = cell.count * attempt;
        bump(&mut self.ended, ended as usize, window, cell.count);
        bump(&mut self.lengths, cell.kind.length_bin().map_or(0, |bin| bin as usize + 1), window, n);
        bump(&mut self.shows, cell.kind.shows() as usize, window, n);
        if let (Some(talk), Some(back)) = (self.talk_ds.get_mut(window), self.called_back_talk_ds.get_mut(window)) {
            *talk += cell.talk_ds * answered;
            *back += cell.talk_ds * u64::from(1 - attempt);
        }
        if cell.kind.is_circumstantial() {
            self.circumstantial = true;
            self.circumstances.add(cell.kind, window, n);
        }
    }

    /// Lets each window count what the shorter ones do.
    fn widen(&mut self) {
        let Circumstances { ring, neighbour, hours, attestation } = &mut self.circumstances;
        let always = self.ended.iter_mut().chain(&mut self.lengths).chain(&mut self.shows);
        always.for_each(add_up);
        if self.circumstantial {
            ring.iter_mut().chain(hours).chain(attestation).for_each(add_up);
            add_up(neighbour);
        }
        add_up(&mut self.talk_ds);
        add_up(&mut self.called_back_talk_ds);
    }

    fn tally(&self, window: usize) -> Tally {
        let at = |counts: &[u32; N]| u64::from(counts.get(window).copied().unwrap_or(0));
        let ended = |ended: Ended| self.ended.get(ended as usize).map_or(0, at);
        let shows = |bit: usize| {
            let codes = self.shows.iter().enumerate().filter(|(code, _)| code & bit != 0);
            codes.map(|(_, counts)| at(counts)).sum()
        };
        let [_, lengths @ ..] = &self.lengths;
        let mut tally = Tally {
            attempts: Ended::ALL.into_iter().filter(|ended| ended.is_attempt()).map(ended).sum(),
            answered: ended(Ended::Answered) + ended(Ended::AnsweredUnwanted),
            talk_ds: self.talk_ds.get(window).copied().unwrap_or(0),
            no_answer: ended(Ended::NoAnswer),
            busy: ended(Ended::Busy),
            declined: ended(Ended::Declined),
            cancelled: ended(Ended::Cancelled),
            invalid_strong: ended(Ended::InvalidStrong),
            invalid_medium: ended(Ended::InvalidMedium),
            unreachable: ended(Ended::Unreachable),
            blocked: ended(Ended::Blocked),
            unwanted: ended(Ended::Unwanted) + ended(Ended::AnsweredUnwanted),
            failed: ended(Ended::Failed),
            shows_invalid: shows(1),
            shows_answer: shows(2),
            shows_blocked: shows(4),
            called_back: ended(Ended::CalledBack),
            called_back_briefly: ended(Ended::CalledBackBriefly),
            called_back_unanswered: ended(Ended::CalledBackUnanswered),
            called_back_talk_ds: self.called_back_talk_ds.get(window).copied().unwrap_or(0),
            ..Tally::default()
        };
        for (bin, counts) in tally.lengths.iter_mut().zip(lengths) {
            *bin = at(counts);
        }
        if self.circumstantial {
            self.circumstances.tell(window, &mut tally);
        }
        tally
    }
}

impl<const N: usize> Circumstances<N> {
    fn add(&mut self, kind: Kind, window: usize, n: u32) {
        bump(&mut self.ring, kind.ring() as usize, window, n);
        bump(std::slice::from_mut(&mut self.neighbour), 0, window, n * u32::from(kind.is_neighbour()));
        bump(&mut self.hours, kind.off_hours().map_or(0, |off| 1 + usize::from(off)), window, n);
        if let Some(attestation) = kind.attestation() {
            bump(&mut self.attestation, attestation as usize, window, n);
        }
    }

    fn tell(&self, window: usize, tally: &mut Tally) {
        let at = |counts: &[u32; N]| u64::from(counts.get(window).copied().unwrap_or(0));
        let ring = |class: RingClass| self.ring.get(class as usize).map_or(0, at);
        tally.ring_under_15 = ring(RingClass::Under15);
        tally.ring_under_30 = tally.ring_under_15 + ring(RingClass::Under30);
        tally.ring_known = tally.ring_under_30 + ring(RingClass::Full);
        tally.neighbour = at(&self.neighbour);
        let [_, inside, outside] = &self.hours;
        tally.off_hours = at(outside);
        tally.hours_known = at(inside) + at(outside);
        tally.attestation = self.attestation.each_ref().map(at);
    }
}

/// Counts `n` more calls of a kind in a window; none where there is no such window.
#[inline(always)]
fn bump<const N: usize>(counts: &mut [[u32; N]], kind: usize, window: usize, n: u32) {
    if let Some(count) = counts.get_mut(kind).and_then(|windows| windows.get_mut(window)) {
        *count = count.saturating_add(n);
    }
}

/// Sums from the first to each.
fn add_up<T: Copy + std::ops::Add<Output = T>, const N: usize>(windows: &mut [T; N]) {
    for at in 1..N {
        if let [shorter, longer] = windows.get_mut(at - 1..=at).unwrap_or_default() {
            *longer = *shorter + *longer;
        }
    }
}
