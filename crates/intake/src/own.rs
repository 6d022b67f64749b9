//! Our own call records: NDJSON (also in a CloudEvents envelope) and CSV, with the fields of `docs/reference/records.md`.

mod csv;
mod fields;
mod json;
mod plain;

pub use fields::call_columns;

pub(crate) use csv::{OwnCsv, split, split_by};
pub(crate) use fields::{COLUMNS, Field, party};
pub(crate) use json::{OwnJson, bad_json};

/// Splits a header line into its column names; `None` when it is not text.
pub(crate) fn split_text(line: &[u8]) -> Option<Vec<String>> {
    csv::split(line).ok().map(|row| row.into_iter().map(|name| name.trim().to_owned()).collect())
}
