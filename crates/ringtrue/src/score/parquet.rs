//! Parquet files of our own call records, behind the cargo feature `parquet`. Each row is handed on as a line of our own
//! NDJSON, so that what follows need not know where it came from; the number of a line is the number of its row.

#[cfg(not(feature = "parquet"))]
use std::io;
use std::io::Read;
use std::path::Path;

use super::bytes::Taken;
use crate::error::ScoreError;

#[cfg(feature = "parquet")]
mod column;
#[cfg(feature = "parquet")]
mod guard;
#[cfg(feature = "parquet")]
mod rows;

/// Tells whether a file that begins with `head` is a Parquet file.
pub(crate) fn is_parquet(head: &[u8]) -> bool {
    head.starts_with(b"PAR1")
}

/// Opens a Parquet file as lines of our own NDJSON. Columns that no field of the call record has are told in `notes`.
#[cfg(feature = "parquet")]
pub(crate) fn open(path: &Path, notes: &mut Vec<String>) -> Result<(Box<dyn Read + Send>, Taken), ScoreError> {
    let taken = Taken::default();
    let (rows, ignored) = rows::Rows::open(path, taken.clone())?;
    if !ignored.is_empty() {
        notes.push(format!("{}: columns that are not used: {}", crate::said::file_name(path), ignored.join(", ")));
    }
    Ok((Box::new(rows), taken))
}

/// Refuses a Parquet file, and says which build reads it.
#[cfg(not(feature = "parquet"))]
pub(crate) fn open(path: &Path, _notes: &mut Vec<String>) -> Result<(Box<dyn Read + Send>, Taken), ScoreError> {
    let detail = "it is a Parquet file, which this build does not read: build with `--features parquet`, or convert the \
                  file to CSV";
    let source = io::Error::new(io::ErrorKind::Unsupported, detail);
    Err(ScoreError::Unreadable { file: crate::said::file_name(path), source })
}

#[cfg(all(test, feature = "parquet"))]
mod tests;
