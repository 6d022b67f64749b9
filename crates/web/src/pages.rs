//! Pages for people: the API as text, and the codes of problems. They need nothing from elsewhere.

mod api;
mod markdown;

use std::fmt::Write as _;

use axum::response::Html;
use serde_json::Value;

/// Small enough to be part of each page; both colour schemes, no script, no font to load.
const STYLE: &str = include_str!("pages/style.css");
const PROBLEMS: &str = include_str!("../../../docs/reference/errors-http.md");

/// The API description `openapi` as a page.
pub(crate) fn api_page(openapi: &Value) -> Html<String> {
    Html(page("Ringtrue API", &api::body(openapi)))
}

/// The codes of problems as a page, with an anchor each.
pub(crate) fn problems_page() -> Html<String> {
    Html(page("Problems over HTTP", &markdown::body(PROBLEMS)))
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style>{STYLE}</style>\n<main>\n{body}</main>\n</html>\n",
        escaped(title)
    )
}

/// Text that may stand between tags and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}

/// Text with `code` between back quotes set as such.
fn inline(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split('`').enumerate() {
        let part = escaped(part);
        if at % 2 == 0 {
            out.push_str(&part);
        } else {
            // A string takes everything.
            let _written = write!(out, "<code>{part}</code>");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Code;

    #[test]
    fn problems_have_anchors_where_their_type_points() {
        let Html(page) = problems_page();
        for code in Code::ALL {
            let id = code.as_str().to_ascii_lowercase();
            assert!(page.contains(&format!("<h3 id=\"{id}\">{} ", code.as_str())), "{id}");
        }
        assert!(page.contains("<code>Authorization: Bearer KEY</code>"));
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(inline("a `<b>` & c"), "a <code>&lt;b&gt;</code> &amp; c");
        assert_eq!(escaped("\"x\""), "&quot;x&quot;");
    }
}
