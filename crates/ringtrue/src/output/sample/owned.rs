//! A number with everything that only its owner sees.

use model::CarrierId;
use reputation::advice::{Advice, AdviceCode, AdviceState, InvalidDestination, Why};
use reputation::symptom::{BreakTest, CarrierBlocks, Rate, Redress, Siblings, Symptom, SymptomCode};
use service::number::ScoredNumber;

use super::{MIDNIGHT_MS, at, three_engines, tn};

const DAY_MS: i64 = 86_400_000;

/// The first of [`three_engines`], with symptoms and advice.
pub(in crate::output) fn owned() -> ScoredNumber {
    let mut number = three_engines().remove(0);
    number.symptoms = vec![blocked(), broken_rate()];
    number.advice = AdviceCode::ALL.into_iter().map(advice).collect();
    number
}

fn blocked() -> Symptom {
    let first_seen = at(MIDNIGHT_MS - 7 * DAY_MS);
    Symptom {
        code: SymptomCode::BlockedByAnalytics,
        value: 0.03,
        count: 12,
        sample: 400,
        first_seen,
        last_seen: at(MIDNIGHT_MS - DAY_MS),
        carrier: Some(CarrierId(0)),
        by_carrier: vec![CarrierBlocks { carrier: Some(CarrierId(0)), count: 12, sample: 210, first_seen }],
        redress: vec![Redress { address: "https://redress.example.com/calls".to_owned(), count: 12, first_seen }],
        test: None,
    }
}

fn broken_rate() -> Symptom {
    let rate = |answered, answerable| Rate { answered, answerable };
    Symptom {
        code: SymptomCode::AnswerRateBreak,
        value: 0.18,
        count: 36,
        sample: 200,
        first_seen: at(MIDNIGHT_MS - 5 * DAY_MS),
        last_seen: at(MIDNIGHT_MS - DAY_MS),
        carrier: Some(CarrierId(2)),
        by_carrier: Vec::new(),
        redress: Vec::new(),
        test: Some(BreakTest {
            before: rate(265, 500),
            after: rate(36, 200),
            statistic: 71.3,
            p: 3.17e-15,
            siblings: Siblings::Hold { before: rate(250, 500), after: rate(104, 200) },
        }),
    }
}

/// Some rules broken, one near, some met, some not applied or not known.
fn advice(code: AdviceCode) -> Advice {
    let (state, value, target, sample) = match code {
        AdviceCode::ShortCallShare => (AdviceState::Broken, Some(0.62), 0.10, 100.0),
        AdviceCode::InvalidDestinations => (AdviceState::Broken, Some(0.1406), 0.05, 64.0),
        AdviceCode::CallsPerDay => (AdviceState::Near, Some(115.0), 75.0, 400.0),
        AdviceCode::RingTime | AdviceCode::OutOfHours => (AdviceState::Unknown(Why::NotShown), None, 0.5, 0.0),
        AdviceCode::CallerIdRotation => (AdviceState::Unknown(Why::Few), None, 0.05, 3.0),
        AdviceCode::VolumeSpike => (AdviceState::Off, None, 3.0, 0.0),
        AdviceCode::RepeatCalls
        | AdviceCode::CallsPerHour
        | AdviceCode::Abandoned
        | AdviceCode::NeighbourPattern
        | AdviceCode::MixedPurposes
        | AdviceCode::MissingRegistration
        | AdviceCode::Attestation => (AdviceState::Met, Some(0.0), 0.05, 64.0),
    };
    let numbers = if code == AdviceCode::InvalidDestinations { invalid() } else { Vec::new() };
    Advice { code, state, value, target, sample, usual: None, of_totals: false, numbers }
}

fn invalid() -> Vec<InvalidDestination> {
    (0..13)
        .map(|nth| InvalidDestination {
            tn: tn(60 + nth),
            last_seen: at(MIDNIGHT_MS - i64::try_from(nth).expect("few") * DAY_MS),
            strong: nth < 9,
            calls: 1 + u32::try_from(nth % 3).expect("few"),
        })
        .collect()
}
