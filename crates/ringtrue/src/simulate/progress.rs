//! How far a run is, for a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over the days of traffic; nothing when standard error is no terminal.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar over so many milliseconds of traffic.
    pub(super) fn new(ms: u64) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::new(ms);
        if let Ok(style) = ProgressStyle::with_template("{wide_bar:.cyan/blue} {msg}  {eta} left") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
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
