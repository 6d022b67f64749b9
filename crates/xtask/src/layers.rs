//! The layer rule: crates of levels 0 and 1 and the simulator are pure, and dependencies between our crates point downward only.

use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::finding::Finding;
use crate::rust_source::{is_path_sep, is_punct};

/// Crates that may not read a file, a socket, a clock or the environment, start a thread, or log.
pub(crate) const PURE: [&str; 6] = ["model", "intake", "reputation", "casework", "sip", "sim"];

/// Which of our crates each may use. A crate that is not listed has no place in the design and is a finding.
const MAY_USE: [(&str, &[&str]); 11] = [
    ("model", &[]),
    ("intake", &["model"]),
    ("reputation", &["model"]),
    ("casework", &["model"]),
    ("sip", &["model"]),
    ("fit", &["model", "reputation"]),
    ("store", &["model", "casework"]),
    ("service", &["model", "intake", "reputation", "casework", "sip", "store"]),
    ("web", &["model", "service"]),
    ("sim", &["model", "intake", "reputation", "casework", "fit"]),
    ("ringtrue", &["model", "intake", "reputation", "casework", "sip", "fit", "store", "service", "web", "sim"]),
];

/// Crates that serve the workshop and ship with nothing: they stand above all others.
const WORKSHOP: [&str; 4] = ["xtask", "fuzz-bodies", "crash", "benches"];

/// Paths that a pure crate may not name, themselves or anything below them.
const FORBIDDEN_PATHS: [&str; 14] = [
    "std::fs",
    "std::net",
    "std::io",
    "std::env",
    "std::thread",
    "std::process",
    "std::os",
    "std::time::Instant",
    "std::time::SystemTime",
    "tokio",
    "tracing",
    "log",
    "rand",
    "getrandom",
];
/// Modules whose import as a whole would hide a forbidden path.
const FORBIDDEN_WHOLE: [&str; 2] = ["std", "std::time"];
const FORBIDDEN_MACROS: [&str; 5] = ["println", "eprintln", "print", "eprint", "dbg"];
/// External crates that a pure crate may not depend on, whatever it does with them.
const FORBIDDEN_CRATES: [&str; 9] =
    ["tokio", "async-trait", "futures", "tracing", "log", "rand", "getrandom", "socket2", "reqwest"];

/// Where production code of a pure crate breaks the rule.
pub(crate) fn check_code(path: &Path, tokens: &TokenStream) -> Vec<Finding> {
    let mut findings = Vec::new();
    walk(tokens.clone(), &mut |line, what| {
        findings.push(Finding::new(path, line, format!("{what}; levels 0 and 1 are pure, pass it in as an argument")));
    });
    findings
}

/// Where the manifest of the crate in folder `name` breaks the rule.
pub(crate) fn check_manifest(path: &Path, name: &str, manifest: &str) -> Vec<Finding> {
    if WORKSHOP.contains(&name) {
        return Vec::new();
    }
    let table: toml::Table = match manifest.parse() {
        Ok(table) => table,
        Err(error) => return vec![Finding::new(path, 0, format!("not TOML: {error}"))],
    };
    let Some((_, may_use)) = MAY_USE.iter().find(|(listed, _)| *listed == name) else {
        return vec![Finding::new(path, 0, format!("{name} has no level; give it one in crates/xtask/src/layers.rs"))];
    };
    let mut findings = Vec::new();
    for dependency in dependencies(&table) {
        let ours = MAY_USE.iter().any(|(listed, _)| *listed == dependency) || WORKSHOP.contains(&dependency.as_str());
        if ours && !may_use.contains(&dependency.as_str()) {
            findings.push(Finding::new(
                path,
                0,
                format!("{name} may not use {dependency}: dependencies point downward"),
            ));
        }
        if PURE.contains(&name) && FORBIDDEN_CRATES.contains(&dependency.as_str()) {
            findings.push(Finding::new(path, 0, format!("{name} is pure and may not use {dependency}")));
        }
    }
    findings
}

/// The names under `[dependencies]` and `[target.….dependencies]`, ours without their `ringtrue-` prefix.
fn dependencies(manifest: &toml::Table) -> Vec<String> {
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let per_target = targets.into_iter().flat_map(|table| table.values()).filter_map(toml::Value::as_table);
    std::iter::once(manifest)
        .chain(per_target)
        .filter_map(|table| table.get("dependencies").and_then(toml::Value::as_table))
        .flat_map(|table| table.iter())
        .map(|(key, value)| {
            let name = value.get("package").and_then(toml::Value::as_str).unwrap_or(key);
            name.strip_prefix("ringtrue-").unwrap_or(name).to_owned()
        })
        .collect()
}

