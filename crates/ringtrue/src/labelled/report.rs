//! The report on a score: as JSON, and as a table for people.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use fit::learn::LeftOut;
use fit::metrics::Metrics;
use fit::model::{Evidence, Learned, Model};
use fit::table::{Part, Table};
use serde_json::{Map, Value, json};

use crate::error::ScoreError;
use crate::evaluate::ReportForm;

/// The version of the report's layout. Keys may be added within one version, never renamed or removed.
const SCHEMA_VERSION: u64 = 1;

/// How good a score is on a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report<'a> {
    /// The score.
    pub(crate) model: &'a Model,
    /// The table, with the columns that the score needs.
    pub(crate) table: &'a Table,
    /// The part of each row.
    pub(crate) parts: &'a [Part],
    /// The measures of each part that has rows.
    pub(crate) measured: &'a [(Part, Metrics)],
    /// The measures of the part test by everything that the policy adds up, block and attestation among it; `None` where the score is
    /// all there is.
    pub(crate) whole: Option<&'a Metrics>,
    /// The measures of each fold; empty without cross-validation.
    pub(crate) folds: &'a [Metrics],
    /// Evidence that nothing could be learned about.
    pub(crate) left_out: &'a [LeftOut],
    /// What the table's file is called, without its folder.
    pub(crate) features: &'a str,
}

/// A measure: its key, its name for people, and how it is had.
type Measure = (&'static str, &'static str, fn(&Metrics) -> Option<f64>);

/// The measures, in the order in which they are told.
pub(super) const MEASURES: [Measure; 8] = [
    ("auc", "area under the ROC curve", |one| one.auc),
    ("average_precision", "average precision", |one| one.average_precision),
    ("macro_f1", "macro F1 at the threshold", |one| Some(one.macro_f1)),
    ("recall_at_1pct_fpr", "recall at 1 % false positives", |one| one.recall_at_1pct_fpr),
    ("brier", "Brier score", |one| one.brier),
    ("ece", "calibration error, 10 equal widths", |one| one.ece),
    ("ece_equal_count", "calibration error, 10 equal counts", |one| one.ece_equal_count),
    ("threshold", "threshold", |one| Some(one.threshold)),
];

