//! The Federal Trade Commission's daily file of reported calls ("DNC Reported Calls").
//!
//! One row is one complaint, unverified. The file names no person, so each row is a reporter of its own, known by area code
//! only. Its times carry no zone; the commission does not say which it is.

use jiff::tz::TimeZone;
use model::{Report, ReportCategory};

use crate::format::{Head, OpenError};
use crate::frame::Framing;
use crate::options::Options;
use crate::reject::Fault;
use crate::side::table::Header;
use crate::time::parse_time;

use super::{OpenedReports, ReportDialect, ReportOutput, shown_number};

/// The zone of the file's times unless the operator names another. Chosen: the commission's seat is Washington.
pub(super) const DEFAULT_ZONE: &str = "America/New_York";

const NUMBER: &str = "company_phone_number";
const CREATED: &str = "created_date";
const VIOLATION: &str = "violation_date";
const AREA_CODE: &str = "consumer_area_code";
/// The other columns of the published header: known, and used for nothing.
const UNUSED: [&str; 5] =
    ["consumer_city", "consumer_state", "subject", "recorded_message_or_robocall", "recorded_message_or_robocall(y/n)"];

pub(super) fn detect(head: &Head<'_>) -> bool {
    let header = Header::read(head.first);
    [NUMBER, CREATED, VIOLATION].into_iter().all(|name| header.has(name))
}

pub(super) fn open(head: &Head<'_>, options: &Options) -> Result<OpenedReports, OpenError> {
    let header = Header::read(head.first);
    header.need(&[NUMBER, CREATED, VIOLATION], "ftc")?;
    let known: Vec<&str> = [NUMBER, CREATED, VIOLATION, AREA_CODE].into_iter().chain(UNUSED).collect();
    let ignored = header.ignored(&known);
    let dialect = Box::new(Ftc { header, tz: zone(options), options: options.clone() });
    Ok(OpenedReports { dialect, skip: head.header_len(), skip_lines: 1, ignored })
}

/// The operator's zone, else that of Washington.
pub(super) fn zone(options: &Options) -> TimeZone {
    options.tz.clone().unwrap_or_else(|| TimeZone::get(DEFAULT_ZONE).unwrap_or(TimeZone::UTC))
}

struct Ftc {
    header: Header,
    tz: TimeZone,
    options: Options,
}

impl ReportDialect for Ftc {
    fn framing(&self) -> Framing {
        Framing::Csv
    }

    fn read(&self, record: &[u8], out: &mut ReportOutput) -> Result<(), Fault> {
        let row = self.header.row(record)?;
        let created = parse_time(row.get(CREATED).as_bytes(), "Created_Date", Some(&self.tz))?;
        // A complaint without a date of its own happened, at the latest, when it was filed.
        let at = match row.get(VIOLATION) {
            "" => created,
            text => parse_time(text.as_bytes(), "Violation_Date", Some(&self.tz))?,
        };
        let Some(tn) = shown_number(row.get(NUMBER), &self.options, out) else {
            return Ok(());
        };
        out.push(Report {
            key: None,
            at,
            known_at: Some(created),
            tn,
            category: ReportCategory::Unwanted,
            reporter: None,
            reporter_tn: None,
            reporter_since: None,
            network: None,
            device: None,
            area_code: area_code(row.get(AREA_CODE)),
            carrier: None,
            proven: false,
            regulator: true,
        });
        Ok(())
    }
}

/// A three-digit area code; `None` when it is anything else.
pub(super) fn area_code(text: &str) -> Option<u16> {
    text.parse().ok().filter(|code| (200..=999).contains(code))
}
