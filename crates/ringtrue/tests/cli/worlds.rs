//! `ringtrue evaluate` on simulated worlds: what an adversary does to its targets, and what each threshold would cost.

use serde_json::Value;

use crate::run::{Desk, ringtrue};

/// Simulates a world into a folder, and gives the arguments that evaluate it.
fn world(desk: &Desk, name: &str, more: &str) -> String {
    let dir = desk.path(name);
    let told = ringtrue(&format!("simulate --days 6 --numbers 400 --seed 3 --format csv --out {dir} {more}"));
    assert_eq!(told.code, 0, "{}", told.err);
    format!(
        "evaluate --calls {dir}/calls.csv --reports {dir}/reports.ndjson --standing {dir}/standing.csv --truth {dir}/truth.csv"
    )
}

fn share(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a share: {value}"))
}

#[test]
fn bombed_numbers_are_compared_with_themselves() {
    let desk = Desk::new();
    let calm = world(&desk, "calm", "--adversary complaint_bombing --strength 0");
    let bombed = world(&desk, "bombed", "--adversary complaint_bombing");
    assert_eq!(desk.read("calm/calls.csv"), desk.read("bombed/calls.csv"), "bombs are reports");
    assert_eq!(desk.read("calm/truth.csv"), desk.read("bombed/truth.csv"), "the targets are the same");
    let before = ringtrue(&format!("{calm} --output json")).done();
    let baseline = desk.file("calm.json", before);
    let told = ringtrue(&format!("{bombed} --baseline {baseline} --output json"));
    assert!(!told.err.contains("attacked"), "{}", told.err);
    let found = told.json();
    let attacked = &found["attacked"]["false_positive"];
    assert!(attacked["of"].as_u64().is_some_and(|of| of >= 10), "{attacked}");
    assert!(share(&attacked["upper_95"]["spam"]) > 0.0);
    let lift = &found["against_baseline"]["attacked.false_positive"]["potential_spam"];
    assert_eq!(share(&lift["difference"]), share(&lift["now"]) - share(&lift["baseline"]));
    assert_eq!(lift["now"], attacked["potential_spam"]);
    // Nobody unwanted is aimed at, so there is no such change.
    assert!(found["against_baseline"].get("attacked.capture_numbers").is_none());
    let table = ringtrue(&format!("{bombed} --baseline {baseline}")).done();
    assert!(table.contains("\nattacked ") && table.contains("attacked wanted numbers ever labelled"), "{table}");
}

#[test]
fn a_baseline_without_the_targets_is_told() {
    let desk = Desk::new();
    let plain = world(&desk, "plain", "");
    let praised = world(&desk, "praised", "--adversary praise_bombing");
    let report = ringtrue(&format!("{plain} --output json")).done();
    assert!(!report.contains("\"attacked\""));
    let baseline = desk.file("plain.json", report);
    let told = ringtrue(&format!("{praised} --baseline {baseline} --output json"));
    assert!(told.err.contains("names no attacked numbers: simulate it with the same adversary"), "{}", told.err);
    let found = told.json();
    let change = &found["against_baseline"]["attacked.capture_numbers"]["potential_spam"];
    assert_eq!((&change["baseline"], &change["difference"]), (&Value::Null, &Value::Null));
    assert!(change["now"].is_f64());
}

#[test]
fn thresholds_are_moved_one_by_one() {
    let desk = Desk::new();
    let line = world(&desk, "world", "");
    let page = desk.path("page.html");
    let found = ringtrue(&format!("{line} --trade-off --output json --html {page}")).json();
    let levels = [("potential_spam", 0.6), ("spam_likely", 0.9), ("spam", 0.99)];
    for (level, own) in levels {
        let curve = found["trade_off"][level].as_array().expect("a curve");
        assert_eq!(curve.len(), 10);
        for key in ["capture_numbers_busy", "false_positive_registered", "false_positive_unregistered"] {
            let shares: Vec<f64> = curve.iter().map(|point| share(&point[key])).collect();
            assert!(shares.is_sorted_by(|one, other| one >= other), "{level} {key}: {shares:?}");
        }
        // At its own threshold a level is what it is without the option.
        let point = curve.iter().find(|point| share(&point["p"]) == own).expect("the shipped threshold");
        assert_eq!(point["capture_numbers_busy"], found["capture_numbers"]["with_50_calls_in_7_days"][level]);
        assert_eq!(point["false_positive_registered"], found["false_positive"]["registered"][level]);
        assert_eq!(point["false_positive_unregistered"], found["false_positive"]["unregistered"][level]);
    }
    let caught = |place: usize| share(&found["trade_off"]["potential_spam"][place]["capture_numbers_busy"]);
    assert!(caught(0) > caught(9), "a threshold matters");
    assert!(desk.read("page.html").contains("Where the thresholds stand"));
    let table = ringtrue(&format!("{line} --trade-off")).done();
    assert!(table.contains("If Spam Likely began at another probability"), "{table}");
    // Nothing else changes.
    let plain = ringtrue(&format!("{line} --output json")).json();
    assert!(plain.get("trade_off").is_none());
    assert_eq!(plain["ratings"], found["ratings"]);
}
