//! Our own call records: NDJSON (also in a CloudEvents envelope) and CSV, with the fields of `docs/reference/records.md`.

mod csv;
mod fields;
mod json;
mod plain;

pub use fields::call_columns;

pub(crate) use csv::{OwnCsv, split, split_by};
pub(crate) use fields::{COLUMNS, Field, party};
pub(crate) use json::{OwnJson, bad_json};

/// What sets the columns of a header line apart: a comma, or a semicolon or tab where the line has none.
pub(crate) fn delimiter(header: &[u8]) -> u8 {
    [b',', b';', b'\t'].into_iter().find(|delimiter| header.contains(delimiter)).unwrap_or(b',')
}

/// The lower-case column names of a header line of ours, whatever sets them apart; none when it is not text.
pub(crate) fn own_columns(header: &[u8]) -> Vec<String> {
    let row = split_by(header, delimiter(header)).unwrap_or_default();
    row.into_iter().map(|name| name.trim().to_ascii_lowercase()).collect()
}

/// Splits a header line into its column names; `None` when it is not text.
pub(crate) fn split_text(line: &[u8]) -> Option<Vec<String>> {
    csv::split(line).ok().map(|row| row.into_iter().map(|name| name.trim().to_owned()).collect())
}
