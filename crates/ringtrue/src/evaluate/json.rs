//! The report as one JSON document.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::compare::Difference;
use super::measure::{ClassGroup, EngineResult, Evaluation, Group, Quality, Quantiles, Ratio, TimeToLabel};
use super::outcome::{LEVELS, Levels};
use super::run::Report;

/// The version of the layout. Keys may be added within one version, never renamed or removed.
pub(crate) const SCHEMA_VERSION: u64 = 1;

/// Writes a document.
///
/// # Errors
/// Those of the writer.
pub(crate) fn write(mut out: impl Write, document: &Value) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, document)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// The whole report.
pub(crate) fn document(report: &Report) -> Value {
    let mut document = figures(&report.evaluation);
    let fit = &report.fit;
    let engines: Vec<Value> = report.evaluation.engines.iter().map(|result| engine(report, result)).collect();
    let time = |at: Option<model::Timestamp>| at.map(|at| at.to_string());
    for against in &report.against {
        document.insert(against.key.to_owned(), super::baseline::value(&against.changes));
    }
    if let Some(curves) = &report.trade_off {
        document.insert("trade_off".to_owned(), super::trade_off::value(curves));
    }
    if let Some(lock_in) = &report.lock_in {
        document.insert("lock_in".to_owned(), lock_in.value());
    }
    for (key, value) in [
        ("schema_version", json!(SCHEMA_VERSION)),
        ("policy_version", json!(report.policy_version)),
        ("generated_at", json!(report.through.to_string())),
        ("data_from", json!(time(report.from))),
        ("data_through", json!(report.through.to_string())),
        ("engines", json!(engines)),
        (
            "truth",
            json!({
                "numbers": fit.numbers,
                "without_calls": fit.without_calls,
                "calling_without_truth": fit.without_truth,
                "duplicate_rows": fit.duplicates,
                "rejected_rows": fit.rejected,
            }),
        ),
        (
            "read",
            json!({
                "calls": report.summary.calls,
                "reports": report.summary.reports,
                "rejected": report.summary.rejected,
                "duplicates": report.summary.duplicates,
            }),
        ),
    ] {
        document.insert(key.to_owned(), value);
    }
    Value::Object(document)
}

/// Two reports and how they differ.
pub(crate) fn compared(names: &[String; 2], reports: [&Report; 2], differences: &[Difference]) -> Value {
    let policies: Vec<Value> =
        names.iter().zip(reports).map(|(name, report)| json!({"policy": name, "figures": document(report)})).collect();
    let differences: Vec<Value> = differences
        .iter()
        .map(|found| {
            json!({
                "measure": found.measure,
                "level": found.level,
                "first": found.first,
                "second": found.second,
                "difference": found.difference,
                "low_95": found.interval.map(|interval| interval.low),
                "high_95": found.interval.map(|interval| interval.high),
            })
        })
        .collect();
    json!({"schema_version": SCHEMA_VERSION, "policies": policies, "differences": differences})
}

/// The figures of one policy, by the names that scripts rely on.
pub(crate) fn figures(found: &Evaluation) -> Map<String, Value> {
    let mut capture_numbers = captured_numbers(&found.unwanted);
    let mut capture_calls = captured_calls(&found.unwanted);
    let unwanted = || found.classes.iter().filter(|class| class.unwanted);
    let by_class = |of: &dyn Fn(&Group) -> Map<String, Value>| -> Map<String, Value> {
        unwanted().map(|class| (class.name.to_string(), Value::Object(of(&class.all)))).collect()
    };
    capture_numbers.insert("by_class".to_owned(), Value::Object(by_class(&captured_numbers)));
    capture_calls.insert("by_class".to_owned(), Value::Object(by_class(&captured_calls)));
    let wanted = found.classes.iter().filter(|class| !class.unwanted);
    let wanted: Map<String, Value> =
        wanted.map(|class| (class.name.to_string(), class_false_positive(class))).collect();
    let [attacked_unwanted, attacked_wanted] = &found.attacked;
    let mut figures = Map::new();
    for (key, value) in [
        ("numbers", numbers(found)),
        ("capture_numbers", Value::Object(capture_numbers)),
        ("capture_calls", Value::Object(capture_calls)),
        (
            "false_positive",
            json!({
                "overall": false_positive(&found.wanted),
                "registered": false_positive(&found.registered),
                "registered_and_attested": false_positive(&found.attested),
                "unregistered": false_positive(&found.unregistered),
                "by_class": wanted,
            }),
        ),
        ("time_to_label", levels(&found.unwanted.time, time_to_label)),
        ("flaps", flaps(found)),
        ("brier", quality(found, |quality| quality.brier)),
        ("ece", quality(found, |quality| quality.ece)),
        ("ratings", ratings(found)),
    ] {
        figures.insert(key.to_owned(), value);
    }
    if attacked_unwanted.numbers + attacked_wanted.numbers > 0 {
        let attacked = json!({
            "capture_numbers": captured_numbers(attacked_unwanted),
            "capture_calls": captured_calls(attacked_unwanted),
            "false_positive": false_positive(attacked_wanted),
        });
        figures.insert("attacked".to_owned(), attacked);
    }
    figures
}

