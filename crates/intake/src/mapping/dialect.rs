//! Detecting, opening and reading an export by its mapping.

use std::sync::Arc;

use serde_json::Value;

use crate::format::{Head, OpenError, Opened};
use crate::frame::Framing;
use crate::options::Options;
use crate::output::{Dialect, Output};
use crate::own::split_by;
use crate::reject::{Fault, RejectCode};

use super::Mapping;
use super::cells::{Bound, Cells};
use super::file::{Column, Kind};
use super::record::Reader;

/// The mapping whose signature the file's beginning shows; of several the one that asks for most columns.
pub(crate) fn detect(head: &Head<'_>, options: &Options) -> Option<Arc<Mapping>> {
    let shown = options.mappings.iter().filter_map(|mapping| shows(head, mapping).map(|columns| (columns, mapping)));
    shown.max_by_key(|(columns, _)| *columns).map(|(_, mapping)| Arc::clone(mapping))
}

/// How many columns the largest signature of a mapping has that the file shows; `None` when it shows none.
fn shows(head: &Head<'_>, mapping: &Mapping) -> Option<usize> {
    let shown = mapping.file.detect.iter().filter(|detect| shows_all(head, mapping, &detect.columns));
    shown.map(|detect| detect.columns.len()).max()
}

fn shows_all(head: &Head<'_>, mapping: &Mapping, columns: &[String]) -> bool {
    let json = matches!(head.bytes.trim_ascii_start().first(), Some(b'{' | b'['));
    match mapping.file.format {
        Kind::Json => {
            let has_key = |path: &String| {
                let key = format!("\"{}\"", path.rsplit('.').next().unwrap_or(path));
                memchr::memmem::find(head.bytes, key.as_bytes()).is_some()
            };
            json && columns.iter().all(has_key)
        }
        Kind::Csv if json => false,
        Kind::Csv => {
            let (_, line) = header_line(head, mapping.file.skip_lines);
            let names = names(line, mapping);
            columns.iter().all(|column| names.iter().any(|name| name.eq_ignore_ascii_case(column)))
        }
    }
}

/// The bytes before the header line, and the line itself without its end.
fn header_line<'a>(head: &Head<'a>, skip_lines: u16) -> (usize, &'a [u8]) {
    let mut rest = head.bytes;
    for _ in 0..skip_lines {
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        rest = rest.get(end..).unwrap_or_default();
    }
    let line = rest.split(|&b| b == b'\n').next().unwrap_or_default();
    (head.bytes.len() - rest.len(), line.strip_suffix(b"\r").unwrap_or(line))
}

fn names(line: &[u8], mapping: &Mapping) -> Vec<String> {
    let delimiter = mapping.file.delimiter.byte(line);
    split_by(line, delimiter).unwrap_or_default().iter().map(|name| name.trim().to_owned()).collect()
}

/// Opens an export by its mapping.
///
/// # Errors
/// `MissingColumn` when the header lacks a column that every call needs.
pub(crate) fn open(mapping: &Arc<Mapping>, head: &Head<'_>, options: &Options) -> Result<Opened, OpenError> {
    match mapping.file.format {
        Kind::Json => {
            let bind = |column: &Column| match column {
                Column::Name(path) => Some(Bound::Path(path.split('.').map(Into::into).collect())),
                Column::Position(_) => None,
            };
            let reader = Reader::new(Arc::clone(mapping), options, bind);
            let framing = if mapping.file.items.is_some() { Framing::Document } else { Framing::Json };
            let dialect = Box::new(MappedJson { reader, framing });
            Ok(Opened { dialect, skip: head.bom, skip_lines: 0, ignored: Vec::new() })
        }
        Kind::Csv => {
            let (before, line) = header_line(head, mapping.file.skip_lines);
            let header = if mapping.file.header { names(line, mapping) } else { Vec::new() };
            let place = |name: &str| header.iter().position(|own| own.eq_ignore_ascii_case(name.trim()));
            let bind = |column: &Column| match column {
                Column::Name(name) => place(name).map(Bound::Place),
                Column::Position(position) => Some(Bound::Place(usize::from(position.get()) - 1)),
            };
            let reader = Reader::new(Arc::clone(mapping), options, bind);
            if let Some(column) = reader.missing() {
                let (format, found) = (mapping.name().to_owned(), header.join(", "));
                return Err(OpenError::MissingColumn { column, format, found });
            }
            let delimiter = mapping.file.delimiter.byte(line);
            let (skip, lines) = if mapping.file.header {
                let end = memchr::memchr(b'\n', head.bytes.get(before..).unwrap_or_default());
                (end.map_or(head.bytes.len(), |at| before + at + 1), u64::from(mapping.file.skip_lines) + 1)
            } else {
                (before, u64::from(mapping.file.skip_lines))
            };
            let dialect = Box::new(MappedCsv { reader, delimiter, columns: header.len() });
            Ok(Opened { dialect, skip: head.bom + skip, skip_lines: lines, ignored: Vec::new() })
        }
    }
}

struct MappedCsv {
    reader: Reader,
    delimiter: u8,
    columns: usize,
}

impl Dialect for MappedCsv {
    fn framing(&self) -> Framing {
        Framing::Csv
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        let row = Cells::Row(split_by(record, self.delimiter)?);
        // Totals and footers of reports are short rows; a skip rule may take them before their length is a fault.
        if let Some(kind) = self.reader.skipped(&row) {
            out.skip(kind);
            return Ok(());
        }
        if let Cells::Row(fields) = &row
            && fields.len() < self.columns
        {
            let detail = format!("the header has {} columns, this line has {}", self.columns, fields.len());
            return Err(Fault::new(RejectCode::BadCsv, "", detail));
        }
        self.reader.read(&row, out)
    }
}

struct MappedJson {
    reader: Reader,
    framing: Framing,
}

impl Dialect for MappedJson {
    fn framing(&self) -> Framing {
        self.framing
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        for value in serde_json::Deserializer::from_slice(record).into_iter::<Value>() {
            let value = value
                .map_err(|error| Fault::new(RejectCode::BadJson, "", format!("a JSON object was expected: {error}")))?;
            self.document(&value, out)?;
        }
        Ok(())
    }
}

impl MappedJson {
    fn document(&self, value: &Value, out: &mut Output) -> Result<(), Fault> {
        let items = match self.reader.items() {
            Some(path) if value.is_object() => value.get(path).ok_or_else(|| Fault::missing(path.to_owned()))?,
            Some(_) | None => value,
        };
        match items {
            Value::Array(items) => {
                for item in items {
                    if let Err(fault) = self.one(item, out) {
                        out.reject(fault);
                    }
                }
                Ok(())
            }
            one => self.one(one, out),
        }
    }

    fn one(&self, value: &Value, out: &mut Output) -> Result<(), Fault> {
        if !value.is_object() {
            return Err(Fault::new(RejectCode::BadJson, "", "a JSON object was expected"));
        }
        let cells = Cells::Object(value);
        match self.reader.skipped(&cells) {
            Some(kind) => {
                out.skip(kind);
                Ok(())
            }
            None => self.reader.read(&cells, out),
        }
    }
}
