//! Twilio: the call list of its API as JSON and CSV, and the bodies of its status callbacks.

mod call;
mod callback;
mod csv;
mod json;

pub(crate) use callback::TwilioCallback;
pub(crate) use csv::{TwilioCsv, is_twilio_header};
pub(crate) use json::TwilioJson;
