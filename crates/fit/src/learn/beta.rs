//! Beta densities of a rate, from counts: each caller draws its rate from the density, and its count from its rate.

use reputation::numeric::{ln, ln_add_exp, ln_beta};

use crate::model::Beta;
use crate::special::{digamma, trigamma};

/// The most rows of a class that a density is learned from; of more, evenly spaced ones. Chosen: two or five parameters are then
/// known far better than the density fits.
const ROWS_MAX: usize = 20_000;
/// Bounds of the shapes: no class of callers is as alike, or as torn between all and nothing, as what lies beyond.
pub(super) const SHAPE: [f64; 2] = [0.02, 1e4];
/// Rounds of expectation and maximisation.
const ROUNDS_MAX: u32 = 300;
/// A component with a smaller share describes a handful of rows, not a kind of caller.
const SHARE_MIN: f64 = 0.02;

/// The most rows of a class that a mixture is learned from: it looks at them some hundred times.
const MIXTURE_ROWS_MAX: usize = 5_000;

/// Counts of one class: `s` of `n`, `n` above 0, and how many rows have them.
#[derive(Clone, Debug)]
pub(super) struct Counts(Vec<[f64; 3]>);

impl Counts {
    /// Takes the counts of a class, evenly thinned where there are very many.
    pub(super) fn new(counts: impl Iterator<Item = [f64; 2]>) -> Self {
        let mut rows = thinned(counts.filter(|[_, n]| *n > 0.0).map(|[s, n]| [s, n, 1.0]).collect(), ROWS_MAX);
        rows.sort_unstable_by(|left, right| left[1].total_cmp(&right[1]).then(left[0].total_cmp(&right[0])));
        // Small counts repeat: equal ones are looked at once.
        rows.dedup_by(|next, kept| {
            let equal = next[0] == kept[0] && next[1] == kept[1];
            if equal {
                kept[2] += next[2];
            }
            equal
        });
        Self(rows)
    }

    /// Evenly thinned to at most `limit` different counts.
    pub(super) fn thinned(&self, limit: usize) -> Self {
        Self(thinned(self.0.clone(), limit))
    }

    /// How many rows there are.
    fn rows(&self) -> f64 {
        self.0.iter().map(|[_, _, times]| times).sum()
    }

    /// `n − s` of `n` instead of `s` of `n`.
    pub(super) fn mirrored(&self) -> Self {
        Self(self.0.iter().map(|[s, n, times]| [n - s, *n, *times]).collect())
    }

    /// Whether nothing was seen.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The log-likelihood of a mixture.
    pub(super) fn likelihood(&self, mixture: &[Beta]) -> f64 {
        let constants: Vec<f64> = mixture.iter().map(|part| ln(part.share) - ln_beta(part.a, part.b)).collect();
        let of = |[s, n, times]: &[f64; 3]| {
            let ln = mixture.iter().zip(&constants).fold(f64::NEG_INFINITY, |sum, (part, constant)| {
                ln_add_exp(sum, constant + ln_beta(s + part.a, n - s + part.b))
            });
            times * ln
        };
        self.0.iter().map(of).sum()
    }

    /// The mean rate, each row counting once.
    fn mean(&self) -> f64 {
        self.0.iter().map(|[s, n, times]| times * s / n).sum::<f64>() / self.rows().max(1.0)
    }
}

fn thinned(rows: Vec<[f64; 3]>, limit: usize) -> Vec<[f64; 3]> {
    if rows.len() <= limit {
        return rows;
    }
    let count = rows.len();
    let kept = |place: &usize| place * limit / count != (place + 1) * limit / count;
    rows.into_iter().enumerate().filter(|(place, _)| kept(place)).map(|(_, row)| row).collect()
}

/// The Beta density under which the counts are likeliest.
pub(super) fn one(counts: &Counts) -> Beta {
    let weights = times(counts);
    let mean = counts.mean().clamp(1e-4, 1.0 - 1e-4);
    improved(counts, &weights, Beta { share: 1.0, a: 4.0 * mean, b: 4.0 * (1.0 - mean) }, 100)
}

fn times(counts: &Counts) -> Vec<f64> {
    counts.0.iter().map(|[_, _, times]| *times).collect()
}

/// A mixture of two Beta densities, or of one where a second explains no more than chance would (Schwarz, 1978).
pub(super) fn mixture(counts: &Counts) -> Vec<Beta> {
    let single = one(counts);
    let counts = &counts.thinned(MIXTURE_ROWS_MAX);
    let two = two(counts, single);
    let gained = counts.likelihood(&two) - counts.likelihood(&[single]);
    let worth_it = gained > 1.5 * ln(counts.rows().max(2.0));
    if worth_it && two.iter().all(|part| part.share >= SHARE_MIN) { two } else { vec![single] }
}

