//! Every number's facts at one moment of its life: what evidence is learned from.

use std::sync::atomic::{AtomicUsize, Ordering};

use model::TelephoneNumber;
use reputation::assess::Inputs;
use reputation::engines::View;
use reputation::facts::{Cells, Moment, hour_start};
use reputation::fleet::About as _;
use reputation::timeline::{Hours, Timeline};
use service::judge::Ready;

use super::follow::Traffic;

/// A number's facts at a moment, as all engines together would see them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot {
    /// The number.
    pub(crate) tn: TelephoneNumber,
    /// What would be weighed, block aside.
    pub(crate) inputs: Inputs,
}

impl Traffic {
    /// Reads each number at the tick after an attempt of its own. `pick` is given the number and how many attempts it placed, and
    /// tells after which of them, counted from 0; `None` leaves the number out. In the order of the shards, each in rising order.
    pub(crate) fn snapshots(&self, pick: impl Fn(TelephoneNumber, u64) -> Option<u64> + Sync) -> Vec<Snapshot> {
        let next = AtomicUsize::new(0);
        let worker = || {
            let mut done: Vec<(usize, Vec<Snapshot>)> = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(shard) = self.shards.get(place) else { return done };
                let ready = Ready::new(self.setup.grounds(), shard);
                done.push((place, self.of_shard(&ready, &pick)));
            }
        };
        let mut parts: Vec<(usize, Vec<Snapshot>)> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.threads).map(|_| scope.spawn(worker)).collect();
            workers.into_iter().flat_map(|worker| worker.join().expect("reading a number never fails")).collect()
        });
        parts.sort_unstable_by_key(|(place, _)| *place);
        parts.into_iter().flat_map(|(_, snapshots)| snapshots).collect()
    }

    fn of_shard(&self, ready: &Ready<'_>, pick: &impl Fn(TelephoneNumber, u64) -> Option<u64>) -> Vec<Snapshot> {
        let (mut cells, mut timeline, mut found) = (Cells::default(), Timeline::default(), Vec::new());
        let rules = &self.setup.rules;
        let credibility = rules.policy.reports.cred_prior_ok / rules.policy.reports.cred_prior_all;
        for &(tn, place) in &ready.numbers {
            ready.shard.store.read(place, &mut cells);
            let attempts = || {
                let known = cells.calls().iter().filter(|cell| cell.known < self.end.moment.hour);
                known.filter(|cell| cell.kind.ended().is_attempt()).map(|cell| (cell.known, u64::from(cell.count)))
            };
            let Some(picked) = pick(tn, attempts().map(|(_, count)| count).sum()) else { continue };
            let mut seen = 0;
            let Some((hour, _)) = attempts().find(|(_, count)| {
                seen += count;
                seen > picked
            }) else {
                continue;
            };
            let about = ready.about(tn);
            let view = View::any();
            timeline.clear(&about);
            Hours::new(cells.calls(), cells.dests(), &view).feed(hour, rules, &mut timeline);
            let (now, at) = (Moment::tick(hour + 1), hour_start(hour + 1));
            found.push(Snapshot { tn, inputs: timeline.inputs(rules, &about, &|_| credibility, now, at) });
        }
        found
    }
}
