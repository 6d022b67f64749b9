//! The Federal Communications Commission's export of complaints about unwanted calls, as CSV or JSON.
//!
//! The data set is published nightly and unverified; about two rows in five carry a number. It tells the day and the time of
//! the call as the person wrote them, without a zone, and the person's ZIP code.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use model::{Report, ReportCategory, Timestamp};
use serde_json::{Map, Value};

use crate::format::{Head, OpenError};
use crate::frame::Framing;
use crate::options::{Options, record_key};
use crate::reject::{Fault, RejectCode};
use crate::side::table::Header;
use crate::side::value::date;
use crate::time::{parse_time, parse_time_with};

use super::ftc::zone;
use super::own::scalar;
use super::{OpenedReports, ReportDialect, ReportOutput, shown_number};

/// The columns, each by its field name (API and JSON) and by the title that the site's CSV download gives it.
const COLUMNS: [(&str, &str); 9] = [
    ("id", "ticket id"),
    ("ticket_created", "ticket created"),
    ("issue_date", "date of issue"),
    ("issue_time", "time of issue"),
    ("issue_type", "form"),
    ("issue", "issue"),
    ("caller_id_number", "caller id number"),
    ("type_of_call_or_messge", "type of call or messge"),
    ("zip", "zip"),
];
/// Columns that are known and used for nothing.
const UNUSED: [&str; 11] = [
    "method",
    "advertiser_business_phone_number",
    "advertiser business number",
    "advertiser business phone number",
    "city",
    "state",
    "location_1",
    "location (center point of the zip code)",
    "type_of_property_goods_or_services",
    "type of property goods or services",
    "date_created",
];

pub(super) fn detect(head: &Head<'_>) -> bool {
    if is_json(head) {
        return [&b"\"issue_date\""[..], b"\"issue\""]
            .into_iter()
            .all(|key| memchr::memmem::find(head.bytes, key).is_some());
    }
    let header = Header::read(head.first);
    let has = |name: &str| column(&header, name).is_some();
    has("caller_id_number") && has("issue_date") && has("issue")
}

pub(super) fn open(head: &Head<'_>, options: &Options) -> Result<OpenedReports, OpenError> {
    let fcc = Fcc { tz: zone(options), options: options.clone() };
    if is_json(head) {
        let dialect = Box::new(Json { fcc });
        return Ok(OpenedReports { dialect, skip: head.bom, skip_lines: 0, ignored: Vec::new() });
    }
    let header = Header::read(head.first);
    for name in ["caller_id_number", "issue_date", "issue"] {
        if column(&header, name).is_none() {
            header.need(&[name], "fcc")?;
        }
    }
    let known: Vec<&str> = COLUMNS.iter().flat_map(|&(name, title)| [name, title]).chain(UNUSED).collect();
    let ignored = header.ignored(&known);
    Ok(OpenedReports { dialect: Box::new(Csv { header, fcc }), skip: head.header_len(), skip_lines: 1, ignored })
}

