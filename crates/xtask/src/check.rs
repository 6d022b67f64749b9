//! `cargo xtask check`: every rule of the project, in one order, each reported by name.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;

use crate::finding::Finding;
use crate::workspace::{self, Sources};
use crate::{contract, docs, layers, sizes, tools};

/// One rule, or one family of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    Fmt,
    Layers,
    Sizes,
    Docs,
    Clippy,
    Deny,
    Contract,
    Doctests,
    Tests,
}

/// In the order in which they run: quick ones first. The tests come last, so that the closing lines of the output are
/// the test runner's own count, which is what people and machines look for there.
const ORDER: [Check; 9] = [
    Check::Fmt,
    Check::Layers,
    Check::Sizes,
    Check::Docs,
    Check::Clippy,
    Check::Deny,
    Check::Contract,
    Check::Doctests,
    Check::Tests,
];

impl Check {
    const fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Layers => "layers",
            Self::Sizes => "sizes",
            Self::Docs => "docs",
            Self::Clippy => "clippy",
            Self::Deny => "deny",
            Self::Contract => "contract",
            Self::Doctests => "doctests",
            Self::Tests => "tests",
        }
    }

    /// Runs the check. True when nothing was found.
    fn run(self, root: &Path) -> anyhow::Result<bool> {
        match self {
            Self::Fmt => {
                Ok(tools::ensure_component(root, "fmt", "rustfmt")? && tools::run(root, &["fmt", "--all", "--check"])?)
            }
            Self::Layers => Ok(report(&check_layers(root)?)),
            Self::Sizes => Ok(report(&check_sizes(&workspace::sources(root)?))),
            Self::Docs => Ok(report(&check_docs(root)?)),
            Self::Clippy => {
                // What ships has no optional feature; what is optional must hold as well.
                const SHIPPED: [&str; 6] = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
                const ALL: [&str; 7] =
                    ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
                Ok(tools::ensure_component(root, "clippy", "clippy")?
                    && tools::run(root, &SHIPPED)?
                    && tools::run(root, &ALL)?)
            }
            Self::Deny => run_deny(root),
            Self::Contract => contract::check(root),
            Self::Doctests => tools::run(root, &["test", "--quiet", "--workspace", "--doc"]),
            Self::Tests => run_tests(root),
        }
    }
}

/// Runs all checks, or the one named after `--only`. True when nothing was found.
pub(crate) fn run(args: &[String]) -> anyhow::Result<bool> {
    let chosen = choose(args)?;
    let root = workspace::root()?;
    let mut failed: Vec<&str> = Vec::new();
    for check in chosen {
        println!("── {}", check.name());
        let started = Instant::now();
        if check == Check::Tests {
            if !failed.is_empty() {
                println!("failed before the tests: {}", failed.join(", "));
            }
            let passed = check.run(&root)?;
            // A log closes with the tests' own summary, and the exit code tells of earlier failures. A person at a terminal
            // would take that summary for the whole result.
            if !failed.is_empty() && std::io::stdout().is_terminal() {
                println!("check failed: {}", failed.join(", "));
            }
            return Ok(passed && failed.is_empty());
        }
        let passed = check.run(&root)?;
        println!("   {} ({:.1} s)", if passed { "ok" } else { "FAILED" }, started.elapsed().as_secs_f32());
        if !passed {
            failed.push(check.name());
        }
    }
    Ok(failed.is_empty())
}

fn choose(args: &[String]) -> anyhow::Result<Vec<Check>> {
    let names = || ORDER.map(Check::name).join(" ");
    match args {
        [] => Ok(ORDER.to_vec()),
        [flag, name] if flag == "--only" => {
            let check = ORDER.into_iter().find(|check| check.name() == name);
            Ok(vec![check.with_context(|| format!("no check is called {name}; there are: {}", names()))?])
        }
        _ => anyhow::bail!("usage: cargo xtask check [--only NAME], NAME one of: {}", names()),
    }
}

fn report(findings: &[Finding]) -> bool {
    for finding in findings {
        println!("{finding}");
    }
    findings.is_empty()
}

fn check_layers(root: &Path) -> anyhow::Result<Vec<Finding>> {
    let sources = workspace::sources(root)?;
    let mut findings = sources.broken;
    for (path, source) in &sources.files {
        if workspace::crate_of(path).is_some_and(|name| layers::PURE.contains(&name)) {
            findings.extend(layers::check_code(path, &source.tokens));
        }
    }
    for folder in workspace::crate_folders(root)? {
        let path = folder.join("Cargo.toml");
        let manifest = workspace::read_if_present(&root.join(&path))?.unwrap_or_default();
        let name = workspace::crate_of(&path).unwrap_or_default();
        findings.extend(layers::check_manifest(&path, name, &manifest));
    }
    Ok(findings)
}

