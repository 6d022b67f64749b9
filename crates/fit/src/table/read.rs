//! Reading a table from CSV.

use std::collections::{BTreeSet, HashSet};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::skip::{Skip, Skips};
use super::{Observed, Part, Table};
use crate::spec::{Scale, Source};

/// The most columns of a table.
const COLUMNS_MAX: usize = 10_000;
/// The most rows of a table. Chosen: what a fit holds in memory beside its work.
const ROWS_MAX: u64 = 50_000_000;
/// A column with this many distinct values per row tells rows apart, and equal rows are copies. Chosen: a file that was appended
/// to itself three times still shows it, and tables of small counts do not.
const TELLS_APART: f64 = 0.25;
/// What an unknown value is written as, besides an empty cell.
const UNKNOWN: [&str; 5] = ["na", "n/a", "nan", "null", "none"];

/// Which columns of a table are read.
#[derive(Clone, Debug)]
pub struct Columns<'a> {
    /// The columns of each evidence.
    pub evidence: Vec<&'a Source>,
    /// The column of the label: 0, 1, true or false.
    pub label: &'a str,
    /// The column that tells the part; `None` when none does.
    pub part: Option<&'a str>,
}

/// Why a table cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TableError {
    /// No header.
    #[error("it is empty")]
    Empty,
    /// A column that the header lacks.
    #[error("it has no column {column:?}; there are: {found}")]
    NoColumn {
        /// The column.
        column: String,
        /// The first columns of the header.
        found: String,
    },
    /// A column whose name stands twice in the header.
    #[error("its header names the column {column:?} twice")]
    ColumnTwice {
        /// The column.
        column: String,
    },
    /// More than a fit can hold.
    #[error("it has more than {limit} {what}")]
    TooLarge {
        /// The limit.
        limit: u64,
        /// Of what.
        what: &'static str,
    },
}

/// Where the cells that are needed stand.
struct Places {
    label: usize,
    part: Option<usize>,
    evidence: Vec<Vec<usize>>,
    columns: usize,
}

impl Table {
    /// Reads a table: CSV in UTF-8 with commas, semicolons or tabs.
    ///
    /// A row with a wrong cell is left out and counted. An empty cell, or one that says NA, NaN, null or none, is no evidence.
    ///
    /// # Errors
    /// When the header lacks a column, or there is none.
    pub fn read(bytes: &[u8], columns: &Columns<'_>) -> Result<Self, TableError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut rows = Rows::new(bytes);
        let header = rows.next_row().ok_or(TableError::Empty)?;
        let header: Vec<String> = header.cells().map(|cell| text(cell).trim().to_owned()).collect();
        let places = Places::find(&header, columns)?;
        let mut reading = Reading::new(columns);
        while let Some(row) = rows.next_row() {
            if reading.skips.rows_read >= ROWS_MAX {
                return Err(TableError::TooLarge { limit: ROWS_MAX, what: "rows" });
            }
            reading.skips.rows_read += 1;
            reading.take(&row, &places, columns);
        }
        Ok(reading.finish())
    }
}

impl Places {
    fn find(header: &[String], columns: &Columns<'_>) -> Result<Self, TableError> {
        if header.len() > COLUMNS_MAX {
            return Err(TableError::TooLarge { limit: COLUMNS_MAX as u64, what: "columns" });
        }
        let place = |name: &str| {
            let mut found = header.iter().enumerate().filter(|(_, own)| *own == name).map(|(place, _)| place);
            match (found.next(), found.next()) {
                (Some(place), None) => Ok(place),
                (Some(_), Some(_)) => Err(TableError::ColumnTwice { column: name.to_owned() }),
                (None, _) => {
                    let first: Vec<&str> = header.iter().take(40).map(String::as_str).collect();
                    Err(TableError::NoColumn { column: name.to_owned(), found: first.join(", ") })
                }
            }
        };
        let of_source = |source: &&Source| source.columns().into_iter().map(place).collect();
        Ok(Self {
            label: place(columns.label)?,
            part: columns.part.map(place).transpose()?,
            evidence: columns.evidence.iter().map(of_source).collect::<Result<_, _>>()?,
            columns: header.len(),
        })
    }
}

/// What has been read so far.
struct Reading {
    observed: Vec<Observed>,
    positive: Vec<bool>,
    part: Option<Vec<Part>>,
    skips: Skips,
    seen: HashSet<u128>,
    /// For each row taken: its line when it equals an earlier row.
    repeats: Vec<Option<u64>>,
    /// Distinct values of each column, while it may still tell rows apart.
    distinct: Vec<HashSet<u64>>,
}

