//! What must hold of a scenario beyond its form.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::{Amount, Class, Rate, Scenario, ScenarioError};

/// The most calls a day of one number.
const MAX_CALLS_PER_DAY: f64 = 50_000.0;
/// The longest conversation, in seconds.
const MAX_TALK_S: f64 = 7200.0;
const SHARE: RangeInclusive<f64> = 0.0..=1.0;

/// Checks values under the names of their keys.
struct Check<'a> {
    file: &'a str,
}

impl Check<'_> {
    fn fault(&self, key: &str, value: impl Display, expected: impl Into<String>) -> ScenarioError {
        ScenarioError::Range {
            file: self.file.to_owned(),
            key: key.to_owned(),
            value: value.to_string(),
            expected: expected.into(),
        }
    }

    fn within(&self, key: &str, value: f64, range: RangeInclusive<f64>) -> Result<(), ScenarioError> {
        if range.contains(&value) {
            return Ok(());
        }
        Err(self.fault(key, value, format!("{} to {}", range.start(), range.end())))
    }

    fn shares(&self, key: &str, values: &[f64]) -> Result<(), ScenarioError> {
        values.iter().try_for_each(|value| self.within(key, *value, SHARE))?;
        let sum: f64 = values.iter().sum();
        if sum <= 1.0 + 1e-9 {
            return Ok(());
        }
        Err(self.fault(key, format!("{sum} in all"), "shares that add up to at most 1"))
    }

    fn range_of(&self, key: &str, [low, high]: [f64; 2], range: RangeInclusive<f64>) -> Result<(), ScenarioError> {
        self.within(key, low, range.clone())?;
        self.within(key, high, range)?;
        if low <= high {
            return Ok(());
        }
        Err(self.fault(key, format!("[{low}, {high}]"), "the lower value first"))
    }

    fn rate(&self, key: &str, rate: Rate) -> Result<(), ScenarioError> {
        self.within(&format!("{key}.mean"), rate.mean, SHARE)?;
        self.within(&format!("{key}.n"), rate.n, 0.5..=1e6)
    }

    fn amount(&self, key: &str, amount: Amount, range: RangeInclusive<f64>) -> Result<(), ScenarioError> {
        self.within(&format!("{key}.median"), amount.median, range.clone())?;
        self.within(&format!("{key}.spread"), amount.spread, 0.0..=5.0)?;
        self.within(&format!("{key}.max"), amount.max, range)
    }

    fn known_class(&self, key: &str, class: &str, scenario: &Scenario) -> Result<(), ScenarioError> {
        if scenario.class.contains_key(class) {
            return Ok(());
        }
        Err(self.fault(key, format!("`{class}`"), "the name of a class"))
    }
}

pub(super) fn check(file: &str, scenario: &Scenario) -> Result<(), ScenarioError> {
    let check = Check { file };
    for (name, rhythm) in &scenario.rhythm {
        for (part, weights) in [("hours", rhythm.hours.as_slice()), ("days", rhythm.days.as_slice())] {
            let key = format!("rhythm.{name}.{part}");
            weights.iter().try_for_each(|weight| check.within(&key, *weight, 0.0..=1e6))?;
            if weights.iter().sum::<f64>() <= 0.0 {
                return Err(check.fault(&key, "0 in all", "at least one weight above 0"));
            }
        }
    }
    if scenario.class.is_empty() || scenario.class.len() > 200 {
        return Err(check.fault("class", scenario.class.len(), "1 to 200 classes"));
    }
    for (name, class) in &scenario.class {
        rates(&check, &format!("class.{name}"), class)?;
        habits(&check, &format!("class.{name}"), class, scenario)?;
    }
    if scenario.class.values().map(|class| class.share).sum::<f64>() <= 0.0 {
        return Err(check.fault("class", "share 0 in all", "at least one share above 0"));
    }
    surroundings(&check, scenario)?;
    adversaries(&check, scenario)
}

