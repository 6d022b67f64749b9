//! Seeded lives of the whole service: the real fold on segment files and snapshots of a disk that fails. Bodies with repeats and in
//! any order, calls of the far past and future, a clock that jumps, writes that fail, crashes. Each checker looks at one thing.

use std::collections::BTreeMap;

use model::{Label, TelephoneNumber};
use service::TenantId;
use service::fold::Scope;
use store::files::{Fault, SimulatedDisk};
use store::{Event, Payload, Position};

use crate::common::{Dice, policy};
use crate::real::{LOG, Real, call, calls, small, tn};
use crate::rig::{START_S, kind};

const DAY_MS: i64 = 86_400_000;
const NUMBERS: u64 = 2;

/// How often each call is there, by start and caller.
type Counted = BTreeMap<(i64, u64), u32>;

/// What a life leaves.
struct Left {
    events: Vec<(Position, Event)>,
    answers: Vec<String>,
    /// Calls that were acknowledged.
    acknowledged: Counted,
    crashes: u32,
    disk: SimulatedDisk,
    clock: service::HandClock,
}

/// Lives through what follows from a seed.
fn live(seed: u64) -> Left {
    let mut dice = Dice(seed);
    let mut rig = Real::new(small());
    let (mut acknowledged, mut told, mut crashes) = (BTreeMap::new(), Vec::<String>::new(), 0);
    let mut now_ms = START_S * 1000;
    rig.pass_ms(0);
    for at in 0..50 {
        match dice.next() % 12 {
            0..6 => {
                let (body, new) = body(&mut dice, at, now_ms, &mut told);
                let mut tries = 0;
                while let Err(error) = rig.send(&body) {
                    assert_eq!(kind(&error), "failed");
                    tries += 1;
                    assert!(tries < 9, "a disk that works takes what is sent");
                    // Either the log is opened again in time, or the process dies.
                    if dice.next().is_multiple_of(2) {
                        rig.pass_ms(70_000);
                        now_ms += 70_000;
                    } else {
                        rig = crash(rig, &mut dice);
                        crashes += 1;
                    }
                }
                acknowledged.extend(new);
                rig.service.settle();
            }
            6..9 => {
                let ms = match dice.next() % 20 {
                    0 => 40 * DAY_MS,
                    1..4 => -i64::try_from(dice.next() % 7_200_000).expect("small"),
                    _ => i64::try_from(dice.next() % 10_800_000).expect("small"),
                };
                now_ms += ms;
                rig.pass_ms(ms);
                if ms > DAY_MS {
                    // The window in which repeats are recognised has passed.
                    told.clear();
                }
            }
            9 => {
                let fault = [Fault::Fail, Fault::Short(40), Fault::FailAfter][(dice.next() % 3) as usize];
                rig.disk.fail_after(dice.next() % 6, fault);
            }
            _ => {
                rig = crash(rig, &mut dice);
                crashes += 1;
            }
        }
    }
    rig.disk.repair();
    rig.pass_ms(70_000);
    rig.pass_ms(3_600_000);
    let answers = answers(&rig);
    let (disk, clock) = (rig.disk.clone(), rig.clock.clone());
    Left { events: rig.events(), answers, acknowledged, crashes, disk, clock }
}

fn crash(rig: Real, dice: &mut Dice) -> Real {
    rig.crash(&mut |n| dice.next() as usize % (n + 1))
}

/// Some calls in any order, some of them told before; what is new of them.
fn body(dice: &mut Dice, at: u32, now_ms: i64, told: &mut Vec<String>) -> (String, Counted) {
    let (mut lines, mut new) = (Vec::new(), Counted::new());
    for line in 0..=dice.next() % 30 {
        if dice.next().is_multiple_of(4) && !told.is_empty() {
            lines.push(told[dice.next() as usize % told.len()].clone());
            continue;
        }
        let last = dice.next() % NUMBERS;
        let unique = i64::from(at) * 40 + i64::try_from(line).expect("small");
        let (at_ms, is_taken) = match dice.next() % 12 {
            0 => (now_ms + 300 * DAY_MS + unique, false),
            1 => (now_ms - 100 * DAY_MS + unique, true),
            _ => (now_ms - 600_000 + unique, true),
        };
        let text = call(&format!("{at}-{line}"), at_ms, 110 + last);
        if is_taken {
            new.insert((at_ms, tn(110 + last).digits()), 1);
            told.push(text.clone());
        }
        lines.push(text);
    }
    let turn = dice.next() as usize % lines.len();
    lines.rotate_left(turn);
    (lines.concat(), new)
}

