//! What must hold once the last server was killed. Each check takes data and tells what is wrong, a sentence each; the tests show
//! that each can fail.

use std::collections::BTreeMap;

use serde_json::Value;
use store::LabelChange;

use crate::fact::Fact;

/// A change of a label, as the log holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Change {
    pub(crate) place: u64,
    pub(crate) tenant: u32,
    pub(crate) tn: u64,
    pub(crate) engine: String,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) effective_ms: i64,
    pub(crate) provisional: bool,
}

impl Change {
    pub(crate) fn new(place: u64, tenant: u32, change: &LabelChange) -> Self {
        Self {
            place,
            tenant,
            tn: change.tn.digits(),
            engine: change.engine.to_string(),
            from: change.from.as_str(),
            to: change.to.as_str(),
            effective_ms: change.effective_at.as_ms(),
            provisional: change.provisional,
        }
    }
}

/// At most so many sentences are told of one kind.
const TOLD: usize = 5;

/// Everything that was acknowledged is in the log, once, and nothing else is.
pub(crate) fn each_once(acknowledged: &[Fact], logged: &[Fact]) -> Vec<String> {
    let mut counts: BTreeMap<Fact, (u32, u32)> = BTreeMap::new();
    acknowledged.iter().for_each(|&fact| counts.entry(fact).or_default().0 += 1);
    logged.iter().for_each(|&fact| counts.entry(fact).or_default().1 += 1);
    let wrong = counts.into_iter().filter(|(_, counts)| *counts != (1, 1));
    wrong
        .map(|(fact, (told, there))| format!("{fact:?} was acknowledged {told} times and is there {there} times"))
        .take(TOLD)
        .collect()
}

/// The listener was told every change that the log holds, once, in order.
pub(crate) fn told_once(told: &[u64], logged: &[Change]) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some([earlier, later]) = told.array_windows().find(|[earlier, later]| earlier >= later) {
        faults.push(format!("the listener was told of event {later} after event {earlier}"));
    }
    let last = told.last().copied().unwrap_or(0);
    let places: Vec<u64> = logged.iter().map(|change| change.place).filter(|&place| place <= last).collect();
    if places != told {
        let missing = places.iter().filter(|place| !told.contains(place)).count();
        let invented = told.iter().filter(|id| !places.contains(id)).count();
        faults.push(format!(
            "the log holds {} changes up to event {last}, the listener was told {}: {missing} are missing, {invented} are not there",
            places.len(),
            told.len()
        ));
    }
    faults
}

/// Each change of a label begins where the one before it ended.
pub(crate) fn chained(logged: &[Change]) -> Vec<String> {
    let mut labels: BTreeMap<(u32, u64, &str), &str> = BTreeMap::new();
    let mut faults = Vec::new();
    for change in logged {
        let key = (change.tenant, change.tn, change.engine.as_str());
        let before = labels.insert(key, change.to);
        if before.unwrap_or("none") != change.from || change.from == change.to {
            faults.push(format!("{change:?} follows upon {before:?}"));
        }
    }
    faults.truncate(TOLD);
    faults
}

/// Each number's calls were counted, and none twice. `answers` holds each number with what the server says of it.
pub(crate) fn counted(acknowledged: &[Fact], answers: &BTreeMap<u64, Value>) -> Vec<String> {
    let mut calls: BTreeMap<u64, u64> = BTreeMap::new();
    acknowledged.iter().filter_map(Fact::caller).for_each(|tn| *calls.entry(tn).or_default() += 1);
    let counted = |tn: &u64| answers.get(tn).and_then(|answer| answer.pointer("/facts/d35/attempts")?.as_u64());
    let numbers = calls.keys().chain(answers.keys());
    let mut faults: Vec<String> = numbers
        .map(|tn| (tn, calls.get(tn).copied().unwrap_or(0), counted(tn).unwrap_or(0)))
        .filter(|(_, acknowledged, counted)| acknowledged != counted)
        .map(|(tn, acknowledged, counted)| format!("+{tn}: {acknowledged} calls were acknowledged, {counted} count"))
        .collect();
    faults.dedup();
    faults.truncate(TOLD);
    faults
}

/// Two servers say the same of every number.
pub(crate) fn same_answers(killed: &BTreeMap<u64, Value>, clean: &BTreeMap<u64, Value>) -> Vec<String> {
    let numbers = killed.keys().chain(clean.keys().filter(|tn| !killed.contains_key(tn)));
    let differ = numbers.filter_map(|tn| {
        let [a, b] = [killed, clean].map(|answers| answers.get(tn).cloned().unwrap_or_default());
        difference("", &a, &b).map(|found| format!("+{tn}: {found}"))
    });
    differ.take(TOLD).collect()
}

/// How far decayed sums may differ, as a part: both servers are asked within some seconds. Chosen: a half-life of seven days takes
/// 10⁻⁶ off a sum in a second.
const DECAY: f64 = 1e-4;

/// Sums decay while the servers are asked; counts, ratings and labels are whole numbers and words, and must be equal.
fn are_close(a: &Value, b: &Value) -> bool {
    let fraction = |value: &Value| value.as_f64().filter(|_| !value.is_u64() && !value.is_i64());
    fraction(a).zip(fraction(b)).is_some_and(|(a, b)| (a - b).abs() <= DECAY * a.abs().max(1.0))
}

