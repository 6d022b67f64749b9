//! A file of records, cut into batches of which each stands alone.
//!
//! A batch is some records of the file with its header before them, so that whoever reads it needs nothing else. The same bytes
//! are always cut alike, and a batch is known by all bytes up to its end: sent again by another run, it has the same key.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use intake::report::{ReportFormat, detect_report, open_reports};
use intake::{Format, Framing, Options, detect, open};
use sha2::{Digest as _, Sha256};

use crate::error::ScoreError;
use crate::said::file_name;
use crate::score::bytes::{self, Blocks, Taken};
use crate::score::parquet;

/// The beginning of a file by which its format is recognised, in bytes.
const HEAD_BYTES: usize = 64 * 1024;
/// Bytes of a batch, about. Chosen: some ten thousand calls share one sync, and a server takes several at once. It never changes:
/// an import that goes on with a later version of the program would send batches that end elsewhere.
const BATCH_BYTES: usize = 1 << 20;

/// What the records of a file are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    /// Calls.
    Calls,
    /// Reports.
    Reports,
}

impl Kind {
    /// What they are called.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Reports => "reports",
        }
    }
}

/// Records of a file that are sent together.
pub(crate) struct Batch {
    /// The header of the file, and the records.
    pub(crate) body: Vec<u8>,
    /// By what it is known when it is sent again.
    pub(crate) key: String,
    /// Bytes of the file, unpacked, up to its end.
    pub(crate) end: u64,
    /// What is added to a line of the body to give the line of the file.
    pub(crate) line_offset: u64,
}

/// The batches of a file, in order.
pub(crate) struct Batches {
    blocks: Blocks,
    head: Vec<u8>,
    hash: Sha256,
    at: u64,
    line_offset: u64,
    /// The format by its name.
    pub(crate) format: String,
    /// How many bytes of the file were read, as they lie on disk.
    pub(crate) taken: Taken,
}

impl Batches {
    /// Opens a file, or standard input for `-`, and recognises its format unless it is `named`. What is worth knowing is told in
    /// `notes`.
    pub(crate) fn open(
        path: &Path,
        (kind, named): (Kind, Option<&str>),
        options: &Options,
        notes: &mut Vec<String>,
    ) -> Result<Self, ScoreError> {
        let unreadable = |source| ScoreError::Unreadable { file: file_name(path), source };
        let (mut reader, mut taken) = bytes::open(path).map_err(unreadable)?;
        let mut head = bytes::read_up_to(reader.as_mut(), HEAD_BYTES).map_err(unreadable)?;
        let mut named = named;
        if kind == Kind::Calls && parquet::is_parquet(&head) {
            (reader, taken) = parquet::open(path, notes)?;
            head = bytes::read_up_to(reader.as_mut(), HEAD_BYTES).map_err(unreadable)?;
            named = Some("ndjson");
        }
        let refused = |source| ScoreError::Open { file: file_name(path), source };
        let (format, framing, skip) = match kind {
            Kind::Calls => look_at_calls(&head, named, options, &refused)?,
            Kind::Reports => look_at_reports(&head, named, options, &refused)?,
        };
        let rest = head.split_off(skip.min(head.len()));
        // The same bytes as other records are other records.
        let named = Sha256::new().chain_update(kind.as_str()).chain_update([0]).chain_update(&format);
        let hash = named.chain_update([0]).chain_update(&head);
        let whole: Box<dyn Read + Send> = Box::new(Cursor::new(rest).chain(reader));
        let blocks = Blocks::of_size(whole, framing, BATCH_BYTES);
        Ok(Self { blocks, at: head.len() as u64, head, hash, line_offset: 0, format, taken })
    }

    /// The next batch; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Batch>> {
        let mut block = Vec::new();
        if self.blocks.next(&mut block)?.is_none() {
            return Ok(None);
        }
        self.hash.update(&block);
        self.at += block.len() as u64;
        let line_offset = self.line_offset;
        self.line_offset += memchr::memchr_iter(b'\n', &block).count() as u64;
        let mut key = "import-".to_owned();
        for byte in self.hash.clone().finalize() {
            let _written = write!(key, "{byte:02x}");
        }
        let body = [self.head.as_slice(), &block].concat();
        Ok(Some(Batch { body, key, end: self.at, line_offset }))
    }
}

