//! The files of the workspace that the checks read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::finding::Finding;
use crate::rust_source::{self, RustSource};

/// Where the workspace lies: the folder two above this crate.
pub(crate) fn root() -> anyhow::Result<PathBuf> {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask …`")?;
    let root = Path::new(&own).ancestors().nth(2).context("xtask lies in crates/xtask")?;
    Ok(root.to_owned())
}

/// Reads a file whose absence is an answer.
pub(crate) fn read_if_present(path: &Path) -> anyhow::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}

/// The production code of the folders `crates/*/src`, `fuzz` and `benches`.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// By path relative to the workspace. Files of `#[cfg(test)] mod name;` are left out.
    pub(crate) files: BTreeMap<PathBuf, RustSource>,
    /// Files that are not Rust.
    pub(crate) broken: Vec<Finding>,
}

/// The crate folder under `crates/` that a path belongs to; `None` for a path elsewhere.
pub(crate) fn crate_of(path: &Path) -> Option<&str> {
    path.strip_prefix("crates").ok()?.components().next()?.as_os_str().to_str()
}

/// Reads all production code.
pub(crate) fn sources(root: &Path) -> anyhow::Result<Sources> {
    let mut texts = BTreeMap::new();
    for folder in crate_folders(root)? {
        collect(root, &folder.join("src"), "rs", &mut texts)?;
    }
    for folder in ["fuzz", "benches"] {
        collect(root, Path::new(folder), "rs", &mut texts)?;
    }
    Ok(parse_all(&texts))
}

/// The folders of the workspace's crates, relative to the workspace, in order.
pub(crate) fn crate_folders(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = entries(&root.join("crates"))?;
    Ok(entries.into_iter().filter(|path| path.join("Cargo.toml").is_file()).map(|path| relative(root, &path)).collect())
}

/// Every page of documentation: `docs/` and the pages at the top.
pub(crate) fn pages(root: &Path) -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let mut pages = BTreeMap::new();
    collect(root, Path::new("docs"), "md", &mut pages)?;
    for path in entries(root)? {
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            pages.insert(relative(root, &path), text);
        }
    }
    Ok(pages)
}

/// Every policy file, `policy/**/*.toml`.
pub(crate) fn policies(root: &Path) -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let mut files = BTreeMap::new();
    collect(root, Path::new("policy"), "toml", &mut files)?;
    Ok(files)
}

fn parse_all(texts: &BTreeMap<PathBuf, String>) -> Sources {
    let mut sources = Sources::default();
    let mut tests = BTreeSet::new();
    for (path, text) in texts {
        match rust_source::parse(text) {
            Ok(source) => {
                tests.extend(source.test_modules.iter().flat_map(|name| module_paths(path, name)));
                sources.files.insert(path.clone(), source);
            }
            Err(message) => sources.broken.push(Finding::new(path, 0, message)),
        }
    }
    sources.files.retain(|path, _| !path.ancestors().any(|ancestor| tests.contains(ancestor)));
    sources
}

/// Where the code of `mod name;` in the file at `path` may lie: a file, or a folder with all below it.
fn module_paths(path: &Path, name: &str) -> [PathBuf; 2] {
    let parent = path.parent().unwrap_or(Path::new(""));
    let stem = path.file_stem().unwrap_or_default();
    let folder = if stem == "lib" || stem == "main" || stem == "mod" { parent.to_owned() } else { parent.join(stem) };
    [folder.join(format!("{name}.rs")), folder.join(name)]
}

/// Every file below `folder`, relative to the workspace and in order. A folder that is not there holds none.
pub(crate) fn files_below(root: &Path, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let absolute = root.join(folder);
    if !absolute.is_dir() {
        return Ok(files);
    }
    for path in entries(&absolute)? {
        let relative = relative(root, &path);
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !path.is_dir() {
            files.push(relative);
        } else if name != "target" && name != "data" && !name.starts_with('.') {
            // Build output and data are not ours to judge.
            files.extend(files_below(root, &relative)?);
        }
    }
    Ok(files)
}

/// Reads every file below `folder` with the given extension.
fn collect(root: &Path, folder: &Path, extension: &str, files: &mut BTreeMap<PathBuf, String>) -> anyhow::Result<()> {
    for path in files_below(root, folder)? {
        if path.extension().is_some_and(|found| found == extension) {
            let text =
                std::fs::read_to_string(root.join(&path)).with_context(|| format!("reading {}", path.display()))?;
            files.insert(path, text);
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let listing = std::fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))?;
    let mut paths = listing.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

fn relative(root: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_test_modules_are_left_out() {
        let texts = [
            ("crates/a/src/lib.rs", "#[cfg(test)] mod cases; mod b;"),
            ("crates/a/src/cases.rs", "fn x() {}"),
            ("crates/a/src/cases/deep.rs", "fn x() {}"),
            ("crates/a/src/b.rs", "#[cfg(test)] mod tests;"),
            ("crates/a/src/b/tests.rs", "fn x() {}"),
            ("crates/a/src/b/kept.rs", "fn x() {}"),
            ("crates/a/src/tests.rs", "fn x("),
        ];
        let texts = texts.into_iter().map(|(path, text)| (PathBuf::from(path), text.to_owned())).collect();
        let sources = parse_all(&texts);
        let kept: Vec<&str> = sources.files.keys().filter_map(|path| path.to_str()).collect();
        assert_eq!(kept, ["crates/a/src/b/kept.rs", "crates/a/src/b.rs", "crates/a/src/lib.rs"]);
        assert_eq!(sources.broken.len(), 1);
    }

    #[test]
    fn crates_are_named_by_their_folder() {
        assert_eq!(crate_of(Path::new("crates/model/src/tn.rs")), Some("model"));
        assert_eq!(crate_of(Path::new("fuzz/fuzz_targets/x.rs")), None);
    }
}
