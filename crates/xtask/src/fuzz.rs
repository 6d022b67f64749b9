//! `cargo xtask fuzz`: coverage-guided fuzzing of the bodies that the tests also run, bounded, on every change.

use std::path::Path;

use anyhow::Context as _;

use crate::{tools, workspace};

/// How long each target runs unless told, in seconds. Chosen: long enough to find what one change broke.
const SECONDS: u32 = 60;

/// How much of each fixture becomes a seed, in bytes. Chosen: header and many records, and still quick to mutate.
const SEED_BYTES: usize = 4096;

#[derive(Debug, PartialEq, Eq)]
struct Request {
    /// `None` means every target in turn.
    target: Option<String>,
    seconds: u32,
}

/// Fuzzes one target or all. True when no input broke an invariant.
pub(crate) fn run(args: &[String]) -> anyhow::Result<bool> {
    let request = parse(args)?;
    let root = workspace::root()?;
    let targets = targets(&root)?;
    let chosen: Vec<&String> = match &request.target {
        Some(name) => {
            let found = targets.iter().find(|target| *target == name);
            vec![found.with_context(|| format!("no target is called {name}; there are: {}", targets.join(" ")))?]
        }
        None => targets.iter().collect(),
    };
    if !tools::FUZZ.ensure(&root)? {
        anyhow::bail!("fuzzing needs cargo-fuzz and a C++ compiler: {}", tools::FUZZ.install_command());
    }
    let mut passed = true;
    for target in chosen {
        println!("── {target}, {} s", request.seconds);
        passed &= fuzz(&root, target, request.seconds)?;
    }
    Ok(passed)
}

fn parse(args: &[String]) -> anyhow::Result<Request> {
    let mut request = Request { target: None, seconds: SECONDS };
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if arg == "--seconds" {
            let value = rest.next().context("--seconds needs a number")?;
            request.seconds = value.parse().with_context(|| format!("--seconds needs a number, not {value}"))?;
        } else if arg.starts_with('-') || request.target.is_some() {
            anyhow::bail!("usage: cargo xtask fuzz [TARGET] [--seconds N]");
        } else {
            request.target = Some(arg.clone());
        }
    }
    Ok(request)
}

/// The names of the files in `fuzz/fuzz_targets`, in order.
fn targets(root: &Path) -> anyhow::Result<Vec<String>> {
    let folder = root.join("fuzz/fuzz_targets");
    let listing = std::fs::read_dir(&folder).with_context(|| format!("listing {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in listing {
        let path = entry?.path();
        if let (Some("rs"), Some(stem)) = (path.extension().and_then(|e| e.to_str()), path.file_stem()) {
            names.push(stem.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn fuzz(root: &Path, target: &str, seconds: u32) -> anyhow::Result<bool> {
    let corpus = format!("fuzz/corpus/{target}");
    std::fs::create_dir_all(root.join(&corpus)).with_context(|| format!("making {corpus}"))?;
    seed(root, &root.join(&corpus))?;
    let seeds = format!("fuzz/seeds/{target}");
    let limit = format!("-max_total_time={seconds}");
    // Without a sanitizer the stable toolchain will do: our code has no `unsafe` for one to watch. New inputs are kept in
    // the first folder; the seeds are only read.
    let mut args = vec!["fuzz", "run", "--sanitizer", "none", target, &corpus];
    if root.join(&seeds).is_dir() {
        args.push(&seeds);
    }
    args.extend(["--", &limit]);
    tools::run(root, &args)
}

/// Puts the fixtures into the corpus, behind the byte by which bodies choose their settings: `3` gives a region and a zone
/// and leaves the format to be detected.
fn seed(root: &Path, corpus: &Path) -> anyhow::Result<()> {
    for path in workspace::files_below(root, Path::new("fixtures"))? {
        let mut bytes = std::fs::read(root.join(&path)).with_context(|| format!("reading {}", path.display()))?;
        bytes.truncate(SEED_BYTES);
        bytes.insert(0, b'3');
        let name = path.to_string_lossy().replace(['/', '\\'], "-");
        std::fs::write(corpus.join(&name), bytes).with_context(|| format!("writing seed {name}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read() {
        let parse = |words: &[&str]| parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(parse(&[]).expect("all"), Request { target: None, seconds: SECONDS });
        let one = parse(&["tn", "--seconds", "5"]).expect("one");
        assert_eq!(one, Request { target: Some("tn".to_owned()), seconds: 5 });
        assert!(parse(&["tn", "other"]).is_err());
        assert!(parse(&["--seconds"]).is_err());
        assert!(parse(&["--fast"]).is_err());
    }
}
