//! The log in memory, for tests and for runs whose events need not outlive them.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use model::{TelephoneNumber, Timestamp};

use crate::event::{Event, encode};
use crate::log::{Damage, EventLog, Forgotten, LogError, LogReader, Logged, Position, Reading, refuse_large};

/// A log in memory. It trims by whole appended groups, and counts as its size what the events take when they are encoded.
#[derive(Default)]
pub struct MemoryLog {
    held: Arc<RwLock<Held>>,
}

#[derive(Default)]
struct Held {
    groups: VecDeque<Group>,
    end: Position,
}

struct Group {
    places: Range<Position>,
    bytes: u64,
    logged: Logged,
}

impl Held {
    fn places(&self) -> Range<Position> {
        self.groups.front().map_or(self.end, |group| group.places.start)..self.end
    }

    fn size_bytes(&self) -> u64 {
        self.groups.iter().map(|group| group.bytes).sum()
    }

    /// Drops groups from the front while `is_old` says so.
    fn drop_front(&mut self, is_old: impl Fn(&Self, &Group) -> bool) {
        while self.groups.front().is_some_and(|group| is_old(self, group)) {
            self.groups.pop_front();
        }
    }
}

impl MemoryLog {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn write(&self) -> RwLockWriteGuard<'_, Held> {
        self.held.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventLog for MemoryLog {
    fn append_group(&mut self, batches: &[&[Event]], now: Timestamp) -> Result<Range<Position>, LogError> {
        refuse_large(batches.iter().copied().flatten())?;
        let mut held = self.write();
        let start = held.end;
        let count = batches.iter().map(|batch| batch.len() as u64).sum();
        let places = start..start.plus(count);
        if count > 0 {
            let bytes = encoded_bytes(batches.iter().copied().flatten()) as u64;
            let events = (start.0..).map(Position).zip(batches.iter().copied().flatten().cloned()).collect();
            held.groups.push_back(Group { places: places.clone(), bytes, logged: Logged { appended_at: now, events } });
            held.end = places.end;
        }
        Ok(places)
    }

    fn reopen(&mut self) -> Result<(), LogError> {
        Ok(())
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        Arc::new(MemoryReader { held: Arc::clone(&self.held) })
    }

    fn trim(&mut self, before: Position) -> Result<(), LogError> {
        self.write().drop_front(|_, group| group.places.end <= before);
        Ok(())
    }

    fn trim_to_size(&mut self, bytes_max: u64, keep: Position) -> Result<(), LogError> {
        self.write().drop_front(|held, group| {
            held.groups.len() > 1 && held.size_bytes() > bytes_max && group.places.end <= keep
        });
        Ok(())
    }

    fn size_bytes(&self) -> u64 {
        self.held.read().unwrap_or_else(PoisonError::into_inner).size_bytes()
    }

    fn forget_some(
        &mut self,
        numbers: &BTreeSet<TelephoneNumber>,
        places: Range<Position>,
    ) -> Result<Forgotten, LogError> {
        let mut removed = 0;
        for group in &mut self.write().groups {
            let before = group.logged.events.len();
            group.logged.events.retain(|(place, event)| !places.contains(place) || !event.payload.names(numbers));
            removed += (before - group.logged.events.len()) as u64;
            group.bytes = encoded_bytes(group.logged.events.iter().map(|(_, event)| event)) as u64;
        }
        Ok(Forgotten { events: removed, next: None })
    }

    fn verify(&self) -> Result<Vec<Damage>, LogError> {
        Ok(Vec::new())
    }
}

fn encoded_bytes<'a>(events: impl IntoIterator<Item = &'a Event>) -> usize {
    let mut bytes = Vec::new();
    encode(events, &mut bytes);
    bytes.len()
}

struct MemoryReader {
    held: Arc<RwLock<Held>>,
}

impl MemoryReader {
    fn lock(&self) -> RwLockReadGuard<'_, Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogReader for MemoryReader {
    fn held(&self) -> Range<Position> {
        self.lock().places()
    }

    fn read(&self, from: Position) -> Result<Reading, LogError> {
        let held = self.lock();
        let places = held.places();
        if from < places.start || from > places.end {
            return Err(LogError::OutOfRange { asked: from, held: places });
        }
        let read: Vec<_> = held
            .groups
            .iter()
            .filter(|group| group.places.end > from)
            .map(|group| group.logged.from(from))
            .filter(|logged| !logged.events.is_empty())
            .map(Ok)
            .collect();
        Ok(Box::new(read.into_iter()))
    }
}
