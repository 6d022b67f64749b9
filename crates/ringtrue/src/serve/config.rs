//! The server's configuration file.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use web::{Limits, TlsFiles};

use super::watch::config::WatchConfig;

use crate::error::ScoreError;

/// Chosen: a year and a month, so that the same month of last year can be looked at.
const HISTORY_DAYS: u32 = 400;

/// What the file may say. Every key has a default, so that an empty file is a valid one.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The data directory; `--data` goes before it.
    pub(crate) data: Option<PathBuf>,
    /// The file of the key that seals log and snapshots; `secret.key` in the data directory where it is not told.
    pub(crate) key_file: Option<PathBuf>,
    /// Address and port; `--listen` goes before it.
    pub(crate) listen: Option<SocketAddr>,
    /// Whether the sample is taken in; told by the command line alone.
    #[serde(skip)]
    pub(crate) demo: bool,
    /// A folder whose policy files overlay the shipped ones.
    pub(crate) policy: Option<PathBuf>,
    /// A folder of a second policy that judges beside the first one and is never shown.
    pub(crate) shadow_policy: Option<PathBuf>,
    /// The region of numbers in national form, such as US or GB.
    pub(crate) region: Option<String>,
    /// The zone of times that are written without one, such as America/New_York or UTC.
    pub(crate) tz: Option<String>,
    /// Mapping files beside the shipped ones.
    pub(crate) mappings: Vec<PathBuf>,
    /// What is known of numbers besides calls and reports.
    pub(crate) known: KnownConfig,
    /// What is kept, and for how long.
    pub(crate) keep: KeepConfig,
    /// How the server tells what it does.
    pub(crate) log: LogConfig,
    /// Certificate and key; without them the server speaks plain HTTP.
    pub(crate) tls: Option<TlsFiles>,
    /// How much of everything the server takes.
    pub(crate) limits: Limits,
    /// Where webhooks may lead.
    pub(crate) webhooks: WebhookConfig,
    /// Folders whose files are imported.
    pub(crate) watch: Vec<WatchConfig>,
}

/// What is known of numbers besides calls and reports. Each file is as `score` takes it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KnownConfig {
    /// Standing in the registry.
    pub(crate) standing: Option<PathBuf>,
    /// Trusted truth.
    pub(crate) trusted: Option<PathBuf>,
    /// Which carrier serves each destination.
    pub(crate) carrier_map: Option<PathBuf>,
    /// Whether reports cover the carriers whose calls come in, so that few reports speak for a caller.
    pub(crate) reports_cover: bool,
}

/// What is kept, and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KeepConfig {
    /// Days for which raw events are kept, so that facts can be folded anew.
    pub(crate) log_days: u32,
    /// The most bytes that raw events take, whichever comes first; absent leaves it to the days.
    pub(crate) log_bytes: Option<u64>,
    /// Hours within which a record told twice is recognised.
    pub(crate) dedupe_hours: u32,
    /// The most records that are remembered for that.
    pub(crate) dedupe_records: usize,
    /// Days for which changes of labels can be looked up.
    pub(crate) history_days: u32,
    /// The size of a file of the log: what is old goes, and what is forgotten is rewritten, file by file.
    pub(crate) segment_bytes: u64,
    /// Events after which the whole state has been written anew, part by part: a start reads about as many again.
    pub(crate) snapshot_events: u64,
}

impl Default for KeepConfig {
    fn default() -> Self {
        let service::Limits { log_days, log_bytes, dedupe_hours, dedupe_records, snapshot_events, .. } =
            service::Limits::default();
        let segment_bytes = store::SegmentOptions::default().segment_bytes_max;
        let history_days = HISTORY_DAYS;
        Self { log_days, log_bytes, dedupe_hours, dedupe_records, history_days, segment_bytes, snapshot_events }
    }
}

/// How the server tells what it does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogConfig {
    /// For people or for machines.
    pub(crate) format: LogFormat,
    /// How much is told.
    pub(crate) level: LogLevel,
}

/// The form of log lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// Lines for people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// How much is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogLevel {
    /// What has to be put right.
    Error,
    /// And what may have to be.
    Warn,
    /// And what the server does by itself.
    #[default]
    Info,
    /// And each request. Telephone numbers may appear.
    Debug,
}

/// Where webhooks may lead.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WebhookConfig {
    /// Whether to addresses that are not public, and without TLS.
    pub(crate) private_addresses: bool,
}

impl Config {
    /// Reads the file; without one every key has its default.
    ///
    /// # Errors
    /// When it cannot be read, has an unknown key or a value of a wrong kind, or its limits do not hold together.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, ScoreError> {
        let Some(path) = file else { return Ok(Self::default()) };
        let file = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|source| ScoreError::Unreadable { file: file.clone(), source })?;
        Self::parse(&text).map_err(|detail| ScoreError::Config { file, detail })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let config: Self =
            serde_path_to_error::deserialize(toml::Deserializer::parse(text).map_err(|error| error.to_string())?)
                .map_err(|error| format!("{}: {}", error.path(), error.inner().message()))?;
        match config.limits.fault() {
            None => Ok(config),
            Some(fault) => Err(format!("limits: {fault}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_and_a_full_one_are_read() {
        assert_eq!(Config::parse(""), Ok(Config::default()));
        let config = Config::parse(include_str!("../../../../examples/ringtrue.toml")).expect("the example holds");
        assert_eq!(config.listen, Some(SocketAddr::from(([127, 0, 0, 1], 8080))));
        assert_eq!(config.limits, Limits::default(), "the example tells the defaults");
        assert_eq!(config.keep, KeepConfig::default(), "the example tells the defaults");
    }

    #[test]
    fn faults_name_their_place() {
        for (text, expect) in [
            ("lisen = '1'", "unknown field"),
            ("[limits]\nbody_bytes_max = 'x'", "limits.body_bytes_max"),
            ("[limits]\nheader_bytes_max = 1", "header_bytes_max is at least"),
            ("[log]\nformat = 'xml'", "log.format"),
            ("[tls]\nkey = 'k'", "certificate"),
            ("listen = 'here'", "listen"),
        ] {
            let fault = Config::parse(text).expect_err(text);
            assert!(fault.contains(expect), "{text}: {fault}");
        }
    }
}
