//! Parameters and bodies as types; what cannot be read is a problem that names the place.

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::Deserialize as _;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _};

use crate::problem::{Code, Fault, Problem};

/// 2^64, which is beyond every `u64`.
const U64_END: f64 = 18_446_744_073_709_551_616.0;

/// The query of a request.
#[derive(Clone, Copy, Debug)]
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(Problem::new(Code::BadParameter, rejection.body_text())),
        }
    }
}

/// The variable segments of a path: the one, or as many as a tuple has.
#[derive(Clone, Debug)]
pub struct Segment<T = String>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Segment<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(found)) => Ok(Self(found)),
            Err(rejection) => Err(Problem::new(Code::BadParameter, rejection.body_text())),
        }
    }
}

/// Reads a JSON body, and names the place of what is wrong in it.
///
/// # Errors
/// When it is no JSON, or not of this shape.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    json_seeded(PhantomData, bytes)
}

/// As [`json`], for what is not read into a type of its own, such as a list that may only be so long.
///
/// # Errors
/// As [`json`].
pub fn json_seeded<'b, S: DeserializeSeed<'b>>(seed: S, bytes: &'b [u8]) -> Result<S::Value, Problem> {
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let mut track = serde_path_to_error::Track::new();
    let read = seed.deserialize(serde_path_to_error::Deserializer::new(&mut from, &mut track));
    let value = read.map_err(|error: serde_json::Error| {
        let (field, detail) = (track.path().to_string(), error.to_string());
        let fault = Fault { line: None, field: Some(field), code: "BAD_BODY".to_owned(), detail: detail.clone() };
        Problem::new(Code::BadBody, detail).with_errors(vec![fault])
    })?;
    match from.end() {
        Ok(()) => Ok(value),
        Err(error) => Err(Problem::new(Code::BadBody, error.to_string())),
    }
}

/// Reads a whole number of a JSON body, also one that is written as `4.0`: to JSON the two are one number.
///
/// # Errors
/// When it is none, or below zero.
pub fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let number = serde_json::Number::deserialize(from)?;
    let written_long = || number.as_f64().filter(|value| value.fract() == 0.0 && (0.0..U64_END).contains(value));
    // Exact: it has no fraction and is in range.
    let whole = number.as_u64().or_else(|| written_long().map(|value| value as u64));
    whole.ok_or_else(|| D::Error::custom(format!("{number} is no whole number from 0")))
}

/// The type of a body without its parameters, in lower case; empty where none is told.
#[must_use]
pub fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether the client would rather read `wanted` (such as `text/plain`) than JSON: it names it, and JSON not before it.
///
/// Quality values are not weighed; who sends both gets JSON.
#[must_use]
pub fn prefers(headers: &HeaderMap, wanted: &str) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = accepted.flat_map(|value| value.split(',')).map(|item| item.split(';').next().unwrap_or_default());
    types.any(|item| item.trim().eq_ignore_ascii_case(wanted))
        && !headers.get_all(header::ACCEPT).iter().any(|value| value.as_bytes().windows(4).any(|word| word == b"json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_in_json_have_a_place() {
        #[derive(Debug, serde::Deserialize)]
        struct Batch {
            #[expect(dead_code, reason = "only its reading is tested")]
            items: Vec<u8>,
        }
        let problem = json::<Batch>(br#"{"items":[1,"x"]}"#).expect_err("no number");
        assert!(problem.json().contains(r#""field":"items[1]""#), "{}", problem.json());
        assert!(json::<Batch>(br#"{"items":[]} more"#).is_err());
        assert!(json::<Batch>(b"\xff").is_err());
        assert!(json::<Batch>(br#"{"items":[1]}"#).is_ok());
    }

    #[test]
    fn whole_numbers_are_read_as_json_has_them() {
        let read = |text: &str| whole(&mut serde_json::Deserializer::from_str(text)).ok();
        assert_eq!([read("4"), read("4.0"), read("1e3")], [Some(4), Some(4), Some(1_000)]);
        assert_eq!([read("-1"), read("0.5"), read("1e20"), read("\"4\""), read("null")], [None; 5]);
    }

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, axum::http::HeaderValue::from_static(value))])
    }

    #[test]
    fn types_are_read_without_their_parameters() {
        assert_eq!(media_type(&headers(header::CONTENT_TYPE, "Text/CSV; charset=utf-8")), "text/csv");
        assert_eq!(media_type(&HeaderMap::new()), "");
    }

    #[test]
    fn plain_text_is_for_who_asks_for_it() {
        assert!(prefers(&headers(header::ACCEPT, "text/plain"), "text/plain"));
        assert!(prefers(&headers(header::ACCEPT, "text/plain;q=0.9, */*;q=0.1"), "text/plain"));
        assert!(!prefers(&headers(header::ACCEPT, "application/json, text/plain, */*"), "text/plain"));
        assert!(!prefers(&headers(header::ACCEPT, "*/*"), "text/plain"));
    }
}
