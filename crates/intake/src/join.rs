//! Calls that are told in pieces: accounting lines, webhooks.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::{CallOutcome, CallRecord, PartialCall, Piece, Timestamp};

use crate::options::record_key;
use crate::output::{Output, SkipKind};
use crate::reject::{Fault, Reject, RejectCode};

/// Adds what a later piece tells; its fields win where both tell one. But a call that was up stays answered, between the same
/// two ends: a later piece (a re-INVITE, from either end and with any answer) then only fills gaps.
fn overlay(whole: &mut PartialCall, mut later: PartialCall) {
    if whole.outcome.is_some_and(|outcome| outcome.class == CallOutcome::Answered) {
        macro_rules! keep {
            ($($field:ident),*) => { $( later.$field = whole.$field.take().or(later.$field); )* };
        }
        keep!(answered_at, orig, dest, outcome, observable, attestation, redress);
    }
    macro_rules! take {
        ($($field:ident),*) => { $( if later.$field.is_some() { whole.$field = later.$field; } )* };
    }
    take!(answered_at, ended_at, orig, dest, direction, carrier, outcome, observable, ring_ms, talk_ms, hangup_by);
    take!(attestation, redress);
    whole.at = match (whole.at, later.at) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    whole.unwanted |= later.unwanted;
}

fn finish(part: PartialCall, source: &str, call: &str) -> Result<CallRecord, Fault> {
    let at = part.at.or(part.answered_at).ok_or_else(|| Fault::missing("start time"))?;
    let orig = part.orig.ok_or_else(|| Fault::missing("calling number"))?;
    let dest = part.dest.ok_or_else(|| Fault::missing("called number"))?;
    let mut outcome = part.outcome.ok_or_else(|| {
        Fault::new(RejectCode::Incomplete, "outcome", "the piece that tells what became of the call never came")
    })?;
    outcome.unwanted |= part.unwanted;
    let span = |from: Option<Timestamp>, to: Option<Timestamp>| match (from, to) {
        (Some(from), Some(to)) => u32::try_from(to.as_ms() - from.as_ms()).ok(),
        _ => None,
    };
    // Where both instants are the same the source tells one of them only: that is no evidence of no ring.
    let answered = outcome.class == CallOutcome::Answered;
    let talk_ms = part.talk_ms.or_else(|| span(part.answered_at, part.ended_at)).filter(|_| answered);
    let ring_end = if answered { part.answered_at } else { part.ended_at };
    Ok(CallRecord {
        key: Some(record_key(source, call.as_bytes())),
        at,
        known_at: part.ended_at,
        orig,
        dest,
        direction: part.direction,
        carrier: part.carrier,
        outcome,
        observable: part.observable.unwrap_or_default(),
        ring_ms: part.ring_ms.or_else(|| span(part.at, ring_end).filter(|&ms| ms > 0)),
        talk_ms,
        hangup_by: part.hangup_by,
        attestation: part.attestation,
        redress: part.redress,
    })
}

/// The most pieces of one call that are kept apart. Chosen: ten times what a call with holds and transfers has.
const MAX_PIECES: usize = 64;

struct Waiting {
    pieces: Vec<Piece>,
    arrival: u64,
    ended: bool,
    decided: bool,
}

impl Waiting {
    /// Adds a piece. A call of very many pieces folds those that it has into one, so that it stays small; a piece that comes
    /// later than that but happened earlier then only fills gaps.
    fn add(&mut self, piece: Piece) {
        self.ended |= piece.ends;
        self.decided |= piece.decides;
        if self.pieces.len() >= MAX_PIECES {
            self.fold();
        }
        self.pieces.push(piece);
    }

    /// Leaves one piece that tells what all of them tell, at the place of the last.
    fn fold(&mut self) {
        self.pieces.sort_by_key(|piece| (piece.order, piece.line));
        let folded = std::mem::take(&mut self.pieces).into_iter().reduce(|mut whole, later| {
            overlay(&mut whole.part, later.part);
            whole.order = later.order;
            whole
        });
        self.pieces.extend(folded);
    }
}

/// The source of a call, and what its pieces share.
type Key = (Box<str>, Box<str>);

/// Waits for the pieces of calls, and gives out the calls that are whole. Bounded: beyond `limit` calls the one that has
/// waited longest is closed with what it has. A piece that comes after its call was closed (a repeat, or one that was
/// overtaken) is counted as another leg and dropped; the last `limit` closed calls are remembered for that.
pub struct Join {
    waiting: BTreeMap<Key, Waiting>,
    by_arrival: BTreeMap<u64, Key>,
    closed: BTreeSet<Key>,
    closed_order: VecDeque<Key>,
    arrivals: u64,
    limit: usize,
}