impl Report<'_> {
    /// Writes the report to standard output.
    pub(crate) fn write(&self, form: ReportForm) -> Result<(), ScoreError> {
        let text = match form {
            ReportForm::Table => self.text(),
            ReportForm::Json => format!("{:#}\n", self.json()),
        };
        match io::stdout().lock().write_all(text.as_bytes()) {
            Err(source) if source.kind() != io::ErrorKind::BrokenPipe => {
                Err(ScoreError::Unwritable { file: "standard output".to_owned(), source })
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The part that is told first, with its measures: `test`, or the mean over folds.
    fn headline(&self) -> (&'static str, Map<String, Value>) {
        if let Some(mean) = mean(self.folds) {
            return ("folds", mean);
        }
        let test = self.measured.iter().find(|(part, _)| *part == Part::Test).or_else(|| self.measured.last());
        test.map_or_else(|| ("test", Map::new()), |(part, metrics)| (part.name(), object(metrics)))
    }

    /// What is measured, each with its name: the score on each part, and the whole policy on the part test.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&'static str, &Metrics)> {
        let parts = self.measured.iter().map(|(part, metrics)| (part.name(), metrics));
        parts.chain(self.whole.map(|metrics| ("policy", metrics)))
    }

    fn json(&self) -> Value {
        let (part, mut document) = self.headline();
        let parts: Map<String, Value> =
            self.measured.iter().map(|(part, metrics)| (part.name().to_owned(), object(metrics).into())).collect();
        let skipped = self.table.skips.rows.iter().map(|((skip, column), found)| {
            json!({ "reason": skip.code(), "column": column, "rows": found.count, "first_line": found.first_line })
        });
        document.insert("schema_version".to_owned(), SCHEMA_VERSION.into());
        document.insert("part".to_owned(), part.into());
        document.insert("parts".to_owned(), parts.into());
        if let Some(whole) = self.whole {
            document.insert("policy".to_owned(), object(whole).into());
        }
        if !self.folds.is_empty() {
            let folds: Vec<Value> = self.folds.iter().map(|one| object(one).into()).collect();
            document.insert("folds".to_owned(), folds.into());
        }
        document.insert("rows_read".to_owned(), self.table.skips.rows_read.into());
        document.insert("rows_skipped".to_owned(), skipped.collect::<Vec<_>>().into());
        document.insert("evidence".to_owned(), self.model.evidence.iter().map(evidence).collect::<Vec<_>>().into());
        let left_out = self.left_out.iter().map(|one| json!({ "name": one.name, "reason": one.reason }));
        document.insert("left_out".to_owned(), left_out.collect::<Vec<_>>().into());
        document.into()
    }

    fn text(&self) -> String {
        let mut out = String::new();
        let width = MEASURES.iter().map(|(_, name, _)| name.chars().count()).max().unwrap_or(0);
        let _ = write!(out, "{:width$}", "");
        for (name, _) in self.columns() {
            let _ = write!(out, "{name:>12}");
        }
        if !self.folds.is_empty() {
            let _ = write!(out, "{:>12}", format!("{} folds", self.folds.len()));
        }
        for (row, (_, name, get)) in MEASURES.iter().enumerate() {
            let _ = write!(out, "\n{name:width$}");
            for (_, metrics) in self.columns() {
                let _ = write!(out, "{:>12}", four(get(metrics)));
            }
            if let Some(mean) = average(self.folds, *get).filter(|_| row < MEASURES.len()) {
                let _ = write!(out, "{:>12}", four(Some(mean)));
            }
        }
        for (name, get) in [("rows", (|one: &Metrics| one.n) as fn(&Metrics) -> u64), ("unwanted", |one| one.positives)]
        {
            let _ = write!(out, "\n{name:width$}");
            self.columns().for_each(|(_, metrics)| {
                let _ = write!(out, "{:>12}", get(metrics));
            });
            if !self.folds.is_empty() {
                let _ = write!(out, "{:>12}", self.folds.iter().map(get).sum::<u64>());
            }
        }
        out.push_str("\n\n");
        push_evidence(&mut out, self.model);
        for one in self.left_out {
            let _ = writeln!(out, "{}: left out, {}", one.name, one.reason);
        }
        out
    }
}

/// The evidence, the strongest first: form, bins, and the range of decibans.
fn push_evidence(out: &mut String, model: &Model) {
    let mut told: Vec<(&Evidence, [f64; 2])> = model.evidence.iter().map(|one| (one, range(model, one))).collect();
    told.sort_by(|(_, left), (_, right)| (right[1] - right[0]).total_cmp(&(left[1] - left[0])));
    let width = told.iter().map(|(one, _)| one.name.chars().count()).max().unwrap_or(0).max(8);
    let _ = writeln!(out, "{:width$}  {:8} {:>6} {:>10} {:>10}", "evidence", "form", "weight", "for", "against");
    for (one, [low, high]) in told {
        let form = one.learned.form();
        let _ = writeln!(out, "{:width$}  {form:8} {:>6.2} {low:>+10.1} {high:>+10.1}", one.name, one.weight);
    }
    out.push_str("for, against: the most decibans that it gives for and against; 10 more are ten times the odds\n");
}

/// The least and the most decibans of an evidence: of a shape those it has, of densities its bounds.
pub(super) fn range(model: &Model, one: &Evidence) -> [f64; 2] {
    let [low, high] = match &one.learned {
        Learned::Shape(shape) => {
            let at_rest = shape.nats(shape.mean);
            let nats = || shape.nats.iter().map(|nats| (nats - at_rest).clamp(one.clip[0], one.clip[1]));
            [nats().fold(0.0, f64::min), nats().fold(0.0, f64::max)]
        }
        Learned::Beta { .. } | Learned::Normal { .. } => one.clip,
    };
    [low, high].map(|nats| nats * one.weight * model.decibans_per_nat())
}

fn object(metrics: &Metrics) -> Map<String, Value> {
    let mut object: Map<String, Value> =
        MEASURES.iter().map(|(key, _, get)| ((*key).to_owned(), get(metrics).into())).collect();
    object.insert("n".to_owned(), metrics.n.into());
    object.insert("positives".to_owned(), metrics.positives.into());
    object
}

/// The mean of each measure over folds; `None` without folds.
fn mean(folds: &[Metrics]) -> Option<Map<String, Value>> {
    folds.first()?;
    let mut object: Map<String, Value> =
        MEASURES.iter().map(|(key, _, get)| ((*key).to_owned(), average(folds, *get).into())).collect();
    object.insert("n".to_owned(), folds.iter().map(|one| one.n).sum::<u64>().into());
    object.insert("positives".to_owned(), folds.iter().map(|one| one.positives).sum::<u64>().into());
    Some(object)
}

fn average(folds: &[Metrics], get: fn(&Metrics) -> Option<f64>) -> Option<f64> {
    let known: Vec<f64> = folds.iter().filter_map(get).collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

fn evidence(one: &Evidence) -> Value {
    let (bins, kappa) = match &one.learned {
        Learned::Shape(shape) => (Some(shape.nats.len()), Some(shape.kappa)),
        Learned::Beta { .. } | Learned::Normal { .. } => (None, None),
    };
    json!({
        "name": one.name,
        "family": one.family,
        "form": one.learned.form(),
        "weight": one.weight,
        "bins": bins,
        "kappa": kappa,
    })
}

/// A number with four decimals; a dash where it has no meaning.
pub(super) fn four(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"))
}