fn look_at_calls(
    head: &[u8],
    named: Option<&str>,
    options: &Options,
    refused: &dyn Fn(intake::OpenError) -> ScoreError,
) -> Result<(String, Framing, usize), ScoreError> {
    let format = match named {
        Some(name) => Format::named(name, options).ok_or_else(|| unknown_format(name))?,
        None => detect(head, options).map_err(refused)?,
    };
    let opened = open(&format, head, options).map_err(refused)?;
    Ok((format.to_string(), opened.dialect.framing(), opened.skip))
}

fn look_at_reports(
    head: &[u8],
    named: Option<&str>,
    options: &Options,
    refused: &dyn Fn(intake::OpenError) -> ScoreError,
) -> Result<(String, Framing, usize), ScoreError> {
    let format = match named {
        Some("ndjson" | "csv") => ReportFormat::Own,
        Some(name) => ReportFormat::from_name(name).ok_or_else(|| unknown_format(name))?,
        None => detect_report(head).map_err(refused)?,
    };
    let opened = open_reports(format, head, options).map_err(refused)?;
    Ok((format.as_str().to_owned(), opened.dialect.framing(), opened.skip))
}

fn unknown_format(name: &str) -> ScoreError {
    ScoreError::Argument { argument: "--format", detail: format!("`{name}` is no format of these records") }
}

/// What tells a file's content from any other's: the SHA-256 of its bytes as they lie on disk. `None` for what can be read only once,
/// such as standard input.
pub(crate) fn digest_of(path: &Path) -> io::Result<Option<[u8; 32]>> {
    if path == Path::new("-") || !std::fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; BATCH_BYTES]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Some(hash.finalize().into())),
            Ok(read) => hash.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(name: &str, text: &[u8]) -> Vec<Batch> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        let mut batches =
            Batches::open(&path, (Kind::Calls, None), &Options::default(), &mut Vec::new()).expect("opened");
        std::iter::from_fn(|| batches.next().expect("read")).collect()
    }

    fn rows(count: usize) -> String {
        let row = |n: usize| format!("2026-11-23T10:30:00Z,+12155550112,+1312555{:04},{n}\n", n % 10_000);
        "start,orig,dest,talk_s\n".to_owned() + &(0..count).map(row).collect::<String>()
    }

    #[test]
    fn each_batch_stands_alone() {
        let text = rows(50_000);
        let batches = all("a.csv", text.as_bytes());
        assert!(batches.len() > 1);
        let mut lines = 1;
        for batch in &batches {
            assert!(batch.body.starts_with(b"start,orig,dest,talk_s\n"));
            assert_eq!(batch.line_offset, lines - 1);
            lines += memchr::memchr_iter(b'\n', &batch.body).count() as u64 - 1;
        }
        assert_eq!(batches.last().map(|batch| batch.end), Some(text.len() as u64));
        assert_eq!(lines, 50_001);
    }

    #[test]
    fn a_batch_is_known_by_what_lies_before_its_end() {
        let keys = |text: &str| all("a.csv", text.as_bytes()).into_iter().map(|batch| batch.key).collect::<Vec<_>>();
        let (text, longer) = (rows(50_000), rows(90_000));
        let (first, second) = (keys(&text), keys(&longer));
        assert_eq!(first, keys(&text));
        assert_eq!(first.first(), second.first(), "a file that grows has its first batches again");
        assert_ne!(first.last(), second.last());
        let moved = keys(&text.replacen("10:30:00", "10:30:01", 1));
        assert!(first.iter().all(|key| !moved.contains(key)), "another file has none of them");
    }

    #[test]
    fn a_packed_file_is_cut_as_the_plain_one() {
        let text = rows(40_000);
        let packed = zstd::encode_all(text.as_bytes(), 3).expect("packed");
        let ends = |batches: Vec<Batch>| batches.into_iter().map(|batch| (batch.key, batch.end)).collect::<Vec<_>>();
        assert_eq!(ends(all("a.zst", &packed)), ends(all("a.csv", text.as_bytes())));
    }
}
