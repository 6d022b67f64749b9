//! Every dialect of switches and platforms: what a fixture yields is written beside it, as `NAME.expect`.
//!
//! With `UPDATE_EXPECT=1` the expectations are written anew; read the difference before you keep it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use intake::{Format, Join, Opened, Options, Output, SkipKind, detect, open, read_block, record_key};
use jiff::tz::TimeZone;
use model::{CallRecord, HangupBy, Party};

/// Every fixture with the dialect that it must be recognised as.
const FIXTURES: [(&str, &str); 24] = [
    ("asterisk-bare.csv", "asterisk"),
    ("asterisk-custom.csv", "asterisk"),
    ("asterisk-latin1.csv", "asterisk"),
    ("asterisk-master.csv", "asterisk"),
    ("asterisk-newcdr.csv", "asterisk"),
    ("asterisk.ndjson", "asterisk-json"),
    ("cucm.csv", "cucm"),
    ("freeswitch-asterisk.csv", "freeswitch"),
    ("freeswitch-b-legs.json", "freeswitch-json"),
    ("freeswitch-encoded.json", "freeswitch-json"),
    ("freeswitch-example.csv", "freeswitch"),
    ("freeswitch-plain.json", "freeswitch-json"),
    ("freeswitch-posted.txt", "freeswitch-json"),
    ("freeswitch-snom.csv", "freeswitch"),
    ("kamailio.ndjson", "kamailio"),
    ("telnyx.json", "telnyx"),
    ("telnyx.ndjson", "telnyx"),
    ("twilio-array.json", "twilio"),
    ("twilio-callback.ndjson", "twilio-callback"),
    ("twilio-callback.txt", "twilio-callback"),
    ("twilio-console.csv", "twilio-csv"),
    ("twilio-page.json", "twilio"),
    ("twilio.csv", "twilio-csv"),
    ("twilio.ndjson", "twilio"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cdr")
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).expect("the fixture")
}

/// New York is five hours behind UTC on the fixtures' day.
fn options() -> Options {
    Options { tz: Some(TimeZone::get("America/New_York").expect("a zone")), ..Options::default() }
}

/// Reads a file block by block, as a reader does that has at most `step` bytes more at a time.
fn read(bytes: &[u8], format: &Format, options: &Options, step: usize) -> Output {
    let Opened { dialect, skip, skip_lines, .. } = open(format, bytes, options).expect("the file opens");
    let (mut out, mut whole) = (Output::default(), Output::default());
    let mut join = Join::new(1000);
    let mut rest = &bytes[skip..];
    let mut seen = step.min(rest.len());
    let mut lines = skip_lines;
    while !rest.is_empty() {
        let at_end = seen == rest.len();
        let cut = dialect.framing().cut(&rest[..seen], at_end);
        out.clear();
        read_block(&*dialect, &rest[..cut], &mut out);
        for mut piece in out.pieces.drain(..) {
            piece.line += lines;
            join.push(piece, &mut whole);
        }
        whole.calls.append(&mut out.calls);
        whole.rejects.extend(out.rejects.drain(..).map(|mut reject| {
            reject.line += lines;
            reject
        }));
        whole.skipped.iter_mut().zip(out.skipped).for_each(|(sum, more)| *sum += more);
        lines += out.lines;
        rest = &rest[cut..];
        seen = (seen - cut + step).min(rest.len());
    }
    join.finish(&mut whole);
    whole.lines = lines;
    whole
}

fn party(party: Party) -> String {
    match party {
        Party::Number(tn) => tn.to_string(),
        Party::Extension(digits) => format!("ext {digits}"),
        Party::Anonymous => "anonymous".to_owned(),
    }
}

