//! The truth as a table that can be asked, and what is wrong with it.

use std::path::Path;

use intake::side::{Truth, TruthTable, truth};
use intake::{Options, Reject};
use model::TelephoneNumber;

use super::outcome::{Known, Outcome};
use crate::error::ScoreError;
use crate::score::read_whole;
use crate::score::setup::SIDE_BYTES_MAX;

/// How many numbers without truth are named.
const NAMED: usize = 5;

/// The truth about numbers.
#[derive(Debug)]
pub(crate) struct TruthIndex {
    /// In rising order of numbers, each once.
    rows: Vec<Truth>,
    /// The names of the classes.
    pub(crate) classes: Vec<Box<str>>,
    duplicates: u64,
    /// Rows that could not be read, until somebody takes them.
    pub(crate) rejects: Vec<Reject>,
    rejected: u64,
}

/// How truth and traffic fit together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Fit {
    /// Numbers that the truth names.
    pub(crate) numbers: u64,
    /// Numbers with truth that place no call.
    pub(crate) without_calls: u64,
    /// Numbers with calls that the truth does not name: they are left out.
    pub(crate) without_truth: u64,
    /// The first of them, in rising order.
    pub(crate) named: Vec<TelephoneNumber>,
    /// Rows that say again what an earlier one says.
    pub(crate) duplicates: u64,
    /// Rows that could not be read.
    pub(crate) rejected: u64,
}

impl TruthIndex {
    /// Reads a file of truth.
    ///
    /// # Errors
    /// A file that cannot be read or lacks a column, or two rows that contradict each other.
    pub(crate) fn read(path: &Path, options: &Options) -> Result<Self, ScoreError> {
        let bytes = read_whole(path, SIDE_BYTES_MAX)?;
        let file = crate::said::file_name(path);
        let table = truth(&bytes, options).map_err(|source| ScoreError::Open { file: file.clone(), source })?;
        Self::of(table, &file)
    }

    fn of(table: TruthTable, file: &str) -> Result<Self, ScoreError> {
        let TruthTable { classes, mut rows, rejects, ignored: _ } = table;
        rows.sort_unstable_by_key(|row| (row.tn, row.line));
        if let Some((first, second)) = contradiction(&rows) {
            let (line, first_line, tn) = (second.line, first.line, first.tn);
            return Err(ScoreError::TruthConflict { file: file.to_owned(), line, first_line, tn: tn.to_string() });
        }
        let before = rows.len();
        rows.dedup_by_key(|row| row.tn);
        let duplicates = (before - rows.len()) as u64;
        let rejected = rejects.len() as u64;
        Ok(Self { rows, classes, duplicates, rejects, rejected })
    }

    /// The truth about a number; `None` when the table does not name it.
    pub(crate) fn known(&self, tn: TelephoneNumber) -> Option<Known> {
        let place = self.rows.binary_search_by_key(&tn, |row| row.tn).ok()?;
        let &Truth { class, unwanted, registered, attacked, .. } = self.rows.get(place)?;
        Some(Known { class, unwanted, registered, attacked })
    }

    /// How the truth fits what was found in the traffic; `strangers` are the numbers that it does not name, in rising
    /// order.
    pub(crate) fn fit(&self, outcomes: &[Outcome], strangers: &[TelephoneNumber]) -> Fit {
        let numbers = self.rows.len() as u64;
        Fit {
            numbers,
            without_calls: numbers - outcomes.len() as u64,
            without_truth: strangers.len() as u64,
            named: strangers.iter().take(NAMED).copied().collect(),
            duplicates: self.duplicates,
            rejected: self.rejected,
        }
    }
}

/// Two rows for one number that do not say the same, the one with the earliest second line.
fn contradiction(rows: &[Truth]) -> Option<(Truth, Truth)> {
    let says = |row: &Truth| (row.class, row.unwanted, row.registered, row.attacked);
    let of_number = |rows: &[Truth]| {
        let first = *rows.first()?;
        rows.iter().find(|row| says(row) != says(&first)).map(|second| (first, *second))
    };
    let pairs = rows.chunk_by(|one, other| one.tn == other.tn).filter_map(of_number);
    pairs.min_by_key(|(_, second)| second.line)
}
