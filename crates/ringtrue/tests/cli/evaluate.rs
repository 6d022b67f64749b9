//! `ringtrue evaluate`: the same labels as `score`, the names in its JSON, and what it refuses.

use serde_json::Value;

use crate::run::{CALLS, Desk, REPORTS, STANDING, ringtrue, sample};

const HEADER: &str = "tn,class,unwanted,registered,first_call,last_call\n";

/// The numbers of the sample, each with whether `score` ever showed a label anywhere, and where it stands at the end.
fn scored() -> Vec<(String, bool, Vec<String>)> {
    let result = sample("--all-callers --output json").json();
    let of = |number: &Value| {
        let engines = number["engines"].as_array().expect("engines");
        let ever = |engine: &Value| matches!(engine["status"].as_str(), Some("flagged" | "mixed_high" | "mixed_low"));
        let labels = engines.iter().map(|engine| engine["label"].as_str().expect("a label").to_owned()).collect();
        (number["tn"].as_str().expect("a number").to_owned(), engines.iter().any(ever), labels)
    };
    result["numbers"].as_array().expect("numbers").iter().map(of).collect()
}

fn evaluate(truth: &str) -> String {
    format!("evaluate --calls {CALLS} --reports {REPORTS} --standing {STANDING} --truth {truth}")
}

#[test]
fn labels_are_those_of_score() {
    let desk = Desk::new();
    let numbers = scored();
    assert!(numbers.iter().any(|(_, ever, _)| *ever) && numbers.iter().any(|(_, ever, _)| !ever));
    // Whoever was ever labelled is called unwanted: then all unwanted numbers are caught, and nobody else is labelled.
    let mut truth = HEADER.to_owned();
    for (tn, ever, _) in &numbers {
        truth.push_str(&format!("{tn},team,{ever},false,,\n"));
    }
    let found = ringtrue(&format!("{} --output json", evaluate(&desk.file("truth.csv", &truth)))).json();
    assert_eq!(found["capture_numbers"]["potential_spam"], 1.0);
    assert_eq!(found["false_positive"]["overall"]["potential_spam"], 0.0);
    // Who is Spam at the end was caught at Spam.
    let mut truth = HEADER.to_owned();
    for (tn, _, labels) in &numbers {
        truth.push_str(&format!("{tn},team,{},false,,\n", labels.iter().any(|label| label == "spam")));
    }
    let found = ringtrue(&format!("{} --output json", evaluate(&desk.file("spam.csv", &truth)))).json();
    assert_eq!(found["capture_numbers"]["spam"], 1.0);
}

#[test]
fn the_document_has_the_names_that_scripts_rely_on() {
    let desk = Desk::new();
    let mut truth = HEADER.to_owned();
    for (place, (tn, ..)) in scored().iter().enumerate() {
        let unwanted = place.is_multiple_of(3);
        let class = if unwanted { "robocaller" } else { "clinic" };
        truth.push_str(&format!("{tn},{class},{unwanted},{},2026-11-01T00:00:00Z,2026-11-20\n", place == 1));
    }
    let path = desk.file("truth.csv", &truth);
    let found = ringtrue(&format!("{} --output json", evaluate(&path))).json();
    for level in ["potential_spam", "spam_likely", "spam"] {
        for key in ["capture_numbers", "capture_calls", "flaps", "brier", "ece", "time_to_label"] {
            assert!(found[key].get(level).is_some(), "{key}.{level}");
        }
        for key in ["/false_positive/overall", "/false_positive/by_class/clinic", "/false_positive/registered"] {
            assert!(found.pointer(&format!("{key}/{level}")).is_some_and(Value::is_f64), "{key}/{level}");
        }
        assert!(found.pointer(&format!("/capture_calls/by_class/robocaller/{level}")).is_some_and(Value::is_f64));
    }
    assert_eq!(found["schema_version"], 1);
    assert_eq!(found["false_positive"]["registered"]["of"], 1);
    // The same bytes on any number of threads.
    let one = ringtrue(&format!("{} --output json --threads 1", evaluate(&path))).done();
    assert_eq!(one, ringtrue(&format!("{} --output json --threads 3", evaluate(&path))).done());
    let table = ringtrue(&evaluate(&path)).done();
    for words in ["Caught", "Wronged", "robocaller", "clinic", "Area under the ROC curve"] {
        assert!(table.contains(words), "{words}\n{table}");
    }
}

#[test]
fn truth_that_does_not_fit_is_told() {
    let desk = Desk::new();
    let numbers = scored();
    let (first, second) = (&numbers[0].0, &numbers[1].0);
    let rows = format!(
        "{HEADER}{first},robocaller,true,false,,\n{second},clinic,false,true,,\n{second},clinic,false,true,,\n\
         +12155550199,clinic,false,true,,\n+12155550198,clinic,maybe,true,,\n"
    );
    let told = ringtrue(&format!("{} --output json", evaluate(&desk.file("truth.csv", &rows))));
    assert!(told.err.contains("truth.csv:6: unwanted BAD_VALUE: `maybe` is neither true nor false"), "{}", told.err);
    assert!(told.err.contains("1 without calls, 1 told twice, 1 rows rejected"), "{}", told.err);
    assert!(told.err.contains("not in the truth and left out: +1"), "{}", told.err);
    let found = told.json();
    assert_eq!(found["truth"]["calling_without_truth"], numbers.len() - 2);
    assert_eq!(found["numbers"]["wanted"], 1);
}

