//! Walks every row of docs/reference/dispositions.md against the code.

use std::collections::BTreeMap;

use model::{CallOutcome, Observable, Outcome, Strength};

use super::platform::{self, freeswitch};
use super::{Signals, classify, q850_outcome};

const PAGE: &str = include_str!("../../../../docs/reference/dispositions.md");

/// The cells of the table below a heading, without its head.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let level = heading.split(' ').next().expect("a level");
    let mut lines = PAGE.lines().skip_while(|line| *line != heading).skip(1);
    let section: Vec<&str> = lines.by_ref().take_while(|line| !is_heading_up_to(line, level)).collect();
    let table = section.into_iter().filter(|line| line.starts_with('|')).skip(2);
    let rows: Vec<Vec<&str>> = table.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect();
    assert!(!rows.is_empty(), "no table under {heading}");
    rows
}

fn is_heading_up_to(line: &str, level: &str) -> bool {
    let hashes = line.bytes().take_while(|&b| b == b'#').count();
    hashes > 0 && hashes <= level.len()
}

/// A class cell, such as `answered, unwanted`, with its strength cell.
fn outcome(class: &str, strength: &str) -> Outcome {
    let (class, unwanted) = class.split_once(", unwanted").map_or((class, false), |(class, _)| (class, true));
    let class = CallOutcome::from_word(class.as_bytes()).unwrap_or_else(|| panic!("no class {class}"));
    let strength = [Strength::Weak, Strength::Medium, Strength::Strong].into_iter().find(|s| s.as_str() == strength);
    let outcome = Outcome::new(class, strength.expect("a strength"));
    Outcome { unwanted: outcome.unwanted || unwanted, ..outcome }
}

fn shows(cell: &str) -> Observable {
    let words: Vec<&str> = cell.split(", ").collect();
    let known = ["all", "nothing", "invalid", "answer", "blocked"];
    assert!(words.iter().all(|word| known.contains(word)), "unknown: {cell}");
    let has = |word| words.contains(&word) || words == ["all"];
    Observable { invalid: has("invalid"), answer: has("answer"), blocked: has("blocked") }
}

/// `200–299` or `404, 484` as single numbers.
fn numbers(cell: &str) -> Vec<u16> {
    cell.split(", ")
        .flat_map(|part| {
            let (from, to) = part.split_once('–').unwrap_or((part, part));
            let number = |text: &str| text.parse::<u16>().unwrap_or_else(|_| panic!("no number: {cell}"));
            number(from)..=number(to)
        })
        .collect()
}

#[test]
fn every_sip_code_is_as_its_row_says() {
    let mut expected: BTreeMap<(u16, bool), Outcome> = BTreeMap::new();
    let mut others: BTreeMap<u16, Outcome> = BTreeMap::new();
    for row in rows("## SIP codes") {
        let [codes, when, class, strength, why] = row[..] else { panic!("five cells: {row:?}") };
        assert!(!why.is_empty(), "{codes} says no source");
        assert!(["", "rang"].contains(&when), "{when}");
        let outcome = outcome(class, strength);
        if let Some(hundred) = codes.strip_prefix("other ").and_then(|c| c.strip_suffix("xx")) {
            others.insert(hundred.parse().expect("a class of codes"), outcome);
            continue;
        }
        for code in numbers(codes) {
            assert_eq!(expected.insert((code, when == "rang"), outcome), None, "{code} stands twice");
        }
    }
    for code in 200..=699u16 {
        for rang in [false, true] {
            let row = expected.get(&(code, rang)).or_else(|| expected.get(&(code, false)));
            let row = row.or_else(|| others.get(&(code / 100))).unwrap_or_else(|| panic!("no row covers {code}"));
            let found = classify(&Signals { sip_code: Some(code), rang: Some(rang), ..Signals::default() });
            assert_eq!(found.outcome, *row, "{code}, rang: {rang}");
            assert_eq!(found.observable, Observable { blocked: code != 603, ..Observable::ALL }, "{code}");
        }
    }
    for code in [0, 100, 183, 199, 700, u16::MAX] {
        let found = classify(&Signals { sip_code: Some(code), ..Signals::default() });
        assert_eq!(found.observable, Observable::default(), "{code} is no final code");
    }
}

