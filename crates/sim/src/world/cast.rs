//! Making the number at a place: who it is, how it behaves and when, and what the adversary does with it.

use model::{ReportCategory, Timestamp};

use crate::act::{Act, DAY_MS, Later};
use crate::number::{Bombing, ClassId, Number, NumberTruth};
use crate::random::{Random, derive};
use crate::scenario::adversary::{Bombing as BombingPlan, LockIn};
use crate::scenario::{Adversary, SpoofedBy};

use super::World;

/// Numbers that call less a day than this do not have bad habits that anybody would notice.
const LEAST_CALLS_FOR_HABITS: f32 = 5.0;

pub(super) fn cast(world: &World, index: u64) -> Number {
    let seat = world.plan.seat(index);
    let tn = world.plan.tn(&world.numbering, seat);
    let key = derive(derive(world.options.seed, 3), index);
    let mut random = Random::new(derive(key, 1));
    let class = &world.populations.at(seat.class).class;
    let registered = random.chance(class.registered);
    let attested = random.chance(class.attested) && registered;
    let life_ms = class.life_d.map(|life| {
        let days = random.log_normal(life.median, life.spread).min(life.max);
        ((days * DAY_MS as f64) as i64).max(1)
    });
    let (from_ms, to_ms) = life(world, life_ms, &mut random);
    let first = Act::new(world, derive(key, 11), tn, seat.class, [from_ms, to_ms]);
    let truth = NumberTruth {
        tn,
        class: ClassId(seat.class),
        unwanted: class.unwanted,
        registered,
        attacked: false,
        alive_from: clamp(world, from_ms),
        alive_to: clamp(world, to_ms),
    };
    let mut number = Number { truth, attested, key, index, first, second: None, bombing: None, owner_reports_ms: None };
    if let Some(by) = &class.spoofed_by {
        spoof(world, &mut number, by, 1.0);
    }
    if let Some((adversary, strength)) = world.options.adversary {
        attack(world, &mut number, adversary, strength);
    }
    number
}

/// A span of life. Numbers come and go evenly, so at any moment as many are in use.
fn life(world: &World, life_ms: Option<i64>, random: &mut Random) -> (i64, i64) {
    let Some(life_ms) = life_ms else {
        return (world.from_ms, world.to_ms);
    };
    let span_ms = world.to_ms - world.from_ms + life_ms;
    let from_ms = world.from_ms - life_ms + (span_ms as f64 * random.unit()) as i64;
    (from_ms, from_ms + life_ms)
}

fn clamp(world: &World, ms: i64) -> Timestamp {
    Timestamp::EPOCH.saturating_add_ms(ms.clamp(world.from_ms, world.to_ms))
}

/// Chooses whom the adversary uses or aims at, and lets it act on them. At strength 0 it chooses and does nothing, so that the same
/// numbers can be watched without it.
fn attack(world: &World, number: &mut Number, adversary: Adversary, strength: f64) {
    let mut random = Random::new(derive(number.key, 51));
    number.truth.attacked = is_chosen(world, number, adversary, &mut random);
    if !number.truth.attacked || strength <= 0.0 {
        return;
    }
    let full = &world.scenario.adversary;
    match adversary {
        // These change populations, not single numbers.
        Adversary::NumberRotation
        | Adversary::Padding
        | Adversary::CleanLists
        | Adversary::CleanPadding
        | Adversary::Redial
        | Adversary::LowAndSlow => {}
        Adversary::ComplaintBombing => {
            bomb(world, number, &full.complaint_bombing, [strength, random.unit()], ReportCategory::Unwanted);
        }
        Adversary::PraiseBombing => {
            bomb(world, number, &full.praise_bombing, [strength, random.unit()], ReportCategory::NotSpam);
        }
        Adversary::FriendlyRing => ring(world, number, strength),
        Adversary::AgeThenBurst => age(world, number, strength),
        Adversary::SpoofInnocent => spoof(world, number, &full.spoof_innocent.by, strength),
        Adversary::Drift => drift(world, number, strength),
        Adversary::LockIn => lock_in(world, number, &full.lock_in, strength),
    }
}

/// The adversary uses the number or aims at it.
fn is_chosen(world: &World, number: &Number, adversary: Adversary, random: &mut Random) -> bool {
    let full = &world.scenario.adversary;
    let unwanted = number.truth.unwanted;
    // A legitimate number that others show has a second way of calling already.
    let plain = !unwanted && number.second.is_none();
    match adversary {
        Adversary::NumberRotation
        | Adversary::Padding
        | Adversary::CleanLists
        | Adversary::CleanPadding
        | Adversary::Redial
        | Adversary::LowAndSlow
        | Adversary::FriendlyRing
        | Adversary::AgeThenBurst => unwanted,
        Adversary::ComplaintBombing => !unwanted && random.chance(full.complaint_bombing.targets),
        Adversary::PraiseBombing => unwanted && random.chance(full.praise_bombing.targets),
        Adversary::SpoofInnocent => plain && random.chance(full.spoof_innocent.targets),
        Adversary::Drift => plain,
        Adversary::LockIn => {
            let enough = number.first.rates.per_day >= LEAST_CALLS_FOR_HABITS;
            plain && enough && random.chance(full.lock_in.targets)
        }
    }
}

