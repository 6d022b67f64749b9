//! How files come: packed, through standard input, in other dialects, as totals.

use std::io::Write as _;

use crate::run::{CALLS, Desk, five_columns, labels, numbers, ringtrue, run, sample_calls, tns};

/// Packs bytes as gzip.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).expect("a buffer takes everything");
    packer.finish().expect("a buffer takes everything")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).expect("a buffer takes everything")
}

#[test]
fn standard_input() {
    let calls = sample_calls();
    let piped = run(&["score", "-", "--output", "ndjson"], calls.as_bytes()).done();
    assert!(piped == ringtrue(&format!("score {CALLS} --output ndjson")).done());
    let packed = run(&["score", "-", "--output", "ndjson"], &gzip(calls.as_bytes())).done();
    assert!(packed == piped, "gzip through a pipe");
}

#[test]
fn gzip_and_zstd() {
    let desk = Desk::new();
    let calls = sample_calls();
    let (first, second) = calls.split_at(calls.len() / 2);
    let members = [gzip(first.as_bytes()), gzip(second.as_bytes())].concat();
    let frames = [zstd(first.as_bytes()), zstd(second.as_bytes())].concat();
    let plain = ringtrue(&format!("score {CALLS} --output ndjson")).done();
    for (name, bytes) in [
        ("one.csv.gz", gzip(calls.as_bytes())),
        ("two-members.csv.gz", members),
        ("one.csv.zst", zstd(calls.as_bytes())),
        ("two-frames.csv.zst", frames),
        ("packed-without-a-name", gzip(calls.as_bytes())),
    ] {
        let file = desk.file(name, bytes);
        assert!(ringtrue(&format!("score {file} --output ndjson")).done() == plain, "{name}");
    }
}

#[test]
fn packed_side_files() {
    let desk = Desk::new();
    let read = |name: &str| std::fs::read(crate::run::root().join(name)).expect("the sample");
    let reports = desk.file("reports.gz", gzip(&read(crate::run::REPORTS)));
    let standing = desk.file("standing.zst", zstd(&read(crate::run::STANDING)));
    let told = ringtrue(&format!("score {CALLS} --reports {reports} --standing {standing} --output ndjson")).done();
    assert!(told == crate::run::sample("--output ndjson").done());
}

#[test]
fn the_same_calls_as_ndjson() {
    let desk = Desk::new();
    let mut lines = String::new();
    for row in five_columns("+12155550112", 60).lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let [start, orig, dest, talk_s, q850] = cells[..] else { panic!("five columns") };
        lines.push_str(&format!(
            "{{\"q850\":{q850},\"talk_s\":{talk_s},\"dest\":\"{dest}\",\"orig\":\"{orig}\",\"start\":\"{start}\"}}\n"
        ));
    }
    let csv = desk.file("calls.csv", five_columns("+12155550112", 60));
    let ndjson = desk.file("calls.ndjson", lines);
    let told = |file: &str| ringtrue(&format!("score {file} --output ndjson")).done();
    assert_eq!(told(&csv), told(&ndjson));
}

#[test]
fn columns_that_are_not_used_are_named() {
    let desk = Desk::new();
    let file =
        desk.file("calls.csv", "start,orig,dest,mood,talk_s\n2026-11-09T15:00:00Z,+12155550112,+13025550143,fair,60\n");
    let told = ringtrue(&format!("score {file}"));
    assert!(told.err.contains("columns that are not used: mood"), "{}", told.err);
}

#[test]
fn every_dialect_by_its_content() {
    for (file, more) in [
        ("fixtures/cdr/asterisk-master.csv", "--tz UTC"),
        ("fixtures/cdr/asterisk.ndjson", "--tz UTC"),
        ("fixtures/cdr/cucm.csv", ""),
        ("fixtures/cdr/freeswitch-example.csv", "--tz UTC"),
        ("fixtures/cdr/freeswitch-plain.json", "--tz UTC"),
        ("fixtures/cdr/kamailio.ndjson", "--tz UTC"),
        ("fixtures/cdr/telnyx.ndjson", ""),
        ("fixtures/cdr/twilio.csv", ""),
        ("fixtures/cdr/twilio-page.json", ""),
        ("fixtures/cdr/twilio-callback.txt", ""),
        ("fixtures/mappings/five9.csv", "--tz UTC"),
        ("fixtures/mappings/ringcentral.csv", "--tz UTC"),
    ] {
        let result = ringtrue(&format!("score {file} {more} --all-callers --output json")).json();
        assert!(result["summary"]["calls"].as_u64() > Some(0), "{file}: {result}");
    }
}

#[test]
fn times_without_a_zone_need_one() {
    let desk = Desk::new();
    let rows = "start,orig,dest,talk_s\n2026-11-09 15:00:00,+12155550112,+13025550143,60\n";
    let file = desk.file("calls.csv", rows);
    let told = ringtrue(&format!("score {file}")).refused(1);
    assert!(told.contains("TIME_WITHOUT_ZONE") && told.contains("--tz"), "{told}");
    let result = ringtrue(&format!("score {file} --tz America/New_York --output json")).json();
    assert_eq!(result["data_from"], "2026-11-09T20:00:00Z");
}

