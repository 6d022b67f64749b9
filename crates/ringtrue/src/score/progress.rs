//! How far a long run has come, on a terminal.

use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::ProgressBar;

/// A bar with rate and time left; nothing when standard error is no terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Bytes of the files that are done.
    before: AtomicU64,
}

impl Progress {
    /// A bar over `total` bytes; without a total, bytes so far.
    pub(crate) fn new(total: Option<u64>) -> Self {
        let template = if total.is_some() {
            "{wide_bar:.cyan/blue} {binary_bytes}/{binary_total_bytes}  {binary_bytes_per_sec}  {eta} left"
        } else {
            "{spinner} {binary_bytes}  {binary_bytes_per_sec}"
        };
        Self { bar: crate::progress::bar(total, template), before: AtomicU64::new(0) }
    }

    /// So many bytes of the current file were read.
    pub(crate) fn at(&self, bytes: u64) {
        self.bar.set_position(self.before.load(Ordering::Relaxed) + bytes);
    }

    /// The current file is done.
    pub(crate) fn end_file(&self, bytes: u64) {
        self.before.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Writes lines while the bar is out of their way.
    pub(crate) fn hide<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