fn walk(tokens: TokenStream, report: &mut impl FnMut(usize, String)) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => walk(group.stream(), report),
            TokenTree::Ident(ident) => {
                let line = ident.span().start().line;
                for what in faults_at(&trees, index, &ident.to_string()) {
                    report(line, what);
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// What the identifier at `index` does wrong.
fn faults_at(trees: &[TokenTree], index: usize, word: &str) -> Vec<String> {
    let after_sep = index >= 2 && is_path_sep(trees, index - 2);
    if word == "async" {
        return vec!["async code".to_owned()];
    }
    if FORBIDDEN_MACROS.contains(&word) && is_punct(trees, index + 1, '!') && !is_punct(trees, index + 2, '=') {
        return vec![format!("{word}!")];
    }
    if word == "now" && after_sep && is_empty_call(trees, index + 1) {
        return vec!["a clock is read by ::now()".to_owned()];
    }
    // In `crate::log::Entry` the word is not the root of its path; in `use ::log::Entry` it is.
    let qualified = after_sep
        && index
            .checked_sub(3)
            .and_then(|before| trees.get(before))
            .is_some_and(|tree| matches!(tree, TokenTree::Ident(ident) if ident != "use"));
    if qualified || index >= 1 && is_punct(trees, index - 1, '.') {
        return Vec::new();
    }
    let mut paths = Vec::new();
    expand_path(trees, index, "", &mut paths);
    paths.into_iter().filter(|path| is_forbidden(path)).collect()
}

fn is_empty_call(trees: &[TokenTree], index: usize) -> bool {
    matches!(trees.get(index), Some(TokenTree::Group(group))
        if group.delimiter() == Delimiter::Parenthesis && group.stream().is_empty())
}

/// Spells out the path that starts at `index`, once per leaf of its use-tree. A word alone is no path.
fn expand_path(trees: &[TokenTree], index: usize, prefix: &str, paths: &mut Vec<String>) {
    let mut path = prefix.to_owned();
    let mut index = index;
    let mut is_path = !prefix.is_empty();
    loop {
        match trees.get(index) {
            Some(TokenTree::Ident(segment)) => {
                if !path.is_empty() {
                    path.push_str("::");
                }
                path.push_str(&segment.to_string());
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace && !path.is_empty() => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                expand_group(&inner, &path, paths);
                return;
            }
            // A glob, or generic arguments: the path so far is all that matters.
            Some(_) | None => break,
        }
        if !is_path_sep(trees, index + 1) {
            break;
        }
        is_path = true;
        index += 3;
    }
    if is_path {
        paths.push(path);
    }
}

/// Spells out each comma-separated member of `{…}` after `prefix`.
fn expand_group(trees: &[TokenTree], prefix: &str, paths: &mut Vec<String>) {
    let mut member_starts = true;
    for (index, tree) in trees.iter().enumerate() {
        if member_starts {
            expand_path(trees, index, prefix, paths);
        }
        member_starts = matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ',');
    }
}

fn is_forbidden(path: &str) -> bool {
    let path = path.strip_suffix("::self").unwrap_or(path);
    let below = |entry: &str| path.strip_prefix(entry).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    FORBIDDEN_WHOLE.contains(&path) || FORBIDDEN_PATHS.iter().any(|entry| below(entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust_source::parse;

    fn check(code: &str, expect: &[&str]) {
        let source = parse(code).expect("Rust");
        let found: Vec<String> = check_code(Path::new("x.rs"), &source.tokens)
            .into_iter()
            .map(|finding| finding.message.split(';').next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(found, expect, "{code}");
    }

    #[test]
    fn impure_code_is_found() {
        check("use std::fs;", &["std::fs"]);
        check("use std::{fmt, io::{self, Read}, collections::BTreeMap};", &["std::io::self", "std::io::Read"]);
        check(
            "fn a() { let t = std::time::Instant::now(); }",
            &["std::time::Instant::now", "a clock is read by ::now()"],
        );
        check("use std::time;", &["std::time"]);
        check("use std::time::*;", &["std::time"]);
        check("use std::*;", &["std"]);
        check("use ::std::net::IpAddr;", &["std::net::IpAddr"]);
        check("fn a() { tokio::spawn(b()); }", &["tokio::spawn"]);
        check("async fn a() {}", &["async code"]);
        check("fn a() { vec![println!(\"x\")]; log::info!(\"x\"); }", &["println!", "log::info"]);
        check("fn a() { Zoned::now() }", &["a clock is read by ::now()"]);
    }

    #[test]
    fn pure_code_passes() {
        check("use std::{fmt, time::Duration}; // std::fs\nfn a(now: u8) { \"std::io\"; }", &[]);
        check("use crate::log::Entry; fn f(x: T) { x.log(2.0); self::tokio::x(); }", &[]);
        check("#[cfg(test)] mod tests { use std::fs; } fn now() {}", &[]);
        check("fn f(log: u8) { g(log, rand); }", &[]);
        check("fn print(x: u8) -> bool { print != x }", &[]);
    }

    #[test]
    fn dependencies_point_downward() {
        let check = |name: &str, manifest: &str| check_manifest(Path::new("Cargo.toml"), name, manifest).len();
        assert_eq!(check("intake", "[dependencies]\nmodel.workspace = true\ntoml = \"1\""), 0);
        assert_eq!(check("intake", "[dependencies]\nreputation.workspace = true"), 1);
        assert_eq!(check("model", "[dependencies]\nx = { package = \"ringtrue-intake\", path = \"..\" }"), 1);
        assert_eq!(check("model", "[target.'cfg(unix)'.dependencies]\ntokio = \"1\""), 1);
        assert_eq!(check("model", "[dev-dependencies]\nintake.workspace = true"), 0);
        assert_eq!(check("ringtrue", "[dependencies]\nxtask.workspace = true"), 1);
        assert_eq!(check("stray", "[dependencies]"), 1);
        assert_eq!(check("model", "[dependencies"), 1);
    }
}
