//! Evidence learned from labelled tables, and measures of how good a score is.
//!
//! Nothing here reads a file or a clock. Random choices follow from a seed, and the same input gives the same bits on any number
//! of threads.

mod boost;
pub mod cross;
pub mod learn;
pub mod metrics;
pub mod model;
pub mod plot;
pub mod random;
mod solve;
pub mod spec;
mod special;
pub mod table;
mod toml_text;
pub mod weigh;

pub use toml_text::TomlError;
