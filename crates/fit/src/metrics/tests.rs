use super::*;

/// Pairs of probability and truth, 1 for unwanted.
fn scored(pairs: &[(f64, u8)]) -> Vec<Scored> {
    pairs.iter().map(|(p, truth)| Scored { p: *p, positive: *truth == 1 }).collect()
}

fn near(got: Option<f64>, want: f64) {
    assert!(got.is_some_and(|got| (got - want).abs() < 1e-12), "{got:?}, expected {want}");
}

#[test]
fn ranking_matches_a_reference_worked_by_hand() {
    // In falling order: 1 0 1 (1 0 tied) 0. Of the 9 pairs 6 are right and the tied one counts half.
    let ranking = Ranking::of(&scored(&[(0.9, 1), (0.8, 0), (0.7, 1), (0.4, 1), (0.4, 0), (0.1, 0)]));
    near(ranking.auc(), 6.5 / 9.0);
    // Precisions 1 at the first, 2/3 at the third, 3/5 at the tie; each gains a third of the recall.
    near(ranking.average_precision(), (1.0 + 2.0 / 3.0 + 3.0 / 5.0) / 3.0);
    near(ranking.recall_at_fpr(0.01), 1.0 / 3.0);
    near(ranking.recall_at_fpr(0.34), 2.0 / 3.0);
    let points: Vec<(f64, f64)> = ranking.roc().iter().map(|point| (point.x * 3.0, point.y * 3.0)).collect();
    assert_eq!(points, [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 3.0)]);
    let last = ranking.precision_recall().last().copied();
    assert_eq!(last, Some(CurvePoint { x: 1.0, y: 0.5, threshold: 0.1 }));
}

#[test]
fn thresholds_are_chosen_and_applied() {
    let ranking = Ranking::of(&scored(&[(0.9, 1), (0.8, 1), (0.3, 0), (0.2, 0), (0.1, 1)]));
    // With the first two named: F1 of the unwanted 2·2/(4+0+1), of the wanted 2·2/(4+1+0).
    near(ranking.best_threshold(), 0.55);
    let at = ranking.confusion(0.55);
    assert_eq!(at, Confusion { true_positives: 2, false_positives: 0, true_negatives: 2, false_negatives: 1 });
    near(Some(at.macro_f1()), 0.8);
    near(at.recall(), 2.0 / 3.0);
    near(at.precision(), 1.0);
    near(at.false_positive_rate(), 0.0);
    assert_eq!(ranking.confusion(0.8).true_positives, 2, "the threshold itself counts");
    assert_eq!(ranking.confusion(2.0).precision(), None);
}

#[test]
fn one_class_has_no_ranking() {
    let ranking = Ranking::of(&scored(&[(0.9, 1), (0.2, 1)]));
    assert_eq!((ranking.auc(), ranking.best_threshold(), ranking.recall_at_fpr(0.01)), (None, None, None));
    assert!(ranking.roc().is_empty());
    near(ranking.average_precision(), 1.0);
    let none = Metrics::of(&[], 0.5);
    assert_eq!((none.auc, none.average_precision, none.brier, none.ece, none.n), (None, None, None, None, 0));
}

#[test]
fn equal_scores_rank_nobody_and_unknown_ones_come_last() {
    near(Ranking::of(&scored(&[(0.5, 1), (0.5, 0), (0.5, 0)])).auc(), 0.5);
    near(Ranking::of(&scored(&[(f64::NAN, 0), (0.0, 1)])).auc(), 1.0);
}

#[test]
fn calibration_is_measured_by_width_and_by_count() {
    let table = scored(&[(0.05, 0), (0.05, 0), (0.05, 1), (0.08, 0), (0.95, 1), (0.91, 1), (0.92, 1), (0.94, 0)]);
    near(brier(&table), (3.0 * 0.0025 - 0.0025 + 0.9025 + 0.0064 + 0.0025 + 0.0081 + 0.0064 + 0.8836) / 8.0);
    // Two bins: means .0575 and .93, shares 1/4 and 3/4.
    near(calibration_error(&table, Bins::EqualWidth, 10), 0.5 * (0.1925 + 0.18));
    let found = reliability(&table, Bins::EqualWidth, 10);
    let sizes: Vec<(u64, u64)> = found.bins.iter().map(|bin| (bin.n, bin.positives)).collect();
    assert_eq!(sizes, [(4, 1), (4, 3)]);
    // Four bins of two; the three equal probabilities stay together.
    let by_count: Vec<u64> = reliability(&table, Bins::EqualCount, 4).bins.iter().map(|bin| bin.n).collect();
    assert_eq!(by_count, [3, 1, 2, 2]);
    near(calibration_error(&scored(&[(1.0, 1), (0.0, 0)]), Bins::EqualWidth, 10), 0.0);
}

#[test]
fn shares_have_exact_bounds() {
    // None of n: 1 − .05^(1/n), the rule of three.
    near(Some(share_upper_bound(0, 30, 0.95)), 1.0 - 0.05_f64.powf(1.0 / 30.0));
    near(Some(share_upper_bound(0, 0, 0.95)), 1.0);
    near(Some(share_upper_bound(5, 5, 0.95)), 1.0);
    // 3 of 10: the bounds solve P(X ≤ 3) = .025 and P(X ≥ 3) = .025 for ten draws.
    let at_most_3 = |p: f64| (0..=3).map(|k| binomial(10, k, p)).sum::<f64>();
    let at_least_3 = |p: f64| (3..=10).map(|k| binomial(10, k, p)).sum::<f64>();
    let found = share_interval(3, 10, 0.95);
    assert!((at_most_3(found.high) - 0.025).abs() < 1e-9 && (at_least_3(found.low) - 0.025).abs() < 1e-9, "{found:?}");
    // Large counts end: 12 of 30,000 is at most about .00065.
    let bound = share_upper_bound(12, 30_000, 0.95);
    assert!((0.000_60..0.000_70).contains(&bound), "{bound}");
    let all = share_interval(4, 4, 0.9);
    near(Some(all.low), 0.05_f64.powf(0.25));
    near(Some(all.high), 1.0);
}

fn binomial(n: u32, k: u32, p: f64) -> f64 {
    let choose = (0..k).fold(1.0, |product, i| product * f64::from(n - i) / f64::from(i + 1));
    choose * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32)
}

#[test]
fn the_bootstrap_covers_the_mean_and_repeats() {
    let values: Vec<f64> = (0..400).map(|i| f64::from(i % 2)).collect();
    let mean = |drawn: &[usize]| Some(drawn.iter().map(|place| values[*place]).sum::<f64>() / drawn.len() as f64);
    let found = bootstrap(values.len(), 500, 0.95, 9, mean).expect("a mean");
    // The standard error is .025.
    assert!((found.low - 0.45).abs() < 0.01 && (found.high - 0.55).abs() < 0.01, "{found:?}");
    assert_eq!(bootstrap(values.len(), 500, 0.95, 9, mean), Some(found));
    assert_eq!(bootstrap(values.len(), 10, 0.95, 9, |_| None), None);
}