/// What is said of every number.
fn answers(rig: &Real) -> Vec<String> {
    let said = |last| {
        let detail = rig.service.number(tn(110 + last), TenantId(1), &[Scope::Shared])?;
        Some(format!("{} {:?}", detail.json, detail.history))
    };
    (0..NUMBERS).map(|last| said(last).unwrap_or_default()).collect()
}

/// Everything that was acknowledged is there once, and nothing else is.
fn check_calls(left: &Left) -> Result<(), String> {
    let there = calls(&left.events);
    if there == left.acknowledged { Ok(()) } else { Err(format!("{there:?} is there, not {:?}", left.acknowledged)) }
}

/// Every change begins where the one before it ended.
fn check_changes(left: &Left) -> Result<usize, String> {
    let (mut labels, mut changes) = (BTreeMap::<(TelephoneNumber, Box<str>), Label>::new(), 0);
    for (place, event) in &left.events {
        if let Payload::LabelChanged(change) = &event.payload {
            let before = labels.insert((change.tn, change.engine.clone()), change.to).unwrap_or_default();
            if before != change.from {
                return Err(format!("{place}: {change:?} follows upon {before:?}"));
            }
            changes += 1;
        }
    }
    Ok(changes)
}

/// Time never goes back in the log, and each hour is there once.
fn check_times(left: &Left) -> Result<(), String> {
    let ticks: Vec<u32> = left.events.iter().filter_map(|(_, event)| hour(event)).collect();
    let wrong = ticks.windows(2).find(|pair| pair[1] <= pair[0]);
    wrong.map_or(Ok(()), |pair| Err(format!("hour {} follows upon hour {}", pair[1], pair[0])))
}

const fn hour(event: &Event) -> Option<u32> {
    if let Payload::Tick { hour } = event.payload { Some(hour) } else { None }
}

/// A service that folds the log from its beginning says the same, and decides nothing else.
fn check_refold(left: &Left) -> Result<(), String> {
    let disk = SimulatedDisk::new();
    for file in left.disk.files().into_iter().filter(|file| file.starts_with(LOG)) {
        disk.set_bytes(&file, left.disk.bytes(&file).expect("it is there"));
    }
    let rig = Real::start(disk, left.clock.clone(), Default::default(), policy(""), small());
    rig.service.settle();
    let answers = answers(&rig);
    if let Some((a, b)) = answers.iter().zip(&left.answers).find(|(a, b)| a != b) {
        return Err(format!("{a} is said when folded anew, not {b}"));
    }
    let events = rig.events();
    if events == left.events { Ok(()) } else { Err(format!("{:?} is decided anew", &events[left.events.len()..])) }
}

#[test]
fn whatever_happens_nothing_is_lost_and_nothing_counts_twice() {
    let (mut changes, mut crashes) = (0, 0);
    for seed in 0..9 {
        let left = live(seed);
        let checked = check_calls(&left).and_then(|()| check_times(&left)).and_then(|()| check_refold(&left));
        changes += checked.and_then(|()| check_changes(&left)).unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
        crashes += left.crashes;
    }
    assert!(changes > 10 && crashes > 30, "{changes} changes and {crashes} crashes are too few to tell anything");
}

#[test]
fn the_same_seed_leaves_the_same() {
    for seed in 20..22 {
        let [a, b] = [live(seed), live(seed)];
        assert!(a.events == b.events, "seed {seed}");
        assert_eq!(a.answers, b.answers, "seed {seed}");
    }
}

#[test]
fn each_checker_can_fail() {
    let lives = (0..20).map(live);
    let changes = |left: &Left| check_changes(left).is_ok_and(|changes| changes > 0);
    let mut left = lives.into_iter().find(changes).expect("a life with changes");
    let at = left.events.iter().position(|(_, event)| matches!(event.payload, Payload::Call(_))).expect("a call");
    let taken = left.events.remove(at);
    assert!(check_calls(&left).is_err() && check_refold(&left).is_err());
    left.events.insert(at, taken.clone());
    assert!(check_calls(&left).is_ok());
    left.events.push(taken);
    assert!(check_calls(&left).is_err());
    left.events.pop();
    let tick = left.events.iter().find(|(_, event)| hour(event).is_some()).expect("an hour").clone();
    left.events.push(tick);
    assert!(check_times(&left).is_err());
    left.events.pop();
    let change = left.events.iter().rfind(|(_, event)| matches!(event.payload, Payload::LabelChanged(_)));
    let change = change.expect("a change").clone();
    left.events.push(change);
    assert!(check_changes(&left).is_err());
    left.events.pop();
    left.answers[0].push(' ');
    assert!(check_refold(&left).is_err());
}
