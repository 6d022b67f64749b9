//! CSV tables with a header: what side tables, report feeds and aggregates share.

use std::borrow::Cow;

use crate::format::OpenError;
use crate::frame::{Framing, MAX_RECORD_BYTES};
use crate::own::{delimiter, split_by};
use crate::reject::{Fault, KEPT_BYTES, Reject, RejectCode};

use super::Table;

/// The names of a table's columns. Case and surrounding blanks do not matter.
pub(crate) struct Header {
    names: Vec<String>,
    delimiter: u8,
}

impl Header {
    /// Reads a header line. The delimiter is a comma, or a semicolon or tab where the line has no comma.
    pub(crate) fn read(line: &[u8]) -> Self {
        let delimiter = delimiter(line);
        let names = split_by(line, delimiter).unwrap_or_default();
        Self { names: names.iter().map(|name| name.trim().to_ascii_lowercase()).collect(), delimiter }
    }

    /// Tells whether the table has this column.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }

    /// Refuses a table that lacks one of `columns`.
    pub(crate) fn need(&self, columns: &[&str], format: &str) -> Result<(), OpenError> {
        match columns.iter().find(|name| !self.has(name)) {
            None => Ok(()),
            Some(name) => Err(OpenError::MissingColumn {
                column: (*name).to_owned(),
                format: format.to_owned(),
                found: self.names.join(", "),
            }),
        }
    }

    /// Refuses a table that names no numbers, by `tn` or by `prefix`.
    fn need_subject(&self, format: &str) -> Result<(), OpenError> {
        if self.has("prefix") { Ok(()) } else { self.need(&["tn"], format) }
    }

    /// The columns that are not among `known`.
    pub(crate) fn ignored(&self, known: &[&str]) -> Vec<String> {
        self.names.iter().filter(|name| !known.contains(&name.as_str())).cloned().collect()
    }

    /// Splits a record into the header's columns.
    pub(crate) fn row<'a>(&'a self, record: &'a [u8]) -> Result<Row<'a>, Fault> {
        let fields = split_by(record, self.delimiter)?;
        if fields.len() < self.names.len() {
            let detail = format!("the header has {} columns, this line has {}", self.names.len(), fields.len());
            return Err(Fault::new(RejectCode::BadCsv, "", detail));
        }
        Ok(Row { names: &self.names, fields })
    }
}

/// One record of a table.
pub(crate) struct Row<'a> {
    names: &'a [String],
    fields: Vec<Cow<'a, str>>,
}

impl Row<'_> {
    /// The trimmed text of a column; empty where there is no such column.
    pub(crate) fn get(&self, name: &str) -> &str {
        let place = self.names.iter().position(|own| own == name);
        place.and_then(|place| self.fields.get(place)).map_or("", |text| text.trim())
    }
}

/// Tells whether a line is a comment of a file that a person keeps.
pub(crate) fn is_comment(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"#")
}

/// Cuts off a byte order mark.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Reads a whole table: every record goes to `make`, whose faults become rejects.
///
/// # Errors
/// `Empty`, or `MissingColumn` for one of `needed`.
pub(crate) fn read_table<T>(
    bytes: &[u8],
    format: &str,
    needed: &[&str],
    known: &[&str],
    mut make: impl FnMut(&Row<'_>) -> Result<T, Fault>,
) -> Result<Table<T>, OpenError> {
    let mut records = content(without_mark(bytes));
    let (_, first) = records.next().ok_or(OpenError::Empty)?;
    let header = Header::read(first);
    header.need(needed, format)?;
    if known.contains(&"prefix") {
        header.need_subject(format)?;
    }
    let mut table = Table { rows: Vec::new(), rejects: Vec::new(), ignored: header.ignored(known) };
    for (line, record) in records {
        let made = checked(record).and_then(|record| header.row(record)).and_then(|row| make(&row));
        match made {
            Ok(row) => table.rows.push(row),
            Err(fault) => table.rejects.push(reject(line, record, fault)),
        }
    }
    Ok(table)
}

/// The records of a file that are neither blank nor a comment, with their lines.
pub(crate) fn content(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    Framing::Csv.records(bytes).filter(|(_, record)| !record.trim_ascii().is_empty() && !is_comment(record))
}

/// Refuses a record that is too long to read.
pub(crate) fn checked(record: &[u8]) -> Result<&[u8], Fault> {
    if record.len() > MAX_RECORD_BYTES {
        return Err(Fault::new(RejectCode::TooLong, "", format!("a record has at most {MAX_RECORD_BYTES} bytes")));
    }
    Ok(record)
}

/// A reject with the beginning of its record.
pub(crate) fn reject(line: u64, record: &[u8], fault: Fault) -> Reject {
    let kept = record.get(..record.len().min(KEPT_BYTES)).unwrap_or_default();
    Reject { line, fault, record: kept.into() }
}
