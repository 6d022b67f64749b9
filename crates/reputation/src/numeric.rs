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

/// The series of Stirling's formula (DLMF 5.11.1) to the seventh term.
const fn stirling_series(x: f64) -> f64 {
    let inv = 1.0 / x;
    let inv2 = inv * inv;
    inv * (1.0 / 12.0
        + inv2
            * (-1.0 / 360.0
                + inv2
                    * (1.0 / 1260.0
                        + inv2
                            * (-1.0 / 1680.0
                                + inv2 * (1.0 / 1188.0 + inv2 * (-691.0 / 360_360.0 + inv2 * (1.0 / 156.0)))))))
}

const HALF_LN_2PI: f64 = 0.918_938_533_204_672_7;

/// Γ's logarithm is read from polynomials from here…
const TABLE_FROM: f64 = 0.5;
/// So many doublings are in the table; beyond 1024 the logarithm is worked out.
const DOUBLINGS: usize = 11;
/// Parts of each doubling, each with a polynomial of its own: the top bits of the mantissa choose one.
const PART_BITS: u32 = 5;
const PARTS: usize = DOUBLINGS << PART_BITS;
const COEFFICIENTS: usize = 6;

/// For each part of the doublings, the coefficients of a polynomial in the place within the part, −1 to 1.
///
/// It meets ln Γ at the six Chebyshev nodes; the error stays below 1e-13 at 1 and below 2e-11 at 1024.
static LN_GAMMA_TABLE: [[f64; COEFFICIENTS]; PARTS] = ln_gamma_table();

const fn ln_gamma_table() -> [[f64; COEFFICIENTS]; PARTS] {
    let mut table = [[0.0; COEFFICIENTS]; PARTS];
    let mut at = 0;
    while at < PARTS {
        let doubling = (1u64 << (at >> PART_BITS)) as f64 * TABLE_FROM;
        let half = doubling / (2 << PART_BITS) as f64;
        let middle = doubling + (2 * (at % (1 << PART_BITS)) + 1) as f64 * half;
        table[at] = interpolate(middle, half);
        at += 1;
    }
    table
}

/// The nodes of the sixth Chebyshev polynomial: cos((2k + 1)π/12).
const NODES: [f64; COEFFICIENTS] = [
    -0.965_925_826_289_068_3,
    -std::f64::consts::FRAC_1_SQRT_2,
    -0.258_819_045_102_520_76,
    0.258_819_045_102_520_76,
    std::f64::consts::FRAC_1_SQRT_2,
    0.965_925_826_289_068_3,
];

/// Newton's divided differences of ln Γ over the nodes around `middle`, multiplied out.
const fn interpolate(middle: f64, half: f64) -> [f64; COEFFICIENTS] {
    let mut differences = [0.0; COEFFICIENTS];
    let mut at = 0;
    while at < COEFFICIENTS {
        differences[at] = ln_gamma_by_series(middle + half * NODES[at]);
        at += 1;
    }
    let mut order = 1;
    while order < COEFFICIENTS {
        let mut at = COEFFICIENTS - 1;
        while at >= order {
            differences[at] = (differences[at] - differences[at - 1]) / (NODES[at] - NODES[at - order]);
            at -= 1;
        }
        order += 1;
    }
    let mut polynomial = [0.0; COEFFICIENTS];
    let mut at = COEFFICIENTS;
    while at > 0 {
        at -= 1;
        // polynomial · (x − node) + difference
        let mut power = COEFFICIENTS - 1;
        while power > 0 {
            polynomial[power] = polynomial[power - 1] - NODES[at] * polynomial[power];
            power -= 1;
        }
        polynomial[0] = differences[at] - NODES[at] * polynomial[0];
    }
    polynomial
}

/// ln Γ by Stirling's series alone, with exact logarithms: what the table is made of.
const fn ln_gamma_by_series(x: f64) -> f64 {
    let (mut z, mut product) = (x, 1.0);
    // Three times as far as needed: the series' error is then below that of the numbers themselves.
    while z < 3.0 * STIRLING_FROM {
        product *= z;
        z += 1.0;
    }
    (z - 0.5) * const_ln(z) - z + stirling_series(z) + HALF_LN_2PI - const_ln(product)
}

/// `ln x` while the program is compiled.
const fn const_ln(x: f64) -> f64 {
    let (mut mantissa, mut doublings) = (x, 0.0);
    while mantissa > std::f64::consts::SQRT_2 {
        mantissa /= 2.0;
        doublings += 1.0;
    }
    while mantissa < std::f64::consts::FRAC_1_SQRT_2 {
        mantissa *= 2.0;
        doublings -= 1.0;
    }
    ln_series(mantissa) + doublings * std::f64::consts::LN_2
}

