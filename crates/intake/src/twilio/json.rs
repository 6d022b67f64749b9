//! Twilio's call list as JSON: pages with their `calls`, bare arrays, or one call a line.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::flat::Flat;
use crate::frame::Framing;
use crate::leg::lossy;
use crate::options::Options;
use crate::output::{Dialect, Output};
use crate::own::bad_json;
use crate::reject::Fault;

use super::call::Call;

/// Twilio's call list as JSON.
pub(crate) struct TwilioJson {
    options: Options,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    calls: Option<Vec<&'a RawValue>>,
}

impl TwilioJson {
    /// Makes the dialect.
    pub(crate) fn new(options: Options) -> Self {
        Self { options }
    }

    fn one(&self, text: &str, out: &mut Output) -> Result<(), Fault> {
        let call: Flat<'_> = serde_json::from_str(text).map_err(|error| bad_json(&error))?;
        let call = Call {
            sid: call.get("sid"),
            from: call.get("from"),
            to: call.get("to"),
            status: call.get("status"),
            direction: call.get("direction"),
            start_time: call.get("start_time"),
            end_time: call.get("end_time"),
            date_created: call.get("date_created"),
            duration: call.get("duration"),
        };
        call.read(&self.options, out)
    }
}

impl Dialect for TwilioJson {
    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        let text = lossy(record);
        let page: Page<'_> = serde_json::from_str(&text).map_err(|error| bad_json(&error))?;
        let Some(calls) = page.calls else {
            return self.one(&text, out);
        };
        for call in calls {
            if let Err(fault) = self.one(call.get(), out) {
                out.reject_part(text.as_bytes(), call.get().as_bytes(), fault);
            }
        }
        Ok(())
    }
}
