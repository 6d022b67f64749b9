//! What each adversary does to the calls and reports, at its full strength and half of it.

use std::collections::{BTreeMap, HashMap};

use model::{CallOutcome, Direction, Label, ReportCategory};
use reputation::engines::Directory;
use sim::{Adversary, Event, NumberTruth, Played, Reporter, Scenario, SimCall, SimReport, Stage, World, WorldOptions};

const DAYS: u32 = 12;

fn world(adversary: Option<(Adversary, f64)>) -> World {
    let options = WorldOptions { days: DAYS, numbers: 3000, seed: 21, first_day: 20_514, adversary };
    let directory = Directory::parse("engines.toml", Directory::SHIPPED).expect("holds");
    World::new(&Scenario::shipped().expect("holds"), &directory, options).expect("a world")
}

/// A number's story, with all that is needed to judge it.
struct Story {
    truth: NumberTruth,
    class: String,
    played: Played,
    calls: Vec<SimCall>,
    reports: Vec<SimReport>,
}

/// The stories of numbers that `wanted` picks.
fn stories(world: &World, wanted: impl Fn(&NumberTruth, &str) -> bool) -> Vec<Story> {
    let mut stage = Stage::new();
    let mut stories = Vec::new();
    for number in world.numbers() {
        let truth = number.truth();
        let class = world.class_name(truth.class).to_owned();
        if !wanted(&truth, &class) {
            continue;
        }
        let (mut calls, mut reports) = (Vec::new(), Vec::new());
        let played = number.play(world, &mut stage, &mut |_| Label::None, &mut |event| match event {
            Event::Call(call) if call.direction == Direction::Outbound => calls.push(call),
            Event::Call(_) => {}
            Event::Report(report) => reports.push(report),
        });
        stories.push(Story { truth, class, played, calls, reports });
    }
    stories
}

fn unwanted(adversary: Option<(Adversary, f64)>) -> Vec<Story> {
    stories(&world(adversary), |truth, _| truth.unwanted)
}

/// The share of the calls of all stories of which `s` holds among those of which `n` does.
fn share(stories: &[Story], n: impl Fn(&SimCall) -> bool, s: impl Fn(&SimCall) -> bool) -> f64 {
    let calls = || stories.iter().flat_map(|story| &story.calls).filter(|call| n(call));
    calls().filter(|call| s(call)).count() as f64 / calls().count().max(1) as f64
}

fn answered(call: &SimCall) -> bool {
    call.outcome == CallOutcome::Answered
}

fn short(call: &SimCall) -> bool {
    call.talk_ms <= 6000
}

fn invalid(call: &SimCall) -> bool {
    call.outcome == CallOutcome::Invalid
}

#[test]
fn strength_none_changes_nothing_but_names_the_targets() {
    let plain = world(None);
    for adversary in Adversary::ALL {
        let idle = world(Some((adversary, 0.0)));
        for place in (0..3000).step_by(97) {
            let (a, b) = (plain.number(place), idle.number(place));
            assert_eq!(a.truth(), NumberTruth { attacked: false, ..b.truth() }, "{}", adversary.as_str());
            let first = |world: &World, number: &sim::Number| {
                let mut events = Vec::new();
                number.tape(world).run_until(world, number, world.to(), &mut |event| {
                    if events.len() < 50 {
                        events.push(event);
                    }
                });
                events
            };
            assert_eq!(first(&plain, &a), first(&idle, &b), "{}", adversary.as_str());
        }
        // Fewer calls a day bring other numbers, so there those of one world are none of the other.
        if adversary != Adversary::NumberRotation {
            let chosen = |strength| {
                let world = world(Some((adversary, strength)));
                let chosen = world.numbers().map(|number| number.truth()).filter(|truth| truth.attacked);
                chosen.map(|truth| truth.tn).collect::<Vec<_>>()
            };
            assert_eq!(chosen(0.0), chosen(1.0), "{}", adversary.as_str());
            assert!(!chosen(0.0).is_empty(), "{}", adversary.as_str());
        }
    }
}

