use model::{CarrierId, Determination, TelephoneNumber, TrustedKind};

use super::*;
use crate::options::Options;

fn options() -> Options {
    Options { carriers: ["att", "verizon"].map(Into::into).into(), ..Options::default() }
}

fn tn(digits: u64) -> TelephoneNumber {
    TelephoneNumber::from_digits(digits).expect("a number")
}

fn shown(rejects: &[Reject]) -> Vec<String> {
    rejects.iter().map(|r| format!("line {}: {} {}: {}", r.line, r.fault.code, r.fault.field, r.fault.detail)).collect()
}

#[test]
fn standing_of_numbers() {
    let text = "# kept by the front desk\n\
                tn,registrant,purpose,registered_at,attested,determination,evidence_from,colour\n\
                +12155550112,Elm Clinic,health_care,2026-01-05,true,cleared,2026-11-01T00:00:00Z,blue\n\
                \n\
                2155550113,,,,,,,\n\
                +12155550114,,,,maybe,,,\n\
                +12155550115,,,,,lost,,\n\
                +12155550116,x\n";
    let table = standing(text.as_bytes(), &options()).expect("a table");
    let first = &table.rows[0];
    assert_eq!(first.registrant.as_deref(), Some("Elm Clinic"));
    assert_eq!(first.purpose.as_ref().map(model::CallPurpose::as_str), Some("health_care"));
    assert_eq!(first.registered_at.map(|at| at.to_string()).as_deref(), Some("2026-01-05T00:00:00Z"));
    assert!(first.attested);
    assert_eq!(first.determination, Determination::Cleared);
    let bare = &table.rows[1];
    assert_eq!((bare.registrant.as_ref(), bare.registered_at, bare.attested), (None, None, false));
    assert_eq!(table.ignored, ["colour"]);
    insta::assert_debug_snapshot!(shown(&table.rejects), @r#"
    [
        "line 6: BAD_VALUE attested: `maybe` is neither true nor false",
        "line 7: BAD_VALUE determination: `lost` is none of none, cleared, upheld",
        "line 8: BAD_CSV : the header has 8 columns, this line has 2",
    ]
    "#);
}

#[test]
fn trusted_truth() {
    let text = "kind;tn;prefix;trap;at;known_at\r\n\
                dno;+12155550112;;;;\r\n\
                unallocated;;+1215555;;;\r\n\
                honeypot;+12155550113;;trap-7;2026-11-01T10:00:00Z;2026-11-02\r\n\
                honeypot;+12155550113;;;2026-11-01T10:00:00Z;\r\n\
                rumour;+12155550113;;;;\r\n\
                dno;;;;;\r\n\
                dno;+12155550113;+1215;;;\r\n\
                dno;;+0215;;;\r\n";
    let table = trusted(text.as_bytes(), &options()).expect("a table");
    assert_eq!(table.rows.len(), 3);
    assert_eq!(table.rows[1].kind, TrustedKind::Unallocated);
    assert!(table.rows[1].subject.covers(tn(12_155_550_199)));
    assert!(!table.rows[1].subject.covers(tn(12_165_550_199)));
    assert!(table.rows[2].trap.is_some());
    insta::assert_debug_snapshot!(shown(&table.rejects), @r#"
    [
        "line 5: MISSING_FIELD trap: a honeypot row names its trap, so that distinct traps count apart",
        "line 6: BAD_VALUE kind: `rumour` is none of dno, unallocated, honeypot, traceback",
        "line 7: MISSING_FIELD tn: `tn` is required and is absent or empty",
        "line 8: BAD_VALUE prefix: a row names a `tn` or a `prefix`, not both",
        "line 9: BAD_NUMBER prefix: `+0215` is not the leading digits of E.164 numbers",
    ]
    "#);
}

#[test]
fn carriers_by_number_then_longest_prefix() {
    let text = "tn,prefix,carrier\n+12155550112,,att\n,+1215,verizon\n,+1215555,att\n,+1216,nobody\n,+1217,\n";
    let (map, rejects) = carrier_map(text.as_bytes(), &options()).expect("a map");
    assert_eq!(map.lookup(tn(12_155_550_112)), Some((CarrierId(0), true)));
    assert_eq!(map.lookup(tn(12_155_550_113)), Some((CarrierId(0), false)));
    assert_eq!(map.lookup(tn(12_154_440_113)), Some((CarrierId(1), false)));
    assert_eq!(map.lookup(tn(12_165_550_113)), None);
    assert_eq!((map.len(), map.is_empty(), map.unknown_carriers), (3, false, 1));
    insta::assert_debug_snapshot!(shown(&rejects), @r#"
    [
        "line 6: MISSING_FIELD carrier: `carrier` is required and is absent or empty",
    ]
    "#);
    let missing = carrier_map(b"tn\n+12155550112\n", &options()).expect_err("a refusal");
    insta::assert_snapshot!(missing, @"the header has no `carrier` column, which carrier map needs; it has: tn");
}

#[test]
fn own_numbers_as_a_list() {
    let text = "\u{feff}# ours\n+12155550112\n(215) 555-0113\n+1215555016*\n+44 20 7946\n101\n0\n";
    let (own, rejects) = own_numbers(text.as_bytes(), &options()).expect("a list");
    let held = [12_155_550_112, 12_155_550_113, 12_155_550_160, 12_155_550_114].map(|digits| own.contains(tn(digits)));
    assert_eq!(held, [true, true, true, false]);
    assert!(own.contains(tn(442_079_460_000)));
    insta::assert_debug_snapshot!(shown(&rejects), @r#"
    [
        "line 6: BAD_NUMBER tn: `101` is no telephone number; leading digits are written with a +, such as +1215555",
        "line 7: BAD_NUMBER tn: `0` is no telephone number; leading digits are written with a +, such as +1215555",
    ]
    "#);
}

#[test]
fn own_numbers_as_csv() {
    let text = "label,Phone_Number\nfront desk,+12155550112\n\"sales, east\",2155550113\nfax,\n";
    let (own, rejects) = own_numbers(text.as_bytes(), &options()).expect("a list");
    assert_eq!(own.numbers().count(), 2);
    assert_eq!(shown(&rejects), ["line 4: MISSING_FIELD tn: `tn` is required and is absent or empty"]);
    assert!(own_numbers(b"name,colour\n", &options()).is_err());
}

#[test]
fn own_numbers_as_an_argument() {
    let own = OwnNumbers::from_argument("+1215555", &options()).expect("a prefix");
    assert!(own.contains(tn(12_155_550_112)) && !own.contains(tn(12_165_550_112)));
    assert!(OwnNumbers::from_argument("desk", &options()).is_err());
    let mut all = OwnNumbers::from_argument("+12165550112", &options()).expect("a number");
    all.merge(own);
    assert!(all.contains(tn(12_165_550_112)) && all.contains(tn(12_155_550_112)));
}

#[test]
fn extensions() {
    let text = "extension,tn\n101,+12155550112\n0102,2155550113\nlobby,+12155550112\n103,12\n";
    let (map, rejects) = extension_map(text.as_bytes(), &options()).expect("a map");
    assert_eq!(map.lookup(101), Some(tn(12_155_550_112)));
    assert_eq!(map.lookup(102), Some(tn(12_155_550_113)));
    assert_eq!(map.lookup(103), None);
    insta::assert_debug_snapshot!(shown(&rejects), @r#"
    [
        "line 4: BAD_VALUE extension: `lobby` is not an extension of one to six digits",
        "line 5: BAD_NUMBER tn: `12` has too few digits for a public number",
    ]
    "#);
}
