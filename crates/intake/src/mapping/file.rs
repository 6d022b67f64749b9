//! The keys of a mapping file.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use model::Region;
use serde::Deserialize;

use super::words::{DirectionWord, HangupWord, OutcomeWord, SkipWord};

/// A mapping file as it stands.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) name: Name,
    pub(super) title: String,
    pub(super) documentation: Vec<String>,
    pub(super) real_export_seen: bool,
    #[serde(default)]
    pub(super) note: String,
    #[serde(default)]
    pub(super) format: Kind,
    #[serde(default)]
    pub(super) delimiter: Delimiter,
    #[serde(default = "yes")]
    pub(super) header: bool,
    #[serde(default)]
    pub(super) skip_lines: u16,
    pub(super) items: Option<String>,
    #[serde(default)]
    pub(super) detect: Vec<Detect>,
    pub(super) columns: BTreeMap<Slot, Alternatives>,
    #[serde(default)]
    pub(super) id_parts: Vec<Alternatives>,
    #[serde(default)]
    pub(super) time: Time,
    #[serde(default)]
    pub(super) numbers: Numbers,
    #[serde(default)]
    pub(super) answered: AnsweredBy,
    #[serde(default)]
    pub(super) direction: DirectionBy,
    #[serde(default)]
    pub(super) units: Units,
    #[serde(default)]
    pub(super) words: Words,
    #[serde(default)]
    pub(super) outcome: Vec<OutcomeRule>,
    #[serde(default)]
    pub(super) skip: Vec<SkipRule>,
    #[serde(default)]
    pub(super) observes: Observes,
    #[serde(default)]
    pub(super) carriers: BTreeMap<String, String>,
}

const fn yes() -> bool {
    true
}

/// A lower-case name that `--format` can take.
#[derive(Deserialize, Debug)]
#[serde(try_from = "String")]
pub(super) struct Name(pub(super) String);

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let fits = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
        if fits && (1..=40).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err(format!("`{text}` is not a name of 1 to 40 lower-case letters, digits, `_` and `-`"))
        }
    }
}

/// How records are written.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Default, Debug)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    #[default]
    Csv,
    Json,
}

/// What stands between two columns.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Default, Debug)]
#[serde(rename_all = "snake_case")]
pub(super) enum Delimiter {
    /// A comma, or a semicolon or tab where the first line has no comma.
    #[default]
    Auto,
    Comma,
    Semicolon,
    Tab,
    Pipe,
}

impl Delimiter {
    /// The byte, for a file whose first line is `line`.
    pub(super) fn byte(self, line: &[u8]) -> u8 {
        match self {
            Self::Auto if line.contains(&b',') => b',',
            Self::Auto => [b';', b'\t'].into_iter().find(|byte| line.contains(byte)).unwrap_or(b','),
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }
}

/// A signature: columns (in JSON: keys) that the beginning of a file must all show.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Detect {
    pub(super) columns: Vec<String>,
}

/// A field of the call record, or something that it is derived from.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(rename_all = "snake_case")]
pub(super) enum Slot {
    Start,
    StartTime,
    AnsweredAt,
    EndedAt,
    Zone,
    Orig,
    Dest,
    Own,
    Other,
    Direction,
    Answered,
    Talk,
    Ring,
    Duration,
    Id,
    Carrier,
    SipCode,
    Reason,
    Q850,
    Q850Location,
    HangupBy,
    Attestation,
}

/// One or several columns of which the first that is present and not empty is read.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(untagged, expecting = "expected a column's name, its position from 1, or a list of them")]
pub(super) enum Alternatives {
    One(Column),
    Several(Vec<Column>),
}

impl Alternatives {
    pub(super) fn columns(&self) -> &[Column] {
        match self {
            Self::One(column) => std::slice::from_ref(column),
            Self::Several(columns) => columns,
        }
    }

    pub(super) fn by_position(&self) -> bool {
        self.columns().iter().any(|column| matches!(column, Column::Position(_)))
    }
}

/// A column by its name (in JSON: a dotted path), or by its position from 1.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(untagged)]
pub(super) enum Column {
    Position(std::num::NonZeroU16),
    Name(String),
}

/// How times are written.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Time {
    /// Patterns, tried in turn; none means the forms that need no pattern.
    #[serde(default)]
    pub(super) formats: Vec<Pattern>,
    /// The zone of times that are written without one; absent where the export does not fix it.
    pub(super) zone: Option<Zone>,
}