fn check_sizes(sources: &Sources) -> Vec<Finding> {
    let found = sources.files.iter().flat_map(|(path, source)| sizes::check(path, source));
    sources.broken.iter().cloned().chain(found).collect()
}

fn check_docs(root: &Path) -> anyhow::Result<Vec<Finding>> {
    let pages = workspace::pages(root)?;
    let mut findings = docs::dead_links(&pages, |path| root.join(path).exists());
    let policies = workspace::policies(root)?;
    let mut reasons = BTreeSet::new();
    // Rules and symptoms have pages of their own; their code and data are compared when the data are read.
    for (path, text) in policies.iter().filter(|(path, _)| !path.ends_with("policy/advice.toml")) {
        match docs::policy_codes(text) {
            Ok(codes) => reasons.extend(codes),
            Err(message) => findings.push(Finding::new(path, 0, message)),
        }
    }
    let sources = workspace::sources(root)?;
    let in_module = |path: &Path, module: &str| {
        let folder = Path::new("crates/reputation/src").join(module);
        path.starts_with(&folder) || path == folder.with_extension("rs")
    };
    let (advice, symptom) = (|path: &Path| in_module(path, "advice"), |path: &Path| in_module(path, "symptom"));
    let reason = |path: &Path| workspace::crate_of(path) == Some("reputation") && !advice(path) && !symptom(path);
    reasons.extend(codes_of(&sources, reason, &["as_str"]));
    findings.extend(compare_page(&pages, "docs/reference/reasons.md", &reasons));
    findings.extend(compare_page(&pages, "docs/reference/advice.md", &codes_of(&sources, advice, &["as_str"])));
    findings.extend(compare_page(&pages, "docs/reference/symptoms.md", &codes_of(&sources, symptom, &["as_str"])));
    findings.extend(compare_page(&pages, "docs/reference/errors.md", &error_codes(&sources)));
    Ok(findings)
}

/// Codes of errors and refusals: what `fn code` returns anywhere, and what `fn as_str` returns in a file `reject.rs`.
fn error_codes(sources: &Sources) -> BTreeSet<String> {
    let mut codes = codes_of(sources, |_| true, &["code"]);
    codes.extend(codes_of(sources, |path| path.ends_with("reject.rs"), &["as_str"]));
    codes
}

/// Codes that functions of the given names return, in the files that are chosen.
fn codes_of(sources: &Sources, chosen: impl Fn(&Path) -> bool, function_names: &[&str]) -> BTreeSet<String> {
    let files = sources.files.iter().filter(|(path, _)| chosen(path));
    files.flat_map(|(_, source)| docs::returned_codes(source, function_names)).collect()
}

fn compare_page(pages: &BTreeMap<PathBuf, String>, path: &str, codes: &BTreeSet<String>) -> Vec<Finding> {
    let path = Path::new(path);
    docs::compare(path, pages.get(path).map_or("", String::as_str), codes)
}

fn run_deny(root: &Path) -> anyhow::Result<bool> {
    if !tools::DENY.ensure(root)? {
        println!("licences, bans and sources need cargo-deny: {}", tools::DENY.install_command());
        return Ok(false);
    }
    tools::run(root, &["deny", "--all-features", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"])
}

fn run_tests(root: &Path) -> anyhow::Result<bool> {
    if tools::NEXTEST.ensure(root)? {
        tools::run(root, &["nextest", "run", "--workspace", "--all-features", "--no-fail-fast"])
    } else {
        println!("without cargo-nextest the tests run under cargo test: {}", tools::NEXTEST.install_command());
        tools::run(root, &["test", "--workspace", "--all-features", "--all-targets", "--no-fail-fast"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn tests_run_last() {
        assert_eq!(choose(&[]).expect("all").last(), Some(&Check::Tests));
    }

    #[test]
    fn one_check_can_be_chosen() {
        assert_eq!(choose(&args(&["--only", "layers"])).expect("one"), [Check::Layers]);
        assert!(choose(&args(&["--only", "nothing"])).is_err());
        assert!(choose(&args(&["layers"])).is_err());
    }

    #[test]
    fn error_codes_come_from_code_and_reject() {
        let source = |text| crate::rust_source::parse(text).expect("Rust");
        let sources = Sources {
            files: BTreeMap::from([
                (PathBuf::from("crates/intake/src/reject.rs"), source("fn as_str() { \"NO_START\" }")),
                (
                    PathBuf::from("crates/model/src/label.rs"),
                    source("fn as_str() { \"SPAM\" } fn code() { \"BAD_POLICY\" }"),
                ),
            ]),
            broken: Vec::new(),
        };
        assert_eq!(error_codes(&sources).into_iter().collect::<Vec<_>>(), ["BAD_POLICY", "NO_START"]);
    }
}
