//! Measures that depend on the order of scores alone.

use super::Scored;

/// Scores in falling order, equal ones together. Made once, asked for every measure of ranking.
#[derive(Clone, Debug)]
pub struct Ranking {
    steps: Vec<Step>,
    positives: u64,
    negatives: u64,
}

/// All things with one score.
#[derive(Clone, Copy, Debug)]
struct Step {
    score: f64,
    positives: u64,
    negatives: u64,
}

/// A point of a curve, with the score from which on things count as positive.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CurvePoint {
    /// The false-positive rate, or the recall.
    pub x: f64,
    /// The recall, or the precision.
    pub y: f64,
    /// Things with this score or a higher one count as positive; infinite at the start of the curve.
    pub threshold: f64,
}

/// What a threshold makes of each thing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Confusion {
    /// Unwanted and called so.
    pub true_positives: u64,
    /// Wanted and called unwanted.
    pub false_positives: u64,
    /// Wanted and called so.
    pub true_negatives: u64,
    /// Unwanted and missed.
    pub false_negatives: u64,
}

impl Confusion {
    /// The mean of both classes' F1. A class that neither exists nor is named has an F1 of 0.
    #[must_use]
    pub fn macro_f1(&self) -> f64 {
        let f1 = |hits: u64, wrong: u64, missed: u64| {
            let all = 2 * hits + wrong + missed;
            if all == 0 { 0.0 } else { 2.0 * hits as f64 / all as f64 }
        };
        let of_positives = f1(self.true_positives, self.false_positives, self.false_negatives);
        let of_negatives = f1(self.true_negatives, self.false_negatives, self.false_positives);
        0.5 * (of_positives + of_negatives)
    }

