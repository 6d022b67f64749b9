//! Times.

use intake::time::{parse_rfc_2822, parse_time, parse_time_with};
use jiff::tz::TimeZone;

use crate::Choice;

/// Reads a time in each way that records use. The first byte chooses the zone.
///
/// Invariants: a time that was read prints in RFC 3339 and reads again as itself; a zone never changes a time that can be
/// read without one.
pub fn times(bytes: &[u8]) {
    let (Choice(first), text) = Choice::split(bytes);
    let name = match first % 3 {
        0 => "UTC",
        1 => "America/New_York",
        _ => "Asia/Kathmandu",
    };
    let zone = TimeZone::get(name).ok();
    let zoned = parse_time(text, "start", zone.as_ref());
    if let Ok(at) = parse_time(text, "start", None) {
        assert_eq!(zoned.as_ref().ok(), Some(&at), "{name} changes a time that has its zone");
    }
    let words = String::from_utf8_lossy(text);
    let patterned = parse_time_with(&words, "%m/%d/%Y %I:%M %p", "start", zone.as_ref());
    for at in [zoned, parse_rfc_2822(&words, "start"), patterned].into_iter().flatten() {
        let printed = at.to_string();
        assert_eq!(parse_time(printed.as_bytes(), "start", None), Ok(at), "{printed} does not read as itself");
    }
}
