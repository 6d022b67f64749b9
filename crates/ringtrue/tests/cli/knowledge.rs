//! What is known besides calls: reports, standing, trusted truth, and mappings that say how to read an export.

use serde_json::Value;

use crate::run::{Desk, five_columns, labels, numbers, ringtrue};

const OWN: &str = "+12155550112";

/// The first number's first verdict has this reason; its decibans.
fn decibans(result: &Value, code: &str) -> Option<f64> {
    let reasons = numbers(result)[0]["engines"][0]["reasons"].as_array().expect("reasons");
    reasons.iter().find(|reason| reason["code"] == code)?["decibans"].as_f64()
}

/// Sixty calls on five days, scored with further arguments.
fn scored(desk: &Desk, more: &str) -> Value {
    let calls = desk.file("calls.csv", five_columns(OWN, 60));
    ringtrue(&format!("score {calls} --output json {more}")).json()
}

/// Reports of six hours after six calls, each by another person, who is named as `reporter` says.
fn reports(reporter: impl Fn(u32) -> String) -> String {
    let report = |at: u32| {
        format!(
            "{{\"id\":\"{at}\",\"at\":\"2026-11-{:02}T21:{:02}:00Z\",\"tn\":\"{OWN}\",\"category\":\"unwanted\",\
             \"reporter\":\"{}\",\"area_code\":\"{}\"}}\n",
            9 + at % 5,
            at * 7,
            reporter(at),
            201 + at
        )
    };
    (0..6).map(report).collect()
}

#[test]
fn a_reporter_that_was_called_proves_its_report() {
    let desk = Desk::new();
    let called = desk.file("called.ndjson", reports(|at| format!("tel:+13025550{}", 100 + at)));
    let unknown = desk.file("unknown.ndjson", reports(|at| format!("person-{at}")));
    let others = desk.file("others.ndjson", reports(|at| format!("tel:+14845550{}", 100 + at)));
    let weight = |file: &str| decibans(&scored(&desk, &format!("--reports {file}")), "REPORTS").expect("reports speak");
    let (proven, unproven) = (weight(&called), weight(&unknown));
    assert!(proven > 2.0 * unproven && unproven > 0.0, "{proven} {unproven}");
    assert!(weight(&others) <= unproven, "nobody called these reporters");
    assert_eq!(labels(&scored(&desk, &format!("--reports {unknown}"))), ["+12155550112 any=none"]);
}

#[test]
fn reporters_are_never_written_out() {
    let desk = Desk::new();
    let called = desk.file("called.ndjson", reports(|at| format!("tel:+13025550{}", 100 + at)));
    let calls = desk.file("calls.csv", five_columns(OWN, 60));
    for form in ["--output json", "--output csv", "--output table", "--explain +12155550112"] {
        let told = ringtrue(&format!("score {calls} --reports {called} {form}"));
        assert!(!told.out.contains("+1302555") && !told.err.contains("+1302555"), "{form}");
    }
}

#[test]
fn few_reports_speak_for_a_caller_only_where_the_feed_covers_its_calls() {
    let desk = Desk::new();
    let about_another = desk.file(
        "reports.ndjson",
        "{\"at\":\"2026-11-12T21:00:00Z\",\"tn\":\"+13125550199\",\"category\":\"unwanted\"}\n",
    );
    let plain = scored(&desk, &format!("--reports {about_another}"));
    let covered = scored(&desk, &format!("--reports {about_another} --reports-cover"));
    assert_eq!(decibans(&plain, "REPORTS"), None);
    assert!(decibans(&covered, "REPORTS").is_some_and(|it| it < 0.0), "{covered}");
}

#[test]
fn a_refusal_with_607_is_a_report() {
    let desk = Desk::new();
    let mut text = "start,orig,dest,talk_s,sip_code\n".to_owned();
    for at in 0..60 {
        let (talk, code) = if at % 10 == 0 { ("", 607) } else { ("60", 200) };
        text.push_str(&format!("2026-11-{:02}T15:{at:02}:00Z,{OWN},+13025550{},{talk},{code}\n", 9 + at % 5, 100 + at));
    }
    let calls = desk.file("refused.csv", text);
    let result = ringtrue(&format!("score {calls} --output json")).json();
    let facts = &numbers(&result)[0]["facts"]["d35"];
    assert_eq!((&facts["reports"], &facts["unwanted"]), (&6.into(), &6.into()));
    assert_eq!(numbers(&result)[0]["symptoms"][0]["code"], "UNWANTED_607");
    assert!(decibans(&result, "REPORTS").is_some_and(|it| it > 0.0));
}

