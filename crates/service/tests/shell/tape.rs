//! A log that outlives the service that writes it, and fails when it is told to.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{TelephoneNumber, Timestamp};
use store::{Damage, Event, EventLog, Forgotten, LogError, LogReader, MemoryLog, Position};

/// How a write fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// So many further events reach the disk, and then nothing works any more.
    After { events: usize },
}

#[derive(Default)]
struct State {
    log: MemoryLog,
    fault: Option<Fault>,
    broken: bool,
}

/// The log. Clones share what is on disk.
#[derive(Clone, Default)]
pub(crate) struct Tape(Arc<Mutex<State>>);

impl Tape {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails later.
    pub(crate) fn fail(&self, fault: Fault) {
        self.lock().fault = Some(fault);
    }

    /// Works again, as after a restart.
    pub(crate) fn mend(&self) {
        let mut state = self.lock();
        state.fault = None;
        state.broken = false;
    }

    /// Everything that is on disk.
    pub(crate) fn events(&self) -> Vec<(Position, Event)> {
        let reader = self.lock().log.reader();
        let read = reader.read(reader.held().start).expect("in range");
        read.flat_map(|logged| logged.expect("whole").events).collect()
    }
}

fn broken() -> LogError {
    LogError::Io { what: "write", file: PathBuf::from("tape"), source: std::io::Error::other("disk full") }
}

impl EventLog for Tape {
    fn append_group(&mut self, batches: &[&[Event]], now: Timestamp) -> Result<Range<Position>, LogError> {
        let mut state = self.lock();
        if state.broken {
            return Err(LogError::Refused);
        }
        let all: usize = batches.iter().map(|batch| batch.len()).sum();
        match &mut state.fault {
            Some(Fault::After { events }) if *events < all => {
                let kept: Vec<Event> = batches.iter().copied().flatten().take(*events).cloned().collect();
                state.broken = true;
                state.log.append_group(&[&kept], now)?;
                return Err(broken());
            }
            Some(Fault::After { events }) => *events -= all,
            None => {}
        }
        state.log.append_group(batches, now)
    }

    fn reopen(&mut self) -> Result<(), LogError> {
        let mut state = self.lock();
        state.broken = false;
        state.log.reopen()
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        self.lock().log.reader()
    }

    fn trim(&mut self, before: Position) -> Result<(), LogError> {
        self.lock().log.trim(before)
    }

    fn trim_to_size(&mut self, bytes_max: u64, keep: Position) -> Result<(), LogError> {
        self.lock().log.trim_to_size(bytes_max, keep)
    }

    fn size_bytes(&self) -> u64 {
        self.lock().log.size_bytes()
    }

    fn forget_some(
        &mut self,
        numbers: &BTreeSet<TelephoneNumber>,
        places: Range<Position>,
    ) -> Result<Forgotten, LogError> {
        self.lock().log.forget_some(numbers, places)
    }

    fn verify(&self) -> Result<Vec<Damage>, LogError> {
        self.lock().log.verify()
    }
}
