//! Which dialect a file is in.

use std::fmt;
use std::sync::Arc;

use crate::aggregate;
use crate::asterisk::{AsteriskCsv, AsteriskJson};
use crate::cucm::{self, Cucm};
use crate::freeswitch::{FreeswitchCsv, FreeswitchJson};
use crate::kamailio::Kamailio;
use crate::mapping;
use crate::options::Options;
use crate::output::Dialect;
use crate::own::{COLUMNS, Field, OwnCsv, OwnJson, delimiter, own_columns};
use crate::recognise::recognise;
use crate::telnyx::Telnyx;
use crate::twilio::{TwilioCallback, TwilioCsv, TwilioJson};

/// A dialect of call records.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Format {
    /// Our own CSV.
    Csv,
    /// Our own NDJSON, bare or as CloudEvents.
    Json,
    /// Totals per number, as CSV.
    Aggregates,
    /// Asterisk's `Master.csv`.
    Asterisk,
    /// Asterisk's JSON lines.
    AsteriskJson,
    /// The CSV of FreeSWITCH's `mod_cdr_csv`.
    Freeswitch,
    /// The documents of FreeSWITCH's `mod_json_cdr`.
    FreeswitchJson,
    /// The lines of Kamailio's `acc_json`.
    Kamailio,
    /// Twilio's call list as JSON.
    Twilio,
    /// Twilio's call list as CSV.
    TwilioCsv,
    /// The bodies of Twilio's status callbacks.
    TwilioCallback,
    /// Telnyx's webhooks.
    Telnyx,
    /// Cisco CUCM's flat files.
    Cucm,
    /// An export that a mapping of this name reads.
    Mapping(Arc<str>),
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
    /// No mapping of this name is at hand.
    #[error("there is no mapping named `{name}`")]
    UnknownMapping {
        /// The name.
        name: String,
    },
    /// The file is empty.
    #[error("the file is empty")]
    Empty,
}

impl Format {
    /// Every dialect that can be named with `--format`, with its name.
    pub const NAMED: [(&'static str, Self); 13] = [
        ("csv", Self::Csv),
        ("ndjson", Self::Json),
        ("aggregates", Self::Aggregates),
        ("asterisk", Self::Asterisk),
        ("asterisk-json", Self::AsteriskJson),
        ("freeswitch", Self::Freeswitch),
        ("freeswitch-json", Self::FreeswitchJson),
        ("kamailio", Self::Kamailio),
        ("twilio", Self::Twilio),
        ("twilio-csv", Self::TwilioCsv),
        ("twilio-callback", Self::TwilioCallback),
        ("telnyx", Self::Telnyx),
        ("cucm", Self::Cucm),
    ];

    /// Reads a dialect's name; `None` for an unknown one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, format)| format)
    }

    /// Reads the name of a dialect or of a mapping that is at hand; `None` for an unknown one.
    #[must_use]
    pub fn named(name: &str, options: &Options) -> Option<Self> {
        let mapping = || options.mapping(name).map(|mapping| Self::Mapping(Arc::from(mapping.name())));
        Self::from_name(name).or_else(mapping)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Mapping(name) = self {
            return f.write_str(name);
        }
        let name = Self::NAMED.iter().find(|(_, format)| format == self).map_or("", |(name, _)| name);
        f.write_str(name)
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
        self.lines_len(1)
    }

    /// The bytes of the byte order mark and the first `count` lines with their ends.
    pub(crate) fn lines_len(&self, count: usize) -> usize {
        let end = memchr::memchr_iter(b'\n', self.bytes).nth(count.saturating_sub(1));
        self.bom + end.map_or(self.bytes.len(), |at| at + 1)
    }
}

