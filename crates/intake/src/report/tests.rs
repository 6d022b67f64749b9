use std::fmt::Write;

use super::*;

fn options() -> Options {
    Options { carriers: ["att", "verizon"].map(Into::into).into(), ..Options::default() }
}

fn render(expect: ReportFormat, bytes: &[u8]) -> String {
    assert_eq!(detect_report(bytes), Ok(expect));
    let mut out = ReportOutput::default();
    read_reports(expect, bytes, &options(), &mut out).expect("a feed");
    in_blocks(expect, bytes, &out);
    show(&out)
}

/// Reading in small blocks yields what reading at once does.
fn in_blocks(format: ReportFormat, bytes: &[u8], whole: &ReportOutput) {
    let opened = open_reports(format, bytes, &options()).expect("a feed");
    let mut out = ReportOutput { lines: opened.skip_lines, ..ReportOutput::default() };
    let mut rest = &bytes[opened.skip..];
    let mut seen = 64;
    while !rest.is_empty() {
        let head = &rest[..seen.min(rest.len())];
        let len = opened.dialect.framing().cut(head, seen >= rest.len());
        if len == 0 {
            seen += 64;
            continue;
        }
        let lines = out.lines;
        let before = out.rejects.len();
        read_report_block(opened.dialect.as_ref(), &rest[..len], &mut out);
        out.rejects.iter_mut().skip(before).for_each(|reject| reject.line += lines);
        rest = &rest[len..];
        seen = 64;
    }
    assert_eq!(&out, whole);
}

fn show(out: &ReportOutput) -> String {
    let mut text = String::new();
    for r in &out.reports {
        write!(text, "{} {} at {}", r.tn, r.category.as_str(), r.at).expect("text");
        if let Some(known) = r.known_at {
            write!(text, " known {known}").expect("text");
        }
        let marks = [
            (r.key.is_some(), "key"),
            (r.reporter.is_some(), "reporter"),
            (r.reporter_tn.is_some(), "reporter_tn"),
            (r.reporter_since.is_some(), "since"),
            (r.network.is_some(), "network"),
            (r.device.is_some(), "device"),
            (r.regulator, "regulator"),
        ];
        for (_, mark) in marks.iter().filter(|(set, _)| *set) {
            write!(text, " {mark}").expect("text");
        }
        if let Some(area) = r.area_code {
            write!(text, " area {area}").expect("text");
        }
        if let Some(carrier) = r.carrier {
            write!(text, " carrier {}", carrier.0).expect("text");
        }
        text.push('\n');
    }
    for r in &out.rejects {
        writeln!(text, "line {}: {} {}: {}", r.line, r.fault.code, r.fault.field, r.fault.detail).expect("text");
    }
    writeln!(
        text,
        "fragments {} sentinels {} blanks {} withheld {} malformed {} not_calls {} shields {} lines {}",
        out.fragments,
        out.sentinels,
        out.blanks,
        out.withheld,
        out.malformed,
        out.not_calls,
        out.spoofed_shields,
        out.lines
    )
    .expect("text");
    text
}

