//! Size limits: a file that a reader can hold in mind, a function that fits a screen.

use std::path::Path;

use crate::finding::Finding;
use crate::rust_source::{RustSource, functions};

/// The most production lines of one file. Chosen: twice the 95th percentile of what we aim at; see CONTRIBUTING.md.
pub(crate) const FILE_LINES_MAX: usize = 600;
/// The most lines of one function. Chosen: one screen.
pub(crate) const FUNCTION_LINES_MAX: usize = 70;

/// Where a file or one of its functions is too long.
pub(crate) fn check(path: &Path, source: &RustSource) -> Vec<Finding> {
    let mut findings = Vec::new();
    if source.production_lines > FILE_LINES_MAX {
        let message = format!("{} production lines, at most {FILE_LINES_MAX}; split it", source.production_lines);
        findings.push(Finding::new(path, 0, message));
    }
    for function in functions(&source.tokens) {
        if function.lines > FUNCTION_LINES_MAX {
            let message =
                format!("fn {} has {} lines, at most {FUNCTION_LINES_MAX}; split it", function.name, function.lines);
            findings.push(Finding::new(path, function.line, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust_source::parse;

    fn check_text(text: &str) -> Vec<usize> {
        check(Path::new("x.rs"), &parse(text).expect("Rust")).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn long_functions_are_found() {
        let body = |lines: usize| format!("mod m {{\nfn a() {{\n{}}}\n}}\n", "();\n".repeat(lines));
        assert!(check_text(&body(68)).is_empty());
        assert_eq!(check_text(&body(69)), [2]);
    }

    #[test]
    fn long_files_are_found_and_tests_are_free() {
        let consts = |count: usize| "const A: u8 = 1;\n".repeat(count);
        assert!(check_text(&consts(600)).is_empty());
        assert_eq!(check_text(&consts(601)), [0]);
        assert!(check_text(&format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", consts(600), consts(500))).is_empty());
    }
}
