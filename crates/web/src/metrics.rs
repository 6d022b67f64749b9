//! What operators watch: counters, gauges and histograms in the OpenMetrics text form.

mod labels;
mod service;

use std::fmt;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use ::service::Service;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use service::ServiceCollector;

pub use labels::DeliveryOutcome;
pub(crate) use labels::{DeliveryLabels, RequestLabels, RouteLabels};

/// The media type of what [`Metrics::text`] writes.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper ends of the bins of request times, in seconds: a look-up takes some 20 µs, a large batch some seconds.
const BINS_S: [f64; 12] = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// Counts answers of one kind.
#[derive(Debug)]
pub(crate) struct Counted {
    requests: Counter,
    seconds: Histogram,
}

impl Counted {
    /// Counts one answer.
    pub(crate) fn count(&self, took: Duration) {
        self.seconds.observe(took.as_secs_f64());
        self.requests.inc();
    }
}

/// The metrics of the HTTP side. Those of the service join at each scrape.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram, fn() -> Histogram>,
    /// Connections open now.
    pub(crate) connections_open: Gauge<i64, AtomicI64>,
    /// Connections that were refused since all were taken.
    pub(crate) connections_refused: Counter,
    /// Event streams open now.
    pub(crate) event_streams_open: Gauge<i64, AtomicI64>,
    /// Bytes of bodies in hand.
    pub(crate) bodies_bytes: Gauge<i64, AtomicI64>,
    /// Handlers that ended in a panic.
    pub(crate) panics: Counter,
    deliveries: Family<DeliveryLabels, Counter>,
    reload_failed: Gauge<i64, AtomicI64>,
    log_damages: Gauge<i64, AtomicI64>,
    log_lost_events: Gauge<i64, AtomicI64>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// The metrics of a server with this service, whose figures join at each scrape.
    #[must_use]
    pub fn of(service: Service) -> Self {
        let mut this = Self::default();
        this.registry.register_collector(Box::new(ServiceCollector(service)));
        this
    }
}

impl Default for Metrics {
    /// The metrics of a server without a service.
    fn default() -> Self {
        let mut registry = Registry::with_prefix("ringtrue");
        let this = Self {
            registry: Registry::default(),
            requests: Family::default(),
            seconds: Family::new_with_constructor(new_histogram),
            connections_open: Gauge::default(),
            connections_refused: Counter::default(),
            event_streams_open: Gauge::default(),
            bodies_bytes: Gauge::default(),
            panics: Counter::default(),
            deliveries: Family::default(),
            reload_failed: Gauge::default(),
            log_damages: Gauge::default(),
            log_lost_events: Gauge::default(),
        };
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "What runs", version);
        registry.register("http_requests", "Requests answered", this.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time from a request's headers to its answer",
            Unit::Seconds,
            this.seconds.clone(),
        );
        registry.register("http_connections_open", "Connections open now", this.connections_open.clone());
        registry.register("http_connections_refused", "Connections beyond the limit", this.connections_refused.clone());
        registry.register_with_unit("http_bodies", "Bodies in hand", Unit::Bytes, this.bodies_bytes.clone());
        registry.register("http_panics", "Requests that ended in a fault of the program", this.panics.clone());
        registry.register("event_streams_open", "Event streams open now", this.event_streams_open.clone());
        registry.register("webhook_deliveries", "Tries to deliver a message", this.deliveries.clone());
        let help = "1 when what the last reload read was refused, so that the last good policy stays";
        registry.register("reload_failed", help, this.reload_failed.clone());
        let help = "Damaged parts that the start found in the newest segment of the log";
        registry.register("log_damages", help, this.log_damages.clone());
        let help = "Events that may be lost with these";
        registry.register("log_lost_events", help, this.log_lost_events.clone());
        for outcome in DeliveryOutcome::ALL {
            // A count that is not there cannot be told from a server that does not run.
            drop(this.deliveries.get_or_create(&DeliveryLabels { outcome }));
        }
        Self { registry, ..this }
    }
}

fn new_histogram() -> Histogram {
    Histogram::new(BINS_S)
}

impl Metrics {
    /// Counts one answer.
    pub(crate) fn count_request(&self, labels: RequestLabels, took: Duration) {
        self.seconds.get_or_create(&RouteLabels { route: labels.route.clone() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&labels).inc();
    }

    /// What counts answers with these labels, without looking for it each time.
    pub(crate) fn counted(&self, labels: RequestLabels) -> Counted {
        let route = RouteLabels { route: labels.route.clone() };
        Counted {
            requests: self.requests.get_or_create(&labels).clone(),
            seconds: self.seconds.get_or_create(&route).clone(),
        }
    }

    /// Notes whether the last reload was refused.
    pub(crate) fn note_reload(&self, refused: bool) {
        self.reload_failed.set(i64::from(refused));
    }

    /// Notes what the start found damaged in the log: parts, and the events that may be lost with them.
    pub fn note_log_damage(&self, parts: usize, lost_events: u64) {
        self.log_damages.set(i64::try_from(parts).unwrap_or(i64::MAX));
        self.log_lost_events.set(i64::try_from(lost_events).unwrap_or(i64::MAX));
    }

    /// Counts one try to deliver a message.
    pub fn count_delivery(&self, outcome: DeliveryOutcome) {
        self.deliveries.get_or_create(&DeliveryLabels { outcome }).inc();
    }

    /// Everything in the OpenMetrics text form.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a string takes everything");
        text
    }
}
