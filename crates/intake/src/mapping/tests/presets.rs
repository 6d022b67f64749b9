//! Each preset on an export such as its platform writes.

use super::*;

macro_rules! fixture {
    ($file:literal) => {
        include_bytes!(concat!("../../../../../fixtures/mappings/", $file)).as_slice()
    };
}

fn preset(bytes: &[u8]) -> String {
    read(None, bytes, &options(&presets()))
}

#[test]
fn salesforce() {
    insta::assert_snapshot!(preset(fixture!("salesforce.csv")), @r"
    salesforce
    2026-11-20T14:02:00Z +12155550112 > +12155550150 Outbound answered strong sees a talk 134000 key
    2026-11-20T14:05:00Z +12155550112 > +12155550151 Outbound no_answer strong sees a key
    2026-11-20T14:06:00Z +12155550112 > +12155550152 Outbound invalid medium sees a key
    2026-11-20T14:07:00Z +12155550112 > +12155550153 Outbound answered strong sees a talk 4000 key
    2026-11-20T14:09:00Z +12155550150 > +12155550112 Inbound answered strong sees a talk 61000 key
    line 8: BAD_VALUE direction: `Sideways` is none of Inbound, Internal, Outbound: add it to [words.direction]
    line 9: BAD_TIME start: `11/20/2026` fits none of the mapping's times: auto; %m/%d/%Y, %I:%M %p; %m/%d/%Y %I:%M %p; %m/%d/%Y %H:%M:%S
    skipped 2: not a call
    ");
}

#[test]
fn ringcentral() {
    insta::assert_snapshot!(preset(fixture!("ringcentral.csv")), @r"
    ringcentral
    2026-11-20T14:02:00Z +12155550112 > +12155550150 Outbound answered strong sees ai
    2026-11-20T14:04:00Z +12155550112 > +12155550151 Outbound no_answer strong sees ai ring 31000
    2026-11-20T14:05:00Z +12155550112 > +12155550152 Outbound invalid medium sees ai ring 2000
    2026-11-20T19:05:00Z +12155550150 > +12155550112 Inbound no_answer strong sees ai ring 44000
    skipped 1: withheld caller
    skipped 2: not a call
    ");
}

#[test]
fn five9() {
    insta::assert_snapshot!(preset(fixture!("five9.csv")), @r"
    five9
    2026-11-20T14:02:11Z +12155550112 > +12155550150 Outbound answered strong sees ai ring 9000 talk 66000 key
    2026-11-20T14:02:40Z +12155550112 > +12155550152 Outbound invalid medium sees ai ring 0 key
    2026-11-20T14:03:00Z +12155550112 > +12155550151 Outbound no_answer strong sees ai ring 30000 key
    2026-11-20T14:04:00Z +12155550112 > +12155550153 Outbound answered strong sees ai ring 8000 talk 4000 key
    2026-11-20T14:05:00Z +12155550150 > +12155550112 Inbound answered strong sees ai ring 5000 talk 45000 key
    skipped 1: other leg of a call
    ");
}

#[test]
fn genesys() {
    insta::assert_snapshot!(preset(fixture!("genesys.csv")), @r"
    genesys
    2026-11-20T14:02:00Z +12155550112 > +12155550150 Outbound answered strong sees a talk 52000 key
    2026-11-20T14:04:00Z +12155550112 > +12155550151 Outbound failed weak sees a ring 21000 key
    2026-11-20T14:06:00Z +12155550150 > +12155550112 Inbound answered strong sees a talk 40000 key
    skipped 1: not a call
    ");
}

#[test]
fn amazon_connect() {
    insta::assert_snapshot!(preset(fixture!("amazon_connect.json")), @r"
    amazon_connect
    2026-11-20T14:02:11Z +12155550112 > +12155550150 Outbound answered strong sees aib ring 9000 talk 66000 by Dest key
    2026-11-20T14:03:00Z +12155550112 > +12155550152 Outbound invalid strong sees aib ring 4000 key
    2026-11-20T14:04:00Z +12155550112 > +12155550153 Outbound blocked medium sees aib ring 2000 key
    2026-11-20T15:00:00Z +12155550150 > +12155550112 Inbound answered strong sees aib ring 0 talk 60000 by Dest key
    line 6: MISSING_FIELD other: `other` is required and is absent or empty
    skipped 1: not a call
    skipped 1: other leg of a call
    ");
}

#[test]
fn aircall() {
    insta::assert_snapshot!(preset(fixture!("aircall.csv")), @r"
    aircall
    2026-11-20T14:02:11Z +12155550112 > +12155550150 Outbound answered strong sees a ring 7000 talk 66000 by Dest key
    2026-11-20T14:04:11.083Z +12155550112 > +12155550151 Outbound failed weak sees a ring 30000 by Orig key
    2026-11-20T14:05:11Z +12155550150 > +12155550112 Inbound failed weak sees a ring 26000 by Orig key
    ");
}

#[test]
fn zoom() {
    insta::assert_snapshot!(preset(fixture!("zoom.csv")), @r"
    zoom
    2026-11-20T14:02:11Z +12155550112 > +12155550150 Outbound answered strong sees a key
    2026-11-20T14:04:11Z +12155550112 > +12155550151 Outbound no_answer strong sees a ring 30000 key
    2026-11-20T14:05:11Z +12155550112 > +12155550152 Outbound failed strong sees a ring 2000 key
    2026-11-20T14:06:11Z +12155550150 > +12155550112 Inbound no_answer strong sees a ring 20000 key
    2026-11-20T14:07:11Z ext 101 > ext 102 Internal answered strong sees a key
    2026-11-20T14:08:11Z +12155550112 > +12155550153 Outbound failed weak sees - ring 20000 key
    ");
}

#[test]
fn dialpad() {
    insta::assert_snapshot!(preset(fixture!("dialpad.csv")), @r"
    dialpad
    2026-11-20T14:02:11.388Z +12155550112 > +12155550150 Outbound answered strong sees a ring 8612 talk 66000 key
    2026-11-20T14:04:11Z +12155550112 > +12155550151 Outbound failed weak sees a ring 30000 key
    2026-11-20T14:05:11Z +12155550150 > +12155550112 Inbound answered strong sees a ring 9000 talk 10000 key
    line 6: BAD_TIME zone: `Atlantis` is not the name of a time zone
    skipped 1: internal
    ");
}

#[test]
fn threecx_is_named() {
    let bytes = fixture!("threecx.csv");
    assert!(matches!(detect(bytes, &options(&presets())), Err(OpenError::UnknownFormat { .. })));
    insta::assert_snapshot!(read(Some("threecx"), bytes, &options(&presets())), @r"
    threecx
    2026-11-20T19:02:11Z ext 101 > +12155550150 Outbound answered strong sees ai ring 9000 talk 66000 by Dest key
    2026-11-20T19:04:11Z ext 101 > +12155550152 Outbound invalid medium sees ai ring 2000 key
    2026-11-20T19:05:11Z ext 101 > +12155550151 Outbound cancelled strong sees ai ring 30000 key
    2026-11-20T19:06:11Z +12155550150 > ext 101 Inbound answered strong sees ai ring 4000 talk 10000 by Orig key
    2026-11-20T19:07:11Z ext 101 > ext 102 Internal answered strong sees ai ring 4000 talk 10000 by Orig key
    ");
}

#[test]
fn presets_are_named_as_listed_and_say_what_they_were_made_from() {
    for (name, text) in PRESETS {
        let mapping = Mapping::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(mapping.name(), name);
        assert!(!mapping.documentation().is_empty() && !mapping.title().is_empty(), "{name}");
        assert!(!mapping.real_export_seen(), "{name}: no export was at hand");
        assert!(!mapping.note().is_empty(), "{name}");
    }
}

#[test]
fn line_ends_marks_and_quotes_change_nothing() {
    for (name, bytes) in [("five9", fixture!("five9.csv")), ("zoom", fixture!("zoom.csv"))] {
        let plain = std::str::from_utf8(bytes).expect("text");
        let crlf = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
        let quoted: String = plain
            .lines()
            .map(|line| {
                let fields = crate::own::split_by(line.as_bytes(), b',').expect("a row");
                let fields: Vec<String> = fields.iter().map(|field| format!("\"{field}\"")).collect();
                format!("{}\n", fields.join(","))
            })
            .collect();
        let expect = preset(bytes);
        assert_eq!(preset(crlf.as_bytes()), expect, "{name}");
        assert_eq!(preset(quoted.as_bytes()), expect, "{name}");
    }
}

#[test]
fn a_missing_column_is_named() {
    let bytes = b"Activity ID,Created Date/Time,Call Type,Call Result,Call Duration,Phone\n";
    let error = open(&Format::Mapping("salesforce".into()), bytes, &options(&presets())).err().expect("a refusal");
    insta::assert_snapshot!(error, @"the header has no `From Number` or `From_Number__c` or `Caller ID` or `CallerId__c` or `Outbound Number` or `From` column, which salesforce needs; it has: Activity ID, Created Date/Time, Call Type, Call Result, Call Duration, Phone");
}

#[test]
fn json_may_be_an_array_or_spread_over_lines() {
    let bytes = fixture!("amazon_connect.json");
    let values: Vec<serde_json::Value> =
        serde_json::Deserializer::from_slice(bytes).into_iter().collect::<Result<_, _>>().expect("json");
    let pretty = serde_json::to_string_pretty(&values).expect("json");
    let calls =
        |text: &str| text.lines().filter(|line| line.starts_with("2026")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(calls(&preset(pretty.as_bytes())), calls(&preset(bytes)));
}
