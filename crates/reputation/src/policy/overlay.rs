//! Laying an operator's settings over the shipped ones, remembering where each came from.

use std::collections::BTreeMap;

use super::PolicyError;

/// A policy file of the operator's: states only what differs.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// Names the file in messages.
    pub file: String,
    /// Its TOML text.
    pub text: String,
}

/// One effective setting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// The value, as TOML writes it.
    pub value: String,
    /// The file that it comes from.
    pub file: String,
}

/// The tables after merging.
pub(crate) struct Merged {
    pub(crate) text_of_tables: String,
    pub(crate) settings: BTreeMap<String, Setting>,
}

impl Merged {
    /// What is added to the shipped version where an overlay changes settings and names no version of its own, so that no
    /// verdict of a changed policy passes for one of the shipped policy: a hash of what was laid over. `None` when nothing was.
    pub(crate) fn mark(&self, shipped: &str) -> Option<String> {
        let mut changed = self.settings.iter().filter(|(_, setting)| setting.file != shipped).peekable();
        let named = self.settings.get("version").is_some_and(|version| version.file != shipped);
        if named || changed.peek().is_none() {
            return None;
        }
        let text: String = changed.map(|(key, setting)| format!("{key} = {}\n", setting.value)).collect();
        Some(format!("+{:08x}", rapidhash::v3::rapidhash_v3(text.as_bytes()) >> 32))
    }
}

/// Lays `overlays` over `shipped`. Tables merge key by key; any other value replaces.
pub(crate) fn merge(name: &str, shipped: &str, overlays: &[Overlay]) -> Result<Merged, PolicyError> {
    let mut base = parse(name, shipped)?;
    let mut settings = BTreeMap::new();
    list(&base, "", name, &mut settings);
    for overlay in overlays {
        let over = parse(&overlay.file, &overlay.text)?;
        list(&over, "", &overlay.file, &mut settings);
        for key in settings_of(&over) {
            // These two have optional keys, absent from the shipped file; reading refuses what no policy has.
            if lookup(&base, &key).is_none() && !key.starts_with("evidence.") && !key.starts_with("advice.") {
                return Err(PolicyError::UnknownKey { file: overlay.file.clone(), key });
            }
        }
        lay(&mut base, over);
    }
    let text_of_tables = toml::to_string(&base)
        .map_err(|error| PolicyError::Syntax { file: name.to_owned(), detail: error.to_string() })?;
    Ok(Merged { text_of_tables, settings })
}

fn parse(file: &str, text: &str) -> Result<toml::Table, PolicyError> {
    text.parse().map_err(|error: toml::de::Error| PolicyError::Syntax {
        file: file.to_owned(),
        detail: error.to_string().trim_end().to_owned(),
    })
}

fn lay(base: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(table)) => lay(under, table),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

fn list(table: &toml::Table, prefix: &str, file: &str, settings: &mut BTreeMap<String, Setting>) {
    for (key, value) in table {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        if let toml::Value::Table(inner) = value {
            list(inner, &path, file, settings);
        } else {
            settings.insert(path, Setting { value: value.to_string(), file: file.to_owned() });
        }
    }
}

fn settings_of(table: &toml::Table) -> Vec<String> {
    let mut settings = BTreeMap::new();
    list(table, "", "", &mut settings);
    settings.into_keys().collect()
}

fn lookup<'a>(table: &'a toml::Table, path: &str) -> Option<&'a toml::Value> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let value = table.get(first)?;
    match (rest, value) {
        (None, value) => Some(value),
        (Some(rest), toml::Value::Table(inner)) => lookup(inner, rest),
        (Some(_), _) => None,
    }
}
