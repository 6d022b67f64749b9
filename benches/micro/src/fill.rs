//! Filling a store: how fast, and how many bytes a number takes.

use std::time::{Duration, Instant};

use model::Direction;
use reputation::facts::{CallFact, Desk, FactStore, Parcel, Tray};

use crate::calls::Traffic;
use crate::counting::{live_bytes, peak_bytes, reset_peak};

/// A full store and what filling it cost.
pub(crate) struct Filled {
    pub(crate) store: FactStore,
    pub(crate) calls: u64,
    /// From record to stored fact, without making the records.
    pub(crate) time: Duration,
    /// Bytes that the store holds.
    pub(crate) live_bytes: usize,
    /// The most bytes held on the way.
    pub(crate) peak_bytes: usize,
}

impl Filled {
    /// Millions of calls per second.
    pub(crate) fn calls_per_us(&self) -> f64 {
        self.calls as f64 / self.time.as_secs_f64() / 1e6
    }

    /// A quantity shared out over the numbers.
    pub(crate) fn per_number(&self, total: f64) -> f64 {
        total / self.store.len() as f64
    }
}

/// Adds all calls of `traffic` to an empty store on this thread.
pub(crate) fn fill(traffic: Traffic) -> Filled {
    let before = live_bytes();
    reset_peak();
    let mut tray = Tray::default();
    let (mut parcel, mut desk) = (Parcel::default(), Desk::default());
    let (mut calls, mut time) = (0, Duration::ZERO);
    traffic.for_each_block(|block| {
        let begin = Instant::now();
        parcel.clear();
        let facts = block.iter().filter_map(|call| CallFact::of(call, Direction::Outbound, None));
        calls += facts.map(|fact| parcel.add(&fact)).count() as u64;
        tray.add(&parcel, &mut desk);
        time += begin.elapsed();
    });
    drop(parcel);
    let begin = Instant::now();
    let store = tray.into_store(&mut desk);
    drop(desk);
    time += begin.elapsed();
    let (live_bytes, peak_bytes) = (live_bytes() - before, peak_bytes() - before);
    Filled { store, calls, time, live_bytes, peak_bytes }
}
