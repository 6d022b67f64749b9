//! What counts as a symptom, and its words.

use std::collections::BTreeMap;

use model::Timestamp;
use serde::Deserialize;

use super::{Rate, Siblings, Symptom, SymptomCode};
use crate::advice::text::{check, fill};
use crate::engines::Directory;
use crate::policy::PolicyError;
use crate::words::Form;

/// What counts as a symptom. Fields mirror the table `symptoms` of `policy/advice.toml`, where each number has its source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SymptomPolicy {
    /// Blocked calls from which on they are a symptom.
    pub blocked_min: u64,
    /// Calls refused with a 607 from which on they are a symptom.
    pub unwanted_min: u64,
    /// Reports about days without a call from which on they are a symptom.
    pub spoofed_min_reports: u64,
    /// Days before and after the reported one that count as that day.
    pub spoofed_days_aside: u32,
    /// The test of a broken answer rate.
    pub break_test: BreakPolicy,
    words: BTreeMap<SymptomCode, SymptomWords>,
    siblings: SiblingWords,
}

/// The test of a broken answer rate.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakPolicy {
    /// The chance of a false alarm for one number, above 0 and at most 0.1.
    pub alpha: f64,
    /// Answerable calls needed on each side.
    pub min_answerable: u64,
    /// Days with calls needed on each side.
    pub min_days: usize,
    /// How far the rate must fall, as a share, and how much further than at the owner's other numbers.
    pub min_drop: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SymptomWords {
    title: String,
    text: String,
    what_to_do: String,
    source: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiblingWords {
    hold: String,
    fall: String,
    unknown: String,
}

const PLACES: [&str; 12] =
    ["value", "count", "n", "first", "last", "before", "at", "carriers", "p", "siblings", "said", "unmatched"];
const PLACES_EXPECTED: &str =
    "{value}, {count}, {n}, {first}, {last}, {before}, {at}, {carriers}, {p}, {siblings}, {said} or {unmatched}";

impl SymptomPolicy {
    /// Checks what the types do not say.
    pub(crate) fn check(&self, file: &str) -> Result<(), PolicyError> {
        let refuse = |key: &str, value: String, expected| {
            Err(PolicyError::Range { key: format!("{file}: symptoms.{key}"), value, expected })
        };
        let test = &self.break_test;
        if test.alpha.is_nan() || test.alpha <= 0.0 || test.alpha > 0.1 {
            return refuse("break_test.alpha", test.alpha.to_string(), "a chance above 0 and at most 0.1");
        }
        if !(0.0..=1.0).contains(&test.min_drop) {
            return refuse("break_test.min_drop", test.min_drop.to_string(), "a share from 0 to 1");
        }
        for code in SymptomCode::ALL {
            let key = format!("{file}: symptoms.words.{}", code.as_str());
            let missing = || PolicyError::Value { key: key.clone(), detail: "this symptom has no words".to_owned() };
            check(&key, &self.words.get(&code).ok_or_else(missing)?.text, &PLACES, PLACES_EXPECTED)?;
        }
        let siblings = [&self.siblings.hold, &self.siblings.fall, &self.siblings.unknown];
        let key = format!("{file}: symptoms.siblings");
        siblings.into_iter().try_for_each(|text| check(&key, text, &["before", "after"], "{before} or {after}"))
    }

    /// The heading of a symptom, such as "The answer rate broke".
    #[must_use]
    pub fn title(&self, code: SymptomCode) -> &str {
        self.words.get(&code).map_or(code.as_str(), |words| &words.title)
    }

    /// What to do about a symptom.
    #[must_use]
    pub fn what_to_do(&self, code: SymptomCode) -> &str {
        self.words.get(&code).map_or("", |words| &words.what_to_do)
    }

    /// Where a symptom's meaning comes from.
    #[must_use]
    pub fn source(&self, code: SymptomCode) -> &str {
        self.words.get(&code).map_or("", |words| &words.source)
    }

    /// One or two sentences that say what was seen. The directory names the carriers.
    #[must_use]
    pub fn text(&self, symptom: &Symptom, directory: &Directory) -> String {
        let form = match symptom.code {
            SymptomCode::BlockedByAnalytics | SymptomCode::AnswerRateBreak => Form::Percent,
            SymptomCode::Unwanted607 | SymptomCode::SpoofedUse => Form::Count,
        };
        let name = |carrier| directory.carrier(carrier).map(|carrier| carrier.name.as_str());
        let test = symptom.test.as_ref();
        fill(
            self.words.get(&symptom.code).map_or("", |words| &words.text),
            &[
                ("value", &written(form, symptom.value)),
                ("count", &whole(symptom.count)),
                ("n", &whole(symptom.sample)),
                ("first", &day(symptom.first_seen)),
                ("last", &day(symptom.last_seen)),
                ("before", &test.map_or_else(String::new, |test| share(test.before))),
                ("at", &symptom.carrier.and_then(name).map_or_else(String::new, |name| format!(" at {name}"))),
                ("carriers", &carriers(symptom, directory)),
                ("p", &test.map_or_else(String::new, |test| chance(test.p))),
                ("siblings", &test.map_or_else(String::new, |test| self.sibling_text(test.siblings))),
                ("said", &whole(symptom.count)),
                ("unmatched", &written(Form::Count, symptom.value - symptom.count as f64)),
            ],
        )
    }

    fn sibling_text(&self, siblings: Siblings) -> String {
        let with = |text: &str, before, after| fill(text, &[("before", &share(before)), ("after", &share(after))]);
        match siblings {
            Siblings::Hold { before, after } => with(&self.siblings.hold, before, after),
            Siblings::Fall { before, after } => with(&self.siblings.fall, before, after),
            Siblings::Unknown => self.siblings.unknown.clone(),
        }
    }
}

/// `: AT&T 30 of 120, Verizon 7 of 98`; empty where no carrier is known.
fn carriers(symptom: &Symptom, directory: &Directory) -> String {
    let known = symptom.by_carrier.iter().filter_map(|blocks| {
        let name = &directory.carrier(blocks.carrier?)?.name;
        Some(format!("{name} {} of {}", whole(blocks.count), whole(blocks.sample)))
    });
    let list: Vec<String> = known.collect();
    if list.is_empty() { String::new() } else { format!(": {}", list.join(", ")) }
}

fn written(form: Form, value: f64) -> String {
    let mut out = String::new();
    form.write(&mut out, value);
    out
}

fn whole(count: u64) -> String {
    written(Form::Count, count as f64)
}

fn share(rate: Rate) -> String {
    written(Form::Percent, rate.share())
}

/// `1 in 2,300`, rounded down to two digits.
fn chance(p: f64) -> String {
    if p <= 1e-6 {
        return "less than 1 in a million".to_owned();
    }
    let odds = libm::floor(1.0 / p);
    let unit = libm::pow(10.0, (libm::floor(libm::log10(odds)) - 1.0).max(0.0));
    format!("1 in {}", written(Form::Count, libm::floor(odds / unit) * unit))
}

/// The UTC day as `YYYY-MM-DD`.
fn day(at: Timestamp) -> String {
    model::time::date(at.day())
}
