//! What the shipped sample looks like.

use insta::assert_snapshot;

use crate::run::{CALLS, labels, numbers, ringtrue, sample};

#[test]
fn the_table_of_the_first_command() {
    let told = sample("");
    assert_snapshot!("table", told.out);
    assert_snapshot!("summary", told.err);
}

#[test]
fn the_table_fits_the_page_and_is_plain_when_piped() {
    for line in sample("").done().lines() {
        assert!(line.chars().count() <= 100 && !line.contains('\u{1b}'), "{line}");
    }
}

#[test]
fn every_label_occurs() {
    let result = sample("--output json").json();
    assert_snapshot!("labels", labels(&result).join("\n"));
    let all = labels(&result).join(" ");
    for label in ["=spam ", "=spam_likely", "=potential_spam", "=none", "=no_opinion"] {
        assert!(all.contains(label), "{label} in {all}");
    }
}

#[test]
fn one_number_as_json() {
    let result = sample("--output json --engine first_orion --label spam_likely").json();
    let selling = numbers(&result).iter().find(|number| number["tn"] == "+12155550112").expect("the sales number");
    assert_snapshot!("number", serde_json::to_string_pretty(selling).expect("JSON"));
    let mut head = result;
    head["numbers"] = serde_json::Value::Null;
    assert_snapshot!("head", serde_json::to_string_pretty(&head).expect("JSON"));
}

#[test]
fn explanations() {
    assert_snapshot!("explain_blocked", sample("--explain +13125550131").done());
    assert_snapshot!("explain_registered", sample("--explain +12155550150").done());
}

#[test]
fn prior_and_reasons_add_up_to_the_rating() {
    let result = sample("--output json").json();
    for verdict in numbers(&result).iter().flat_map(|number| number["engines"].as_array().expect("engines")) {
        let Some(rating) = verdict["rating_decibans"].as_f64() else {
            assert_eq!(verdict["label"], "no_opinion");
            continue;
        };
        let reasons = verdict["reasons"].as_array().expect("reasons");
        let sum: f64 = reasons.iter().map(|reason| reason["decibans"].as_f64().expect("decibans")).sum();
        let prior = verdict["prior_decibans"].as_f64().expect("a prior");
        assert!((prior + sum - rating).abs() < 0.05, "{verdict}");
        let p = 1.0 / (1.0 + 10f64.powf(-rating / 10.0));
        assert!((p * 10_000.0 - verdict["rating_bp"].as_f64().expect("a rating")).abs() < 12.0, "{verdict}");
    }
}

#[test]
fn every_form_tells_the_same_numbers() {
    let whole = sample("--output json").json();
    let lines = sample("--output ndjson").done();
    let of_lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("a JSON object")).collect();
    assert_eq!(numbers(&whole), of_lines);
    let rows = sample("--output csv").done();
    let mut rows = rows.split("\r\n");
    let header = rows.next().expect("a header");
    assert!(header.starts_with("tn,engine,label,"), "{header}");
    let of_rows: Vec<String> = rows
        .filter(|row| !row.is_empty())
        .map(|row| row.splitn(4, ',').take(3).collect::<Vec<_>>().join(" "))
        .collect();
    let mut expected = Vec::new();
    for number in numbers(&whole) {
        for verdict in number["engines"].as_array().expect("engines") {
            let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
            expected.push([text(&number["tn"]), text(&verdict["engine"]), text(&verdict["label"])].join(" "));
        }
    }
    assert_eq!(of_rows, expected);
}

#[test]
fn without_reports_and_standing_less_is_known() {
    let bare = labels(&ringtrue(&format!("score {CALLS} --output json")).json());
    let full = labels(&sample("--output json").json());
    assert_eq!(bare.len(), full.len());
    assert_ne!(bare, full);
}
