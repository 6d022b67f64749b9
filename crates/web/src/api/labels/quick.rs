//! The look-up before the routes.
//!
//! Most requests of a server are look-ups, and the way through routes, layers and extractors costs more than the label. A plain
//! question is answered here without them. Whatever is not plain, or fails, takes the way of all requests, and is answered there.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::http::Method;
use axum::response::Response;

use super::{LabelParams, told};
use crate::app::App;
use crate::auth::Caller;
use crate::entrance::{Head, Quick};
use crate::metrics::{Counted, RequestLabels};

const PATH: &str = "/v1/labels/";

/// Answers plain look-ups.
pub(crate) fn quick(app: &Arc<App>) -> Quick {
    let app = Arc::clone(app);
    let counted: OnceLock<Counted> = OnceLock::new();
    Arc::new(move |head| {
        // What stands before the handlers tells of each request, to who listens.
        if tracing::enabled!(tracing::Level::DEBUG) || tracing::span_enabled!(tracing::Level::TRACE) {
            return None;
        }
        let begun = Instant::now();
        // Who panics here does so again behind the routes, where it is counted and answered.
        let response = catch_unwind(AssertUnwindSafe(|| answer(&app, head))).ok().flatten()?;
        let labels = || RequestLabels { method: "GET", route: format!("{PATH}{{tn}}"), status: 200 };
        counted.get_or_init(|| app.metrics.counted(labels())).count(begun.elapsed());
        Some(response)
    })
}

fn answer(app: &App, head: Head<'_>) -> Option<Response> {
    if *head.method != Method::GET {
        return None;
    }
    let segment = head.uri.path().strip_prefix(PATH).filter(|rest| !rest.is_empty() && !rest.contains('/'))?;
    let caller = Caller::known(head.headers, app)?;
    let params = params(head.uri.query().unwrap_or_default())?;
    told(app, &caller, head.headers, &decoded(segment, false)?, params).ok()
}

/// Reads a query; `None` when there is anything to say about it.
fn params(query: &str) -> Option<LabelParams> {
    let mut params = LabelParams::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let field = match &*decoded(name, true)? {
            "dest" => &mut params.dest,
            "carrier" => &mut params.carrier,
            "engine" => &mut params.engine,
            "attestation" => &mut params.attestation,
            "region" => &mut params.region,
            _ => continue,
        };
        if field.replace(decoded(value, true)?.into_owned()).is_some() {
            return None;
        }
    }
    Some(params)
}

/// Text without its percent signs, and in a query with spaces for `+`; `None` when that leaves no text, or a percent sign
/// means nothing.
fn decoded(text: &str, in_query: bool) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| byte == b'%' || (in_query && byte == b'+')) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            b'+' if in_query => b' ',
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use axum::extract::Query;
    use axum::http::Uri;

    use super::*;

    #[test]
    fn a_query_is_read_as_the_routes_read_it() {
        for query in [
            "",
            "&&",
            "carrier=att",
            "carrier=att&engine=hiya&dest=%2B12155550113&attestation=A&region=US",
            "dest=+12155550113&other=1&=2&x",
            "carrier=&engine",
            "c%61rrier=a%26b",
            "carrier=caf%C3%A9",
        ] {
            let uri: Uri = format!("/?{query}").parse().expect("an address");
            let Query(expected) = Query::<LabelParams>::try_from_uri(&uri).expect("a query");
            assert_eq!(format!("{:?}", params(query)), format!("{:?}", Some(expected)), "{query}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_routes() {
        for query in ["carrier=a&carrier=b", "dest=%", "dest=%2", "dest=%zz", "dest=%ff"] {
            assert!(params(query).is_none(), "{query}");
        }
    }
}
