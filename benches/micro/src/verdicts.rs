//! Reading ratings from facts: how long one takes.

use std::hint::black_box;
use std::time::Instant;

use bench_generator::random::mix;
use model::TelephoneNumber;
use reputation::assess::{Assessment, Inputs, assess};
use reputation::facts::{Cells, FactStore, Moment, PaneRules, Panes, Sample};
use reputation::policy::Policy;

/// How long readings took, in nanoseconds.
pub(crate) struct Times {
    /// Half of the numbers took no longer.
    pub(crate) median_ns: f64,
    /// The mean over calls: each number counts as often as it calls.
    pub(crate) by_traffic_ns: f64,
    /// Share of numbers with an opinion: the others are read as well, but have little to read.
    pub(crate) opinions: f64,
}

/// Reads one number after the other, with buffers that are used again.
struct Reader<'a> {
    store: &'a FactStore,
    policy: &'a Policy,
    rules: PaneRules,
    prior: f64,
    now: Moment,
    cells: Cells,
    panes: Panes,
    sample: Sample,
}

impl Reader<'_> {
    fn read(&mut self, place: u32) -> Assessment {
        self.store.read(place, &mut self.cells);
        self.panes.clear(0);
        self.sample.clear(0);
        for cell in self.cells.calls() {
            self.panes.add(cell, &self.rules, false);
        }
        for dest in self.cells.dests() {
            self.sample.add(dest);
        }
        self.panes.roll(&self.rules, self.now.hour);
        self.sample.roll(self.now.hour);
        let inputs = Inputs {
            sums: self.panes.sums(&self.rules, self.now),
            sample: self.sample.facts(&self.rules, self.now),
            span_d: self.panes.span_d(),
            ..Inputs::default()
        };
        assess(self.policy, self.prior, &inputs)
    }

    /// Calls that are stored for the number read last.
    fn calls(&self) -> u64 {
        self.cells.calls().iter().map(|cell| u64::from(cell.count)).sum()
    }
}

/// Times a reading of every number, in random order, once the code and the policy are warm.
pub(crate) fn time(store: &FactStore, policy: &Policy) -> Times {
    let mut numbers = store.numbers();
    numbers.sort_unstable_by_key(|&(tn, _)| mix(TelephoneNumber::digits(tn)));
    let facts = &policy.facts;
    let mut reader = Reader {
        store,
        policy,
        rules: PaneRules::new(facts.half_life_d, facts.short_call_s, facts.hourly_for_h, facts.horizon_d),
        prior: policy.prior_log_odds(),
        now: Moment::tick(0),
        cells: Cells::default(),
        panes: Panes::default(),
        sample: Sample::default(),
    };
    reader.now = Moment::tick(last_hour(store, &numbers) + 1);
    for &(_, place) in numbers.iter().take(1000) {
        black_box(reader.read(place));
    }
    let mut times = Vec::with_capacity(numbers.len());
    let (mut weighted, mut calls, mut opinions) = (0.0, 0, 0u64);
    for &(_, place) in &numbers {
        let begin = Instant::now();
        let found = black_box(reader.read(place));
        let ns = begin.elapsed().as_nanos() as f64;
        times.push(ns);
        weighted += ns * reader.calls() as f64;
        calls += reader.calls();
        opinions += u64::from(found.opinion);
    }
    times.sort_unstable_by(f64::total_cmp);
    Times {
        median_ns: times.get(times.len() / 2).copied().unwrap_or_default(),
        by_traffic_ns: weighted / calls as f64,
        opinions: opinions as f64 / numbers.len() as f64,
    }
}

/// The last hour in which any number called.
fn last_hour(store: &FactStore, numbers: &[(TelephoneNumber, u32)]) -> u32 {
    let mut cells = Cells::default();
    let last = |&(_, place): &(TelephoneNumber, u32)| {
        store.read(place, &mut cells);
        cells.calls().iter().map(|cell| cell.known.max(cell.hour)).max()
    };
    numbers.iter().filter_map(last).max().unwrap_or(0)
}