/// Two components by expectation and maximisation (Dempster, Laird, Rubin, 1977), from the rows below and above the mean.
fn two(counts: &Counts, single: Beta) -> Vec<Beta> {
    let rate = |[s, n, _]: &[f64; 3]| (s + single.a) / (n + single.a + single.b);
    let middle = counts.0.iter().map(|row| row[2] * rate(row)).sum::<f64>() / counts.rows().max(1.0);
    let low: Vec<f64> = counts.0.iter().map(|row| if rate(row) < middle { row[2] } else { 0.0 }).collect();
    let high: Vec<f64> = counts.0.iter().zip(&low).map(|(row, low)| row[2] - low).collect();
    let mut parts = [&low, &high].map(|weights| improved(counts, weights, single, 10));
    parts.iter_mut().for_each(|part| part.share = 0.5);
    let mut last = f64::NEG_INFINITY;
    for _ in 0..ROUNDS_MAX {
        let likelihood = counts.likelihood(&parts);
        if likelihood - last < 1e-7 * counts.rows() {
            break;
        }
        last = likelihood;
        let constants = parts.map(|part| ln(part.share) - ln_beta(part.a, part.b));
        let first: Vec<f64> = counts
            .0
            .iter()
            .map(|[s, n, times]| {
                let of = |place: usize| {
                    let (part, constant) = (parts.get(place)?, constants.get(place)?);
                    Some(constant + ln_beta(s + part.a, n - s + part.b))
                };
                let (one, other) = (of(0).unwrap_or(0.0), of(1).unwrap_or(0.0));
                times * libm::exp(one - ln_add_exp(one, other))
            })
            .collect();
        let second: Vec<f64> = counts.0.iter().zip(&first).map(|([_, _, times], weight)| times - weight).collect();
        let share = first.iter().sum::<f64>() / counts.rows().max(1.0);
        let [one, other] = parts;
        parts = [
            Beta { share: share.clamp(1e-6, 1.0 - 1e-6), ..improved(counts, &first, one, 3) },
            Beta { share: (1.0 - share).clamp(1e-6, 1.0 - 1e-6), ..improved(counts, &second, other, 3) },
        ];
    }
    parts.to_vec()
}

/// Takes Newton steps in the logarithms of both shapes.
fn improved(counts: &Counts, weights: &[f64], from: Beta, steps: u32) -> Beta {
    let mut at = from;
    let mut likelihood = weighted_likelihood(counts, weights, at);
    for _ in 0..steps {
        let Some([da, db]) = step(counts, weights, at) else { break };
        let mut part = 1.0;
        let better = loop {
            let moved =
                |shape: f64, by: f64| (shape * libm::exp((part * by).clamp(-2.0, 2.0))).clamp(SHAPE[0], SHAPE[1]);
            let tried = Beta { a: moved(at.a, da), b: moved(at.b, db), ..at };
            let found = weighted_likelihood(counts, weights, tried);
            if found > likelihood {
                break Some((tried, found));
            }
            part *= 0.5;
            if part < 1e-4 {
                break None;
            }
        };
        let Some((tried, found)) = better else { break };
        let gained = found - likelihood;
        (at, likelihood) = (tried, found);
        if gained < 1e-9 * counts.rows() {
            break;
        }
    }
    at
}

fn weighted_likelihood(counts: &Counts, weights: &[f64], at: Beta) -> f64 {
    let constant = ln_beta(at.a, at.b);
    let of = |([s, n, _], weight): (&[f64; 3], &f64)| weight * (ln_beta(s + at.a, n - s + at.b) - constant);
    counts.0.iter().zip(weights).filter(|(_, weight)| **weight > 0.0).map(of).sum()
}

/// The Newton step in (ln a, ln b); along the slope where the likelihood is not curved downwards. `None` at the top.
fn step(counts: &Counts, weights: &[f64], at: Beta) -> Option<[f64; 2]> {
    let Beta { a, b, .. } = at;
    let sum = a + b;
    let (slope_all, curve_all) = (digamma(sum), trigamma(sum));
    let (slope_a, slope_b) = (slope_all - digamma(a), slope_all - digamma(b));
    let (curve_a, curve_b) = (trigamma(a), trigamma(b));
    let (mut ga, mut gb, mut haa, mut hbb, mut hab) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for ([s, n, _], weight) in counts.0.iter().zip(weights).filter(|(_, weight)| **weight > 0.0) {
        let (whole, curve) = (digamma(sum + n), trigamma(sum + n));
        ga += weight * (digamma(s + a) - whole + slope_a);
        gb += weight * (digamma(n - s + b) - whole + slope_b);
        let both = curve_all - curve;
        haa += weight * (trigamma(s + a) - curve_a + both);
        hbb += weight * (trigamma(n - s + b) - curve_b + both);
        hab += weight * both;
    }
    // From the shapes to their logarithms.
    let (ga, gb) = (ga * a, gb * b);
    let (haa, hbb, hab) = (haa * a * a + ga, hbb * b * b + gb, hab * a * b);
    let determinant = haa * hbb - hab * hab;
    if haa < 0.0 && determinant > 1e-12 * haa * hbb {
        return Some([(hab * gb - hbb * ga) / determinant, (hab * ga - haa * gb) / determinant]);
    }
    let length = libm::hypot(ga, gb);
    (length > 1e-9).then(|| [ga / length, gb / length])
}