fn numbers(found: &Evaluation) -> Value {
    json!({
        "unwanted": found.unwanted.numbers,
        "wanted": found.wanted.numbers,
        "wanted_registered": found.registered.numbers,
        "wanted_registered_and_attested": found.attested.numbers,
        "unwanted_calls": found.unwanted.calls,
        "wanted_calls": found.wanted.calls,
    })
}

/// One value a level, under the labels' words.
pub(crate) fn levels<T>(values: &Levels<T>, of: impl Fn(&T) -> Value) -> Value {
    Value::Object(by_level(values, of))
}

fn by_level<T>(values: &Levels<T>, of: impl Fn(&T) -> Value) -> Map<String, Value> {
    LEVELS.iter().zip(values).map(|(level, value)| (level.as_str().to_owned(), of(value))).collect()
}

fn shares(ratios: &Levels<Ratio>) -> Map<String, Value> {
    let mut shares = by_level(ratios, |ratio| json!(ratio.share()));
    shares.insert("of".to_owned(), json!(ratios.first().map(|ratio| ratio.whole)));
    shares
}

fn captured_numbers(group: &Group) -> Map<String, Value> {
    let mut numbers = shares(&group.labelled);
    numbers.insert("reachable".to_owned(), Value::Object(shares(&group.reachable)));
    let mut busy = shares(&group.labelled_busy);
    busy.insert("reachable".to_owned(), Value::Object(shares(&group.reachable_busy)));
    numbers.insert("with_50_calls_in_7_days".to_owned(), Value::Object(busy));
    numbers.insert("span_d_median".to_owned(), json!(group.span_d));
    numbers.insert("time_to_label".to_owned(), levels(&group.time, time_to_label));
    numbers
}

fn captured_calls(group: &Group) -> Map<String, Value> {
    let mut calls = shares(&group.shown);
    calls.insert("reachable".to_owned(), Value::Object(shares(&group.reachable_calls)));
    calls
}

fn false_positive(group: &Group) -> Map<String, Value> {
    let mut numbers = shares(&group.labelled);
    numbers.insert("numbers".to_owned(), levels(&group.labelled, |ratio| json!(ratio.part)));
    numbers.insert("upper_95".to_owned(), levels(&group.labelled, |ratio| json!(ratio.upper_95())));
    numbers.insert("calls".to_owned(), Value::Object(shares(&group.shown)));
    numbers
}

fn class_false_positive(class: &ClassGroup) -> Value {
    let mut all = false_positive(&class.all);
    all.insert("registered".to_owned(), Value::Object(false_positive(&class.registered)));
    all.insert("unregistered".to_owned(), Value::Object(false_positive(&class.unregistered)));
    Value::Object(all)
}

fn time_to_label(time: &TimeToLabel) -> Value {
    let quantiles = |found: Option<Quantiles>| found.map(|found| json!({"median": found.median, "p90": found.p90}));
    json!({"numbers": time.numbers, "calls": quantiles(time.calls), "hours": quantiles(time.hours)})
}

fn flaps(found: &Evaluation) -> Value {
    let mut flaps = by_level(&found.flaps, |flaps| json!(flaps.rate()));
    flaps.insert("returns".to_owned(), levels(&found.flaps, |flaps| json!(flaps.returns)));
    flaps.insert("labelled_days".to_owned(), levels(&found.flaps, |flaps| json!(flaps.labelled_d)));
    Value::Object(flaps)
}

fn quality(found: &Evaluation, of: impl Fn(&Quality) -> Option<f64>) -> Value {
    let mut quality = by_level(&found.ratings.at_level, |quality| json!(of(quality)));
    quality.insert("overall".to_owned(), json!(of(&found.ratings.overall)));
    Value::Object(quality)
}

fn ratings(found: &Evaluation) -> Value {
    let ratings = &found.ratings;
    let bins = ratings.bins.bins.iter();
    let bins: Vec<Value> = bins.map(|bin| json!({"mean_p": bin.mean_p, "share": bin.share, "n": bin.n})).collect();
    json!({
        "n": ratings.overall.n,
        "unwanted": ratings.ranking.positives(),
        "at_level": levels(&ratings.at_level, |quality| json!(quality.n)),
        "auc": ratings.ranking.auc(),
        "average_precision": ratings.ranking.average_precision(),
        "recall_at_1pct_fpr": ratings.ranking.recall_at_fpr(0.01),
        "reliability": bins,
    })
}

fn engine(report: &Report, result: &EngineResult) -> Value {
    json!({
        "engine": report.engine_key(result.engine),
        "rated": result.rated.part,
        "numbers": result.rated.whole,
        "capture_numbers": shares(&result.caught),
        "false_positive": shares(&result.wronged),
    })
}
