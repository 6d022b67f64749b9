//! What a client is told when a request fails: RFC 9457, one shape for all.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Why a request failed. Each code has a heading in `docs/reference/errors-http.md`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Code {
    /// No key, or one that is not known.
    Unauthenticated,
    /// A key without the scope that the request needs.
    MissingScope,
    /// Something that is there and belongs to somebody else, or nothing at all: told alike.
    NotFound,
    /// A path that takes other methods.
    MethodNotAllowed,
    /// A telephone number that cannot be read.
    BadNumber,
    /// A query parameter or header that cannot be read.
    BadParameter,
    /// A body that is not what the endpoint takes.
    BadBody,
    /// A body of a type that the endpoint does not take.
    UnsupportedType,
    /// A body packed in a way that the server does not unpack.
    UnsupportedEncoding,
    /// A body, or a list in it, over its limit.
    TooLarge,
    /// No record of the body could be taken.
    NothingTaken,
    /// An idempotency key that was used with another body.
    IdempotencyMismatch,
    /// What is asked for contradicts what is there.
    Conflict,
    /// A webhook address that the server may not call.
    AddressRefused,
    /// A policy that does not hold.
    PolicyRefused,
    /// More requests than this client may send.
    RateLimited,
    /// More work than the server takes on.
    Overloaded,
    /// The server is starting or stopping.
    NotReady,
    /// The disk did not take what should be kept.
    StorageFailed,
    /// The request took longer than it may.
    TimedOut,
    /// A fault of the server.
    Internal,
}

impl Code {
    /// All codes, in the order of the documentation.
    pub const ALL: [Self; 21] = [
        Self::Unauthenticated,
        Self::MissingScope,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::BadNumber,
        Self::BadParameter,
        Self::BadBody,
        Self::UnsupportedType,
        Self::UnsupportedEncoding,
        Self::TooLarge,
        Self::NothingTaken,
        Self::IdempotencyMismatch,
        Self::Conflict,
        Self::AddressRefused,
        Self::PolicyRefused,
        Self::RateLimited,
        Self::Overloaded,
        Self::NotReady,
        Self::StorageFailed,
        Self::TimedOut,
        Self::Internal,
    ];

    /// The code as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::MissingScope => "MISSING_SCOPE",
            Self::NotFound => "NOT_FOUND",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::BadNumber => "BAD_NUMBER",
            Self::BadParameter => "BAD_PARAMETER",
            Self::BadBody => "BAD_BODY",
            Self::UnsupportedType => "UNSUPPORTED_TYPE",
            Self::UnsupportedEncoding => "UNSUPPORTED_ENCODING",
            Self::TooLarge => "TOO_LARGE",
            Self::NothingTaken => "NOTHING_TAKEN",
            Self::IdempotencyMismatch => "IDEMPOTENCY_MISMATCH",
            Self::Conflict => "CONFLICT",
            Self::AddressRefused => "ADDRESS_REFUSED",
            Self::PolicyRefused => "POLICY_REFUSED",
            Self::RateLimited => "RATE_LIMITED",
            Self::Overloaded => "OVERLOADED",
            Self::NotReady => "NOT_READY",
            Self::StorageFailed => "STORAGE_FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Internal => "INTERNAL",
        }
    }

    /// The heading of the problem, the same for every occurrence.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unauthenticated => "No valid key",
            Self::MissingScope => "The key lacks a scope",
            Self::NotFound => "Nothing there",
            Self::MethodNotAllowed => "Other method needed",
            Self::BadNumber => "Not a telephone number",
            Self::BadParameter => "Unreadable parameter",
            Self::BadBody => "Unreadable body",
            Self::UnsupportedType => "Content type not taken",
            Self::UnsupportedEncoding => "Content encoding not taken",
            Self::TooLarge => "Too large",
            Self::NothingTaken => "No record could be taken",
            Self::IdempotencyMismatch => "Idempotency key used before",
            Self::Conflict => "Conflict",
            Self::AddressRefused => "Address not allowed",
            Self::PolicyRefused => "Policy refused",
            Self::RateLimited => "Too many requests",
            Self::Overloaded => "Too busy",
            Self::NotReady => "Not ready",
            Self::StorageFailed => "Not stored",
            Self::TimedOut => "Took too long",
            Self::Internal => "Fault of the server",
        }
    }

    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::MissingScope => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadNumber | Self::BadParameter | Self::BadBody => StatusCode::BAD_REQUEST,
            Self::UnsupportedType | Self::UnsupportedEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NothingTaken | Self::IdempotencyMismatch | Self::AddressRefused | Self::PolicyRefused => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Conflict => StatusCode::CONFLICT,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Overloaded | Self::NotReady | Self::StorageFailed => StatusCode::SERVICE_UNAVAILABLE,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// What the operator learns of a failed request, beside the answer until it is logged.
#[derive(Clone, Debug)]
pub(crate) struct InternalReason(pub(crate) String);

/// A failed request: what the client is told, and apart from it what the operator is.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: String,
    errors: Vec<Fault>,
    retry_after_s: Option<u32>,
    internal: Option<String>,
}

/// One fault of several, such as a line that was rejected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
pub struct Fault {
    /// The line of the body, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The field or parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong, as a code.
    pub code: String,
    /// What is wrong, as a sentence.
    pub detail: String,
}

/// The body of a problem, as RFC 9457 §3 names it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemBody {
    /// Where this code is explained.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// The heading, the same for every occurrence of the code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// The code.
    pub code: String,
    /// The single faults, where there are several.
    pub errors: Vec<Fault>,
}

impl Problem {
    /// A problem with the sentence that the client reads.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after_s: None, internal: None }
    }

    /// Adds single faults.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<Fault>) -> Self {
        self.errors = errors;
        self
    }

    /// Says after how many seconds another try is worth it.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Adds what only the operator may read. It is logged, and never sent.
    #[must_use]
    pub fn internal(mut self, what: impl Into<String>) -> Self {
        self.internal = Some(what.into());
        self
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The sentence that the client reads.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    fn body(&self) -> ProblemBody {
        ProblemBody {
            type_uri: format!("/docs/errors#{}", self.code.as_str().to_ascii_lowercase()),
            title: self.code.title().to_owned(),
            status: self.code.status().as_u16(),
            detail: self.detail.clone(),
            code: self.code.as_str().to_owned(),
            errors: self.errors.clone(),
        }
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(&self.body()).expect("text and numbers are JSON")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.code.status();
        let mut response = (status, self.json()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code == Code::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(internal) = self.internal {
            response.extensions_mut().insert(InternalReason(internal));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The page that explains each code.
    const PAGE: &str = include_str!("../../../docs/reference/errors-http.md");

    #[test]
    fn every_code_has_a_heading_with_its_status_and_every_heading_a_code() {
        let headed: BTreeSet<&str> = PAGE.lines().filter_map(|line| line.strip_prefix("### ")).collect();
        let expected: BTreeSet<String> =
            Code::ALL.iter().map(|code| format!("{} ({})", code.as_str(), code.status().as_u16())).collect();
        assert_eq!(headed, expected.iter().map(String::as_str).collect());
    }

    #[test]
    fn a_problem_has_its_media_type_and_its_headers() {
        let response = Problem::new(Code::Overloaded, "later").retry_after(5).internal("full").into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["retry-after"], "5");
        let response = Problem::new(Code::Unauthenticated, "no key").into_response();
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
    }
}
