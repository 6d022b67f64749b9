//! Parquet files: with the feature they score like the same calls as text, without it they are refused.

use crate::run::{Desk, ringtrue};

#[cfg(not(feature = "parquet"))]
#[test]
fn a_build_without_the_feature_names_it() {
    let desk = Desk::new();
    let told = ringtrue(&format!("score {}", desk.file("calls.parquet", "PAR1\x15\x04"))).refused(2);
    assert!(told.contains("calls.parquet cannot be read") && told.contains("`--features parquet`"), "{told}");
}

#[cfg(feature = "parquet")]
mod built_in {
    use std::fs::File;
    use std::sync::Arc;

    use parquet::column::writer::ColumnWriter;
    use parquet::data_type::ByteArray;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::{Desk, ringtrue};
    use crate::run::five_columns;

    /// Rewrites a file of five columns, `rows_per_group` rows at a time.
    fn rewritten(desk: &Desk, name: &str, csv: &str, rows_per_group: usize) -> String {
        let schema = "message calls { required binary start (UTF8); required binary orig (UTF8);
            required int64 dest; optional double talk_s; optional int32 q850; }";
        let schema = Arc::new(parse_message_type(schema).expect("a schema"));
        let file = File::create(desk.path(name)).expect("a file");
        let mut writer = SerializedFileWriter::new(file, schema, Default::default()).expect("a writer");
        let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
        for rows in rows.chunks(rows_per_group) {
            let mut group = writer.next_row_group().expect("a row group");
            let mut at = 0;
            while let Some(mut column) = group.next_column().expect("no fault") {
                let cells: Vec<&str> = rows.iter().map(|row| row[at]).collect();
                write(column.untyped(), &cells);
                column.close().expect("closed");
                at += 1;
            }
            group.close().expect("closed");
        }
        writer.close().expect("closed");
        desk.path(name)
    }

    fn write(column: &mut ColumnWriter<'_>, cells: &[&str]) {
        let levels: Vec<i16> = cells.iter().map(|cell| i16::from(!cell.is_empty())).collect();
        let filled = cells.iter().filter(|cell| !cell.is_empty());
        let done = match column {
            ColumnWriter::ByteArrayColumnWriter(writer) => {
                writer.write_batch(&cells.iter().map(|&cell| ByteArray::from(cell)).collect::<Vec<_>>(), None, None)
            }
            ColumnWriter::Int64ColumnWriter(writer) => {
                writer.write_batch(&cells.iter().map(|cell| number(cell)).collect::<Vec<_>>(), None, None)
            }
            ColumnWriter::Int32ColumnWriter(writer) => {
                writer.write_batch(&filled.map(|cell| number(cell) as i32).collect::<Vec<_>>(), Some(&levels), None)
            }
            ColumnWriter::DoubleColumnWriter(writer) => {
                writer.write_batch(&filled.map(|cell| number(cell) as f64).collect::<Vec<_>>(), Some(&levels), None)
            }
            _ => panic!("a column of another type"),
        };
        done.expect("written");
    }

    fn number(cell: &str) -> i64 {
        cell.trim_start_matches('+').parse().expect("a number")
    }

    #[test]
    fn the_same_calls_as_parquet() {
        let desk = Desk::new();
        let text = five_columns("+12155550112", 200) + "2026-11-10T15:00:00Z,+12155550112,+13025550143,,\n";
        let csv = ringtrue(&format!("score {} --output json", desk.file("calls.csv", &text)));
        let columns = rewritten(&desk, "calls.parquet", &text, 90);
        let parquet = ringtrue(&format!("score {columns} --output json"));
        assert!(parquet.out == csv.out, "{}\n{}", parquet.err, csv.err);
        let named = ringtrue(&format!("score {columns} --format csv --all-callers --output csv")).done();
        assert!(named.lines().count() == 2, "the content tells: {named}");
    }

    #[test]
    fn a_reject_names_its_row() {
        let desk = Desk::new();
        let text = five_columns("+12155550112", 40) + "yesterday,+12155550112,+13025550143,4,16\n";
        let told = ringtrue(&format!("score {} --output json", rewritten(&desk, "calls.parquet", &text, 7)));
        assert!(told.err.contains("calls.parquet:41"), "{}", told.err);
        assert!(told.err.contains("BAD_TIME"), "{}", told.err);
    }

    #[test]
    fn what_is_no_whole_file() {
        let desk = Desk::new();
        let whole = rewritten(&desk, "calls.parquet", &five_columns("+12155550112", 40), 40);
        let bytes = std::fs::read(&whole).expect("the file");
        let cut = desk.file("cut.parquet", &bytes[..bytes.len() / 2]);
        assert!(ringtrue(&format!("score {cut}")).refused(2).contains("cut off"));
        let packed = desk.file("calls.parquet.gz", crate::inputs::gzip(&bytes));
        assert!(ringtrue(&format!("score {packed}")).refused(2).contains("unpack it"));
        let piped = crate::run::run(&["score", "-"], &bytes).refused(2);
        assert!(piped.contains("give it as a file"), "{piped}");
    }
}