impl Reading {
    fn new(columns: &Columns<'_>) -> Self {
        let observed = columns.evidence.iter().map(|source| match source {
            Source::Counts { .. } | Source::Share { .. } => Observed::Rate { s: Vec::new(), n: Vec::new() },
            Source::Value { .. } => Observed::Value(Vec::new()),
        });
        Self {
            observed: observed.collect(),
            positive: Vec::new(),
            part: columns.part.map(|_| Vec::new()),
            skips: Skips::default(),
            seen: HashSet::new(),
            repeats: Vec::new(),
            distinct: Vec::new(),
        }
    }

    fn take(&mut self, row: &Row<'_>, places: &Places, columns: &Columns<'_>) {
        match RowRead::of(row, places, columns) {
            Err((skip, column)) => self.skips.add(skip, column, row.line),
            Ok(read) => {
                let repeats = !self.seen.insert(row.fingerprint());
                self.repeats.push(repeats.then_some(row.line));
                if !repeats {
                    self.note_distinct(row);
                }
                self.push(read);
            }
        }
    }

    fn note_distinct(&mut self, row: &Row<'_>) {
        self.distinct.resize_with(self.distinct.len().max(row.cell_count()), HashSet::new);
        for (cell, distinct) in row.cells().zip(&mut self.distinct) {
            distinct.insert(hash(cell, 0));
        }
    }

    fn push(&mut self, read: RowRead) {
        self.positive.push(read.positive);
        if let (Some(parts), Some(part)) = (&mut self.part, read.part) {
            parts.push(part);
        }
        for (observed, [first, second]) in self.observed.iter_mut().zip(read.cells) {
            match observed {
                Observed::Rate { s, n } => {
                    s.push(first);
                    n.push(second);
                }
                Observed::Value(values) => values.push(first),
            }
        }
    }

    /// Drops copies where they can be told from rows that merely look alike.
    fn finish(mut self) -> Table {
        let rows = self.repeats.len() as f64;
        let tells_apart = self.distinct.iter().any(|distinct| distinct.len() as f64 >= TELLS_APART * rows);
        let copies: Vec<u64> = self.repeats.iter().flatten().copied().collect();
        if tells_apart && !copies.is_empty() {
            copies.into_iter().for_each(|line| self.skips.add(Skip::Duplicate, "", line));
            let keep: Vec<bool> = self.repeats.iter().map(Option::is_none).collect();
            retain(&mut self.positive, &keep);
            if let Some(part) = &mut self.part {
                retain(part, &keep);
            }
            for observed in &mut self.observed {
                match observed {
                    Observed::Rate { s, n } => {
                        retain(s, &keep);
                        retain(n, &keep);
                    }
                    Observed::Value(values) => retain(values, &keep),
                }
            }
        } else {
            self.skips.repeats_kept = copies.len() as u64;
        }
        Table { observed: self.observed, positive: self.positive, part: self.part, skips: self.skips }
    }
}

fn retain<T>(items: &mut Vec<T>, keep: &[bool]) {
    let mut keep = keep.iter();
    items.retain(|_| keep.next().copied().unwrap_or(true));
}

/// What one row says. Cells of a rate are `s` and `n`; of a value, the value alone.
struct RowRead {
    positive: bool,
    part: Option<Part>,
    cells: Vec<[f64; 2]>,
}

impl RowRead {
    /// Reads a row, or tells why it is left out and by which column.
    fn of<'a>(row: &Row<'_>, places: &Places, columns: &Columns<'a>) -> Result<Self, (Skip, &'a str)> {
        if row.cell_count() != places.columns {
            return Err((Skip::CellCount, ""));
        }
        let label = text(row.cell(places.label));
        let positive = match label.trim().to_ascii_lowercase().as_str() {
            "1" | "true" | "1.0" => true,
            "0" | "false" | "0.0" => false,
            "" => return Err((Skip::NoLabel, columns.label)),
            other if UNKNOWN.contains(&other) => return Err((Skip::NoLabel, columns.label)),
            _ => return Err((Skip::BadLabel, columns.label)),
        };
        let part = match places.part {
            None => None,
            Some(place) => {
                let found = Part::named(&text(row.cell(place)));
                Some(found.ok_or((Skip::BadPart, columns.part.unwrap_or_default()))?)
            }
        };
        let sources = columns.evidence.iter().zip(&places.evidence);
        let cells = sources.map(|(source, places)| evidence(row, source, places)).collect::<Result<_, _>>()?;
        Ok(Self { positive, part, cells })
    }
}

