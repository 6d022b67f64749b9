//! Asterisk's call detail records as JSON lines (`cdr_custom` with `format=json`), named like the fields of `CDR()`.

use crate::flat::Flat;
use crate::frame::Framing;
use crate::leg::lossy;
use crate::options::Options;
use crate::output::{Dialect, Output};
use crate::own::bad_json;
use crate::reject::Fault;

use super::cdr::Cdr;

/// Asterisk's JSON lines.
pub(crate) struct AsteriskJson {
    options: Options,
}

impl AsteriskJson {
    /// Makes the dialect.
    pub(crate) fn new(options: Options) -> Self {
        Self { options }
    }
}

impl Dialect for AsteriskJson {
    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        let text = lossy(record);
        let flat: Flat<'_> = serde_json::from_str(&text).map_err(|error| bad_json(&error))?;
        let cdr = Cdr {
            src: flat.get("src"),
            clid: flat.get("clid"),
            dst: flat.get("dst"),
            start: flat.get("start"),
            answer: flat.get("answer"),
            end: flat.get("end"),
            duration: flat.get("duration"),
            billsec: flat.get("billsec"),
            disposition: flat.get("disposition"),
            uniqueid: flat.get("uniqueid"),
            userfield: flat.get("userfield"),
            sequence: flat.get("sequence"),
            hangupcause: flat.get("hangupcause"),
            sipcode: flat.get("sipcode"),
        };
        cdr.read(&self.options, out)
    }
}
