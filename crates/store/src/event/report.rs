//! Reports as bytes.

use model::{CarrierId, Report, ReportCategory, Timestamp};

use super::bytes::put;
use super::call::{flag, read_tn};
use super::decode::{Clerk, DecodeError};
use super::encode::Scribe;

const PROVEN: u32 = 1 << 3;
const REGULATOR: u32 = 1 << 4;
const HAS_KEY: u32 = 1 << 5;
const HAS_KNOWN_AT: u32 = 1 << 6;
const HAS_REPORTER: u32 = 1 << 7;
const HAS_REPORTER_TN: u32 = 1 << 8;
const HAS_REPORTER_SINCE: u32 = 1 << 9;
const HAS_NETWORK: u32 = 1 << 10;
const HAS_DEVICE: u32 = 1 << 11;
const HAS_AREA_CODE: u32 = 1 << 12;
const HAS_CARRIER: u32 = 1 << 13;
/// The report's time is not the event's.
const OWN_AT: u32 = 1 << 14;
const ALL_BITS: u16 = (1 << 15) - 1;

const fn category_code(category: ReportCategory) -> u32 {
    match category {
        ReportCategory::Unwanted => 0,
        ReportCategory::Fraud => 1,
        ReportCategory::NotSpam => 2,
        ReportCategory::WrongNumber => 3,
        ReportCategory::SpoofedMe => 4,
    }
}

const fn category_of(code: u32) -> Result<ReportCategory, DecodeError> {
    Ok(match code {
        0 => ReportCategory::Unwanted,
        1 => ReportCategory::Fraud,
        2 => ReportCategory::NotSpam,
        3 => ReportCategory::WrongNumber,
        4 => ReportCategory::SpoofedMe,
        _ => return Err(DecodeError::Range { field: "category" }),
    })
}

/// Writes a report of an event that happened at `at`.
pub(super) fn write(report: &Report, at: Timestamp, scribe: &mut Scribe<'_>) {
    let bits = category_code(report.category)
        | flag(report.proven, PROVEN)
        | flag(report.regulator, REGULATOR)
        | flag(report.key.is_some(), HAS_KEY)
        | flag(report.known_at.is_some(), HAS_KNOWN_AT)
        | flag(report.reporter.is_some(), HAS_REPORTER)
        | flag(report.reporter_tn.is_some(), HAS_REPORTER_TN)
        | flag(report.reporter_since.is_some(), HAS_REPORTER_SINCE)
        | flag(report.network.is_some(), HAS_NETWORK)
        | flag(report.device.is_some(), HAS_DEVICE)
        | flag(report.area_code.is_some(), HAS_AREA_CODE)
        | flag(report.carrier.is_some(), HAS_CARRIER)
        | flag(report.at != at, OWN_AT);
    scribe.rows.extend_from_slice(&(bits as u16).to_le_bytes());
    put(&mut scribe.rows, report.tn.digits());
    if report.at != at {
        scribe.time(report.at, at);
    }
    for time in [report.known_at, report.reporter_since].into_iter().flatten() {
        scribe.time(time, at);
    }
    if let Some(tn) = report.reporter_tn {
        put(&mut scribe.rows, tn.digits());
    }
    for hash in [report.reporter, report.network, report.device].into_iter().flatten() {
        scribe.rows.extend_from_slice(&hash.to_le_bytes());
    }
    if let Some(area_code) = report.area_code {
        put(&mut scribe.rows, u64::from(area_code));
    }
    if let Some(CarrierId(carrier)) = report.carrier {
        scribe.rows.push(carrier);
    }
    scribe.key(report.key);
}

/// Reads a report of an event that happened at `at`.
pub(super) fn read(at: Timestamp, clerk: &mut Clerk<'_>) -> Result<Report, DecodeError> {
    let bits = u16::from_le_bytes(clerk.rows.array()?);
    if bits & !ALL_BITS != 0 {
        return Err(DecodeError::Range { field: "report" });
    }
    let bits = u32::from(bits);
    let has = |flag: u32| bits & flag != 0;
    let tn = clerk.tn()?;
    let own_at = if has(OWN_AT) { clerk.time(at)? } else { at };
    let known_at = time(has(HAS_KNOWN_AT), at, clerk)?;
    let reporter_since = time(has(HAS_REPORTER_SINCE), at, clerk)?;
    let reporter_tn = read_tn(has(HAS_REPORTER_TN), clerk)?;
    let reporter = hash(has(HAS_REPORTER), clerk)?;
    let network = hash(has(HAS_NETWORK), clerk)?;
    let device = hash(has(HAS_DEVICE), clerk)?;
    let area_code = if has(HAS_AREA_CODE) { Some(clerk.rows.fit("area code")?) } else { None };
    let carrier = if has(HAS_CARRIER) { Some(CarrierId(clerk.rows.byte()?)) } else { None };
    let key = clerk.key(has(HAS_KEY))?;
    Ok(Report {
        key,
        at: own_at,
        known_at,
        tn,
        category: category_of(bits & 7)?,
        reporter,
        reporter_tn,
        reporter_since,
        network,
        device,
        area_code,
        carrier,
        proven: has(PROVEN),
        regulator: has(REGULATOR),
    })
}

fn time(present: bool, at: Timestamp, clerk: &mut Clerk<'_>) -> Result<Option<Timestamp>, DecodeError> {
    if present { clerk.time(at).map(Some) } else { Ok(None) }
}

fn hash(present: bool, clerk: &mut Clerk<'_>) -> Result<Option<u64>, DecodeError> {
    if present { clerk.rows.array().map(|bytes| Some(u64::from_le_bytes(bytes))) } else { Ok(None) }
}
