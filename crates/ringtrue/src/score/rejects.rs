//! Records that could not be taken: counted, shown, and kept.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use intake::Reject;

use crate::error::ScoreError;

/// How many rejects are shown when no file keeps them.
const SHOWN: usize = 10;

/// Takes rejects, in the order of the input.
pub(crate) struct Rejects {
    file: Option<(BufWriter<File>, String)>,
    /// How many were taken.
    pub(crate) count: u64,
    /// The first ones, in words.
    pub(crate) shown: Vec<String>,
    /// The first ones by place and code alone, for where telephone numbers must not be told.
    pub(crate) places: Vec<String>,
}

impl Rejects {
    /// Keeps rejects in a file, or shows the first few. The file is made anew, so it is none of the run's `inputs`.
    pub(crate) fn new(path: Option<&Path>, inputs: &[&Path]) -> Result<Self, ScoreError> {
        let file = match path {
            Some(path) => {
                let name = path.display().to_string();
                let place = path.canonicalize().ok();
                if place.is_some() && inputs.iter().any(|input| input.canonicalize().ok() == place) {
                    let detail = format!("{name} is read in this run, and would be written over");
                    return Err(ScoreError::Argument { argument: "--rejects", detail });
                }
                let file =
                    File::create(path).map_err(|source| ScoreError::Unwritable { file: name.clone(), source })?;
                Some((BufWriter::new(file), name))
            }
            None => None,
        };
        Ok(Self { file, count: 0, shown: Vec::new(), places: Vec::new() })
    }

    /// Takes rejects of one file, whose lines count after `lines_before`.
    pub(crate) fn take(&mut self, path: &Path, rejects: Vec<Reject>, lines_before: u64) -> Result<(), ScoreError> {
        for reject in rejects {
            self.count += 1;
            let line = lines_before + reject.line;
            let file = crate::said::file_name(path);
            if self.shown.len() < SHOWN {
                let fault = &reject.fault;
                let field = if fault.field.is_empty() { String::new() } else { format!(" {}", fault.field) };
                self.places.push(format!("{file}:{line}:{field} {}", fault.code));
                self.shown.push(format!("{file}:{line}:{field} {}: {}", fault.code, fault.detail));
            }
            if let Some((writer, name)) = &mut self.file {
                write_line(writer, &file, line, &reject)
                    .map_err(|source| ScoreError::Unwritable { file: name.clone(), source })?;
            }
        }
        Ok(())
    }

    /// Makes sure that everything is on disk.
    pub(crate) fn finish(&mut self) -> Result<(), ScoreError> {
        if let Some((writer, name)) = &mut self.file {
            writer.flush().map_err(|source| ScoreError::Unwritable { file: name.clone(), source })?;
        }
        Ok(())
    }

    /// Tells whether a file keeps the rejects.
    pub(crate) const fn kept(&self) -> bool {
        self.file.is_some()
    }
}

fn write_line(writer: &mut BufWriter<File>, file: &str, line: u64, reject: &Reject) -> std::io::Result<()> {
    let value = serde_json::json!({
        "file": file,
        "line": line,
        "code": reject.fault.code.as_str(),
        "field": reject.fault.field,
        "detail": reject.fault.detail,
        "record": String::from_utf8_lossy(&reject.record),
    });
    writeln!(writer, "{value}")
}
