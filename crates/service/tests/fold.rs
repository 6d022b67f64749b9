//! The fold against batch judging: what is streamed with ticks ends as what is judged at once.

mod common;

use common::{Batch, Traffic, fold, hour_of, stream};
use model::Label;
use proptest::prelude::*;
use service::fold::{Fold, Scope};
use store::{Event, Position};

/// Applies events with the ticks between them, up to the tick of `until`; what was decided.
fn run(fold: &mut Fold, events: &[Event], from: usize) -> Vec<Event> {
    let mut decided = Vec::new();
    for (at, event) in events.iter().enumerate().skip(from) {
        fold.apply(Position(at as u64), event, &mut decided);
    }
    decided
}

/// Every number is said to be what batch judging says of it, at a tick and between two.
fn agrees(fold: &Fold, traffic: &Traffic, now: model::Timestamp) -> usize {
    let batch = Batch::new(traffic, now);
    let reader = fold.reader();
    let mut labelled = 0;
    for expected in batch.judge() {
        let detail = reader.detail(Scope::Shared, expected.tn, now, false).expect("a number with calls");
        for (one, other) in detail.number.verdicts.iter().zip(&expected.verdicts) {
            let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
            let differs = one.lines().zip(other.lines()).find(|(one, other)| one != other);
            assert_eq!(differs, None, "{} at {now}", expected.tn);
        }
        assert_eq!(detail.number, expected, "{} at {now}", expected.tn);
        for verdict in &expected.verdicts {
            let label = verdict.opinion.label();
            labelled += usize::from(label > Label::None);
            if now.as_ms() % model::time::HOUR_MS == 0 {
                let place = verdict.engine.map_or(0, |engine| engine as u8 + 1);
                let slot = reader.published(Scope::Shared, expected.tn, place);
                assert_eq!(slot.map_or(Label::None, |slot| slot.label), label, "{} at {now}", expected.tn);
            }
        }
    }
    labelled
}

#[test]
fn streamed_and_judged_at_once_agree() {
    let mut labelled = 0;
    for seed in 0..6 {
        let traffic = Traffic::new(seed);
        for end_h in [25, 48, 71, 96, 130, 24 * 9 + 5] {
            let now = traffic.at(end_h);
            let events = stream(&traffic, now);
            let mut fold = fold(&traffic);
            run(&mut fold, &events, 0);
            assert_eq!(fold.hour(), hour_of(now));
            labelled += agrees(&fold, &traffic, now);
            let later = now.saturating_add_ms(25 * 60_000);
            let all = stream(&traffic, later);
            run(&mut fold, &all, events.len());
            agrees(&fold, &traffic, later);
        }
    }
    assert!(labelled > 50, "{labelled} labels: too few to show anything");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// A snapshot taken anywhere, and parts taken at different places, lead to the same bytes and the same decisions.
    #[test]
    fn a_restored_fold_goes_on_as_if_nothing_had_happened(seed in 0..100u64, cut in 0.0..1.0f64, spread in 0..400usize) {
        let traffic = Traffic::new(seed);
        let events = stream(&traffic, traffic.at(24 * 4 + 3));
        let cut = (events.len() as f64 * cut) as usize;
        let mut whole = fold(&traffic);
        run(&mut whole, &events[..cut], 0);
        let mut parts: Vec<(usize, usize, Vec<u8>)> = Vec::new();
        let mut at = cut;
        let mut decided = Vec::new();
        for part in 0..whole.parts() {
            parts.push((part, at, whole.snapshot(part)));
            let next = (at + spread / 40).min(events.len());
            for (place, event) in events.iter().enumerate().take(next).skip(at) {
                whole.apply(Position(place as u64), event, &mut decided);
            }
            at = next;
        }
        let rest = run(&mut whole, &events, at);
        let mut again = fold(&traffic);
        for (part, at, bytes) in &parts {
            again.restore(*part, Position(*at as u64), bytes).expect("what was written");
        }
        let repeated = run(&mut again, &events, cut);
        for part in 0..whole.parts() {
            prop_assert_eq!(whole.snapshot(part), again.snapshot(part), "part {}", part);
        }
        prop_assert!(repeated.ends_with(&rest));
        for event in decided {
            prop_assert!(repeated.contains(&event) || spread >= 40);
        }
    }

    /// Between two ticks the order of events changes nothing.
    #[test]
    fn order_within_an_hour_changes_nothing(seed in 0..100u64, shuffle in any::<u64>()) {
        let traffic = Traffic::new(seed);
        let events = stream(&traffic, traffic.at(24 * 3 + 3));
        let mut shuffled = Vec::new();
        for hour in events.chunk_by(|_, next| !common::is_tick(next)) {
            let mut hour = hour.to_vec();
            let first = usize::from(hour.first().is_some_and(common::is_tick));
            common::shuffle(&mut hour[first..], shuffle);
            shuffled.extend(hour);
        }
        let (mut one, mut other) = (fold(&traffic), fold(&traffic));
        prop_assert_eq!(run(&mut one, &events, 0), run(&mut other, &shuffled, 0));
        let now = traffic.at(24 * 3 + 3);
        agrees(&other, &traffic, now);
    }
}

#[test]
fn threads_change_nothing() {
    let traffic = Traffic::new(5);
    let events = stream(&traffic, traffic.at(24 * 3 + 3));
    let mut one = fold(&traffic);
    let mut many = common::fold_of(&traffic, 3);
    assert_eq!(run(&mut one, &events, 0), run(&mut many, &events, 0));
    for part in 0..one.parts() {
        assert_eq!(one.snapshot(part), many.snapshot(part));
    }
}

#[test]
fn damaged_parts_are_refused() {
    let traffic = Traffic::new(1);
    let mut whole = fold(&traffic);
    run(&mut whole, &stream(&traffic, traffic.at(50)), 0);
    let part = (0..whole.parts()).find(|&part| whole.snapshot(part).len() > 100).expect("a part with numbers");
    let bytes = whole.snapshot(part);
    let mut other = fold(&traffic);
    for len in (0..bytes.len()).step_by(7) {
        assert!(other.restore(part, Position(9), &bytes[..len]).is_err());
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(other.restore(part, Position(9), &longer).is_err());
    other.restore(part, Position(9), &bytes).expect("what was written");
    assert_eq!(other.snapshot(part), bytes);
}