/// Reads the cells of one evidence.
fn evidence<'a>(row: &Row<'_>, source: &'a Source, places: &[usize]) -> Result<[f64; 2], (Skip, &'a str)> {
    let names = source.columns();
    let mut cells = [f64::NAN; 2];
    for ((cell, place), name) in cells.iter_mut().zip(places).zip(&names) {
        *cell = number(row.cell(*place)).ok_or((Skip::NotANumber, *name))?;
        let below_zero = match source {
            Source::Counts { .. } | Source::Share { .. } | Source::Value { scale: Scale::Log, .. } => *cell < 0.0,
            Source::Value { scale: Scale::Linear, .. } => false,
        };
        if below_zero {
            return Err((Skip::Negative, *name));
        }
    }
    let [first, second] = cells;
    let column = names.first().copied().unwrap_or_default();
    match source {
        Source::Value { .. } => Ok(cells),
        Source::Counts { .. } | Source::Share { .. } if first.is_nan() || second.is_nan() => Ok([0.0, 0.0]),
        // Ratios and decayed counts come rounded: a hair above the whole is the whole.
        Source::Counts { .. } if first > second * (1.0 + 1e-9) => Err((Skip::AboveWhole, column)),
        Source::Share { .. } if first > 1.0 + 1e-9 => Err((Skip::AboveWhole, column)),
        Source::Counts { .. } => Ok([first.min(second), second]),
        Source::Share { .. } => Ok([first.min(1.0) * second, second]),
    }
}

/// A cell's number; NaN when it is unknown, `None` when it is something else.
fn number(cell: &[u8]) -> Option<f64> {
    let cell = std::str::from_utf8(cell).ok()?.trim();
    if cell.is_empty() || UNKNOWN.iter().any(|word| cell.eq_ignore_ascii_case(word)) {
        return Some(f64::NAN);
    }
    cell.parse::<f64>().ok().filter(|value| value.is_finite())
}

fn text(cell: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(cell)
}

/// The FNV-1a hash of some bytes, going on from `state`: stable, and good enough for telling rows apart.
fn hash(bytes: &[u8], state: u64) -> u64 {
    bytes
        .iter()
        .fold(state ^ 0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// One row of a file.
struct Row<'a> {
    bytes: &'a [u8],
    ends: &'a [usize],
    line: u64,
}

impl Row<'_> {
    const fn cell_count(&self) -> usize {
        self.ends.len()
    }

    fn cell(&self, place: usize) -> &[u8] {
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(place).copied().unwrap_or(start);
        self.bytes.get(start..end).unwrap_or_default()
    }

    fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.cell_count()).map(|place| self.cell(place))
    }

    fn fingerprint(&self) -> u128 {
        let one = |seed: u64| self.cells().fold(seed, |state, cell| hash(cell, state.rotate_left(17)));
        (u128::from(one(1)) << 64) | u128::from(one(0x9e37_79b9_7f4a_7c15))
    }
}

/// Cuts a file into rows.
struct Rows<'a> {
    reader: Reader,
    rest: &'a [u8],
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl<'a> Rows<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let header = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |letter: u8| header.iter().filter(|byte| **byte == letter).count();
        // The first of those that occur most often.
        let delimiter = [b',', b';', b'\t'].into_iter().rev().max_by_key(|letter| count(*letter)).unwrap_or(b',');
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Self { reader, rest: bytes, bytes: vec![0; 1 << 12], ends: vec![0; 64] }
    }

    /// The next row; `None` at the end. Empty lines are passed over.
    fn next_row(&mut self) -> Option<Row<'_>> {
        let (mut bytes, mut ends) = (0, 0);
        loop {
            let into = self.bytes.get_mut(bytes..).unwrap_or_default();
            let marks = self.ends.get_mut(ends..).unwrap_or_default();
            let (result, read, wrote, ended) = self.reader.read_record(self.rest, into, marks);
            self.rest = self.rest.get(read..).unwrap_or_default();
            bytes += wrote;
            ends += ended;
            match result {
                ReadRecordResult::InputEmpty => self.rest = &[],
                ReadRecordResult::OutputFull => self.bytes.resize(2 * self.bytes.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::Record => {
                    return Some(Row {
                        bytes: self.bytes.get(..bytes).unwrap_or_default(),
                        ends: self.ends.get(..ends).unwrap_or_default(),
                        line: self.reader.line() - 1,
                    });
                }
                ReadRecordResult::End => return None,
            }
        }
    }
}

/// Evidence columns that have one value only in the rows that are asked for.
pub(crate) fn constant(table: &Table, rows: &[usize]) -> BTreeSet<usize> {
    let same = |pick: &dyn Fn(usize) -> Option<f64>| {
        let mut known = rows.iter().filter_map(|row| pick(*row));
        let first = known.next();
        known.all(|value| Some(value) == first)
    };
    let is_constant = |observed: &Observed| match observed {
        Observed::Rate { s, n } => same(&|row| {
            let whole = n.get(row).copied().filter(|n| *n > 0.0)?;
            Some(s.get(row).copied()? / whole)
        }),
        Observed::Value(values) => same(&|row| values.get(row).copied().filter(|value| !value.is_nan())),
    };
    table.observed.iter().enumerate().filter(|(_, observed)| is_constant(observed)).map(|(place, _)| place).collect()
}