fn locations(cell: &str) -> Vec<Option<&'static str>> {
    const ELSEWHERE: [&str; 7] = ["LPN", "RPN", "BI", "LOC-6", "1", "5", "10"];
    const UNSAID: [Option<&str>; 4] = [None, Some(""), Some("LOC-99"), Some("somewhere")];
    let network = |token| match token {
        "U" => [Some("U"), Some(" u "), Some("0")],
        "LN" => [Some("LN"), Some("ln"), Some("2")],
        "TN" => [Some("TN"), Some("tn"), Some("3")],
        "RLN" => [Some("RLN"), Some("rln"), Some("4")],
        "INTL" => [Some("INTL"), Some("intl"), Some("7")],
        other => panic!("no location {other}"),
    };
    cell.split(", ")
        .flat_map(|word| match word {
            "any" => locations("U, LN, TN, RLN, INTL, elsewhere, not told"),
            "elsewhere" => ELSEWHERE.map(Some).to_vec(),
            "not told" => UNSAID.to_vec(),
            token => network(token).to_vec(),
        })
        .collect()
}

#[test]
fn every_cause_is_as_its_row_says() {
    let mut expected = BTreeMap::new();
    let mut other = None;
    for row in rows("## Q.850 causes") {
        let [causes, places, class, strength, shown, why] = row[..] else { panic!("six cells: {row:?}") };
        assert!(!why.is_empty(), "{causes} says no source");
        let row = (outcome(class, strength), shows(shown));
        if causes == "all others" {
            other = Some(row);
            continue;
        }
        for cause in numbers(causes) {
            for location in locations(places) {
                assert_eq!(expected.insert((cause, location), row), None, "{cause} at {location:?} stands twice");
            }
        }
    }
    for cause in 0..=127 {
        for location in locations("any") {
            let row = expected.get(&(cause, location)).copied().or(other).expect("a row");
            assert_eq!(q850_outcome(cause, location, Some(false)), Some(row), "{cause} at {location:?}");
            let signals =
                Signals { q850: Some(cause), q850_location: location, answered: Some(false), ..Signals::default() };
            let found = classify(&signals);
            assert_eq!((found.outcome, found.observable), row, "{cause} at {location:?}, among other signals");
            for answered in [Some(true), None] {
                let found = classify(&Signals { answered, ..signals });
                let alone = q850_outcome(cause, location, answered);
                assert_eq!(Some((found.outcome, found.observable)), alone, "{cause} at {location:?}: {answered:?}");
            }
        }
    }
    for cause in [128, 700, u16::MAX] {
        assert_eq!(q850_outcome(cause, None, Some(false)), None);
    }
}

