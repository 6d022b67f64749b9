//! How far a long run has come: on standard error, and only where that is a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar in a form of indicatif's; a hidden one where standard error is no terminal. Without a length it goes round.
pub(crate) fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = length.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// A bar over counted pieces of work, which goes away with it.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar over so many pieces of what the words say is done.
    pub(crate) fn new(pieces: usize, words: &'static str) -> Self {
        Self::with(bar(Some(pieces as u64), "{wide_bar:.cyan/blue} {msg}  {eta} left"), words)
    }

    /// For work that nobody can measure.
    pub(crate) fn spinner(words: &'static str) -> Self {
        Self::with(bar(None, "{spinner} {msg}  {elapsed}"), words)
    }

    fn with(bar: ProgressBar, words: &'static str) -> Self {
        bar.set_message(words);
        Self(bar)
    }

    /// One more piece is done.
    pub(crate) fn one(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
