//! Whose numbers are judged, and where the called people's carriers are known from.

use crate::run::{CALLS, Desk, five_columns, labels, numbers, ringtrue, tns};

const OWN: &str = "+12155550112";

/// Calls of one own number, calls back to it, and a leg between two own numbers.
fn mixed() -> String {
    let mut text = five_columns(OWN, 40);
    text.push_str("2026-11-10T16:00:00Z,+13025550101,+12155550112,90,16\n");
    text.push_str("2026-11-10T16:10:00Z,+13025550102,+12155550112,90,16\n");
    text.push_str("2026-11-10T16:20:00Z,+12155550112,+12155550113,30,16\n");
    text
}

#[test]
fn named_numbers() {
    let desk = Desk::new();
    let calls = desk.file("calls.csv", mixed());
    let own = desk.file("own.txt", "+12155550112\n+12155550113\n");
    let told = ringtrue(&format!("score {calls} --own {own} --output json"));
    assert!(!told.err.contains("guessing"), "{}", told.err);
    assert!(told.err.contains("1 skipped: internal"), "{}", told.err);
    let result = told.json();
    assert_eq!(tns(&result), [OWN]);
    let facts = &numbers(&result)[0]["facts"]["d35"];
    assert_eq!((&facts["attempts"], &facts["called_back"]), (&40.into(), &2.into()));
}

#[test]
fn a_prefix_names_numbers() {
    let desk = Desk::new();
    let calls = desk.file("calls.csv", mixed() + "2026-11-10T17:00:00Z,+13125550101,+13025550102,90,16\n");
    let told = ringtrue(&format!("score {calls} --own +1215555 --output json"));
    assert!(told.err.contains("1 skipped: not your numbers"), "{}", told.err);
    assert_eq!(tns(&told.json()), [OWN]);
    let told = ringtrue(&format!("score {calls} --own +1215555 --own +13125550101 --output json"));
    assert_eq!(tns(&told.json()), [OWN, "+13125550101"]);
}

#[test]
fn a_guess_is_printed() {
    let desk = Desk::new();
    let told = ringtrue(&format!("score {} --output json", desk.file("calls.csv", mixed())));
    assert!(told.err.starts_with("guessing that "), "{}", told.err);
    assert!(told.err.contains("--own FILE") && told.err.contains("--all-callers"), "{}", told.err);
    let result = told.json();
    let own = numbers(&result).iter().find(|number| number["tn"] == OWN).expect("the own number");
    assert_eq!(own["facts"]["d35"]["called_back"], 2);
}

#[test]
fn all_callers() {
    let desk = Desk::new();
    let told = ringtrue(&format!("score {} --all-callers --output json", desk.file("calls.csv", mixed())));
    assert!(!told.err.contains("guessing"), "{}", told.err);
    let result = told.json();
    assert_eq!(tns(&result), [OWN, "+13025550101", "+13025550102"]);
    for number in numbers(&result) {
        assert!(number.get("advice").is_none(), "advice is for owners: {number}");
    }
}

/// Where no number both calls and is called, all callers are the owner's: they are told what to take off their lists.
#[test]
fn an_owner_whose_file_has_outgoing_calls_alone() {
    let desk = Desk::new();
    let mut text = five_columns(OWN, 60);
    for line in 100..112 {
        text.push_str(&format!("2026-11-11T16:00:00Z,{OWN},+1484555{line:04},,1\n"));
    }
    let calls = desk.file("calls.csv", text);
    let told = ringtrue(&format!("score {calls} --explain {OWN}"));
    assert!(told.err.starts_with("guessing that every calling number is yours: "), "{}", told.err);
    let page = told.done();
    assert!(page.contains("Remove these from every call list") && page.contains("+14845550100"), "{page}");
    let result = ringtrue(&format!("score {calls} --output json")).json();
    let advice = numbers(&result)[0]["advice"].as_array().expect("advice");
    let invalid = advice.iter().find(|rule| rule["code"] == "INVALID_DESTINATIONS").expect("the rule");
    assert_eq!(invalid["numbers"].as_array().map(Vec::len), Some(12));
    let result = ringtrue(&format!("score {calls} --all-callers --output json")).json();
    assert!(!result.to_string().contains("+14845550100"), "nobody is told of others' destinations");
}

