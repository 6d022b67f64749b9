//! What an adversary makes of the populations, where it changes how a whole population calls.

use crate::scenario::{Adversary, Class, Scenario};

/// Below this count an operator does not fill a block.
const LEAST_PER_BLOCK: u32 = 5;

/// The scenario as the adversary plays it.
pub(super) fn twist(scenario: &Scenario, adversary: Option<(Adversary, f64)>) -> Scenario {
    let mut twisted = scenario.clone();
    if let Some((adversary, strength)) = adversary {
        for class in twisted.class.values_mut().filter(|class| class.unwanted) {
            of_class(class, scenario, adversary, strength);
        }
    }
    twisted
}

fn of_class(class: &mut Class, scenario: &Scenario, adversary: Adversary, strength: f64) {
    let full = &scenario.adversary;
    match adversary {
        Adversary::NumberRotation => {
            let rotation = &full.number_rotation;
            slow(class, rotation.calls_per_day, rotation.life_d, strength);
            let per_block = (f64::from(rotation.per_block) * strength + 0.5) as u32;
            if class.per_block.is_none() && per_block >= LEAST_PER_BLOCK {
                class.per_block = Some(per_block);
            }
        }
        Adversary::Padding => pad(class, scenario, strength),
        Adversary::CleanLists => clean(class, scenario, strength),
        Adversary::CleanPadding => {
            pad(class, scenario, strength);
            clean(class, scenario, strength);
        }
        Adversary::Redial => class.redial = class.redial.max(full.redial.redial * strength),
        Adversary::LowAndSlow => {
            slow(class, full.low_and_slow.calls_per_day, full.low_and_slow.life_d, strength);
        }
        // These change single numbers, not populations.
        Adversary::ComplaintBombing
        | Adversary::PraiseBombing
        | Adversary::FriendlyRing
        | Adversary::AgeThenBurst
        | Adversary::SpoofInnocent
        | Adversary::Drift
        | Adversary::LockIn => {}
    }
}

fn pad(class: &mut Class, scenario: &Scenario, strength: f64) {
    class.padded = class.padded.max(scenario.adversary.padding.padded * strength);
}

fn clean(class: &mut Class, scenario: &Scenario, strength: f64) {
    let least = scenario.adversary.clean_lists.invalid.min(class.invalid.mean);
    class.invalid.mean = between(class.invalid.mean, least, strength);
    // As the mean falls, callers of clean lists are no more unlike each other than before.
    class.invalid.n = between(class.invalid.n, class.invalid.n.max(120.0), strength);
}

/// Goes part of the way to fewer calls a day and another life, on the scale of logarithms.
fn slow(class: &mut Class, calls_per_day: f64, life_d: f64, strength: f64) {
    let geometric = |from: f64, to: f64| from * libm::pow(to / from, strength);
    if calls_per_day < class.calls_per_day.median {
        class.calls_per_day.median = geometric(class.calls_per_day.median, calls_per_day);
        class.calls_per_day.spread *= 1.0 - strength / 2.0;
    }
    if let Some(life) = &mut class.life_d {
        life.median = geometric(life.median, life_d);
        life.max = life.max.max(life.median * 2.0);
    }
}

fn between(from: f64, to: f64, strength: f64) -> f64 {
    from + (to - from) * strength
}
