//! Twilio's call list as CSV, from the API or the console, by the names of its columns.

use crate::frame::Framing;
use crate::leg::lossy;
use crate::options::Options;
use crate::output::{Dialect, Output};
use crate::own::split;
use crate::reject::{Fault, RejectCode};

use super::call::Call;

/// Places of the fields of a call, in the order of [`NAMES`]; `None` where the header has no such column.
type Places = [Option<usize>; NAMES.len()];

/// The names of each field's column, without case, blanks and punctuation.
const NAMES: [&[&str]; 9] = [
    &["sid", "callsid"],
    &["from", "fromnumber", "caller"],
    &["to", "tonumber", "called"],
    &["status", "callstatus"],
    &["direction"],
    &["starttime", "startdate", "date"],
    &["endtime", "enddate"],
    &["datecreated"],
    &["duration", "callduration", "durationseconds"],
];

/// Twilio's call list as CSV.
pub(crate) struct TwilioCsv {
    places: Places,
    width: usize,
    options: Options,
}

impl TwilioCsv {
    /// Makes the dialect from the header; tells which columns it ignores.
    pub(crate) fn new(header: &[String], options: Options) -> (Self, Vec<String>) {
        let places = places(header);
        let ignored = header.iter().enumerate().filter(|(at, _)| !places.contains(&Some(*at)));
        let ignored = ignored.map(|(_, name)| name.clone()).collect();
        (Self { places, width: header.len(), options }, ignored)
    }
}

impl Dialect for TwilioCsv {
    fn framing(&self) -> Framing {
        Framing::Csv
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        let text = lossy(record);
        let row = split(text.as_bytes())?;
        if row.len() < self.width {
            let detail = format!("the header has {} columns, this line has {}", self.width, row.len());
            return Err(Fault::new(RejectCode::BadCsv, "", detail));
        }
        let [sid, from, to, status, direction, start_time, end_time, date_created, duration] =
            self.places.map(|place| place.and_then(|at| row.get(at)).map_or("", |text| text.trim()));
        let call = Call { sid, from, to, status, direction, start_time, end_time, date_created, duration };
        call.read(&self.options, out)
    }
}

/// Whether a header is that of Twilio's call list.
pub(crate) fn is_twilio_header(header: &[String]) -> bool {
    let [sid, from, to, status, _, start_time, _, date_created, _] = places(header);
    let all = [sid, from, to, status].iter().all(Option::is_some);
    all && (start_time.is_some() || date_created.is_some())
}

fn places(header: &[String]) -> Places {
    let header: Vec<String> = header.iter().map(|name| plain(name)).collect();
    NAMES.map(|names| header.iter().position(|name| names.contains(&name.as_str())))
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
