//! Side tables: what an operator tells beside the calls.
//!
//! All are small files that a person keeps, so they are read whole: CSV with a header (comma, semicolon or tab), or one
//! entry a line; blank lines and lines that begin with `#` are passed over. A row that cannot be read is a reject that names
//! its line and field; the rest is taken.

mod carriers;
mod extensions;
mod own_numbers;
mod standing;
pub(crate) mod table;
mod trusted;
mod truth;
pub(crate) mod value;

use crate::reject::Reject;

pub use carriers::{CarrierMap, carrier_map};
pub use extensions::{ExtensionMap, extension_map};
pub use own_numbers::{OwnNumbers, own_numbers};
pub use standing::standing;
pub use trusted::trusted;
pub use truth::{Truth, TruthTable, truth};

/// What reading a side table yields.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table<T> {
    /// The rows that could be read, in the order of the file.
    pub rows: Vec<T>,
    /// The rows that could not. Lines count from 1 at the file's start.
    pub rejects: Vec<Reject>,
    /// Columns that are carried into nothing.
    pub ignored: Vec<String>,
}

#[cfg(test)]
mod tests;
