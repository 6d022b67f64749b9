//! The little of Markdown that our reference of problems uses: headings, paragraphs, code.

use std::fmt::Write as _;

use super::{escaped, inline};

/// The page's text as HTML. A heading that begins with a code is anchored by the code in lower case.
pub(super) fn body(text: &str) -> String {
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            flush(&mut out, &mut paragraph);
            out.push_str(if fenced { "</code></pre>\n" } else { "<pre><code>" });
            fenced = !fenced;
        } else if fenced {
            out.push_str(&escaped(line));
            out.push('\n');
        } else if line.trim().is_empty() {
            flush(&mut out, &mut paragraph);
        } else if let Some((marks, title)) = line.split_once(' ').filter(|(marks, _)| is_heading(marks)) {
            flush(&mut out, &mut paragraph);
            let level = marks.len();
            let anchor = title.split(' ').next().unwrap_or_default().to_ascii_lowercase();
            let _written = writeln!(out, "<h{level} id=\"{}\">{}</h{level}>", escaped(&anchor), inline(title));
        } else {
            paragraph.push_str(line);
            paragraph.push('\n');
        }
    }
    flush(&mut out, &mut paragraph);
    out
}

fn is_heading(marks: &str) -> bool {
    matches!(marks, "#" | "##" | "###")
}

fn flush(out: &mut String, paragraph: &mut String) {
    if !paragraph.is_empty() {
        let _written = writeln!(out, "<p>{}</p>", inline(paragraph.trim_end()));
        paragraph.clear();
    }
}
