//! The people that are called, ready for use: their carriers, what their networks answer, how they report.

use intake::disposition::{Signals, classify};
use model::{CarrierId, Outcome, TelephoneNumber};
use reputation::engines::Directory;

use crate::random::mix;
use crate::scenario::{LabelEffect, People};

/// How finely market shares are told apart.
const SHARES: usize = 2048;
/// The standard normal value below which the share `p` of values lies, by [`normal_quantile`], at 24 hours.
const DAY_H: f64 = 24.0;

/// What a network answers at the end of a call.
#[derive(Clone, Copy)]
pub(crate) struct Ending {
    pub(crate) sip_code: Option<u16>,
    pub(crate) q850: Option<u8>,
    pub(crate) outcome: Outcome,
}

/// The endings that the simulator writes.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Answered,
    NoAnswer,
    Absent,
    Busy,
    Declined,
    Cancelled,
    Unallocated,
    NumberChanged,
    NotFound,
    NoCircuit,
    NetworkDown,
    Failed,
}

/// By [`End`]: the SIP status (0 for none) and the Q.850 cause (0 for none).
const CODES: [(u16, u8); 12] = [
    (200, 16),
    (480, 19),
    (480, 20),
    (486, 17),
    (603, 21),
    (487, 16),
    (404, 1),
    (410, 22),
    (404, 0),
    (503, 34),
    (503, 38),
    (0, 31),
];

/// The people that are called.
pub(crate) struct Society {
    pub(crate) people: People,
    /// The place of the carrier plus one, by equal shares of people; 0 is no carrier listed.
    carriers: Vec<u8>,
    endings: Vec<Ending>,
    pub(crate) report_spread: f64,
}

impl Society {
    /// Prepares people. `Err` holds a carrier that the directory does not know.
    pub(crate) fn new(people: &People, directory: &Directory) -> Result<Self, String> {
        let mut carriers = vec![0u8; SHARES];
        let (mut sum, mut from) = (0.0, 0);
        for (key, share) in &people.carriers {
            let place = directory.carriers.iter().position(|carrier| carrier.key == *key).ok_or_else(|| key.clone())?;
            sum += share;
            let to = ((sum * SHARES as f64 + 0.5) as usize).min(SHARES);
            if let Some(part) = carriers.get_mut(from..to) {
                part.fill(place as u8 + 1);
            }
            from = to;
        }
        let endings = CODES.iter().map(|(sip, cause)| ending(*sip, *cause)).collect();
        let report_spread =
            libm::log(DAY_H / people.report_delay.median_h) / normal_quantile(people.report_delay.within_24h);
        Ok(Self { people: people.clone(), carriers, endings, report_spread })
    }

    /// The carrier that serves a number; `None` when nobody listed does.
    #[inline]
    pub(crate) fn carrier(&self, tn: TelephoneNumber) -> Option<CarrierId> {
        let place = mix(tn.digits()) >> (64 - SHARES.trailing_zeros());
        self.carriers.get(place as usize).and_then(|carrier| carrier.checked_sub(1)).map(CarrierId)
    }

    /// What the network answers.
    #[inline]
    pub(crate) fn ending(&self, end: End) -> Ending {
        let unknown = Ending { sip_code: None, q850: None, outcome: UNKNOWN };
        self.endings.get(end as usize).copied().unwrap_or(unknown)
    }

    pub(crate) const fn label_effect(&self) -> LabelEffect {
        self.people.label_effect
    }
}

const UNKNOWN: Outcome = Outcome::new(model::CallOutcome::Failed, model::Strength::Weak);

/// The outcome is the one that a reader of the record derives from its codes.
fn ending(sip: u16, cause: u8) -> Ending {
    let sip_code = (sip != 0).then_some(sip);
    let q850 = (cause != 0).then_some(cause);
    let answered = sip == 200;
    let signals =
        Signals { sip_code, q850: q850.map(u16::from), answered: answered.then_some(true), ..Signals::default() };
    Ending { sip_code, q850, outcome: classify(&signals).outcome }
}

/// The standard normal quantile, by bisection: it is asked once a run.
fn normal_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-10.0, 10.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if 0.5 * libm::erfc(-middle / std::f64::consts::SQRT_2) < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::CallOutcome;

    #[test]
    fn codes_mean_what_they_are_written_for() {
        let shipped = crate::Scenario::shipped().expect("holds");
        let directory = Directory::parse("engines.toml", Directory::SHIPPED).expect("holds");
        let society = Society::new(&shipped.people, &directory).expect("known carriers");
        for (end, expect) in [
            (End::Answered, CallOutcome::Answered),
            (End::NoAnswer, CallOutcome::NoAnswer),
            (End::Absent, CallOutcome::NoAnswer),
            (End::Busy, CallOutcome::Busy),
            (End::Declined, CallOutcome::Declined),
            (End::Cancelled, CallOutcome::Cancelled),
            (End::Unallocated, CallOutcome::Invalid),
            (End::NumberChanged, CallOutcome::Invalid),
            (End::NotFound, CallOutcome::Invalid),
            (End::NoCircuit, CallOutcome::Unreachable),
            (End::NetworkDown, CallOutcome::Unreachable),
            (End::Failed, CallOutcome::Failed),
        ] {
            assert_eq!(society.ending(end).outcome.class, expect);
        }
        assert_eq!(society.ending(End::NotFound).outcome.strength, model::Strength::Medium);
        assert_eq!(society.ending(End::Unallocated).outcome.strength, model::Strength::Strong);
        assert!((society.report_spread - 2.53).abs() < 0.02, "{}", society.report_spread);
        let served = (0..100_000u64)
            .filter_map(|n| TelephoneNumber::from_digits(12_125_550_000 + n * 7))
            .filter(|tn| society.carrier(*tn).is_some_and(|carrier| carrier.0 == 2))
            .count();
        assert!((26_000..28_000).contains(&served), "Verizon serves 27 %: {served}");
    }
}
