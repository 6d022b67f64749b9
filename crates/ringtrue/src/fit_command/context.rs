//! What is learned beside behaviour, once behaviour is: how much block and attestation count, and what the sum of everything means.
//!
//! Everything else that the score adds up counts here as the policy says: reports, registration, what speaks for a caller of few
//! destinations, the most that a family may say.

use fit::cross::rows_of;
use fit::metrics::{Metrics, Ranking, Scored};
use fit::table::Part;
use fit::weigh::{Beside, calibration};
use reputation::assess::{ReasonCode, assess};
use reputation::evidence::attestation_nats;
use reputation::facts::Sums;
use reputation::numeric::{ln, logistic, logit};
use reputation::policy::{AttestationPolicy, Policy};

use super::behaviour::Row;

/// The most nats that a learned attestation says. Chosen: as much as the shipped policy lets a block say.
const ATTESTATION_NATS_MAX: f64 = 2.5;

/// What was learned beside behaviour.
pub(super) struct Context {
    /// The weight of the block's evidence, 0 to 1; `None` where no number had neighbours.
    pub(super) block_weight: Option<f64>,
    /// What attestation says; `None` where no call tells it, or one class has none.
    pub(super) attestation: Option<AttestationPolicy>,
    /// `alpha` and `beta` under the policy's own prior.
    pub(super) calibration: [f64; 2],
    /// How good the sum of everything is on the part test; `None` where that has no rows.
    pub(super) measured: Option<Metrics>,
    /// What all of it says of each row: the probability that the number is unwanted, at this traffic's share of unwanted numbers.
    pub(super) probabilities: Vec<f64>,
}

/// Learns what block and attestation say under a policy that has learned behaviour already; `rows` hold the block's evidence under
/// this policy.
pub(super) fn learn(rows: &[Row], parts: &[Part], policy: &Policy) -> Context {
    let train = rows_of(parts, Part::Train);
    let attestation = attestation(train.iter().filter_map(|row| rows.get(*row)));
    let rest: Vec<f64> = rows.iter().map(|row| without_context(policy, row)).collect();
    let block: Vec<f64> = rows.iter().map(|row| row.inputs.block_nats).collect();
    let signed: Vec<f64> = rows
        .iter()
        .map(|row| attestation.as_ref().map_or(0.0, |values| attestation_nats(values, &row.inputs.sums)))
        .collect();
    let positive: Vec<bool> = rows.iter().map(|row| row.unwanted).collect();
    // Weights are those of nats, so everything is brought to the scale on which the rest is calibrated.
    let beta = policy.calibration.beta;
    let [odds, block_odds, signed_odds] =
        [&rest, &block, &signed].map(|nats| nats.iter().map(|nats| beta * nats).collect::<Vec<f64>>());
    let beside = Beside { odds: &odds, further: &[&block_odds, &signed_odds], positive: &positive };
    let [block_weight, signed_weight] = beside.weights(&train)[..] else {
        return Context {
            block_weight: None,
            attestation: None,
            calibration: [0.0, 1.0],
            measured: None,
            probabilities: Vec::new(),
        };
    };
    let total: Vec<f64> = rest
        .iter()
        .zip(block.iter().zip(&signed))
        .map(|(rest, (block, signed))| rest + block_weight * block + signed_weight * signed)
        .collect();
    let calibrated = Calibrated::on(&total, rows, parts);
    Context {
        block_weight: block.iter().any(|nats| *nats != 0.0).then_some(block_weight),
        attestation: attestation.map(|values| AttestationPolicy { weight: signed_weight, ..values }),
        calibration: calibrated.under(policy.prior_log_odds()),
        measured: calibrated.measure(&total, rows, parts),
        probabilities: total.iter().map(|nats| calibrated.probability(*nats)).collect(),
    }
}

/// The calibration of a policy's evidence without block and attestation, under its own prior.
pub(super) fn calibrate(rows: &[Row], parts: &[Part], policy: &Policy) -> [f64; 2] {
    let rest: Vec<f64> = rows.iter().map(|row| without_context(policy, row)).collect();
    Calibrated::on(&rest, rows, parts).under(policy.prior_log_odds())
}

