//! Documentation against code: every code that leaves the process has a heading, every heading has a code, and every
//! link inside the documentation leads somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::finding::Finding;
use crate::rust_source::{RustSource, functions};

/// Codes headed by `### CODE` in a page, with their lines.
pub(crate) fn documented_codes(page: &str) -> BTreeMap<String, usize> {
    headed_codes(page, "### ")
}

/// Codes that are tables of a policy file: `[SHORT_CALLS]` or `[evidence.SHORT_CALLS]`.
///
/// # Errors
///
/// A sentence, when the text is not TOML.
pub(crate) fn policy_codes(text: &str) -> Result<BTreeSet<String>, String> {
    let table: toml::Table = text.parse().map_err(|error| format!("not TOML: {error}"))?;
    let mut codes = BTreeSet::new();
    collect_codes(&table, &mut codes);
    Ok(codes)
}

/// Codes that the functions of the given names can return: the string literals in their bodies that look like codes.
pub(crate) fn returned_codes(source: &RustSource, function_names: &[&str]) -> BTreeSet<String> {
    functions(&source.tokens)
        .into_iter()
        .filter(|function| function_names.contains(&function.name.as_str()))
        .flat_map(|function| function.strings)
        .filter(|text| is_code(text))
        .collect()
}

/// Codes without a heading in `page`, and headings without a code. A heading one level down, `#### CODE`, documents a code
/// that may exist: a hint that no policy weighs yet.
pub(crate) fn compare(path: &Path, page: &str, codes: &BTreeSet<String>) -> Vec<Finding> {
    let documented = documented_codes(page);
    let hints = headed_codes(page, "#### ");
    let missing = codes
        .iter()
        .filter(|code| !documented.contains_key(*code) && !hints.contains_key(*code))
        .map(|code| Finding::new(path, 0, format!("{code} exists and has no heading \"### {code}\" here")));
    let stale = documented
        .iter()
        .filter(|(code, _)| !codes.contains(*code))
        .map(|(code, line)| Finding::new(path, *line, format!("{code} has a heading and exists nowhere")));
    missing.chain(stale).collect()
}

/// Links of a page to files or headings that are not there. `pages` maps each page's path to its text; `exists` tells
/// whether a path relative to the workspace is a file or a folder.
pub(crate) fn dead_links(pages: &BTreeMap<PathBuf, String>, exists: impl Fn(&Path) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, page) in pages {
        for (line, target) in links(page) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { path.clone() } else { resolve(path, file) };
            let dead = match pages.get(&file) {
                Some(linked) => !anchor.is_empty() && !anchors(linked).contains(anchor),
                None => !exists(&file),
            };
            if dead {
                findings.push(Finding::new(path, line, format!("the link {target} leads nowhere")));
            }
        }
    }
    findings
}

fn headed_codes(page: &str, mark: &str) -> BTreeMap<String, usize> {
    numbered_lines(page)
        .filter_map(|(line, text)| {
            let word = text.strip_prefix(mark)?.split_whitespace().next()?.trim_matches('`');
            is_code(word).then(|| (word.to_owned(), line))
        })
        .collect()
}

/// `UPPER_SNAKE` of at least two letters: the form of every code.
fn is_code(word: &str) -> bool {
    word.len() >= 2
        && word.starts_with(|first: char| first.is_ascii_uppercase())
        && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

fn collect_codes(table: &toml::Table, codes: &mut BTreeSet<String>) {
    for (key, value) in table {
        if let Some(inner) = value.as_table() {
            if is_code(key) {
                codes.insert(key.clone());
            }
            collect_codes(inner, codes);
        }
    }
}

/// Lines outside fenced blocks, counted from 1.
fn numbered_lines(page: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    (1..).zip(page.lines()).filter(move |(_, text)| {
        let fence = text.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

fn links(page: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (line, text) in numbered_lines(page) {
        let mut rest = text;
        while let Some((_, after)) = rest.split_once("](") {
            let Some((target, tail)) = after.split_once(')') else { break };
            found.push((line, target));
            rest = tail;
        }
    }
    found
}

/// Anchors of a page's headings, spelled as code hosts spell them.
fn anchors(page: &str) -> BTreeSet<String> {
    numbered_lines(page)
        .filter(|(_, text)| text.starts_with('#'))
        .map(|(_, text)| {
            let title = text.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// The path that `link` means when it stands in `page`.
fn resolve(page: &Path, link: &str) -> PathBuf {
    let mut path = page.parent().unwrap_or(Path::new("")).to_owned();
    for part in link.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                path.pop();
            }
            name => path.push(name),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust_source::parse;

    fn set(codes: &[&str]) -> BTreeSet<String> {
        codes.iter().map(|code| (*code).to_owned()).collect()
    }

    #[test]
    fn codes_are_compared_in_both_directions() {
        let page = "# Reasons\n### SHORT_CALLS\n### `TALK_TIME`\n### About these\n```\n### FENCED\n```\n";
        assert!(compare(Path::new("r.md"), page, &set(&["SHORT_CALLS", "TALK_TIME"])).is_empty());
        let found = compare(Path::new("r.md"), page, &set(&["SHORT_CALLS", "FLOOR"]));
        let lines: Vec<(usize, &str)> =
            found.iter().map(|finding| (finding.line, finding.message.split(' ').next().unwrap_or_default())).collect();
        assert_eq!(lines, [(0, "FLOOR"), (3, "TALK_TIME")]);
        assert!(compare(Path::new("r.md"), "#### BURST\n#### SILENT", &set(&["BURST"])).is_empty());
    }

    #[test]
    fn codes_are_read_from_policy_and_code() {
        assert_eq!(
            policy_codes("[SHORT_CALLS]\nweight = 1\n[hints.BURST]\n[other]\nFLAT = 1"),
            Ok(set(&["SHORT_CALLS", "BURST"]))
        );
        assert!(policy_codes("[SHORT").is_err());
        let code = "impl R { const ALL: [R; 1] = [R::A]; fn as_str(self) -> &'static str { match self { R::A => \"NO_START\", \
                    R::B => \"said so\" } } fn other() { \"NOT_THIS\"; } }";
        assert_eq!(returned_codes(&parse(code).expect("Rust"), &["as_str"]), set(&["NO_START"]));
    }

    #[test]
    fn dead_links_are_found() {
        let pages = BTreeMap::from([
            (
                PathBuf::from("docs/a.md"),
                "[b](sub/b.md#short-calls) [c](../c.txt) [me](#top)\n[x](sub/no.md)\n# Top".to_owned(),
            ),
            (
                PathBuf::from("docs/sub/b.md"),
                "## Short calls\n[up](../a.md#gone) [out](https://example.org/x)".to_owned(),
            ),
        ]);
        let found: Vec<String> = dead_links(&pages, |path| path == Path::new("c.txt"))
            .into_iter()
            .map(|finding| finding.to_string())
            .collect();
        assert_eq!(
            found,
            ["docs/a.md:2: the link sub/no.md leads nowhere", "docs/sub/b.md:2: the link ../a.md#gone leads nowhere"]
        );
    }
}
