//! Known truth about numbers: whose calls people do not want.

use std::collections::BTreeMap;

use model::TelephoneNumber;

use crate::format::OpenError;
use crate::options::Options;
use crate::reject::{Fault, Reject, RejectCode};

use super::table::{Header, Row, checked, content, reject, without_mark};
use super::value::{DayEnd, number, time_or_date, yes};

const NEEDED: [&str; 3] = ["tn", "class", "unwanted"];
const COLUMNS: [&str; 8] = ["tn", "class", "unwanted", "registered", "first_call", "last_call", "calls", "attacked"];
/// The most classes of one table. Chosen: many more than anybody compares.
const CLASSES_MAX: usize = 4096;

/// The truth about one number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Truth {
    /// The line of the file that says so, from 1.
    pub line: u64,
    /// The number.
    pub tn: TelephoneNumber,
    /// Its class, by its place in [`TruthTable::classes`].
    pub class: u16,
    /// People do not want its calls.
    pub unwanted: bool,
    /// It is registered.
    pub registered: bool,
    /// An adversary uses it or aims at it.
    pub attacked: bool,
}

/// What reading a table of truth yields.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TruthTable {
    /// The names of the classes, in the order in which they came first.
    pub classes: Vec<Box<str>>,
    /// The rows that could be read, in the order of the file; a number may have several.
    pub rows: Vec<Truth>,
    /// The rows that could not. Lines count from 1 at the file's start.
    pub rejects: Vec<Reject>,
    /// Columns that are carried into nothing.
    pub ignored: Vec<String>,
}

/// Reads known truth: CSV with `tn`, `class` and `unwanted`, and as far as known `registered`, `first_call`, `last_call`, `calls`,
/// `attacked`. Times and counts are checked and not kept: the calls tell them.
///
/// # Errors
/// `Empty`, or `MissingColumn` for `tn`, `class` or `unwanted`.
pub fn truth(bytes: &[u8], options: &Options) -> Result<TruthTable, OpenError> {
    let mut records = content(without_mark(bytes));
    let (_, first) = records.next().ok_or(OpenError::Empty)?;
    let header = Header::read(first);
    header.need(&NEEDED, "truth")?;
    let mut table = TruthTable { ignored: header.ignored(&COLUMNS), ..TruthTable::default() };
    let mut places: BTreeMap<Box<str>, u16> = BTreeMap::new();
    for (line, record) in records {
        let row = checked(record).and_then(|record| header.row(record));
        match row.and_then(|row| row_truth(&row, line, &mut places, options)) {
            Ok(row) => table.rows.push(row),
            Err(fault) => table.rejects.push(reject(line, record, fault)),
        }
    }
    let mut named: Vec<(u16, Box<str>)> = places.into_iter().map(|(name, place)| (place, name)).collect();
    named.sort_unstable();
    table.classes = named.into_iter().map(|(_, name)| name).collect();
    Ok(table)
}

fn row_truth(
    row: &Row<'_>,
    line: u64,
    places: &mut BTreeMap<Box<str>, u16>,
    options: &Options,
) -> Result<Truth, Fault> {
    let tn = number(row.get("tn"), "tn", options)?;
    if row.get("unwanted").is_empty() {
        return Err(Fault::missing("unwanted"));
    }
    let unwanted = yes(row.get("unwanted"), "unwanted")?;
    let registered = yes(row.get("registered"), "registered")?;
    let attacked = yes(row.get("attacked"), "attacked")?;
    for field in ["first_call", "last_call"] {
        time_or_date(row.get(field), field, DayEnd::Begin, options)?;
    }
    let class = class(row.get("class"), places)?;
    Ok(Truth { line, tn, class, unwanted, registered, attacked })
}

fn class(name: &str, places: &mut BTreeMap<Box<str>, u16>) -> Result<u16, Fault> {
    if let Some(&place) = places.get(name) {
        return Ok(place);
    }
    if name.is_empty() {
        return Err(Fault::missing("class"));
    }
    let too_many = || Fault::new(RejectCode::BadValue, "class", format!("a table has at most {CLASSES_MAX} classes"));
    let place = u16::try_from(places.len()).ok().filter(|_| places.len() < CLASSES_MAX).ok_or_else(too_many)?;
    places.insert(name.into(), place);
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<TruthTable, OpenError> {
        truth(text.as_bytes(), &Options::default())
    }

    #[test]
    fn truth_is_read_with_lines_and_classes() {
        let table = read(
            "tn,class,unwanted,registered,first_call,last_call,calls,attacked,mood\n\
             # by hand\n\
             +12155550112,clinic,false,true,2026-03-02T08:00:00Z,2026-03-05,12,true,good\n\
             +12155550113,robocaller,true,false,,,,,\n\
             +12155550114,clinic,no,,,,,,\n",
        )
        .expect("a table");
        assert_eq!(table.classes, ["clinic".into(), "robocaller".into()]);
        let told: Vec<_> =
            table.rows.iter().map(|row| (row.line, row.class, row.unwanted, row.registered, row.attacked)).collect();
        assert_eq!(told, [(3, 0, false, true, true), (4, 1, true, false, false), (5, 0, false, false, false)]);
        assert_eq!((table.rejects.len(), table.ignored), (0, vec!["mood".to_owned()]));
    }

    #[test]
    fn rows_that_do_not_say_it_are_told() {
        let table = read(
            "tn;class;unwanted;first_call\n\
             +12155550112;clinic;;\n\
             +12155550113;clinic;perhaps;\n\
             ;clinic;true;\n\
             +12155550114;;true;\n\
             +12155550115;clinic;true;soon\n\
             +12155550116;clinic\n",
        )
        .expect("a table");
        let told: Vec<String> =
            table.rejects.iter().map(|r| format!("{} {} {}", r.line, r.fault.field, r.fault.code)).collect();
        let expect = [
            "2 unwanted MISSING_FIELD",
            "3 unwanted BAD_VALUE",
            "4 tn MISSING_FIELD",
            "5 class MISSING_FIELD",
            "6 first_call BAD_TIME",
            "7  BAD_CSV",
        ];
        assert_eq!(told, expect);
        assert!(table.rows.is_empty());
    }

    #[test]
    fn a_table_without_its_columns_is_refused() {
        let error = read("tn,class\n+12155550112,clinic\n").expect_err("no column tells the truth");
        assert!(matches!(&error, OpenError::MissingColumn { column, .. } if column == "unwanted"), "{error}");
        assert!(matches!(read(""), Err(OpenError::Empty)));
    }
}
