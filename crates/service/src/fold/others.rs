//! What a number's label takes from other numbers, as of the last 00:00 UTC: its block's prior, its reporters' standing.

use std::ops::Range;

use hashbrown::HashMap;
use model::TelephoneNumber;
use model::tn::Block;
use reputation::engines::View;
use reputation::facts::Cells;
use reputation::fleet::{BlockPrior, Fleet, Standings, p0_at_midnight};
use reputation::policy::Policy;
use reputation::replay::Others;
use reputation::timeline::Timeline;

/// Whose prior, and as of the 00:00 UTC that begins which day.
type Key = (Block, u8, u32);

/// The priors of one shard's blocks under one policy, derived when they are first asked for.
///
/// What a prior is made of had become known before its 00:00 UTC, so it is the same whenever it is derived.
#[derive(Default)]
pub(super) struct Priors {
    derived: HashMap<Key, BlockPrior, rapidhash::fast::RandomState>,
    cells: Cells,
    timeline: Timeline,
}

impl Priors {
    /// Forgets priors as of another day.
    pub(super) fn keep_day(&mut self, day: u32) {
        self.derived.retain(|&(.., of), _| of == day);
    }

    /// Forgets the priors of a block: something was learned late.
    pub(super) fn forget(&mut self, block: Block) {
        self.derived.retain(|&(of, ..), _| of != block);
    }

    fn derive(&mut self, fleet: &Fleet<'_>, numbers: &[(TelephoneNumber, u32)], view: &View, key: Key) -> BlockPrior {
        if let Some(prior) = self.derived.get(&key) {
            return *prior;
        }
        let (block, _, day) = key;
        let mut prior = BlockPrior::default();
        for &(tn, place) in numbers.get(members(numbers, block)).unwrap_or_default() {
            fleet.store.read(place, &mut self.cells);
            if let Some(p) = p0_at_midnight(fleet, view, &mut self.timeline, (tn, &self.cells), day) {
                prior.add(tn, p);
            }
        }
        self.derived.insert(key, prior);
        prior
    }
}

/// Where a block's numbers stand among all, which are in rising order.
fn members(numbers: &[(TelephoneNumber, u32)], block: Block) -> Range<usize> {
    let from = numbers.partition_point(|&(tn, _)| tn.block() < block);
    let to = numbers.partition_point(|&(tn, _)| tn.block() <= block);
    from..to
}

/// The others of one number at one view.
pub(super) struct LiveOthers<'a, 'b> {
    pub(super) fleet: &'a Fleet<'a>,
    /// All numbers of the store, in rising order.
    pub(super) numbers: &'a [(TelephoneNumber, u32)],
    pub(super) priors: &'b mut Priors,
    pub(super) view: &'a View,
    pub(super) view_place: u8,
    pub(super) tn: TelephoneNumber,
    /// The number's own cells.
    pub(super) cells: &'a Cells,
}

impl Others for LiveOthers<'_, '_> {
    /// Before the first 00:00 UTC no block speaks: nothing is derived while a day goes on, or labels would come and go with it.
    fn block_nats(&mut self, hour: u32, _at_end: bool) -> f64 {
        let Self { fleet, numbers, view, view_place, tn, cells, .. } = *self;
        let day = hour / 24;
        if day * 24 <= fleet.first_hour {
            return 0.0;
        }
        let prior = self.priors.derive(fleet, numbers, view, (tn.block(), view_place, day));
        let own = p0_at_midnight(fleet, view, &mut self.priors.timeline, (tn, cells), day);
        prior.nats_for(&fleet.rules.policy, tn, own)
    }

    fn credibility(&self, reporter: Option<u64>, hour: u32) -> f64 {
        self.fleet.standings.credibility(&self.fleet.rules.policy, reporter, hour / 24)
    }
}

/// Others that are not asked: the block says the least that it may, so that nothing it says takes back what is found.
pub(super) struct LeastOthers<'a> {
    pub(super) policy: &'a Policy,
    pub(super) standings: &'a Standings,
    pub(super) first_hour: u32,
}

impl Others for LeastOthers<'_> {
    fn block_nats(&mut self, hour: u32, _at_end: bool) -> f64 {
        let [least, _] = self.policy.block.clip;
        if hour / 24 * 24 <= self.first_hour { 0.0 } else { least }
    }

    fn credibility(&self, reporter: Option<u64>, hour: u32) -> f64 {
        self.standings.credibility(self.policy, reporter, hour / 24)
    }
}