/// The first place where two values differ.
fn difference(path: &str, a: &Value, b: &Value) -> Option<String> {
    if a == b || are_close(a, b) {
        return None;
    }
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            // A text tells a value that is compared beside it, rounded: a sum that decays may lie on the edge between two.
            let keys = a.keys().chain(b.keys()).filter(|key| *key != "text");
            keys.into_iter().find_map(|key| {
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                difference(&format!("{path}/{key}"), &of(a), &of(b))
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(at, (a, b))| difference(&format!("{path}/{at}"), a, b))
        }
        _ => Some(format!("{path} is {a} after the kills and {b} in a clean run")),
    }
}

/// Folding the log anew decides the changes that are in it, and no others.
pub(crate) fn same_changes(killed: &[Change], clean: &[Change]) -> Vec<String> {
    let more = |a: &[Change], b: &[Change], who: &str| {
        let decided: Vec<String> =
            a.iter().filter(|change| !b.contains(change)).map(|change| format!("{who} decides {change:?}")).collect();
        decided
    };
    let mut faults = more(killed, clean, "only the killed server");
    faults.extend(more(clean, killed, "only a clean run"));
    faults.truncate(TOLD);
    faults
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts() -> Vec<Fact> {
        (0..9)
            .map(|at_ms| Fact::Call { at_ms, orig: 12_155_550_112 + at_ms as u64 % 2, dest: 13_125_550_143 })
            .collect()
    }

    fn change(place: u64, from: &'static str, to: &'static str) -> Change {
        let (tenant, tn, engine) = (0, 12_155_550_112, "hiya".to_owned());
        Change { place, tenant, tn, engine, from, to, effective_ms: 0, provisional: false }
    }

    fn changes() -> Vec<Change> {
        vec![change(3, "none", "spam_likely"), change(7, "spam_likely", "spam"), change(12, "spam", "none")]
    }

    #[test]
    fn an_event_that_is_lost_or_there_twice_is_found() {
        let ledger = facts();
        assert!(each_once(&ledger, &ledger).is_empty());
        for at in 0..ledger.len() {
            let (mut less, mut more) = (ledger.clone(), ledger.clone());
            more.push(less.remove(at));
            assert_eq!((each_once(&ledger, &less).len(), each_once(&ledger, &more).len()), (1, 1));
            assert_eq!(each_once(&less, &ledger).len(), 1, "nobody was told that it is there");
        }
    }

    #[test]
    fn a_change_that_is_told_twice_or_not_or_too_early_is_found() {
        assert!(told_once(&[3, 7, 12], &changes()).is_empty());
        assert!(told_once(&[3, 7], &changes()).is_empty(), "the listener ended earlier");
        for told in [&[3, 12][..], &[3, 7, 7, 12], &[7, 3, 12], &[3, 7, 9, 12], &[3, 7, 12, 13], &[7]] {
            assert!(!told_once(told, &changes()).is_empty(), "{told:?}");
        }
    }

    #[test]
    fn a_change_that_is_logged_twice_or_missing_breaks_the_chain() {
        assert!(chained(&changes()).is_empty());
        for at in 0..2 {
            let (mut less, mut more) = (changes(), changes());
            let taken = less.remove(at);
            more.insert(at, taken);
            assert!(!chained(&less).is_empty() && !chained(&more).is_empty(), "{at}");
        }
        let again = [changes(), vec![change(13, "none", "none")]].concat();
        assert_eq!(chained(&again).len(), 1);
    }

    #[test]
    fn a_call_that_counts_twice_or_not_is_found() {
        let count = |attempts: u64| json!({"facts": {"d35": {"attempts": attempts}}});
        let right = BTreeMap::from([(12_155_550_112, count(5)), (12_155_550_113, count(4))]);
        assert!(counted(&facts(), &right).is_empty());
        assert_eq!(counted(facts().get(1..).expect("facts"), &right).len(), 1);
        for wrong in [4, 6] {
            let mut answers = right.clone();
            answers.insert(12_155_550_112, count(wrong));
            assert_eq!(counted(&facts(), &answers).len(), 1);
        }
        assert_eq!(counted(&facts(), &BTreeMap::from([(12_155_550_112, count(5))])).len(), 1, "a number is not known");
    }

    #[test]
    fn an_answer_that_differs_is_found() {
        let answers = |rating: u64| BTreeMap::from([(12_155_550_112, json!({"engines": [{"rating_bp": rating}]}))]);
        assert!(same_answers(&answers(1), &answers(1)).is_empty());
        let told = same_answers(&answers(1), &answers(2));
        assert_eq!(told, ["+12155550112: /engines/0/rating_bp is 1 after the kills and 2 in a clean run"]);
        let texts = |text: &str| BTreeMap::from([(12_155_550_112, json!({"text": text}))]);
        assert!(same_answers(&texts("2.3 s"), &texts("2.4 s")).is_empty());
        let decayed = |size: f64| BTreeMap::from([(12_155_550_112, json!({"sample_size": size}))]);
        assert!(same_answers(&decayed(121.8027), &decayed(121.8026)).is_empty());
        assert_eq!(same_answers(&decayed(121.8), &decayed(122.8)).len(), 1);
        assert_eq!(same_answers(&answers(1), &BTreeMap::new()).len(), 1);
        assert_eq!(same_answers(&BTreeMap::new(), &answers(1)).len(), 1);
    }

    #[test]
    fn a_change_that_a_clean_run_decides_otherwise_is_found() {
        assert!(same_changes(&changes(), &changes()).is_empty());
        let mut other = changes();
        other.pop();
        assert_eq!((same_changes(&changes(), &other).len(), same_changes(&other, &changes()).len()), (1, 1));
        other.push(change(12, "spam", "potential_spam"));
        assert_eq!(same_changes(&changes(), &other).len(), 2);
    }
}