#[test]
fn ftc_daily_file() {
    insta::assert_snapshot!(render(ReportFormat::Ftc, include_bytes!("../../../../fixtures/reports/ftc.csv")), @r"
    +12155550112 unwanted at 2026-11-17T23:22:00Z known 2026-11-18T05:02:35Z regulator area 215
    +12155550113 unwanted at 2026-11-17T17:00:00Z known 2026-11-18T05:02:44Z regulator area 267
    +12155550114 unwanted at 2026-11-18T05:05:40Z known 2026-11-18T05:05:40Z regulator
    line 10: BAD_TIME Created_Date: `yesterday` is not a time: RFC 3339, epoch seconds (10 digits) or milliseconds (13)
    fragments 1 sentinels 1 blanks 1 withheld 1 malformed 1 not_calls 0 shields 0 lines 10
    ");
}

#[test]
fn ftc_with_mark_and_carriage_returns_reads_alike() {
    let plain = render(ReportFormat::Ftc, include_bytes!("../../../../fixtures/reports/ftc.csv"));
    let marked = render(ReportFormat::Ftc, include_bytes!("../../../../fixtures/reports/ftc_bom_crlf.csv"));
    assert_eq!(plain, marked);
}

#[test]
fn fcc_json() {
    insta::assert_snapshot!(render(ReportFormat::Fcc, include_bytes!("../../../../fixtures/reports/fcc.json")), @r"
    +12155550112 unwanted at 2026-11-17T18:23:00Z known 2026-11-18T14:14:22Z key regulator area 1191
    +12155550120 spoofed_me at 2026-11-17T15:05:00Z key regulator area 1191
    +12155550113 unwanted at 2026-11-17T17:00:00Z key regulator area 1191
    line 7: MISSING_FIELD issue_date: `issue_date` is required and is absent or empty
    fragments 0 sentinels 0 blanks 2 withheld 0 malformed 0 not_calls 2 shields 1 lines 8
    ");
}

#[test]
fn fcc_pretty_json_reads_alike() {
    let bytes = include_bytes!("../../../../fixtures/reports/fcc.json");
    let value: serde_json::Value = serde_json::from_slice(bytes).expect("json");
    let pretty = serde_json::to_vec_pretty(&value).expect("json");
    let mut a = ReportOutput::default();
    let mut b = ReportOutput::default();
    read_reports(ReportFormat::Fcc, bytes, &options(), &mut a).expect("a feed");
    read_reports(ReportFormat::Fcc, &pretty, &options(), &mut b).expect("a feed");
    assert_eq!(a.reports, b.reports);
    assert_eq!((a.blanks, a.not_calls, a.rejects.len()), (b.blanks, b.not_calls, b.rejects.len()));
}

#[test]
fn fcc_csv() {
    insta::assert_snapshot!(render(ReportFormat::Fcc, include_bytes!("../../../../fixtures/reports/fcc.csv")), @r"
    +12155550112 unwanted at 2026-11-17T18:23:00Z known 2026-11-18T09:14:22Z key regulator area 1191
    +12155550120 spoofed_me at 2026-11-17T15:05:00Z known 2026-11-18T09:15:00Z key regulator area 1191
    fragments 0 sentinels 0 blanks 0 withheld 0 malformed 0 not_calls 0 shields 1 lines 4
    ");
}

#[test]
fn own_lines() {
    insta::assert_snapshot!(render(ReportFormat::Own, include_bytes!("../../../../fixtures/reports/own.ndjson")), @r"
    +12155550112 unwanted at 2026-11-18T09:58:00Z known 2026-11-18T10:00:00Z key reporter since network device area 215 carrier 1
    +12155550113 fraud at 2026-11-23T22:10:50Z key reporter reporter_tn
    +12155550112 not_spam at 2026-11-18T10:01:00Z key
    +12155550112 spoofed_me at 2026-11-18T10:02:00Z
    line 4: BAD_VALUE category: `rude` is none of unwanted, fraud, not_spam, wrong_number, spoofed_me
    line 6: BAD_NUMBER tn: `5550112` has too few digits for a public number
    line 7: MISSING_FIELD tn: `tn` is required and is absent or empty
    line 8: BAD_JSON : a JSON object was expected: expected ident at line 1 column 2
    fragments 0 sentinels 0 blanks 0 withheld 1 malformed 0 not_calls 0 shields 1 lines 8
    ");
}

#[test]
fn own_csv() {
    insta::assert_snapshot!(render(ReportFormat::Own, include_bytes!("../../../../fixtures/reports/own.csv")), @r"
    +12155550112 wrong_number at 2026-11-18T10:00:00Z reporter
    line 3: BAD_NUMBER reporter: `+1215` has too few digits for a public number
    fragments 0 sentinels 0 blanks 0 withheld 0 malformed 0 not_calls 0 shields 0 lines 3
    ");
}

#[test]
fn one_person_is_one_reporter_by_id_or_number() {
    let text = "{\"at\":1795471850,\"tn\":\"+12155550112\",\"reporter\":\"tel:+12155550150\"}\n\
                {\"at\":1795471850,\"tn\":\"+12155550112\",\"reporter\":\"tel:(215) 555-0150\"}\n";
    let mut out = ReportOutput::default();
    read_reports(ReportFormat::Own, text.as_bytes(), &options(), &mut out).expect("a feed");
    assert_eq!(out.reports[0].reporter, out.reports[1].reporter);
    assert_eq!(out.reports[0].reporter_tn, out.reports[1].reporter_tn);
}

#[test]
fn refusals() {
    let error = |bytes: &[u8]| detect_report(bytes).expect_err("a refusal").to_string();
    assert_eq!(error(b" \n"), "the file is empty");
    insta::assert_snapshot!(error(b"a,b\n1,2\n"), @"no known format fits the file's beginning (`a,b`): name one with --format");
    let missing = open_reports(ReportFormat::Ftc, b"a,b\n", &options()).err().expect("a refusal");
    insta::assert_snapshot!(missing, @"the header has no `company_phone_number` column, which ftc needs; it has: a, b");
}

#[test]
fn lists_and_objects_are_no_values() {
    let lines = br#"{"at":"2026-11-18T10:00:00Z","tn":"+12155550112","reporter":{}}
{"id":[],"data":{"at":"2026-11-18T10:00:00Z","tn":"+12155550112"}}
{"at":"2026-11-18T10:00:00Z","tn":"+12155550112","other":[1]}
"#;
    insta::assert_snapshot!(render(ReportFormat::Own, lines), @r"
    +12155550112 unwanted at 2026-11-18T10:00:00Z
    line 1: BAD_VALUE reporter: a text or a number was expected
    line 2: BAD_VALUE id: a text or a number was expected
    fragments 0 sentinels 0 blanks 0 withheld 0 malformed 0 not_calls 0 shields 0 lines 3
    ");
}