fn call(call: &CallRecord) -> String {
    let mut line = format!("{} {} > {} {}", call.at, party(call.orig), party(call.dest), call.outcome.class);
    line += &format!(" {}", call.outcome.strength.as_str());
    line += if call.outcome.unwanted { " +607" } else { "" };
    let shows = [
        (call.observable.invalid, "invalid"),
        (call.observable.answer, "answer"),
        (call.observable.blocked, "blocked"),
    ];
    let shows: Vec<_> = shows.iter().filter(|(shown, _)| *shown).map(|(_, name)| *name).collect();
    line += &format!(" shows {}", shows.join("+"));
    for (name, ms) in [("ring", call.ring_ms), ("talk", call.talk_ms)] {
        if let Some(ms) = ms {
            line += &format!(" {name} {}", f64::from(ms) / 1000.0);
        }
    }
    if let Some(by) = call.hangup_by {
        line += match by {
            HangupBy::Orig => " ended by orig",
            HangupBy::Dest => " ended by dest",
            HangupBy::Network => " ended by network",
        };
    }
    if let Some(direction) = call.direction {
        line += &format!(" {direction:?}").to_lowercase();
    }
    if let Some(attestation) = call.attestation {
        line += &format!(" {attestation:?}").to_lowercase();
    }
    if let Some(known_at) = call.known_at {
        line += &format!(" known {}", &known_at.to_string()[11..]);
    }
    if let Some(redress) = &call.redress {
        line += &format!(" redress {redress}");
    }
    line + if call.key.is_some() { "" } else { " (no id)" }
}

/// What was read, one thing a line. With `lines` off the rejects' places are left out.
fn render(out: &Output, lines: bool) -> String {
    let mut text = String::new();
    for record in &out.calls {
        writeln!(text, "{}", call(record)).expect("text");
    }
    for (kind, count) in SkipKind::ALL.iter().zip(out.skipped).filter(|(_, count)| *count > 0) {
        writeln!(text, "skipped {count}: {}", kind.words()).expect("text");
    }
    for reject in &out.rejects {
        let place = if lines { format!("line {} ", reject.line) } else { String::new() };
        let fault = &reject.fault;
        let field = if fault.field.is_empty() { String::new() } else { format!(" {}", fault.field) };
        writeln!(text, "rejected {place}{}{field}: {}", fault.code, fault.detail).expect("text");
    }
    text
}

fn check(name: &str, format: &str) {
    let bytes = fixture(name);
    let found = detect(&bytes, &Options::default()).expect("a known format");
    assert_eq!(found.to_string(), format, "{name} is recognised");
    assert_eq!(Format::from_name(format), Some(found.clone()), "{format} can be named");
    let got = render(&read(&bytes, &found, &options(), usize::MAX), true);
    let path = folder()
        .join(name)
        .with_extension(format!("{}.expect", Path::new(name).extension().expect("an extension").to_string_lossy()));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &got).expect("the expectation is written");
    }
    let expect = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(got, expect, "{name}");
}

#[test]
fn fixtures_yield_what_is_expected() {
    for (name, format) in FIXTURES {
        check(name, format);
    }
}

#[test]
fn our_own_records_are_not_taken_for_another_dialect() {
    let check = |text: &str, format| {
        assert_eq!(detect(text.as_bytes(), &Options::default()).expect("a format").to_string(), format, "{text}")
    };
    check("id,start,orig,dest,talk_s,q850\n1,2026-11-20T19:02:11Z,+12155550112,+12155550113,6,16\n", "csv");
    check("start,orig,dest,direction,outcome\n", "csv");
    check(
        "{\"id\":\"1\",\"start\":1795183331,\"orig\":\"+12155550112\",\"dest\":\"+12155550113\",\"sip_code\":200}\n",
        "ndjson",
    );
    check(
        "[{\"specversion\":\"1.0\",\"id\":\"1\",\"data\":{\"start\":1795183331,\"direction\":\"inbound\"}}]",
        "ndjson",
    );
    assert!(detect(b"a,b,c\n1,2,3\n", &Options::default()).is_err());
}

#[test]
fn line_ends_and_byte_order_marks_change_nothing() {
    for (name, format) in FIXTURES {
        let bytes = fixture(name);
        let format = Format::from_name(format).expect("a format");
        let expect = render(&read(&bytes, &format, &options(), usize::MAX), true);
        let mut windows = b"\xef\xbb\xbf".to_vec();
        for &byte in &bytes {
            windows.extend_from_slice(if byte == b'\n' { b"\r\n" } else { std::slice::from_ref(&byte) });
        }
        assert_eq!(detect(&windows, &Options::default()).expect("a known format"), format, "{name}");
        assert_eq!(render(&read(&windows, &format, &options(), usize::MAX), true), expect, "{name}");
    }
}

