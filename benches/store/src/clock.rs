//! Time that a thread worked, which other work on the machine does not lengthen.

use std::time::{Duration, Instant};

/// What `act` gives, how long this thread worked for it, and how long it took. Where the system does not tell the work, both are
/// the time that passed.
pub(crate) fn worked<T>(act: impl FnOnce() -> T) -> (T, Duration, Duration) {
    let (begun, started) = (Instant::now(), on_cpu());
    let given = act();
    let (passed, ended) = (begun.elapsed(), on_cpu());
    let worked = started.zip(ended).map_or(passed, |(started, ended)| ended.saturating_sub(started));
    (given, worked, passed)
}

/// How long this thread has worked so far, as Linux tells in `schedstat`.
fn on_cpu() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
