//! Where files and words meet the edges of what they may hold.

use std::fs::File;
use std::process::{Command, Stdio};

use crate::run::{CALLS, Desk, five_columns, numbers, ringtrue, root, run};

#[test]
fn a_misspelt_policy_file_is_refused_by_score_too() {
    let desk = Desk::new();
    desk.file("reputatoin.toml", "");
    let told = ringtrue(&format!("score {CALLS} --policy {}", desk.path(""))).refused(2);
    assert!(told.contains("reputatoin.toml") && told.contains("reputation.toml"), "{told}");
}

#[test]
fn a_changed_policy_never_passes_for_the_shipped_one() {
    let version = |desk: &Desk| {
        let told = ringtrue(&format!("score {CALLS} --policy {} --output json", desk.path(""))).json();
        told["policy_version"].as_str().expect("a version").to_owned()
    };
    let desk = Desk::new();
    let shipped = version(&desk);
    desk.file("reputation.toml", "[levels.potential_spam]\np = 0.5\n");
    let half = version(&desk);
    assert!(half.starts_with(&format!("{shipped}+")), "{half}");
    desk.file("reputation.toml", "# the same\nlevels = { potential_spam = { p = 0.5 } }\n");
    assert_eq!(version(&desk), half);
    desk.file("reputation.toml", "[levels.potential_spam]\np = 0.55\n");
    assert_ne!(version(&desk), half);
}

#[test]
fn nothing_steers_the_terminal() {
    let desk = Desk::new();
    let file = desk.file(
        "calls.csv",
        "start,orig,dest,\u{1b}[31m,outcome\n1795183331,+12155550112,+12155550143,,\u{1b}]0;x\u{7}\n",
    );
    for told in [ringtrue(&format!("score {file}")).err, ringtrue(&format!("score {file} --format ndjson")).err] {
        assert!(!told.contains(['\u{1b}', '\u{7}']), "{told:?}");
    }
}

#[test]
fn a_standard_error_that_takes_nothing_changes_no_result() {
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    let done = Command::new(env!("CARGO_BIN_EXE_ringtrue"))
        .args(["score", CALLS, "--output", "csv"])
        .current_dir(root())
        .stdout(Stdio::null())
        .stderr(full)
        .status()
        .expect("the program ends");
    assert_eq!(done.code(), Some(0));
}

#[test]
fn an_extension_is_no_telephone_number_without_a_map() {
    let desk = Desk::new();
    let file = desk.file("calls.csv", "start,orig,dest\n1795183331,101,+12155550143\n1795183332,+12155550112,102\n");
    let told = ringtrue(&format!("score {file} --all-callers"));
    assert_eq!(told.code, 1, "{}", told.err);
    assert!(told.err.contains("calls.csv:2: orig BAD_NUMBER: `101`"), "{}", told.err);
    assert!(told.err.contains("calls.csv:3: dest BAD_NUMBER: `102`"), "{}", told.err);
    let map = desk.file("map.csv", "extension,tn\n101,+12155550112\n");
    let json = ringtrue(&format!("score {file} --own +12155550112 --extension-map {map} --output json")).json();
    assert_eq!(json["summary"]["calls"], 1);
    assert_eq!(json["summary"]["skipped"]["extension without a number"], 1);
}

#[test]
fn a_number_that_cannot_exist_is_told_from_one_that_never_calls() {
    let desk = Desk::new();
    let reports = "at,tn\n2026-11-10T12:00:00Z,+11115550112\n2026-11-10T12:00:00Z,+12155550112\n";
    let reports = desk.file("reports.csv", reports);
    let trusted = desk.file("trusted.csv", "tn,kind\n+12155550112,dno\n");
    let json = ringtrue(&format!("score --reports {reports} --trusted {trusted} --output json")).json();
    let reasons = |at: usize| json["numbers"][at]["engines"][0]["reasons"][0].clone();
    assert_eq!(reasons(0)["code"], "UNDIALABLE");
    assert_eq!(reasons(1)["code"], "DNO");
    assert!(!reasons(1)["text"].as_str().expect("a text").contains("numbering plan"));
}

#[test]
fn a_regulators_file_tells_an_owner_of_the_own_numbers_only() {
    let desk = Desk::new();
    let calls = desk.file("calls.csv", five_columns("+12155550112", 40));
    let header = "Company_Phone_Number,Created_Date,Violation_Date,Consumer_City,Consumer_State,Consumer_Area_Code,Subject,\
                  Recorded_Message_Or_Robocall\n";
    let rows = "2155550112,2026-11-10 12:00:00,2026-11-09 12:00:00,,,215,,N\n2155550199,2026-11-10 12:00:00,2026-11-09 12:00:00,,,215,,N\n";
    let reports = desk.file("reports.csv", format!("{header}{rows}"));
    let run = |more: &str| ringtrue(&format!("score {calls} --reports {reports} --output json {more}")).json();
    let owner = run("");
    assert_eq!(numbers(&owner).len(), 1);
    assert_eq!(owner["numbers"][0]["facts"]["d35"]["reports"], 1);
    assert_eq!(owner["summary"]["skipped"]["regulator's report of a number that places no call here"], 1);
    let named = run("--own +12155550112");
    assert_eq!(named["summary"]["skipped"]["report of a number that is not yours"], 1);
    assert_eq!(numbers(&run("--all-callers")).len(), 2);
}