    /// The share of unwanted things that are called so; `None` without any.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.true_positives, self.true_positives + self.false_negatives)
    }

    /// The share of those called unwanted that are; `None` when nothing is called so.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positives, self.true_positives + self.false_positives)
    }

    /// The share of wanted things that are called unwanted; `None` without any.
    #[must_use]
    pub fn false_positive_rate(&self) -> Option<f64> {
        share(self.false_positives, self.false_positives + self.true_negatives)
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Ranking {
    /// Sorts the scores. A score that is no number counts as the lowest.
    #[must_use]
    pub fn of(scored: &[Scored]) -> Self {
        let known = |p: f64| if p.is_nan() { f64::NEG_INFINITY } else { p };
        let mut sorted: Vec<(f64, bool)> = scored.iter().map(|one| (known(one.p), one.positive)).collect();
        sorted.sort_unstable_by(|left, right| right.0.total_cmp(&left.0));
        let mut steps: Vec<Step> = Vec::new();
        for (score, positive) in sorted {
            let (positives, negatives) = if positive { (1, 0) } else { (0, 1) };
            match steps.last_mut() {
                Some(step) if step.score == score => {
                    step.positives += positives;
                    step.negatives += negatives;
                }
                Some(_) | None => steps.push(Step { score, positives, negatives }),
            }
        }
        let positives = steps.iter().map(|step| step.positives).sum();
        let negatives = steps.iter().map(|step| step.negatives).sum();
        Self { steps, positives, negatives }
    }

    /// How many things are unwanted.
    #[must_use]
    pub const fn positives(&self) -> u64 {
        self.positives
    }

    /// How many things are wanted.
    #[must_use]
    pub const fn negatives(&self) -> u64 {
        self.negatives
    }

    /// The area under the ROC curve: how often an unwanted thing scores above a wanted one, equal scores counting half.
    /// `None` with one class only.
    #[must_use]
    pub fn auc(&self) -> Option<f64> {
        // Twice the number of pairs in the right order: exact in whole numbers.
        let (mut above, mut twice) = (0_u128, 0_u128);
        for step in &self.steps {
            twice += u128::from(step.negatives) * (2 * above + u128::from(step.positives));
            above += u128::from(step.positives);
        }
        let pairs = u128::from(self.positives) * u128::from(self.negatives);
        (pairs > 0).then(|| twice as f64 / (2.0 * pairs as f64))
    }

    /// The average precision: the sum over thresholds of the precision times the recall gained, without interpolation.
    /// `None` without an unwanted thing.
    #[must_use]
    pub fn average_precision(&self) -> Option<f64> {
        let (mut hits, mut named, mut sum) = (0_u64, 0_u64, 0.0);
        for step in &self.steps {
            hits += step.positives;
            named += step.positives + step.negatives;
            sum += step.positives as f64 * hits as f64 / named as f64;
        }
        (self.positives > 0).then(|| sum / self.positives as f64)
    }

    /// The ROC curve from (0, 0) to (1, 1): recall against the false-positive rate. Empty with one class only.
    #[must_use]
    pub fn roc(&self) -> Vec<CurvePoint> {
        if self.positives == 0 || self.negatives == 0 {
            return Vec::new();
        }
        let start = CurvePoint { x: 0.0, y: 0.0, threshold: f64::INFINITY };
        let points = self.confusions().map(|(threshold, at)| CurvePoint {
            x: at.false_positive_rate().unwrap_or(0.0),
            y: at.recall().unwrap_or(0.0),
            threshold,
        });
        std::iter::once(start).chain(points).collect()
    }

    /// The precision against the recall, from few things called unwanted to all. Empty without an unwanted thing.
    #[must_use]
    pub fn precision_recall(&self) -> Vec<CurvePoint> {
        if self.positives == 0 {
            return Vec::new();
        }
        self.confusions()
            .map(|(threshold, at)| CurvePoint {
                x: at.recall().unwrap_or(0.0),
                y: at.precision().unwrap_or(1.0),
                threshold,
            })
            .collect()
    }

    /// The highest recall that a threshold reaches with at most this false-positive rate. `None` with one class only.
    #[must_use]
    pub fn recall_at_fpr(&self, rate: f64) -> Option<f64> {
        if self.positives == 0 || self.negatives == 0 {
            return None;
        }
        let within =
            self.confusions().take_while(|(_, at)| at.false_positive_rate().is_some_and(|found| found <= rate));
        Some(within.last().and_then(|(_, at)| at.recall()).unwrap_or(0.0))
    }

    /// The threshold with the highest macro F1, halfway between two scores; the highest such threshold when several are
    /// equally good. `None` with one class only.
    #[must_use]
    pub fn best_threshold(&self) -> Option<f64> {
        if self.positives == 0 || self.negatives == 0 {
            return None;
        }
        let scores_below = self.steps.iter().skip(1).map(|step| step.score);
        let mut best: Option<(f64, f64)> = None;
        for ((score, at), below) in self.confusions().zip(scores_below.chain(std::iter::once(f64::NEG_INFINITY))) {
            let f1 = at.macro_f1();
            if best.is_none_or(|(most, _)| f1 > most) {
                let between = 0.5 * (score + below);
                best = Some((f1, if between.is_finite() { between } else { score }));
            }
        }
        best.map(|(_, threshold)| threshold)
    }

    /// What comes out when things with this score or a higher one count as unwanted.
    #[must_use]
    pub fn confusion(&self, threshold: f64) -> Confusion {
        let none = Confusion {
            true_positives: 0,
            false_positives: 0,
            true_negatives: self.negatives,
            false_negatives: self.positives,
        };
        self.confusions().take_while(|(score, _)| *score >= threshold).last().map_or(none, |(_, at)| at)
    }

    /// Each score with what comes out when it is the threshold, in falling order.
    fn confusions(&self) -> impl Iterator<Item = (f64, Confusion)> {
        let (mut hits, mut wrong) = (0, 0);
        self.steps.iter().map(move |step| {
            hits += step.positives;
            wrong += step.negatives;
            let at = Confusion {
                true_positives: hits,
                false_positives: wrong,
                true_negatives: self.negatives - wrong,
                false_negatives: self.positives - hits,
            };
            (step.score, at)
        })
    }
}
