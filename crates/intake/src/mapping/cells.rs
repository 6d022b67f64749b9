//! The cells of a record, whether a row or an object.

use std::borrow::Cow;

use serde_json::Value;

/// Where a column stands in the records of one file.
pub(super) enum Bound {
    /// The place in a row, from 0.
    Place(usize),
    /// The path in a JSON object.
    Path(Box<[Box<str>]>),
}

/// The cells of one record.
pub(super) enum Cells<'a> {
    /// A row of CSV.
    Row(Vec<Cow<'a, str>>),
    /// A JSON object.
    Object(&'a Value),
}

impl Cells<'_> {
    /// The first of the columns that is present and not empty, trimmed; empty when there is none.
    pub(super) fn get(&self, columns: &[Bound]) -> Cow<'_, str> {
        columns.iter().map(|column| self.cell(column)).find(|text| !text.is_empty()).unwrap_or_default()
    }

    fn cell(&self, column: &Bound) -> Cow<'_, str> {
        match (self, column) {
            (Self::Row(fields), Bound::Place(place)) => {
                Cow::Borrowed(fields.get(*place).map_or("", |text| text.trim()))
            }
            (Self::Object(object), Bound::Path(path)) => {
                let mut value = *object;
                for key in path {
                    let next = match value {
                        Value::Array(items) => key.parse::<usize>().ok().and_then(|place| items.get(place)),
                        other => other.get(key.as_ref()),
                    };
                    let Some(next) = next else {
                        return Cow::Borrowed("");
                    };
                    value = next;
                }
                scalar(value)
            }
            (Self::Row(_), Bound::Path(_)) | (Self::Object(_), Bound::Place(_)) => Cow::Borrowed(""),
        }
    }
}

/// A JSON value as trimmed text; anything without one is empty.
fn scalar(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text.trim()),
        Value::Number(number) => Cow::Owned(number.to_string()),
        Value::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
        Value::Null | Value::Array(_) | Value::Object(_) => Cow::Borrowed(""),
    }
}
