//! Which public number an internal extension shows.

use std::collections::BTreeMap;

use model::TelephoneNumber;

use crate::format::OpenError;
use crate::options::Options;
use crate::reject::{Fault, Reject, RejectCode};

use super::table::read_table;
use super::value::number;

/// Which public number each internal extension shows.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct ExtensionMap {
    numbers: BTreeMap<u32, TelephoneNumber>,
}

impl ExtensionMap {
    /// The number that an extension shows; `None` when the map does not name it.
    #[must_use]
    pub fn lookup(&self, extension: u32) -> Option<TelephoneNumber> {
        self.numbers.get(&extension).copied()
    }

    /// The numbers that extensions show; several extensions may share one.
    pub fn numbers(&self) -> impl Iterator<Item = TelephoneNumber> + '_ {
        self.numbers.values().copied()
    }
}

/// Reads an extension map: CSV with `extension` (one to six digits) and `tn`. Of two rows for one extension the later
/// stands.
///
/// # Errors
/// `Empty`, or `MissingColumn` when either column is not there.
pub fn extension_map(bytes: &[u8], options: &Options) -> Result<(ExtensionMap, Vec<Reject>), OpenError> {
    let columns = ["extension", "tn"];
    let table = read_table(bytes, "extension map", &columns, &columns, |row| {
        let text = row.get("extension");
        let extension = match text.parse::<u32>() {
            Ok(extension) if text.len() <= 6 => extension,
            Ok(_) | Err(_) if text.is_empty() => return Err(Fault::missing("extension")),
            Ok(_) | Err(_) => {
                let detail = format!("`{text}` is not an extension of one to six digits");
                return Err(Fault::new(RejectCode::BadValue, "extension", detail));
            }
        };
        Ok((extension, number(row.get("tn"), "tn", options)?))
    })?;
    Ok((ExtensionMap { numbers: table.rows.into_iter().collect() }, table.rejects))
}
