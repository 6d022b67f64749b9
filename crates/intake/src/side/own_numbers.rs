//! Which numbers are the owner's own.

use std::collections::BTreeSet;

use model::TelephoneNumber;
use model::tn::parse_tn;
use model::truth::TrustedSubject;

use crate::format::OpenError;
use crate::options::Options;
use crate::reject::{Fault, Reject, RejectCode};

use super::table::{Header, checked, content, reject, without_mark};
use super::value::prefix;

/// The numbers that belong to the owner of the records, one by one or by their leading digits.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct OwnNumbers {
    numbers: BTreeSet<TelephoneNumber>,
    prefixes: BTreeSet<(u8, u64)>,
}

impl OwnNumbers {
    /// Reads one number, or the leading digits of a block such as `+1215555` or `1215555*`.
    ///
    /// # Errors
    /// `BAD_NUMBER` for anything else.
    pub fn from_argument(text: &str, options: &Options) -> Result<Self, Fault> {
        let mut own = Self::default();
        own.insert(entry(text.trim(), options)?);
        Ok(own)
    }

    /// Tells whether `tn` is one of the owner's.
    #[must_use]
    pub fn contains(&self, tn: TelephoneNumber) -> bool {
        self.numbers.contains(&tn) || self.prefixes.iter().any(|&(len, digits)| tn.leading_digits(len) == Some(digits))
    }

    /// The numbers named one by one, in rising order.
    pub fn numbers(&self) -> impl Iterator<Item = TelephoneNumber> + '_ {
        self.numbers.iter().copied()
    }

    /// Tells whether no number and no prefix is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.prefixes.is_empty()
    }

    /// Adds one number.
    pub fn add(&mut self, tn: TelephoneNumber) {
        self.numbers.insert(tn);
    }

    /// Adds all of another set.
    pub fn merge(&mut self, other: Self) {
        self.numbers.extend(other.numbers);
        self.prefixes.extend(other.prefixes);
    }

    fn insert(&mut self, entry: TrustedSubject) {
        match entry {
            TrustedSubject::Number(tn) => self.numbers.insert(tn),
            TrustedSubject::Prefix { digits, len } => self.prefixes.insert((len, digits)),
        };
    }
}

/// The columns of which the first present one holds the numbers of a CSV file.
const COLUMNS: [&str; 3] = ["tn", "number", "phone_number"];

/// Reads a list of the owner's numbers: one number or prefix a line, or CSV with a `tn`, `number` or `phone_number` column.
///
/// # Errors
/// `Empty`, or `MissingColumn` when a first line without any digit is no header with one of those columns.
pub fn own_numbers(bytes: &[u8], options: &Options) -> Result<(OwnNumbers, Vec<Reject>), OpenError> {
    let mut records = content(without_mark(bytes)).peekable();
    let &(_, first) = records.peek().ok_or(OpenError::Empty)?;
    let header = Header::read(first);
    let column = COLUMNS.into_iter().find(|name| header.has(name));
    match column {
        Some(_) => {
            records.next();
        }
        None if !first.iter().any(u8::is_ascii_digit) => header.need(&["tn"], "own numbers")?,
        None => {}
    }
    let mut own = OwnNumbers::default();
    let mut rejects = Vec::new();
    for (line, record) in records {
        let read = checked(record).and_then(|record| match column {
            Some(column) => header.row(record).and_then(|row| entry(row.get(column), options)),
            None => entry(String::from_utf8_lossy(record).trim(), options),
        });
        match read {
            Ok(read) => own.insert(read),
            Err(fault) => rejects.push(reject(line, record, fault)),
        }
    }
    Ok((own, rejects))
}

/// One number, or leading digits: those carry a `+` in front or a `*` or `x` behind, so that they are not mistaken for an
/// extension.
fn entry(text: &str, options: &Options) -> Result<TrustedSubject, Fault> {
    if text.is_empty() {
        return Err(Fault::missing("tn"));
    }
    if let Ok(tn) = parse_tn(text.as_bytes(), options.region) {
        return Ok(TrustedSubject::Number(tn));
    }
    if text.starts_with('+') || text.ends_with(['*', 'x', 'X']) {
        return prefix(text, "tn");
    }
    let detail = format!("`{text}` is no telephone number; leading digits are written with a +, such as +1215555");
    Err(Fault::new(RejectCode::BadNumber, "tn", detail))
}
