//! Which carrier a called number is served by.

use std::collections::BTreeMap;

use model::truth::TrustedSubject;
use model::{CarrierId, TelephoneNumber};

use crate::format::OpenError;
use crate::options::Options;
use crate::reject::{Fault, Reject};

use super::table::read_table;
use super::value::subject;

/// Which carrier serves a number: by the number itself, else by the longest prefix that covers it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct CarrierMap {
    exact: BTreeMap<TelephoneNumber, CarrierId>,
    prefixes: BTreeMap<(u8, u64), CarrierId>,
    longest: u8,
    /// Rows whose carrier the directory does not know; they name nothing.
    pub unknown_carriers: u64,
}

impl CarrierMap {
    /// The carrier of `tn`, and whether the map names that very number; `None` when nothing covers it. Numbers are ported,
    /// so an answer by prefix is the less certain one.
    #[must_use]
    pub fn lookup(&self, tn: TelephoneNumber) -> Option<(CarrierId, bool)> {
        if let Some(&carrier) = self.exact.get(&tn) {
            return Some((carrier, true));
        }
        (1..=self.longest.min(tn.len())).rev().find_map(|len| {
            let digits = tn.leading_digits(len)?;
            self.prefixes.get(&(len, digits)).map(|&carrier| (carrier, false))
        })
    }

    /// Tells whether some answers of the map go by a prefix.
    #[must_use]
    pub fn has_prefixes(&self) -> bool {
        !self.prefixes.is_empty()
    }

    /// How many numbers and prefixes the map names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.exact.len() + self.prefixes.len()
    }

    /// Tells whether the map names nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.prefixes.is_empty()
    }

    fn insert(&mut self, subject: TrustedSubject, carrier: CarrierId) {
        match subject {
            TrustedSubject::Number(tn) => {
                self.exact.insert(tn, carrier);
            }
            TrustedSubject::Prefix { digits, len } => {
                self.longest = self.longest.max(len);
                self.prefixes.insert((len, digits), carrier);
            }
        }
    }
}

/// Reads a carrier map: CSV with `tn` or `prefix`, and `carrier` (a key of the directory). Of two rows for one number the
/// later stands.
///
/// # Errors
/// `Empty`, or `MissingColumn` when there is no `carrier` column.
pub fn carrier_map(bytes: &[u8], options: &Options) -> Result<(CarrierMap, Vec<Reject>), OpenError> {
    let table = read_table(bytes, "carrier map", &["carrier"], &["tn", "prefix", "carrier"], |row| {
        let subject = subject(row.get("tn"), row.get("prefix"), options)?;
        match row.get("carrier") {
            "" => Err(Fault::missing("carrier")),
            key => Ok((subject, options.carrier(key))),
        }
    })?;
    let mut map = CarrierMap::default();
    for (subject, carrier) in table.rows {
        match carrier {
            Some(carrier) => map.insert(subject, carrier),
            None => map.unknown_carriers += 1,
        }
    }
    Ok((map, table.rejects))
}
