//! The documents of `mod_json_cdr`: one a call leg, pretty-printed or not, as files or as the bodies that it posts.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::flat::{Flat, percent_decode};
use crate::frame::Framing;
use crate::leg::lossy;
use crate::options::Options;
use crate::output::{Dialect, Output, SkipKind};
use crate::own::bad_json;
use crate::reject::Fault;

use super::leg::Document;

/// FreeSWITCH's JSON documents.
pub(crate) struct FreeswitchJson {
    options: Options,
    skips_b_legs: bool,
}

impl FreeswitchJson {
    /// Makes the dialect. B legs are passed over when the file's beginning holds an A leg; a file of B legs alone is read.
    pub(crate) fn new(head: &[u8], options: Options) -> Self {
        let is_a_leg = |record: &[u8]| with_document(&lossy(record), |leg| Ok(leg.a_leg().is_empty())) == Ok(true);
        Self { options, skips_b_legs: Framing::Json.records(head).any(|(_, record)| is_a_leg(record)) }
    }
}

impl Dialect for FreeswitchJson {
    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        with_document(&lossy(record), |leg| {
            if self.skips_b_legs && !leg.a_leg().is_empty() {
                out.skip(SkipKind::OtherLeg);
                return Ok(());
            }
            leg.read(&self.options, out)
        })
    }
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    variables: Flat<'a>,
    #[serde(borrow)]
    callflow: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct CallFlow<'a> {
    #[serde(borrow, default)]
    caller_profile: Flat<'a>,
}

/// Reads a document, or the form `cdr=…` that holds one.
fn with_document<T>(text: &str, read: impl FnOnce(&Document<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
    match text.strip_prefix("cdr=") {
        Some(form) => read(&from_json(&percent_decode(form, true))?),
        None => read(&from_json(text)?),
    }
}

fn from_json(text: &str) -> Result<Document<'_>, Fault> {
    let Wire { mut variables, callflow } = serde_json::from_str(text).map_err(|error| bad_json(&error))?;
    let flows: Vec<CallFlow<'_>> = match callflow.map(RawValue::get) {
        None => Vec::new(),
        Some(many) if many.starts_with('[') => serde_json::from_str(many).map_err(|error| bad_json(&error))?,
        Some(one) => vec![serde_json::from_str(one).map_err(|error| bad_json(&error))?],
    };
    let mut profiles: Vec<Flat<'_>> = flows.into_iter().map(|flow| flow.caller_profile).collect();
    // With `encode-values`, the default, no text holds a blank, a colon or an `@` as such: a time stamp alone has two.
    if !variables.texts().any(|text| text.contains([' ', ':', '@'])) {
        variables.rewrite(|text| percent_decode(text, false));
        for profile in &mut profiles {
            profile.rewrite(|text| percent_decode(text, false));
        }
    }
    Ok(Document { variables, profiles })
}