/// Reads a cell such as `404 + Q.850;cause=1 + not answered`.
fn signals(cell: &'static str) -> Signals<'static> {
    let mut signals = Signals::default();
    for part in cell.split(" + ") {
        if let Some(class) = part.strip_prefix("platform ") {
            signals.platform = Some(outcome(class, "medium"));
        } else if let Some(cause) = part.strip_prefix("cause ") {
            signals.q850 = Some(cause.parse().expect("a cause"));
        } else if part.starts_with('"') {
            signals.sip_phrase = Some(part.trim_matches('"'));
        } else if part.contains(';') {
            signals.reason = Some(part);
        } else if part == "rang" {
            signals.rang = Some(true);
        } else if let Ok(code) = part.parse() {
            signals.sip_code = Some(code);
        } else {
            signals.answered = Some(match part {
                "answered" => true,
                "not answered" => false,
                other => panic!("not a signal: {other}"),
            });
        }
    }
    signals
}

#[test]
fn signals_together_are_as_their_rows_say() {
    for row in rows("## Signals together") {
        let [record, class, strength, shown, why] = row[..] else { panic!("five cells: {row:?}") };
        assert!(!why.is_empty(), "{record} says no source");
        let found = classify(&signals(record));
        assert_eq!(found.outcome, outcome(class, strength), "{record}");
        assert_eq!(found.observable, shows(shown), "{record}");
        let names_redress = record.contains("v=analytics1") && found.outcome.class == CallOutcome::Blocked;
        assert_eq!(found.redress.is_some(), names_redress, "{record}");
    }
}

type Lookup = fn(&str) -> Option<(Outcome, Observable)>;

fn check_platform(heading: &str, lookup: Lookup, mut names: Vec<&str>) {
    let rows = rows(heading);
    for row in &rows {
        let [word, class, strength, shown, why] = row[..] else { panic!("five cells: {row:?}") };
        let word = word.trim_matches('`');
        assert!(!why.is_empty(), "{word} says no source");
        let expected = Some((outcome(class, strength), shows(shown)));
        for form in [word, &word.to_lowercase(), &word.to_uppercase(), &format!(" {word} ")] {
            assert_eq!(lookup(form), expected, "{heading}: {form}");
        }
        names.retain(|name| *name != word);
    }
    assert_eq!(names, [""; 0], "{heading}: words without a row");
    for unknown in ["", " ", "ringing", "in-progress", "no such word", "é"] {
        assert_eq!(lookup(unknown), None, "{heading}: {unknown}");
    }
}

#[test]
fn platforms_words_are_as_their_rows_say() {
    let names = |words: &platform::Words| words.iter().map(|(name, ..)| *name).collect::<Vec<_>>();
    let mut freeswitch_names = names(freeswitch::OWN_NAMES);
    freeswitch_names.extend(freeswitch::Q850_NAMES.iter().map(|(name, _)| *name));
    check_platform("### FreeSWITCH", platform::freeswitch, freeswitch_names);
    check_platform("### Asterisk", platform::asterisk, names(platform::ASTERISK));
    check_platform("### Twilio", platform::twilio, names(platform::TWILIO));
    check_platform("### Telnyx", platform::telnyx, names(platform::TELNYX));
    check_platform("### Plivo", platform::plivo, names(platform::PLIVO));
    check_platform("### Vonage", platform::vonage, names(platform::VONAGE));
    check_platform("### Bandwidth", platform::bandwidth, names(platform::BANDWIDTH));
    check_platform("### RingCentral", platform::ringcentral, names(platform::RINGCENTRAL));
    check_platform("### Amazon Connect", platform::amazon_connect, names(platform::AMAZON_CONNECT));
    check_platform("### Genesys Cloud", platform::genesys, names(platform::GENESYS));
    check_platform("### 3CX", platform::threecx, names(platform::THREECX));
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn signals() -> impl Strategy<Value = (Option<u16>, Option<u16>, Option<bool>, Option<bool>, String, String)> {
        let code = proptest::option::of(0u16..800);
        let cause = proptest::option::of(0u16..200);
        let flag = proptest::option::of(any::<bool>());
        (
            code,
            cause,
            flag.clone(),
            flag,
            "(SIP;cause=(486|603|607|608)|Q.850;cause=(1|3|16|21);location=U)?",
            ".{0,12}",
        )
    }

    proptest! {
        #[test]
        fn no_record_contradicts_itself((sip_code, q850, answered, rang, reason, phrase) in signals()) {
            let found = classify(&Signals {
                sip_code,
                q850,
                answered,
                rang,
                reason: Some(&reason),
                sip_phrase: Some(&phrase),
                ..Signals::default()
            });
            let Outcome { class, unwanted, .. } = found.outcome;
            if answered == Some(true) {
                prop_assert_eq!(class, CallOutcome::Answered);
            }
            if matches!(class, CallOutcome::Unwanted) {
                prop_assert!(unwanted);
            }
            if matches!(class, CallOutcome::Invalid) {
                prop_assert!(found.observable.invalid);
            }
            if matches!(class, CallOutcome::Blocked) {
                prop_assert!(found.observable.blocked);
            }
            if class != CallOutcome::Failed {
                prop_assert!(found.observable.answer);
            }
            prop_assert!(found.redress.is_none());
        }
    }
}
