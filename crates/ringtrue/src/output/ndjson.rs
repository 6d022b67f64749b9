//! Numbers as lines of JSON, with a shelf of samples.

use model::Aggregate;
use reputation::advice::AdviceCode;
use serde_json::Value;

use service::number::ScoredNumber;
use service::output::ndjson::NumberWriter;

use crate::output::sample::{Shelf, any_engine, owned, three_engines};

fn lines(numbers: &[ScoredNumber]) -> Vec<Value> {
    let shelf = Shelf::new();
    let mut out = Vec::new();
    let mut writer = NumberWriter::new(shelf.ctx());
    for number in numbers {
        writer.push(&mut out, number);
        out.push(b'\n');
    }
    let text = String::from_utf8(out).expect("text");
    assert!(text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

const WINDOW_KEYS: [&str; 21] = [
    "attempts",
    "answered",
    "short",
    "invalid",
    "unanswered",
    "distinct_dest",
    "reports",
    "no_answer",
    "busy",
    "declined",
    "cancelled",
    "failed",
    "unreachable",
    "blocked",
    "unwanted",
    "talk_s",
    "called_back",
    "shows_answer",
    "shows_invalid",
    "shows_blocked",
    "lengths",
];

#[test]
fn an_owner_sees_symptoms_and_advice() {
    let lines = lines(&[owned()]);
    has_exactly(&lines[0], &["tn", "facts", "symptoms", "engines", "advice"]);
    let symptoms = lines[0]["symptoms"].as_array().expect("a list");
    const SYMPTOM_KEYS: [&str; 12] = [
        "code",
        "value",
        "count",
        "sample_size",
        "first_seen",
        "last_seen",
        "carrier",
        "by_carrier",
        "redress",
        "test",
        "text",
        "what_to_do",
    ];
    symptoms.iter().for_each(|symptom| has_exactly(symptom, &SYMPTOM_KEYS));
    assert_eq!(symptoms[0]["carrier"], "att");
    assert_eq!(symptoms[0]["redress"][0]["address"], "https://redress.example.com/calls");
    assert_eq!(symptoms[1]["test"]["siblings"]["state"], "hold");
    assert_eq!(symptoms[1]["test"]["p"], 3.17e-15);
    let advice = lines[0]["advice"].as_array().expect("a list");
    assert_eq!(advice.len(), AdviceCode::ALL.len());
    const ADVICE_KEYS: [&str; 10] =
        ["code", "state", "value", "target", "sample_size", "usual", "text", "what_to_do", "source", "numbers"];
    advice.iter().for_each(|advice| has_exactly(advice, &ADVICE_KEYS));
    assert_eq!(advice[1]["numbers"].as_array().expect("a list").len(), 13);
    has_exactly(&advice[1]["numbers"][0], &["tn", "last_seen", "strength", "calls"]);
}

#[test]
fn totals_say_what_their_source_did_not_tell() {
    let mut number = any_engine().remove(0);
    number.totals = Some(Box::new(Aggregate { answered: Some(30), ..Aggregate::new(number.tn, 120) }));
    let lines = lines(&[number]);
    assert_eq!(lines[0]["totals"]["attempts"], 120);
    assert_eq!(lines[0]["totals"]["answered"], 30);
    assert_eq!(lines[0]["totals"]["invalid"], Value::Null);
}

/// The first `always` keys are there, and no key that is not known.
fn has_always(value: &Value, keys: &[&str], always: usize) {
    let object = value.as_object().expect("an object");
    for key in &keys[..always] {
        assert!(object.contains_key(*key), "{key} is missing in {value}");
    }
    for key in object.keys() {
        assert!(keys.contains(&key.as_str()), "{key} is not known: {value}");
    }
}

fn has_exactly(value: &Value, keys: &[&str]) {
    let object = value.as_object().expect("an object");
    for key in keys {
        assert!(object.contains_key(*key), "{key} is missing in {value}");
    }
    assert_eq!(object.len(), keys.len(), "{value}");
}

#[test]
fn every_line_has_the_documented_keys() {
    for line in lines(&any_engine()).iter().chain(&lines(&three_engines())) {
        has_exactly(line, &["tn", "facts", "symptoms", "engines"]);
        has_exactly(&line["facts"], &["h24", "d7", "d35"]);
        for window in ["h24", "d7", "d35"] {
            has_always(&line["facts"][window], &WINDOW_KEYS, 7);
        }
        for engine in line["engines"].as_array().expect("a list") {
            const VERDICT_KEYS: [&str; 11] = [
                "engine",
                "label",
                "display",
                "status",
                "rating_bp",
                "confidence",
                "sample_size",
                "reasons",
                "clears_when",
                "prior_decibans",
                "rating_decibans",
            ];
            let rated = usize::from(!engine["rating_bp"].is_null());
            has_exactly(engine, &VERDICT_KEYS[..9 + 2 * rated]);
            for reason in engine["reasons"].as_array().expect("a list") {
                has_exactly(reason, &["code", "value", "sample_size", "window", "decibans", "text"]);
            }
            for clearing in engine["clears_when"].as_array().expect("a list") {
                has_exactly(clearing, &["code", "value", "target", "alone", "text"]);
            }
        }
    }
}

#[test]
fn prior_and_reasons_add_up_to_the_rating() {
    for line in lines(&three_engines()) {
        for engine in line["engines"].as_array().expect("a list") {
            let number = |value: &Value| value.as_f64().expect("a number");
            let reasons = engine["reasons"].as_array().expect("a list");
            if let Some(rating) = engine["rating_decibans"].as_f64() {
                let sum = number(&engine["prior_decibans"])
                    + reasons.iter().map(|reason| number(&reason["decibans"])).sum::<f64>();
                assert!((sum - rating).abs() < 0.005 * (reasons.len() + 2) as f64, "{engine}");
            } else {
                assert!(reasons.is_empty() && engine["rating_bp"].is_null(), "{engine}");
            }
        }
    }
}

#[test]
fn words_follow_the_engine_and_nothing_is_shown_without_a_label() {
    let lines = lines(&three_engines());
    let engines = &lines[0]["engines"];
    assert_eq!(engines[0]["engine"], "hiya");
    assert_eq!(engines[0]["display"], "Spam Risk");
    assert_eq!(engines[1]["display"], Value::Null);
    assert_eq!(engines[2]["display"], "Potential Spam");
    assert_eq!(lines[2]["engines"][0]["label"], "no_opinion");
}

#[test]
fn counts_are_the_plain_ones() {
    let numbers = any_engine();
    let lines = lines(&numbers);
    for (number, line) in numbers.iter().zip(&lines) {
        let tally = &number.d35.tally;
        let facts = &line["facts"]["d35"];
        assert_eq!(facts["attempts"], tally.attempts);
        assert_eq!(facts["short"], tally.answered_within(6));
        assert_eq!(facts["invalid"], tally.invalid());
        assert_eq!(facts["unanswered"], tally.unanswered());
        assert_eq!(facts["lengths"].as_array().expect("a list").len(), 10);
    }
    assert_eq!(lines[3]["facts"]["d7"]["attempts"], 0);
    assert_eq!(lines[0]["engines"][0]["reasons"][0]["decibans"], 17.37);
    assert_eq!(lines[0]["engines"][0]["engine"], "any");
}
