use std::io::Read as _;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::rows::Rows;
use crate::error::ScoreError;
use crate::score::bytes::Taken;

/// The cells of one column, in the type of the schema.
enum Cells {
    Text(Vec<Option<&'static [u8]>>),
    I32(Vec<Option<i32>>),
    I64(Vec<Option<i64>>),
    I96(Vec<Option<i64>>),
    F64(Vec<Option<f64>>),
    Bool(Vec<Option<bool>>),
    Fixed(Vec<Option<[u8; 16]>>),
}

fn text(cells: &[&'static str]) -> Cells {
    Cells::Text(cells.iter().map(|cell| Some(cell.as_bytes())).collect())
}

/// A file of as many row groups as there are parts.
fn file(schema: &str, parts: &[Vec<Cells>], compression: Compression) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(&format!("message calls {{ {schema} }}")).expect("a schema"));
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).expect("a writer");
    for part in parts {
        let mut group = writer.next_row_group().expect("a row group");
        for cells in part {
            let mut column = group.next_column().expect("no fault").expect("a column");
            write(column.untyped(), cells);
            column.close().expect("closed");
        }
        group.close().expect("closed");
    }
    writer.close().expect("closed");
    bytes
}

fn write(column: &mut ColumnWriter<'_>, cells: &Cells) {
    macro_rules! batch {
        ($writer:expr, $cells:expr, $make:expr) => {{
            let levels: Vec<i16> = $cells.iter().map(|cell| i16::from(cell.is_some())).collect();
            let values: Vec<_> = $cells.iter().flatten().copied().map($make).collect();
            $writer.write_batch(&values, Some(&levels), None).expect("written");
        }};
    }
    match (column, cells) {
        (ColumnWriter::ByteArrayColumnWriter(writer), Cells::Text(cells)) => {
            batch!(writer, cells, |cell: &[u8]| ByteArray::from(cell.to_vec()))
        }
        (ColumnWriter::Int32ColumnWriter(writer), Cells::I32(cells)) => batch!(writer, cells, |cell| cell),
        (ColumnWriter::Int64ColumnWriter(writer), Cells::I64(cells)) => batch!(writer, cells, |cell| cell),
        (ColumnWriter::Int96ColumnWriter(writer), Cells::I96(cells)) => batch!(writer, cells, |s: i64| {
            let mut moment = Int96::new();
            let nanos = (s % 86_400) * 1_000_000_000;
            let [low, high] = [nanos as u32, (nanos >> 32) as u32];
            moment.set_data(low, high, 2_440_588 + (s / 86_400) as u32);
            moment
        }),
        (ColumnWriter::DoubleColumnWriter(writer), Cells::F64(cells)) => batch!(writer, cells, |cell| cell),
        (ColumnWriter::BoolColumnWriter(writer), Cells::Bool(cells)) => batch!(writer, cells, |cell| cell),
        (ColumnWriter::FixedLenByteArrayColumnWriter(writer), Cells::Fixed(cells)) => {
            batch!(writer, cells, |cell: [u8; 16]| FixedLenByteArray::from(cell.to_vec()))
        }
        _ => panic!("a column of another type"),
    }
}

/// The lines of a file and the columns that are not used.
fn read(bytes: &[u8]) -> Result<(String, Vec<String>), String> {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("written");
    read_file(file.path())
}

fn read_file(path: &std::path::Path) -> Result<(String, Vec<String>), String> {
    let said = |error: &dyn std::error::Error| match error.source() {
        Some(source) => source.to_string(),
        None => error.to_string(),
    };
    let (mut rows, ignored) = Rows::open(path, Taken::default()).map_err(|error: ScoreError| said(&error))?;
    let mut lines = Vec::new();
    rows.read_to_end(&mut lines).map_err(|error| error.to_string())?;
    Ok((String::from_utf8_lossy(&lines).into_owned(), ignored))
}

const ENDS: &str = "optional binary orig (UTF8); optional binary dest (UTF8);";

fn ends(rows: usize) -> [Cells; 2] {
    [text(&["+12155550112"].repeat(rows)), text(&["+13025550143"].repeat(rows))]
}

/// One column between the two ends; its cells as they read.
#[track_caller]
fn cells(column: &str, cells: Cells, rows: usize) -> Vec<String> {
    let name = column.split_whitespace().nth(2).expect("a name");
    let start = if name == "start" { "" } else { "optional binary start (UTF8);" };
    let schema = format!("{ENDS} {start} {column};");
    let [orig, dest] = ends(rows);
    let mut part = vec![orig, dest];
    if !start.is_empty() {
        part.push(text(&["2026-11-09T15:00:00Z"].repeat(rows)));
    }
    part.push(cells);
    let (lines, _) = read(&file(&schema, &[part], Compression::SNAPPY)).expect("lines");
    let cell = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        value[name].as_str().expect("text").to_owned()
    };
    lines.lines().map(cell).collect()
}