#[test]
fn extensions_show_numbers() {
    let desk = Desk::new();
    let text: String = five_columns("201", 40) + "2026-11-10T17:00:00Z,202,+13025550102,90,16\n";
    let calls = desk.file("calls.csv", text);
    let map = desk.file("extensions.csv", "extension,tn\n201,+12155550112\n");
    let told = ringtrue(&format!("score {calls} --extension-map {map} --output json"));
    assert!(told.err.contains("1 skipped: extension without a number"), "{}", told.err);
    assert_eq!(tns(&told.json()), [OWN]);
}

#[test]
fn a_map_tells_carriers() {
    let desk = Desk::new();
    let calls = desk.file("calls.csv", five_columns(OWN, 60));
    let any = ringtrue(&format!("score {calls} --output json")).json();
    assert_eq!(labels(&any), ["+12155550112 any=none"]);
    let map = desk.file("carriers.csv", "tn,prefix,carrier\n,+1302,att\n+13025550100,,verizon\n");
    let mapped = ringtrue(&format!("score {calls} --carrier-map {map} --output json")).json();
    let sizes: Vec<(String, f64)> = numbers(&mapped)[0]["engines"]
        .as_array()
        .expect("engines")
        .iter()
        .map(|verdict| {
            let engine = verdict["engine"].as_str().expect("a key").to_owned();
            (engine, verdict["sample_size"].as_f64().expect("a size").round())
        })
        .collect();
    let [hiya, first_orion, tns] = &sizes[..] else { panic!("three engines: {sizes:?}") };
    assert_eq!((hiya.0.as_str(), first_orion.0.as_str(), tns.0.as_str()), ("hiya", "first_orion", "tns"));
    assert!(hiya.1 > 30.0 && first_orion.1 == 0.0 && tns.1 <= 1.0, "{sizes:?}");
}

#[test]
fn a_prefix_tells_a_carrier_less_surely() {
    let desk = Desk::new();
    let calls = desk.file("calls.csv", five_columns(OWN, 60));
    let exact: String = (100..160).map(|line| format!("+13025550{line},,att\n")).collect();
    let by_number = desk.file("numbers.csv", format!("tn,prefix,carrier\n{exact}"));
    let by_prefix = desk.file("prefixes.csv", "tn,prefix,carrier\n,+1302,att\n");
    let half: String = exact.lines().take(30).map(|line| format!("{line}\n")).collect();
    let by_both = desk.file("both.csv", format!("tn,prefix,carrier\n,+1302,att\n{half}"));
    let score = |map: &str| {
        let told = ringtrue(&format!("score {calls} --carrier-map {map} --output json"));
        let said = told.err.lines().find(|line| line.contains("taken from a prefix")).map(str::to_owned);
        let result = told.json();
        let engine = &numbers(&result)[0]["engines"][0];
        assert_eq!(engine["engine"], "hiya");
        let sure = engine["confidence"].as_u64().expect("a confidence");
        (sure, engine["rating_bp"].clone(), result["summary"]["carriers_by_prefix"].clone(), said)
    };
    let (sure, rating, count, said) = score(&by_number);
    assert_eq!((count.as_u64(), said), (Some(0), None));
    let (less, same, count, said) = score(&by_prefix);
    assert_eq!((same, count.as_u64()), (rating.clone(), Some(60)));
    assert!(less.abs_diff(5000 + (sure - 5000) / 2) <= 1, "{less} of {sure}");
    let words = "carrier of 60 calls taken from a prefix: numbers move between carriers, so this is uncertain";
    assert_eq!(said.as_deref(), Some(words));
    let (between, same, count, _) = score(&by_both);
    assert_eq!((same, count.as_u64()), (rating, Some(30)));
    assert!(between.abs_diff(5000 + (sure - 5000) * 3 / 4) <= 1, "{between} of {sure}");
}

#[test]
fn carriers_that_nobody_knows_are_counted() {
    let desk = Desk::new();
    let text = "start,orig,dest,carrier,talk_s\n2026-11-09T15:00:00Z,+12155550112,+13025550143,acme,60\n";
    let told = ringtrue(&format!("score {} --output json", desk.file("calls.csv", text)));
    let result = told.json();
    assert_eq!(labels(&result), ["+12155550112 any=no_opinion"]);
}

#[test]
fn the_sample_is_the_owners() {
    let named = ringtrue(&format!("score {CALLS} --own +12155550 --own +13125550 --own +15125550 --output json"));
    let guessed = ringtrue(&format!("score {CALLS} --output json"));
    assert!(named.out == guessed.out, "the guess finds the team's ten numbers");
}
