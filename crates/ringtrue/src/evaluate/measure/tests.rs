use model::TelephoneNumber;

use super::super::outcome::{Known, ViewOutcome};
use super::*;

fn outcome(line: u64, class: u16, unwanted: bool, first: Levels<Option<FirstLabel>>) -> Outcome {
    Outcome {
        tn: TelephoneNumber::from_digits(12_155_550_000 + line).expect("a number"),
        known: Known { class, unwanted, registered: line.is_multiple_of(2), attacked: false },
        attested: false,
        calls: 100,
        looked_up: 80,
        span_h: 48,
        busy: true,
        shown: first.map(|first| first.map_or(0, |first| 80 - first.calls)),
        reachable_calls: [70, 50, 30],
        reachable: [true, true, false],
        first,
        views: vec![ViewOutcome {
            engine: None,
            rating: Some((if unwanted { 9500 } else { 500 }, if unwanted { Label::Spam } else { Label::None })),
            reached: first.map(|first| first.is_some()),
            returns: [1, 0, 0],
            labelled_min: if unwanted { [2880, 1440, 0] } else { [0; 3] },
        }],
    }
}

fn at(calls: u64, hours: u32) -> Option<FirstLabel> {
    Some(FirstLabel { calls, hours })
}

/// Three unwanted numbers of class 0, one never labelled; two wanted ones of class 1, one of them labelled once.
fn world() -> Vec<Outcome> {
    vec![
        outcome(100, 0, true, [at(10, 2), at(40, 9), None]),
        outcome(101, 0, true, [at(20, 4), None, None]),
        outcome(102, 0, true, [None; 3]),
        outcome(103, 1, false, [at(60, 30), None, None]),
        outcome(104, 1, false, [None; 3]),
    ]
}

fn ratio(part: u64, whole: u64) -> Ratio {
    Ratio { part, whole }
}

#[test]
fn figures_by_hand() {
    let found = Evaluation::of(&world(), &["robocaller".into(), "clinic".into()]);
    assert_eq!(found.unwanted.labelled, [ratio(2, 3), ratio(1, 3), ratio(0, 3)]);
    assert_eq!(found.unwanted.reachable, [ratio(3, 3), ratio(3, 3), ratio(0, 3)]);
    // 80 − 10 and 80 − 20 of three times 80 calls; 80 − 40 at Spam Likely.
    assert_eq!(found.unwanted.shown, [ratio(130, 240), ratio(40, 240), ratio(0, 240)]);
    assert_eq!(found.unwanted.reachable_calls, [ratio(210, 240), ratio(150, 240), ratio(90, 240)]);
    assert_eq!(found.unwanted.span_d, Some(2.0));
    let [potential, likely, spam] = found.unwanted.time;
    assert_eq!((potential.calls, potential.hours), (two(10, 20), two(2, 4)));
    assert_eq!((likely.numbers, likely.calls, spam.calls), (1, two(40, 40), None));
    assert_eq!(found.wanted.labelled, [ratio(1, 2), ratio(0, 2), ratio(0, 2)]);
    assert_eq!(found.registered.labelled[0], ratio(0, 1));
    assert_eq!(found.unregistered.labelled[0], ratio(1, 1));
    // Nothing of two: 1 − √.05.
    let bound = found.wanted.labelled[1].upper_95().expect("two numbers");
    assert!((bound - (1.0 - 0.05_f64.sqrt())).abs() < 1e-9, "{bound}");
    // Five returns within six number-days.
    assert_eq!(found.flaps[0], Flaps { returns: 5, labelled_d: 6.0 });
    assert_eq!(found.flaps[1].rate(), Some(0.0));
    assert_eq!(found.flaps[2].rate(), None);
    let names: Vec<(&str, bool)> = found.classes.iter().map(|class| (&*class.name, class.unwanted)).collect();
    assert_eq!(names, [("robocaller", true), ("clinic", false)]);
    assert_eq!(found.engines.len(), 1);
    assert_eq!((found.engines[0].caught[0], found.engines[0].wronged[0]), (ratio(2, 3), ratio(1, 2)));
}

#[test]
fn ratings_are_measured_against_the_truth() {
    let found = Evaluation::of(&world(), &["robocaller".into(), "clinic".into()]).ratings;
    // All are off by .05.
    let near = |got: Option<f64>, want: f64| assert!((got.expect("ratings") - want).abs() < 1e-12, "{got:?} {want}");
    near(found.overall.brier, 0.0025);
    near(found.overall.ece, 0.05);
    near(found.ranking.auc(), 1.0);
    assert_eq!((found.overall.n, found.at_level[2].n), (5, 3));
    assert_eq!(found.bins.bins.len(), 2);
}

#[test]
fn quantiles_are_values_of_numbers() {
    assert_eq!(Quantiles::of(vec![]), None);
    assert_eq!(Quantiles::of(vec![7]), two(7, 7));
    assert_eq!(Quantiles::of((1..=10).rev().collect()), two(5, 9));
    assert_eq!(Quantiles::of((1..=11).collect()), two(6, 10));
}

fn two(median: u64, p90: u64) -> Option<Quantiles> {
    Some(Quantiles { median, p90 })
}
