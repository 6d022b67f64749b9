//! Where log lines go: standard error, so that standard output holds the one line that says where the server is.

use std::io::IsTerminal as _;

use tracing_subscriber::filter::LevelFilter;

use super::config::{LogConfig, LogFormat, LogLevel};

/// Sends the log lines of this process to standard error. Where something else takes them already, it keeps them.
pub(crate) fn begin(config: LogConfig) {
    let lines = tracing_subscriber::fmt().with_max_level(level(config.level)).with_writer(std::io::stderr);
    let _begun = match config.format {
        LogFormat::Human => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_ansi(false).try_init(),
    };
}

/// What is told at this level.
pub(super) const fn level(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    }
}
