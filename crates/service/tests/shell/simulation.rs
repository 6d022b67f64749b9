//! A seeded life of the service: senders that repeat themselves, hours that pass, clocks that jump, writes that fail, processes
//! that die. Whatever happens, what was acknowledged is there, once, and the labels are those of a life without accidents.

use std::collections::BTreeMap;

use model::{TelephoneNumber, Timestamp};
use service::{Body, Limits};

use crate::ledger::Entries;
use crate::rig::{Disk, Rig, START_S, kind, limits};
use crate::tape::Fault;

/// A small generator of numbers that look random (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

/// What is done to the service, step by step.
enum Step {
    /// These calls are sent, until they are acknowledged.
    Send(String),
    /// So many milliseconds pass.
    Pass(i64),
    /// A write will fail in this way. Left out in a life without accidents.
    Break(Fault),
    /// The process ends and another one starts. Left out in a life without accidents.
    Restart,
}

fn steps(seed: u64) -> (Vec<Step>, BTreeMap<(Timestamp, u64), ()>) {
    let mut random = Random(seed);
    let (mut steps, mut sent) = (Vec::new(), BTreeMap::new());
    let mut old: Vec<String> = Vec::new();
    for at in 0..60 {
        match random.below(10) {
            0..6 => {
                let mut body = String::new();
                for line in 0..=random.below(8) {
                    if random.below(4) == 0 && !old.is_empty() {
                        let place = random.below(old.len() as u64);
                        body.push_str(&old[usize::try_from(place).expect("small")]);
                        continue;
                    }
                    let (ms, last) = (START_S * 1000 + at * 50 + i64::try_from(line).expect("small"), random.below(5));
                    let text = format!(
                        "{{\"id\":\"{at}-{line}\",\"start\":{ms},\"orig\":\"+1215555011{last}\",\"dest\":\"+13125550199\"}}\n"
                    );
                    sent.insert((Timestamp::from_ms(ms).expect("a time"), last), ());
                    old.push(text.clone());
                    body.push_str(&text);
                }
                steps.push(Step::Send(body));
            }
            6..8 => steps.push(Step::Pass(i64::try_from(random.below(7_200_000)).expect("small") - 600_000)),
            8 => {
                let events = usize::try_from(random.below(12)).expect("small");
                steps.push(Step::Break(Fault::After { events }));
            }
            _ => steps.push(Step::Restart),
        }
    }
    (steps, sent)
}

/// Lives through the steps, with or without the accidents; the state is kept every so many events. Gives the end state, and how many times it started.
fn live(steps: &[Step], accidents: bool, snapshot_events: u64) -> (Rig, u32) {
    let clock = Rig::new().clock;
    let mut rig = Rig::start(Disk::default(), clock, Limits { snapshot_events, ..limits() });
    let mut starts = 1;
    let mut acknowledged = 0;
    rig.pass_ms(0);
    for step in steps {
        match step {
            Step::Send(body) => {
                let mut tries = 0;
                while let Err(error) = rig.send(1, Body::new(body.as_bytes())) {
                    assert_eq!(kind(&error), "failed");
                    tries += 1;
                    assert!(tries < 3, "a mended log takes what is sent");
                    rig = rig.restart();
                    // What recovery decides is logged before what is sent again, whichever thread is faster.
                    rig.service.settle();
                    starts += 1;
                }
                acknowledged += body.lines().count();
                rig.service.settle();
            }
            Step::Pass(ms) => rig.pass_ms(*ms),
            Step::Break(fault) if accidents => rig.tape.fail(*fault),
            Step::Restart if accidents => {
                rig = rig.restart();
                rig.service.settle();
                starts += 1;
            }
            Step::Break(_) | Step::Restart => {}
        }
    }
    assert!(acknowledged > 0);
    if accidents {
        rig = rig.restart();
    }
    rig.pass_ms(3_600_000);
    rig.service.settle();
    (rig, starts)
}

/// Every call that was sent is there once, and every change of a label was logged once.
fn check(entries: &Entries, sent: &BTreeMap<(Timestamp, u64), ()>) {
    let last = |tn: TelephoneNumber| tn.digits() % 10;
    let counted: BTreeMap<_, _> =
        entries.calls.iter().map(|(&(at, orig, _), &count)| ((at, last(orig)), count)).collect();
    assert!(counted.values().all(|&count| count == 1), "a call is told twice");
    assert!(counted.keys().eq(sent.keys()), "told are others than were sent");
    assert!(entries.changes.values().all(|&count| count == 1), "a change is logged twice");
}

#[test]
fn accidents_change_nothing() {
    let (mut starts, mut changes) = (0, 0);
    for seed in 0..60 {
        let (steps, sent) = steps(seed);
        let (clean, _) = live(&steps, false, u64::MAX);
        let (rough, times) = live(&steps, true, if seed % 2 == 0 { 7 } else { u64::MAX });
        starts += times;
        let (clean, rough) = (clean.ledger.entries().clone(), rough.ledger.entries().clone());
        check(&clean, &sent);
        check(&rough, &sent);
        assert_eq!(clean.hours, rough.hours, "seed {seed}");
        assert_eq!(clean.calls, rough.calls, "seed {seed}");
        assert_eq!(clean.changes, rough.changes, "seed {seed}");
        changes += clean.changes.len();
    }
    assert!(starts > 200 && changes > 100, "{starts} starts and {changes} changes are too few to tell anything");
}

#[test]
fn the_same_seed_leaves_the_same_log() {
    for seed in 0..5 {
        let (steps, _) = steps(seed);
        let tapes = [(); 2].map(|()| live(&steps, true, 7).0.tape.events());
        assert!(tapes[0] == tapes[1], "seed {seed}");
    }
}

#[test]
fn senders_at_once_lose_nothing() {
    let rig = Rig::new();
    std::thread::scope(|scope| {
        for sender in 0..8_u32 {
            let rig = &rig;
            scope.spawn(move || {
                for body in 0..50 {
                    let line = |line: i64| {
                        let ms = (START_S - 3600) * 1000 + i64::from(sender) * 100_000 + body * 100 + line;
                        format!("{{\"id\":\"{sender}-{body}-{line}\",\"start\":{ms},\"orig\":\"+12155550112\",\"dest\":\"+13125550199\"}}\n")
                    };
                    let text: String = (0..20).map(line).collect();
                    assert_eq!(rig.send(1, Body::new(text.as_bytes())).expect("taken").accepted, 20);
                }
            });
        }
    });
    rig.service.settle();
    let entries = rig.ledger.entries();
    assert_eq!((entries.calls.len(), entries.calls.values().max()), (8000, Some(&1)));
    drop(entries);
    let figures = rig.service.figures();
    assert_eq!((figures.accepted, figures.waiting_bodies, figures.waiting_bytes), (8000, 0, 0));
}
