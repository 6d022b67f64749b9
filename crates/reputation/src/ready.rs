//! Facts kept ready to be read: a busy number's panes and sample as one view sees them, brought up to date call by call.
//!
//! Reading a number's cells takes time for each of its calls, and the few busiest numbers have most of them. Beside a
//! [`FactStore`], [`ReadyFacts`] hold those numbers in the form that a verdict reads. They depend on the policy's windows and on
//! a view, and are made anew from the store's cells whenever these change.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use model::TelephoneNumber;

use crate::engines::View;
use crate::facts::{
    CallFact, Cell, Cells, DestCell, DestClass, FactStore, MAX_LAG, Moment, PaneRules, RolledPanes, Sample,
    SampleFacts, Sums, folded_product,
};

/// A number is kept ready from so many words on. Chosen: 64 calls to as many people take 128. One number in a hundred is as
/// busy, so that all of them together take less than a third of what the store does.
const BUSY_WORDS: usize = 128;

/// One busy number's facts, ready to be read.
#[derive(Debug, Default)]
pub struct Ready {
    panes: RolledPanes,
    sample: Sample,
    /// The hour in which the last call became known.
    known: u32,
}

impl Ready {
    /// Makes a number's facts ready.
    #[must_use]
    pub fn of(cells: &Cells, view: &View, rules: &PaneRules) -> Self {
        let mut ready = Self::default();
        for cell in cells.calls() {
            if view.sees(cell.carrier, cell.hour) {
                ready.panes.add(cell, rules);
            }
        }
        for dest in cells.dests() {
            if view.sees(dest.carrier, dest.hour) {
                ready.sample.add(dest);
            } else if view.sees_carrier(dest.carrier) {
                ready.sample.pass(dest);
            }
        }
        let last = [cells.calls().last().map(|cell| cell.known), cells.dests().last().map(|dest| dest.known)];
        ready.known = last.into_iter().flatten().max().unwrap_or(0);
        ready.panes.roll(rules, ready.known);
        ready.sample.shrink();
        ready
    }

    /// Adds a call; `false`, and nothing added, when it became known on an earlier day than one before: then the facts must be
    /// made anew.
    #[must_use]
    pub fn add(&mut self, call: &CallFact, view: &View, rules: &PaneRules) -> bool {
        // As the store will tell it.
        let call = &CallFact { known: call.known.min(call.hour + MAX_LAG), ..*call };
        if call.known / 24 < self.known / 24 {
            return false;
        }
        if call.known / 24 > self.known / 24 {
            self.panes.roll(rules, call.known);
        }
        self.known = self.known.max(call.known);
        let dest = dest_of(call);
        if view.sees(call.carrier, call.hour) {
            self.panes.add(&cell_of(call), rules);
            if let Some(dest) = dest {
                self.sample.add(&dest);
            }
        } else if let Some(dest) = dest.filter(|_| view.sees_carrier(call.carrier)) {
            self.sample.pass(&dest);
        }
        true
    }

    /// Moves on to a moment, which no added call became known after, and gives the decayed sums there. What else is read must
    /// be read at the same moment.
    pub fn sums(&mut self, rules: &PaneRules, now: Moment) -> Sums {
        self.panes.roll(rules, now.hour);
        self.sample.roll(now.hour);
        self.panes.sums(rules, now)
    }

    /// What the sample of destinations says.
    #[must_use]
    pub fn sample(&self, rules: &PaneRules, now: Moment) -> SampleFacts {
        self.sample.facts(rules, now)
    }

    /// Days from the first to the last attempt within the horizon.
    #[must_use]
    pub fn span_d(&self) -> f64 {
        self.panes.span_d()
    }

    /// The hour of the last attempt; `None` when there was none.
    #[must_use]
    pub const fn last_attempt(&self) -> Option<u32> {
        self.panes.last_attempt()
    }
}

fn cell_of(call: &CallFact) -> Cell {
    let &CallFact { known, hour, carrier, kind, talk_ds, .. } = call;
    Cell { known, hour, carrier, kind, count: 1, talk_ds: u64::from(talk_ds) }
}

/// `None` for a call-back, which has no destination.
fn dest_of(call: &CallFact) -> Option<DestCell> {
    let &CallFact { known, hour, carrier, kind, dest, .. } = call;
    (dest != 0).then(|| DestCell { known, hash: dest, hour, carrier, class: DestClass::of(kind), count: 1 })
}

/// The busy numbers of a store, as one view sees them.
#[derive(Debug)]
pub struct ReadyFacts {
    view: View,
    rules: PaneRules,
    numbers: HashMap<TelephoneNumber, Box<Ready>, BuildHasherDefault<NumberHasher>>,
}

impl ReadyFacts {
    /// None yet, to be read by these rules.
    #[must_use]
    pub fn new(view: View, rules: PaneRules) -> Self {
        Self { view, rules, numbers: HashMap::default() }
    }

    /// Takes a call that the store takes as well.
    pub fn add(&mut self, call: &CallFact) {
        if let Some(ready) = self.numbers.get_mut(&call.tn)
            && !ready.add(call, &self.view, &self.rules)
        {
            self.numbers.remove(&call.tn);
        }
    }

    /// Makes the numbers ready that have become busy. The store must hold every call that was added here.
    pub fn catch_up(&mut self, store: &FactStore) {
        let mut cells = Cells::default();
        for (tn, place) in store.numbers() {
            if store.words_of(place) >= BUSY_WORDS && !self.numbers.contains_key(&tn) {
                store.read(place, &mut cells);
                self.numbers.insert(tn, Box::new(Ready::of(&cells, &self.view, &self.rules)));
            }
        }
    }

    /// A number's facts, and the rules by which they are read; `None` when it is to be read from the store.
    pub fn get(&mut self, tn: TelephoneNumber) -> Option<(&mut Ready, &PaneRules)> {
        self.numbers.get_mut(&tn).map(|ready| (ready.as_mut(), &self.rules))
    }

    /// Tells whether a number of the store may be ready: none with few words is, and most have few.
    #[must_use]
    pub fn may_hold(store: &FactStore, place: u32) -> bool {
        // Lists that are compacted later may lose a part of their words.
        store.words_of(place) >= BUSY_WORDS / 2
    }

    /// Which calls are seen.
    #[must_use]
    pub const fn view(&self) -> &View {
        &self.view
    }

    /// How many numbers are ready.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Tells whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }
}

/// Spreads numbers over a table. Nothing is ever read in the table's order.
#[derive(Default)]
struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = folded_product(self.0 ^ n);
    }
}
