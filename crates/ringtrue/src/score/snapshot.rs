//! Every number's facts at one moment of its life: what evidence is learned from.

use std::sync::atomic::{AtomicUsize, Ordering};

use model::TelephoneNumber;
use reputation::assess::Inputs;
use reputation::engines::View;
use reputation::facts::{Cells, Moment, hour_start};
use reputation::fleet::{BlockCells, Fleet, Neighbours, OthersOf};
use reputation::replay::Others as _;
use reputation::timeline::{Circumstances, Hours, Timeline};
use service::judge::Ready;

use super::follow::Traffic;
use super::run::{first_hour, fleet, standings};
use crate::progress::Progress;

/// A number's facts at a moment, as all engines together would see them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot {
    /// The number.
    pub(crate) tn: TelephoneNumber,
    /// What would be weighed; the block's evidence is 0 where nobody asked for it.
    pub(crate) inputs: Inputs,
}

/// Which of a number's attempts is its moment, counted from 0: given the number and how many attempts it placed; `None` leaves the
/// number out.
pub(crate) type Pick<'a> = &'a (dyn Fn(TelephoneNumber, u64) -> Option<u64> + Sync);

/// One thread's working memory.
#[derive(Default)]
struct Hands {
    block: BlockCells,
    timeline: Timeline,
    neighbours: Neighbours,
}

impl Traffic {
    /// Reads each number at the tick after an attempt of its own, under the policy that is asked, with the evidence of its block where
    /// `blocks` says so. In the order of the shards, each in rising order.
    pub(crate) fn snapshots(&self, blocks: bool, pick: Pick<'_>) -> Vec<Snapshot> {
        let ready: Vec<Ready<'_>> = self.shards.iter().map(|shard| Ready::new(self.setup.grounds(), shard)).collect();
        let first_hour = first_hour(&self.counts, self.end);
        let standings = standings(&self.setup, &ready, self.end, first_hour);
        let next = AtomicUsize::new(0);
        let words = if blocks { "looking at numbers and their blocks" } else { "looking at numbers" };
        let progress = Progress::new(ready.len(), words);
        let worker = || {
            let mut done: Vec<(usize, Vec<Snapshot>)> = Vec::new();
            let mut hands = Hands::default();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(shard) = ready.get(place) else { return done };
                let fleet = fleet(&self.setup, shard, &standings, self.end, first_hour);
                let mut found = Vec::new();
                for block in shard.numbers.chunk_by(|(one, _), (other, _)| one.block() == other.block()) {
                    hands.of_block(&fleet, block, blocks, pick, &mut found);
                }
                done.push((place, found));
                progress.one();
            }
        };
        let mut parts: Vec<(usize, Vec<Snapshot>)> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.threads).map(|_| scope.spawn(worker)).collect();
            workers.into_iter().flat_map(|worker| worker.join().expect("reading a number never fails")).collect()
        });
        parts.sort_unstable_by_key(|(place, _)| *place);
        parts.into_iter().flat_map(|(_, snapshots)| snapshots).collect()
    }
}

impl Hands {
    fn of_block(
        &mut self,
        fleet: &Fleet<'_>,
        numbers: &[(TelephoneNumber, u32)],
        blocks: bool,
        pick: Pick<'_>,
        found: &mut Vec<Snapshot>,
    ) {
        let Self { block, timeline, neighbours } = self;
        block.read(fleet.store, numbers);
        let view = View::any();
        for (tn, cells) in block.iter() {
            let Some(hour) = picked_hour(cells, fleet.end.moment.hour, |attempts| pick(tn, attempts)) else { continue };
            let mut others = OthersOf::new((fleet, block), neighbours, (0, &view), tn);
            let about = fleet.about.about(tn);
            let reports = view.reports(about.reports);
            let about = Circumstances { reports: &reports, ..about };
            timeline.clear(&about);
            Hours::new(cells.calls(), cells.dests(), &view).feed(hour, fleet.rules, timeline);
            let (now, at) = (Moment::tick(hour + 1), hour_start(hour + 1));
            let credibility = |reporter| others.credibility(reporter, now.hour);
            let mut inputs = timeline.inputs(fleet.rules, &about, &credibility, now, at);
            if blocks {
                inputs.block_nats = others.block_nats(now.hour, false);
            }
            found.push(Snapshot { tn, inputs });
        }
        neighbours.clear();
    }
}

/// The hour in which the picked attempt became known, of those known before `end`; `None` where none is picked.
fn picked_hour(cells: &Cells, end: u32, pick: impl Fn(u64) -> Option<u64>) -> Option<u32> {
    let attempts = || {
        let known = cells.calls().iter().filter(move |cell| cell.known < end);
        known.filter(|cell| cell.kind.ended().is_attempt()).map(|cell| (cell.known, u64::from(cell.count)))
    };
    let picked = pick(attempts().map(|(_, count)| count).sum())?;
    let mut seen = 0;
    attempts()
        .find(|(_, count)| {
            seen += count;
            seen > picked
        })
        .map(|(hour, _)| hour)
}
