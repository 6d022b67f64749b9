use super::*;
use crate::spec::{Scale, Source};

fn rate() -> Source {
    Source::Counts { s: "s".to_owned(), n: "n".to_owned() }
}

fn value(scale: Scale) -> Source {
    Source::Value { value: "v".to_owned(), scale }
}

fn read(text: &str, sources: &[&Source], part: Option<&str>) -> Result<Table, TableError> {
    Table::read(text.as_bytes(), &Columns { evidence: sources.to_vec(), label: "y", part })
}

fn skipped(table: &Table) -> Vec<(&'static str, &str, u64, u64)> {
    let told = table.skips.rows.iter();
    told.map(|((skip, column), found)| (skip.code(), column.as_str(), found.count, found.first_line)).collect()
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let text = "\u{feff}v,y,other,n,s\n1.5,1,\"a,b\",10,3\n2,false,x,4.5,0\n";
    let table = read(text, &[&rate(), &value(Scale::Linear)], None).expect("a table");
    assert_eq!(table.observed[0], Observed::Rate { s: vec![3.0, 0.0], n: vec![10.0, 4.5] });
    assert_eq!(table.observed[1], Observed::Value(vec![1.5, 2.0]));
    assert_eq!(table.positive, [true, false]);
    assert_eq!(table.part, None);
    let share = Source::Share { share: "v".to_owned(), n: "n".to_owned() };
    let table = read("v;n;y\n0.25;8;0\n", &[&share], None).expect("semicolons");
    assert_eq!(table.observed[0], Observed::Rate { s: vec![2.0], n: vec![8.0] });
}

#[test]
fn unknown_is_no_evidence() {
    let text = "s,n,v,y\n,5,1,1\n2,NA,nan,0\n1,2,NULL,true\n0,0,3,0\n";
    let table = read(text, &[&rate(), &value(Scale::Log)], None).expect("a table");
    assert_eq!(table.observed[0], Observed::Rate { s: vec![0.0, 0.0, 1.0, 0.0], n: vec![0.0, 0.0, 2.0, 0.0] });
    let Observed::Value(values) = &table.observed[1] else { panic!("a value") };
    assert_eq!(values.iter().map(|value| value.is_nan()).collect::<Vec<_>>(), [false, true, true, false]);
    assert_eq!(table.skips.total(), 0);
}

#[test]
fn rows_with_wrong_cells_are_counted_with_line_and_column() {
    let text = "s,n,v,y,part\n5,4,1,1,train\n-1,4,1,1,train\n1,4,many,1,train\n1,4,-3,1,test\n1,4,3,maybe,test\n\
                1,4,3,,test\n1,4,3,1,holdout\n1,4,3\n1,4,inf,0,test\n1,4,3,0,Validation\n";
    let table = read(text, &[&rate(), &value(Scale::Log)], Some("part")).expect("a table");
    assert_eq!(table.part, Some(vec![Part::Validation]));
    assert_eq!(table.len(), 1);
    assert_eq!(
        skipped(&table),
        [
            ("cell_count", "", 1, 9),
            ("no_label", "y", 1, 7),
            ("bad_label", "y", 1, 6),
            ("bad_split", "part", 1, 8),
            ("not_a_number", "v", 2, 4),
            ("negative", "s", 1, 3),
            ("negative", "v", 1, 5),
            ("s_above_n", "s", 1, 2),
        ]
    );
}

#[test]
fn copies_are_left_out_where_they_can_be_told() {
    let named = "id,s,n,y\n1,3,4,1\n2,3,4,1\n1,3,4,1\n3,0,4,0\n";
    let table = read(named, &[&rate()], None).expect("a table");
    assert_eq!((table.len(), skipped(&table)), (3, vec![("duplicate", "", 1, 4)]));
    // Few counts repeat by chance: nothing tells these rows apart.
    let coarse = format!("s,n,y\n{}", "0,1,0\n1,1,1\n0,1,1\n".repeat(5));
    let table = read(&coarse, &[&rate()], None).expect("a table");
    assert_eq!((table.len(), table.skips.repeats_kept, table.skips.total()), (15, 12, 0));
}

#[test]
fn a_header_that_lacks_a_column_is_refused() {
    let error = read("s,y\n1,1\n", &[&rate()], None).expect_err("no n");
    assert_eq!(error.to_string(), "it has no column \"n\"; there are: s, y");
    assert_eq!(read("", &[], None).expect_err("empty"), TableError::Empty);
    let twice = read("s,n,n,y\n", &[&rate()], None).expect_err("twice");
    assert!(matches!(twice, TableError::ColumnTwice { .. }));
    assert!(read("s,n,y\n", &[&rate()], None).expect("no rows").is_empty());
}

#[test]
fn splits_keep_the_share_of_each_class() {
    let positive: Vec<bool> = (0..1000).map(|row| row % 10 == 0).collect();
    let parts = stratified(&positive, Split::USUAL, 7);
    for (part, n) in Part::ALL.into_iter().zip([600, 200, 200]) {
        let own: Vec<bool> = parts.iter().zip(&positive).filter(|(own, _)| **own == part).map(|(_, y)| *y).collect();
        assert_eq!((own.len(), own.iter().filter(|y| **y).count()), (n, n / 10), "{part:?}");
    }
    assert_eq!(parts, stratified(&positive, Split::USUAL, 7));
    assert_ne!(parts, stratified(&positive, Split::USUAL, 8));
    let fold = folds(&positive, 5, 7);
    for own in 0..5 {
        let members = || fold.iter().zip(&positive).filter(|(fold, _)| **fold == own);
        assert_eq!((members().count(), members().filter(|(_, y)| **y).count()), (200, 20));
    }
}

#[test]
fn constant_columns_are_found() {
    let text = "s,n,v,y\n1,2,5,1\n2,4,5,0\n3,6,,0\n";
    let table = read(text, &[&rate(), &value(Scale::Linear)], None).expect("a table");
    assert_eq!(read::constant(&table, &[0, 1, 2]).into_iter().collect::<Vec<_>>(), [0, 1]);
}
