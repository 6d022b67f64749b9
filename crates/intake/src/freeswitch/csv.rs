//! The CSV records of `mod_cdr_csv`, in the templates that it comes with: `example` (15 columns), `linksys` (17) and `snom`
//! (20), which begin alike, and `asterisk` (18). There is no header.

use std::borrow::Cow;

use model::CallOutcome;

use crate::asterisk::is_time;
use crate::disposition::{Signals, platform};
use crate::frame::Framing;
use crate::leg::{self, Leg, lossy};
use crate::options::Options;
use crate::output::{Dialect, Output};
use crate::own::split;
use crate::reject::{Fault, RejectCode};
use crate::time::parse_time;

/// FreeSWITCH's CSV records.
pub(crate) struct FreeswitchCsv {
    options: Options,
}

impl FreeswitchCsv {
    /// Makes the dialect.
    pub(crate) fn new(options: Options) -> Self {
        Self { options }
    }
}

impl Dialect for FreeswitchCsv {
    fn framing(&self) -> Framing {
        Framing::Csv
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        let text = lossy(record);
        let row = split(text.as_bytes())?;
        let row = place(&row).ok_or_else(|| {
            let expected = "15, 17, 18 or 20 columns (templates example, linksys, asterisk, snom) were expected";
            Fault::new(RejectCode::BadCsv, "", format!("{expected}, {} were found", row.len()))
        })?;
        row.read(&self.options, out)
    }
}

/// Whether a line looks like a record of FreeSWITCH.
pub(crate) fn is_freeswitch(row: &[Cow<'_, str>]) -> bool {
    place(row).is_some_and(|row| {
        let word = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        is_time(row.start) && !row.cause.is_empty() && row.cause.bytes().all(word) && is_uuid(row.uuid)
    })
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

struct Row<'a> {
    orig: &'a str,
    dest: &'a str,
    start: &'a str,
    answer: &'a str,
    end: &'a str,
    duration: &'a str,
    billsec: &'a str,
    cause: &'a str,
    uuid: &'a str,
}

fn place<'a>(row: &'a [Cow<'a, str>]) -> Option<Row<'a>> {
    let columns = match row.len() {
        15 | 17 | 20 => [1, 2, 4, 5, 6, 7, 8, 9, 10],
        18 => [1, 2, 9, 10, 11, 12, 13, 14, 16],
        _ => return None,
    };
    let [orig, dest, start, answer, end, duration, billsec, cause, uuid] =
        columns.map(|place: usize| row.get(place).map_or("", |text| text.trim()));
    Some(Row { orig, dest, start, answer, end, duration, billsec, cause, uuid })
}

impl Row<'_> {
    fn read(&self, options: &Options, out: &mut Output) -> Result<(), Fault> {
        let at = parse_time(self.start.as_bytes(), "start_stamp", options.tz.as_ref())?;
        let answered_at = leg::time_if_any(self.answer, "answer_stamp", options)?;
        let ended_at = leg::time_if_any(self.end, "end_stamp", options)?;
        let duration = leg::seconds(self.duration, "duration")?;
        let talk_ms = leg::seconds(self.billsec, "billsec")?;
        let meaning = platform::freeswitch(self.cause).ok_or_else(|| {
            let detail = format!("`{}` is no hang-up cause of FreeSWITCH, such as NORMAL_CLEARING", self.cause);
            Fault::new(RejectCode::BadValue, "hangup_cause", detail)
        })?;
        let signals = Signals { answered: Some(answered_at.is_some()), ..Signals::default() };
        let disposition = leg::dispose(signals, Some(meaning), leg::SHOWS_CAUSE);
        let answered = disposition.outcome.class == CallOutcome::Answered;
        let record = Leg {
            id: self.uuid,
            at,
            ended_at,
            orig: leg::first_party(&[(self.orig, "caller_id_number")], "caller_id_number", options)?,
            dest: leg::first_dest(&[(self.dest, "destination_number")], "destination_number", options)?,
            direction: None,
            ring_ms: if answered { leg::span_ms(Some(at), answered_at) } else { duration },
            talk_ms,
            hangup_by: None,
            attestation: None,
            disposition,
        };
        record.take(options, out);
        Ok(())
    }
}