#[test]
fn carriers_that_nobody_knows_are_counted() {
    let desk = Desk::new();
    let calls = desk.file("calls.csv", "start,orig,dest,carrier\n1795183331,+12155550112,+12155550143,nobody\n");
    let map = desk.file("map.csv", "prefix,carrier\n+1212,nobody\n");
    let told = ringtrue(&format!("score {calls} --carrier-map {map} --output json"));
    assert!(told.err.contains("1 call or report names a carrier that engines.toml does not list"), "{}", told.err);
    assert!(told.err.contains("1 row of --carrier-map names a carrier"), "{}", told.err);
    assert_eq!(told.json()["summary"]["unknown_carriers"], 1);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let desk = Desk::new();
    let no_numbers = desk.file("map.csv", "carrier\natt\n");
    for (line, words) in [
        (format!("--carrier-map {no_numbers}"), "`tn`"),
        (format!("--trusted {}", desk.file("trusted.csv", "kind\ndno\n")), "`tn`"),
        (format!("--reports {CALLS}"), "the FTC's daily file"),
        ("--region XX".to_owned(), "not a region"),
        ("--threads 0".to_owned(), "--threads"),
    ] {
        let told = ringtrue(&format!("score {CALLS} {line}")).refused(2);
        assert!(told.contains(words), "{line}: {told}");
    }
}

#[test]
fn a_number_of_totals_is_judged_once() {
    let desk = Desk::new();
    let rows = "tn,attempts,answered,short\n+12155550112,60,40,10\n+12155550112,40,30,20\n+12155550113,9,4,0\n";
    let totals = desk.file("totals.csv", rows);
    let reports = desk.file("reports.csv", "at,tn,reporter\n2026-11-10T12:00:00Z,+12155550112,r1\n");
    let json = ringtrue(&format!("score {totals} --reports {reports} --output json")).json();
    let [first, _] = numbers(&json) else { panic!("two numbers: {json}") };
    assert_eq!((&first["totals"]["attempts"], &first["totals"]["short"]), (&100.into(), &30.into()));
    let reasons = first["engines"][0]["reasons"].as_array().expect("reasons");
    let told = reasons.iter().find(|reason| reason["code"] == "REPORTS").expect("the report");
    assert_eq!(told["text"], "people report this number: 1 report, together worth 0");
    let calls = desk.file("calls.csv", five_columns("+12155550112", 40));
    let json = ringtrue(&format!("score {totals} {calls} --output json")).json();
    assert_eq!(numbers(&json).len(), 2);
    assert_eq!(json["summary"]["skipped"]["totals of a number whose calls are known"], 1);
}

#[test]
fn a_spreadsheets_csv() {
    for delimiter in [";", "\t", ","] {
        let text =
            "Start,ORIG,\"dest\",Talk_s\r\n1795183331,+12155550112,\"+12155550143\",4\r\n".replace(',', delimiter);
        let told = run(&["score", "-", "--all-callers", "--output", "json"], text.as_bytes()).json();
        assert_eq!(told["numbers"][0]["facts"]["d35"]["talk_s"], 4, "{delimiter:?}");
    }
    let told = run(&["score", "-"], b"hello\nworld\n").refused(2);
    assert!(told.starts_with("ringtrue: standard input cannot be opened"), "{told}");
}

#[test]
fn blocks_with_an_address_for_each_call() {
    let desk = Desk::new();
    let mut text = "start,orig,dest,sip_code,reason\n".to_owned();
    for at in 0..900 {
        let reason = format!("\"SIP;cause=603;text=\"\"v=analytics1;url=https://example.com/{at:03}\"\"\"");
        text.push_str(&format!("{},+12155550112,+13025550143,603,{reason}\n", 1_795_000_000 + at));
    }
    let file = desk.file("calls.csv", text);
    let json = ringtrue(&format!("score {file} --output json --threads 2")).json();
    let symptom = &json["numbers"][0]["symptoms"][0];
    assert_eq!(symptom["count"], 900);
    let redress = symptom["redress"].as_array().expect("addresses");
    assert_eq!((redress.len(), &redress[0]["address"]), (10, &"https://example.com/899".into()));
}

#[test]
fn a_table_without_a_number_says_so() {
    let told = ringtrue(&format!("score {CALLS} --min-calls 1000000")).done();
    assert!(told.ends_with("No number has the label and the calls that were asked for.\n"), "{told}");
}

#[test]
fn rejects_never_go_over_what_is_read() {
    let desk = Desk::new();
    let calls = desk.file("calls.csv", five_columns("+12155550112", 3));
    for line in [calls.clone(), format!("{CALLS} --reports {calls}"), format!("{CALLS} --own {calls}")] {
        let told = ringtrue(&format!("score {line} --rejects {}", desk.path("./calls.csv"))).refused(2);
        assert!(told.contains("--rejects: "), "{told}");
    }
    assert_eq!(desk.read("calls.csv"), five_columns("+12155550112", 3));
}
