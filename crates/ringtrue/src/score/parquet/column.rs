//! One column of a Parquet file, as the texts of its cells.

use std::fmt::Write as _;

use model::Timestamp;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as PhysicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{AsBytes, DataType, Int96};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;

/// How the cells of a column read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// As they are: text, whole numbers, decimals, true and false.
    Plain,
    /// Unsigned whole numbers.
    Unsigned,
    /// Moments, so many to a second; UTC, or local times without a zone.
    Time { per_second: i64, utc: bool },
    /// The bytes of a UUID.
    Uuid,
}

impl Kind {
    /// How the cells of a column read; `None` where a call record has no use for the type.
    pub(super) fn of(column: &ColumnDescriptor) -> Option<Self> {
        if column.max_rep_level() > 0 || column.max_def_level() > 1 {
            return None;
        }
        let time = |per_second, utc| Some(Self::Time { per_second, utc });
        match (column.physical_type(), column.logical_type_ref(), column.converted_type()) {
            (PhysicalType::INT64, Some(LogicalType::Timestamp(stamp)), _) => {
                let per_second = match stamp.unit {
                    TimeUnit::MILLIS => 1_000,
                    TimeUnit::MICROS => 1_000_000,
                    TimeUnit::NANOS => 1_000_000_000,
                };
                time(per_second, stamp.is_adjusted_to_u_t_c)
            }
            // The format's own rule for files that are older than logical types: the moment is UTC.
            (PhysicalType::INT64, None, ConvertedType::TIMESTAMP_MILLIS) => time(1_000, true),
            (PhysicalType::INT64, None, ConvertedType::TIMESTAMP_MICROS) => time(1_000_000, true),
            (PhysicalType::INT32 | PhysicalType::INT64, Some(LogicalType::Integer(kind)), _) => {
                Some(if kind.is_signed { Self::Plain } else { Self::Unsigned })
            }
            (
                PhysicalType::INT32 | PhysicalType::INT64,
                None,
                ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64,
            ) => Some(Self::Unsigned),
            (
                PhysicalType::INT32 | PhysicalType::INT64,
                None,
                ConvertedType::NONE
                | ConvertedType::INT_8
                | ConvertedType::INT_16
                | ConvertedType::INT_32
                | ConvertedType::INT_64,
            ) => Some(Self::Plain),
            (PhysicalType::FIXED_LEN_BYTE_ARRAY, Some(LogicalType::Uuid), _) => Some(Self::Uuid),
            (PhysicalType::BYTE_ARRAY, Some(LogicalType::String | LogicalType::Enum | LogicalType::Json), _)
            | (PhysicalType::BYTE_ARRAY, None, ConvertedType::NONE | ConvertedType::UTF8 | ConvertedType::ENUM)
            | (PhysicalType::BOOLEAN | PhysicalType::FLOAT | PhysicalType::DOUBLE, None, _) => Some(Self::Plain),
            // Written by Hive and by Spark: a moment in UTC.
            (PhysicalType::INT96, _, _) => time(1_000, true),
            _ => None,
        }
    }
}

/// The cells of some rows, as the inside of JSON strings.
#[derive(Default)]
pub(super) struct Cells {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Cells {
    /// The cell of a row; empty where there is none.
    pub(super) fn get(&self, row: usize) -> &[u8] {
        let from = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(row).and_then(|&to| self.text.get(from..to)).unwrap_or_default()
    }

