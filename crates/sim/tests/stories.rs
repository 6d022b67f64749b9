//! How a number's story is told: the same at once and in pieces, in order, and changed by labels in nothing but the answers.

use model::{CallOutcome, Direction, Label, Timestamp};
use reputation::engines::Directory;
use sim::{Adversary, Event, Number, Scenario, SimCall, Stage, World, WorldOptions};

fn world(adversary: Option<(Adversary, f64)>) -> World {
    let options = WorldOptions { days: 9, numbers: 2000, seed: 77, first_day: 20_514, adversary };
    let directory = Directory::parse("engines.toml", Directory::SHIPPED).expect("holds");
    World::new(&Scenario::shipped().expect("holds"), &directory, options).expect("a world")
}

fn some(world: &World) -> impl Iterator<Item = Number> + '_ {
    (0..world.len()).step_by(13).map(|place| world.number(place))
}

fn played(world: &World, number: &Number, shown: Label) -> Vec<Event> {
    let mut events = Vec::new();
    number.play(world, &mut Stage::new(), &mut |_| shown, &mut |event| events.push(event));
    events
}

fn taped(world: &World, number: &Number, step_ms: i64) -> Vec<Event> {
    let mut events = Vec::new();
    let mut tape = number.tape(world);
    let mut until = world.from();
    while until < world.to() {
        until = until.saturating_add_ms(step_ms);
        tape.run_until(world, number, until, &mut |event| events.push(event));
    }
    events
}

fn key(event: &Event) -> (Timestamp, u64) {
    match event {
        Event::Call(call) => (event.known(), call.id),
        Event::Report(report) => (event.known(), report.id),
    }
}

#[test]
fn at_once_and_in_pieces_are_the_same() {
    for adversary in [None, Some((Adversary::ComplaintBombing, 1.0)), Some((Adversary::FriendlyRing, 1.0))] {
        let world = world(adversary);
        for number in some(&world) {
            let mut whole = played(&world, &number, Label::None);
            let mut pieces = taped(&world, &number, 5_400_000);
            let mut larger = taped(&world, &number, 86_400_000 * 30);
            larger.sort_by_key(key);
            whole.sort_by_key(key);
            pieces.sort_by_key(key);
            assert_eq!(whole, pieces, "{:?}", number.truth());
            assert_eq!(larger, pieces, "{:?}", number.truth());
        }
    }
}

#[test]
fn events_come_as_they_become_known_and_before_the_next_call() {
    let world = world(None);
    for number in some(&world) {
        let last = std::cell::Cell::new(Timestamp::EPOCH);
        let mut asked = Timestamp::EPOCH;
        let mut late = 0;
        let counted = number.play(
            &world,
            &mut Stage::new(),
            &mut |attempt| {
                assert!(attempt.at >= asked && attempt.orig == number.truth().tn);
                assert!(attempt.at >= world.from() && attempt.at < world.to());
                asked = attempt.at;
                assert!(last.get() <= attempt.at, "what is known later is told later");
                Label::None
            },
            &mut |event| {
                assert!(event.known() >= last.get());
                last.set(event.known());
                late += u64::from(matches!(event, Event::Call(call) if call.direction == Direction::Outbound));
            },
        );
        assert_eq!(late, counted.calls);
        assert_eq!(counted.first_call.is_some(), counted.calls > 0);
    }
}

#[test]
fn a_label_changes_who_answers_and_nothing_else() {
    let world = world(None);
    let effect = world.scenario().people.label_effect;
    let (mut plain_answers, mut labelled_answers) = (0.0, 0.0);
    for number in some(&world) {
        let own = |events: Vec<Event>| -> Vec<SimCall> {
            let mut calls: Vec<SimCall> = events
                .into_iter()
                .filter_map(|event| match event {
                    Event::Call(call) if call.direction == Direction::Outbound => Some(call),
                    Event::Call(_) | Event::Report(_) => None,
                })
                .collect();
            calls.sort_by_key(|call| (call.at, call.id));
            calls
        };
        let plain = own(played(&world, &number, Label::None));
        let labelled = own(played(&world, &number, Label::Spam));
        assert_eq!(plain.len(), labelled.len());
        for (a, b) in plain.iter().zip(&labelled) {
            assert_eq!((a.id, a.at, a.dest, a.carrier, a.attestation), (b.id, b.at, b.dest, b.carrier, b.attestation));
            let answered = |call: &SimCall| call.outcome == CallOutcome::Answered;
            assert!(answered(a) || !answered(b), "a label makes nobody pick up");
            if answered(b) {
                assert_eq!(a, b);
            }
            plain_answers += f64::from(u8::from(answered(a)));
            labelled_answers += f64::from(u8::from(answered(b)));
        }
    }
    assert!((labelled_answers / plain_answers - effect.spam).abs() < 0.02, "{labelled_answers} of {plain_answers}");
}

#[test]
fn calls_keep_to_the_clock_of_the_caller() {
    let world = world(None);
    // Area codes on New York's clock: five hours behind UTC until 8 March.
    const EASTERN: [u16; 24] = [
        201, 202, 203, 207, 212, 215, 240, 301, 302, 305, 315, 347, 401, 404, 407, 410, 412, 413, 443, 508, 609, 617,
        718, 757,
    ];
    let mut office = [0u32; 24];
    for number in world.numbers() {
        let truth = number.truth();
        let in_office = matches!(world.class_name(truth.class), "office_exchange" | "small_firm");
        if !in_office || !truth.tn.nanp().is_some_and(|parts| EASTERN.contains(&parts.npa)) {
            continue;
        }
        for event in played(&world, &number, Label::None) {
            if let Event::Call(call) = event
                && call.direction == Direction::Outbound
                && call.at.day() < 20_514 + 6
            {
                office[((call.at.hour() - 5).rem_euclid(24)) as usize] += 1;
            }
        }
    }
    let all: u32 = office.iter().sum();
    let nights: u32 = office[..6].iter().chain(&office[21..]).sum();
    assert!(all > 100 && nights == 0, "{office:?}");
}

#[test]
fn standing_is_for_registered_numbers() {
    let world = world(None);
    for number in some(&world) {
        let standing = number.standing(&world);
        assert_eq!(standing.is_some(), number.truth().registered);
        if let Some(standing) = standing {
            assert!(standing.registered_at.expect("a date") < world.from() && standing.purpose.is_some());
            assert!(!number.truth().unwanted);
        }
    }
}

#[test]
fn every_key_of_the_scenario_is_documented() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/simulate.md"))
        .expect("the page");
    let scenario: toml::Table = Scenario::SHIPPED.parse().expect("TOML");
    let mut keys = std::collections::BTreeSet::new();
    for part in ["blocks", "people", "adversary"] {
        for (key, value) in scenario[part].as_table().expect("a table") {
            keys.insert(key.clone());
            keys.extend(
                value.as_table().filter(|_| part == "adversary").into_iter().flat_map(toml::Table::keys).cloned(),
            );
        }
    }
    keys.extend(
        scenario["class"]
            .as_table()
            .expect("a table")
            .values()
            .flat_map(|class| class.as_table().expect("a table").keys())
            .cloned(),
    );
    let words: std::collections::BTreeSet<&str> =
        page.split('`').skip(1).step_by(2).flat_map(str::split_whitespace).map(|word| word.trim_matches(',')).collect();
    let missing: Vec<&String> = keys.iter().filter(|key| !words.contains(key.as_str())).collect();
    assert!(missing.is_empty(), "docs/reference/simulate.md lacks {missing:?}");
}
