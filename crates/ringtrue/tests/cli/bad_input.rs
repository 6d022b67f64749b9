//! How a run ends: 0 done, 1 nothing could be scored, 2 what the caller has to put right.

use serde_json::Value;

use crate::run::{CALLS, Desk, five_columns, numbers, ringtrue, run};

/// A run that must end with code 2; what it says on standard error.
#[track_caller]
fn refused(line: &str) -> String {
    ringtrue(line).refused(2)
}

#[test]
fn an_unreadable_file() {
    let told = refused("score no-such-file.csv");
    assert_eq!(told, "ringtrue: no-such-file.csv cannot be read\n  because No such file or directory (os error 2)\n");
    for option in ["--reports", "--standing", "--trusted", "--carrier-map", "--extension-map", "--mapping"] {
        let told = refused(&format!("score {CALLS} {option} no-such-file"));
        assert!(told.contains("no-such-file cannot be read"), "{option}: {told}");
    }
    assert!(refused("score .").contains("cannot be read"));
}

#[test]
fn a_file_that_is_cut_off_while_packed() {
    let desk = Desk::new();
    let packed = crate::inputs::gzip(five_columns("+12155550112", 400).as_bytes());
    let cut = desk.file("cut.csv.gz", &packed[..packed.len() / 2]);
    assert!(refused(&format!("score {cut}")).contains("cut.csv.gz cannot be read"));
}

#[test]
fn an_unknown_format() {
    let desk = Desk::new();
    let file = desk.file("notes.txt", "Dear all,\nplease call Jim.\n");
    let told = refused(&format!("score {file}"));
    assert!(told.contains("notes.txt cannot be opened") && told.contains("--format"), "{told}");
    let told = refused(&format!("score {CALLS} --format morse"));
    assert!(told.contains("--format: `morse` is no format; known are "), "{told}");
    let told = refused(&format!("score {CALLS} --reports {}", desk.file("reports.txt", "hello\nworld\n")));
    assert!(told.contains("reports.txt begins with `hello") && !told.contains("--format"), "{told}");
}

#[test]
fn a_header_without_the_columns_that_count() {
    let desk = Desk::new();
    let file = desk.file("calls.csv", "start,orig,talk_s\n2026-11-09T15:00:00Z,+12155550112,4\n");
    let told = refused(&format!("score {file}"));
    assert!(told.contains("start,orig,talk_s") && told.contains("--format"), "{told}");
    let told = refused(&format!("score {file} --format csv"));
    assert!(told.contains("dest"), "{told}");
    let told = refused(&format!("score {CALLS} --standing {}", desk.file("standing.csv", "number,name\n1,2\n")));
    assert!(told.contains("standing.csv"), "{told}");
}

#[test]
fn a_bad_policy() {
    let desk = Desk::new();
    desk.file("reputation.toml", "[evidence.SHORT_CALLS]\nwieght = 2.0\n");
    let folder = desk.path("");
    for line in [format!("score {CALLS} --policy {folder}"), format!("policy check --policy {folder}")] {
        let told = refused(&line);
        assert!(told.starts_with("ringtrue: "), "{told}");
        assert!(told.contains("reputation.toml") && told.contains("wieght"), "{told}");
    }
    desk.file("reputation.toml", "[prior]\nunwanted_share = 2.0\n");
    assert!(refused(&format!("score {CALLS} --policy {folder}")).contains("unwanted_share"));
    desk.file("reputation.toml", "[prior\n");
    assert!(refused(&format!("score {CALLS} --policy {folder}")).contains("reputation.toml"));
    assert!(refused(&format!("score {CALLS} --policy no-such-folder")).contains("no-such-folder"));
}

#[test]
fn arguments_with_values_that_cannot_be_used() {
    for (option, expected) in [
        ("--tz Mars/Olympus", "--tz: `Mars/Olympus` is not a time zone"),
        ("--region Atlantis", "--region: `Atlantis` is not a region"),
        ("--engine acme", "--engine: `acme` is none of hiya, first_orion, tns"),
        ("--at yesterday", "--at: "),
        ("--own nobody", "--own: no such file, and "),
        ("--explain 12", "--explain: "),
        ("--explain +12125550199", "--explain: no call of +12125550199 was taken from these files"),
        ("--at 1999-01-01", "--at"),
    ] {
        let told = refused(&format!("score {CALLS} {option}"));
        assert!(told.contains(expected), "{option}: {told}");
    }
    for option in ["--label worst", "--output xml", "--top many", "--all-callers --own +1215", "--frobnicate"] {
        assert!(refused(&format!("score {CALLS} {option}")).contains("error: "), "{option}");
    }
    assert!(refused("score").contains("FILE"));
}

