//! The fold against batch judging: what is streamed with ticks ends as what is judged at once.

mod common;

use std::collections::BTreeMap;

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
    for seed in 0..4 {
        let traffic = Traffic::new(seed);
        for end_h in [25, 71, 130, 24 * 9 + 5] {
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
    assert!(labelled > 30, "{labelled} labels: too few to show anything");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

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

#[test]
fn a_new_policy_ends_where_it_would_have_come_to_from_the_start() {
    let mut changed = 0;
    for seed in 0..3 {
        let mut traffic = Traffic::new(seed);
        let strict = common::policy("version = \"strict\"\n[prior]\nunwanted_share = 0.6\n");
        let events = stream(&traffic, traffic.at(24 * 4 + 3));
        let half = events.len() * 2 / 3;
        let mut fold = fold(&traffic);
        fold.offer(std::sync::Arc::clone(&strict));
        run(&mut fold, &events[..half], 0);
        let activated = common::activated("strict", &events[half - 1]);
        let mut decided = Vec::new();
        fold.apply(Position(half as u64), &common::activated("nobody's", &events[half - 1]), &mut decided);
        assert!(decided.is_empty() && fold.counts().unknown_policies == 1);
        fold.apply(Position(half as u64), &activated, &mut decided);
        changed += decided.len();
        traffic.policy = strict;
        let mut strict_from_start = common::fold(&traffic);
        run(&mut strict_from_start, &events[..half], 0);
        let labels = |fold: &Fold| {
            let reader = fold.reader();
            let numbers = Batch::new(&traffic, traffic.at(24 * 4 + 3)).judge();
            let slot = |tn, view| reader.published(Scope::Shared, tn, view).map_or(Label::None, |slot| slot.label);
            numbers.iter().flat_map(|number| (0..4).map(|view| slot(number.tn, view))).collect::<Vec<_>>()
        };
        assert_eq!(labels(&fold), labels(&strict_from_start));
        // After a restart without the policy before it, the new one has judged from the start, and its activation changes nothing.
        strict_from_start.apply(Position(half as u64), &activated, &mut decided);
        assert_eq!(labels(&fold), labels(&strict_from_start));
        run(&mut fold, &events, half);
        agrees(&fold, &traffic, traffic.at(24 * 4 + 3));
    }
    assert!(changed > 0, "the policies label alike: this shows nothing");
}

#[test]
fn a_watched_policy_is_judged_beside_and_shows_nothing() {
    let traffic = Traffic::new(2);
    let strict = common::policy("version = \"strict\"\n[prior]\nunwanted_share = 0.6\n");
    let events = stream(&traffic, traffic.at(24 * 4 + 3));
    let (mut alone, mut watched) = (fold(&traffic), fold(&traffic));
    run(&mut watched, &events[..events.len() / 2], 0);
    watched.watch(Some(std::sync::Arc::clone(&strict)));
    run(&mut watched, &events, events.len() / 2);
    run(&mut alone, &events, 0);
    for part in 0..alone.parts() {
        assert_eq!(alone.snapshot(part), watched.snapshot(part));
    }
    let found = watched.reader().differences(Scope::Shared, None, 1000);
    let label_under = |policy: &service::policy::PolicySet| {
        let judged = Batch::by(&traffic, policy, traffic.at(24 * 4 + 3)).judge();
        let engines = judged.into_iter().flat_map(|number| {
            let tn = number.tn;
            let label = move |verdict: reputation::verdict::Verdict| ((tn, verdict.engine), verdict.opinion.label());
            number.verdicts.into_iter().map(label)
        });
        engines.collect::<std::collections::BTreeMap<_, _>>()
    };
    let (live, shadow) = (label_under(&traffic.policy), label_under(&strict));
    let expected = live.iter().filter(|(key, label)| shadow[key] != **label).count();
    assert!(expected > 0 && found.len() == expected, "{} differences, expected {expected}", found.len());
    let second = watched.reader().differences(Scope::Shared, Some(found[0].tn), 1000);
    assert_eq!(second, found.iter().filter(|other| other.tn > found[0].tn).cloned().collect::<Vec<_>>());
    watched.watch(None);
    assert!(watched.reader().differences(Scope::Shared, None, 9).is_empty());
}

/// A label rises between ticks once it comes back from the log, and the next tick settles it; the driver that replays the log comes
/// to the same.
#[test]
fn labels_rise_between_ticks() {
    let mut rises = 0;
    for seed in 0..4 {
        let traffic = Traffic::new(seed);
        let events = stream(&traffic, traffic.at(24 * 4 + 3));
        let (mut live, mut again, mut plain) = (fold(&traffic), fold(&traffic), fold(&traffic));
        let (mut log, mut decided) = (Vec::new(), Vec::new());
        for (at, event) in events.iter().enumerate() {
            log.push(event.clone());
            live.apply(Position(log.len() as u64), event, &mut decided);
            if at % 3 == 0 {
                decided.clear();
                live.pause(&mut decided);
                for rise in std::mem::take(&mut decided) {
                    let store::Payload::LabelChanged(change) = &rise.payload else { panic!("only labels change") };
                    assert!(change.provisional && change.to > change.from);
                    log.push(rise.clone());
                    live.apply(Position(log.len() as u64), &rise, &mut decided);
                    let place = traffic.policy.view_place(&change.engine).expect("an engine");
                    let slot = live.reader().published(Scope::Shared, change.tn, place).expect("a slot");
                    assert!(slot.provisional && slot.label == change.to);
                    rises += 1;
                }
            }
        }
        run(&mut again, &log, 0);
        run(&mut plain, &events, 0);
        for part in 0..live.parts() {
            assert_eq!(live.snapshot(part), again.snapshot(part));
            // The last event is a tick: nothing is provisional then.
            assert_eq!(live.snapshot(part), plain.snapshot(part));
        }
    }
    assert!(rises > 5, "{rises} rises: too few to show anything");
}

#[test]
fn a_rise_that_waits_to_come_back_is_not_decided_again() {
    let mut rises = 0;
    for seed in 0..4 {
        let traffic = Traffic::new(seed);
        let mut live = fold(&traffic);
        let (mut labels, mut decided) = (BTreeMap::new(), Vec::new());
        // All in one hour that no tick ends: what is decided never comes back.
        let events = stream(&traffic, traffic.at(24 * 4 + 3)).into_iter();
        let events = events.filter(|event| !matches!(event.payload, store::Payload::Tick { .. }));
        for (place, event) in (0..).zip(events) {
            live.apply(Position(place), &event, &mut decided);
            live.pause(&mut decided);
            for rise in decided.drain(..) {
                let store::Payload::LabelChanged(told) = &rise.payload else { panic!("only labels change") };
                let before = labels.insert((told.tn, told.engine.clone()), told.to).unwrap_or_default();
                assert_eq!(before, told.from, "{told:?}");
                rises += 1;
            }
        }
    }
    assert!(rises > 20, "{rises} rises are too few to tell anything");
}

#[test]
fn a_tenants_records_are_its_own() {
    let traffic = Traffic::new(2);
    let now = traffic.at(24 * 4 + 3);
    let events: Vec<Event> = stream(&traffic, now).into_iter().map(|event| common::originating(event, 7)).collect();
    let mut fold = fold(&traffic);
    run(&mut fold, &events, 0);
    let (own, other) = (Scope::Tenant(store::TenantId(7)), Scope::Tenant(store::TenantId(8)));
    let reader = fold.reader();
    let mut labelled = 0;
    for number in Batch::new(&traffic, now).judge() {
        let tn = number.tn;
        assert!(reader.detail(other, tn, now, true).is_none());
        assert!((0..4).all(|view| reader.published(Scope::Shared, tn, view).is_none()));
        assert!((0..4).all(|view| reader.published(other, tn, view).is_none()));
        let detail = reader.detail(own, tn, now, true).expect("the tenant's number");
        assert!(!detail.number.advice.is_empty());
        labelled +=
            (0..4).filter_map(|view| reader.published(own, tn, view)).filter(|slot| slot.label > Label::None).count();
    }
    assert!(labelled > 0);
}

/// Nothing older than the horizon is kept, and a label outlives the calls that it came from as hysteresis has it.
#[test]
fn what_is_old_is_given_up() {
    let traffic = Traffic::new(2);
    let events = stream(&traffic, traffic.at(24 * 12));
    let mut fold = fold(&traffic);
    run(&mut fold, &events, 0);
    let full: usize = (0..fold.parts()).map(|part| fold.snapshot(part).len()).sum();
    let mut decided = Vec::new();
    let mut ticks = (1..24 * 130).map(|hour| common::tick(traffic.at(24 * 12 + hour).as_ms()));
    for (at, tick) in ticks.by_ref().take(24 * 36).enumerate() {
        fold.apply(Position((events.len() + at) as u64), &tick, &mut decided);
    }
    for number in Batch::new(&traffic, traffic.at(24 * 12)).judge() {
        let now = traffic.at(24 * 48 - 1);
        let attempts =
            fold.reader().detail(Scope::Shared, number.tn, now, false).map(|detail| detail.number.d35.tally.attempts);
        assert!(attempts.is_none_or(|attempts| attempts == 0), "{}: {attempts:?}", number.tn);
    }
    for (at, tick) in ticks.enumerate() {
        fold.apply(Position((events.len() + 10_000 + at) as u64), &tick, &mut decided);
    }
    let left: usize = (0..fold.parts()).map(|part| fold.snapshot(part).len()).sum();
    assert!(left < full / 20 && left < 4096, "{left} of {full} bytes are left");
}

#[test]
fn a_forgotten_number_is_gone() {
    let traffic = Traffic::new(2);
    let now = traffic.at(24 * 4 + 3);
    let events = stream(&traffic, now);
    let mut fold = fold(&traffic);
    run(&mut fold, &events, 0);
    let reader = fold.reader();
    let labelled = Batch::new(&traffic, now).judge().into_iter().find(|number| {
        (0..4).any(|view| reader.published(Scope::Shared, number.tn, view).is_some_and(|slot| slot.label > Label::None))
    });
    let tn = labelled.expect("a labelled number").tn;
    let mut decided = Vec::new();
    let forget = Event::service(store::Origin::service(), now, store::Payload::Forget { tn });
    fold.apply(Position(events.len() as u64), &forget, &mut decided);
    assert!(reader.detail(Scope::Shared, tn, now, false).is_none());
    assert!((0..4).all(|view| reader.published(Scope::Shared, tn, view).is_none()));
    let digits = tn.digits().to_le_bytes();
    for part in 0..fold.parts() {
        assert!(!fold.snapshot(part).windows(8).any(|bytes| bytes == digits));
    }
}
