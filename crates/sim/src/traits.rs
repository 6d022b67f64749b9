//! What the callers of one population share, ready for use call by call.

use crate::scenario::{CallBack, Class};

/// How many quantiles of a distribution of talk times are kept.
const QUANTILES: usize = 1024;

/// A population, prepared.
pub(crate) struct Traits {
    pub(crate) class: Class,
    /// The place of its rhythm.
    pub(crate) rhythm: u16,
    /// Upper ends of the shares of attestation A, B and C; what is above is unsigned.
    pub(crate) attestation: [f64; 3],
    pub(crate) back: CallBack,
    /// Multiples of the median talk time.
    quantiles: Vec<f32>,
}

/// All populations of a world. There is at least one.
pub(crate) struct Populations {
    first: Traits,
    others: Vec<Traits>,
}

impl Populations {
    /// `None` of none.
    pub(crate) fn new(traits: impl IntoIterator<Item = Traits>) -> Option<Self> {
        let mut traits = traits.into_iter();
        Some(Self { first: traits.next()?, others: traits.collect() })
    }

    /// The population at a place; places are only made from names that a checked scenario has.
    #[inline]
    pub(crate) fn at(&self, place: u16) -> &Traits {
        let other = usize::from(place).checked_sub(1).and_then(|place| self.others.get(place));
        other.unwrap_or(&self.first)
    }
}

impl Traits {
    pub(crate) fn new(class: Class, rhythm: u16) -> Self {
        let [a, b, c, none] = class.attestation;
        let total = (a + b + c + none).max(f64::MIN_POSITIVE);
        let quantile = |place: usize| {
            let u = (place as f64 + 0.5) / QUANTILES as f64;
            libm::pow(u / (1.0 - u), 1.0 / class.talk_shape) as f32
        };
        Self {
            rhythm,
            attestation: [a / total, (a + b) / total, (a + b + c) / total],
            back: class.call_back.unwrap_or(CallBack { share: 0.0, answered: 0.0, talk_s: 1.0 }),
            quantiles: (0..QUANTILES).map(quantile).collect(),
            class,
        }
    }

    /// The share of log-logistic talk times of this median that end before `ms`.
    pub(crate) fn share_before(&self, median_ms: f64, ms: f64) -> f64 {
        1.0 / (1.0 + libm::pow(ms / median_ms, -self.class.talk_shape))
    }

    /// The quantile `u` of the multiples of the median.
    #[inline]
    pub(crate) fn quantile(&self, u: f64) -> f64 {
        let at = u * QUANTILES as f64 - 0.5;
        let place = (at.max(0.0) as usize).min(QUANTILES - 2);
        let (Some(low), Some(high)) = (self.quantiles.get(place), self.quantiles.get(place + 1)) else {
            return 1.0;
        };
        let into = (at - place as f64).clamp(0.0, 1.0);
        f64::from(*low) + f64::from(high - low) * into
    }
}