/// Names the dialect of a file from its first bytes (64 kB are plenty).
///
/// # Errors
/// `Empty` or `UnknownFormat`.
pub fn detect(head: &[u8], options: &Options) -> Result<Format, OpenError> {
    let head = Head::new(head);
    let start = head.bytes.trim_ascii_start();
    if start.is_empty() {
        return Err(OpenError::Empty);
    }
    if let Some(format) = recognise(&head) {
        return Ok(format);
    }
    if matches!(start.first(), Some(b'{' | b'[')) {
        return Ok(mapped(&head, options).unwrap_or(Format::Json));
    }
    let columns = own_columns(head.first);
    if ["start", "orig", "dest"].iter().all(|name| columns.iter().any(|column| column == name)) {
        return Ok(Format::Csv);
    }
    if aggregate::detect(&head) {
        return Ok(Format::Aggregates);
    }
    if let Some(format) = mapped(&head, options) {
        return Ok(format);
    }
    let beginning =
        String::from_utf8_lossy(head.first.get(..head.first.len().min(80)).unwrap_or_default()).into_owned();
    Err(OpenError::UnknownFormat { beginning })
}

fn mapped(head: &Head<'_>, options: &Options) -> Option<Format> {
    mapping::detect(head, options).map(|mapping| Format::Mapping(Arc::from(mapping.name())))
}

/// Makes the dialect that reads a file which begins with `head`.
///
/// # Errors
/// `MissingColumn` when the header lacks a column that the dialect needs, `UnknownMapping` for a mapping not at hand.
pub fn open(format: &Format, head: &[u8], options: &Options) -> Result<Opened, OpenError> {
    let head = Head::new(head);
    let options = options.clone();
    let dialect: Box<dyn Dialect> = match format {
        Format::Aggregates => return aggregate::open(&head, &options),
        Format::Mapping(name) => {
            let missing = || OpenError::UnknownMapping { name: name.to_string() };
            return mapping::open(options.mapping(name).ok_or_else(missing)?, &head, &options);
        }
        Format::Csv => return open_csv(&head, options),
        Format::Cucm => return open_cucm(&head, options),
        Format::TwilioCsv => {
            let (dialect, ignored) = TwilioCsv::new(&head.columns(), options);
            return Ok(Opened { dialect: Box::new(dialect), skip: head.header_len(), skip_lines: 1, ignored });
        }
        Format::Json => Box::new(OwnJson::new(options)),
        Format::Asterisk => Box::new(AsteriskCsv::new(options)),
        Format::AsteriskJson => Box::new(AsteriskJson::new(options)),
        Format::Freeswitch => Box::new(FreeswitchCsv::new(options)),
        Format::FreeswitchJson => Box::new(FreeswitchJson::new(head.bytes, options)),
        Format::Kamailio => Box::new(Kamailio::new(options)),
        Format::Twilio => Box::new(TwilioJson::new(options)),
        Format::TwilioCallback => Box::new(TwilioCallback::new(options)),
        Format::Telnyx => Box::new(Telnyx::new(options)),
    };
    Ok(Opened { dialect, skip: head.bom, skip_lines: 0, ignored: Vec::new() })
}

fn open_csv(head: &Head<'_>, options: Options) -> Result<Opened, OpenError> {
    let columns = own_columns(head.first);
    let needed = [Field::Start, Field::Orig, Field::Dest];
    let needed = needed.map(|field| COLUMNS.iter().find(|(_, known)| *known == field).map_or("", |(name, _)| name));
    need(&columns, &needed, &Format::Csv)?;
    let (dialect, ignored) = OwnCsv::new(&columns, delimiter(head.first), options);
    Ok(Opened { dialect: Box::new(dialect), skip: head.header_len(), skip_lines: 1, ignored })
}

/// The line of types below the names is passed over too.
fn open_cucm(head: &Head<'_>, options: Options) -> Result<Opened, OpenError> {
    let columns = head.columns();
    need(&columns, &cucm::NEEDED, &Format::Cucm)?;
    let dialect = Box::new(Cucm::new(&columns, options));
    // A manager writes over a hundred columns, always the same: none of them is worth naming as ignored.
    let (mut skip, mut skip_lines, ignored) = (head.header_len(), 1, Vec::new());
    if cucm::is_types(head.second) {
        skip = head.lines_len(2);
        skip_lines = 2;
    }
    Ok(Opened { dialect, skip, skip_lines, ignored })
}

fn need(columns: &[String], needed: &[&str], format: &Format) -> Result<(), OpenError> {
    for &name in needed {
        if !columns.iter().any(|column| column.trim() == name) {
            let (column, format) = (name.to_owned(), format.to_string());
            return Err(OpenError::MissingColumn { column, format, found: columns.join(", ") });
        }
    }
    Ok(())
}
