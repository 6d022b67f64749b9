//! A Rust file as tokens, without its test code.
//!
//! Tokens, not text: a word in a comment or in a string breaks no rule. Tokens, not a syntax tree: the code inside macro
//! calls is seen too.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The production code of one file.
#[derive(Debug)]
pub(crate) struct RustSource {
    /// Every token outside `#[cfg(test)]` items.
    pub(crate) tokens: TokenStream,
    /// Lines of the file less those of `#[cfg(test)]` items.
    pub(crate) production_lines: usize,
    /// Names of `#[cfg(test)] mod name;` modules, whose code lives in files of their own.
    pub(crate) test_modules: BTreeSet<String>,
}

/// One function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// The line of its `fn`.
    pub(crate) line: usize,
    /// From `fn` to the closing brace.
    pub(crate) lines: usize,
    /// The string literals in its body, without their quotes.
    pub(crate) strings: Vec<String>,
}

/// Reads one file. The error is a sentence about text that is not Rust.
pub(crate) fn parse(text: &str) -> Result<RustSource, String> {
    let all = TokenStream::from_str(text).map_err(|error| format!("not Rust: {error}"))?;
    let mut strip = Strip::default();
    let trees: Vec<TokenTree> = all.into_iter().collect();
    let tokens = if is_test_file(&trees) { TokenStream::new() } else { strip.strip(&trees) };
    let lines = if tokens.is_empty() { 0 } else { text.lines().count() };
    Ok(RustSource {
        tokens,
        production_lines: lines.saturating_sub(strip.test_lines),
        test_modules: strip.test_modules,
    })
}

/// The functions with a body anywhere in `tokens`, nested ones too, in order of appearance.
pub(crate) fn functions(tokens: &TokenStream) -> Vec<Function> {
    let mut found = Vec::new();
    collect_functions(tokens.clone(), &mut found);
    found
}

/// Whether the tree at `index` is the given punctuation mark.
pub(crate) fn is_punct(trees: &[TokenTree], index: usize, mark: char) -> bool {
    matches!(trees.get(index), Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

/// Whether `::` starts at `index`.
pub(crate) fn is_path_sep(trees: &[TokenTree], index: usize) -> bool {
    is_punct(trees, index, ':') && is_punct(trees, index + 1, ':')
}

#[derive(Default)]
struct Strip {
    test_lines: usize,
    test_modules: BTreeSet<String>,
}

impl Strip {
    fn strip(&mut self, trees: &[TokenTree]) -> TokenStream {
        let mut kept = Vec::new();
        let mut index = 0;
        while let Some(tree) = trees.get(index) {
            if is_test_attribute(trees, index) {
                let end = item_end(trees, index + 2);
                self.record(trees.get(index..end).unwrap_or_default());
                index = end;
                continue;
            }
            match tree {
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    let mut stripped = proc_macro2::Group::new(group.delimiter(), self.strip(&inner));
                    stripped.set_span(group.span());
                    kept.push(TokenTree::Group(stripped));
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => kept.push(tree.clone()),
            }
            index += 1;
        }
        kept.into_iter().collect()
    }

    fn record(&mut self, item: &[TokenTree]) {
        if let (Some(first), Some(last)) = (item.first(), item.last()) {
            self.test_lines += last.span().end().line - first.span().start().line + 1;
        }
        let mut words = item.iter().skip_while(|tree| !is_word(tree, "mod")).skip(1);
        if let (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(_))) = (words.next(), words.next()) {
            self.test_modules.insert(name.to_string());
        }
    }
}

fn is_word(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == word)
}

/// `#![cfg(test)]` at the head of a file.
fn is_test_file(trees: &[TokenTree]) -> bool {
    (0..trees.len()).any(|index| {
        is_punct(trees, index, '#') && is_punct(trees, index + 1, '!') && trees.get(index + 2).is_some_and(is_cfg_test)
    })
}

