//! The rules' limits and words, read from data.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::text::{check, fill};
use super::{Advice, AdviceCode, AdviceState, Why};
use crate::facts::{HORIZON_D, LENGTH_EDGES_S};
use crate::policy::{Overlay, PolicyError, Setting, merge};
use crate::symptom::SymptomPolicy;
use crate::words::Form;

/// Advice as data: limits, words and sources. Fields mirror `policy/advice.toml`, where each number has its source.
#[derive(Clone, Debug)]
pub struct AdvicePolicy {
    /// What the rules measure.
    pub measure: MeasurePolicy,
    /// What counts as a symptom.
    pub symptoms: SymptomPolicy,
    words: Words,
    /// By the place of the code in [`AdviceCode::ALL`].
    rules: Vec<Rule>,
}

/// What the rules measure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasurePolicy {
    /// Days that shares and busiest days look back, today included.
    pub window_d: u32,
    /// An answered call of at most this many seconds is short. An edge of the length histogram.
    pub short_call_s: u32,
    /// Above the target, this many times the number's usual value breaks the rules on busiest hours and days.
    pub usual_factor: f64,
    /// Days whose mean a day is compared with.
    pub spike_history_d: u32,
    /// Calls below which a day is no spike.
    pub spike_min_calls: u32,
    /// Own numbers from which on one destination is called from many.
    pub rotation_numbers: u32,
    /// The most that unanswered calls may ring less than 15 s, as a share.
    pub ring_under_15_bad: f64,
}

/// One rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Heads the rule for people.
    pub title: String,
    /// How values are written.
    pub form: Form,
    /// The rule is met up to this value.
    pub target: f64,
    /// The rule is broken above this value.
    pub bad: f64,
    /// The least sample for which anything is said.
    pub min_sample: f64,
    /// Says what was measured.
    pub text: String,
    /// Stands in for `text` while the rule is met.
    pub text_met: Option<String>,
    /// Stands in for `text` while the rule is near.
    pub text_near: Option<String>,
    /// Says why nothing is known when the records do not show it.
    pub unknown: String,
    /// What to do about it.
    pub what_to_do: String,
    /// Where the rule and its limits come from.
    pub source: String,
    /// Call purposes for which the rule does not hold, in the registry's words.
    #[serde(default)]
    pub off_for: Vec<String>,
}

/// Words that all rules share.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    few: String,
    off: String,
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    measure: MeasurePolicy,
    words: Words,
    advice: BTreeMap<AdviceCode, Rule>,
    symptoms: SymptomPolicy,
}

/// The places that a rule's text may name.
const PLACES: [&str; 7] = ["value", "target", "bad", "usual", "n", "min", "window"];
const PLACES_EXPECTED: &str = "{value}, {target}, {bad}, {usual}, {n}, {min} or {window}";

impl AdvicePolicy {
    /// The advice that ships with Ringtrue, as text.
    pub const SHIPPED: &str = include_str!("../../../../policy/advice.toml");

    /// Reads and checks the shipped advice with `overlays` laid over it, the last one winning.
    ///
    /// # Errors
    /// Names the file, the key and what was expected.
    pub fn load(overlays: &[Overlay]) -> Result<Self, PolicyError> {
        let merged = merge(SHIPPED_FILE, Self::SHIPPED, overlays)?;
        Self::parse("advice.toml", &merged.text_of_tables)
    }

    /// Every effective setting, with the file that it comes from.
    ///
    /// # Errors
    /// As [`AdvicePolicy::load`].
    pub fn settings(overlays: &[Overlay]) -> Result<BTreeMap<String, Setting>, PolicyError> {
        merge(SHIPPED_FILE, Self::SHIPPED, overlays).map(|merged| merged.settings)
    }

    /// Reads and checks advice that is whole.
    ///
    /// # Errors
    /// Names the key and what was expected.
    pub fn parse(file: &str, text: &str) -> Result<Self, PolicyError> {
        let deserializer = toml::Deserializer::parse(text)
            .map_err(|error| PolicyError::Syntax { file: file.to_owned(), detail: error.to_string() })?;
        let mut raw: Raw = serde_path_to_error::deserialize(deserializer).map_err(|error| PolicyError::Value {
            key: format!("{file}: {}", error.path()),
            detail: error.inner().message().to_owned(),
        })?;
        check_measure(file, &raw.measure)?;
        check(&format!("{file}: words.few"), &raw.words.few, &PLACES, PLACES_EXPECTED)?;
        raw.symptoms.check(file)?;
        let mut rules = Vec::new();
        for code in AdviceCode::ALL {
            let key = format!("{file}: advice.{}", code.as_str());
            let missing = || PolicyError::Value { key: key.clone(), detail: "this rule is missing".to_owned() };
            let rule = raw.advice.remove(&code).ok_or_else(missing)?;
            check_rule(&key, &rule)?;
            rules.push(rule);
        }
        Ok(Self { measure: raw.measure, symptoms: raw.symptoms, words: raw.words, rules })
    }

