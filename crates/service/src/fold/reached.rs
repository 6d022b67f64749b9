//! Who was called by whom in the last days, as bits: what proves a report that comes after the call.
//!
//! A rotating filter by day. Each block of 16,384 bits takes 512 pairs with eight bits each, so that it says of about one pair in
//! 200,000 that it was called though it was not. A pair that reports is noted exactly from then on.

use std::collections::BTreeMap;

use model::TelephoneNumber;
use reputation::bytes::{Reader, put};
use reputation::facts::folded_product;

/// Words of one block.
const BLOCK_WORDS: usize = 256;
/// Pairs that one block takes.
const BLOCK_PAIRS: u32 = 512;
/// Bits that stand for a pair.
const PROBES: u32 = 8;

/// The pairs of callers and called people, by UTC day.
#[derive(Default)]
pub(super) struct Reached {
    days: BTreeMap<u32, Day>,
}

#[derive(Default)]
struct Day {
    blocks: Vec<[u64; BLOCK_WORDS]>,
    /// Pairs in the last block.
    last: u32,
}

/// The bits of a pair, of a number and what stands for the called one, in a block: from two halves of one hash, by steps.
fn probes(tn: TelephoneNumber, dest: u64) -> impl Iterator<Item = (usize, u64)> {
    let hash = folded_product(folded_product(tn.digits()) ^ dest);
    let (first, step) = (hash as u32, (hash >> 32) as u32 | 1);
    (0..PROBES).map(move |probe| {
        let bit = first.wrapping_add(step.wrapping_mul(probe)) as usize % (BLOCK_WORDS * 64);
        (bit / 64, 1 << (bit % 64))
    })
}

impl Day {
    fn holds(&self, tn: TelephoneNumber, dest: u64) -> bool {
        let within = |block: &[u64; BLOCK_WORDS]| {
            probes(tn, dest).all(|(word, bit)| block.get(word).is_some_and(|word| word & bit != 0))
        };
        self.blocks.iter().any(within)
    }

    fn add(&mut self, tn: TelephoneNumber, dest: u64) {
        if self.blocks.is_empty() || self.last == BLOCK_PAIRS {
            self.blocks.push([0; BLOCK_WORDS]);
            self.last = 0;
        }
        let Some(block) = self.blocks.last_mut() else { return };
        let mut new = false;
        for (word, bit) in probes(tn, dest) {
            if let Some(word) = block.get_mut(word) {
                new |= *word & bit == 0;
                *word |= bit;
            }
        }
        self.last += u32::from(new);
    }
}

impl Reached {
    /// Notes that `tn` called whom `dest` stands for on a day.
    pub(super) fn add(&mut self, day: u32, tn: TelephoneNumber, dest: u64) {
        self.days.entry(day).or_default().add(tn, dest);
    }

    /// The days among `days` on which `tn` seems to have called whom `dest` stands for.
    pub(super) fn days(
        &self,
        days: std::ops::RangeInclusive<u32>,
        tn: TelephoneNumber,
        dest: u64,
    ) -> impl Iterator<Item = u32> {
        self.days.range(days).filter(move |(_, calls)| calls.holds(tn, dest)).map(|(&day, _)| day)
    }

    /// Gives up the days before `oldest`.
    pub(super) fn age(&mut self, oldest: u32) {
        self.days = self.days.split_off(&oldest);
    }

    /// Appends the pairs as bytes.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        put(out, self.days.len() as u64);
        for (&day, calls) in &self.days {
            put(out, day.into());
            put(out, calls.last.into());
            put(out, calls.blocks.len() as u64);
            let words = calls.blocks.iter().flat_map(|block| block.iter());
            words.for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
        }
    }

    /// Reads the pairs back; `None` where the bytes hold none.
    pub(super) fn read_back(bytes: &mut Reader<'_>) -> Option<Self> {
        let mut reached = Self::default();
        for _ in 0..bytes.count(3)? {
            let (number, last) = (bytes.get_as()?, bytes.get_as()?);
            let mut day = Day { blocks: Vec::new(), last };
            for _ in 0..bytes.count(BLOCK_WORDS * 8)? {
                let mut block = [0; BLOCK_WORDS];
                for word in &mut block {
                    *word = u64::from_le_bytes(bytes.take(8)?.try_into().ok()?);
                }
                day.blocks.push(block);
            }
            reached.days.insert(number, day);
        }
        Some(reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tn(line: u64) -> TelephoneNumber {
        TelephoneNumber::from_digits(12_155_550_000 + line).expect("a number")
    }

    fn dest(line: u64) -> u64 {
        12_155_550_000 + line
    }

    #[test]
    fn every_call_is_found_and_hardly_any_other() {
        let mut reached = Reached::default();
        for line in 0..5000 {
            reached.add(7, tn(line % 50), dest(line));
        }
        let mut bytes = Vec::new();
        reached.write(&mut bytes);
        let reached = Reached::read_back(&mut Reader::new(&bytes)).expect("the pairs");
        assert!((0..5000).all(|line| reached.days(0..=9, tn(line % 50), dest(line)).eq([7])));
        assert_eq!(reached.days(0..=6, tn(0), dest(0)).count(), 0);
        let wrong = (0..5000).filter(|line| reached.days(0..=9, tn(60), dest(*line)).next().is_some()).count();
        assert!(wrong < 5, "{wrong} of 5000");
        let mut reached = reached;
        reached.age(7);
        assert_eq!(reached.days(0..=9, tn(0), dest(0)).count(), 1);
        reached.age(8);
        assert_eq!(reached.days(0..=9, tn(0), dest(0)).count(), 0, "a day that is over is given up");
    }
}