    /// Reads the cells of the next `rows` rows.
    ///
    /// # Errors
    /// What the reader says, or that there are fewer.
    pub(super) fn read(&mut self, reader: &mut ColumnReader, kind: Kind, rows: usize) -> Result<()> {
        self.text.clear();
        self.ends.clear();
        let whole = |text: &mut Vec<u8>, value: i64, unsigned: u64| match kind {
            Kind::Plain | Kind::Uuid => put(text, value),
            Kind::Unsigned => put(text, unsigned),
            Kind::Time { per_second, utc } => moment(text, value, per_second, utc),
        };
        match reader {
            ColumnReader::BoolColumnReader(reader) => self.fill(reader, rows, |text, value| put(text, value)),
            ColumnReader::Int32ColumnReader(reader) => {
                self.fill(reader, rows, |text, &value| whole(text, value.into(), value.cast_unsigned().into()))
            }
            ColumnReader::Int64ColumnReader(reader) => {
                self.fill(reader, rows, |text, &value| whole(text, value, value.cast_unsigned()))
            }
            ColumnReader::Int96ColumnReader(reader) => {
                self.fill(reader, rows, |text, value: &Int96| whole(text, value.to_millis(), 0))
            }
            ColumnReader::FloatColumnReader(reader) => self.fill(reader, rows, |text, &value| decimal(text, value)),
            ColumnReader::DoubleColumnReader(reader) => self.fill(reader, rows, |text, &value| decimal(text, value)),
            ColumnReader::ByteArrayColumnReader(reader) => {
                self.fill(reader, rows, |text, value| escape(text, value.as_bytes()))
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                self.fill(reader, rows, |text, value| value.as_bytes().iter().for_each(|byte| hex(text, *byte)))
            }
        }
    }

    fn fill<T: DataType>(
        &mut self,
        reader: &mut ColumnReaderImpl<T>,
        rows: usize,
        write: impl Fn(&mut Vec<u8>, &T::T),
    ) -> Result<()> {
        let (mut levels, mut values) = (Vec::new(), Vec::new());
        let mut have = 0;
        while have < rows {
            let (read, _, _) = reader.read_records(rows - have, Some(&mut levels), None, &mut values)?;
            if read == 0 {
                return Err(ParquetError::EOF("a column has fewer cells than its row group has rows".to_owned()));
            }
            have += read;
        }
        // A column that may not be empty has no levels.
        let required = levels.is_empty();
        let mut values = values.iter();
        for row in 0..rows {
            if required || levels.get(row).is_some_and(|&level| level > 0) {
                let value = values.next().ok_or_else(|| ParquetError::EOF("a cell without a value".to_owned()))?;
                write(&mut self.text, value);
            }
            self.ends.push(self.text.len());
        }
        Ok(())
    }
}

fn put(text: &mut Vec<u8>, value: impl std::fmt::Display) {
    // Writing to memory does not fail.
    let _ = std::io::Write::write_fmt(text, format_args!("{value}"));
}

/// A decimal; "not a number" is how data frames write an empty cell.
fn decimal(text: &mut Vec<u8>, value: impl std::fmt::Display + PartialEq + Copy) {
    #[expect(clippy::eq_op, reason = "only what is not a number differs from itself")]
    if value == value {
        put(text, value);
    }
}

/// A moment as RFC 3339, without a zone where the file gives none. A moment that no calendar has stays a number.
fn moment(text: &mut Vec<u8>, value: i64, per_second: i64, utc: bool) {
    let Some(at) = Timestamp::from_ms(value.div_euclid((per_second / 1_000).max(1))) else {
        return put(text, value);
    };
    let mut written = String::new();
    let _ = write!(written, "{at}");
    text.extend_from_slice(if utc { written.as_str() } else { written.trim_end_matches('Z') }.as_bytes());
}

fn hex(text: &mut Vec<u8>, byte: u8) {
    let _ = std::io::Write::write_fmt(text, format_args!("{byte:02x}"));
}

/// Bytes as the inside of a JSON string. What is not UTF-8 stays, so that the record is rejected as such.
fn escape(text: &mut Vec<u8>, bytes: &[u8]) {
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => text.extend_from_slice(&[b'\\', byte]),
            0..0x20 => {
                text.extend_from_slice(b"\\u00");
                hex(text, byte);
            }
            _ => text.push(byte),
        }
    }
}
