//! Parts of a table: what is learned from, what is chosen by, what is measured on.

use crate::random::Random;

/// A part of a table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// What is learned from.
    Train,
    /// What settings, calibration and threshold are chosen by.
    Validation,
    /// What is measured on, and never looked at before.
    Test,
}

impl Part {
    /// All parts, in the order in which they are told.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// The part's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }

    /// The part of a name, in any case; `None` for any other word.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// How large the parts are.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Split {
    /// The share to learn from, above 0.
    pub train: f64,
    /// The share to choose by, above 0.
    pub validation: f64,
    /// The share to measure on, at least 0.
    pub test: f64,
}

impl Split {
    /// Three fifths to learn from, a fifth to choose by, a fifth to measure on.
    pub const USUAL: Self = Self { train: 0.6, validation: 0.2, test: 0.2 };
    /// For a table whose test part lies elsewhere.
    pub const WITHOUT_TEST: Self = Self { train: 0.75, validation: 0.25, test: 0.0 };
}

/// Splits rows at random so that each part has the same share of unwanted ones, as far as whole rows allow.
#[must_use]
pub fn stratified(positive: &[bool], split: Split, seed: u64) -> Vec<Part> {
    let whole = split.train + split.validation + split.test;
    let mut parts = vec![Part::Train; positive.len()];
    for (class, members) in classes(positive, seed).into_iter().enumerate() {
        // The classes round to opposite sides, so that small tables keep the sizes that were asked for.
        let round = |share: f64| {
            let exact = share / whole * members.len() as f64;
            if class == 0 { libm::round(exact) as usize } else { libm::floor(exact + 0.5 - 1e-9) as usize }
        };
        let test = round(split.test);
        let validation = round(split.validation);
        for (place, row) in members.into_iter().enumerate() {
            if let Some(part) = parts.get_mut(row) {
                *part = if place < test {
                    Part::Test
                } else if place < test + validation {
                    Part::Validation
                } else {
                    Part::Train
                };
            }
        }
    }
    parts
}

/// Deals rows at random into `count` folds so that each has the same share of unwanted ones, as far as whole rows allow.
#[must_use]
pub fn folds(positive: &[bool], count: usize, seed: u64) -> Vec<usize> {
    let count = count.max(1);
    let mut fold = vec![0; positive.len()];
    let mut next = 0;
    for members in classes(positive, seed) {
        for row in members {
            if let Some(own) = fold.get_mut(row) {
                *own = next % count;
            }
            next += 1;
        }
    }
    fold
}

/// The rows of each class, shuffled.
fn classes(positive: &[bool], seed: u64) -> [Vec<usize>; 2] {
    [false, true].map(|class| {
        let mut rows: Vec<usize> =
            positive.iter().enumerate().filter(|(_, own)| **own == class).map(|(row, _)| row).collect();
        Random::part(seed, u64::from(class)).shuffle(&mut rows);
        rows
    })
}
