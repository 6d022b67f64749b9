//! What every adapter of a port must pass, whoever keeps the bytes.
//!
//! An adapter's tests call [`event_log`] with a way to make an empty log, and if what it holds outlasts it, also
//! [`event_log_reopened`]; [`snapshots`] and [`snapshots_reopened`] are the same for snapshots. A failed expectation panics with a sentence.

mod log;
mod sample;
mod snapshot;

pub use log::{event_log, event_log_reopened};
pub use sample::Sampler;
pub use snapshot::{snapshots, snapshots_reopened};