fn rates(check: &Check<'_>, at: &str, class: &Class) -> Result<(), ScenarioError> {
    let key = |part: &str| format!("{at}.{part}");
    check.within(&key("share"), class.share, 0.0..=1e6)?;
    for (part, share) in [
        ("registered", class.registered),
        ("attested", class.attested),
        ("redial", class.redial),
        ("padded", class.padded),
    ] {
        check.within(&key(part), share, SHARE)?;
    }
    check.shares(&key("local"), &[class.local, class.neighbour])?;
    check.shares(&key("declined"), &[class.declined, class.abandoned])?;
    check.shares(&key("attestation"), &class.attestation)?;
    for (part, rate) in
        [("answered", class.answered), ("short", class.short), ("invalid", class.invalid), ("repeat", class.repeat)]
    {
        check.rate(&key(part), rate)?;
    }
    check.within(&key("known_lift"), class.known_lift, 1.0..=10.0)?;
    check.within(&key("complaints.per_call"), class.complaints.per_call, SHARE)?;
    check.within(&key("complaints.shape"), class.complaints.shape, 0.01..=1e3)
}

fn habits(check: &Check<'_>, at: &str, class: &Class, scenario: &Scenario) -> Result<(), ScenarioError> {
    let key = |part: &str| format!("{at}.{part}");
    if !scenario.rhythm.contains_key(&class.rhythm) {
        return Err(check.fault(&key("rhythm"), format!("`{}`", class.rhythm), "the name of a rhythm"));
    }
    check.amount(&key("calls_per_day"), class.calls_per_day, 0.001..=MAX_CALLS_PER_DAY)?;
    check.amount(&key("talk_s"), class.talk_s, 1.0..=MAX_TALK_S)?;
    if let Some(life_d) = class.life_d {
        check.amount(&key("life_d"), life_d, 0.01..=3660.0)?;
    }
    check.within(&key("day_spread"), class.day_spread, 0.0..=2.0)?;
    check.within(&key("talk_shape"), class.talk_shape, 0.5..=50.0)?;
    check.range_of(&key("ring_s"), class.ring_s, 0.5..=120.0)?;
    check.within(&key("memory_calls"), f64::from(class.memory_calls), 1.0..=100_000.0)?;
    if let Some([least, most]) = class.contacts {
        check.range_of(&key("contacts"), [f64::from(least), f64::from(most)], 1.0..=1e6)?;
    }
    if let Some(per_block) = class.per_block {
        check.within(&key("per_block"), f64::from(per_block), 1.0..=500.0)?;
    }
    if let Some(message) = class.message {
        check.within(&key("message.share"), message.share, SHARE)?;
        check.amount(&key("message.length_s"), message.length_s, 7.0..=MAX_TALK_S)?;
    }
    if let Some(back) = class.call_back {
        check.within(&key("call_back.share"), back.share, SHARE)?;
        check.within(&key("call_back.answered"), back.answered, SHARE)?;
        check.within(&key("call_back.talk_s"), back.talk_s, 1.0..=MAX_TALK_S)?;
    }
    if let Some(by) = &class.spoofed_by {
        check.known_class(&key("spoofed_by.class"), &by.class, scenario)?;
        check.within(&key("spoofed_by.life_d"), by.life_d, 0.01..=365.0)?;
        check.within(&key("spoofed_by.owner_reports"), by.owner_reports, SHARE)?;
    }
    Ok(())
}

