//! Which population the number at a place belongs to, and in which block it lies.

use crate::numbering::Numbering;
use crate::random::{derive, mix};
use crate::scenario::Scenario;
use model::TelephoneNumber;

use super::order::Order;

/// A population whose operators fill blocks.
#[derive(Clone, Copy, Debug)]
struct Filled {
    class: u16,
    count: u64,
    per_block: u64,
    blocks: u64,
    /// The place of its first number, the first of its blocks, and the rank of the first scattered number in them.
    first_place: u64,
    first_block: u64,
    first_rank: u64,
}

/// The places of a world: first the ordinary blocks, then those that operators have filled.
pub(crate) struct Plan {
    /// Ends of the ranks of each scattered population, rising.
    scattered: Vec<(u64, u16)>,
    ordinary: u64,
    per_block: u64,
    innocents: u64,
    filled: Vec<Filled>,
    classes: Order,
    blocks: Order,
    blocks_per_exchange: u64,
    key: u64,
}

/// A place in a thousand-block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Seat {
    pub(crate) class: u16,
    block: u64,
    line: u64,
}

impl Plan {
    pub(crate) fn new(scenario: &Scenario, numbers: u64, seed: u64) -> Self {
        let key = derive(seed, 2);
        let shares: Vec<f64> = scenario.class.values().map(|class| class.share).collect();
        let counts = apportion(&shares, numbers);
        let mut scattered = Vec::new();
        let mut crowds = Vec::new();
        let mut total = 0;
        for (place, (class, count)) in scenario.class.values().zip(counts).enumerate() {
            match class.per_block {
                Some(per_block) if count > 0 => crowds.push((place as u16, count, u64::from(per_block))),
                Some(_) => {}
                None => {
                    total += count;
                    scattered.push((total, place as u16));
                }
            }
        }
        let crowd_blocks: u64 = crowds.iter().map(|(_, count, per_block)| count.div_ceil(*per_block)).sum();
        // A small world has not so many ordinary numbers to spare.
        let wanted = u64::from(scenario.blocks.innocents_per_filled_block);
        let innocents = if crowd_blocks * wanted <= total / 2 { wanted } else { 0 };
        let ordinary = total - crowd_blocks * innocents;
        let per_block = u64::from(scenario.blocks.numbers_per_block);
        let ordinary_blocks = ordinary.div_ceil(per_block);
        let (mut first_place, mut first_block, mut first_rank) = (ordinary, ordinary_blocks, ordinary);
        let filled = crowds.into_iter().map(|(class, count, per_block)| {
            let blocks = count.div_ceil(per_block);
            let filled = Filled { class, count, per_block, blocks, first_place, first_block, first_rank };
            first_place += count + blocks * innocents;
            first_block += blocks;
            first_rank += blocks * innocents;
            filled
        });
        let filled: Vec<Filled> = filled.collect();
        Self {
            scattered,
            ordinary,
            per_block,
            innocents,
            filled,
            classes: Order::new(derive(key, 1), total),
            blocks: Order::new(derive(key, 2), ordinary_blocks + crowd_blocks),
            blocks_per_exchange: u64::from(scenario.blocks.blocks_per_exchange),
            key,
        }
    }

    /// The seat at a place.
    pub(crate) fn seat(&self, place: u64) -> Seat {
        if place < self.ordinary {
            let (block, line) = (place / self.per_block, place % self.per_block);
            return Seat { class: self.scattered_class(place), block, line };
        }
        let of = self.filled.partition_point(|filled| filled.first_place <= place);
        let Some(filled) = of.checked_sub(1).and_then(|of| self.filled.get(of)) else {
            return Seat { class: 0, block: 0, line: 0 };
        };
        let (size, within) = (filled.per_block + self.innocents, place - filled.first_place);
        let block = (within / size).min(filled.blocks - 1);
        let line = within - block * size;
        let members = (filled.count - block * filled.per_block).min(filled.per_block);
        let class = match line.checked_sub(members) {
            None => filled.class,
            Some(innocent) => self.scattered_class(filled.first_rank + block * self.innocents + innocent),
        };
        Seat { class, block: filled.first_block + block, line }
    }

    /// The telephone number of a seat.
    pub(crate) fn tn(&self, numbering: &Numbering, seat: Seat) -> TelephoneNumber {
        // A step without a common factor with 1000 visits every line of the block once.
        const STEP: u64 = 387;
        let block = self.blocks.at(seat.block);
        let exchange = block / self.blocks_per_exchange;
        let digit = block % self.blocks_per_exchange + mix(self.key ^ exchange) % 10;
        let line = (seat.line * STEP + mix(derive(self.key, 3) ^ block) % 1000) % 1000;
        numbering.number(exchange, digit, line)
    }

    fn scattered_class(&self, rank: u64) -> u16 {
        let at = self.classes.at(rank);
        let of = self.scattered.partition_point(|(end, _)| *end <= at);
        self.scattered.get(of).map_or(0, |(_, class)| *class)
    }
}

/// Splits `numbers` by weights without a remainder: the largest fractions are rounded up.
fn apportion(shares: &[f64], numbers: u64) -> Vec<u64> {
    let total: f64 = shares.iter().sum();
    let exact: Vec<f64> = shares.iter().map(|share| share / total * numbers as f64).collect();
    let mut counts: Vec<u64> = exact.iter().map(|value| *value as u64).collect();
    let mut left = numbers.saturating_sub(counts.iter().sum());
    let mut by_fraction: Vec<(usize, f64)> =
        exact.iter().enumerate().map(|(place, value)| (place, value - (*value as u64) as f64)).collect();
    by_fraction.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    for (place, _) in by_fraction {
        if left == 0 {
            break;
        }
        if let Some(count) = counts.get_mut(place) {
            *count += 1;
            left -= 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, HashSet};

    #[test]
    fn everybody_has_a_number_and_snowshoers_fill_blocks() {
        let scenario = Scenario::shipped().expect("holds");
        let plan = Plan::new(&scenario, 30_000, 4);
        let numbering = Numbering::new(4, 20_000, 1);
        let names: Vec<&String> = scenario.class.keys().collect();
        let mut seen = HashSet::new();
        let mut blocks: BTreeMap<u64, [u32; 2]> = BTreeMap::new();
        for place in 0..30_000 {
            let seat = plan.seat(place);
            let tn = plan.tn(&numbering, seat);
            assert!(seen.insert(tn), "{tn} comes twice");
            let snowshoe = names[usize::from(seat.class)] == "snowshoe";
            blocks.entry(tn.digits() / 1000).or_default()[usize::from(snowshoe)] += 1;
        }
        let filled: Vec<[u32; 2]> = blocks.values().copied().filter(|[_, snowshoe]| *snowshoe > 0).collect();
        assert_eq!(filled.iter().map(|[_, snowshoe]| snowshoe).sum::<u32>(), 300, "1 % of 30,000");
        assert!(filled.iter().all(|[others, _]| *others == 3), "{filled:?}");
        assert!(filled.iter().filter(|[_, snowshoe]| *snowshoe == 40).count() >= 7, "{filled:?}");
        let ordinary = blocks.values().filter(|[others, snowshoe]| *snowshoe == 0 && *others == 25).count();
        assert!(ordinary > 1100, "{ordinary}");
    }

    #[test]
    fn shares_are_kept_without_a_remainder() {
        assert_eq!(apportion(&[1.0, 1.0, 1.0], 10), [4, 3, 3]);
        assert_eq!(apportion(&[0.0, 2.0], 7), [0, 7]);
        assert_eq!(apportion(&[0.6, 0.3, 0.1], 1), [1, 0, 0]);
    }
}
