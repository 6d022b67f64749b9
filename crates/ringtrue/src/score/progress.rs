//! How far a long run has come, on a terminal.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar with rate and time left; nothing when standard error is no terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    /// Bytes of the files that are done.
    before: AtomicU64,
}

impl Progress {
    /// A bar over `total` bytes; without a total, bytes so far.
    pub(super) fn new(total: Option<u64>) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden(), before: AtomicU64::new(0) };
        }
        let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let template = if total.is_some() {
            "{wide_bar:.cyan/blue} {binary_bytes}/{binary_total_bytes}  {binary_bytes_per_sec}  {eta} left"
        } else {
            "{spinner} {binary_bytes}  {binary_bytes_per_sec}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, before: AtomicU64::new(0) }
    }

    /// So many bytes of the current file were read.
    pub(super) fn at(&self, bytes: u64) {
        self.bar.set_position(self.before.load(Ordering::Relaxed) + bytes);
    }

    /// The current file is done.
    pub(super) fn end_file(&self, bytes: u64) {
        self.before.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
