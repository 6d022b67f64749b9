//! Calls and what goes with them as bytes: our own records, and the records of switches and platforms.
//!
//! An encoder writes what the dialect can show, in the words that its writer uses, so that reading it back is a test of the
//! importer. What a dialect cannot show is lost, as it is in the field: whole seconds, no carrier, no attestation.

mod asterisk;
mod cucm;
mod freeswitch;
mod kamailio;
mod own;
mod side;
mod telnyx;
mod text;
mod twilio;

use crate::call::SimCall;
use crate::report::SimReport;

pub use side::{STANDING_HEADER, TRUTH_HEADER, standing, truth};

/// A form in which calls are written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Encoding {
    /// Our own NDJSON.
    Ndjson,
    /// Our own CSV.
    Csv,
    /// Asterisk's `Master.csv`, without causes; times in UTC.
    Asterisk,
    /// Asterisk's JSON lines with causes and SIP codes; times in UTC.
    AsteriskJson,
    /// The template `example` of FreeSWITCH's `mod_cdr_csv`; times in UTC.
    Freeswitch,
    /// The documents of FreeSWITCH's `mod_json_cdr`.
    FreeswitchJson,
    /// The lines of Kamailio's `acc_json`.
    Kamailio,
    /// Twilio's call list as JSON, one call a line.
    Twilio,
    /// Twilio's call list as CSV.
    TwilioCsv,
    /// Twilio's status callbacks as JSON, all events of a call.
    TwilioCallback,
    /// Telnyx's webhooks, all events of a call.
    Telnyx,
    /// Cisco CUCM's flat file.
    Cucm,
}

impl Encoding {
    /// All encodings.
    pub const ALL: [Self; 12] = [
        Self::Ndjson,
        Self::Csv,
        Self::Asterisk,
        Self::AsteriskJson,
        Self::Freeswitch,
        Self::FreeswitchJson,
        Self::Kamailio,
        Self::Twilio,
        Self::TwilioCsv,
        Self::TwilioCallback,
        Self::Telnyx,
        Self::Cucm,
    ];

    /// Its name, the same as `score --format` has for the dialect.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Asterisk => "asterisk",
            Self::AsteriskJson => "asterisk-json",
            Self::Freeswitch => "freeswitch",
            Self::FreeswitchJson => "freeswitch-json",
            Self::Kamailio => "kamailio",
            Self::Twilio => "twilio",
            Self::TwilioCsv => "twilio-csv",
            Self::TwilioCallback => "twilio-callback",
            Self::Telnyx => "telnyx",
            Self::Cucm => "cucm",
        }
    }

    /// The encoding of this name; `None` for an unknown one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| encoding.as_str() == name)
    }

    /// The ending of the file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv | Self::Asterisk | Self::Freeswitch | Self::TwilioCsv | Self::Cucm => "csv",
            Self::Ndjson
            | Self::AsteriskJson
            | Self::FreeswitchJson
            | Self::Kamailio
            | Self::Twilio
            | Self::TwilioCallback
            | Self::Telnyx => "ndjson",
        }
    }
}

/// Writes calls and reports in one encoding.
#[derive(Clone, Copy, Debug)]
pub struct Encoder<'a> {
    encoding: Encoding,
    carriers: &'a [Box<str>],
}

impl<'a> Encoder<'a> {
    /// An encoder. `carriers` holds the keys of carriers in the order of their ids.
    #[must_use]
    pub const fn new(encoding: Encoding, carriers: &'a [Box<str>]) -> Self {
        Self { encoding, carriers }
    }

    /// Appends what stands before the first call.
    pub fn begin(&self, out: &mut Vec<u8>) {
        match self.encoding {
            Encoding::Csv => own::header(out),
            Encoding::TwilioCsv => twilio::header(out),
            Encoding::Cucm => cucm::header(out),
            Encoding::Ndjson
            | Encoding::Asterisk
            | Encoding::AsteriskJson
            | Encoding::Freeswitch
            | Encoding::FreeswitchJson
            | Encoding::Kamailio
            | Encoding::Twilio
            | Encoding::TwilioCallback
            | Encoding::Telnyx => {}
        }
    }

    /// Appends a call.
    pub fn call(&self, call: &SimCall, out: &mut Vec<u8>) {
        match self.encoding {
            Encoding::Ndjson => own::json(call, self.carriers, out),
            Encoding::Csv => own::csv(call, self.carriers, out),
            Encoding::Asterisk => asterisk::csv(call, out),
            Encoding::AsteriskJson => asterisk::json(call, out),
            Encoding::Freeswitch => freeswitch::csv(call, out),
            Encoding::FreeswitchJson => freeswitch::json(call, out),
            Encoding::Kamailio => kamailio::lines(call, out),
            Encoding::Twilio => twilio::json(call, out),
            Encoding::TwilioCsv => twilio::csv(call, out),
            Encoding::TwilioCallback => twilio::callbacks(call, out),
            Encoding::Telnyx => telnyx::webhooks(call, out),
            Encoding::Cucm => cucm::row(call, out),
        }
    }

    /// Appends a report as a line of our own NDJSON.
    pub fn report(&self, report: &SimReport, out: &mut Vec<u8>) {
        side::report(report, self.carriers, out);
    }
}
