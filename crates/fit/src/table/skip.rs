//! What was left out of a table, counted by reason.

use std::collections::BTreeMap;

/// Why a row is left out, or left in with a remark.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Skip {
    /// A row with more or fewer cells than the header.
    CellCount,
    /// The label is empty.
    NoLabel,
    /// The label is none of 0, 1, true, false.
    BadLabel,
    /// The part is none of train, validation, test.
    BadPart,
    /// A cell that is no number.
    NotANumber,
    /// A number below 0 where counts, ratios or logarithms are expected.
    Negative,
    /// More counted than could be counted, or a ratio above 1.
    AboveWhole,
    /// A copy of an earlier row.
    Duplicate,
}

impl Skip {
    /// The code, as output names it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::CellCount => "cell_count",
            Self::NoLabel => "no_label",
            Self::BadLabel => "bad_label",
            Self::BadPart => "bad_split",
            Self::NotANumber => "not_a_number",
            Self::Negative => "negative",
            Self::AboveWhole => "s_above_n",
            Self::Duplicate => "duplicate",
        }
    }

    /// What is wrong, for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::CellCount => "another number of cells than the header",
            Self::NoLabel => "no label",
            Self::BadLabel => "a label that is none of 0, 1, true, false",
            Self::BadPart => "a part that is none of train, validation, test",
            Self::NotANumber => "a cell that is no number",
            Self::Negative => "a number below 0 where none can be",
            Self::AboveWhole => "s above n, or a share above 1",
            Self::Duplicate => "a copy of an earlier row",
        }
    }
}

/// What was left out, and what else a reader should know.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Skips {
    /// Rows left out, by reason and column; an empty column means the whole row.
    pub rows: BTreeMap<(Skip, String), Skipped>,
    /// Rows that equal an earlier one and were kept, since nothing in the table tells rows apart.
    pub repeats_kept: u64,
    /// All rows below the header.
    pub rows_read: u64,
}

/// How many rows, and where the first stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Skipped {
    /// How many rows.
    pub count: u64,
    /// The line of the first, counted from 1.
    pub first_line: u64,
}

impl Skips {
    /// Counts a row that is left out.
    pub(super) fn add(&mut self, skip: Skip, column: &str, line: u64) {
        let found = self.rows.entry((skip, column.to_owned())).or_insert(Skipped { count: 0, first_line: line });
        found.count += 1;
    }

    /// How many rows were left out.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.rows.values().map(|skipped| skipped.count).sum()
    }
}
