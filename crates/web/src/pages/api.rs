//! An OpenAPI description as HTML.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{escaped, inline};

/// The tags in the order in which a reader needs them.
const TAGS: [&str; 8] =
    ["Labels", "Numbers", "Records", "Events", "Webhooks", "Policy", "Administration", "Operations"];

/// The description as HTML: what it is, then each operation with its parameters, bodies and answers, then the types.
pub(super) fn body(openapi: &Value) -> String {
    let info = at(openapi, "info");
    let mut out = format!("<h1>{}</h1>\n", escaped(text(at(info, "title"))));
    paragraphs(&mut out, text(at(info, "description")));
    out.push_str("<p>The same for machines: <a href=\"/openapi.json\">/openapi.json</a>. What can go wrong: ");
    out.push_str("<a href=\"/docs/errors\">the codes of problems</a>.</p>\n");
    let groups = groups(openapi);
    out.push_str("<nav>\n");
    for (tag, operations) in &groups {
        let _written = writeln!(out, "<h2>{}</h2>\n<ul>", escaped(tag));
        for (path, method, operation) in operations {
            let (id, title) = (anchor(method, path), title(method, path));
            let summary = inline(text(at(operation, "summary")));
            let _written = writeln!(out, "<li><a href=\"#{id}\">{title}</a> <span>{summary}</span></li>");
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</nav>\n");
    for (tag, operations) in groups {
        let _written = writeln!(out, "<h2>{}</h2>", escaped(tag));
        for (path, method, operation) in operations {
            push_operation(&mut out, path, method, operation);
        }
    }
    out.push_str("<h2>Types</h2>\n");
    for (name, schema) in entries(at(at(openapi, "components"), "schemas")) {
        push_schema(&mut out, name, schema);
    }
    out
}

/// A tag, and its operations: path, method, description.
type Group<'v> = (&'v str, Vec<(&'v str, &'v str, &'v Value)>);

/// The operations by their tags: first those of [`TAGS`], then any other.
fn groups(openapi: &Value) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = TAGS.iter().map(|tag| (*tag, Vec::new())).collect();
    for (path, item) in entries(at(openapi, "paths")) {
        for (method, operation) in entries(item) {
            let tag = at(operation, "tags").get(0).map_or("", text);
            match groups.iter_mut().find(|(known, _)| *known == tag) {
                Some((_, operations)) => operations.push((path, method, operation)),
                None => groups.push((tag, vec![(path, method, operation)])),
            }
        }
    }
    groups.retain(|(_, operations)| !operations.is_empty());
    groups
}

fn push_operation(out: &mut String, path: &str, method: &str, operation: &Value) {
    let _written = writeln!(out, "<h3 id=\"{}\">{}</h3>", anchor(method, path), title(method, path));
    paragraphs(out, text(at(operation, "summary")));
    paragraphs(out, text(at(operation, "description")));
    let parameters = at(operation, "parameters").as_array().map(Vec::as_slice).unwrap_or_default();
    if !parameters.is_empty() {
        out.push_str("<table>\n<tr><th>Parameter</th><th>In</th><th>Type</th><th></th></tr>\n");
        for parameter in parameters {
            push_row(
                out,
                &[
                    code(text(at(parameter, "name"))),
                    escaped(text(at(parameter, "in"))),
                    described_type(at(parameter, "schema")),
                    inline(either(
                        text(at(parameter, "description")),
                        text(at(at(parameter, "schema"), "description")),
                    )),
                ],
            );
        }
        out.push_str("</table>\n");
    }
    for (media_type, content) in entries(at(at(operation, "requestBody"), "content")) {
        let _written = writeln!(out, "<p>Body {}: {}</p>", code(media_type), type_of(at(content, "schema")));
    }
    out.push_str("<table>\n<tr><th>Status</th><th>Answer</th><th></th></tr>\n");
    for (status, response) in entries(at(operation, "responses")) {
        let bodies: Vec<String> = entries(at(response, "content"))
            .map(|(media_type, content)| format!("{} {}", code(media_type), type_of(at(content, "schema"))))
            .collect();
        push_row(out, &[code(status), bodies.join("<br>"), inline(text(at(response, "description")))]);
    }
    out.push_str("</table>\n");
}

fn push_schema(out: &mut String, name: &str, schema: &Value) {
    let _written = writeln!(out, "<h3 id=\"type-{}\">{}</h3>", escaped(name), escaped(name));
    paragraphs(out, text(at(schema, "description")));
    let Some(properties) = at(schema, "properties").as_object() else {
        let _written = writeln!(out, "<p>{}</p>", type_of(schema));
        return;
    };
    let required: Vec<&str> = at(schema, "required").as_array().into_iter().flatten().map(text).collect();
    out.push_str("<table>\n<tr><th>Field</th><th>Type</th><th></th></tr>\n");
    for (field, property) in properties {
        let mut type_text = described_type(property);
        if !required.contains(&field.as_str()) {
            type_text.push_str(", may be absent");
        }
        push_row(out, &[code(field), type_text, inline(text(at(property, "description")))]);
    }
    out.push_str("</table>\n");
}

/// A schema in a few words, with the words that a text may be.
fn described_type(schema: &Value) -> String {
    let mut out = type_of(schema);
    push_pattern(&mut out, schema);
    out
}

/// Adds the words that a text may be.
fn push_pattern(out: &mut String, schema: &Value) {
    let pattern = text(at(schema, "pattern"));
    let listed = pattern.strip_prefix("^(").and_then(|rest| rest.strip_suffix(")$").or(rest.strip_suffix(")?$")));
    let is_word = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    match listed {
        Some(words) if words.split('|').all(is_word) => {
            let words: Vec<String> = words.split('|').map(code).collect();
            let _written = write!(out, ": {}", words.join(" "));
        }
        Some(_) | None => {}
    }
}

/// A schema in a few words, with a link where it has a name.
fn type_of(schema: &Value) -> String {
    if let Some(name) = at(schema, "$ref").as_str().and_then(|target| target.rsplit('/').next()) {
        let name = escaped(name);
        return format!("<a href=\"#type-{name}\">{name}</a>");
    }
    for list in ["oneOf", "anyOf", "allOf"] {
        if let Some(items) = at(schema, list).as_array() {
            return items.iter().map(type_of).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(values) = at(schema, "enum").as_array() {
        return values.iter().map(|value| code(text(value))).collect::<Vec<_>>().join(" ");
    }
    match at(schema, "type") {
        Value::String(kind) if kind == "array" => format!("list of {}", type_of(at(schema, "items"))),
        Value::String(kind) => escaped(kind),
        Value::Array(kinds) => kinds
            .iter()
            .map(|kind| {
                if kind == "array" { format!("list of {}", type_of(at(schema, "items"))) } else { escaped(text(kind)) }
            })
            .collect::<Vec<_>>()
            .join(" or "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

fn push_row(out: &mut String, cells: &[String]) {
    out.push_str("<tr>");
    for cell in cells {
        let _written = write!(out, "<td>{cell}</td>");
    }
    out.push_str("</tr>\n");
}

fn paragraphs(out: &mut String, text: &str) {
    for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
        let _written = writeln!(out, "<p>{}</p>", inline(paragraph));
    }
}

fn title(method: &str, path: &str) -> String {
    let shown = escaped(path).replace('/', "<wbr>/");
    format!("<b class=\"{0}\">{1}</b> <code>{shown}</code>", escaped(method), escaped(&method.to_ascii_uppercase()))
}

/// The first text, or the second where the first is empty.
const fn either<'v>(first: &'v str, second: &'v str) -> &'v str {
    if first.is_empty() { second } else { first }
}

fn anchor(method: &str, path: &str) -> String {
    let path: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{method}{path}")
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// The value under `key`; null where there is none.
fn at<'v>(value: &'v Value, key: &str) -> &'v Value {
    value.get(key).unwrap_or(&Value::Null)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(key, value)| (key.as_str(), value))
}
