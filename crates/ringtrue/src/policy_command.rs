//! `ringtrue policy`: checks, shows and explains the policy in force.

mod explain;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use intake::mapping::{Mapping, PRESETS};
use reputation::advice::AdvicePolicy;
use reputation::engines::{Directory, Engine};
use reputation::policy::{Overlay, Policy, Setting};
use reputation::words::Words;

use crate::cli::{PolicyAction, PolicyArgs};
use crate::error::ScoreError;
use crate::policy_data::{PolicyData, overlay, own_files};

/// Does what the arguments ask for.
pub(crate) fn policy(args: &PolicyArgs) -> Result<(), ScoreError> {
    let mut page = String::new();
    match &args.action {
        PolicyAction::Check { policy } => check(&mut page, policy.as_deref())?,
        PolicyAction::Show { policy } => show(&mut page, policy.as_deref())?,
        PolicyAction::Explain { reason, policy } => explain::explain(&mut page, reason, policy.as_deref())?,
    }
    match io::stdout().lock().write_all(page.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(ScoreError::Unwritable { file: "standard output".to_owned(), source: error })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Loads everything, and says what holds.
fn check(page: &mut String, dir: Option<&Path>) -> Result<(), ScoreError> {
    let data = load(dir)?;
    let own = own_files(dir)?;
    let from = if own.is_empty() { "as shipped".to_owned() } else { format!("with {}", own.join(", ")) };
    page.push_str(&format!("ok: policy {}, {from}\n", data.policy.version));
    let engines = data.directory.engines.len();
    let carriers = data.directory.carriers.len();
    page.push_str(&format!("{engines} engines, {carriers} carriers, {} mappings\n", PRESETS.len()));
    Ok(())
}

/// Loads all policy data, mappings included.
fn load(dir: Option<&Path>) -> Result<PolicyData, ScoreError> {
    let data = PolicyData::load(dir)?;
    for (name, text) in PRESETS {
        Mapping::parse(text)
            .map_err(|error| ScoreError::PolicyFile { file: (*name).to_owned(), detail: error.to_string() })?;
    }
    Ok(data)
}

/// The settings of one policy file, with the file that each comes from.
type Settings = BTreeMap<String, Setting>;

/// Every setting of the three files that are overlaid key by key.
struct AllSettings {
    reputation: Settings,
    reasons: Settings,
    advice: Settings,
}

impl AllSettings {
    fn load(dir: Option<&Path>, data: &PolicyData) -> Result<Self, ScoreError> {
        let overlays = |name| overlay(dir, name).map(|found| found.into_iter().collect::<Vec<Overlay>>());
        Ok(Self {
            reputation: Policy::settings(&data.overlays)?,
            reasons: Words::settings(&overlays("reasons.toml")?)?,
            advice: AdvicePolicy::settings(&overlays("advice.toml")?)?,
        })
    }
}

/// Prints every effective value and the file that it comes from, as TOML.
fn show(page: &mut String, dir: Option<&Path>) -> Result<(), ScoreError> {
    let data = load(dir)?;
    let all = AllSettings::load(dir, &data)?;
    page.push_str("# Every effective value, and the file that it comes from.\n");
    for (name, settings) in
        [("reputation.toml", &all.reputation), ("reasons.toml", &all.reasons), ("advice.toml", &all.advice)]
    {
        push_file(page, name, "laid over the shipped values key by key");
        push_settings(page, settings.iter());
    }
    let file = |name| overlay(dir, name).map(|own| own.map_or_else(|| format!("{name} (shipped)"), |own| own.file));
    push_file(page, "engines.toml", "replaces the shipped directory as a whole");
    push_directory(page, &data.directory, &file("engines.toml")?);
    push_file(page, "area_codes.toml", "replaces the shipped table as a whole");
    page.push_str(&format!("# in force: {}\n", file("area_codes.toml")?));
    push_file(page, "mappings", "shipped; your own come with --mapping FILE");
    for (name, text) in PRESETS {
        if let Ok(mapping) = Mapping::parse(text) {
            push_line(
                page,
                &format!("mapping.{}", mapping.name()),
                &quoted(mapping.title()),
                &format!("{name} (shipped)"),
            );
        }
    }
    Ok(())
}

fn push_file(page: &mut String, name: &str, how: &str) {
    page.push_str(&format!("\n# {name}: {how}\n"));
}

fn push_settings<'a>(page: &mut String, settings: impl Iterator<Item = (&'a String, &'a Setting)>) {
    for (key, setting) in settings {
        push_line(page, key, &setting.value, &setting.file);
    }
}

fn push_line(page: &mut String, key: &str, value: &str, file: &str) {
    page.push_str(&format!("{key} = {value}  # {file}\n"));
}

fn push_directory(page: &mut String, directory: &Directory, file: &str) {
    for Engine { key, name, redress, source, phrasebook, treatment } in &directory.engines {
        let words = [&phrasebook.potential_spam, &phrasebook.spam_likely, &phrasebook.spam];
        for (what, value) in [("name", name), ("redress", redress), ("source", source)] {
            push_line(page, &format!("engine.{key}.{what}"), &quoted(value), file);
        }
        for (label, words) in model::Label::ALL.iter().skip(1).zip(words) {
            push_line(page, &format!("engine.{key}.phrasebook.{label}"), &quoted(words), file);
        }
        for &label in model::Label::ALL.iter().skip(1) {
            let done = quoted(treatment.at(label).as_str());
            push_line(page, &format!("engine.{key}.treatment.{label}"), &done, file);
        }
    }
    for carrier in &directory.carriers {
        let spans = carrier.served.iter().map(|served| {
            let from = served.from.as_ref().map_or_else(String::new, |from| format!(" from {from}"));
            let to = served.to.as_ref().map_or_else(String::new, |to| format!(" until {to}"));
            quoted(&format!("{}{from}{to}", served.engine))
        });
        let spans: Vec<String> = spans.collect();
        push_line(page, &format!("carrier.{}", carrier.key), &format!("[{}]", spans.join(", ")), file);
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
