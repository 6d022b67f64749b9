//! The folder that a run writes.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use sim::Encoding;

use super::settings::Settings;
use crate::error::ScoreError;

/// A file that is being written.
pub(super) struct Output {
    file: File,
    name: String,
    /// Bytes written so far.
    pub(super) bytes: u64,
}

impl Output {
    fn create(path: &Path) -> Result<Self, ScoreError> {
        let name = path.display().to_string();
        let file = File::create(path).map_err(|source| ScoreError::Unwritable { file: name.clone(), source })?;
        Ok(Self { file, name, bytes: 0 })
    }

    /// Writes bytes behind those that were written.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), ScoreError> {
        self.bytes += bytes.len() as u64;
        let unwritable = |source| ScoreError::Unwritable { file: self.name.clone(), source };
        self.file.write_all(bytes).map_err(unwritable)
    }

    /// The file's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// The files of a run.
pub(super) struct Folder {
    path: PathBuf,
    /// The calls.
    pub(super) calls: Output,
    /// The reports.
    pub(super) reports: Output,
    /// Standing in the registry.
    pub(super) standing: Output,
    /// The truth.
    pub(super) truth: Output,
}

impl Folder {
    /// Makes the folder and its files. A folder that holds something is only written to when `force` says so.
    pub(super) fn create(path: &Path, encoding: Encoding, force: bool) -> Result<Self, ScoreError> {
        let folder = path.display().to_string();
        std::fs::create_dir_all(path).map_err(|source| ScoreError::Unwritable { file: folder.clone(), source })?;
        let mut entries =
            std::fs::read_dir(path).map_err(|source| ScoreError::Unreadable { file: folder.clone(), source })?;
        if !force && entries.next().is_some() {
            return Err(ScoreError::NotEmpty { folder });
        }
        Ok(Self {
            path: path.to_owned(),
            calls: Output::create(&path.join(format!("calls.{}", encoding.extension())))?,
            reports: Output::create(&path.join("reports.ndjson"))?,
            standing: Output::create(&path.join("standing.csv"))?,
            truth: Output::create(&path.join("truth.csv"))?,
        })
    }

    /// Writes the scenario in force.
    pub(super) fn scenario(&self, settings: &Settings) -> Result<(), ScoreError> {
        let mut file = Output::create(&self.path.join("scenario.toml"))?;
        file.write(settings.effective()?.as_bytes())
    }

    /// The files with calls, reports, standing and truth.
    pub(super) const fn files(&self) -> [&Output; 4] {
        [&self.calls, &self.reports, &self.standing, &self.truth]
    }
}