/// `#[cfg(test)]` at `index`.
fn is_test_attribute(trees: &[TokenTree], index: usize) -> bool {
    is_punct(trees, index, '#') && trees.get(index + 1).is_some_and(is_cfg_test)
}

/// `[cfg(test)]` or `[cfg(all(test, …))]`: code that no production build holds.
fn is_cfg_test(tree: &TokenTree) -> bool {
    let TokenTree::Group(group) = tree else { return false };
    if group.delimiter() != Delimiter::Bracket {
        return false;
    }
    let text: String = group.stream().to_string().split_whitespace().collect();
    text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

/// The index after the item that starts at `index`: its `;` or its braces; for a field or a match arm, its comma.
fn item_end(trees: &[TokenTree], mut index: usize) -> usize {
    const ITEMS: [&str; 11] =
        ["mod", "fn", "use", "impl", "struct", "enum", "const", "static", "type", "trait", "macro_rules"];
    let mut is_item = false;
    while let Some(tree) = trees.get(index) {
        index += 1;
        match tree {
            TokenTree::Ident(ident) => is_item |= ITEMS.contains(&ident.to_string().as_str()),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return index,
            TokenTree::Punct(punct) if punct.as_char() == ';' => return index,
            TokenTree::Punct(punct) if punct.as_char() == ',' && !is_item => return index,
            TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    index
}

fn collect_functions(tokens: TokenStream, found: &mut Vec<Function>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, tree) in trees.iter().enumerate() {
        if is_word(tree, "fn")
            && let Some(function) = function_at(&trees, index)
        {
            found.push(function);
        }
        if let TokenTree::Group(group) = tree {
            collect_functions(group.stream(), found);
        }
    }
}

/// The function whose `fn` is at `index`; `None` for a pointer type or a declaration without a body.
fn function_at(trees: &[TokenTree], index: usize) -> Option<Function> {
    let TokenTree::Ident(name) = trees.get(index + 1)? else { return None };
    let line = trees.get(index)?.span().start().line;
    for tree in trees.get(index + 2..)? {
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == ';' => return None,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let mut strings = Vec::new();
                collect_strings(group.stream(), &mut strings);
                let lines = group.span_close().end().line - line + 1;
                return Some(Function { name: name.to_string(), line, lines, strings });
            }
            TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Ident(_) | TokenTree::Literal(_) => {}
        }
    }
    None
}

fn collect_strings(tokens: TokenStream, found: &mut Vec<String>) {
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => collect_strings(group.stream(), found),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
                    found.push(inner.to_owned());
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_code_is_left_out() {
        let source =
            parse("fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n#[cfg(test)]\nmod slow;\nfn c() {}\n")
                .expect("Rust");
        let names: Vec<String> = functions(&source.tokens).into_iter().map(|function| function.name).collect();
        assert_eq!(names, ["a", "c"]);
        assert_eq!(source.production_lines, 2);
        assert!(source.test_modules.contains("slow"));
        assert_eq!(parse("#![cfg(test)]\nfn a() {}").expect("Rust").production_lines, 0);
    }

    #[test]
    fn code_that_is_not_for_tests_alone_stays() {
        let source =
            parse("#[cfg(any(test, unix))]\nfn a() {}\nstruct S { #[cfg(test)] b: u8, c: fn() -> std::io::Error }")
                .expect("Rust");
        let text = source.tokens.to_string();
        assert!(text.contains("fn a"));
        assert!(!text.contains("b :") && text.contains("io"), "{text}");
    }

    #[test]
    fn functions_are_measured_from_fn_to_brace() {
        let source =
            parse("/// Doc.\nfn a(x: u8)\nwhere\n    u8: Copy,\n{\n    \"X\";\n}\ntrait T { fn d(); }").expect("Rust");
        let expect = Function { name: "a".into(), line: 2, lines: 6, strings: vec!["X".into()] };
        assert_eq!(functions(&source.tokens), [expect]);
    }

    #[test]
    fn broken_text_is_told() {
        assert!(parse("fn a() {").is_err());
    }
}
