//! Records that were not taken: shown, and kept.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::batches::Batch;
use super::sink::{Reject, Tally};
use crate::error::ScoreError;
use crate::said::file_name;

/// How many rejects are shown.
const SHOWN: usize = 10;

/// Takes rejects, in the order of the input.
#[derive(Default)]
pub(crate) struct Rejects {
    path: Option<PathBuf>,
    file: Option<BufWriter<File>>,
    /// The first ones, in words.
    pub(crate) shown: Vec<String>,
    /// How many there are.
    pub(crate) count: u64,
    /// How many of them were not told one by one.
    pub(crate) untold: u64,
}

impl Rejects {
    /// Keeps rejects at the end of a file, which is made with the first, and shows the first few. An import that goes on thus keeps
    /// what the runs before it kept.
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        Self { path, ..Self::default() }
    }

    /// Takes the rejects of a batch of a file. They are on disk when this returns.
    pub(crate) fn take(&mut self, path: &Path, batch: &Batch, tally: &Tally) -> Result<(), ScoreError> {
        self.count += tally.rejected;
        self.untold += tally.rejected.saturating_sub(tally.rejects.len() as u64);
        if tally.rejects.is_empty() {
            return Ok(());
        }
        let name = file_name(path);
        self.show(&name, batch, tally);
        self.keep(&name, batch, tally).map_err(|source| ScoreError::Unwritable {
            file: self.path.as_deref().map_or_else(String::new, file_name),
            source,
        })
    }

    fn show(&mut self, name: &str, batch: &Batch, tally: &Tally) {
        for reject in tally.rejects.iter().take(SHOWN.saturating_sub(self.shown.len())) {
            let Reject { line, code, field, detail } = reject;
            let field = if field.is_empty() { String::new() } else { format!(" {field}") };
            self.shown.push(format!("{name}:{}:{field} {code}: {detail}", line + batch.line_offset));
        }
    }

    fn keep(&mut self, name: &str, batch: &Batch, tally: &Tally) -> io::Result<()> {
        if let (None, Some(path)) = (&self.file, &self.path) {
            self.file = Some(BufWriter::new(OpenOptions::new().create(true).append(true).open(path)?));
        }
        let Some(writer) = &mut self.file else { return Ok(()) };
        let lines: Vec<&[u8]> = batch.body.split(|&byte| byte == b'\n').collect();
        for reject in &tally.rejects {
            let Reject { line, code, field, detail } = reject;
            let place = line.checked_sub(1).and_then(|place| usize::try_from(place).ok());
            let record = place.and_then(|place| lines.get(place)).copied().unwrap_or_default();
            let told = json!({
                "file": name, "line": line + batch.line_offset, "code": code, "field": field, "detail": detail,
                "record": String::from_utf8_lossy(record).trim_end_matches('\r'),
            });
            writeln!(writer, "{told}")?;
        }
        writer.flush()
    }
}
