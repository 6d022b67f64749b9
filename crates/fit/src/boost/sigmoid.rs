//! The logistic function, quick enough for hundreds of millions of rows.

/// `1 / (1 + e^−x)` in single precision, relative error below 1e-6.
///
/// Own, because a fit spends most of its time here: only additions, multiplications and one division, which the compiler does
/// several rows at a time, and whose bits are the same on every machine.
#[inline]
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// `e^x` for |x| up to 80, beyond which it is held.
#[inline]
fn exp(x: f32) -> f32 {
    /// Adding and taking away 1.5·2²³ rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-80.0, 80.0);
    let whole = x * std::f32::consts::LOG2_E + ROUND - ROUND;
    // ln 2 in two parts, so that the rest keeps its digits.
    let rest = x - whole * 0.693_145_75 - whole * 1.428_606_8e-6;
    let series = 1.0
        + rest
            * (1.0
                + rest
                    * (0.5 + rest * (1.0 / 6.0 + rest * (1.0 / 24.0 + rest * (1.0 / 120.0 + rest * (1.0 / 720.0))))));
    let power = f32::from_bits(((whole as i32 + 127) << 23) as u32);
    series * power
}

#[cfg(test)]
mod tests {
    use super::sigmoid;

    #[test]
    fn it_is_the_logistic_function() {
        for step in -2000..=2000 {
            let x = step as f32 * 0.02;
            let (own, exact) = (f64::from(sigmoid(x)), 1.0 / (1.0 + libm::exp(-f64::from(x))));
            assert!((own - exact).abs() < 1e-6 * exact, "{x}: {own} {exact}");
        }
        assert!(sigmoid(1e9) == 1.0 && sigmoid(-1e9) < 1e-30 && sigmoid(-1e9) > 0.0);
    }
}
