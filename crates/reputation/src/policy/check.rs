//! Reading the merged policy, and refusing one that breaks a promise of the score.

use model::Label;
use serde::Deserialize;

use super::{Component, Form, Level, Policy, RatePolicy, ShapePolicy};
use crate::facts::{HORIZON_D, LENGTH_EDGES_S};

/// Why a policy is refused. Nothing of a refused policy is applied.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file is not TOML.
    #[error("{file} is not valid TOML: {detail}")]
    Syntax {
        /// The file.
        file: String,
        /// Where and why.
        detail: String,
    },
    /// A key that no policy has.
    #[error("{file} sets `{key}`, which no policy has; `ringtrue policy show` lists all keys")]
    UnknownKey {
        /// The file.
        file: String,
        /// The key's path.
        key: String,
    },
    /// A value of the wrong type, or a missing key.
    #[error("policy key `{key}`: {detail}")]
    Value {
        /// The key's path.
        key: String,
        /// What was expected.
        detail: String,
    },
    /// A value outside its range.
    #[error("policy key `{key}` is {value}: expected {expected}")]
    Range {
        /// The key's path.
        key: String,
        /// The value.
        value: String,
        /// What was expected.
        expected: &'static str,
    },
}

/// Reads and checks the merged text.
pub(super) fn read(text: &str) -> Result<Policy, PolicyError> {
    let deserializer = toml::Deserializer::parse(text)
        .map_err(|error| PolicyError::Syntax { file: "the merged policy".to_owned(), detail: error.to_string() })?;
    let policy: Policy = serde_path_to_error::deserialize(deserializer).map_err(|error| PolicyError::Value {
        key: error.path().to_string(),
        detail: error.inner().message().to_owned(),
    })?;
    check(&policy)?;
    Ok(policy)
}

fn check(policy: &Policy) -> Result<(), PolicyError> {
    let share = policy.prior.unwanted_share;
    require(share > 0.0 && share < 1.0, "prior.unwanted_share", share, "a share above 0 and below 1")?;
    let beta = policy.calibration.beta;
    require(beta > 0.0 && beta.is_finite(), "calibration.beta", beta, "a number above 0")?;
    let half_life = policy.facts.half_life_d;
    require(half_life > 0.0 && half_life.is_finite(), "facts.half_life_d", half_life, "days above 0")?;
    let horizon = policy.facts.horizon_d;
    require((1..=HORIZON_D).contains(&horizon), "facts.horizon_d", horizon, "1 to 35 days, as long as facts are kept")?;
    let hourly = policy.facts.hourly_for_h;
    require(hourly <= horizon * 24, "facts.hourly_for_h", hourly, "hours inside the horizon")?;
    let short = policy.facts.short_call_s;
    require(LENGTH_EDGES_S.contains(&short), "facts.short_call_s", short, "an edge of the length histogram")?;
    let evidence = &policy.evidence;
    for (name, rate) in [
        ("INVALID_DESTINATIONS", &evidence.invalid_destinations),
        ("UNANSWERED", &evidence.unanswered),
        ("SHORT_CALLS", &evidence.short_calls),
        ("FIRST_CALLS", &evidence.first_calls),
    ] {
        check_rate(&format!("evidence.{name}"), rate)?;
    }
    let talk = &evidence.talk_time;
    check_shape("evidence.TALK_TIME", talk.form, talk.shape.as_ref(), Way::Falls)?;
    check_clips(policy)?;
    check_divisors(policy)?;
    for (name, level) in [
        ("potential_spam", &policy.levels.potential_spam),
        ("spam_likely", &policy.levels.spam_likely),
        ("spam", &policy.levels.spam),
    ] {
        check_level(&format!("levels.{name}"), level)?;
    }
    let rising = policy.levels.potential_spam.p < policy.levels.spam_likely.p
        && policy.levels.spam_likely.p < policy.levels.spam.p;
    require(rising, "levels.spam_likely.p", policy.levels.spam_likely.p, "levels that rise from one label to the next")
}

fn check_clips(policy: &Policy) -> Result<(), PolicyError> {
    let evidence = &policy.evidence;
    for (name, [low, high]) in [
        ("evidence.INVALID_DESTINATIONS.clip", evidence.invalid_destinations.clip),
        ("evidence.UNANSWERED.clip", evidence.unanswered.clip),
        ("evidence.SHORT_CALLS.clip", evidence.short_calls.clip),
        ("evidence.FIRST_CALLS.clip", evidence.first_calls.clip),
        ("evidence.TALK_TIME.clip", evidence.talk_time.clip),
        ("reports.clip", policy.reports.clip),
        ("block.clip", policy.block.clip),
    ] {
        require(low <= 0.0 && high >= 0.0, name, format!("[{low}, {high}]"), "bounds around 0")?;
    }
    Ok(())
}