#[test]
fn registered_and_cleared() {
    let desk = Desk::new();
    let header = "tn,registrant,purpose,registered_at,attested,determination,evidence_from\n";
    let registered = desk.file("r.csv", format!("{header}{OWN},Riverside Clinic,health_care,2026-01-01,true,none,\n"));
    assert!(decibans(&scored(&desk, &format!("--standing {registered}")), "REGISTERED").is_some_and(|it| it < -10.0));
    let cleared = desk.file("c.csv", format!("{header}{OWN},,,,false,cleared,2026-11-12\n"));
    let result = scored(&desk, &format!("--standing {cleared}"));
    let sample = numbers(&result)[0]["engines"][0]["sample_size"].as_f64().expect("a size");
    assert!(sample > 20.0 && sample < 25.0, "two of five days count: {sample}");
    assert_eq!(numbers(&result)[0]["facts"]["d35"]["attempts"], 60, "facts stay");
}

#[test]
fn trusted_truth() {
    let desk = Desk::new();
    let text = "prefix,kind,trap,at,known_at\n+1215555,dno,,,\n";
    let result = scored(&desk, &format!("--trusted {}", desk.file("dno.csv", text)));
    assert!(decibans(&result, "DNO").is_some_and(|it| it > 20.0), "{result}");
    let text = "tn,kind,trap,at,known_at\n+12155550112,traceback,,2026-11-12T00:00:00Z,2026-12-01T00:00:00Z\n";
    let later = scored(&desk, &format!("--trusted {}", desk.file("later.csv", text)));
    assert_eq!(decibans(&later, "TRACEBACK"), None, "nobody knew of it yet");
}

#[test]
fn side_tables_have_rejects_too() {
    let desk = Desk::new();
    let calls = desk.file("calls.csv", five_columns(OWN, 20));
    let standing = desk.file("standing.csv", "tn,attested\n+12155550112,perhaps\nnobody,true\n");
    let told = ringtrue(&format!("score {calls} --standing {standing}"));
    assert!(told.err.contains("standing.csv:2: attested BAD_VALUE"), "{}", told.err);
    assert!(told.err.contains("standing.csv:3: tn BAD_NUMBER"), "{}", told.err);
    assert_eq!(told.code, 0);
}

#[test]
fn a_mapping_of_ones_own() {
    let desk = Desk::new();
    let mapping = desk.file(
        "ours.toml",
        "name = \"ours\"\ntitle = \"Our dialer\"\ndocumentation = [\"the dialer's manual\"]\nreal_export_seen = true\n\
         delimiter = \"semicolon\"\nanswered = \"talk\"\n\n[[detect]]\ncolumns = [\"Zeit\", \"Von\", \"An\"]\n\n[columns]\n\
         start = \"Zeit\"\norig = \"Von\"\ndest = \"An\"\ntalk = \"Sekunden\"\n\n[time]\nformats = [\"%d.%m.%Y %H:%M\"]\n\
         zone = \"Europe/Berlin\"\n\n[numbers]\nregion = \"US\"\n",
    );
    let export = desk.file("export.csv", "Zeit;Von;An;Sekunden\n09.11.2026 16:00;(215) 555-0112;302 555 0143;75\n");
    let told = ringtrue(&format!("score {export} --mapping {mapping} --output json"));
    let result = told.json();
    assert_eq!((&numbers(&result)[0]["tn"], &result["data_from"]), (&OWN.into(), &"2026-11-09T15:00:00Z".into()));
    let broken = desk.file("broken.toml", "name = \"ours\"\ncolours = 3\n");
    let told = ringtrue(&format!("score {export} --mapping {broken}")).refused(2);
    assert!(told.contains("broken.toml") && told.contains("colours"), "{told}");
}

#[test]
fn the_same_id_from_two_sources_is_two_calls() {
    let desk = Desk::new();
    let row = |source: &str| format!("7,{source},2026-11-09T15:00:00Z,{OWN},+13025550143,60\n");
    let text = format!("id,source,start,orig,dest,talk_s\n{}{}{}", row("dialer"), row("desk"), row("dialer"));
    let told = ringtrue(&format!("score {}", desk.file("calls.csv", text)));
    assert!(told.err.contains("2 calls, 1 duplicate"), "{}", told.err);
}
