//! `ringtrue simulate`: the same bytes again, what it refuses, and that `score` reads what it writes.

use std::path::Path;

use crate::run::{Desk, ringtrue};

const FILES: [&str; 5] = ["calls.ndjson", "reports.ndjson", "standing.csv", "truth.csv", "scenario.toml"];

/// Simulates a small world into `folder` of the desk; the rest of the command line follows.
fn simulate(desk: &Desk, folder: &str, line: &str) -> String {
    let out = desk.path(folder);
    let told = ringtrue(&format!("simulate --days 2 --numbers 300 --seed 5 --out {out} {line}"));
    assert_eq!((told.code, told.out.as_str()), (0, ""), "{}", told.err);
    told.err
}

fn bytes(desk: &Desk, folder: &str, file: &str) -> Vec<u8> {
    std::fs::read(Path::new(&desk.path(folder)).join(file)).expect("the file was written")
}

#[test]
fn equal_seeds_give_equal_bytes_on_any_number_of_threads() {
    let desk = Desk::new();
    simulate(&desk, "one", "--threads 1");
    simulate(&desk, "again", "--threads 1");
    simulate(&desk, "many", "--threads 5");
    for file in FILES {
        let one = bytes(&desk, "one", file);
        assert!(!one.is_empty(), "{file}");
        assert!(one == bytes(&desk, "again", file), "{file} differs from run to run");
        assert!(one == bytes(&desk, "many", file), "{file} differs with the threads");
    }
}

#[test]
fn the_scenario_that_was_written_makes_the_run_again() {
    let desk = Desk::new();
    simulate(&desk, "first", "--adversary padding --strength 0.5 --start 2026-07-06");
    let scenario = desk.path("first/scenario.toml");
    let told = ringtrue(&format!("simulate --scenario {scenario} --out {}", desk.path("second")));
    assert_eq!(told.code, 0, "{}", told.err);
    for file in FILES {
        assert!(bytes(&desk, "first", file) == bytes(&desk, "second", file), "{file}");
    }
}

#[test]
fn calls_come_in_the_order_in_which_they_end() {
    let desk = Desk::new();
    simulate(&desk, "out", "");
    let text = String::from_utf8(bytes(&desk, "out", "calls.ndjson")).expect("text");
    let mut last = f64::MIN;
    for line in text.lines() {
        let call: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let start = call["start"].as_str().expect("a time").parse::<jiff::Timestamp>().expect("RFC 3339");
        let seconds = |key: &str| call[key].as_f64().unwrap_or(0.0);
        let end = start.as_millisecond() as f64 / 1000.0 + seconds("ring_s") + seconds("talk_s");
        assert!(end >= last - 1e-6, "{line}");
        last = end;
    }
}

#[test]
fn what_is_written_is_read_without_a_reject() {
    let desk = Desk::new();
    for format in ["ndjson", "csv", "kamailio"] {
        simulate(&desk, format, &format!("--format {format}"));
        let end = if format == "csv" { "csv" } else { "ndjson" };
        let folder = desk.path(format);
        let told = ringtrue(&format!(
            "score {folder}/calls.{end} --reports {folder}/reports.ndjson --standing {folder}/standing.csv --all-callers --tz UTC --output json"
        ));
        assert!(!told.err.contains("rejected"), "{format}: {}", told.err);
        let scored = told.json();
        assert!(scored["numbers"].as_array().expect("numbers").len() > 200, "{format}");
    }
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let desk = Desk::new();
    let out = desk.path("full");
    std::fs::create_dir(&out).expect("a folder");
    desk.file("full/notes.txt", "mine");
    let told = ringtrue(&format!("simulate --days 1 --numbers 10 --out {out}")).refused(2);
    assert!(told.contains("is not empty") && told.contains("--force"), "{told}");
    simulate(&desk, "full", "--force");
    assert_eq!(bytes(&desk, "full", "notes.txt"), b"mine");
}

#[test]
fn what_cannot_be_simulated_is_refused_with_its_name() {
    let desk = Desk::new();
    let scenario = desk.file("mine.toml", "[class.private]\nanswerd = { mean = 0.5, n = 10 }\n");
    let out = desk.path("out");
    for (line, expect) in [
        ("--days 0 --numbers 10".to_owned(), "0 days: expected 1 to 120"),
        ("--days 1 --numbers 0".to_owned(), "0 numbers: expected 1 to 20000000"),
        ("--numbers 10".to_owned(), "--days: expected a number"),
        ("--days 1 --numbers 10 --start 2026-02-30".to_owned(), "`2026-02-30` is no date"),
        ("--days 1 --numbers 10 --start 1999-01-01".to_owned(), "outside the years 2012 to 2041"),
        ("--days 1 --numbers 10 --format morse".to_owned(), "`morse` is none of ndjson, csv,"),
        ("--days 1 --numbers 10 --adversary ninja".to_owned(), "`ninja` is none of number_rotation,"),
        ("--days 1 --numbers 10 --strength 0.5".to_owned(), "name one with --adversary"),
        ("--days 1 --numbers 10 --adversary padding --strength 2".to_owned(), "strength 2: expected 0 to 1"),
        (format!("--days 1 --numbers 10 --scenario {scenario}"), "class.private.answerd"),
        ("--days 1 --numbers 10 --scenario none.toml".to_owned(), "none.toml cannot be read"),
    ] {
        let told = ringtrue(&format!("simulate --out {out} {line}")).refused(2);
        assert!(told.contains(expect), "{line}: {told}");
        assert!(!Path::new(&out).exists(), "{line}");
    }
}

#[test]
fn a_full_disk_is_told() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let desk = Desk::new();
    simulate(&desk, "out", "");
    let calls = Path::new(&desk.path("out")).join("calls.ndjson");
    std::fs::remove_file(&calls).expect("removed");
    std::os::unix::fs::symlink("/dev/full", &calls).expect("linked");
    let line = format!("simulate --days 1 --numbers 300 --force --out {}", desk.path("out"));
    let told = ringtrue(&line).refused(2);
    assert!(told.contains("calls.ndjson cannot be written"), "{told}");
}
