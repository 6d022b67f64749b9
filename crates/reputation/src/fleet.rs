//! What a number's verdict takes from other numbers: the prior of its block, the standing of its reporters.

mod standing;

use std::collections::BTreeMap;

use model::TelephoneNumber;

use crate::assess::p0;
use crate::engines::View;
use crate::facts::{Cells, FactStore, Moment, hour_start};
use crate::numeric::logit;
use crate::policy::Policy;
use crate::replay::{End, Others};
use crate::timeline::{Circumstances, Hours, Rules, Timeline};

pub use standing::{Counted, Standings, score_reporters, score_reporters_from};

/// Knows what is known of each number besides its calls.
pub trait About: Sync {
    /// Everything known of a number that is not a call.
    fn about(&self, tn: TelephoneNumber) -> Circumstances<'_>;
}

/// One store's numbers, with what verdicts take from each other.
pub struct Fleet<'a> {
    /// The policy's rules.
    pub rules: &'a Rules,
    /// The calls.
    pub store: &'a FactStore,
    /// What is known besides.
    pub about: &'a dyn About,
    /// How reporters stand.
    pub standings: &'a Standings,
    /// The end of the data.
    pub end: End,
    /// The first hour in which anything became known; in all stores.
    pub first_hour: u32,
}

/// A moment at which block priors are derived: the 00:00 UTC that begins a day, or the end of the data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum AsOf {
    Midnight(u32),
    End,
}

/// The probabilities of one block's numbers at a moment.
struct BlockSum {
    /// Each number's, in rising order.
    members: Box<[(TelephoneNumber, f64)]>,
    prior: BlockPrior,
}

/// The probabilities of one block's numbers at a moment, added up: what its numbers say of each other.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct BlockPrior {
    count: u32,
    total: f64,
    /// By the thousands digit: how many, and their sum.
    thousands: [(u32, f64); 10],
}

/// Working memory of one thread: reads numbers, and remembers what it found of one block.
#[derive(Default)]
pub struct Neighbours {
    cells: Cells,
    timeline: Timeline,
    /// By the place of the view.
    blocks: BTreeMap<(usize, AsOf), BlockSum>,
    /// Probabilities that replays have found already, as a block asks for them at the end of the data: by number and view, in
    /// rising order.
    at_end: Vec<((TelephoneNumber, usize), Option<f64>)>,
    /// Nobody asks for those but the number itself, which leaves itself out.
    unasked: bool,
}

/// The calls of one block's numbers, read once.
#[derive(Default)]
pub struct BlockCells {
    numbers: Vec<TelephoneNumber>,
    /// As many as numbers, or more from a larger block before.
    cells: Vec<Cells>,
}

impl BlockCells {
    /// Reads numbers of one block, which must be all that there are.
    pub fn read(&mut self, store: &FactStore, numbers: &[(TelephoneNumber, u32)]) {
        self.numbers.clear();
        self.numbers.extend(numbers.iter().map(|&(tn, _)| tn));
        if self.cells.len() < numbers.len() {
            self.cells.resize_with(numbers.len(), Cells::default);
        }
        for (&(_, place), cells) in numbers.iter().zip(&mut self.cells) {
            store.read(place, cells);
        }
    }

    /// The numbers, in rising order, and their calls.
    pub fn iter(&self) -> impl Iterator<Item = (TelephoneNumber, &Cells)> {
        self.numbers.iter().copied().zip(&self.cells)
    }
}

/// The others of one number at one view.
pub struct OthersOf<'a, 'b> {
    fleet: &'a Fleet<'a>,
    block: &'a BlockCells,
    neighbours: &'b mut Neighbours,
    view: &'a View,
    view_place: usize,
    tn: TelephoneNumber,
}