    /// A rule's limits, words and source.
    ///
    /// # Panics
    /// Never: a policy without one of the rules is not read.
    #[must_use]
    pub fn rule(&self, code: AdviceCode) -> &Rule {
        self.rules.get(code as usize).expect("a policy has every rule: checked when it is read")
    }

    /// One sentence that says what a rule found: the value with its target and sample, or why there is none.
    #[must_use]
    pub fn text(&self, advice: &Advice) -> String {
        let rule = self.rule(advice.code);
        let pattern = match advice.state {
            AdviceState::Met => rule.text_met.as_ref().unwrap_or(&rule.text),
            AdviceState::Near => rule.text_near.as_ref().unwrap_or(&rule.text),
            AdviceState::Broken => &rule.text,
            AdviceState::Off => &self.words.off,
            AdviceState::Unknown(Why::Few) => &self.words.few,
            AdviceState::Unknown(Why::NotShown) => &rule.unknown,
        };
        let written = |value: f64| written(rule.form, value);
        let window = if advice.of_totals {
            "the span of the totals".to_owned()
        } else {
            format!("{} days", self.measure.window_d)
        };
        let count = |value: f64| written_count(value);
        fill(
            pattern,
            &[
                ("value", &advice.value.map_or_else(String::new, written)),
                ("target", &written(rule.target)),
                ("bad", &written(rule.bad)),
                ("usual", &advice.usual.map_or_else(|| "not known yet".to_owned(), written)),
                ("n", &count(advice.sample)),
                ("min", &count(rule.min_sample)),
                ("window", &window),
            ],
        )
    }
}

const SHIPPED_FILE: &str = "advice.toml (shipped)";

fn written(form: Form, value: f64) -> String {
    let mut out = String::new();
    form.write(&mut out, value);
    out
}

fn written_count(value: f64) -> String {
    written(Form::Count, libm::round(value))
}

fn check_measure(file: &str, measure: &MeasurePolicy) -> Result<(), PolicyError> {
    let refuse = |key: &str, value: String, expected| {
        Err(PolicyError::Range { key: format!("{file}: measure.{key}"), value, expected })
    };
    if !(1..=HORIZON_D).contains(&measure.window_d) {
        return refuse("window_d", measure.window_d.to_string(), "1 to 35 days, as long as facts are kept");
    }
    if !LENGTH_EDGES_S.contains(&measure.short_call_s) {
        return refuse("short_call_s", measure.short_call_s.to_string(), "an edge of the length histogram");
    }
    if !(1..HORIZON_D).contains(&measure.spike_history_d) {
        return refuse("spike_history_d", measure.spike_history_d.to_string(), "1 to 34 days");
    }
    if measure.usual_factor.is_nan() || measure.usual_factor < 1.0 {
        return refuse("usual_factor", measure.usual_factor.to_string(), "a number from 1 on");
    }
    if !(0.0..=1.0).contains(&measure.ring_under_15_bad) {
        return refuse("ring_under_15_bad", measure.ring_under_15_bad.to_string(), "a share from 0 to 1");
    }
    Ok(())
}

fn check_rule(key: &str, rule: &Rule) -> Result<(), PolicyError> {
    let range = |name: &str, value: f64, expected| {
        Err(PolicyError::Range { key: format!("{key}.{name}"), value: value.to_string(), expected })
    };
    if !rule.target.is_finite() || rule.target < 0.0 {
        return range("target", rule.target, "a number from 0 on");
    }
    if !rule.bad.is_finite() || rule.bad < rule.target {
        return range("bad", rule.bad, "a number not below the target");
    }
    if !rule.min_sample.is_finite() || rule.min_sample < 1.0 {
        return range("min_sample", rule.min_sample, "a number from 1 on");
    }
    if let Some(word) =
        rule.off_for.iter().find(|word| matches!(model::CallPurpose::from_word(word), model::CallPurpose::Other(_)))
    {
        return Err(PolicyError::Range {
            key: format!("{key}.off_for"),
            value: word.clone(),
            expected: "the word of a call purpose, such as government, emergency or school",
        });
    }
    let texts = [Some(&rule.text), rule.text_met.as_ref(), rule.text_near.as_ref(), Some(&rule.unknown)];
    texts.into_iter().flatten().try_for_each(|text| check(&format!("{key}.text"), text, &PLACES, PLACES_EXPECTED))
}
