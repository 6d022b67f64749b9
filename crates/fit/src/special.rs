//! Functions of mathematics that counts and rates need, beside those of `reputation::numeric`.

use reputation::numeric::ln;

/// Steps of the continued fraction; it needs about the root of the larger shape, so this serves shapes up to 10⁹.
const FRACTION_STEPS: u32 = 100_000;

/// The regularised incomplete beta function `I_x(a, b)`: the probability that a Beta(a, b) variable is at most `x`.
///
/// By the continued fraction DLMF 8.17.22 with Lentz's method. Own, because the crates that have it leave [0, 1] or fail to
/// end at large shapes. Shapes above 0; `x` is clamped to [0, 1].
pub(crate) fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // To the last digit here; the score's own ln Γ trades some of them for speed.
    let ln_beta = |a: f64, b: f64| libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let front = |a: f64, b: f64, x: f64| libm::exp(a * ln(x) + b * libm::log1p(-x) - ln_beta(a, b)) / a;
    let value = if x < (a + 1.0) / (a + b + 2.0) {
        front(a, b, x) * fraction(a, b, x)
    } else {
        1.0 - front(b, a, 1.0 - x) * fraction(b, a, 1.0 - x)
    };
    value.clamp(0.0, 1.0)
}

/// The continued fraction of [`incomplete_beta`].
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let not_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for step in 1..FRACTION_STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / not_zero(1.0 + even * d);
        c = not_zero(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / not_zero(1.0 + odd * d);
        c = not_zero(1.0 + odd / c);
        let change = d * c;
        value *= change;
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// The value that a Beta(a, b) variable stays at or below with probability `p`, by halving: slow, and it always ends.
pub(crate) fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if incomplete_beta(a, b, middle) < p { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// From here on the asymptotic series of the gamma function's derivatives are used.
const SERIES_FROM: f64 = 6.0;

/// The derivative of `ln Γ` for `x > 0` (DLMF 5.5.2, 5.11.2).
pub(crate) fn digamma(x: f64) -> f64 {
    let (mut z, mut sum) = (x, 0.0);
    while z < SERIES_FROM {
        sum -= 1.0 / z;
        z += 1.0;
    }
    let inv2 = 1.0 / (z * z);
    let series =
        inv2 * (1.0 / 12.0 - inv2 * (1.0 / 120.0 - inv2 * (1.0 / 252.0 - inv2 * (1.0 / 240.0 - inv2 / 132.0))));
    sum + ln(z) - 0.5 / z - series
}

/// The second derivative of `ln Γ` for `x > 0` (DLMF 5.15.5, 5.15.8).
pub(crate) fn trigamma(x: f64) -> f64 {
    let (mut z, mut sum) = (x, 0.0);
    while z < SERIES_FROM {
        sum += 1.0 / (z * z);
        z += 1.0;
    }
    let inv = 1.0 / z;
    let inv2 = inv * inv;
    let series =
        inv2 * (1.0 / 6.0 - inv2 * (1.0 / 30.0 - inv2 * (1.0 / 42.0 - inv2 * (1.0 / 30.0 - inv2 * 5.0 / 66.0))));
    sum + inv * (1.0 + 0.5 * inv + series)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_incomplete_beta_function_matches_closed_forms() {
        for x in [0.0, 0.01, 0.3, 0.5, 0.77, 0.999, 1.0] {
            assert!((incomplete_beta(1.0, 1.0, x) - x).abs() < 1e-14, "{x}");
            assert!((incomplete_beta(3.0, 1.0, x) - x * x * x).abs() < 1e-13, "{x}");
            assert!((incomplete_beta(1.0, 4.0, x) - (1.0 - (1.0 - x).powi(4))).abs() < 1e-13, "{x}");
            // The arcsine law.
            let arcsine = 2.0 / std::f64::consts::PI * x.sqrt().asin();
            assert!((incomplete_beta(0.5, 0.5, x) - arcsine).abs() < 1e-12, "{x}");
        }
        // A symmetric distribution has half its weight on either side, however narrow it is.
        for shape in [2.0, 1e3, 1e6, 1e8] {
            assert!((incomplete_beta(shape, shape, 0.5) - 0.5).abs() < 1e-6, "{shape}");
        }
    }

    #[test]
    fn quantiles_undo_the_distribution() {
        for (a, b) in [(0.5, 3.0), (2.0, 2.0), (40.0, 900.0), (1.0, 1e6)] {
            for p in [0.001, 0.05, 0.5, 0.95, 0.999] {
                let x = beta_quantile(a, b, p);
                assert!((incomplete_beta(a, b, x) - p).abs() < 1e-9, "{a} {b} {p}: {x}");
            }
        }
    }

    #[test]
    fn derivatives_of_the_gamma_function_are_exact() {
        const EULER: f64 = 0.577_215_664_901_532_9;
        let pi2 = std::f64::consts::PI * std::f64::consts::PI;
        assert!((digamma(1.0) + EULER).abs() < 1e-9);
        assert!((digamma(0.5) + EULER + 2.0 * std::f64::consts::LN_2).abs() < 1e-9);
        assert!((trigamma(1.0) - pi2 / 6.0).abs() < 1e-8 && (trigamma(0.5) - pi2 / 2.0).abs() < 1e-8);
        for x in [0.01, 0.7, 3.3, 25.0, 1e5] {
            assert!((digamma(x + 1.0) - digamma(x) - 1.0 / x).abs() < 1e-9 * (1.0 / x).max(1.0), "{x}");
            assert!((trigamma(x) - trigamma(x + 1.0) - 1.0 / (x * x)).abs() < 1e-8 * (1.0 / (x * x)).max(1.0), "{x}");
        }
    }
}
