//! How far a run is, for a terminal.

use indicatif::ProgressBar;

/// A bar over the days of traffic; nothing when standard error is no terminal.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar over so many milliseconds of traffic.
    pub(super) fn new(ms: u64) -> Self {
        Self { bar: crate::progress::bar(Some(ms), "{wide_bar:.cyan/blue} {msg}  {eta} left") }
    }

    /// So much traffic was written, in so many calls.
    pub(super) fn at(&self, ms: u64, calls: u64) {
        self.bar.set_position(ms);
        self.bar.set_message(format!("{} calls", crate::output::text::count(calls)));
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