#[test]
fn nothing_that_could_be_scored() {
    let desk = Desk::new();
    let header = "start,orig,dest,talk_s,q850\n";
    for (name, rows) in [
        ("empty.csv", ""),
        ("bad.csv", "never,+12155550112,+13025550143,4,16\n2026-11-09T15:00:00Z,+12155550112,nobody,4,16\n"),
        ("withheld.csv", "2026-11-09T15:00:00Z,anonymous,+13025550143,4,16\n"),
    ] {
        let told = ringtrue(&format!("score {}", desk.file(name, format!("{header}{rows}")))).refused(1);
        assert!(told.contains("nothing could be scored: no call and no report could be taken"), "{name}: {told}");
        assert!(told.contains("0 calls"), "{name}: {told}");
    }
}

#[test]
fn an_empty_input_has_no_format() {
    let told = run(&["score", "-"], b"").refused(2);
    assert!(told.contains("standard input cannot be opened"), "{told}");
}

#[test]
fn rejected_lines_are_told_and_the_run_goes_on() {
    let desk = Desk::new();
    let rows = five_columns("+12155550112", 40)
        + "never,+12155550112,+13025550143,4,16\n\
           2026-11-09T15:00:00Z,+12155550112,,4,16\n\
           2026-11-09T15:00:00,+12155550112,+13025550143,4,16\n\
           2026-11-09T15:00:00Z,+12155550112,+13025550143,minus one,16\n\
           2026-11-09T15:00:00Z,+12155550112\n";
    let file = desk.file("calls.csv", rows);
    let rejects = desk.path("rejects.ndjson");
    let told = ringtrue(&format!("score {file} --rejects {rejects} --output json"));
    assert!(told.err.contains("40 calls, 5 rejected"), "{}", told.err);
    assert!(told.err.contains(&format!("rejected {file}:42: start BAD_TIME: ")), "{}", told.err);
    assert!(!told.err.contains("keep all rejected records"), "{}", told.err);
    let kept: Vec<Value> =
        desk.read("rejects.ndjson").lines().map(|line| serde_json::from_str(line).expect("a JSON object")).collect();
    let codes: Vec<(u64, &str, &str)> = kept
        .iter()
        .map(|reject| {
            assert_eq!(reject["file"], file.as_str());
            assert!(!reject["detail"].as_str().expect("a detail").is_empty());
            let text = |key: &str| reject[key].as_str().expect("text");
            (reject["line"].as_u64().expect("a line"), text("code"), text("field"))
        })
        .collect();
    assert_eq!(
        codes,
        [
            (42, "BAD_TIME", "start"),
            (43, "MISSING_FIELD", "dest"),
            (44, "TIME_WITHOUT_ZONE", "start"),
            (45, "BAD_VALUE", "talk_s"),
            (46, "BAD_CSV", ""),
        ]
    );
    assert_eq!(kept[0]["record"], "never,+12155550112,+13025550143,4,16");
    let result = told.json();
    assert_eq!((result["summary"]["calls"].as_u64(), result["summary"]["rejected"].as_u64()), (Some(40), Some(5)));
    assert_eq!(numbers(&result)[0]["facts"]["d35"]["attempts"], 40);
    let told = ringtrue(&format!("score {file}"));
    assert!(told.err.contains("keep all rejected records with --rejects FILE"), "{}", told.err);
}

#[test]
fn rejects_that_cannot_be_kept() {
    let desk = Desk::new();
    let told = refused(&format!("score {CALLS} --rejects {}", desk.path("no/such/folder")));
    assert!(told.contains("cannot be written"), "{told}");
}

#[test]
fn lines_of_later_files_count_from_their_own_beginning() {
    let desk = Desk::new();
    let bad = "start,orig,dest,talk_s,q850\nnever,+12155550112,+13025550143,4,16\n";
    let (first, second) = (desk.file("a.csv", five_columns("+12155550112", 20)), desk.file("b.csv", bad));
    let told = ringtrue(&format!("score {first} {second}"));
    assert!(told.err.contains("b.csv:2: start BAD_TIME"), "{}", told.err);
}

#[test]
fn a_closed_pipe_is_no_fault() {
    let told = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!("{} score {CALLS} --output json 2>/dev/null | head -c 10", env!("CARGO_BIN_EXE_ringtrue")))
        .current_dir(crate::run::root())
        .output()
        .expect("a shell");
    assert!(told.status.success() && told.stderr.is_empty(), "{told:?}");
}

#[test]
fn calls_that_are_still_to_come() {
    let desk = Desk::new();
    for header in ["start,orig,dest,talk_s,q850", "start,orig,dest,talk_s,ring_s"] {
        let rows = "2026-11-09T15:00:00Z,+12155550112,+13025550143,60,16\n2039-11-09T15:00:00Z,+12155550112,+13025550143,60,16\n";
        let calls = desk.file("calls.csv", format!("{header}\n{rows}"));
        for whose in ["", "--all-callers"] {
            let told = ringtrue(&format!("score {calls} {whose}"));
            assert!(told.err.contains("1 call, 1 skipped: more than 5 minutes in the future"), "{}", told.err);
        }
    }
}
