//! How much work a thread did.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The processor's time that this thread took, where the system tells (Linux), so that a busy machine does not pass for a slow
/// program; elsewhere the time that passed.
pub(crate) fn worked() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let start = START.get_or_init(Instant::now);
    // "time spent on the cpu (in nanoseconds)" comes first.
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ns = told.as_deref().and_then(|text| text.split_ascii_whitespace().next()).and_then(|ns| ns.parse().ok());
    ns.map_or_else(|| start.elapsed(), Duration::from_nanos)
}
