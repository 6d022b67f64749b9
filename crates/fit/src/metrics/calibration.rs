//! Whether a probability means what it says.

use super::Scored;

/// How probabilities are put into bins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bins {
    /// Bins of equal width over [0, 1]: the usual calibration error.
    EqualWidth,
    /// Bins of about equally many things. Where most probabilities are small, they show what equal widths hide.
    EqualCount,
}

/// One bin of a reliability plot. Empty bins are left out.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ReliabilityBin {
    /// The mean probability of the bin.
    pub mean_p: f64,
    /// The share of the bin that is unwanted.
    pub share: f64,
    /// How many things are in the bin.
    pub n: u64,
    /// How many of them are unwanted.
    pub positives: u64,
}

/// What was found about calibration.
#[derive(Clone, PartialEq, Debug)]
pub struct Calibration {
    /// The bins, from low to high probability.
    pub bins: Vec<ReliabilityBin>,
    /// The mean distance between mean probability and share, weighted by size; `None` without any thing.
    pub error: Option<f64>,
}

/// The mean squared distance between probability and truth; `None` without any thing.
#[must_use]
pub fn brier(scored: &[Scored]) -> Option<f64> {
    let square = |one: &Scored| {
        let truth = if one.positive { 1.0 } else { 0.0 };
        (one.p - truth) * (one.p - truth)
    };
    (!scored.is_empty()).then(|| scored.iter().map(square).sum::<f64>() / scored.len() as f64)
}

/// The expected calibration error over `count` bins; `None` without any thing.
#[must_use]
pub fn calibration_error(scored: &[Scored], bins: Bins, count: usize) -> Option<f64> {
    reliability(scored, bins, count).error
}

/// The bins of a reliability plot, at most `count`. Equal probabilities share a bin.
#[must_use]
pub fn reliability(scored: &[Scored], bins: Bins, count: usize) -> Calibration {
    let mut sorted: Vec<Scored> = scored.iter().copied().filter(|one| !one.p.is_nan()).collect();
    // Also by truth, so that the order of the input cannot show in a sum.
    sorted.sort_unstable_by(|left, right| left.p.total_cmp(&right.p).then(left.positive.cmp(&right.positive)));
    let count = count.max(1);
    let total = sorted.len();
    let mut found: Vec<(usize, Sum)> = Vec::new();
    let mut previous: Option<(f64, usize)> = None;
    for (place, one) in sorted.iter().enumerate() {
        let bin = match (bins, previous) {
            (Bins::EqualCount, Some((p, bin))) if p == one.p => bin,
            (Bins::EqualCount, _) => place * count / total.max(1),
            (Bins::EqualWidth, _) => ((one.p.clamp(0.0, 1.0) * count as f64) as usize).min(count - 1),
        };
        previous = Some((one.p, bin));
        match found.last_mut() {
            Some((last, sum)) if *last == bin => sum.add(one),
            Some(_) | None => {
                let mut sum = Sum::default();
                sum.add(one);
                found.push((bin, sum));
            }
        }
    }
    let bins: Vec<ReliabilityBin> = found.into_iter().map(|(_, sum)| sum.bin()).collect();
    let distance = |bin: &ReliabilityBin| bin.n as f64 * (bin.mean_p - bin.share).abs();
    let error = (total > 0).then(|| bins.iter().map(distance).sum::<f64>() / total as f64);
    Calibration { bins, error }
}

#[derive(Clone, Copy, Default)]
struct Sum {
    p: f64,
    n: u64,
    positives: u64,
}

impl Sum {
    fn add(&mut self, one: &Scored) {
        self.p += one.p;
        self.n += 1;
        self.positives += u64::from(one.positive);
    }

    fn bin(self) -> ReliabilityBin {
        let n = self.n as f64;
        ReliabilityBin { mean_p: self.p / n, share: self.positives as f64 / n, n: self.n, positives: self.positives }
    }
}
