//! What the shipped sample looks like.

use insta::assert_snapshot;

use crate::run::{CALLS, labels, numbers, ringtrue, root, sample};

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
    let ratings = |result: &serde_json::Value| -> Vec<String> {
        let of = |number: &serde_json::Value| format!("{} {}", number["tn"], number["engines"][0]["rating_bp"]);
        numbers(result).iter().map(of).collect()
    };
    let bare = ratings(&ringtrue(&format!("score {CALLS} --output json")).json());
    let full = ratings(&sample("--output json").json());
    assert_eq!(bare.len(), full.len());
    assert_ne!(bare, full);
}

#[test]
fn no_more_destinations_than_calls() {
    let result = sample("--output json").json();
    for facts in numbers(&result).iter().flat_map(|number| ["h24", "d7", "d35"].map(|window| &number["facts"][window]))
    {
        let count = |key: &str| facts[key].as_f64().expect("a count");
        assert!(count("distinct_dest") <= count("attempts"), "{facts}");
    }
}

/// The README's picture is drawn by `cargo xtask picture`; its text is the table, line by line.
#[test]
fn the_picture_is_the_table() {
    let svg = std::fs::read_to_string(root().join("docs/images/score.svg")).expect("the picture");
    let lines = svg.lines().filter(|line| line.starts_with("<text y="));
    let text: String = lines.map(|line| without_tags(line) + "\n").collect();
    assert!(text == sample("").done(), "draw it anew with `cargo xtask picture`");
}

/// The README shows a part of what `--explain` writes.
#[test]
fn the_readme_quotes_an_explanation() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    let page = sample("--engine first_orion --explain +12155550112").done();
    let quoted = readme.split("```").find(|part| part.starts_with("text\n")).expect("a quotation");
    for line in quoted.lines().skip(1).filter(|line| *line != "…") {
        assert!(page.lines().any(|written| written == line), "no longer written: {line}");
    }
}

fn without_tags(line: &str) -> String {
    let mut text = String::new();
    for (at, part) in line.split('<').enumerate() {
        text.push_str(if at == 0 { part } else { part.split_once('>').map_or("", |(_, rest)| rest) });
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
