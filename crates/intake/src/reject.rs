//! Records that could not be taken, and why.

use std::borrow::Cow;
use std::fmt;

/// Why a record could not be taken. Each code has a heading in `docs/reference/errors.md`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RejectCode {
    /// A field that the record needs is absent or empty.
    MissingField,
    /// A time that cannot be read.
    BadTime,
    /// A time without a zone, and nothing that names one.
    TimeWithoutZone,
    /// A telephone number that cannot be read.
    BadNumber,
    /// A number, word or code outside its range.
    BadValue,
    /// The line is not valid JSON, or not of the expected shape.
    BadJson,
    /// The line has too few or too many columns, or a broken quote.
    BadCsv,
    /// Bytes that are not UTF-8 where text is needed.
    BadEncoding,
    /// A record longer than is read.
    TooLong,
    /// A call that lies ahead of the run's clock.
    InTheFuture,
    /// Pieces of a call of which the deciding one never came.
    Incomplete,
}

impl RejectCode {
    /// All codes.
    pub const ALL: [Self; 11] = [
        Self::MissingField,
        Self::BadTime,
        Self::TimeWithoutZone,
        Self::BadNumber,
        Self::BadValue,
        Self::BadJson,
        Self::BadCsv,
        Self::BadEncoding,
        Self::TooLong,
        Self::InTheFuture,
        Self::Incomplete,
    ];

    /// The stable code used in output and documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingField => "MISSING_FIELD",
            Self::BadTime => "BAD_TIME",
            Self::TimeWithoutZone => "TIME_WITHOUT_ZONE",
            Self::BadNumber => "BAD_NUMBER",
            Self::BadValue => "BAD_VALUE",
            Self::BadJson => "BAD_JSON",
            Self::BadCsv => "BAD_CSV",
            Self::BadEncoding => "BAD_ENCODING",
            Self::TooLong => "TOO_LONG",
            Self::InTheFuture => "IN_THE_FUTURE",
            Self::Incomplete => "INCOMPLETE",
        }
    }
}

impl fmt::Display for RejectCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong with one record: the code, the field, and what was expected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Why the record could not be taken.
    pub code: RejectCode,
    /// The field at fault; empty when the record as a whole is.
    pub field: Cow<'static, str>,
    /// What was expected, and what stood there instead.
    pub detail: String,
}

impl Fault {
    /// A fault in one field.
    pub fn new(code: RejectCode, field: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { code, field: field.into(), detail: detail.into() }
    }

    /// A field that is absent or empty.
    pub fn missing(field: impl Into<Cow<'static, str>>) -> Self {
        let field = field.into();
        let detail = format!("`{field}` is required and is absent or empty");
        Self::new(RejectCode::MissingField, field, detail)
    }
}

/// One record that could not be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reject {
    /// The line on which the record begins, counted from 1 within its block.
    pub line: u64,
    /// What is wrong with it.
    pub fault: Fault,
    /// The record itself, cut at 4,096 bytes.
    pub record: Box<[u8]>,
}

/// How much of a rejected record is kept, in bytes.
pub(crate) const KEPT_BYTES: usize = 4096;
