//! Asterisk: `Master.csv` of `cdr_csv`, the customary order of `cdr_custom`, and its JSON lines.

mod cdr;
mod csv;
mod json;

pub(crate) use csv::{AsteriskCsv, is_asterisk, is_time};
pub(crate) use json::AsteriskJson;
