//! All policy files together, with an operator's overlays.

use std::path::{Path, PathBuf};

use reputation::advice::AdvicePolicy;
use reputation::engines::Directory;
use reputation::hours::CallingHours;
use reputation::policy::{Overlay, Policy, PolicyError};
use reputation::words::Words;

use crate::error::ScoreError;

/// The largest policy file that is read, in bytes.
const MAX_POLICY_BYTES: u64 = 1 << 20;

/// The files of a policy folder. A file of another name would be ignored in silence, so it is refused.
const FILES: [&str; 5] = ["reputation.toml", "engines.toml", "reasons.toml", "advice.toml", "area_codes.toml"];

/// All policy data of a run.
#[derive(Clone)]
pub(crate) struct PolicyData {
    /// The numbers.
    pub(crate) policy: Policy,
    /// The operator's files that were laid over the shipped ones, in the order of [`FILES`].
    pub(crate) own: Vec<Overlay>,
    /// The overlays of `reputation.toml`.
    pub(crate) overlays: Vec<Overlay>,
    /// The directory of engines and carriers.
    pub(crate) directory: Directory,
    /// The words of the reasons.
    pub(crate) words: Words,
    /// Advice and symptoms.
    pub(crate) advice: AdvicePolicy,
    /// When people may be called, by area code.
    pub(crate) hours: CallingHours,
}

impl PolicyData {
    /// Loads the shipped policy, overlaid by the files of `dir`.
    pub(crate) fn load(dir: Option<&Path>) -> Result<Self, ScoreError> {
        own_files(dir)?;
        let mut own = Vec::new();
        let mut overlay = |name: &str| -> Result<Option<Overlay>, ScoreError> {
            let found = overlay(dir, name)?;
            own.extend(found.clone());
            Ok(found)
        };
        let overlays: Vec<Overlay> = overlay("reputation.toml")?.into_iter().collect();
        let policy = Policy::load(&overlays).map_err(|error| refused(&overlays, error))?;
        let directory = match overlay("engines.toml")? {
            Some(Overlay { file, text }) => Directory::parse(&file, &text)?,
            None => Directory::parse("engines.toml (shipped)", Directory::SHIPPED)?,
        };
        let words_overlays: Vec<Overlay> = overlay("reasons.toml")?.into_iter().collect();
        let words = Words::load(&words_overlays, &policy).map_err(|error| refused(&words_overlays, error))?;
        let advice_overlays: Vec<Overlay> = overlay("advice.toml")?.into_iter().collect();
        let advice = AdvicePolicy::load(&advice_overlays).map_err(|error| refused(&advice_overlays, error))?;
        let hours = match overlay("area_codes.toml")? {
            Some(Overlay { file, text }) => CallingHours::parse(&file, &text)?,
            None => CallingHours::parse("area_codes.toml (shipped)", CallingHours::SHIPPED)?,
        };
        Ok(Self { policy, own, overlays, directory, words, advice, hours })
    }
}

/// A value that does not hold after merging comes from the operator's file: the shipped ones hold by themselves.
fn refused(overlays: &[Overlay], error: PolicyError) -> ScoreError {
    match (&error, overlays.last()) {
        (PolicyError::Value { .. } | PolicyError::Range { .. }, Some(overlay)) => {
            ScoreError::PolicyFile { file: overlay.file.clone(), detail: error.to_string() }
        }
        (PolicyError::Syntax { .. } | PolicyError::UnknownKey { .. }, _)
        | (PolicyError::Value { .. } | PolicyError::Range { .. }, None) => ScoreError::Policy(error),
    }
}

/// The operator's files, in the order of [`FILES`]; refuses a policy file of an unknown name.
pub(crate) fn own_files(dir: Option<&Path>) -> Result<Vec<String>, ScoreError> {
    let Some(dir) = dir else {
        return Ok(Vec::new());
    };
    let unreadable = |source| ScoreError::Unreadable { file: dir.display().to_string(), source };
    if !std::fs::metadata(dir).map_err(unreadable)?.is_dir() {
        return Err(ScoreError::Argument {
            argument: "--policy",
            detail: format!("{} is not a folder", dir.display()),
        });
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        if FILES.contains(&name.as_str()) {
            names.push(name);
        } else if Path::new(&name).extension().is_some_and(|extension| extension == "toml") {
            return Err(ScoreError::PolicyFile {
                file: dir.join(&name).display().to_string(),
                detail: format!("no policy file has this name; there are {}", FILES.join(", ")),
            });
        }
    }
    names.sort_by_key(|name| FILES.iter().position(|known| known == name));
    Ok(names.into_iter().map(|name| dir.join(name).display().to_string()).collect())
}

/// The operator's file of a name; `None` when there is none.
pub(crate) fn overlay(dir: Option<&Path>, name: &str) -> Result<Option<Overlay>, ScoreError> {
    let Some(dir) = dir else {
        return Ok(None);
    };
    let unreadable = |path: &Path, source| ScoreError::Unreadable { file: path.display().to_string(), source };
    let path: PathBuf = dir.join(name);
    match std::fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(unreadable(&path, source)),
        Ok(found) if found.len() > MAX_POLICY_BYTES => Err(ScoreError::PolicyFile {
            file: path.display().to_string(),
            detail: format!("it has {} bytes, and a policy file has at most {MAX_POLICY_BYTES}", found.len()),
        }),
        Ok(_) => {
            let text = std::fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?;
            Ok(Some(Overlay { file: path.display().to_string(), text }))
        }
    }
}