#[test]
fn blocks_change_nothing() {
    for (name, format) in FIXTURES {
        let bytes = fixture(name);
        let format = Format::from_name(format).expect("a format");
        let expect = render(&read(&bytes, &format, &options(), usize::MAX), true);
        for step in [1, 100, 1000] {
            assert_eq!(render(&read(&bytes, &format, &options(), step), true), expect, "{name} by {step}");
        }
    }
}

#[test]
fn a_file_that_breaks_off_costs_its_last_record() {
    for (name, format) in FIXTURES {
        let bytes = fixture(name);
        let format = Format::from_name(format).expect("a format");
        let whole = read(&bytes, &format, &options(), usize::MAX);
        for len in (bytes.len() / 2..bytes.len()).step_by(7) {
            if open(&format, &bytes[..len], &options()).is_err() {
                continue;
            }
            let part = read(&bytes[..len], &format, &options(), usize::MAX);
            let calls = |out: &Output| out.calls.len() + out.rejects.len();
            assert!(calls(&part) <= calls(&whole) + 1 + part.pieces.len(), "{name} cut at {len}");
        }
    }
}

#[test]
fn a_file_named_wrongly_is_rejected_not_misread() {
    for (name, own) in FIXTURES {
        let bytes = fixture(name);
        for (other, format) in Format::NAMED.iter().filter(|(other, _)| *other != own) {
            if open(format, &bytes, &options()).is_ok() {
                let out = read(&bytes, format, &options(), usize::MAX);
                assert!(out.calls.is_empty(), "{name} yields calls as {other}");
            }
        }
    }
}

#[test]
fn no_byte_breaks_a_reader() {
    for (name, format) in FIXTURES {
        let bytes = fixture(name);
        let format = Format::from_name(format).expect("a format");
        for (turn, at) in (0..bytes.len()).step_by(23).enumerate() {
            let odd = [b'"', b'{', b'}', b'\n', b',', b'%', 0, 0xff];
            let mut broken = bytes.clone();
            broken[at] = odd[turn % odd.len()];
            let _ = detect(&broken, &Options::default());
            if open(&format, &broken, &options()).is_ok() {
                read(&broken, &format, &options(), usize::MAX);
            }
        }
    }
}

#[test]
fn local_times_need_a_zone() {
    for name in ["asterisk-master.csv", "asterisk.ndjson", "freeswitch-example.csv"] {
        let bytes = fixture(name);
        let out =
            read(&bytes, &detect(&bytes, &Options::default()).expect("a format"), &Options::default(), usize::MAX);
        assert!(out.calls.is_empty(), "{name}");
        let fault = &out.rejects.first().expect("a reject").fault;
        assert_eq!(fault.code.as_str(), "TIME_WITHOUT_ZONE", "{name}");
        assert!(fault.detail.contains("--tz UTC"), "{name}: {}", fault.detail);
    }
}

#[test]
fn ids_are_those_of_the_documentation() {
    let check = |name: &str, ids: &[&str]| {
        let bytes = fixture(name);
        let out = read(&bytes, &detect(&bytes, &Options::default()).expect("a format"), &options(), usize::MAX);
        for id in ids {
            let key = Some(record_key("local", id.as_bytes()));
            assert!(out.calls.iter().any(|call| call.key == key), "{name}: {id}");
        }
    };
    check("asterisk-master.csv", &["1795183331.18"]);
    check("asterisk-newcdr.csv", &["1795183331.1/11"]);
    check("freeswitch-example.csv", &["5b0c1f6e-c0de-4a11-9d6f-000000000101"]);
    check("freeswitch-b-legs.json", &["5b0c1f6e-c0de-4a11-9d6f-000000000231"]);
    check("cucm.csv", &["e0000000-0000-4000-8000-000000000001", "2-1002-50004"]);
    check("kamailio.ndjson", &["c1@192.0.2.1"]);
    check("twilio-page.json", &["CA00000000000000000000000000000001"]);
    check("twilio-callback.txt", &["CA00000000000000000000000000000051"]);
    check("telnyx.ndjson", &["b0000000-0000-11f1-8000-000000000001"]);
}

#[test]
fn a_header_without_a_needed_column_says_which() {
    let head = b"cdrRecordType,globalCallID_callId,dateTimeOrigination,callingPartyNumber\n";
    let format = detect(head, &Options::default()).expect("a format");
    let error = open(&format, head, &options()).err().expect("a refusal").to_string();
    assert!(error.contains("`dateTimeConnect`") && error.contains("cucm"), "{error}");
}
