//! Opening files of call records: recognising the dialect, and guessing whose numbers they hold.

use std::io::{Cursor, Read};
use std::path::Path;

use intake::{Dialect, Format, Join, Output, detect, open, read_block};
use model::CallRecord;

use super::bytes::{self, Blocks};
use super::intake_run::JOIN_LIMIT;
use super::owners::{Owners, guess};
use super::parquet;
use super::setup::Setup;
use crate::error::ScoreError;

/// The beginning of a file by which its dialect is recognised, in bytes.
const HEAD_BYTES: usize = 64 * 1024;
/// The beginning by which the owner's numbers are guessed.
const GUESS_BYTES: usize = 16 << 20;

/// One opened file.
pub(super) struct OpenFile {
    pub(super) path: std::path::PathBuf,
    pub(super) dialect: Box<dyn Dialect>,
    pub(super) blocks: Blocks,
    pub(super) taken: bytes::Taken,
    /// Lines before the first block.
    pub(super) skip_lines: u64,
    pub(super) parallel: bool,
    /// Calls from the file's beginning, when the owner's numbers are to be guessed.
    pub(super) first_calls: Vec<CallRecord>,
}

/// Opens a file, recognises its dialect, and reads its beginning when `guessing`.
pub(super) fn open_file(
    setup: &Setup,
    path: &Path,
    named: Option<&Format>,
    guessing: bool,
    notes: &mut Vec<String>,
) -> Result<OpenFile, ScoreError> {
    let file = || crate::said::file_name(path);
    let unreadable = |source| ScoreError::Unreadable { file: file(), source };
    let head_bytes = if guessing { GUESS_BYTES } else { HEAD_BYTES };
    let (mut reader, mut taken) = bytes::open(path).map_err(unreadable)?;
    let mut head = bytes::read_up_to(reader.as_mut(), head_bytes).map_err(unreadable)?;
    let mut named = named.cloned();
    if parquet::is_parquet(&head) {
        (reader, taken) = parquet::open(path, notes)?;
        head = bytes::read_up_to(reader.as_mut(), head_bytes).map_err(unreadable)?;
        named = Some(Format::Json);
    }
    let refused = |source| ScoreError::Open { file: file(), source };
    let format = match named {
        Some(format) => format,
        None => detect(&head, &setup.options).map_err(refused)?,
    };
    let opened = open(&format, &head, &setup.options).map_err(refused)?;
    if !opened.ignored.is_empty() {
        notes.push(format!("{}: columns that are not used: {}", file(), opened.ignored.join(", ")));
    }
    let framing = opened.dialect.framing();
    let mut first_calls = Vec::new();
    let rest = head.get(opened.skip..).unwrap_or_default().to_vec();
    if guessing {
        let mut out = Output::default();
        let cut = framing.cut(&rest, head.len() < GUESS_BYTES);
        read_block(opened.dialect.as_ref(), rest.get(..cut).unwrap_or_default(), &mut out);
        let mut join = Join::new(JOIN_LIMIT);
        for piece in std::mem::take(&mut out.pieces) {
            join.push(piece, &mut out);
        }
        join.finish(&mut out);
        first_calls = out.calls;
    }
    let whole: Box<dyn Read + Send> = Box::new(Cursor::new(rest).chain(reader));
    Ok(OpenFile {
        path: path.to_path_buf(),
        blocks: Blocks::new(whole, framing),
        taken,
        skip_lines: opened.skip_lines,
        dialect: opened.dialect,
        parallel: true,
        first_calls,
    })
}

/// Guesses the owner's numbers from the beginnings of all files.
pub(super) fn guess_owners(files: &[OpenFile], setup: &Setup) -> Owners {
    let mut calls: Vec<CallRecord> = Vec::new();
    for file in files {
        for call in &file.first_calls {
            let mut call = call.clone();
            // Extensions show numbers before anybody guesses.
            let _ = Owners::EveryCaller.leg(&mut call, &setup.extensions);
            calls.push(call);
        }
    }
    if calls.is_empty() {
        return Owners::EveryCaller;
    }
    guess(&calls).map_or(Owners::EveryCallerOwn, Owners::Guessed)
}
