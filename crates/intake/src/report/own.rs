//! Our own report records: JSON lines (bare, or in CloudEvents envelopes, or a batch of either) and CSV.

use std::borrow::Cow;

use model::tn::{ParseTnError, parse_tn};
use model::{Report, ReportCategory, TelephoneNumber};
use serde_json::{Map, Value};

use crate::format::{Head, OpenError};
use crate::frame::Framing;
use crate::options::{Options, record_key, text_hash};
use crate::reject::{Fault, RejectCode};
use crate::side::table::Header;
use crate::side::value::{DayEnd, number, time_or_date, unknown_word};
use crate::time::parse_time;

use super::ftc::area_code;
use super::{OpenedReports, ReportDialect, ReportOutput};

const COLUMNS: [&str; 13] = [
    "id",
    "source",
    "at",
    "tn",
    "category",
    "reporter",
    "carrier",
    "called_at",
    "comment",
    "reporter_since",
    "network",
    "device",
    "area_code",
];

/// What an envelope tells where the record does not.
const ENVELOPE: [&str; 2] = ["id", "source"];

pub(super) fn detect(head: &Head<'_>) -> bool {
    if matches!(head.bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return true;
    }
    let header = Header::read(head.first);
    header.has("tn") && header.has("at")
}

pub(super) fn open(head: &Head<'_>, options: &Options) -> Result<OpenedReports, OpenError> {
    let options = options.clone();
    if matches!(head.bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
        let dialect = Box::new(Json { options });
        return Ok(OpenedReports { dialect, skip: head.bom, skip_lines: 0, ignored: Vec::new() });
    }
    let header = Header::read(head.first);
    header.need(&["tn", "at"], "reports")?;
    let ignored = header.ignored(&COLUMNS);
    Ok(OpenedReports { dialect: Box::new(Csv { header, options }), skip: head.header_len(), skip_lines: 1, ignored })
}

struct Csv {
    header: Header,
    options: Options,
}

impl ReportDialect for Csv {
    fn framing(&self) -> Framing {
        Framing::Csv
    }

    fn read(&self, record: &[u8], out: &mut ReportOutput) -> Result<(), Fault> {
        let row = self.header.row(record)?;
        take(&|name| Cow::Borrowed(row.get(name)), &self.options, out)
    }
}

struct Json {
    options: Options,
}

impl ReportDialect for Json {
    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn read(&self, record: &[u8], out: &mut ReportOutput) -> Result<(), Fault> {
        let object: Map<String, Value> = serde_json::from_slice(record)
            .map_err(|error| Fault::new(RejectCode::BadJson, "", format!("a JSON object was expected: {error}")))?;
        self.one(&object, out)
    }
}

impl Json {
    /// Reads one object, or the `data` of a CloudEvents envelope with the envelope's `id` and `source` where it has none.
    fn one(&self, object: &Map<String, Value>, out: &mut ReportOutput) -> Result<(), Fault> {
        let Some(Value::Object(data)) = object.get("data") else {
            flat(object, &COLUMNS)?;
            return take(&|name| scalar(object.get(name)), &self.options, out);
        };
        flat(object, &ENVELOPE)?;
        flat(data, &COLUMNS)?;
        let get = |name: &str| {
            let own = scalar(data.get(name));
            if own.is_empty() && matches!(name, "id" | "source") { scalar(object.get(name)) } else { own }
        };
        take(&get, &self.options, out)
    }
}

/// Refuses a field of these `names` that holds a list or an object: it would count as absent.
fn flat(object: &Map<String, Value>, names: &[&'static str]) -> Result<(), Fault> {
    let nested = |name: &&&str| matches!(object.get(**name), Some(Value::Array(_) | Value::Object(_)));
    match names.iter().find(nested) {
        None => Ok(()),
        Some(name) => Err(Fault::new(RejectCode::BadValue, *name, "a text or a number was expected")),
    }
}

/// A JSON string, number or boolean as trimmed text; anything else is empty.
pub(super) fn scalar(value: Option<&Value>) -> Cow<'_, str> {
    match value {
        Some(Value::String(text)) => Cow::Borrowed(text.trim()),
        Some(Value::Number(number)) => Cow::Owned(number.to_string()),
        Some(Value::Bool(truth)) => Cow::Borrowed(if *truth { "true" } else { "false" }),
        Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => Cow::Borrowed(""),
    }
}

fn take<'a>(get: &dyn Fn(&str) -> Cow<'a, str>, options: &Options, out: &mut ReportOutput) -> Result<(), Fault> {
    let reported = parse_time(get("at").as_bytes(), "at", options.tz.as_ref())?;
    let called = match get("called_at") {
        text if text.is_empty() => None,
        text => Some(parse_time(text.as_bytes(), "called_at", options.tz.as_ref())?),
    };
    let tn = match parse_tn(get("tn").as_bytes(), options.region) {
        Ok(tn) => tn,
        Err(ParseTnError::Blank) => return Err(Fault::missing("tn")),
        Err(ParseTnError::Anonymous) => {
            out.withheld += 1;
            return Ok(());
        }
        Err(error) => return Err(Fault::new(RejectCode::BadNumber, "tn", error.to_string())),
    };
    let source = get("source");
    let source = if source.is_empty() { &options.source.0 } else { source.as_ref() };
    let hash = |name: &str| Some(get(name)).filter(|text| !text.is_empty()).map(|text| text_hash(&text));
    let id = get("id");
    let (reporter, reporter_tn) = reporter(&get("reporter"), options)?;
    let carrier_key = get("carrier");
    let carrier = options.carrier(&carrier_key);
    out.unknown_carriers += u64::from(carrier.is_none() && !carrier_key.is_empty());
    let area = get("area_code");
    if !area.is_empty() && area_code(&area).is_none() {
        let detail = format!("`{area}` is not a three-digit area code");
        return Err(Fault::new(RejectCode::BadValue, "area_code", detail));
    }
    out.push(Report {
        key: (!id.is_empty()).then(|| record_key(source, id.as_bytes())),
        at: called.unwrap_or(reported),
        known_at: called.map(|_| reported),
        tn,
        category: category(&get("category"))?,
        reporter,
        reporter_tn,
        reporter_since: time_or_date(&get("reporter_since"), "reporter_since", DayEnd::Begin, options)?,
        network: hash("network"),
        device: hash("device"),
        area_code: area_code(&area),
        carrier,
        proven: false,
        regulator: false,
    });
    Ok(())
}

/// The hash that stands for the reporter, and its number where it gave one (`tel:+1…`).
fn reporter(text: &str, options: &Options) -> Result<(Option<u64>, Option<TelephoneNumber>), Fault> {
    if text.is_empty() {
        return Ok((None, None));
    }
    if !text.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:")) {
        return Ok((Some(text_hash(text)), None));
    }
    let tn = number(text, "reporter", options)?;
    Ok((Some(text_hash(&format!("tel:{tn}"))), Some(tn)))
}

fn category(word: &str) -> Result<ReportCategory, Fault> {
    if word.is_empty() {
        return Ok(ReportCategory::Unwanted);
    }
    ReportCategory::from_word(word)
        .ok_or_else(|| unknown_word(word, "category", ReportCategory::ALL.iter().map(|category| category.as_str())))
}
