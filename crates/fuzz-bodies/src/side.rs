//! Side tables.

use intake::side::{carrier_map, extension_map, own_numbers, standing, trusted};
use intake::{OpenError, Options, Reject};

use crate::Choice;

type Reader = fn(&[u8], &Options) -> Result<Vec<Reject>, OpenError>;

const READERS: [Reader; 5] = [read_own, read_carriers, read_extensions, read_standing, read_trusted];

/// Reads a side table; each kind in turn when the choice is left open.
///
/// Invariants: a reject names a line that the file has; a table contains what it lists; no trusted fact is known before it
/// happened, unless it says so itself.
pub fn side(bytes: &[u8]) {
    let (choice, file) = Choice::split(bytes);
    let lines = file.split(|&byte| byte == b'\n').count() as u64;
    let chosen = choice.of(&READERS).map_or(&READERS[..], std::slice::from_ref);
    for read in chosen {
        for reject in read(file, &choice.options()).unwrap_or_default() {
            assert!((1..=lines).contains(&reject.line), "line {} of {lines} was rejected", reject.line);
        }
    }
}

fn read_own(file: &[u8], options: &Options) -> Result<Vec<Reject>, OpenError> {
    let (own, rejects) = own_numbers(file, options)?;
    assert!(own.numbers().all(|tn| own.contains(tn)), "an own number is not its own");
    Ok(rejects)
}

fn read_carriers(file: &[u8], options: &Options) -> Result<Vec<Reject>, OpenError> {
    let options = Options { carriers: [Box::from("att"), Box::from("tmobile")].into(), ..options.clone() };
    carrier_map(file, &options).map(|(_, rejects)| rejects)
}

fn read_extensions(file: &[u8], options: &Options) -> Result<Vec<Reject>, OpenError> {
    extension_map(file, options).map(|(_, rejects)| rejects)
}

fn read_standing(file: &[u8], options: &Options) -> Result<Vec<Reject>, OpenError> {
    standing(file, options).map(|table| table.rejects)
}

fn read_trusted(file: &[u8], options: &Options) -> Result<Vec<Reject>, OpenError> {
    let table = trusted(file, options)?;
    for fact in &table.rows {
        assert!(fact.known_at.is_some() || fact.at.is_none_or(|at| fact.known() >= at), "{fact:?} is known too early");
    }
    Ok(table.rejects)
}
