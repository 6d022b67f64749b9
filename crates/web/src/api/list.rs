//! Lists: a page of items, as JSON or as CSV.

use std::borrow::Cow;
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use service::registry::{Limit, Listing, Page};
use utoipa::ToSchema;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{Object, ObjectBuilder};

use crate::extract::prefers;
use crate::problem::{Code, Problem};

/// How many items a page may have, as a query tells it. A number beyond what a page can have counts as the nearest that it can.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct PageLimit(Limit);

impl PageLimit {
    /// The most items of the page.
    pub(crate) const fn limit(self) -> Limit {
        self.0
    }
}

impl<'de> Deserialize<'de> for PageLimit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(D::Error::custom("limit: a whole number is expected"));
        }
        // Digits alone fail to be a number only where there are too many.
        Ok(Self(Limit::nearest(text.parse().unwrap_or(u64::MAX))))
    }
}

/// How [`PageLimit`] is described.
pub(crate) fn limit_schema() -> Object {
    let meaning = "The most items, 1 to 1000, where more count as 1000; 100 when absent.";
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).description(Some(meaning)).build()
}

/// Which page of a list is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageParams {
    /// The most items; 100 when `None`.
    pub(crate) limit: Option<PageLimit>,
    /// What the page before gave as `next`; `None` for the first page.
    pub(crate) after: Option<String>,
}

impl PageParams {
    /// The page that is meant.
    pub(crate) fn page<C: FromStr>(&self) -> Result<Page<C>, Problem> {
        let after = match &self.after {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                Problem::new(Code::BadParameter, "after: what the page before gave as `next` is expected")
            })?),
        };
        Ok(Page { after, limit: self.limit.unwrap_or_default().limit() })
    }
}

/// An item of a list, with its columns as CSV.
pub(crate) trait Row: Serialize {
    /// The columns, which are fields of the item.
    const COLUMNS: &'static [&'static str];
}

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ListView<T> {
    /// The items, in the list's order.
    items: Vec<T>,
    /// What to ask for next as `after`; null when this page is the last.
    next: Option<String>,
}

/// Writes a page as JSON, or as CSV for who asks for it. In CSV the header `Link` leads to the next page.
pub(crate) fn list<T, V, C>(headers: &HeaderMap, listing: Listing<T, C>, view: impl Fn(T) -> V) -> Response
where
    V: Row,
    C: ToString,
{
    let items: Vec<V> = listing.items.into_iter().map(view).collect();
    let next = listing.next.map(|cursor| cursor.to_string());
    if !prefers(headers, "text/csv") {
        return axum::Json(ListView { items, next }).into_response();
    }
    let mut response =
        ([(header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present")], csv(&items)).into_response();
    // An id of ours is letters, digits and underscores, so it stands in a URL as it is.
    if let Some(link) = next.and_then(|next| HeaderValue::try_from(format!("<?after={next}>; rel=\"next\"")).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

fn csv<V: Row>(items: &[V]) -> String {
    let mut out = V::COLUMNS.join(",");
    out.push_str("\r\n");
    for item in items {
        let value = serde_json::to_value(item).unwrap_or_default();
        for (at, column) in V::COLUMNS.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            push_cell(&mut out, value.get(column).unwrap_or(&Value::Null));
        }
        out.push_str("\r\n");
    }
    out
}

/// Writes a value as a cell (RFC 4180 §2). A text that a spreadsheet would take for a formula gets a quote before it; a number
/// with its plus sign is none.
fn push_cell(out: &mut String, value: &Value) {
    let text = match value {
        Value::Null => return,
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    let is_number = text.strip_prefix('+').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number;
    if !is_formula && !text.contains([',', '"', '\n', '\r']) {
        out.push_str(&text);
        return;
    }
    out.push('"');
    if is_formula {
        out.push('\'');
    }
    out.push_str(&text.replace('"', "\"\""));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Item {
        name: &'static str,
        count: Option<u32>,
        kinds: Vec<&'static str>,
    }

    impl Row for Item {
        const COLUMNS: &'static [&'static str] = &["name", "count", "kinds"];
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let items = [
            Item { name: "a, \"b\"", count: Some(3), kinds: vec!["x", "y"] },
            Item { name: "=1+1", count: None, kinds: vec![] },
            Item { name: "+12155550112", count: None, kinds: vec![] },
        ];
        assert_eq!(csv(&items), "name,count,kinds\r\n\"a, \"\"b\"\"\",3,x y\r\n\"'=1+1\",,\r\n+12155550112,,\r\n");
    }

    #[test]
    fn pages_are_read() {
        let limit = |text: &str| serde_json::from_value::<PageLimit>(text.into()).ok();
        assert_eq!(limit("99999999999999999999"), Some(PageLimit(Limit::MAX)));
        assert_eq!(limit("0"), Some(PageLimit(Limit::nearest(1))));
        assert_eq!([limit(""), limit("-1"), limit("ten")], [None; 3]);
        let params = PageParams { limit: limit("5000"), after: Some("7".to_owned()) };
        assert_eq!(params.page::<u64>().expect("a page"), Page { after: Some(7), limit: Limit::MAX });
        let problem =
            PageParams { after: Some("x".to_owned()), ..PageParams::default() }.page::<u64>().expect_err("none");
        assert_eq!(problem.code(), Code::BadParameter);
    }
}
