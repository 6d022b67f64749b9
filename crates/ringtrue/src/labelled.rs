//! What `fit` and `evaluate` share: reading a labelled table, and telling how good a score is on it.

mod page;
mod report;

use std::path::Path;

use fit::spec::Source;
use fit::table::{Columns, Skip, Skips, Table};

pub(crate) use report::Report;

use crate::error::ScoreError;
use crate::said::{file_name, say};
use crate::score::read_whole;

/// The largest table, in bytes unpacked. Chosen: it is held in memory as a whole.
const TABLE_BYTES_MAX: usize = 4 << 30;
/// The largest specification or model, in bytes.
const TEXT_BYTES_MAX: usize = 16 << 20;

/// Reads a labelled table and tells what was left out of it.
pub(crate) fn table(path: &Path, sources: Vec<&Source>, label: &str, split: Option<&str>) -> Result<Table, ScoreError> {
    let file = file_name(path);
    let bytes = read_whole(path, TABLE_BYTES_MAX)?;
    let columns = Columns { evidence: sources, label, part: split };
    let refuse = |detail: String| ScoreError::Table { file: file.clone(), detail };
    let table = Table::read(&bytes, &columns).map_err(|error| refuse(error.to_string()))?;
    tell(&file, &table.skips);
    if table.is_empty() {
        return Err(refuse("no row of it can be taken".to_owned()));
    }
    Ok(table)
}

/// Reads a file of text.
pub(crate) fn text(path: &Path) -> Result<String, ScoreError> {
    let bytes = read_whole(path, TEXT_BYTES_MAX)?;
    String::from_utf8(bytes)
        .map_err(|_| ScoreError::Table { file: file_name(path), detail: "it is not text in UTF-8".to_owned() })
}

/// Writes a whole file, in a folder that is made where it is missing.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), ScoreError> {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    let written = folder.and_then(|()| std::fs::write(path, text));
    written.map_err(|source| ScoreError::Unwritable { file: file_name(path), source })
}

/// Tells what was left out, a line a reason and column.
fn tell(file: &str, skips: &Skips) {
    for ((skip, column), found) in &skips.rows {
        let rows = if found.count == 1 { "1 row".to_owned() } else { format!("{} rows", found.count) };
        let place = if column.is_empty() { String::new() } else { format!(", column {column}") };
        let (code, words, line) = (skip.code(), skip.words(), found.first_line);
        say(&format!("{file}: {rows} left out: {words} ({code}{place}; the first in line {line})"));
    }
    if skips.repeats_kept > 0 {
        let (count, code) = (skips.repeats_kept, Skip::Duplicate.code());
        say(&format!(
            "{file}: {count} rows equal earlier ones and were kept, since no column tells rows apart ({code})"
        ));
    }
}
