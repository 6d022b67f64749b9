//! What rose and fell against an earlier evaluation, such as one of the same traffic without an adversary.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::outcome::LEVELS;
use crate::error::ScoreError;
use crate::score::read_whole;
use crate::score::setup::SIDE_BYTES_MAX;

/// The figures that are compared: where they stand in the JSON report, and in words. Those of attacked numbers are there only
/// where the truth names such numbers.
const FIGURES: [(&str, &str); 8] = [
    ("capture_numbers", "unwanted numbers caught"),
    ("capture_numbers/with_50_calls_in_7_days", "… of those with 50 calls in 7 days"),
    ("capture_calls", "unwanted calls caught"),
    ("false_positive/overall", "wanted numbers ever labelled"),
    ("false_positive/registered", "… of those registered"),
    ("flaps", "labels that came back, a number and day"),
    ("attacked/capture_numbers", "attacked unwanted numbers caught"),
    ("attacked/false_positive", "attacked wanted numbers ever labelled"),
];

/// One figure then and now.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Change {
    /// Where it stands in the report.
    pub(crate) place: &'static str,
    /// In words.
    pub(crate) words: &'static str,
    /// Then and now, by level; `None` of nothing.
    pub(crate) levels: [[Option<f64>; 2]; 3],
}

/// What changed against another evaluation.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Against {
    /// The key in the JSON report.
    pub(crate) key: &'static str,
    /// What the other evaluation is, in words.
    pub(crate) words: &'static str,
    /// Each figure.
    pub(crate) changes: Vec<Change>,
}

/// Reads an earlier report.
///
/// # Errors
/// A file that cannot be read or is no report of `evaluate`.
pub(crate) fn read(path: &Path) -> Result<Value, ScoreError> {
    let file = crate::said::file_name(path);
    let refused = |detail: String| ScoreError::Argument { argument: "--baseline", detail: format!("{file}: {detail}") };
    let report: Value =
        serde_json::from_slice(&read_whole(path, SIDE_BYTES_MAX)?).map_err(|error| refused(error.to_string()))?;
    if report.get("capture_numbers").is_none_or(|found| !found.is_object()) {
        return Err(refused("expected what `ringtrue evaluate --output json` wrote".to_owned()));
    }
    Ok(report)
}

/// Why the attacked numbers of two reports are not the same ones; `None` where they may be, or nobody is attacked now.
pub(crate) fn other_targets(then: &Value, now: &Map<String, Value>) -> Option<String> {
    let now = now.get("attacked")?;
    let counts = |attacked: &Value| {
        ["/capture_numbers/of", "/false_positive/of"].map(|place| attacked.pointer(place).and_then(Value::as_u64))
    };
    let Some(then) = then.get("attacked") else {
        return Some(
            "the baseline's truth names no attacked numbers: simulate it with the same adversary at --strength 0, and the \
             same numbers are compared"
                .to_owned(),
        );
    };
    (counts(then) != counts(now)).then(|| {
        let sum = |attacked: &Value| counts(attacked).into_iter().flatten().sum::<u64>();
        format!("the baseline has {} attacked numbers with calls, and this run {}", sum(then), sum(now))
    })
}

/// What became of each figure of `then`.
pub(crate) fn changes(then: &Value, now: &Map<String, Value>) -> Vec<Change> {
    let now = Value::Object(now.clone());
    let figure = |report: &Value, place: &str, level: &str| report.pointer(&format!("/{place}/{level}"))?.as_f64();
    let change = |(place, words)| Change {
        place,
        words,
        levels: LEVELS.map(|level| [then, &now].map(|report| figure(report, place, level.as_str()))),
    };
    let is_told = |(place, _): &(&str, &str)| {
        let of = |found: &Value| found.get("of").and_then(Value::as_u64);
        now.pointer(&format!("/{place}")).is_some_and(|found| of(found) != Some(0))
    };
    FIGURES.into_iter().filter(is_told).map(change).collect()
}

/// The changes as part of the report.
pub(crate) fn value(changes: &[Change]) -> Value {
    let levels = |change: &Change| -> Value {
        let of = |([then, now], level): (&[Option<f64>; 2], model::Label)| {
            let off = then.zip(*now).map(|(then, now)| now - then);
            (level.as_str().to_owned(), json!({"baseline": then, "now": now, "difference": off}))
        };
        Value::Object(change.levels.iter().zip(LEVELS).map(of).collect())
    };
    Value::Object(changes.iter().map(|change| (change.place.replace('/', "."), levels(change))).collect())
}