#[test]
fn national_numbers_need_a_region() {
    let desk = Desk::new();
    let rows = "start,orig,dest,talk_s\n2026-11-09T15:00:00Z,02079460112,02079460143,60\n";
    let file = desk.file("calls.csv", rows);
    let told = ringtrue(&format!("score {file} --all-callers")).refused(1);
    assert!(told.contains("BAD_NUMBER") && told.contains("region"), "{told}");
    let result = ringtrue(&format!("score {file} --all-callers --region GB --output json")).json();
    assert_eq!(tns(&result), ["+442079460112"]);
}

/// Twilio's list of calls comes newest first: the latest call is the first line.
#[test]
fn a_list_that_comes_newest_first() {
    let desk = Desk::new();
    let mut rows: Vec<String> = (0..60)
        .map(|at| {
            format!(
                "{{\"sid\":\"CA{at:032}\",\"from\":\"+12155550112\",\"to\":\"+1302555{:04}\",\"status\":\"completed\",\
                 \"direction\":\"outbound-api\",\"duration\":\"{}\",\"start_time\":\"2026-11-{:02}T15:{at:02}:00Z\",\
                 \"end_time\":\"2026-11-{:02}T15:{at:02}:50Z\"}}\n",
                100 + at,
                if at % 3 == 0 { 4 } else { 50 },
                9 + at / 12,
                9 + at / 12,
            )
        })
        .collect();
    let forward = desk.file("forward.ndjson", rows.concat());
    rows.reverse();
    let newest_first = desk.file("newest-first.ndjson", rows.concat());
    let told = |file: &str| ringtrue(&format!("score {file} --output json"));
    let result = told(&newest_first);
    assert!(result.err.contains("60 calls"), "{}", result.err);
    assert_eq!(result.out, told(&forward).done());
    let result = result.json();
    assert_eq!((&result["data_from"], numbers(&result).len()), (&"2026-11-09T15:00:00Z".into(), 1));
    assert_eq!(numbers(&result)[0]["facts"]["d35"]["short"], 20);
}

#[test]
fn totals_of_a_dialer() {
    let told = ringtrue("score fixtures/aggregates/dialer.csv --output json");
    assert!(told.err.contains("0 calls, 2 totals of numbers, 6 rejected"), "{}", told.err);
    let result = told.json();
    assert!(!numbers(&result).is_empty());
    for number in numbers(&result) {
        assert!(number["totals"]["attempts"].is_u64(), "{number}");
        assert_eq!(number["engines"].as_array().map(Vec::len), Some(1));
    }
    insta::assert_snapshot!("totals", labels(&result).join("\n"));
    let first = tns(&result)[0];
    let page = ringtrue(&format!("score fixtures/aggregates/dialer.csv --explain {first}")).done();
    assert!(page.starts_with(first), "{page}");
}

#[test]
fn totals_beside_calls() {
    let desk = Desk::new();
    let calls = desk.file("calls.csv", five_columns("+12155550112", 40));
    let totals = desk.file("totals.csv", "tn,attempts,answered,short\n+12155550113,500,200,130\n");
    let result = ringtrue(&format!("score {calls} {totals} --output json")).json();
    assert_eq!(tns(&result), ["+12155550112", "+12155550113"]);
}

/// Each mapping that ships can be named, and reads its fixture.
#[test]
fn every_shipped_mapping_can_be_named() {
    for (name, file) in [
        ("aircall", "aircall.csv"),
        ("amazon_connect", "amazon_connect.json"),
        ("dialpad", "dialpad.csv"),
        ("five9", "five9.csv"),
        ("genesys", "genesys.csv"),
        ("ringcentral", "ringcentral.csv"),
        ("salesforce", "salesforce.csv"),
        ("zoom", "zoom.csv"),
    ] {
        let line = format!("score fixtures/mappings/{file} --format {name} --tz America/New_York --output json");
        let calls = ringtrue(&line).json()["summary"]["calls"].as_u64().expect("a count");
        assert!(calls >= 3, "{name}: {calls} calls");
    }
    let told = ringtrue("score fixtures/mappings/zoom.csv --format zooom").refused(2);
    assert!(told.contains("`zooom` is no format") && told.contains("zoom"), "{told}");
}

/// A mapping whose files have no header reads them by its name, and extensions by the map.
#[test]
fn a_file_without_a_header_is_read_by_the_mapping_that_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let map = dir.path().join("extensions.csv");
    std::fs::write(&map, "extension,tn\n101,+12155550112\n").expect("a file");
    let line = format!(
        "score fixtures/mappings/threecx.csv --format threecx --tz America/New_York --extension-map {} --output json",
        map.display()
    );
    let calls = ringtrue(&line).json()["summary"]["calls"].as_u64().expect("a count");
    assert!(calls >= 3, "{calls} calls");
}

/// A single mapping of the operator's own is meant for the files at hand, whether or not their header tells it.
#[test]
fn a_single_mapping_needs_no_name() {
    let dir = tempfile::tempdir().expect("a folder");
    let (mapping, calls) = (dir.path().join("mine.toml"), dir.path().join("calls.csv"));
    let text = r#"
name = "mine"
title = "A dialer of our own"
documentation = ["our own notes"]
real_export_seen = true
note = ""
delimiter = "semicolon"

[columns]
start = "When"
orig = "From"
dest = "To"
talk = "Seconds"
"#;
    std::fs::write(&mapping, text).expect("a file");
    std::fs::write(&calls, "When;From;To;Seconds\n2026-11-20T14:02:11Z;+12155550112;+12155550150;66\n")
        .expect("a file");
    let line = format!("score {} --mapping {} --output json", calls.display(), mapping.display());
    assert_eq!(ringtrue(&line).json()["summary"]["calls"], 1);
}
