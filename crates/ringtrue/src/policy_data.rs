//! All policy files together, with an operator's overlays.

use std::path::{Path, PathBuf};

use reputation::advice::AdvicePolicy;
use reputation::engines::Directory;
use reputation::hours::CallingHours;
use reputation::policy::{Overlay, Policy, PolicyError};
use reputation::words::Words;
use service::PolicyText;

use crate::error::ScoreError;

/// The largest policy file that is read, in bytes.
const MAX_POLICY_BYTES: u64 = 1 << 20;

/// The files of a policy folder. A file of another name would be ignored in silence, so it is refused.
const FILES: [&str; 5] = ["reputation.toml", "engines.toml", "reasons.toml", "advice.toml", "area_codes.toml"];

/// The shipped texts of these files.
const SHIPPED: [&str; 5] =
    [Policy::SHIPPED, Directory::SHIPPED, Words::SHIPPED, AdvicePolicy::SHIPPED, CallingHours::SHIPPED];

/// What stands before the names of shipped files where all that a policy was made of is kept.
const SHIPPED_NAME: &str = "shipped/";

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
        let mut laid = Vec::new();
        for name in FILES {
            laid.extend(overlay(dir, name)?.map(|overlay| (name, overlay)));
        }
        Self::of(laid)
    }

    /// Loads what a policy was made of before: the files that shipped then, where they were others, and the operator's.
    pub(crate) fn of_text(text: &PolicyText) -> Result<Self, ScoreError> {
        let mut laid = Vec::new();
        for (name, shipped) in FILES.into_iter().zip(SHIPPED) {
            let before = format!("{SHIPPED_NAME}{name}");
            let own = |(of, _): &&(Box<str>, Box<str>)| **of == *name;
            let shipped_then = |(of, text): &&(Box<str>, Box<str>)| **of == *before && **text != *shipped;
            let files = text.files.iter().filter(shipped_then).chain(text.files.iter().filter(own));
            laid.extend(files.map(|(file, text)| (name, Overlay { file: file.to_string(), text: text.to_string() })));
        }
        Self::of(laid)
    }

    /// Lays files over the shipped ones, each of several of one name over those before.
    fn of(laid: Vec<(&'static str, Overlay)>) -> Result<Self, ScoreError> {
        let of = |name: &str| -> Vec<Overlay> {
            laid.iter().filter(|(file, _)| *file == name).map(|(_, overlay)| overlay.clone()).collect()
        };
        let overlays = of("reputation.toml");
        let policy = Policy::load(&overlays).map_err(|error| refused(&overlays, error))?;
        let directory = match of("engines.toml").pop() {
            Some(Overlay { file, text }) => Directory::parse(&file, &text)?,
            None => Directory::parse("engines.toml (shipped)", Directory::SHIPPED)?,
        };
        let words_overlays = of("reasons.toml");
        let words = Words::load(&words_overlays, &policy).map_err(|error| refused(&words_overlays, error))?;
        let advice_overlays = of("advice.toml");
        let advice = AdvicePolicy::load(&advice_overlays).map_err(|error| refused(&advice_overlays, error))?;
        let hours = match of("area_codes.toml").pop() {
            Some(Overlay { file, text }) => CallingHours::parse(&file, &text)?,
            None => CallingHours::parse("area_codes.toml (shipped)", CallingHours::SHIPPED)?,
        };
        let own = laid.into_iter().map(|(_, overlay)| overlay).collect();
        Ok(Self { policy, own, overlays, directory, words, advice, hours })
    }

    /// What this policy is made of, under the name of its version.
    pub(crate) fn text(&self, version: &str) -> PolicyText {
        let shipped = FILES.into_iter().zip(SHIPPED);
        let shipped = shipped.map(|(name, text)| (format!("{SHIPPED_NAME}{name}").into(), text.into()));
        let own = self.own.iter().map(|Overlay { file, text }| {
            let name = Path::new(file).file_name().map_or_else(|| file.clone(), |name| name.to_string_lossy().into());
            (name.into(), text.as_str().into())
        });
        PolicyText { version: version.into(), files: shipped.chain(own).collect() }
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
