//! Our own call records as CSV. The header names the columns; their order is free.

use std::borrow::Cow;

use crate::frame::Framing;
use crate::options::Options;
use crate::output::{Dialect, Output};
use crate::reject::{Fault, RejectCode};

use super::fields::{COLUMNS, Field, Fields};
use super::plain;

/// Our own CSV.
pub(crate) struct OwnCsv {
    columns: Vec<Option<Field>>,
    delimiter: u8,
    shows_cause: bool,
    options: Options,
}

impl OwnCsv {
    /// Makes the dialect from the header's lower-case column names and what sets them apart; tells which names it ignores.
    pub(crate) fn new(header: &[String], delimiter: u8, options: Options) -> (Self, Vec<String>) {
        let find = |name: &str| COLUMNS.iter().find(|(known, _)| *known == name).map(|&(_, field)| field);
        let columns: Vec<Option<Field>> = header.iter().map(|name| find(name)).collect();
        let ignored = header.iter().filter(|name| find(name).is_none()).cloned().collect();
        let shows_cause = columns
            .iter()
            .flatten()
            .any(|f| matches!(f, Field::Outcome | Field::SipCode | Field::Reason | Field::Q850));
        (Self { columns, delimiter, shows_cause, options }, ignored)
    }
}

impl Dialect for OwnCsv {
    fn framing(&self) -> Framing {
        Framing::Csv
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        let row = split_by(record, self.delimiter)?;
        if row.len() < self.columns.len() {
            let detail = format!("the header has {} columns, this line has {}", self.columns.len(), row.len());
            return Err(Fault::new(RejectCode::BadCsv, "", detail));
        }
        let mut fields = Fields::default();
        for (column, text) in self.columns.iter().zip(row) {
            if let Some(field) = column {
                fields.set(*field, text);
            }
        }
        fields.read(self.shows_cause, &self.options, out)
    }

    fn read_fast(&self, block: &[u8], out: &mut Output) -> bool {
        self.delimiter == b',' && plain::read(self, &self.columns, &self.options, block, out)
    }
}

/// Splits one CSV record into its fields (RFC 4180), as text.
///
/// # Errors
/// `BAD_ENCODING` when the record is not UTF-8, `BAD_CSV` when a quote is broken.
pub(crate) fn split(record: &[u8]) -> Result<Vec<Cow<'_, str>>, Fault> {
    split_by(record, b',')
}

/// As [`split`], with another delimiter.
///
/// # Errors
/// As [`split`].
pub(crate) fn split_by(record: &[u8], delimiter: u8) -> Result<Vec<Cow<'_, str>>, Fault> {
    let text = std::str::from_utf8(record).map_err(|error| {
        Fault::new(RejectCode::BadEncoding, "", format!("byte {} of the line is not UTF-8", error.valid_up_to() + 1))
    })?;
    if !text.contains('"') {
        return Ok(text.split(char::from(delimiter)).map(Cow::Borrowed).collect());
    }
    split_quoted(text, delimiter)
}

fn split_quoted(text: &str, delimiter: u8) -> Result<Vec<Cow<'_, str>>, Fault> {
    let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let mut bytes = vec![0u8; text.len() + 1];
    let mut ends = vec![0usize; memchr::memchr_iter(delimiter, text.as_bytes()).count() + 2];
    let (_, _, written, count) = reader.read_record(text.as_bytes(), &mut bytes, &mut ends);
    // The end of input closes the last field; without a line end it needs a second, empty call.
    let (result, _, more, more_ends) = reader.read_record(
        &[],
        bytes.get_mut(written..).unwrap_or_default(),
        ends.get_mut(count..).unwrap_or_default(),
    );
    let quotes = memchr::memchr_iter(b'"', text.as_bytes()).count();
    if quotes % 2 == 1 || result != csv_core::ReadRecordResult::Record {
        return Err(Fault::new(RejectCode::BadCsv, "", "a quoted field is not closed"));
    }
    let mut fields = Vec::with_capacity(count + more_ends);
    let mut from = 0;
    for &end in ends.iter().take(count + more_ends) {
        let field = bytes.get(from..end.min(written + more)).unwrap_or_default();
        fields.push(Cow::Owned(String::from_utf8_lossy(field).into_owned()));
        from = end;
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_as_rfc_4180_says() {
        let got =
            |line: &str| split(line.as_bytes()).expect("a record").iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(got("a,b,"), ["a", "b", ""]);
        assert_eq!(got(r#""a,1","say ""hi""",c"#), ["a,1", r#"say "hi""#, "c"]);
        assert_eq!(got(r#"a,"""#), ["a", ""]);
        assert_eq!(got(""), [""]);
        assert_eq!(split(b"a,\"b").expect_err("open quote").code, RejectCode::BadCsv);
        assert_eq!(split(b"a,\xff").expect_err("not text").code, RejectCode::BadEncoding);
    }
}
