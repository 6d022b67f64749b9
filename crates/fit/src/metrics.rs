//! How good a score is: ranking, calibration and the error of measured shares.
//!
//! Every measure takes probabilities with the truth beside them and says `None` where it has no meaning, such as the area under
//! a curve that has one class only.

mod calibration;
mod interval;
mod ranking;
mod summary;

pub use calibration::{Bins, Calibration, ReliabilityBin, brier, calibration_error, reliability};
pub use interval::{Interval, bootstrap, share_interval, share_upper_bound};
pub use ranking::{Confusion, CurvePoint, Ranking};
pub use summary::{CALIBRATION_BINS, Metrics, RECALL_AT_FPR};

/// A judged thing with its truth.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Scored {
    /// The probability that it is unwanted, 0 to 1; measures of ranking take any score, the higher the worse.
    pub p: f64,
    /// Whether it is unwanted.
    pub positive: bool,
}

#[cfg(test)]
mod tests;
