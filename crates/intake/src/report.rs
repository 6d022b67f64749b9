//! Reports: what people say of the calls they get.
//!
//! Three feeds are read: our own records (JSON lines, bare or as CloudEvents, and CSV), the daily file of reported calls of
//! the Federal Trade Commission, and the unwanted-calls export of the Federal Communications Commission (CSV and JSON). The
//! regulators' files are unverified and their numbers are what a caller chose to show, so numbers in them are read
//! tolerantly: what is no number is counted by kind, not rejected.

mod fcc;
mod ftc;
mod own;

use std::fmt;

use model::Report;
use model::tn::{ParseTnError, parse_tn};
use model::{Region, TelephoneNumber};

use crate::format::{Head, OpenError};
use crate::frame::{Framing, MAX_RECORD_BYTES};
use crate::options::Options;
use crate::reject::{Fault, Reject, RejectCode};
use crate::side::table::reject;

/// A feed of reports.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReportFormat {
    /// Our own report records.
    Own,
    /// The daily file of reported calls of the Federal Trade Commission.
    Ftc,
    /// The unwanted-calls export of the Federal Communications Commission.
    Fcc,
}

impl ReportFormat {
    /// All feeds.
    pub const ALL: [Self; 3] = [Self::Own, Self::Ftc, Self::Fcc];

    /// The feed's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "reports",
            Self::Ftc => "ftc",
            Self::Fcc => "fcc",
        }
    }

    /// Reads a feed's name; `None` for an unknown one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }
}

impl fmt::Display for ReportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What reading reports yields. Every record that is not blank is told once: as a report, a reject, or one of the counts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReportOutput {
    /// The reports, in the order of the input.
    pub reports: Vec<Report>,
    /// Records that could not be taken.
    pub rejects: Vec<Reject>,
    /// Records whose number has too few digits.
    pub fragments: u64,
    /// Records whose number stands for a missing one, such as ten nines.
    pub sentinels: u64,
    /// Records without a number.
    pub blanks: u64,
    /// Records that say the caller withheld its number.
    pub withheld: u64,
    /// Records whose number fits no country's plan, or that hold no number but words.
    pub malformed: u64,
    /// Records that are not about voice calls.
    pub not_calls: u64,
    /// How many of `reports` say "my own number is being spoofed".
    pub spoofed_shields: u64,
    /// Carrier names that the directory does not know, counted.
    pub unknown_carriers: u64,
    /// Lines gone through, headers and blanks included.
    pub lines: u64,
}

impl ReportOutput {
    /// Takes a report.
    fn push(&mut self, report: Report) {
        self.spoofed_shields += u64::from(report.category == model::ReportCategory::SpoofedMe);
        self.reports.push(report);
    }

    /// Counts a number that cannot be read.
    fn count(&mut self, error: &ParseTnError) {
        let count = match error {
            ParseTnError::Blank => &mut self.blanks,
            ParseTnError::Anonymous => &mut self.withheld,
            ParseTnError::Sentinel(text) if text.eq_ignore_ascii_case("none") => &mut self.blanks,
            ParseTnError::Sentinel(_) => &mut self.sentinels,
            ParseTnError::Fragment(_) => &mut self.fragments,
            ParseTnError::TooLong(_)
            | ParseTnError::NoRegion(_)
            | ParseTnError::NotInPlan(_)
            | ParseTnError::NotANumber(_) => &mut self.malformed,
        };
        *count += 1;
    }
}

/// Reads the framed records of one opened feed.
pub trait ReportDialect: Send + Sync {
    /// How records are told apart.
    fn framing(&self) -> Framing;

    /// Reads one record into `out`.
    ///
    /// # Errors
    /// The record cannot be taken.
    fn read(&self, record: &[u8], out: &mut ReportOutput) -> Result<(), Fault>;
}

/// A feed, ready to read it.
pub struct OpenedReports {
    /// Reads the records.
    pub dialect: Box<dyn ReportDialect>,
    /// How many bytes of the file come before the first record (a byte order mark, a header line).
    pub skip: usize,
    /// How many lines those are.
    pub skip_lines: u64,
    /// Columns that are carried into nothing.
    pub ignored: Vec<String>,
}

/// Names the feed of a file from its first bytes (64 kB are plenty).
///
/// # Errors
/// `Empty` or `UnknownFormat`.
pub fn detect_report(head: &[u8]) -> Result<ReportFormat, OpenError> {
    let head = Head::new(head);
    if head.bytes.trim_ascii().is_empty() {
        return Err(OpenError::Empty);
    }
    if fcc::detect(&head) {
        Ok(ReportFormat::Fcc)
    } else if ftc::detect(&head) {
        Ok(ReportFormat::Ftc)
    } else if own::detect(&head) {
        Ok(ReportFormat::Own)
    } else {
        let beginning = String::from_utf8_lossy(head.first.get(..head.first.len().min(80)).unwrap_or_default());
        Err(OpenError::UnknownFormat { beginning: beginning.into_owned() })
    }
}

/// Makes the dialect that reads a feed which begins with `head`.
///
/// # Errors
/// `MissingColumn` when the header lacks a column that the feed needs.
pub fn open_reports(format: ReportFormat, head: &[u8], options: &Options) -> Result<OpenedReports, OpenError> {
    let head = Head::new(head);
    match format {
        ReportFormat::Own => own::open(&head, options),
        ReportFormat::Ftc => ftc::open(&head, options),
        ReportFormat::Fcc => fcc::open(&head, options),
    }
}

/// Reads one block that [`Framing::cut`] cut at record boundaries. Lines count from 1 at the block's start.
pub fn read_report_block(dialect: &dyn ReportDialect, block: &[u8], out: &mut ReportOutput) {
    for (line, record) in dialect.framing().records(block) {
        if record.trim_ascii().is_empty() {
            continue;
        }
        let taken = if record.len() > MAX_RECORD_BYTES {
            Err(Fault::new(RejectCode::TooLong, "", format!("a record has at most {MAX_RECORD_BYTES} bytes")))
        } else {
            dialect.read(record, out)
        };
        if let Err(fault) = taken {
            out.rejects.push(reject(line, record, fault));
        }
    }
    let newlines = memchr::memchr_iter(b'\n', block).count() as u64;
    out.lines += newlines + u64::from(!block.is_empty() && block.last() != Some(&b'\n'));
}

/// Reads a whole feed at once. Lines of rejects count from 1 at the file's start.
///
/// # Errors
/// As [`open_reports`].
pub fn read_reports(
    format: ReportFormat,
    bytes: &[u8],
    options: &Options,
    out: &mut ReportOutput,
) -> Result<(), OpenError> {
    let opened = open_reports(format, bytes, options)?;
    let before = out.rejects.len();
    read_report_block(opened.dialect.as_ref(), bytes.get(opened.skip..).unwrap_or_default(), out);
    out.lines += opened.skip_lines;
    for reject in out.rejects.iter_mut().skip(before) {
        reject.line += opened.skip_lines;
    }
    Ok(())
}

/// Reads the number of a regulator's file, where people type what their display showed; counts it where it is none.
fn shown_number(text: &str, options: &Options, out: &mut ReportOutput) -> Option<TelephoneNumber> {
    let region = options.region.unwrap_or(Region::US);
    parse_tn(text.as_bytes(), Some(region)).inspect_err(|error| out.count(error)).ok()
}

#[cfg(test)]
mod tests;
