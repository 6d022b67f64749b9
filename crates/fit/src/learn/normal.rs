//! Normal densities of a value.

use reputation::numeric::{ln, ln_add_exp};

use crate::model::{Normal, ln_normal_mixture};

/// Rounds of expectation and maximisation.
const ROUNDS_MAX: u32 = 200;
/// The least variance of a component, of the variance of all values: what would be sharper describes one repeated value.
const VARIANCE_MIN: f64 = 1e-3;
/// A component with a smaller share describes a handful of rows, not a kind of caller.
const SHARE_MIN: f64 = 0.02;

/// The density of the values' mean and variance; `None` without two different values.
pub(super) fn one(values: &[f64]) -> Option<Normal> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
    (variance > 0.0 && variance.is_finite()).then_some(Normal { share: 1.0, mean, variance })
}

/// A mixture of two normal densities, or of one where a second explains no more than chance would (Schwarz, 1978).
pub(super) fn mixture(values: &[f64]) -> Option<Vec<Normal>> {
    let single = one(values)?;
    let two = two(values, single);
    let likelihood = |mixture: &[Normal]| values.iter().map(|value| ln_normal_mixture(mixture, *value)).sum::<f64>();
    let worth_it = likelihood(&two) - likelihood(&[single]) > 1.5 * ln(values.len().max(2) as f64);
    let real = two.iter().all(|part| part.share >= SHARE_MIN);
    Some(if worth_it && real { two } else { vec![single] })
}

/// Two components by expectation and maximisation, from one on either side of the mean.
fn two(values: &[f64], single: Normal) -> Vec<Normal> {
    let spread = libm::sqrt(single.variance);
    let at = |side: f64| Normal { share: 0.5, mean: single.mean + side * spread, variance: 0.5 * single.variance };
    let mut parts = [at(-0.8), at(0.8)];
    let mut last = f64::NEG_INFINITY;
    for _ in 0..ROUNDS_MAX {
        let mut likelihood = 0.0;
        let mut sums = [[0.0_f64; 3]; 2];
        for value in values {
            let of = parts.map(|part| ln_normal_mixture(&[part], *value));
            let whole = of.iter().fold(f64::NEG_INFINITY, |sum, one| ln_add_exp(sum, *one));
            likelihood += whole;
            for (sums, one) in sums.iter_mut().zip(&of) {
                let weight = libm::exp(one - whole);
                // About the common mean, so that no digits are lost.
                let x = value - single.mean;
                let [n, first, second] = *sums;
                *sums = [n + weight, first + weight * x, second + weight * x * x];
            }
        }
        if likelihood - last < 1e-8 * values.len() as f64 {
            break;
        }
        last = likelihood;
        for (part, [n, first, second]) in parts.iter_mut().zip(sums) {
            if n > 1e-6 {
                let mean = first / n;
                part.share = (n / values.len() as f64).clamp(1e-6, 1.0);
                part.mean = single.mean + mean;
                part.variance = (second / n - mean * mean).max(VARIANCE_MIN * single.variance);
            }
        }
    }
    parts.to_vec()
}
