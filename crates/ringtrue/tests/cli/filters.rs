//! Which numbers and engines are told, and as of when.

use crate::run::{CALLS, labels, numbers, ringtrue, sample, tns};

#[test]
fn a_label_and_above() {
    let told = |label: &str| tns(&sample(&format!("--output json --label {label}")).json()).join(" ");
    assert_eq!(told("spam"), "+13125550131");
    assert_eq!(told("spam_likely"), "+12155550112 +13125550131");
    assert_eq!(told("potential_spam"), "+12155550112 +13125550120 +13125550131 +15125550170");
}

#[test]
fn one_engine() {
    let result = sample("--output json --engine first_orion").json();
    for number in numbers(&result) {
        let engines = number["engines"].as_array().expect("engines");
        assert!(engines.len() == 1 && engines[0]["engine"] == "first_orion", "{number}");
    }
    let all = sample("--output json").json();
    for (one, all) in numbers(&result).iter().zip(numbers(&all)) {
        let same = all["engines"].as_array().expect("engines").iter().find(|it| it["engine"] == "first_orion");
        assert_eq!(Some(&one["engines"][0]), same);
    }
    let only = sample("--output json --engine hiya --label spam_likely").json();
    assert_eq!(labels(&only), ["+13125550131 hiya=spam"], "other engines' labels do not count");
}

#[test]
fn numbers_with_enough_calls() {
    let result = sample("--output json --min-calls 450").json();
    for number in numbers(&result) {
        assert!(number["facts"]["d35"]["attempts"].as_u64() >= Some(450), "{number}");
    }
    assert!(numbers(&result).len() > 2 && numbers(&result).len() < 8);
    assert_eq!(numbers(&sample("--output json --min-calls 100000").json()).len(), 0);
}

#[test]
fn the_worst_few() {
    let page = sample("--top 2").done();
    assert!(page.contains("… and 8 more; --output csv shows all"), "{page}");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("+1")).collect();
    assert_eq!(rows.len(), 2, "{page}");
    assert!(rows[0].starts_with("+13125550131") && rows[1].starts_with("+12155550112"), "{page}");
}

#[test]
fn a_moment_before_the_end() {
    let early = sample("--at 2026-11-10T00:00:00Z --output json");
    assert!(early.err.contains("after the moment of judgement"), "{}", early.err);
    let result = early.json();
    assert_eq!(result["generated_at"], "2026-11-10T00:00:00Z");
    assert!(result["data_through"].as_str() <= Some("2026-11-10T00:00:00Z"), "{}", result["data_through"]);
    let blocked = numbers(&result).iter().find(|number| number["tn"] == "+13125550131").expect("the cold number");
    assert_eq!(blocked["facts"]["d35"]["blocked"].as_u64().unwrap_or(0), 0, "its blocks are still to come");
}

#[test]
fn a_moment_long_after() {
    let result = ringtrue(&format!("score {CALLS} --at 2026-12-31T00:00:00Z --output json")).json();
    assert_eq!(result["generated_at"], "2026-12-31T00:00:00Z");
    assert!(labels(&result).iter().all(|line| !line.contains("spam")), "a silent number's label falls: {result}");
    assert_eq!(numbers(&result)[0]["facts"]["d35"]["attempts"], 0);
}

#[test]
fn a_moment_in_other_words() {
    let at = |text: &str| sample(&format!("--at {text} --output json")).done();
    assert!(at("2026-11-20T12:00:00Z") == at("1795176000"), "epoch seconds");
    assert!(at("2026-11-20T12:00:00Z") == at("2026-11-20T07:00:00-05:00"), "another zone");
}

#[test]
fn reports_alone() {
    let told = ringtrue("score --reports fixtures/reports/own.ndjson --output json");
    let result = told.json();
    assert!(!numbers(&result).is_empty());
    for number in numbers(&result) {
        assert_eq!(number["facts"]["d35"]["attempts"], 0);
    }
}
