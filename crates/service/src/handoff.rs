//! Committed events on their way to being folded.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use model::TelephoneNumber;
use store::{Event, Position};
use tokio::sync::oneshot;

use crate::committer::ErasedReply;
use crate::policy::PolicySet;

/// Events that were committed together.
#[derive(Debug)]
pub(crate) struct Group {
    /// The place of the first.
    pub(crate) start: Position,
    /// The events, in the order of the log.
    pub(crate) batches: Vec<Vec<Event>>,
}

impl Group {
    fn len(&self) -> usize {
        self.batches.iter().map(Vec::len).sum()
    }
}

/// What is asked of the fold besides events.
pub(crate) enum Ask {
    /// Keep the whole state now. Answered with the place up to which it is kept.
    Keep(oneshot::Sender<Position>),
    /// The log no longer names these numbers: what was kept of them goes, too.
    Erased {
        numbers: BTreeSet<TelephoneNumber>,
        /// All numbers that were to be forgotten before this place are erased.
        through: Position,
        /// How many events named them; `None` when nobody waits.
        reply: Option<(ErasedReply, u64)>,
    },
    /// Make a policy known.
    Offer(Arc<PolicySet>),
    /// Watch a policy.
    Watch(Option<Arc<PolicySet>>),
}

/// What comes next.
pub(crate) enum Next {
    /// These events.
    Group(Group),
    /// Something besides events is asked of the fold.
    Asked(Ask),
    /// Events that must be read from the log: they were too many to wait in memory.
    Behind,
    /// Nothing, ever again.
    End,
}

/// Holds committed events until they are folded. Too many are let go, and read from the log again: the intake never waits for
/// the fold, and memory stays bounded.
pub(crate) struct Handoff {
    state: Mutex<State>,
    turn: Condvar,
    events_max: usize,
}

#[derive(Default)]
struct State {
    groups: VecDeque<Group>,
    events: usize,
    asked: VecDeque<Ask>,
    /// The end of the log as it was committed.
    end: Position,
    /// Everything before is folded.
    folded: Position,
    closed: bool,
}

impl Handoff {
    pub(crate) fn new(events_max: usize) -> Self {
        Self { state: Mutex::default(), turn: Condvar::new(), events_max }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how far the log reaches and how much of it is folded, when the service starts.
    pub(crate) fn begin(&self, folded: Position, end: Position) {
        let mut state = self.lock();
        state.folded = folded;
        state.end = end;
    }

    /// Hands over what was committed.
    pub(crate) fn push(&self, group: Group, end: Position) {
        let mut state = self.lock();
        state.end = end;
        if state.events + group.len() <= self.events_max || state.events == 0 {
            state.events += group.len();
            state.groups.push_back(group);
        }
        drop(state);
        self.turn.notify_all();
    }

    /// The log reaches further than was handed over: the rest is read from it.
    pub(crate) fn grow(&self, end: Position) {
        self.lock().end = end;
        self.turn.notify_all();
    }

    /// Asks something of the fold. It does it between two groups of events; when it has ended, what was asked is dropped.
    pub(crate) fn ask(&self, ask: Ask) {
        let mut state = self.lock();
        if !state.closed {
            state.asked.push_back(ask);
        }
        drop(state);
        self.turn.notify_all();
    }

    /// No further events will be handed over.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.asked.clear();
        drop(state);
        self.turn.notify_all();
    }

    /// Waits for the events from `from` on.
    pub(crate) fn take(&self, from: Position) -> Next {
        let mut state = self.lock();
        loop {
            if let Some(ask) = state.asked.pop_front() {
                return Next::Asked(ask);
            }
            while let Some(group) = state.groups.front() {
                if group.start > from {
                    return Next::Behind;
                }
                let is_next = group.start == from;
                let Some(group) = state.groups.pop_front() else { break };
                state.events -= group.len();
                if is_next {
                    return Next::Group(group);
                }
            }
            if state.end > from {
                return Next::Behind;
            }
            if state.closed {
                return Next::End;
            }
            state = self.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Everything before `end` is folded.
    pub(crate) fn folded(&self, end: Position) {
        self.lock().folded = end;
        self.turn.notify_all();
    }

    /// How far is folded, and how far the log reaches.
    pub(crate) fn progress(&self) -> (Position, Position) {
        let state = self.lock();
        (state.folded, state.end)
    }

    /// Waits until everything that is committed now is folded, or no more will be. Tells where that ended.
    pub(crate) fn settle(&self) -> Position {
        let mut state = self.lock();
        let end = state.end;
        while state.folded < end && !state.closed {
            state = self.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use store::{Origin, Payload};

    use super::*;

    fn group(start: u64, len: usize) -> Group {
        let tick = Event::service(Origin::service(), model::Timestamp::EPOCH, Payload::Tick { hour: 0 });
        Group { start: Position(start), batches: vec![vec![tick; len]] }
    }

    #[test]
    fn what_does_not_fit_is_read_from_the_log() {
        let handoff = Handoff::new(10);
        handoff.push(group(0, 6), Position(6));
        handoff.push(group(6, 6), Position(12));
        handoff.push(group(12, 3), Position(15));
        assert!(matches!(handoff.take(Position(0)), Next::Group(group) if group.start == Position(0)));
        assert!(matches!(handoff.take(Position(6)), Next::Behind));
        assert!(matches!(handoff.take(Position(12)), Next::Group(group) if group.start == Position(12)));
        handoff.close();
        assert!(matches!(handoff.take(Position(15)), Next::End));
    }

    #[test]
    fn what_was_read_from_the_log_is_not_handed_over_again() {
        let handoff = Handoff::new(10);
        handoff.push(group(0, 6), Position(6));
        handoff.push(group(6, 1), Position(7));
        assert!(matches!(handoff.take(Position(6)), Next::Group(group) if group.start == Position(6)));
    }
}