impl<'a, 'b> OthersOf<'a, 'b> {
    /// The others of `tn`, which is one of `block`; `view_place` tells views apart.
    pub fn new(
        (fleet, block): (&'a Fleet<'a>, &'a BlockCells),
        neighbours: &'b mut Neighbours,
        (view_place, view): (usize, &'a View),
        tn: TelephoneNumber,
    ) -> Self {
        Self { fleet, block, neighbours, view, view_place, tn }
    }
}

impl Others for OthersOf<'_, '_> {
    fn block_nats(&mut self, hour: u32, at_end: bool) -> f64 {
        let day = hour / 24;
        let as_of = if day * 24 > self.fleet.first_hour {
            AsOf::Midnight(day)
        } else if at_end {
            AsOf::End
        } else {
            return 0.0;
        };
        let key = (self.view_place, as_of);
        if !self.neighbours.blocks.contains_key(&key) {
            let sum = self.sum_block(as_of, at_end);
            self.neighbours.blocks.insert(key, sum);
        }
        let policy = &self.fleet.rules.policy;
        self.neighbours.blocks.get(&key).map_or(0.0, |sum| sum.nats_for(policy, self.tn))
    }

    fn midnight_at_end(&self) -> Option<u32> {
        let midnight = self.fleet.end.moment.hour / 24 * 24;
        (midnight > self.fleet.first_hour && !self.neighbours.unasked).then_some(midnight)
    }

    fn credibility(&self, reporter: Option<u64>, hour: u32) -> f64 {
        self.fleet.standings.credibility(&self.fleet.rules.policy, reporter, hour / 24)
    }
}

impl Neighbours {
    /// Tells whether more than one number of the block can ask for its evidence. If not, replays need not find what nobody needs.
    pub const fn expect_asking(&mut self, more_than_one: bool) {
        self.unasked = !more_than_one;
    }

    /// Remembers until the next [`Self::clear`] the probability that a replay found for the number's neighbours. Numbers and views
    /// come in rising order.
    pub fn remember(&mut self, tn: TelephoneNumber, view_place: usize, p0: Option<f64>) {
        self.at_end.push(((tn, view_place), p0));
    }

    fn remembered(&self, tn: TelephoneNumber, view_place: usize) -> Option<Option<f64>> {
        let at = self.at_end.binary_search_by_key(&(tn, view_place), |&(key, _)| key).ok()?;
        self.at_end.get(at).map(|&(_, p0)| p0)
    }

    /// Forgets one block before the next.
    pub fn clear(&mut self) {
        self.at_end.clear();
        self.blocks.clear();
        self.unasked = false;
    }
}

impl BlockSum {
    /// Sums up a block's numbers, which stand in rising order.
    fn of(members: Vec<(TelephoneNumber, f64)>) -> Self {
        let mut prior = BlockPrior::default();
        members.iter().for_each(|&(tn, p)| prior.add(tn, p));
        Self { members: members.into_boxed_slice(), prior }
    }

    /// The block's evidence for one of its numbers, without that number itself.
    fn nats_for(&self, policy: &Policy, tn: TelephoneNumber) -> f64 {
        let own =
            self.members.binary_search_by_key(&tn, |&(member, _)| member).ok().and_then(|at| self.members.get(at));
        self.prior.nats_for(policy, tn, own.map(|&(_, p)| p))
    }
}

impl BlockPrior {
    /// Adds a number's probability.
    pub fn add(&mut self, tn: TelephoneNumber, p: f64) {
        let p = on_grid(p);
        self.count += 1;
        self.total += p;
        if let Some((count, sum)) = self.thousands.get_mut(thousands_digit(tn)) {
            *count += 1;
            *sum += p;
        }
    }

    /// The block's evidence for one of its numbers, in nats, clipped; `own` is what that number itself was added with, and `None`
    /// when it was not.
    #[must_use]
    pub fn nats_for(&self, policy: &Policy, tn: TelephoneNumber, own: Option<f64>) -> f64 {
        let (own_count, own_p) = own.map_or((0, 0.0), |p| (1, on_grid(p)));
        let thousand = self.thousands.get(thousands_digit(tn)).copied().unwrap_or((0, 0.0));
        let thousand_speaks = thousand.0.saturating_sub(own_count) >= policy.block.min_others;
        let (count, total) = if thousand_speaks { thousand } else { (self.count, self.total) };
        let others = f64::from(count.saturating_sub(own_count));
        if others == 0.0 {
            return 0.0;
        }
        let prior = policy.prior.unwanted_share;
        let kappa = policy.block.kappa;
        let share = ((total - own_p).max(0.0) + kappa * prior) / (others + kappa);
        let [low, high] = policy.block.clip;
        (logit(share.clamp(1e-9, 1.0 - 1e-9)) - logit(prior)).clamp(low, high)
    }
}

/// A probability in steps of 2⁻⁴⁰: sums of a block's are exact then, in whatever order, and so is what is left without one of them.
fn on_grid(p: f64) -> f64 {
    const STEPS: f64 = (1u64 << 40) as f64;
    libm::round(p * STEPS) / STEPS
}

const fn thousands_digit(tn: TelephoneNumber) -> usize {
    (tn.digits() / 1000 % 10) as usize
}

impl OthersOf<'_, '_> {
    /// The probabilities of the block's numbers at a moment, without block and attestation: no feedback. At the end those that were
    /// replayed are known.
    fn sum_block(&mut self, as_of: AsOf, at_end: bool) -> BlockSum {
        let mut members = Vec::with_capacity(self.block.numbers.len());
        for (tn, cells) in self.block.iter() {
            let known = if at_end { self.neighbours.remembered(tn, self.view_place) } else { None };
            let timeline = &mut self.neighbours.timeline;
            if let Some(p) = known.unwrap_or_else(|| p0_at(self.fleet, self.view, timeline, (tn, cells), as_of)) {
                members.push((tn, p));
            }
        }
        BlockSum::of(members)
    }
}

/// Up to so many cells are summed one by one rather than by panes. Chosen: most numbers of a carrier's file have fewer.
const FEW_CELLS: usize = 16;

/// A number's probability without block and attestation at the 00:00 UTC that begins `day`, as its block's prior is made of it;
/// `None` when it had placed no call by then.
pub fn p0_at_midnight(
    fleet: &Fleet<'_>,
    view: &View,
    timeline: &mut Timeline,
    (tn, cells): (TelephoneNumber, &Cells),
    day: u32,
) -> Option<f64> {
    p0_at(fleet, view, timeline, (tn, cells), AsOf::Midnight(day))
}

/// A number's probability without block and attestation at a moment; `None` when it had placed no call by then.
fn p0_at(
    fleet: &Fleet<'_>,
    view: &View,
    timeline: &mut Timeline,
    (tn, cells): (TelephoneNumber, &Cells),
    as_of: AsOf,
) -> Option<f64> {
    let (moment, at) = match as_of {
        AsOf::Midnight(day) => (Moment::tick(day * 24), hour_start(day * 24)),
        AsOf::End => (fleet.end.moment, fleet.end.at),
    };
    let last_hour = match as_of {
        AsOf::Midnight(day) => day * 24 - 1,
        AsOf::End => moment.hour,
    };
    let about = fleet.about.about(tn);
    let reports = view.reports(about.reports);
    let about = Circumstances { reports: &reports, ..about };
    timeline.clear(&about);
    let (calls, dests) = (cells.calls(), cells.dests());
    let mut hours = Hours::new(calls, dests, view);
    if about.is_bare() && calls.len() <= FEW_CELLS {
        let inputs = hours.few_inputs(last_hour, fleet.rules, &about, timeline, (moment, at))?;
        return Some(p0(&fleet.rules.policy, fleet.rules.prior, &inputs));
    }
    hours.feed(last_hour, fleet.rules, timeline);
    if timeline.attempts_seen() == 0 {
        return None;
    }
    let credibility = |reporter| fleet.standings.credibility(&fleet.rules.policy, reporter, moment.hour / 24);
    let inputs = timeline.inputs(fleet.rules, &about, &credibility, moment, at);
    Some(p0(&fleet.rules.policy, fleet.rules.prior, &inputs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Overlay;

    /// A number of the fictional exchange, whose last four digits choose the thousand-block.
    fn tn(line: u64) -> TelephoneNumber {
        TelephoneNumber::from_digits(12_155_550_000 + line).expect("a number")
    }

    fn check(block: &[(u64, f64)], line: u64, expect: f64) {
        let text = "[prior]\nunwanted_share = 0.02\n".to_owned();
        let policy = Policy::load(&[Overlay { file: "prior".to_owned(), text }]).expect("a policy");
        let sum = BlockSum::of(block.iter().map(|&(line, p)| (tn(line), p)).collect());
        let nats = sum.nats_for(&policy, tn(line));
        assert!((nats - expect).abs() < 1e-9, "{block:?}, {line}: {nats}, expected {expect}");
    }

    /// (Σ P0 + κπ)/(N + κ) with κ = 30 and π = .02, as log-odds against π.
    fn by_hand(sum: f64, others: f64) -> f64 {
        let share = (sum + 30.0 * 0.02) / (others + 30.0);
        (logit(share) - logit(0.02)).clamp(-1.0, 2.5)
    }

    #[test]
    fn a_number_is_left_out_of_its_own_block() {
        check(&[(100, 0.9)], 100, 0.0);
        check(&[(100, 0.9), (101, 0.5)], 100, by_hand(0.5, 1.0));
        check(&[(101, 0.5)], 100, by_hand(0.5, 1.0));
    }

    #[test]
    fn a_thousand_block_speaks_from_five_others_on() {
        let own: Vec<(u64, f64)> = (100..105).map(|line| (line, 0.9)).collect();
        let with_others = |own: &[(u64, f64)]| [own, &[(2100, 0.01), (2101, 0.01)]].concat();
        // Four others in the thousand-block: the whole exchange speaks.
        check(&with_others(&own), 100, by_hand(4.0 * 0.9 + 0.02, 6.0));
        // Five others: the thousand-block speaks alone.
        let own: Vec<(u64, f64)> = (100..106).map(|line| (line, 0.9)).collect();
        check(&with_others(&own), 100, by_hand(5.0 * 0.9, 5.0));
        check(&with_others(&own), 2100, by_hand(6.0 * 0.9 + 0.01, 7.0));
    }

    #[test]
    fn the_block_is_clipped() {
        let bad: Vec<(u64, f64)> = (100..199).map(|line| (line, 0.999)).collect();
        check(&bad, 100, 2.5);
        let good: Vec<(u64, f64)> = (100..199).map(|line| (line, 0.0)).collect();
        check(&good, 100, -1.0);
    }
}
