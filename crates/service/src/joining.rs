//! Calls that are told in pieces, for each source apart.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use intake::{Join, Output};
use model::{CallRecord, Piece};
use store::Origin;

/// What became of a piece.
#[derive(Debug)]
pub(crate) enum Joined {
    /// It waits for others. A call of the same source that had waited longest may have been closed instead.
    Waits(Vec<CallRecord>),
    /// It came after its call was closed, and was dropped.
    Dropped,
}

/// One source's calls.
struct Source {
    join: Join,
    /// How many calls had begun to wait when an hour began, oldest first.
    marks: VecDeque<(u32, u64)>,
}

/// Waits for the pieces of calls.
pub(crate) struct Joining {
    sources: BTreeMap<Arc<Origin>, Source>,
    out: Output,
    limit: usize,
    hours: u32,
    incomplete: u64,
}

impl Joining {
    /// Holds at most `limit` calls of each source, each for about `hours`.
    pub(crate) fn new(limit: usize, hours: u32) -> Self {
        Self { sources: BTreeMap::new(), out: Output::default(), limit, hours, incomplete: 0 }
    }

    /// Calls that wait.
    pub(crate) fn len(&self) -> usize {
        self.sources.values().map(|source| source.join.len()).sum()
    }

    /// Calls that were closed without the piece that tells what became of them, so far.
    pub(crate) const fn incomplete(&self) -> u64 {
        self.incomplete
    }

    /// Takes a piece. Calls that it makes whole, or that give way to it, are told.
    pub(crate) fn push(&mut self, origin: &Arc<Origin>, piece: Piece) -> Joined {
        if !self.sources.contains_key(origin) {
            let source = Source { join: Join::new(self.limit), marks: VecDeque::new() };
            self.sources.insert(Arc::clone(origin), source);
        }
        let Some(source) = self.sources.get_mut(origin) else {
            return Joined::Dropped;
        };
        let before: u64 = self.out.skipped.iter().sum();
        source.join.push(piece, &mut self.out);
        let calls = std::mem::take(&mut self.out.calls);
        let dropped = self.out.skipped.iter().sum::<u64>() > before && calls.is_empty();
        self.incomplete += self.out.rejects.len() as u64;
        self.out.clear();
        if dropped { Joined::Dropped } else { Joined::Waits(calls) }
    }

    /// Begins an hour: calls that have waited too long are closed with what they have.
    pub(crate) fn begin_hour(&mut self, hour: u32) -> Vec<(Arc<Origin>, CallRecord)> {
        let mut closed = Vec::new();
        for (origin, source) in &mut self.sources {
            source.marks.push_back((hour, source.join.arrivals()));
            let mut through = None;
            while let Some(&(marked, arrivals)) = source.marks.front()
                && marked + self.hours <= hour
            {
                through = Some(arrivals);
                source.marks.pop_front();
            }
            if let Some(arrivals) = through {
                source.join.close_through(arrivals, &mut self.out);
            }
            closed.extend(self.out.calls.drain(..).map(|call| (Arc::clone(origin), call)));
            self.incomplete += self.out.rejects.len() as u64;
            self.out.clear();
        }
        closed
    }
}
