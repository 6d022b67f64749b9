//! Playing a number's story event by event, with labels that change how people answer.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use model::{Direction, Label};

use super::{Event, Number, Played, Tape};
use crate::call::Attempt;
use crate::world::World;

/// Room for what has happened and is not known yet. Kept by the caller, so that playing many numbers allocates once.
#[derive(Default)]
pub struct Stage {
    pending: BinaryHeap<Reverse<Pending>>,
    pushed: u64,
}

struct Pending {
    known_ms: i64,
    /// Of two events known at one moment, that which was begun first comes first.
    order: u64,
    event: Event,
}

impl Stage {
    /// An empty stage.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn push(&mut self, event: Event) {
        self.pushed += 1;
        self.pending.push(Reverse(Pending { known_ms: event.known().as_ms(), order: self.pushed, event }));
    }

    /// Hands on what is known by `until_ms`.
    fn release(&mut self, until_ms: i64, sink: &mut dyn FnMut(Event)) {
        while self.pending.peek().is_some_and(|Reverse(next)| next.known_ms <= until_ms) {
            let Some(Reverse(next)) = self.pending.pop() else { return };
            sink(next.event);
        }
    }
}

impl PartialEq for Pending {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Pending {}

impl PartialOrd for Pending {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pending {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.known_ms, self.order).cmp(&(other.known_ms, other.order))
    }
}

pub(super) fn play(
    number: &Number,
    world: &World,
    stage: &mut Stage,
    shown: &mut dyn FnMut(&Attempt) -> Label,
    sink: &mut dyn FnMut(Event),
) -> Played {
    stage.pending.clear();
    stage.pushed = 0;
    let mut tape = Tape::new(number, world);
    let end = world.to();
    // All at once: their times are known before any call is placed.
    tape.uncalled_reports(number, world.to_ms, &mut |event| stage.push(event));
    loop {
        let at_ms = tape.next_ms();
        if at_ms == i64::MAX {
            break;
        }
        stage.release(at_ms, sink);
        let (act, cursor) = tape.next(number);
        let dialled = act.dial(world, cursor.ordinal);
        let label = shown(&act.attempt(&dialled, at_ms));
        let step = act.place_call(world, cursor.ordinal, at_ms, &dialled, label);
        cursor.ordinal += 1;
        act.advance(world, cursor);
        debug_assert_eq!(step.call.direction, Direction::Outbound);
        tape.played.add(step.call.at);
        stage.push(Event::Call(step.call));
        if let Some(report) = step.report.filter(|report| report.at < end) {
            stage.push(Event::Report(report));
        }
        if let Some(back) = step.back.filter(|back| back.at < end) {
            stage.push(Event::Call(back));
        }
    }
    stage.release(i64::MAX, sink);
    tape.played
}