/// Everything that the score adds up for a number but prior, block and attestation, in nats.
fn without_context(policy: &Policy, row: &Row) -> f64 {
    let found = assess(policy, 0.0, &row.inputs);
    let is_context = |code: &ReasonCode| matches!(code, ReasonCode::Block | ReasonCode::Attestation);
    ReasonCode::ALL.into_iter().filter(|code| !is_context(code)).map(|code| found.nats_of(code)).sum()
}

/// What evidence means on the part validation.
struct Calibrated {
    alpha: f64,
    beta: f64,
    /// The share of unwanted numbers there.
    share: f64,
}

impl Calibrated {
    fn on(nats: &[f64], rows: &[Row], parts: &[Part]) -> Self {
        let chosen = rows_of(parts, Part::Validation);
        let told = |row: &usize| Some((*nats.get(*row)?, rows.get(*row)?.unwanted));
        let told: Vec<(f64, bool)> = chosen.iter().filter_map(told).collect();
        let unwanted = told.iter().filter(|(_, unwanted)| *unwanted).count() as f64;
        let share = (unwanted + 0.5) / (told.len() as f64 + 1.0);
        let [alpha, beta] = calibration(told.into_iter());
        Self { alpha, beta, share }
    }

    /// `alpha` and `beta` for log-odds that begin with a prior's. What the share of unwanted numbers here explains is taken off, and
    /// the prior put in its place.
    fn under(&self, prior: f64) -> [f64; 2] {
        [self.alpha - logit(self.share) + (1.0 - self.beta) * prior, self.beta]
    }

    /// What so many nats mean at this traffic's share of unwanted numbers.
    fn probability(&self, nats: f64) -> f64 {
        logistic(self.alpha + self.beta * nats)
    }

    /// Measures the part test, at this traffic's share of unwanted numbers; the threshold is the best one of the part validation.
    fn measure(&self, nats: &[f64], rows: &[Row], parts: &[Part]) -> Option<Metrics> {
        let scored = |part: Part| -> Vec<Scored> {
            let of = |row: usize| {
                let p = self.probability(*nats.get(row)?);
                Some(Scored { p, positive: rows.get(row)?.unwanted })
            };
            rows_of(parts, part).into_iter().filter_map(of).collect()
        };
        let threshold = Ranking::of(&scored(Part::Validation)).best_threshold().unwrap_or(0.5);
        let test = scored(Part::Test);
        (!test.is_empty()).then(|| Metrics::of(&test, threshold))
    }
}

/// What each attestation says: the logarithm of its share among the calls of unwanted callers over that among those of wanted ones,
/// each caller counting as one. Registered callers are left out: being registered is evidence of its own, and they sign in full.
fn attestation<'a>(rows: impl Iterator<Item = &'a Row>) -> Option<AttestationPolicy> {
    let (mut shares, mut callers) = ([[0.0; 4]; 2], [0.0; 2]);
    for row in rows.filter(|row| !row.registered) {
        let kinds = kinds(&row.inputs.sums);
        let known: f64 = kinds.iter().sum();
        let class = usize::from(row.unwanted);
        if let (true, Some(shares), Some(callers)) = (known > 0.0, shares.get_mut(class), callers.get_mut(class)) {
            *callers += 1.0;
            shares.iter_mut().zip(kinds).for_each(|(share, calls)| *share += calls / known);
        }
    }
    let ([good, bad], [wanted, unwanted]) = (shares, callers);
    if wanted == 0.0 || unwanted == 0.0 {
        return None;
    }
    // Half a caller more of each kind keeps what one class never showed from saying everything.
    let nats = |(good, bad): (f64, f64)| {
        let ratio = ln((bad + 0.5) / (unwanted + 2.0)) - ln((good + 0.5) / (wanted + 2.0));
        ratio.clamp(-ATTESTATION_NATS_MAX, ATTESTATION_NATS_MAX)
    };
    let ([good_full, good_partial, good_gateway, good_unsigned], [full, partial, gateway, unsigned]) = (good, bad);
    Some(AttestationPolicy {
        weight: 1.0,
        full: nats((good_full, full)),
        partial: nats((good_partial, partial)),
        gateway: nats((good_gateway, gateway)),
        unsigned: nats((good_unsigned, unsigned)),
    })
}

/// Decayed attempts by attestation: A, B, C and none.
pub(super) const fn kinds(sums: &Sums) -> [f64; 4] {
    [sums.full(), sums.partial(), sums.gateway(), sums.unsigned()]
}

#[cfg(test)]
mod tests;