fn is_json(head: &Head<'_>) -> bool {
    matches!(head.bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The name under which the header has a column; `None` when under neither.
fn column(header: &Header, name: &str) -> Option<&'static str> {
    let &(name, title) = COLUMNS.iter().find(|(known, _)| *known == name)?;
    [name, title].into_iter().find(|column| header.has(column))
}

struct Csv {
    header: Header,
    fcc: Fcc,
}

impl ReportDialect for Csv {
    fn framing(&self) -> Framing {
        Framing::Csv
    }

    fn read(&self, record: &[u8], out: &mut ReportOutput) -> Result<(), Fault> {
        let row = self.header.row(record)?;
        let get = |name: &str| Cow::Borrowed(column(&self.header, name).map_or("", |column| row.get(column)));
        self.fcc.take(&get, out)
    }
}

struct Json {
    fcc: Fcc,
}

impl ReportDialect for Json {
    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn read(&self, record: &[u8], out: &mut ReportOutput) -> Result<(), Fault> {
        let object: Map<String, Value> = serde_json::from_slice(record).map_err(|error| {
            Fault::new(RejectCode::BadJson, "", format!("a complaint as a JSON object was expected: {error}"))
        })?;
        self.fcc.take(&|name| scalar(object.get(name)), out)
    }
}

struct Fcc {
    tz: TimeZone,
    options: Options,
}

impl Fcc {
    fn take<'a>(&self, get: &dyn Fn(&str) -> Cow<'a, str>, out: &mut ReportOutput) -> Result<(), Fault> {
        let Some(category) = category(&get("issue"), &get("type_of_call_or_messge")) else {
            out.not_calls += 1;
            return Ok(());
        };
        let known_at = match get("ticket_created") {
            text if text.is_empty() => None,
            text => Some(self.day(&text, "ticket_created")?.1),
        };
        // Some complaints name no day; they happened, at the latest, when they were filed.
        let at = match (get("issue_date"), known_at) {
            (day, Some(filed)) if day.is_empty() => filed,
            (day, _) => self.when(&day, &get("issue_time"))?,
        };
        let Some(tn) = shown_number(&get("caller_id_number"), &self.options, out) else {
            return Ok(());
        };
        let id = get("id");
        out.push(Report {
            key: (!id.is_empty()).then(|| record_key("fcc", id.as_bytes())),
            at,
            known_at,
            tn,
            category,
            reporter: None,
            reporter_tn: None,
            reporter_since: None,
            network: None,
            device: None,
            area_code: zip_area(&get("zip")),
            carrier: None,
            proven: false,
            regulator: true,
        });
        Ok(())
    }

    /// The call's day and time; noon where the time cannot be read, since people leave it out or write a span.
    fn when(&self, day: &str, time: &str) -> Result<Timestamp, Fault> {
        let (date, whole) = self.day(day, "issue_date")?;
        let (hour, minute) = match (clock(time), has_clock(day)) {
            (Some(clock), _) => clock,
            (None, true) => return Ok(whole),
            (None, false) => (12, 0),
        };
        let local = format!("{date} {hour:02}:{minute:02}:00");
        parse_time_with(&local, "%Y-%m-%d %H:%M:%S", "issue_date", Some(&self.tz))
    }

    /// A day, in ISO or American order, perhaps with a time: the civil date as text, and the instant.
    fn day(&self, text: &str, field: &'static str) -> Result<(String, Timestamp), Fault> {
        if text.is_empty() {
            return Err(Fault::missing(field));
        }
        if let Some(us) = text.get(..10).filter(|head| head.as_bytes().get(2) == Some(&b'/')) {
            let patterns = ["%m/%d/%Y %I:%M:%S %p %z", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M"];
            let full = patterns.iter().find_map(|p| parse_time_with(text, p, field, Some(&self.tz)).ok());
            let midnight = || parse_time_with(&format!("{us} 00:00:00"), "%m/%d/%Y %H:%M:%S", field, Some(&self.tz));
            let (month, day, year) = (us.get(..2), us.get(3..5), us.get(6..));
            let iso = format!("{}-{}-{}", year.unwrap_or(""), month.unwrap_or(""), day.unwrap_or(""));
            return Ok((iso, full.map_or_else(midnight, Ok)?));
        }
        let iso = text.get(..10).unwrap_or(text).to_owned();
        let at = match date(text) {
            Some(_) => parse_time(format!("{text} 00:00:00").as_bytes(), field, Some(&self.tz))?,
            None => parse_time(text.as_bytes(), field, Some(&self.tz))?,
        };
        Ok((iso, at))
    }
}

/// Tells whether a day's text carries a time of day other than midnight.
fn has_clock(text: &str) -> bool {
    text.get(10..).is_some_and(|rest| rest.bytes().any(|b| (b'1'..=b'9').contains(&b)) && !rest.contains("12:00:00 AM"))
}

/// Reads `1:23 p.m.`, `1:23 PM`, `01:23pm`, `13:23`, `1 pm`; `None` for anything else.
fn clock(text: &str) -> Option<(u8, u8)> {
    let text: String = text.to_ascii_lowercase().chars().filter(|c| !matches!(c, ' ' | '.')).collect();
    let (digits, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(digits), _) => (digits, Some(0)),
        (None, Some(digits)) => (digits, Some(12)),
        (None, None) => (text.as_str(), None),
    };
    let mut parts = digits.split(':');
    let hour: u8 = parts.next()?.parse().ok()?;
    let minute: u8 = match (parts.next(), half) {
        (Some(minute), _) => minute.parse().ok()?,
        (None, Some(_)) => 0,
        (None, None) => return None,
    };
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        // "13:23 PM" is written now and then, and means what it says.
        Some(_) | None => hour,
    };
    (hour < 24 && minute < 60).then_some((hour, minute))
}

/// What a complaint says; `None` when it is not about a voice call.
fn category(issue: &str, kind: &str) -> Option<ReportCategory> {
    const ABOUT_CALLS: [&str; 4] = ["unwanted call", "telemarketing", "robocall", "do not call"];
    let (issue, kind) = (issue.to_ascii_lowercase(), kind.to_ascii_lowercase());
    if issue.contains("own number is being spoofed") {
        return Some(ReportCategory::SpoofedMe);
    }
    if kind.contains("text") || kind.contains("fax") || !ABOUT_CALLS.iter().any(|words| issue.contains(words)) {
        return None;
    }
    Some(ReportCategory::Unwanted)
}

/// The first three digits of a ZIP code, from 1000 on, so that they are never taken for an area code; `None` when absent.
fn zip_area(zip: &str) -> Option<u16> {
    let lead = zip.get(..3)?;
    lead.bytes().all(|b| b.is_ascii_digit()).then(|| lead.parse::<u16>().ok()).flatten().map(|area| 1000 + area)
}