#[test]
fn types_read_as_the_fields_do() {
    assert_eq!(cells("optional int32 q850", Cells::I32(vec![Some(16), None, Some(-1)]), 3), ["16", "", "-1"]);
    let unsigned = Cells::I64(vec![Some(-1)]);
    assert_eq!(cells("optional int64 q850 (INTEGER(64,false))", unsigned, 1), ["18446744073709551615"]);
    let talk = Cells::F64(vec![Some(4.5), Some(60.0), None, Some(f64::NAN)]);
    assert_eq!(cells("optional double talk_s", talk, 4), ["4.5", "60", "", ""]);
    assert_eq!(cells("optional boolean outcome", Cells::Bool(vec![Some(true), Some(false)]), 2), ["true", "false"]);
    let id = Cells::Fixed(vec![Some(*b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\xff")]);
    let uuid = "optional fixed_len_byte_array(16) id (UUID)";
    assert_eq!(cells(uuid, id, 1), ["000102030405060708090a0b0c0d0eff"]);
    let odd = text(&["say \"no\"\\", "two\nlines\t", "Zoë"]);
    assert_eq!(cells("optional binary reason (UTF8)", odd, 3), ["say \"no\"\\", "two\nlines\t", "Zoë"]);
}

#[test]
fn moments_read_in_every_unit() {
    let start = |kind: &str, value| {
        let column = format!("optional int64 start ({kind})");
        cells(&column, Cells::I64(vec![Some(value)]), 1).concat()
    };
    assert_eq!(start("TIMESTAMP(MILLIS,true)", 1_795_471_850_994), "2026-11-23T22:10:50.994Z");
    assert_eq!(start("TIMESTAMP(MICROS,true)", 1_795_471_850_994_308), "2026-11-23T22:10:50.994Z");
    assert_eq!(start("TIMESTAMP(NANOS,true)", 1_795_471_850_000_000_000), "2026-11-23T22:10:50Z");
    assert_eq!(start("TIMESTAMP_MILLIS", 1_795_471_850_000), "2026-11-23T22:10:50Z");
    assert_eq!(start("TIMESTAMP(MILLIS,false)", 1_795_471_850_000), "2026-11-23T22:10:50");
    assert_eq!(start("TIMESTAMP(MILLIS,true)", i64::MIN), i64::MIN.to_string());
    assert_eq!(
        cells("optional int96 start", Cells::I96(vec![Some(1_795_471_850)]), 1).concat(),
        "2026-11-23T22:10:50Z"
    );
}

#[test]
fn row_groups_follow_one_another_in_every_packing() {
    let schema = format!("required binary start (UTF8); {ENDS} optional binary note (UTF8);");
    let part = |rows: usize| {
        let [orig, dest] = ends(rows);
        vec![text(&["2026-11-09T15:00:00Z"].repeat(rows)), orig, dest, text(&["x"].repeat(rows))]
    };
    let parts = [part(1500), part(0), part(3)];
    for packing in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::ZSTD(ZstdLevel::default()),
    ] {
        let (lines, ignored) = read(&file(&schema, &parts, packing)).expect("lines");
        assert_eq!((lines.lines().count(), ignored), (1503, vec!["note".to_owned()]));
        let line = r#"{"start":"2026-11-09T15:00:00Z","orig":"+12155550112","dest":"+13025550143"}"#;
        assert!(lines.lines().all(|found| found == line));
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let refusal = |schema: &str, cells: Vec<Cells>| read(&file(schema, &[cells], Compression::SNAPPY)).expect_err("no");
    let [orig, dest] = ends(1);
    let told = refusal(ENDS, vec![orig, dest]);
    assert!(told.contains("no `start` column, which parquet needs; it has: orig, dest"), "{told}");
    let [orig, dest] = ends(1);
    let told = refusal(&format!("{ENDS} optional int32 start (DATE);"), vec![orig, dest, Cells::I32(vec![Some(1)])]);
    assert!(told.contains("column `start` is of a type"), "{told}");
    let told = read(b"PAR1").expect_err("no");
    assert!(told.contains("cut off"), "{told}");
    assert!(read(b"PAR1\xff\xff\xff\xffPAR1").expect_err("no").contains("cut off"));
}

/// Damage at any place ends in lines or in an error, never in a panic.
#[test]
fn damage_is_an_error() {
    let schema = format!("optional int64 start (TIMESTAMP(MILLIS,true)); {ENDS} optional double talk_s;");
    let [orig, dest] = ends(3);
    let start = Cells::I64(vec![Some(1_795_471_850_000), None, Some(1_795_471_851_000)]);
    let whole =
        file(&schema, &[vec![start, orig, dest, Cells::F64(vec![Some(1.0), None, Some(2.0)])]], Compression::SNAPPY);
    read(&whole).expect("lines");
    let file = tempfile::NamedTempFile::new().expect("a file");
    for at in 4..whole.len() {
        for byte in [0x7f, 0xff] {
            let mut damaged = whole.clone();
            damaged[at] = byte;
            std::fs::write(file.path(), damaged).expect("written");
            let _ = read_file(file.path());
        }
    }
    for at in (0..whole.len()).step_by(5) {
        assert!(read(&whole[..at]).is_err(), "cut off at {at}");
    }
}
