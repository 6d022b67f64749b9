//! Shapes by boosting: many small steps, each a tree of few splits in one feature, feature after feature in turn.
//!
//! This is the additive form of explainable boosting (Lou, Caruana, Gehrke: Intelligible Models, 2012). Every feature gets its
//! turn in every cycle, so that features which tell the same share what they tell. Several bags learn from parts of the rows
//! and stop where the rows that they left out stop improving; the mean over bags is smoother than any of them.

mod bag;
mod bins;
mod merge;
mod sigmoid;
mod tree;

pub(crate) use bins::{Binned, MISSING};
pub(crate) use merge::merge;

use bag::Bag;

use crate::random::Random;
use crate::spec::Monotone;

/// How to boost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BoostSettings {
    /// How many bags are averaged.
    pub(crate) bags: u32,
    /// The share of each step that is taken.
    pub(crate) rate: f32,
    /// The most leaves of a step's tree.
    pub(crate) leaves: usize,
    /// The most cycles over all features.
    pub(crate) cycles_max: u32,
    /// Cycles without improvement after which a bag stops.
    pub(crate) patience: u32,
    /// The share of rows that a bag leaves out to stop by.
    pub(crate) left_out: f64,
    /// The least curvature of the loss in a leaf: about how many undecided rows it holds.
    pub(crate) leaf_curvature: f64,
    /// Added to each leaf's curvature, so that steps of few rows are small.
    pub(crate) damping: f64,
    /// A split that gains less than this, twice the log-likelihood, is taken for chance.
    pub(crate) gain: f64,
    /// Decides which rows each bag sees.
    pub(crate) seed: u64,
    /// How many bags are worked on at once. Changes nothing in the result.
    pub(crate) threads: usize,
}

/// What is boosted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BoostInput<'a> {
    /// Each feature in fine bins.
    pub(crate) features: &'a [Binned],
    /// Which way each may go.
    pub(crate) monotone: &'a [Monotone],
    /// The truth of each row.
    pub(crate) positive: &'a [bool],
    /// The log-odds of each row before any shape.
    pub(crate) offset: &'a [f64],
    /// The rows to learn from.
    pub(crate) rows: &'a [usize],
}

/// What was learned.
#[derive(Clone, Debug)]
pub(crate) struct Boosted {
    /// For each feature, nats by fine bin.
    pub(crate) functions: Vec<Vec<f64>>,
    /// The mean logarithmic loss on the rows that each bag left out.
    pub(crate) loss: f64,
}

/// Learns the functions.
pub(crate) fn boost(input: BoostInput<'_>, settings: BoostSettings) -> Boosted {
    let bags = settings.bags.max(1);
    let next = std::sync::atomic::AtomicU32::new(0);
    let work = || {
        let mut done: Vec<(u32, Boosted)> = Vec::new();
        loop {
            let bag = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if bag >= bags {
                return done;
            }
            let (learn, stop) = divide(input, settings, bag);
            done.push((bag, Bag::new(input, settings, &learn, &stop).run()));
        }
    };
    let mut done: Vec<(u32, Boosted)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..settings.threads.min(bags as usize)).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for other in others {
            // A bag that panicked is a fault of the program, and is passed on as one.
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    // In the order of the bags, so that the sums do not depend on who finished first.
    done.sort_unstable_by_key(|(bag, _)| *bag);
    let functions = input.features.iter().map(|feature| vec![0.0; feature.count()]).collect();
    let mut mean = Boosted { functions, loss: 0.0 };
    for (_, bag) in &done {
        mean.loss += bag.loss / f64::from(bags);
        for (sum, function) in mean.functions.iter_mut().zip(&bag.functions) {
            for (sum, nats) in sum.iter_mut().zip(function) {
                *sum += nats / f64::from(bags);
            }
        }
    }
    mean
}

/// The rows that a bag learns from and those that it stops by, each class apart.
fn divide(input: BoostInput<'_>, settings: BoostSettings, bag: u32) -> (Vec<usize>, Vec<usize>) {
    let mut random = Random::part(settings.seed, u64::from(bag));
    let (mut learn, mut stop) = (Vec::new(), Vec::new());
    for class in [false, true] {
        let own = |row: &usize| input.positive.get(*row).is_some_and(|positive| *positive == class);
        let mut rows: Vec<usize> = input.rows.iter().copied().filter(own).collect();
        random.shuffle(&mut rows);
        let left_out = libm::round(settings.left_out * rows.len() as f64) as usize;
        let tail = rows.split_off(left_out.min(rows.len()));
        stop.extend(rows);
        learn.extend(tail);
    }
    learn.sort_unstable();
    stop.sort_unstable();
    (learn, stop)
}

#[cfg(test)]
mod tests;
