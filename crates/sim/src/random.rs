//! Random values that every machine, thread and version draws alike: each is a pure function of a key and a counter.

/// The odd constant of SplitMix64, near 2⁶⁴ divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalizer of SplitMix64: spreads any value over all 64 bits.
#[inline]
pub(crate) const fn mix(value: u64) -> u64 {
    let mut x = value.wrapping_add(GOLDEN);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A key of its own for `part` of what `key` stands for.
#[inline]
pub(crate) const fn derive(key: u64, part: u64) -> u64 {
    mix(key ^ part.wrapping_mul(0xd134_2543_de82_ef95))
}

/// Maps 64 random bits to [0, 1).
#[inline]
pub(crate) const fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// Maps the lower 32 bits to [0, 1).
#[inline]
pub(crate) const fn unit_low(bits: u64) -> f64 {
    (bits & 0xffff_ffff) as f64 * (1.0 / (1u64 << 32) as f64)
}

/// Maps the upper 32 bits to [0, 1).
#[inline]
pub(crate) const fn unit_high(bits: u64) -> f64 {
    (bits >> 32) as f64 * (1.0 / (1u64 << 32) as f64)
}

/// Maps a value evenly to `0..below`, by its upper bits.
#[inline]
pub(crate) const fn below(bits: u64, below: u64) -> u64 {
    ((bits as u128 * below as u128) >> 64) as u64
}

/// A stream of random values that belongs to a key.
#[derive(Clone, Debug)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// The stream of `key`.
    pub(crate) const fn new(key: u64) -> Self {
        Self { state: mix(key) }
    }

    /// The next 64 bits.
    #[inline]
    pub(crate) const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// The next value in [0, 1).
    #[inline]
    pub(crate) const fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    /// The next value in (0, 1).
    #[inline]
    const fn open_unit(&mut self) -> f64 {
        unit(self.bits()) + 0.5 / (1u64 << 53) as f64
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A value between `low` and `high`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A standard normal value (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.open_unit())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.unit())
    }

    /// A log-normal value: `median` times e to a normal value of deviation `spread`.
    pub(crate) fn log_normal(&mut self, median: f64, spread: f64) -> f64 {
        if spread == 0.0 { median } else { median * libm::exp(spread * self.normal()) }
    }

    /// A gamma value of mean `shape` (Marsaglia and Tsang 2000).
    pub(crate) fn gamma(&mut self, shape: f64) -> f64 {
        // Below 1 by the identity Γ(a) = Γ(a + 1)·U^(1/a).
        let (d, boost) = if shape < 1.0 {
            (shape + 1.0 - 1.0 / 3.0, libm::pow(self.open_unit(), 1.0 / shape))
        } else {
            (shape - 1.0 / 3.0, 1.0)
        };
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = 1.0 + c * x;
            if v <= 0.0 {
                continue;
            }
            let v = v * v * v;
            if libm::log(self.open_unit()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return d * v * boost;
            }
        }
    }

    /// A beta value of this mean; the larger `n`, the closer to it (`n` is the sum of the two parameters).
    pub(crate) fn beta(&mut self, mean: f64, n: f64) -> f64 {
        if mean <= 0.0 || mean >= 1.0 {
            return mean.clamp(0.0, 1.0);
        }
        let a = self.gamma(mean * n);
        let b = self.gamma((1.0 - mean) * n);
        if a + b > 0.0 { a / (a + b) } else { mean }
    }

    /// A count whose mean is `mean`: Poisson below 64, the nearest whole number to a normal value above.
    pub(crate) fn poisson(&mut self, mean: f64) -> u32 {
        if mean > 64.0 {
            return (mean + mean.sqrt() * self.normal() + 0.5).clamp(0.0, f64::from(u32::MAX)) as u32;
        }
        let floor = libm::exp(-mean);
        let mut product = self.open_unit();
        let mut count = 0;
        while product > floor {
            product *= self.open_unit();
            count += 1;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of 200,000 draws.
    fn moments(mut draw: impl FnMut(&mut Random) -> f64) -> (f64, f64) {
        let mut random = Random::new(42);
        let values: Vec<f64> = (0..200_000).map(|_| draw(&mut random)).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / values.len() as f64;
        (mean, variance)
    }

    fn check(found: (f64, f64), expect: (f64, f64)) {
        let near = |a: f64, b: f64| (a - b).abs() < 0.02 * b.abs().max(0.3);
        assert!(near(found.0, expect.0) && near(found.1, expect.1), "{found:?} beside {expect:?}");
    }

    #[test]
    fn draws_have_their_moments() {
        check(moments(Random::normal), (0.0, 1.0));
        check(moments(|r| r.gamma(0.5)), (0.5, 0.5));
        check(moments(|r| r.gamma(4.0)), (4.0, 4.0));
        check(moments(|r| r.beta(0.2, 10.0)), (0.2, 0.2 * 0.8 / 11.0));
        check(moments(|r| f64::from(r.poisson(3.0))), (3.0, 3.0));
        check(moments(|r| f64::from(r.poisson(400.0))), (400.0, 400.0));
        check(moments(Random::unit), (0.5, 1.0 / 12.0));
    }

    #[test]
    fn keys_part_ways() {
        assert_ne!(derive(1, 2), derive(2, 1));
        assert_ne!(Random::new(1).bits(), Random::new(2).bits());
        assert!(below(u64::MAX, 10) == 9 && below(0, 10) == 0);
    }
}
