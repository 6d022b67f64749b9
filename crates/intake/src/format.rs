//! Which dialect a file is in.

use std::fmt;

use crate::aggregate;
use crate::options::Options;
use crate::output::Dialect;
use crate::own::{COLUMNS, Field, OwnCsv, OwnJson};

/// A dialect of call records.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Format {
    /// Our own CSV.
    Csv,
    /// Our own NDJSON, bare or as CloudEvents.
    Json,
    /// Totals per number, as CSV.
    Aggregates,
}

/// A file's dialect, ready to read it.
pub struct Opened {
    /// Reads the records.
    pub dialect: Box<dyn Dialect>,
    /// How many bytes of the file come before the first record (a byte order mark, header lines).
    pub skip: usize,
    /// How many lines those are.
    pub skip_lines: u64,
    /// Columns that are carried into nothing.
    pub ignored: Vec<String>,
}

/// Why a file cannot be opened as call records.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OpenError {
    /// Nothing in the file tells its dialect.
    #[error("no known format fits the file's beginning (`{beginning}`): name one with --format")]
    UnknownFormat {
        /// The first bytes of the file, as text.
        beginning: String,
    },
    /// A column that the dialect needs is not in the header.
    #[error("the header has no `{column}` column, which {format} needs; it has: {found}")]
    MissingColumn {
        /// The column.
        column: String,
        /// The dialect.
        format: String,
        /// The header's columns.
        found: String,
    },
    /// The file is empty.
    #[error("the file is empty")]
    Empty,
}

impl Format {
    /// Every dialect that can be named with `--format`, with its name.
    pub const NAMED: [(&'static str, Self); 3] =
        [("csv", Self::Csv), ("ndjson", Self::Json), ("aggregates", Self::Aggregates)];

    /// Reads a dialect's name; `None` for an unknown one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, format)| format)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Csv => f.write_str("csv"),
            Self::Json => f.write_str("ndjson"),
            Self::Aggregates => f.write_str("aggregates"),
        }
    }
}

/// The beginning of a file, looked at once for all dialects.
pub(crate) struct Head<'a> {
    /// The bytes after a byte order mark.
    pub(crate) bytes: &'a [u8],
    /// The length of the byte order mark.
    pub(crate) bom: usize,
    /// The first line, without its end.
    pub(crate) first: &'a [u8],
    /// The second line; empty when there is none.
    pub(crate) second: &'a [u8],
}

impl<'a> Head<'a> {
    pub(crate) fn new(head: &'a [u8]) -> Self {
        let bytes = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let mut lines = bytes.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        Self {
            bytes,
            bom: head.len() - bytes.len(),
            first: lines.next().unwrap_or_default(),
            second: lines.next().unwrap_or_default(),
        }
    }

    /// The first line's columns as CSV.
    pub(crate) fn columns(&self) -> Vec<String> {
        crate::own::split_text(self.first).unwrap_or_default()
    }

    /// The bytes of the byte order mark and the first line with its end.
    pub(crate) fn header_len(&self) -> usize {
        let line = memchr::memchr(b'\n', self.bytes).map_or(self.bytes.len(), |at| at + 1);
        self.bom + line
    }
}

/// Names the dialect of a file from its first bytes (64 kB are plenty).
///
/// # Errors
/// `Empty` or `UnknownFormat`.
pub fn detect(head: &[u8]) -> Result<Format, OpenError> {
    let head = Head::new(head);
    let start = head.bytes.trim_ascii_start();
    if start.is_empty() {
        return Err(OpenError::Empty);
    }
    if matches!(start.first(), Some(b'{' | b'[')) {
        return Ok(Format::Json);
    }
    let columns = head.columns();
    if ["start", "orig", "dest"].iter().all(|name| columns.iter().any(|c| c.trim() == *name)) {
        return Ok(Format::Csv);
    }
    if aggregate::detect(&head) {
        return Ok(Format::Aggregates);
    }
    let beginning =
        String::from_utf8_lossy(head.first.get(..head.first.len().min(80)).unwrap_or_default()).into_owned();
    Err(OpenError::UnknownFormat { beginning })
}

/// Makes the dialect that reads a file which begins with `head`.
///
/// # Errors
/// `MissingColumn` when the header lacks a column that the dialect needs.
pub fn open(format: &Format, head: &[u8], options: &Options) -> Result<Opened, OpenError> {
    let head = Head::new(head);
    match format {
        Format::Aggregates => aggregate::open(&head, options),
        Format::Json => {
            let dialect = Box::new(OwnJson::new(options.clone()));
            Ok(Opened { dialect, skip: head.bom, skip_lines: 0, ignored: Vec::new() })
        }
        Format::Csv => {
            let columns = head.columns();
            for needed in [Field::Start, Field::Orig, Field::Dest] {
                let name = COLUMNS.iter().find(|(_, field)| *field == needed).map_or("", |(name, _)| name);
                if !columns.iter().any(|column| column.trim() == name) {
                    let (column, format) = (name.to_owned(), format.to_string());
                    return Err(OpenError::MissingColumn { column, format, found: columns.join(", ") });
                }
            }
            let (dialect, ignored) = OwnCsv::new(&columns, options.clone());
            Ok(Opened { dialect: Box::new(dialect), skip: head.header_len(), skip_lines: 1, ignored })
        }
    }
}