/// `auto`, or a `strptime` pattern.
#[derive(Deserialize, Debug)]
#[serde(try_from = "String")]
pub(super) enum Pattern {
    Auto,
    Strptime(String),
}

impl Pattern {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Auto => "auto",
            Self::Strptime(pattern) => pattern,
        }
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        if !text.contains('%') {
            return Err(format!("`{text}` is neither `auto` nor a pattern such as `%Y-%m-%d %H:%M:%S`"));
        }
        // A pattern is sound when it can write a time: an unknown directive fails here, not at the first record.
        let probe = jiff::civil::DateTime::constant(2026, 11, 20, 14, 2, 11, 0);
        let written =
            TimeZone::UTC.to_zoned_datetime(probe).and_then(|probe| jiff::fmt::strtime::format(&text, &probe));
        match written {
            Ok(_) => Ok(Self::Strptime(text)),
            Err(error) => Err(format!("`{text}` is not a time pattern: {error}")),
        }
    }
}

/// A zone by its name in the time zone database.
#[derive(Deserialize, Debug)]
#[serde(try_from = "String")]
pub(super) struct Zone(pub(super) TimeZone);

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        TimeZone::get(&text).map(Self).map_err(|_| format!("`{text}` is not a zone such as America/New_York or UTC"))
    }
}

/// How telephone numbers are written.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Numbers {
    /// The region of national numbers, unless the operator names one.
    pub(super) region: Option<RegionCode>,
    /// What may stand before a number and is cut off, such as `Ext.`.
    #[serde(default)]
    pub(super) strip: Vec<String>,
}

/// A region by its two letters.
#[derive(Deserialize, Clone, Copy, Debug)]
#[serde(try_from = "String")]
pub(super) struct RegionCode(pub(super) Region);

impl TryFrom<String> for RegionCode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Region::from_code(&text).map(Self).ok_or_else(|| format!("`{text}` is not a region such as US or GB"))
    }
}

/// What shows that a call was answered.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Default, Debug)]
#[serde(rename_all = "snake_case")]
pub(super) enum AnsweredBy {
    /// Nothing but the outcome's word.
    #[default]
    Outcome,
    /// A talk time above zero.
    Talk,
    /// A time of answer.
    AnsweredAt,
    /// A word in the `answered` column.
    Word,
}

/// What shows which way a call went.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Default, Debug)]
#[serde(rename_all = "snake_case")]
pub(super) enum DirectionBy {
    /// A word in the `direction` column, if there is one.
    #[default]
    Column,
    /// Which end is an extension.
    Extensions,
    /// All calls are outbound.
    Outbound,
}

/// The units of durations.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Units {
    #[serde(default)]
    pub(super) talk: Unit,
    #[serde(default)]
    pub(super) ring: Unit,
    #[serde(default)]
    pub(super) duration: Unit,
}

/// How a duration is written.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Unit {
    /// Seconds, or minutes and seconds (or hours, minutes and seconds) where there are colons.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "min")]
    Minutes,
    #[serde(rename = "mm:ss")]
    MinutesSeconds,
    #[serde(rename = "h:mm:ss")]
    HoursMinutesSeconds,
}

/// What the words of small closed columns mean. Case does not matter.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    #[serde(default)]
    pub(super) direction: BTreeMap<String, DirectionWord>,
    #[serde(default)]
    pub(super) answered: BTreeMap<String, bool>,
    #[serde(default)]
    pub(super) hangup_by: BTreeMap<String, HangupWord>,
}

/// What the words of a column say about the outcome.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct OutcomeRule {
    pub(super) column: Alternatives,
    pub(super) words: BTreeMap<String, OutcomeWord>,
    /// What any other word says; absent means nothing.
    pub(super) otherwise: Option<OutcomeWord>,
}

/// Which records are no call to be judged.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct SkipRule {
    pub(super) column: Alternatives,
    /// Skips records with one of these words.
    #[serde(default)]
    pub(super) words: Vec<String>,
    /// Skips records with any other word than these.
    #[serde(default)]
    pub(super) unless: Vec<String>,
    /// Skips records in which the column is empty.
    #[serde(default)]
    pub(super) empty: bool,
    #[serde(default, rename = "as")]
    pub(super) kind: SkipWord,
}

/// What the source could have shown, whether or not a record shows it.
#[derive(Deserialize, Clone, Copy, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Observes {
    #[serde(default)]
    pub(super) answer: bool,
    #[serde(default)]
    pub(super) invalid: bool,
    #[serde(default)]
    pub(super) blocked: bool,
}
