//! A labelled table: CSV with any columns, of which some are evidence, one is the label and one may tell the part.

mod read;
mod skip;
mod split;

pub(crate) use read::constant;
pub use read::{Columns, TableError};
pub use skip::{Skip, Skips};
pub use split::{Part, Split, folds, stratified};

/// The rows that were taken, column by column.
#[derive(Clone, Debug)]
pub struct Table {
    /// What each evidence saw, in the order in which it was asked for.
    pub observed: Vec<Observed>,
    /// The label of each row.
    pub positive: Vec<bool>,
    /// The part of each row, when a column tells it.
    pub part: Option<Vec<Part>>,
    /// What was left out, and what else a reader should know.
    pub skips: Skips,
}

/// What one evidence saw, row by row.
#[derive(Clone, PartialEq, Debug)]
pub enum Observed {
    /// Counts: `s` of `n`. An `n` of 0 saw nothing.
    Rate {
        /// What counts.
        s: Vec<f64>,
        /// All that could count.
        n: Vec<f64>,
    },
    /// Values on the scale of the file. One that is no number saw nothing.
    Value(Vec<f64>),
}

impl Observed {
    /// Whether a row tells anything.
    #[must_use]
    pub fn is_seen(&self, row: usize) -> bool {
        match self {
            Self::Rate { n, .. } => n.get(row).is_some_and(|n| *n > 0.0),
            Self::Value(values) => values.get(row).is_some_and(|value| !value.is_nan()),
        }
    }
}

impl Table {
    /// How many rows there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.positive.len()
    }

    /// Keeps the columns of the evidences whose places are wanted.
    pub(crate) fn keep_evidence(&mut self, wanted: impl Fn(usize) -> bool) {
        let mut places = 0..;
        self.observed.retain(|_| places.next().is_some_and(&wanted));
    }

    /// Whether no row was taken.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.positive.is_empty()
    }
}

#[cfg(test)]
mod tests;
