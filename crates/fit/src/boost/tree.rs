//! One step: a small tree over the bins of one feature.

use crate::spec::Monotone;

/// What the rows of a bin, or of several, want: the slope and the curvature of the loss.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Wish {
    /// Sum of truth less probability.
    pub(super) slope: f64,
    /// Sum of p(1 − p).
    pub(super) curvature: f64,
}

impl Wish {
    fn minus(self, other: Self) -> Self {
        Self { slope: self.slope - other.slope, curvature: self.curvature - other.curvature }
    }

    /// The step that suits these rows best.
    fn step(self, damping: f64) -> f64 {
        self.slope / (self.curvature + damping)
    }

    /// Twice what that step gains.
    fn gain(self, damping: f64) -> f64 {
        self.slope * self.slope / (self.curvature + damping)
    }
}

/// The limits of a tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) leaves: usize,
    pub(super) leaf_curvature: f64,
    pub(super) damping: f64,
    /// A split that gains less is taken for chance.
    pub(super) gain: f64,
    pub(super) monotone: Monotone,
}

/// A range of bins with one step.
#[derive(Clone, Copy, Debug)]
struct Leaf {
    from: usize,
    to: usize,
    wish: Wish,
    /// The best split: its gain, the bin that the right side begins with, and the left side's wish.
    split: Option<(f64, usize, Wish)>,
}

/// Grows the tree, best split first, and writes each bin's step into `steps`.
pub(super) fn grow(wishes: &[Wish], limits: Limits, steps: &mut [f64]) {
    let total = wishes.iter().fold(Wish::default(), |sum, wish| Wish {
        slope: sum.slope + wish.slope,
        curvature: sum.curvature + wish.curvature,
    });
    let mut leaves = vec![leaf(wishes, 0, wishes.len(), total, limits)];
    while leaves.len() < limits.leaves {
        let best = leaves.iter().enumerate().filter_map(|(place, leaf)| leaf.split.map(|split| (place, split)));
        let best = best.reduce(|best, next| if next.1.0 > best.1.0 { next } else { best });
        let Some((place, (_, at, left))) = best else { break };
        let Some(parent) = leaves.get(place).copied() else { break };
        let right = parent.wish.minus(left);
        let pair = [leaf(wishes, parent.from, at, left, limits), leaf(wishes, at, parent.to, right, limits)];
        leaves.splice(place..=place, pair);
        if limits.monotone != Monotone::Free && !in_order(&leaves, limits) {
            leaves.splice(place..=place + 1, [Leaf { split: None, ..parent }]);
        }
    }
    for leaf in &leaves {
        let step = leaf.wish.step(limits.damping);
        steps.get_mut(leaf.from..leaf.to).unwrap_or_default().fill(step);
    }
}

/// Whether the steps of neighbouring leaves go the way that they may.
fn in_order(leaves: &[Leaf], limits: Limits) -> bool {
    leaves.windows(2).all(|pair| match pair {
        [left, right] => may_follow(left.wish, right.wish, limits),
        _ => true,
    })
}

fn may_follow(left: Wish, right: Wish, limits: Limits) -> bool {
    let (left, right) = (left.step(limits.damping), right.step(limits.damping));
    match limits.monotone {
        Monotone::Up => left <= right,
        Monotone::Down => left >= right,
        Monotone::Free => true,
    }
}

/// A leaf with its best split.
fn leaf(wishes: &[Wish], from: usize, to: usize, wish: Wish, limits: Limits) -> Leaf {
    let whole = wish.gain(limits.damping);
    let mut split: Option<(f64, usize, Wish)> = None;
    let mut left = Wish::default();
    for (at, own) in (from + 1..to).zip(wishes.get(from..to).unwrap_or_default()) {
        left.slope += own.slope;
        left.curvature += own.curvature;
        let right = wish.minus(left);
        if left.curvature < limits.leaf_curvature || right.curvature < limits.leaf_curvature {
            continue;
        }
        let gain = left.gain(limits.damping) + right.gain(limits.damping) - whole;
        if gain > split.map_or(limits.gain, |(best, ..)| best) && may_follow(left, right, limits) {
            split = Some((gain, at, left));
        }
    }
    Leaf { from, to, wish, split }
}