impl Join {
    /// A join buffer that holds at most `limit` unfinished calls.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            waiting: BTreeMap::new(),
            by_arrival: BTreeMap::new(),
            closed: BTreeSet::new(),
            closed_order: VecDeque::new(),
            arrivals: 0,
            limit: limit.max(1),
        }
    }

    /// How many calls are unfinished.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Tells whether no call is unfinished.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes a piece; a call that it makes whole goes to `out`.
    pub fn push(&mut self, piece: Piece, out: &mut Output) {
        let key = (piece.source.clone(), piece.call.clone());
        if self.closed.contains(&key) {
            out.skip(SkipKind::OtherLeg);
            return;
        }
        let arrivals = &mut self.arrivals;
        let by_arrival = &mut self.by_arrival;
        let waiting = self.waiting.entry(key.clone()).or_insert_with(|| {
            *arrivals += 1;
            by_arrival.insert(*arrivals, key.clone());
            Waiting { pieces: Vec::new(), arrival: *arrivals, ended: false, decided: false }
        });
        waiting.add(piece);
        if waiting.ended && waiting.decided {
            self.close(&key, out);
        } else if self.waiting.len() > self.limit
            && let Some(oldest) = self.by_arrival.values().next().cloned()
        {
            self.close(&oldest, out);
        }
    }

    /// How many calls ever began to wait: the number of the last one, counted from 1.
    #[must_use]
    pub const fn arrivals(&self) -> u64 {
        self.arrivals
    }

    /// Closes the calls that still wait, with what they have, up to the one that began to wait as number `arrival`.
    pub fn close_through(&mut self, arrival: u64, out: &mut Output) {
        while let Some((&number, key)) = self.by_arrival.first_key_value()
            && number <= arrival
        {
            let key = key.clone();
            self.close(&key, out);
        }
    }

    /// Closes every call that still waits, with what it has.
    pub fn finish(&mut self, out: &mut Output) {
        self.close_through(u64::MAX, out);
    }

    fn close(&mut self, key: &Key, out: &mut Output) {
        let Some(mut waiting) = self.waiting.remove(key) else {
            return;
        };
        self.by_arrival.remove(&waiting.arrival);
        self.remember(key);
        waiting.fold();
        let (line, whole) = waiting.pieces.pop().map_or_else(Default::default, |piece| (piece.line, piece.part));
        match finish(whole, &key.0, &key.1) {
            Ok(call) => out.take(call),
            Err(fault) => out.rejects.push(Reject { line, fault, record: key.1.as_bytes().into() }),
        }
    }

    fn remember(&mut self, key: &Key) {
        self.closed.insert(key.clone());
        self.closed_order.push_back(key.clone());
        if self.closed_order.len() > self.limit
            && let Some(oldest) = self.closed_order.pop_front()
        {
            self.closed.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Observable, Outcome, Party, Strength, TelephoneNumber};

    use super::*;

    fn piece(call: &str, order: i64, outcome: Option<CallOutcome>, ends: bool) -> Piece {
        let number = |digits| TelephoneNumber::from_digits(digits).map(Party::Number);
        let part = PartialCall {
            at: Timestamp::from_ms(order),
            orig: number(12_155_550_112),
            dest: number(12_155_550_113),
            outcome: outcome.map(|class| Outcome::new(class, Strength::Strong)),
            observable: Some(Observable::ALL),
            ..PartialCall::default()
        };
        Piece { call: call.into(), source: "local".into(), order, part, ends, decides: outcome.is_some(), line: 1 }
    }

    fn check(limit: usize, pieces: Vec<Piece>, classes: &[CallOutcome], late: u64, incomplete: usize) {
        let (mut join, mut out) = (Join::new(limit), Output::default());
        for piece in pieces {
            join.push(piece, &mut out);
        }
        join.finish(&mut out);
        let got: Vec<_> = out.calls.iter().map(|call| call.outcome.class).collect();
        assert_eq!((got.as_slice(), out.skipped[3], out.rejects.len()), (classes, late, incomplete));
    }

    #[test]
    fn pieces_make_one_call_in_any_order_of_arrival() {
        use CallOutcome::{Answered, Busy, Unreachable};
        check(9, vec![piece("a", 1, Some(Busy), false), piece("a", 2, None, true)], &[Busy], 0, 0);
        check(9, vec![piece("a", 2, None, true), piece("a", 1, Some(Busy), false)], &[Busy], 0, 0);
        check(9, vec![piece("a", 2, Some(Answered), false), piece("a", 1, Some(Busy), true)], &[Answered], 0, 0);
        check(9, vec![piece("a", 1, Some(Answered), false), piece("a", 2, Some(Unreachable), true)], &[Answered], 0, 0);
    }

    #[test]
    fn what_comes_late_opens_nothing() {
        let whole = || piece("a", 1, Some(CallOutcome::Busy), true);
        check(9, vec![whole(), whole(), piece("a", 0, None, false)], &[CallOutcome::Busy], 2, 0);
    }

    #[test]
    fn a_call_of_very_many_pieces_stays_small() {
        let (mut join, mut out) = (Join::new(9), Output::default());
        for order in 0..10_000 {
            join.push(piece("a", order, Some(CallOutcome::Answered), false), &mut out);
            assert!(join.waiting.values().all(|waiting| waiting.pieces.len() <= MAX_PIECES));
        }
        join.push(piece("a", 10_000, None, true), &mut out);
        let [call] = out.calls.as_slice() else { panic!("one call, not {}", out.calls.len()) };
        assert_eq!((call.at, call.outcome.class), (Timestamp::EPOCH, CallOutcome::Answered));
    }

    #[test]
    fn the_longest_waiting_gives_way() {
        let open = |call: &str| piece(call, 1, None, false);
        check(1, vec![open("a"), open("b"), open("c")], &[], 0, 3);
        check(2, vec![open("a"), open("b"), piece("a", 2, Some(CallOutcome::Busy), true)], &[CallOutcome::Busy], 0, 1);
    }
}
