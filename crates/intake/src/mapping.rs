//! Mapping files: how to read a platform's export, as data.
//!
//! A mapping is a TOML file that says which column holds what, how times, numbers and durations are written, and what the
//! platform's words mean. Nothing in it is code, so an operator can write one for an export that we never saw. The keys are
//! described in `docs/reference/mappings.md`; the ones that ship are [`PRESETS`].

mod cells;
mod dialect;
mod duration;
mod file;
mod record;
mod words;

use std::fmt;

use file::{File, Kind, Slot};

pub(crate) use dialect::{detect, open};

/// The mappings that ship: name and text.
pub const PRESETS: [(&str, &str); 9] = [
    ("aircall", include_str!("../../../policy/mappings/aircall.toml")),
    ("amazon_connect", include_str!("../../../policy/mappings/amazon_connect.toml")),
    ("dialpad", include_str!("../../../policy/mappings/dialpad.toml")),
    ("five9", include_str!("../../../policy/mappings/five9.toml")),
    ("genesys", include_str!("../../../policy/mappings/genesys.toml")),
    ("ringcentral", include_str!("../../../policy/mappings/ringcentral.toml")),
    ("salesforce", include_str!("../../../policy/mappings/salesforce.toml")),
    ("threecx", include_str!("../../../policy/mappings/threecx.toml")),
    ("zoom", include_str!("../../../policy/mappings/zoom.toml")),
];

/// The largest mapping file that is read, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// A mapping file, read and checked.
#[derive(Debug)]
pub struct Mapping {
    file: File,
}

/// Why a mapping file is refused. It never half-applies.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MappingError {
    /// A key or value that is not what it should be.
    #[error("{}", place(*line, field, detail))]
    Invalid {
        /// The line, counted from 1; 0 where the file as a whole is meant.
        line: usize,
        /// The key, as a dotted path; empty where the file as a whole is meant.
        field: String,
        /// What is wrong, and what was expected.
        detail: String,
    },
    /// A key that the mapping needs in order to yield calls.
    #[error("{field} is missing: {detail}")]
    Missing {
        /// The key, as a dotted path.
        field: &'static str,
        /// What it is needed for.
        detail: &'static str,
    },
}

impl Mapping {
    /// Reads and checks a mapping file.
    ///
    /// # Errors
    /// Says where the file is wrong and what was expected there; an unknown key is wrong too.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let line_of = |span: Option<std::ops::Range<usize>>| {
            span.map_or(0, |span| 1 + text.bytes().take(span.start).filter(|&b| b == b'\n').count())
        };
        if text.len() > MAX_BYTES {
            return Err(invalid("", format!("a mapping file has at most {MAX_BYTES} bytes")));
        }
        let source = toml::Deserializer::parse(text).map_err(|error| MappingError::Invalid {
            line: line_of(error.span()),
            field: String::new(),
            detail: error.message().to_owned(),
        })?;
        let file: File = serde_path_to_error::deserialize(source).map_err(|error| {
            // A key that is not among the known ones is shown as `?`; the detail names it.
            let field = error.path().to_string().trim_end_matches('?').trim_end_matches('.').to_owned();
            let inner = error.into_inner();
            MappingError::Invalid { line: line_of(inner.span()), field, detail: inner.message().to_owned() }
        })?;
        check(&file)?;
        Ok(Self { file })
    }

    /// The name by which `--format` names it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.file.name.0
    }

    /// What it reads, in words.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.file.title
    }

    /// The public documents that it was made from.
    #[must_use]
    pub fn documentation(&self) -> &[String] {
        &self.file.documentation
    }

    /// Tells whether a real export was at hand when it was written.
    #[must_use]
    pub fn real_export_seen(&self) -> bool {
        self.file.real_export_seen
    }

    /// What the reader of such an export should know; empty when nothing.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.file.note
    }
}

impl fmt::Display for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.file.name.0, self.file.title)
    }
}

/// The refusal in words, without the parts that are not known.
fn place(line: usize, field: &str, detail: &str) -> String {
    let line = if line == 0 { String::new() } else { format!("line {line}: ") };
    let field = if field.is_empty() { String::new() } else { format!("{field}: ") };
    format!("{line}{field}{detail}")
}

fn invalid(field: &str, detail: impl Into<String>) -> MappingError {
    MappingError::Invalid { line: 0, field: field.to_owned(), detail: detail.into() }
}

/// The checks that span several keys.
fn check(file: &File) -> Result<(), MappingError> {
    let has = |slot: Slot| file.columns.contains_key(&slot);
    if !has(Slot::Start) {
        return Err(MappingError::Missing { field: "columns.start", detail: "every call has a start time" });
    }
    let by_role = has(Slot::Own) && has(Slot::Other);
    let both_ends = by_role || (has(Slot::Orig) && has(Slot::Dest));
    if !both_ends {
        let detail = "a call has both ends: `orig` and `dest`, or `own` and `other`";
        return Err(MappingError::Missing { field: "columns.orig", detail });
    }
    if by_role && !has(Slot::Direction) && file.direction == file::DirectionBy::Column {
        let detail = "`own` and `other` need a direction to tell who called";
        return Err(MappingError::Missing { field: "columns.direction", detail });
    }
    if file.answered == file::AnsweredBy::Word && (!has(Slot::Answered) || file.words.answered.is_empty()) {
        let detail = "`answered = \"word\"` needs the column and `[words.answered]`";
        return Err(MappingError::Missing { field: "columns.answered", detail });
    }
    let columns = file.columns.values().chain(file.outcome.iter().map(|rule| &rule.column));
    let mut columns = columns.chain(file.skip.iter().map(|rule| &rule.column));
    let positions = columns.any(file::Alternatives::by_position);
    match file.format {
        Kind::Json if positions => Err(invalid("columns", "a JSON record has no column positions: name the keys")),
        Kind::Csv if !file.header && !file.detect.is_empty() => {
            Err(invalid("detect", "a file without a header cannot be detected by its columns"))
        }
        Kind::Csv if file.items.is_some() => Err(invalid("items", "only a JSON document holds items")),
        Kind::Json | Kind::Csv => Ok(()),
    }
}

#[cfg(test)]
mod tests;