#[test]
fn padding_holds_the_hang_ups() {
    let of = |strength| {
        let stories = unwanted(Some((Adversary::Padding, strength)));
        let held = |call: &SimCall| (7000..=12_000).contains(&call.talk_ms);
        (share(&stories, answered, short), share(&stories, answered, held))
    };
    let (plain, _) = of(0.0);
    let (half, half_held) = of(0.5);
    let (full, full_held) = of(1.0);
    assert!(plain > 0.4 && (0.4..0.65).contains(&(half / plain)) && full == 0.0, "{plain} {half} {full}");
    assert!(full_held > plain * 0.9 && half_held > 0.4 * full_held, "{half_held} {full_held}");
}

#[test]
fn clean_lists_have_few_dead_numbers() {
    let of = |adversary| share(&unwanted(adversary), |_| true, invalid);
    let (plain, clean) = (of(None), of(Some((Adversary::CleanLists, 1.0))));
    assert!(plain > 0.055 && clean < 0.015, "{plain} {clean}");
    let both = unwanted(Some((Adversary::CleanPadding, 1.0)));
    assert!(share(&both, |_| true, invalid) < 0.015 && share(&both, answered, short) == 0.0);
}

#[test]
fn redial_calls_everybody_twice() {
    let stories = unwanted(Some((Adversary::Redial, 1.0)));
    let busy: Vec<&Story> = stories.iter().filter(|story| story.calls.len() >= 320).collect();
    assert!(busy.len() > 20);
    for story in busy {
        let mut times: HashMap<_, u32> = HashMap::new();
        story.calls.iter().for_each(|call| *times.entry(call.dest).or_default() += 1);
        let once = times.values().filter(|times| **times == 1).count();
        assert!(once <= times.len() / 20, "{}: {once} of {} once", story.class, times.len());
    }
}

