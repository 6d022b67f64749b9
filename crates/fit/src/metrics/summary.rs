//! All measures of one part of a table at once.

use super::{Bins, Ranking, Scored, brier, calibration_error};

/// The false-positive rate at which the recall is told.
pub const RECALL_AT_FPR: f64 = 0.01;
/// Bins of the calibration error.
pub const CALIBRATION_BINS: usize = 10;

/// The measures of one part of a table. `None` where a measure has no meaning, such as the AUC of one class only.
#[derive(Clone, PartialEq, Debug)]
pub struct Metrics {
    /// Area under the ROC curve.
    pub auc: Option<f64>,
    /// Average precision.
    pub average_precision: Option<f64>,
    /// Mean F1 of both classes at [`Metrics::threshold`].
    pub macro_f1: f64,
    /// Recall at 1 % false positives.
    pub recall_at_1pct_fpr: Option<f64>,
    /// Mean squared error of the probability.
    pub brier: Option<f64>,
    /// Calibration error over ten bins of equal width.
    pub ece: Option<f64>,
    /// Calibration error over ten bins of equally many things.
    pub ece_equal_count: Option<f64>,
    /// The probability from which on a thing counts as unwanted. Given, never chosen on the part that is measured.
    pub threshold: f64,
    /// How many things.
    pub n: u64,
    /// How many of them are unwanted.
    pub positives: u64,
}

impl Metrics {
    /// Measures `scored` with a threshold chosen elsewhere.
    #[must_use]
    pub fn of(scored: &[Scored], threshold: f64) -> Self {
        let ranking = Ranking::of(scored);
        Self {
            auc: ranking.auc(),
            average_precision: ranking.average_precision(),
            macro_f1: ranking.confusion(threshold).macro_f1(),
            recall_at_1pct_fpr: ranking.recall_at_fpr(RECALL_AT_FPR),
            brier: brier(scored),
            ece: calibration_error(scored, Bins::EqualWidth, CALIBRATION_BINS),
            ece_equal_count: calibration_error(scored, Bins::EqualCount, CALIBRATION_BINS),
            threshold,
            n: scored.len() as u64,
            positives: ranking.positives(),
        }
    }
}
