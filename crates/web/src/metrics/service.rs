//! The service's own figures, read at each scrape.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;
use service::{Condition, Figures, Service};

/// Asks the service at each scrape.
pub(super) struct ServiceCollector(pub(super) Service);

impl fmt::Debug for ServiceCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceCollector")
    }
}

impl Collector for ServiceCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let figures = self.0.figures();
        for (outcome, count) in records(&figures) {
            // Each outcome is a metric of its own: those accepted overlap with those late and unchecked.
            counter(&mut encoder, &format!("records_{outcome}"), RECORDS_HELP, None, count)?;
        }
        counter(
            &mut encoder,
            "bodies_refused",
            "Bodies refused since too much was in work",
            None,
            figures.refused_bodies,
        )?;
        counter(&mut encoder, "log_syncs", "Writes to the log, each with one sync", None, figures.groups)?;
        counter(&mut encoder, "log_events", "Events written to the log", None, figures.events)?;
        let help = "Time that writes and syncs of the log took in all";
        encode_seconds(&mut encoder, "log_sync", help, figures.sync_ns)?;
        let help = "Writes of the log that failed; each stops the intake until the log is open again";
        counter(&mut encoder, "log_failures", help, None, figures.log_failures)?;
        let help = "How often the log was opened again after a write that failed";
        counter(&mut encoder, "log_reopens", help, None, figures.log_reopens)?;
        counter(&mut encoder, "label_changes", "Changes of labels", None, figures.label_changes)?;
        let help = "Writes of the label history that failed and are tried again";
        counter(&mut encoder, "label_history_failures", help, None, figures.history_failures)?;
        counter(&mut encoder, "snapshots", "Snapshots of a part that were written", None, figures.snapshots)?;
        let help = "Snapshots of a part that could not be written";
        counter(&mut encoder, "snapshot_failures", help, None, figures.snapshot_failures)?;
        let help = "Activations of policies that are not kept, so that another stood in when the log was read";
        counter(&mut encoder, "policies_missing", help, None, figures.missing_policies)?;
        for (name, help, unit, value) in gauges(&figures) {
            gauge(&mut encoder, name, help, unit, value)?;
        }
        let ready = u64::from(self.0.condition() == Condition::Ready);
        gauge(&mut encoder, "ready", "1 when the service takes records in", None, ready)
    }
}

const RECORDS_HELP: &str = "Records sent in, by what became of them";

const fn records(figures: &Figures) -> [(&'static str, u64); 6] {
    [
        ("accepted", figures.accepted),
        ("duplicate", figures.duplicate),
        ("late", figures.late),
        ("unchecked", figures.unchecked),
        ("skipped", figures.skipped),
        ("rejected", figures.rejected),
    ]
}

const fn gauges(figures: &Figures) -> [(&'static str, &'static str, Option<&'static Unit>, u64); 6] {
    [
        ("log", "Size of the log", Some(&Unit::Bytes), figures.log_bytes),
        ("fold_lag_events", "Events that are committed and not folded yet", None, figures.unfolded),
        ("queue_bodies", "Bodies in work", None, figures.waiting_bodies),
        ("queue", "Size of the bodies in work", Some(&Unit::Bytes), figures.waiting_bytes),
        ("remembered_records", "Records remembered, to recognise repeats", None, figures.remembered),
        ("joining_calls", "Calls that wait for their pieces", None, figures.joining),
    ]
}

fn counter(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    unit: Option<&Unit>,
    value: u64,
) -> Result<(), fmt::Error> {
    ConstCounter::new(value).encode(encoder.encode_descriptor(name, help, unit, MetricType::Counter)?)
}

fn encode_seconds(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, ns: u64) -> Result<(), fmt::Error> {
    let seconds = ns as f64 / 1e9;
    ConstCounter::new(seconds).encode(encoder.encode_descriptor(
        name,
        help,
        Some(&Unit::Seconds),
        MetricType::Counter,
    )?)
}

fn gauge(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    unit: Option<&Unit>,
    value: u64,
) -> Result<(), fmt::Error> {
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    ConstGauge::new(value).encode(encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?)
}
