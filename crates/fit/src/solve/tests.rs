use super::*;
use crate::random::Random;

fn terms(factors: &[f64]) -> Vec<Term> {
    factors.iter().enumerate().map(|(unknown, factor)| Term { unknown: unknown as u32, factor: *factor }).collect()
}

/// Rows of an intercept and two values whose true factors are given.
fn rows(truth: [f64; 3], count: u32) -> Rows {
    let mut random = Random::new(5);
    let mut rows = Rows::default();
    for _ in 0..count {
        let (x, z) = (random.fraction() * 4.0 - 2.0, random.fraction() * 4.0 - 2.0);
        let score = truth[0] + truth[1] * x + truth[2] * z;
        let positive = random.fraction() < logistic(score);
        rows.push(terms(&[1.0, x, z]).into_iter(), positive);
    }
    rows
}

#[test]
fn known_factors_come_out() {
    let found = solve(&rows([-1.0, 0.8, 0.3], 40_000), &[Unknown::FREE; 3]);
    for (found, truth) in found.iter().zip([-1.0, 0.8, 0.3]) {
        assert!((found - truth).abs() < 0.05, "{found} {truth}");
    }
}

#[test]
fn bounds_hold_and_the_rest_adapts() {
    let box_01 = Unknown { bounds: [0.0, 1.0], ..Unknown::FREE };
    let found = solve(&rows([-1.0, 1.6, -0.4], 20_000), &[Unknown::FREE, box_01, box_01]);
    assert_eq!((found[1], found[2]), (1.0, 0.0));
    assert!(found[0] < -0.5, "{found:?}");
}

#[test]
fn a_prior_pulls() {
    let pulled = Unknown { prior: 2.0, pull: 1e9, ..Unknown::FREE };
    let found = solve(&rows([0.0, 0.5, 0.5], 1000), &[Unknown::FREE, pulled, Unknown::FREE]);
    assert!((found[1] - 2.0).abs() < 1e-3, "{found:?}");
}

#[test]
fn unknowns_that_no_row_touches_and_rows_that_separate_end_well() {
    let mut rows = Rows::default();
    for x in [-1.0, 1.0] {
        rows.push(terms(&[1.0, x]).into_iter(), x > 0.0);
    }
    let pulled = Unknown { pull: 0.01, ..Unknown::FREE };
    let found = solve(&rows, &[Unknown::FREE, pulled, Unknown::FREE]);
    assert!(found.iter().all(|value| value.is_finite()) && found[1] > 1.0 && found[2] == 0.0, "{found:?}");
    let found = solve(&rows, &[Unknown::FREE; 2]);
    assert!(found.iter().all(|value| value.is_finite()), "{found:?}");
}

#[test]
fn equations_are_solved() {
    // The lower half of [[4, 2, 0], [2, 5, 1], [0, 1, 3]].
    let matrix = [4.0, 0.0, 0.0, 2.0, 5.0, 0.0, 0.0, 1.0, 3.0];
    let found = solve_symmetric(&mut matrix.clone(), &[8.0, 15.0, 11.0], &[false; 3]);
    for (found, want) in found.iter().zip([1.0, 2.0, 3.0]) {
        assert!((found - want).abs() < 1e-12, "{found} {want}");
    }
    let held = solve_symmetric(&mut matrix.clone(), &[8.0, 15.0, 11.0], &[false, true, false]);
    assert!(held[0] == 2.0 && held[1] == 0.0 && (held[2] - 11.0 / 3.0).abs() < 1e-12, "{held:?}");
}
