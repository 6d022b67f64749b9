//! Filling a store: how fast, and how many bytes a number takes.

use std::time::Duration;

use model::Direction;
use reputation::engines::View;
use reputation::facts::{CallFact, Desk, FactStore, PaneRules, Parcel, Tray};
use reputation::ready::ReadyFacts;

use crate::calls::Traffic;
use crate::clock::worked;
use crate::counting::{live_bytes, peak_bytes, reset_peak};

/// A full store and what filling it cost.
pub(crate) struct Filled {
    pub(crate) store: FactStore,
    /// The busy numbers.
    pub(crate) ready: ReadyFacts,
    pub(crate) calls: u64,
    /// From record to stored fact, without making the records.
    pub(crate) time: Duration,
    /// Bytes that store and ready facts hold.
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

/// Adds all calls of `traffic` to an empty store on this thread, and keeps the busy numbers ready as they come.
pub(crate) fn fill(traffic: Traffic, rules: &PaneRules) -> Filled {
    let before = live_bytes();
    reset_peak();
    let mut tray = Tray::default();
    let mut ready = ReadyFacts::new(View::any(), rules.clone());
    let (mut parcel, mut desk) = (Parcel::default(), Desk::default());
    let (mut calls, mut time) = (0, Duration::ZERO);
    traffic.for_each_block(|block| {
        let begin = worked();
        parcel.clear();
        for fact in block.iter().filter_map(|call| CallFact::of(call, Direction::Outbound, None)) {
            parcel.add(&fact);
            ready.add(&fact);
            calls += 1;
        }
        tray.add(&parcel, &mut desk);
        if let Some(store) = tray.filed() {
            ready.catch_up(store);
        }
        time += worked() - begin;
    });
    drop(parcel);
    let begin = worked();
    let store = tray.into_store(&mut desk);
    drop(desk);
    ready.catch_up(&store);
    time += worked() - begin;
    let (live_bytes, peak_bytes) = (live_bytes() - before, peak_bytes() - before);
    Filled { store, ready, calls, time, live_bytes, peak_bytes }
}