#[test]
fn truth_that_tells_nothing_is_refused() {
    let desk = Desk::new();
    let numbers = scored();
    let (first, second) = (&numbers[0].0, &numbers[1].0);
    let refused = |rows: &str, code: i32| ringtrue(&evaluate(&desk.file("truth.csv", rows))).refused(code);
    let told = refused(&format!("{HEADER}{first},clinic,false,true,,\n{second},clinic,false,true,,\n"), 2);
    assert!(told.contains("all 2 numbers that call that they are wanted"), "{told}");
    let told = refused(&format!("{HEADER}{first},a,true,false,,\n{second},a,false,,,\n{first},a,false,false,,\n"), 2);
    assert!(told.contains(&format!("truth.csv:4: {first} is told of otherwise in line 2")), "{told}");
    let told = refused(&format!("{HEADER}+12155550199,clinic,false,true,,\n"), 2);
    assert!(told.contains("names none of the numbers that call"), "{told}");
    let told = refused("tn,class\n", 2);
    assert!(told.contains("unwanted"), "{told}");
    let told = ringtrue(&format!("evaluate --calls {CALLS}")).refused(2);
    assert!(told.contains("--truth"), "{told}");
}

/// A truth in which every third number of the sample is unwanted.
fn every_third(desk: &Desk) -> String {
    let mut truth = HEADER.to_owned();
    for (place, (tn, ..)) in scored().iter().enumerate() {
        truth.push_str(&format!("{tn},team,{},false,,\n", place.is_multiple_of(3)));
    }
    desk.file("truth.csv", truth)
}

#[test]
fn two_policies_stand_side_by_side() {
    let desk = Desk::new();
    let truth = every_third(&desk);
    // So many calls that no number has them: the policy labels nobody.
    let mild = ["levels.potential_spam", "levels.spam_likely", "levels.spam", "floor"];
    let mild: String = mild.map(|table| format!("[{table}]\nattempts = 1e6\n")).concat();
    for (folder, toml) in [("same", ""), ("mild", mild.as_str())] {
        std::fs::create_dir(desk.path(folder)).expect("a folder");
        if !toml.is_empty() {
            desk.file(&format!("{folder}/reputation.toml"), toml);
        }
    }
    let (same, mild, page) = (desk.path("same"), desk.path("mild"), desk.path("page.html"));
    let line = format!("{} --compare {same} {mild}", evaluate(&truth));
    let found = ringtrue(&format!("{line} --output json --html {page}")).json();
    let alone = |dir: &str| ringtrue(&format!("{} --policy {dir} --output json", evaluate(&truth))).json();
    for (place, dir) in [&same, &mild].into_iter().enumerate() {
        assert_eq!(found["policies"][place]["figures"], alone(dir), "{dir}");
    }
    let differences = found["differences"].as_array().expect("differences");
    let of = |measure: &str, level: &str| {
        let is_it = |one: &&Value| one["measure"] == measure && one["level"] == level;
        differences.iter().find(is_it).expect("the figure")
    };
    let wronged = of("false_positive", "potential_spam");
    assert!(wronged["difference"].as_f64().expect("a difference") < 0.0, "{wronged}");
    let page = desk.read("page.html");
    assert!(page.starts_with("<!doctype html>") && page.contains("<svg") && !page.contains("http"));
    let table = ringtrue(&line).done();
    assert!(table.contains("95 % interval"), "{table}");
    // The same policy twice differs nowhere.
    let twice = ringtrue(&format!("{} --compare {same} {same} --output json", evaluate(&truth))).json();
    let all = twice["differences"].as_array().expect("differences");
    assert!(all.iter().all(|one| one["difference"].as_f64().is_none_or(|off| off == 0.0)));
}

#[test]
fn a_policy_with_other_carriers_is_not_compared() {
    let desk = Desk::new();
    let truth = every_third(&desk);
    let shipped = std::fs::read_to_string(crate::run::root().join("policy/engines.toml")).expect("the directory");
    for folder in ["same", "other"] {
        std::fs::create_dir(desk.path(folder)).expect("a folder");
    }
    desk.file("other/engines.toml", shipped.replace("key = \"cox\"", "key = \"fox\""));
    let line = format!("{} --compare {} {}", evaluate(&truth), desk.path("same"), desk.path("other"));
    let told = ringtrue(&line).refused(2);
    assert!(told.contains("lists other carriers"), "{told}");
}

#[test]
fn an_earlier_report_is_a_baseline() {
    let desk = Desk::new();
    let truth = every_third(&desk);
    let before = ringtrue(&format!("{} --output json", evaluate(&truth))).done();
    let before = desk.file("before.json", before);
    let line = format!("{} --baseline {before}", evaluate(&truth));
    let found = ringtrue(&format!("{line} --output json")).json();
    let change = &found["against_baseline"]["false_positive.overall"]["potential_spam"];
    assert_eq!((&change["baseline"], &change["difference"]), (&change["now"], &Value::from(0.0)));
    let page = desk.path("page.html");
    let table = ringtrue(&format!("{line} --html {page}")).done();
    assert!(table.contains("Against the baseline"), "{table}");
    let page = desk.read("page.html");
    for words in ["What is caught", "Who is wronged", "Calibration", "role=\"img\"", "prefers-color-scheme"] {
        assert!(page.contains(words), "{words}");
    }
    let told = ringtrue(&format!("{} --baseline {truth}", evaluate(&truth))).refused(2);
    assert!(told.contains("--baseline"), "{told}");
    let told = ringtrue(&format!("{} --html {}", evaluate(&truth), desk.path("no/such/page.html"))).refused(2);
    assert!(told.contains("cannot be written"), "{told}");
}