/// `ln Γ(x)` for `x > 0`: absolute error below 2e-11 up to 1024, relative error below 1e-15 beyond, to 1e9.
#[must_use]
#[inline]
pub fn ln_gamma(x: f64) -> f64 {
    const FIRST: u64 = TABLE_FROM.to_bits() >> (52 - PART_BITS);
    const WITHIN: u64 = (1 << (52 - PART_BITS)) - 1;
    let bits = x.to_bits();
    let part = (bits >> (52 - PART_BITS)).wrapping_sub(FIRST);
    let Some(&[c0, c1, c2, c3, c4, c5]) = LN_GAMMA_TABLE.get(part as usize) else {
        return ln_gamma_worked_out(x);
    };
    // The bits below those of the part, as a number from −1 to 1.
    let place = f64::from_bits((bits & WITHIN) << PART_BITS | 1.0f64.to_bits());
    let t = 2.0 * place - 3.0;
    let t2 = t * t;
    (c0 + c1 * t) + t2 * ((c2 + c3 * t) + t2 * (c4 + c5 * t))
}

#[cold]
fn ln_gamma_worked_out(x: f64) -> f64 {
    let (mut z, mut product) = (x, 1.0);
    while z < STIRLING_FROM {
        product *= z;
        z += 1.0;
    }
    (z - 0.5) * ln(z) - z + stirling_series(z) + HALF_LN_2PI - ln(product)
}

/// `ln B(a, b)` for `a, b > 0`.
#[must_use]
pub fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// Entries of the exponential's table.
const EXP_ENTRIES: usize = 64;

/// 2^(i/64).
static EXP_TABLE: [f64; EXP_ENTRIES] = exp_table();

const fn exp_table() -> [f64; EXP_ENTRIES] {
    let mut table = [0.0; EXP_ENTRIES];
    let mut at = 0;
    while at < EXP_ENTRIES {
        let x = std::f64::consts::LN_2 * at as f64 / EXP_ENTRIES as f64;
        let (mut term, mut sum, mut order) = (1.0, 1.0, 1.0);
        while order < 25.0 {
            term *= x / order;
            sum += term;
            order += 1.0;
        }
        table[at] = sum;
        at += 1;
    }
    table
}

/// `e^x` for `x` from −700 to 700, clamped there: relative error below 1e-14.
///
/// A power of two, a table of 64 roots of two and five terms of the series for what is left.
#[must_use]
pub fn exp(x: f64) -> f64 {
    const STEP: f64 = std::f64::consts::LN_2 / EXP_ENTRIES as f64;
    // Added, it leaves no room for a fraction: the sum is rounded to a whole number.
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    let x = x.clamp(-700.0, 700.0);
    let steps = (x * (1.0 / STEP) + WHOLE) - WHOLE;
    let r = x - steps * STEP;
    let whole = steps as i64;
    let root = EXP_TABLE.get((whole & (EXP_ENTRIES as i64 - 1)) as usize).copied().unwrap_or(1.0);
    let power = f64::from_bits((((whole >> EXP_ENTRIES.trailing_zeros()) + 1023) << 52) as u64);
    let r2 = r * r;
    let series = 1.0 + r + r2 * (0.5 + r * (1.0 / 6.0) + r2 * ((1.0 / 24.0) + r * (1.0 / 120.0)));
    power * (root * series)
}

/// `ln(e^a + e^b)` without overflow.
#[must_use]
pub fn ln_add_exp(a: f64, b: f64) -> f64 {
    let (high, low) = if a >= b { (a, b) } else { (b, a) };
    if low - high < -40.0 || low == f64::NEG_INFINITY { high } else { high + ln(1.0 + exp(low - high)) }
}

/// The logistic function: log-odds to probability.
#[must_use]
pub fn logistic(l: f64) -> f64 {
    if l >= 0.0 {
        1.0 / (1.0 + exp(-l))
    } else {
        let e = exp(l);
        e / (1.0 + e)
    }
}

/// Probability to log-odds, for `0 < p < 1`.
#[must_use]
pub fn logit(p: f64) -> f64 {
    libm::log(p / (1.0 - p))
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
        for i in 1..400_000 {
            let x = f64::from(i) * 0.0037;
            let (own, other) = (ln_gamma(x), libm::lgamma(x));
            assert!((own - other).abs() < 1e-12 * other.abs().max(1.0), "{x}: {own} {other}");
        }
    }

    #[test]
    fn the_exponential_is_exact_to_fourteen_digits() {
        for i in -70_000..=70_000 {
            let x = f64::from(i) * 0.01;
            let (own, other) = (exp(x), libm::exp(x));
            assert!((own - other).abs() <= 1e-13 * other, "e^{x}: {own} {other}");
        }
        assert!(exp(0.0) == 1.0 && exp(-1e9) < 1e-300);
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
