//! An OpenAPI description as HTML.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{escaped, inline};

/// The description as HTML: what it is, then each operation with its parameters, bodies and answers, then the types.
pub(super) fn body(openapi: &Value) -> String {
    let info = at(openapi, "info");
    let mut out = format!("<h1>{}</h1>\n", escaped(text(at(info, "title"))));
    paragraphs(&mut out, text(at(info, "description")));
    out.push_str("<p>The same for machines: <a href=\"/openapi.json\">/openapi.json</a>. What can go wrong: ");
    out.push_str("<a href=\"/docs/errors\">the codes of problems</a>.</p>\n");
    let operations: Vec<(&str, &str, &Value)> = entries(at(openapi, "paths"))
        .flat_map(|(path, item)| entries(item).map(move |(method, operation)| (path, method, operation)))
        .collect();
    out.push_str("<nav><ul>\n");
    for (path, method, operation) in &operations {
        let (id, title) = (anchor(method, path), title(method, path));
        let _written = writeln!(
            out,
            "<li><a href=\"#{id}\"><code>{title}</code></a> {}</li>",
            inline(text(at(operation, "summary")))
        );
    }
    out.push_str("</ul></nav>\n");
    for (path, method, operation) in operations {
        push_operation(&mut out, path, method, operation);
    }
    out.push_str("<h2>Types</h2>\n");
    for (name, schema) in entries(at(at(openapi, "components"), "schemas")) {
        push_schema(&mut out, name, schema);
    }
    out
}

fn push_operation(out: &mut String, path: &str, method: &str, operation: &Value) {
    let _written = writeln!(out, "<h3 id=\"{}\"><code>{}</code></h3>", anchor(method, path), title(method, path));
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
                    type_of(at(parameter, "schema")),
                    inline(text(at(parameter, "description"))),
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
        let mut type_text = type_of(property);
        if !required.contains(&field.as_str()) {
            type_text.push_str(", may be absent");
        }
        push_row(out, &[code(field), type_text, inline(text(at(property, "description")))]);
    }
    out.push_str("</table>\n");
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
    escaped(&format!("{} {path}", method.to_ascii_uppercase()))
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
