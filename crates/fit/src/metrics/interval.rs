//! How sure a measured number is.

use crate::random::Random;
use crate::special::beta_quantile;

/// A range that holds the true value with the stated confidence.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The exact upper bound of a share of which `k` of `n` were seen (Clopper and Pearson, 1934), one-sided: with `confidence`
/// .95 the true share is at or below it in 95 % of such experiments. 1 without any observation.
#[must_use]
pub fn share_upper_bound(k: u64, n: u64, confidence: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    beta_quantile(k as f64 + 1.0, (n - k) as f64, confidence)
}

/// The exact two-sided interval of a share of which `k` of `n` were seen (Clopper and Pearson, 1934). All of [0, 1] without any
/// observation.
#[must_use]
pub fn share_interval(k: u64, n: u64, confidence: f64) -> Interval {
    let tail = 0.5 * (1.0 - confidence);
    let low = if k == 0 { 0.0 } else { beta_quantile(k.min(n) as f64, n.saturating_sub(k) as f64 + 1.0, tail) };
    Interval {
        low: if k >= n && n > 0 { libm::pow(tail, 1.0 / n as f64) } else { low },
        high: share_upper_bound(k, n, 1.0 - tail),
    }
}

/// The interval of a measure by drawing `n` of the `n` things with replacement, `rounds` times: its middle `confidence` share
/// of outcomes. `measure` is given the places of the things drawn; a difference of two policies drawn alike is a paired test.
///
/// `None` when no draw gives the measure a meaning.
pub fn bootstrap(
    n: usize,
    rounds: u32,
    confidence: f64,
    seed: u64,
    mut measure: impl FnMut(&[usize]) -> Option<f64>,
) -> Option<Interval> {
    let mut drawn = vec![0; n];
    let mut found: Vec<f64> = Vec::new();
    for round in 0..rounds {
        let mut random = Random::part(seed, u64::from(round));
        drawn.iter_mut().for_each(|place| *place = random.below(n));
        found.extend(measure(&drawn));
    }
    found.sort_unstable_by(f64::total_cmp);
    let tail = 0.5 * (1.0 - confidence);
    Some(Interval { low: quantile(&found, tail)?, high: quantile(&found, 1.0 - tail)? })
}

/// The quantile of sorted values, interpolated; `None` without any.
fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let place = p.clamp(0.0, 1.0) * sorted.len().checked_sub(1)? as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let low = sorted.get(below).copied()?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    Some(low + part * (high - low))
}