fn surroundings(check: &Check<'_>, scenario: &Scenario) -> Result<(), ScenarioError> {
    let blocks = &scenario.blocks;
    check.within("blocks.numbers_per_block", f64::from(blocks.numbers_per_block), 1.0..=400.0)?;
    check.within("blocks.blocks_per_exchange", f64::from(blocks.blocks_per_exchange), 1.0..=10.0)?;
    check.within("blocks.innocents_per_filled_block", f64::from(blocks.innocents_per_filled_block), 0.0..=400.0)?;
    let people = &scenario.people;
    let shares: Vec<f64> = people.carriers.values().copied().collect();
    check.shares("people.carriers", &shares)?;
    for (key, share) in [
        ("people.attestation_unseen", people.attestation_unseen),
        ("people.attestation_constant", people.attestation_constant),
        ("people.caller_hangs_up", people.caller_hangs_up),
        ("people.invalid_strong", people.invalid_strong),
        ("people.reporter_named", people.reporter_named),
        ("people.report_fraud", people.report_fraud),
        ("people.label_effect.potential_spam", people.label_effect.potential_spam),
        ("people.label_effect.spam_likely", people.label_effect.spam_likely),
        ("people.label_effect.spam", people.label_effect.spam),
    ] {
        check.within(key, share, SHARE)?;
    }
    check.range_of("people.padding_s", people.padding_s, 6.001..=60.0)?;
    let unanswered = people.unanswered;
    check.shares("people.unanswered", &[unanswered.busy, unanswered.unreachable, unanswered.failed])?;
    check.within("people.report_delay.median_h", people.report_delay.median_h, 0.01..=23.9)?;
    check.within("people.report_delay.within_24h", people.report_delay.within_24h, 0.51..=0.999)
}

fn adversaries(check: &Check<'_>, scenario: &Scenario) -> Result<(), ScenarioError> {
    let adversary = &scenario.adversary;
    for (key, value, range) in [
        ("number_rotation.calls_per_day", adversary.number_rotation.calls_per_day, 0.01..=MAX_CALLS_PER_DAY),
        ("number_rotation.life_d", adversary.number_rotation.life_d, 0.1..=365.0),
        ("number_rotation.per_block", f64::from(adversary.number_rotation.per_block), 1.0..=500.0),
        ("padding.padded", adversary.padding.padded, SHARE),
        ("clean_lists.invalid", adversary.clean_lists.invalid, SHARE),
        ("redial.redial", adversary.redial.redial, SHARE),
        ("low_and_slow.calls_per_day", adversary.low_and_slow.calls_per_day, 0.01..=MAX_CALLS_PER_DAY),
        ("low_and_slow.life_d", adversary.low_and_slow.life_d, 0.1..=365.0),
        ("friendly_ring.friends", f64::from(adversary.friendly_ring.friends), 1.0..=10_000.0),
        ("friendly_ring.calls_per_call", adversary.friendly_ring.calls_per_call, 0.0..=10.0),
        ("friendly_ring.answered", adversary.friendly_ring.answered, SHARE),
        ("age_then_burst.age_d", adversary.age_then_burst.age_d, 0.0..=365.0),
        ("spoof_innocent.targets", adversary.spoof_innocent.targets, SHARE),
        ("spoof_innocent.by.life_d", adversary.spoof_innocent.by.life_d, 0.01..=365.0),
        ("spoof_innocent.by.owner_reports", adversary.spoof_innocent.by.owner_reports, SHARE),
        ("drift.answered", adversary.drift.answered, SHARE),
        ("drift.short", adversary.drift.short, 0.0..=3.0),
        ("drift.after_d", adversary.drift.after_d, 0.0..=365.0),
        ("lock_in.targets", adversary.lock_in.targets, SHARE),
        ("lock_in.bad_d", adversary.lock_in.bad_d, 0.0..=365.0),
    ] {
        check.within(&format!("adversary.{key}"), value, range)?;
    }
    for (name, bombing) in
        [("complaint_bombing", &adversary.complaint_bombing), ("praise_bombing", &adversary.praise_bombing)]
    {
        let key = |part: &str| format!("adversary.{name}.{part}");
        check.within(&key("targets"), bombing.targets, SHARE)?;
        check.within(&key("accounts"), f64::from(bombing.accounts), 0.0..=10_000.0)?;
        check.within(&key("account_age_d"), bombing.account_age_d, 0.0..=3660.0)?;
        check.within(&key("networks"), f64::from(bombing.networks), 1.0..=10_000.0)?;
    }
    for (key, class) in [
        ("adversary.friendly_ring.class", &adversary.friendly_ring.class),
        ("adversary.age_then_burst.class", &adversary.age_then_burst.class),
        ("adversary.spoof_innocent.by.class", &adversary.spoof_innocent.by.class),
        ("adversary.lock_in.class", &adversary.lock_in.class),
    ] {
        check.known_class(key, class, scenario)?;
    }
    Ok(())
}
