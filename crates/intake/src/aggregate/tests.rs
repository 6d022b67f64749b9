use std::fmt::Write;

use super::*;
use crate::format::{Format, detect, open};
use crate::output::read_block;

fn render(bytes: &[u8]) -> String {
    assert_eq!(detect(bytes, &Options::default()), Ok(Format::Aggregates));
    let opened = open(&Format::Aggregates, bytes, &Options::default()).expect("aggregates");
    let mut out = Output::default();
    read_block(opened.dialect.as_ref(), &bytes[opened.skip..], &mut out);
    let mut text = String::new();
    for a in &out.aggregates {
        let time = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let n = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
        writeln!(
            text,
            "{} {}..{} attempts {} answered {} short {} invalid {} unanswered {} talk_ms {}",
            a.tn,
            time(a.from),
            time(a.to),
            a.attempts,
            n(a.answered),
            n(a.short),
            n(a.invalid),
            n(a.unanswered),
            n(a.talk_ms)
        )
        .expect("text");
    }
    for r in &out.rejects {
        writeln!(text, "line {}: {} {}: {}", r.line + opened.skip_lines, r.fault.code, r.fault.field, r.fault.detail)
            .expect("text");
    }
    writeln!(text, "ignored: {}", opened.ignored.join(", ")).expect("text");
    text
}

#[test]
fn a_dialer_export() {
    insta::assert_snapshot!(render(include_bytes!("../../../../fixtures/aggregates/dialer.csv")), @r"
    +12155550112 2026-11-01T00:00:00Z..2026-11-08T00:00:00Z attempts 1200 answered 240 short 96 invalid 60 unanswered 900 talk_ms 4800500
    +12155550113 2026-11-01T00:00:00Z..2026-11-08T00:00:00Z attempts 10 answered - short - invalid - unanswered - talk_ms -
    line 4: BAD_VALUE answered: 11 answered exceed 10 attempts
    line 5: BAD_VALUE short: 5 short exceed 4 answered
    line 6: BAD_TIME to: the span ends at 2026-11-02T00:00:00Z, which is not after its begin 2026-11-08T00:00:00Z
    line 7: BAD_VALUE attempts: `ten` is not a whole number from 0 to 10000000000
    line 8: BAD_VALUE attempts: answered, invalid, busy and declined add up to 11, beyond 10 attempts
    line 9: MISSING_FIELD tn: `tn` is required and is absent or empty
    ignored: notes
    ");
}

#[test]
fn two_columns_are_enough() {
    insta::assert_snapshot!(render(b"\xef\xbb\xbfattempts;TN\r\n5;+12155550112\r\n"), @r"
    +12155550112 -..- attempts 5 answered - short - invalid - unanswered - talk_ms -
    ignored:
    ");
}

#[test]
fn attempts_are_needed() {
    let error = open(&Format::Aggregates, b"tn,answered\n", &Options::default()).err().expect("a refusal");
    assert_eq!(error.to_string(), "the header has no `attempts` column, which aggregates needs; it has: tn, answered");
}