#[test]
fn rotation_and_patience_lower_the_calls_of_a_number() {
    let a_day = |adversary| {
        let stories = unwanted(adversary);
        let mut rates: Vec<f64> = stories
            .iter()
            .filter(|story| story.played.calls > 0)
            .map(|story| {
                let ms = story.truth.alive_to.as_ms() - story.truth.alive_from.as_ms();
                story.played.calls as f64 / (ms as f64 / 86_400_000.0).max(0.5)
            })
            .collect();
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    let (plain, rotated, slow) =
        (a_day(None), a_day(Some((Adversary::NumberRotation, 1.0))), a_day(Some((Adversary::LowAndSlow, 1.0))));
    assert!(plain > 30.0 && rotated < 25.0 && slow < 30.0, "{plain} {rotated} {slow}");
    let world = world(Some((Adversary::NumberRotation, 1.0)));
    let mut blocks: BTreeMap<u64, u32> = BTreeMap::new();
    for number in world.numbers().filter(|number| number.truth().unwanted) {
        *blocks.entry(number.truth().tn.digits() / 1000).or_default() += 1;
    }
    let most = blocks.values().filter(|count| **count >= 5).sum::<u32>();
    assert!(f64::from(most) > 0.5 * f64::from(blocks.values().sum::<u32>()), "{blocks:?}");
}

#[test]
fn bombing_comes_from_new_accounts_that_were_never_called() {
    let world = world(Some((Adversary::ComplaintBombing, 1.0)));
    let plan = &world.scenario().adversary.complaint_bombing;
    let targets = stories(&world, |truth, _| truth.attacked);
    let legitimate = world.numbers().filter(|number| !number.truth().unwanted).count() as f64;
    let share = targets.len() as f64 / legitimate;
    assert!((share - plan.targets).abs() < 0.015, "{share}");
    for story in &targets {
        assert!(!story.truth.unwanted);
        let bombs: Vec<&SimReport> =
            story.reports.iter().filter(|report| matches!(report.reporter, Reporter::Account(_))).collect();
        assert!(bombs.len() >= plan.accounts as usize, "{}", bombs.len());
        let new = |report: &&&SimReport| report.at.as_ms() - report.reporter_since.as_ms() <= 3 * 86_400_000;
        assert!(bombs.iter().filter(new).count() >= plan.accounts as usize);
        let (first, last) = (bombs[0].at.as_ms(), bombs[bombs.len() - 1].at.as_ms());
        assert!(bombs.len() > plan.accounts as usize || last - first <= 86_400_000);
    }
    let half = stories(&self::world(Some((Adversary::ComplaintBombing, 0.5))), |truth, _| truth.attacked);
    assert_eq!(half.len(), targets.len(), "the strength is in the reports, not in the targets");
    assert!(half.iter().all(|story| story.reports.len() < targets[0].reports.len() + 5));
}

#[test]
fn praise_is_for_the_unwanted() {
    let praised = stories(&world(Some((Adversary::PraiseBombing, 1.0))), |truth, _| truth.attacked);
    assert!(praised.len() > 30 && praised.iter().all(|story| story.truth.unwanted));
    let kind = |story: &Story| story.reports.iter().filter(|r| r.category == ReportCategory::NotSpam).count();
    assert!(praised.iter().filter(|story| kind(story) == 60).count() as f64 > 0.7 * praised.len() as f64);
}

#[test]
fn friends_pick_up_and_talk() {
    let stories = unwanted(Some((Adversary::FriendlyRing, 1.0)));
    let plain = unwanted(None);
    let (ringed, alone) = (share(&stories, |_| true, answered), share(&plain, |_| true, answered));
    assert!(ringed > alone + 0.12, "{alone} {ringed}");
    let story = stories.iter().max_by_key(|story| story.calls.len()).expect("one");
    let mut times: HashMap<_, u32> = HashMap::new();
    story.calls.iter().for_each(|call| *times.entry(call.dest).or_default() += 1);
    let mut times: Vec<u32> = times.into_values().collect();
    times.sort_unstable_by_key(|times| std::cmp::Reverse(*times));
    let friends: u32 = times.iter().take(15).sum();
    let part = f64::from(friends) / story.calls.len() as f64;
    assert!((0.25..0.42).contains(&part), "a third of the calls go to 15 friends: {part}");
}

#[test]
fn aged_numbers_begin_well() {
    let stories = unwanted(Some((Adversary::AgeThenBurst, 0.3)));
    let mut quiet_then_loud = 0;
    for story in stories.iter().filter(|story| story.calls.len() > 400) {
        let half = story.truth.alive_from.as_ms() + (4 * 86_400_000);
        let early = story.calls.iter().filter(|call| call.at.as_ms() < half).count();
        quiet_then_loud += u32::from(early < story.calls.len() / 4);
    }
    assert!(quiet_then_loud >= 10, "{quiet_then_loud}");
}

#[test]
fn spoofed_numbers_are_innocent() {
    let world = world(Some((Adversary::SpoofInnocent, 1.0)));
    let targets = stories(&world, |truth, _| truth.attacked);
    assert!(targets.len() > 40 && targets.iter().all(|story| !story.truth.unwanted));
    let near = |call: &SimCall| call.orig.block() == call.dest.block();
    let neighbours = share(&targets, |_| true, near);
    assert!(neighbours > 0.1, "{neighbours}");
    let owners = targets.iter().flat_map(|story| &story.reports);
    assert!(owners.filter(|report| report.category == ReportCategory::SpoofedMe).count() >= 3);
}

#[test]
fn drift_lowers_answers_and_raises_hang_ups() {
    let of = |strength| {
        let world = world(Some((Adversary::Drift, strength)));
        let late = world.from().as_ms() + 8 * 86_400_000;
        let stories = stories(&world, |truth, class| !truth.unwanted && class == "small_firm");
        let after = |call: &SimCall| call.at.as_ms() >= late;
        (share(&stories, after, answered), share(&stories, |call| after(call) && answered(call), short))
    };
    let ((answers, shorts), (fewer, more)) = (of(0.0), of(1.0));
    assert!((fewer / answers - 0.7).abs() < 0.03, "{answers} {fewer}");
    assert!((more / shorts - 1.5).abs() < 0.1, "{shorts} {more}");
}

#[test]
fn reformers_behave_badly_first() {
    let world = world(Some((Adversary::LockIn, 1.0)));
    let until = world.from().as_ms() + 5 * 86_400_000;
    let stories = stories(&world, |truth, _| truth.attacked);
    assert!(stories.len() > 20 && stories.iter().all(|story| !story.truth.unwanted));
    let bad = share(&stories, |call| call.at.as_ms() < until && answered(call), short);
    let good = share(&stories, |call| call.at.as_ms() >= until && answered(call), short);
    assert!(bad > 0.4 && good < 0.25, "{bad} {good}");
}
