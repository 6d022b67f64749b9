//! What the shipped scenario promises of each population is found in its calls, within sampling error.

use std::collections::{BTreeMap, HashSet};

use model::{CallOutcome, Direction, Label};
use reputation::engines::Directory;
use sim::{Event, Scenario, SimCall, Stage, World, WorldOptions};

/// Counts of one number.
#[derive(Default, Clone)]
struct Counts {
    calls: u32,
    /// Calls to destinations in service, less network failures.
    reachable: u32,
    answered: u32,
    short: u32,
    first: u32,
    destinations: u32,
    invalid: u32,
    reports: u32,
}

fn world(numbers: u64, days: u32) -> World {
    let options = WorldOptions { days, numbers, seed: 11, first_day: 20_514, adversary: None };
    let directory = Directory::parse("engines.toml", Directory::SHIPPED).expect("holds");
    World::new(&Scenario::shipped().expect("holds"), &directory, options).expect("a world")
}

fn count(calls: &[SimCall], reports: u32) -> Counts {
    let mut counts = Counts { reports, ..Counts::default() };
    let mut seen = HashSet::new();
    for call in calls {
        counts.calls += 1;
        let first = seen.insert(call.dest);
        counts.first += u32::from(first);
        let invalid = call.outcome == CallOutcome::Invalid;
        counts.invalid += u32::from(first && invalid);
        counts.reachable += u32::from(!invalid);
        counts.answered += u32::from(call.outcome == CallOutcome::Answered);
        counts.short += u32::from(call.outcome == CallOutcome::Answered && call.talk_ms <= 6000);
    }
    counts.destinations = seen.len() as u32;
    counts
}

fn by_class(world: &World, limit: usize) -> BTreeMap<String, Vec<Counts>> {
    let mut classes: BTreeMap<String, Vec<Counts>> = BTreeMap::new();
    let mut stage = Stage::new();
    let mut calls = Vec::new();
    for number in world.numbers() {
        let class = classes.entry(world.class_name(number.truth().class).to_owned()).or_default();
        if class.len() >= limit {
            continue;
        }
        calls.clear();
        let mut reports = 0;
        number.play(world, &mut stage, &mut |_| Label::None, &mut |event| match event {
            Event::Call(call) if call.direction == Direction::Outbound => calls.push(call),
            Event::Call(_) => {}
            Event::Report(_) => reports += 1,
        });
        class.push(count(&calls, reports));
    }
    classes
}

/// Mean over callers with calls enough of a share, with its standard error.
fn mean(counts: &[Counts], share: impl Fn(&Counts) -> Option<f64>) -> Option<(f64, f64)> {
    let values: Vec<f64> = counts.iter().filter_map(share).collect();
    if values.len() < 20 {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0);
    Some((mean, (variance / n).sqrt()))
}

fn share(s: u32, n: u32) -> Option<f64> {
    (n >= 10).then(|| f64::from(s) / f64::from(n))
}

#[test]
fn each_population_keeps_its_rates() {
    let world = world(25_000, 6);
    let scenario = world.scenario().clone();
    for (name, counts) in by_class(&world, 250) {
        let class = &scenario.class[&name];
        // Others show these numbers, so their calls are not their own alone.
        if class.spoofed_by.is_some() {
            continue;
        }
        let check = |what: &str, found: Option<(f64, f64)>, expect: f64, slack: f64| {
            let Some((found, error)) = found else { return };
            let wide = 4.5 * error + slack;
            assert!((found - expect).abs() <= wide, "{name} {what}: {found:.4} ± {error:.4} beside {expect}");
        };
        let contacts = class.contacts.is_some();
        // 3 % network failures and the like of those not answered are not told apart here.
        check("answered", mean(&counts, |c| share(c.answered, c.reachable)), class.answered.mean, 0.012);
        let short = class.short.mean * (1.0 - class.padded);
        check("short", mean(&counts, |c| share(c.short, c.answered)), short, 0.012);
        check("invalid", mean(&counts, |c| share(c.invalid, c.destinations)), class.invalid.mean, 0.004);
        let repeat = if class.redial > 0.0 {
            class.repeat.mean + (1.0 - class.repeat.mean) / 2.0 * class.redial
        } else {
            class.repeat.mean
        };
        if !contacts {
            // The first calls of a life have nobody to repeat; a short life shows more of them.
            check(
                "repeat",
                mean(&counts, |c| (c.calls >= 40).then(|| 1.0 - f64::from(c.first) / f64::from(c.calls))),
                repeat,
                0.05,
            );
        }
        let calls: u32 = counts.iter().map(|c| c.calls).sum();
        let reports: u32 = counts.iter().map(|c| c.reports).sum();
        let expect = f64::from(calls) * class.complaints.per_call;
        // Some reports come after the run, some calls reach nobody, and callers differ much.
        assert!(f64::from(reports) <= expect * 2.0 + 8.0, "{name}: {reports} reports beside {expect:.1}");
        assert!(f64::from(reports) >= expect * 0.3 - 8.0, "{name}: {reports} reports beside {expect:.1}");
    }
}
