//! Telephone numbers.

use model::tn::{MAX_DIGITS, MIN_DIGITS, parse_party, parse_tn};
use model::{Party, Region};

use crate::Choice;

/// Reads one end of a call. The first byte chooses the region.
///
/// Invariants: a number that was read has as many digits as E.164 allows, prints, and reads again as itself without any
/// region; [`parse_tn`] and [`parse_party`] agree.
pub fn party(bytes: &[u8]) {
    let (Choice(first), text) = Choice::split(bytes);
    let region = match first % 4 {
        0 => None,
        1 => Some(Region::US),
        2 => Region::from_code("GB"),
        _ => Region::from_code("IT"),
    };
    let read = parse_party(text, region);
    let number = read.as_ref().ok().and_then(|party| party.number());
    assert_eq!(parse_tn(text, region).ok(), number, "the two readers differ");
    if let Some(tn) = number {
        let printed = tn.to_string();
        assert!((MIN_DIGITS..=MAX_DIGITS).contains(&u32::from(tn.len())), "{printed} has {} digits", tn.len());
        assert_eq!(parse_party(printed.as_bytes(), None), Ok(Party::Number(tn)), "{printed} does not read as itself");
    }
}
