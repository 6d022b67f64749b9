//! What must not change a result: the order of the input, how it is cut into files, how often a record comes, how many work.

use crate::run::{CALLS, Desk, REPORTS, STANDING, ringtrue, sample, sample_calls};

/// Whole numbers as they are written, without the head, which tells of lines and duplicates.
fn numbers_of(files: &str, more: &str) -> String {
    ringtrue(&format!("score {files} --reports {REPORTS} --standing {STANDING} --output ndjson {more}")).done()
}

/// The sample cut in two, with a header each.
fn halves(calls: &str) -> [String; 2] {
    let (header, rows) = calls.split_once('\n').expect("a header");
    let rows: Vec<&str> = rows.lines().collect();
    let (first, second) = rows.split_at(rows.len() / 3);
    [first, second].map(|part| format!("{header}\n{}\n", part.join("\n")))
}

#[test]
fn splitting_a_file_in_two() {
    let desk = Desk::new();
    let [first, second] = halves(&sample_calls());
    let (first, second) = (desk.file("a.csv", first), desk.file("b.csv", second));
    let whole = numbers_of(CALLS, "");
    assert!(numbers_of(&format!("{first} {second}"), "") == whole, "in order");
    assert!(numbers_of(&format!("{second} {first}"), "") == whole, "the later part first");
}

#[test]
fn shuffling_the_lines() {
    let desk = Desk::new();
    let calls = sample_calls();
    let (header, rows) = calls.split_once('\n').expect("a header");
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.sort_by_key(|row| row.bytes().rev().fold(7u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into())));
    let shuffled = desk.file("shuffled.csv", format!("{header}\n{}\n", rows.join("\n")));
    assert!(numbers_of(&shuffled, "") == numbers_of(CALLS, ""));
}

#[test]
fn reordering_the_columns() {
    let desk = Desk::new();
    let turned: String = sample_calls()
        .lines()
        .filter(|line| !line.contains('"'))
        .map(|line| format!("{}\n", line.split(',').rev().collect::<Vec<_>>().join(",")))
        .collect();
    let plain: String =
        sample_calls().lines().filter(|line| !line.contains('"')).map(|line| format!("{line}\r\n")).collect();
    let turned = desk.file("turned.csv", turned);
    let plain = desk.file("plain.csv", format!("\u{feff}{plain}"));
    assert!(numbers_of(&turned, "") == numbers_of(&plain, ""), "columns, line ends and a byte order mark say nothing");
}

#[test]
fn more_threads() {
    for form in ["table", "json", "ndjson", "csv"] {
        let one = sample(&format!("--output {form} --threads 1"));
        let four = sample(&format!("--output {form} --threads 4"));
        assert!(one == four, "{form}");
    }
}

#[test]
fn running_twice() {
    assert!(sample("--output json") == sample("--output json"));
}

#[test]
fn records_that_come_twice() {
    let told = ringtrue(&format!("score {CALLS} {CALLS} --reports {REPORTS} --standing {STANDING} --output ndjson"));
    assert!(told.err.contains("3,846 calls, 3,846 duplicate"), "{}", told.err);
    assert!(told.done() == numbers_of(CALLS, ""));
}

#[test]
fn records_that_come_twice_without_an_id() {
    let desk = Desk::new();
    let without_id = |text: &str| -> String {
        text.lines().filter_map(|line| line.split_once(',')).map(|(_, rest)| format!("{rest}\n")).collect()
    };
    let file = desk.file("no-id.csv", without_id(&sample_calls()));
    let once = numbers_of(&file, "");
    let kept = ringtrue(&format!("score {file} {file} --output ndjson"));
    assert!(kept.err.contains("7,692 calls have no id: a repeat of them is kept"), "{}", kept.err);
    assert!(kept.done() != once, "a repeat without an id is a call of its own");
    let told = ringtrue(&format!("score {file} {file} --dedupe content --output ndjson"));
    assert!(told.err.contains("3,846 duplicate"), "{}", told.err);
    assert!(numbers_of(&format!("{file} {file}"), "--dedupe content") == once, "content tells them apart");
}

/// Some hundred callers, told in many blocks and out of order, the same for the same seed.
fn many_blocks(with_ids: bool) -> String {
    let mut text =
        if with_ids { "id,start,orig,dest,talk_s,q850\n" } else { "start,orig,dest,talk_s,q850\n" }.to_owned();
    let mut state = 7u64;
    for id in 0..12_000 {
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        if with_ids {
            text.push_str(&format!("{id},"));
        }
        let (area, caller, dest) = (201 + next(3), 100 + next(100), (302 + next(8), 100 + next(100)));
        let [day, hour, minute] = [1 + next(20), next(24), next(60)];
        let start = format!("2026-11-{day:02}T{hour:02}:{minute:02}:00Z");
        let (talk, cause) = match next(12) {
            0 => ("4", 16),
            1 => ("", 1),
            2..6 => ("", 19),
            _ => ("55", 16),
        };
        text.push_str(&format!("{start},+1{area}5550{caller},+1{}5550{},{talk},{cause}\n", dest.0, dest.1));
    }
    text
}

#[test]
fn many_blocks_on_many_threads() {
    let desk = Desk::new();
    for (with_ids, whose) in [(false, "--all-callers"), (true, "")] {
        let calls = many_blocks(with_ids);
        let whole = desk.file("whole.csv", &calls);
        let [first, second] = halves(&calls);
        let (first, second) = (desk.file("a.csv", first), desk.file("b.csv", second));
        let told = |files: &str, threads: u32| {
            ringtrue(&format!("score {files} {whose} --output ndjson --threads {threads}")).done()
        };
        let one = told(&whole, 1);
        assert!(one == told(&whole, 3), "three threads; ids: {with_ids}");
        assert!(one == told(&format!("{second} {first}"), 2), "two files; ids: {with_ids}");
    }
}
