//! Traces for a collector of OpenTelemetry, over HTTP. Where they go is told by the environment variables that all its exporters read.

use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{Key, Value};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, fmt};
use web::client::{Ask, Client, ClientError, Method};

use super::config::{LogConfig, LogFormat};
use super::log;

/// Whose spans are exported. Events are not: what a log line tells may name a telephone number.
const CRATES: [&str; 2] = ["web", "service"];
/// Each of these names a collector.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
/// How long a collector's answer is waited for. OpenTelemetry's own default (`OTEL_EXPORTER_OTLP_TIMEOUT`).
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long the last spans may take when the server stops. Chosen: a collector that hangs must not hold up a restart.
const FLUSH_WITHIN: Duration = Duration::from_secs(5);

/// The export of traces. Dropping it sends what waits.
pub(super) struct Traces(SdkTracerProvider);

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown_with_timeout(FLUSH_WITHIN) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Sends spans to the collector and log lines where they go otherwise. `None`, and nothing is begun, where no collector is named.
pub(super) fn begin(config: LogConfig) -> Option<Traces> {
    let is_told = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_off = std::env::var("OTEL_SDK_DISABLED").is_ok_and(|value| value.eq_ignore_ascii_case("true"));
    if is_off || !ENDPOINTS.iter().any(is_told) {
        return None;
    }
    match provider() {
        Ok(provider) => {
            let traces = Traces(provider);
            traces.subscribe(config);
            Some(traces)
        }
        Err(error) => {
            log::begin(config);
            tracing::error!(%error, "traces are not exported");
            None
        }
    }
}

impl Traces {
    /// Each layer has a filter of its own, so that log lines are those of a server without traces.
    fn subscribe(&self, config: LogConfig) {
        let (level, lines) = (log::level(config.level), fmt::layer().with_writer(io::stderr));
        let registry = tracing_subscriber::registry();
        let _begun = match config.format {
            LogFormat::Human => {
                let lines = lines.with_ansi(io::stderr().is_terminal()).with_filter(level);
                registry.with(lines).with(self.layer()).try_init()
            }
            LogFormat::Json => {
                let lines = lines.json().flatten_event(true).with_ansi(false).with_filter(level);
                registry.with(lines).with(self.layer()).try_init()
            }
        };
    }

    fn layer<S: Subscriber + for<'span> LookupSpan<'span>>(&self) -> impl Layer<S> + use<S> {
        // Places in the code and threads say nothing to those who read traces.
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("ringtrue"))
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(is_exported).with_max_level_hint(LevelFilter::TRACE))
    }
}

fn is_exported(what: &Metadata<'_>) -> bool {
    what.is_span() && what.target().split("::").next().is_some_and(|name| CRATES.contains(&name))
}

fn provider() -> Result<SdkTracerProvider, ExporterBuildError> {
    let exporter = SpanExporter::builder().with_http().with_http_client(Collector::default()).build()?;
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource()).build())
}

/// Who we are, as the environment tells; `ringtrue` where it does not.
fn resource() -> Resource {
    let told = Resource::builder();
    let name = Resource::builder().build().get(&Key::new("service.name"));
    let is_unknown = |name: Value| name.as_str().starts_with("unknown_service");
    if name.is_none_or(is_unknown) { told.with_service_name("ringtrue").build() } else { told.build() }
}

/// The way to the collector: our own client, on the exporter's thread, where it may wait.
#[derive(Default)]
struct Collector(Mutex<Option<Client>>);

impl std::fmt::Debug for Collector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Collector")
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        // The client says who we are.
        let headers: Vec<(&str, &str)> = (parts.headers.iter())
            .filter(|(name, _)| *name != "user-agent")
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect();
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let client = match open.as_mut() {
            Some(client) => client,
            None => open.insert(connect(&parts.uri.to_string(), parts.uri.path())?),
        };
        let path = parts.uri.path();
        let answer = client.ask(&Ask { method: Method::POST, path, headers: &headers, body: body.to_vec() })?;
        let mut response = Response::builder().status(answer.status);
        if let Some(seconds) = answer.retry_after_s {
            response = response.header("retry-after", seconds);
        }
        Ok(response.body(Bytes::from(answer.body))?)
    }
}

/// A client of the server of this address; each request tells its path.
fn connect(url: &str, path: &str) -> Result<Client, ClientError> {
    Client::keyless(url.strip_suffix(path).unwrap_or(url), ANSWER_WITHIN)
}