fn bomb(world: &World, number: &mut Number, plan: &BombingPlan, draws: [f64; 2], category: ReportCategory) {
    let [strength, when] = draws;
    // The reports come within a day that lies in the run and in the number's life.
    let last_ms = (number.first.to_ms.min(world.to_ms) - DAY_MS).max(number.first.from_ms.max(world.from_ms));
    let first_ms = number.first.from_ms.max(world.from_ms);
    number.bombing = Some(Bombing {
        from_ms: first_ms + ((last_ms - first_ms) as f64 * when) as i64,
        accounts: (f64::from(plan.accounts) * strength + 0.5) as u32,
        account_age_d: plan.account_age_d,
        networks: plan.networks,
        category,
    });
}

/// The place of a population that a checked scenario names.
fn class_place(world: &World, name: &str) -> u16 {
    world.names.iter().position(|known| &**known == name).unwrap_or(0) as u16
}

/// Others show the number for a while.
fn spoof(world: &World, number: &mut Number, by: &SpoofedBy, strength: f64) {
    let mut random = Random::new(derive(number.key, 52));
    let life_ms = (random.log_normal(by.life_d, 0.4) * DAY_MS as f64) as i64;
    let (from_ms, to_ms) = life(world, Some(life_ms), &mut random);
    let key = derive(number.key, 12);
    let mut act = Act::new(world, key, number.truth.tn, class_place(world, &by.class), [from_ms, to_ms]);
    act.rates.per_day *= strength as f32;
    number.second = Some(Box::new(act));
    // The owner hears of it from people who call back or complain.
    let heard_ms = from_ms.max(world.from_ms) + (random.log_normal(12.0, 1.0) * 3_600_000.0) as i64;
    number.owner_reports_ms = random.chance(by.owner_reports).then_some(heard_ms);
}

/// Friends are called beside the others, pick up and talk.
fn ring(world: &World, number: &mut Number, strength: f64) {
    let plan = &world.scenario.adversary.friendly_ring;
    let span = [number.first.from_ms, number.first.to_ms];
    let key = derive(number.key, 12);
    let mut act = Act::new(world, key, number.truth.tn, class_place(world, &plan.class), span);
    act.rates.per_day = number.first.rates.per_day * (plan.calls_per_call * strength) as f32;
    act.rates.answered = plan.answered as f32;
    act.rates.known_lift = 1.0;
    act.rates.repeat = 1.0;
    act.rates.contacts = plan.friends;
    act.rates.invalid = 0.0;
    act.rates.complaints = 0.0;
    number.second = Some(Box::new(act));
}

/// A small firm's behaviour first, then the number's own. Life and age together come and go evenly, as lives do.
fn age(world: &World, number: &mut Number, strength: f64) {
    let plan = &world.scenario.adversary.age_then_burst;
    let age_ms = (plan.age_d * strength * DAY_MS as f64) as i64;
    let life_ms = number.first.to_ms - number.first.from_ms;
    let mut random = Random::new(derive(number.key, 53));
    let (from_ms, to_ms) = life(world, Some(life_ms + age_ms), &mut random);
    let key = derive(number.key, 12);
    let aged = Act::new(world, key, number.truth.tn, class_place(world, &plan.class), [from_ms, from_ms + age_ms]);
    (number.first.from_ms, number.first.to_ms) = (from_ms + age_ms, to_ms);
    number.second = Some(Box::new(aged));
    number.truth.alive_from = clamp(world, from_ms);
    number.truth.alive_to = clamp(world, to_ms);
}

/// People answer less and hang up more from a moment on.
fn drift(world: &World, number: &mut Number, strength: f64) {
    let plan = &world.scenario.adversary.drift;
    let mut random = Random::new(derive(number.key, 54));
    let when_ms = world.from_ms + (plan.after_d * random.unit() * DAY_MS as f64) as i64;
    number.first.later = Some(Box::new(Later {
        from_ms: when_ms,
        answered: (1.0 - plan.answered * strength) as f32,
        short: (1.0 + plan.short * strength) as f32,
    }));
}

/// A caller behaves badly at first, and then as its population does.
fn lock_in(world: &World, number: &mut Number, plan: &LockIn, strength: f64) {
    let until_ms = world.from_ms + (plan.bad_d * DAY_MS as f64) as i64;
    let key = derive(number.key, 12);
    let model = Act::new(world, key, number.truth.tn, class_place(world, &plan.class), [0, 1]);
    let mut bad = number.first.clone().rekeyed(derive(key, 1));
    bad.to_ms = until_ms;
    let way = |from: f32, to: f32| from + (to - from) * strength as f32;
    bad.rates.answered = way(bad.rates.answered, model.rates.answered);
    bad.rates.short = way(bad.rates.short, model.rates.short);
    bad.rates.invalid = way(bad.rates.invalid, model.rates.invalid);
    bad.rates.repeat = way(bad.rates.repeat, model.rates.repeat);
    bad.rates.complaints = way(bad.rates.complaints, model.rates.complaints);
    number.first.from_ms = until_ms;
    number.second = Some(Box::new(bad));
}