/// What evidence is divided by.
fn check_divisors(policy: &Policy) -> Result<(), PolicyError> {
    let (talk, reports) = (&policy.evidence.talk_time, &policy.reports);
    for (name, value) in [
        ("evidence.TALK_TIME.variance", talk.variance),
        ("evidence.FIRST_CALLS.full_span_d", policy.evidence.first_calls.full_span_d.unwrap_or(1.0)),
        ("reports.cluster_cap", reports.cluster_cap),
        ("reports.dispersion", reports.dispersion),
        ("reports.rate_legitimate", reports.rate_legitimate),
        ("reports.rate_unwanted", reports.rate_unwanted),
        ("reports.min_attempts", reports.min_attempts),
        ("reports.cred_prior_all", reports.cred_prior_all),
        ("block.kappa", policy.block.kappa),
        ("trusted.honeypot_per_trap", policy.trusted.honeypot_per_trap),
        ("favour.full_destinations", policy.favour.full_destinations),
    ] {
        require(value > 0.0 && value.is_finite(), name, value, "a number above 0")?;
    }
    let spread = talk.variance_per_call;
    require(spread >= 0.0 && spread.is_finite(), "evidence.TALK_TIME.variance_per_call", spread, "a number from 0")
}

fn check_level(key: &str, level: &Level) -> Result<(), PolicyError> {
    require(level.p > 0.0 && level.p < 1.0, &format!("{key}.p"), level.p, "a probability above 0 and below 1")?;
    require((0.0..1.0).contains(&level.p0), &format!("{key}.p0"), level.p0, "a probability from 0 and below 1")
}

/// Evidence must rise with s at fixed n: every unwanted component lies right of every legitimate one.
fn check_rate(key: &str, rate: &RatePolicy) -> Result<(), PolicyError> {
    require((0.0..=1.0).contains(&rate.weight), &format!("{key}.weight"), rate.weight, "a weight from 0 to 1")?;
    check_shape(key, rate.form, rate.shape.as_ref(), Way::Rises)?;
    check_mixture(&format!("{key}.legitimate"), &rate.legitimate)?;
    check_mixture(&format!("{key}.unwanted"), &rate.unwanted)?;
    for unwanted in &rate.unwanted {
        for legitimate in &rate.legitimate {
            let right = unwanted.a >= legitimate.a && unwanted.b <= legitimate.b;
            let value = format!("a = {}, b = {}", unwanted.a, unwanted.b);
            let expected =
                "a at least, and b at most, that of every legitimate component, so that evidence rises with s";
            require(right, &format!("{key}.unwanted"), value, expected)?;
        }
    }
    Ok(())
}

/// Which way a shape may go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A rate, from 0 to 1: the more, the worse.
    Rises,
    /// Seconds: the more, the better.
    Falls,
}

/// The most bins of a shape.
const SHAPE_BINS_MAX: usize = 16;

/// A shape says nothing of nothing, little of little, and never turns.
fn check_shape(key: &str, form: Form, shape: Option<&ShapePolicy>, way: Way) -> Result<(), PolicyError> {
    let key = format!("{key}.shape");
    let Some(shape) = shape else {
        return require(form == Form::Density, &key, "absent", "a shape, since form = \"shape\"");
    };
    require(form == Form::Shape, &key, "there", "no shape, or form = \"shape\"")?;
    let ShapePolicy { edges, nats, mean, kappa } = shape;
    let expected = "one more than there are edges, at most 16";
    let fits = nats.len() == edges.len() + 1 && nats.len() <= SHAPE_BINS_MAX;
    require(fits, &format!("{key}.nats"), format!("{} values", nats.len()), expected)?;
    let end = if way == Way::Rises { 1.0 } else { f64::MAX };
    let inside = |value: &f64| *value > 0.0 && *value < end;
    let rises = |values: &[f64]| values.windows(2).all(|pair| pair.first() <= pair.last());
    let apart = edges.windows(2).all(|pair| pair.first() < pair.last());
    require(edges.iter().all(inside) && apart, &format!("{key}.edges"), format!("{edges:?}"), "rates that rise")?;
    let mut in_order = nats.clone();
    if way == Way::Falls {
        in_order.reverse();
    }
    let holds = nats.iter().all(|nats| nats.is_finite()) && rises(&in_order);
    let expected = "nats that never turn: rising with a rate, falling with talk time";
    require(holds, &format!("{key}.nats"), format!("{nats:?}"), expected)?;
    require(inside(mean), &format!("{key}.mean"), mean, "a rate that can be")?;
    require(*kappa > 0.0 && kappa.is_finite(), &format!("{key}.kappa"), kappa, "a number above 0")
}

fn check_mixture(key: &str, mixture: &[Component]) -> Result<(), PolicyError> {
    let total: f64 = mixture.iter().map(|part| part.share).sum();
    require((total - 1.0).abs() < 1e-9, key, total, "shares that add up to 1")?;
    for part in mixture {
        let fine = part.share > 0.0 && part.a > 0.0 && part.b > 0.0 && part.a.is_finite() && part.b.is_finite();
        require(fine, key, format!("a = {}, b = {}", part.a, part.b), "share, a and b above 0")?;
    }
    Ok(())
}

fn require(holds: bool, key: &str, value: impl ToString, expected: &'static str) -> Result<(), PolicyError> {
    if holds { Ok(()) } else { Err(PolicyError::Range { key: key.to_owned(), value: value.to_string(), expected }) }
}

/// Reads a label's word.
pub(super) fn label<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Label, D::Error> {
    let word = String::deserialize(deserializer)?;
    Label::ALL
        .into_iter()
        .find(|label| label.as_str() == word)
        .ok_or_else(|| serde::de::Error::custom(format!("`{word}` is none of none, potential_spam, spam_likely, spam")))
}
