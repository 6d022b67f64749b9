//! What `Content-Type` says of a body of records.

use axum::http::{HeaderMap, header};

use crate::extract::media_type;
use crate::problem::{Code, Problem};

/// Types that are taken. Within each, the format is told by the content, so that any dialect may come as any of them.
const TAKEN: [&str; 11] = [
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/json",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "text/csv",
    "application/csv",
    "text/plain",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
];
const FORMAT_BYTES_MAX: usize = 80;

/// The format that the parameter `format` of `Content-Type` names; `None` when the content is to tell it.
pub(super) fn format(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let media_type = media_type(headers);
    if !media_type.is_empty() && !TAKEN.contains(&media_type.as_str()) {
        let detail = format!("`{media_type}` is not taken; application/x-ndjson, text/csv and CloudEvents are");
        return Err(Problem::new(Code::UnsupportedType, detail));
    }
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let parameters = value.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let mut named = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("format"));
    let Some((_, format)) = named.next() else { return Ok(None) };
    let format = format.trim().trim_matches('"');
    if format.is_empty() || format.len() > FORMAT_BYTES_MAX {
        return Err(Problem::new(Code::BadParameter, "content-type: `format` names a format"));
    }
    Ok(Some(format.to_owned()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn check(value: &'static str, expect: Result<Option<&str>, Code>) {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(value))]);
        let got = format(&headers).map_err(|problem| problem.code());
        assert_eq!(got, expect.map(|format| format.map(str::to_owned)), "{value}");
    }

    #[test]
    fn types_and_formats_are_read() {
        check("application/x-ndjson", Ok(None));
        check("Text/CSV; charset=utf-8; header=present", Ok(None));
        check("text/csv; format=asterisk", Ok(Some("asterisk")));
        check("application/json;format=\"twilio\"", Ok(Some("twilio")));
        check("text/csv; format=", Err(Code::BadParameter));
        check("application/pdf", Err(Code::UnsupportedType));
        assert!(format(&HeaderMap::new()).is_ok());
    }
}
