use model::{Label, TelephoneNumber};

use super::super::outcome::{FirstLabel, Known, ViewOutcome};
use super::*;

/// A number that was labelled Spam Likely after ten of its hundred calls, or never.
fn outcome(line: u64, unwanted: bool, labelled: bool) -> Outcome {
    let first = labelled.then_some(FirstLabel { calls: 10, hours: 3 });
    let reached = [labelled, labelled, false];
    Outcome {
        tn: TelephoneNumber::from_digits(12_155_550_000 + line).expect("a number"),
        known: Known { class: 0, unwanted, registered: false, attacked: false },
        attested: false,
        calls: 100,
        looked_up: 100,
        span_h: 10,
        busy: false,
        shown: if labelled { [90, 90, 0] } else { [0; 3] },
        reachable_calls: [90, 70, 50],
        reachable: [true; 3],
        first: [first, first, None],
        views: vec![ViewOutcome {
            engine: None,
            rating: Some((if labelled { 10_000 } else { 0 }, Label::None)),
            reached,
            returns: [0; 3],
            labelled_min: if labelled { [1440, 1440, 0] } else { [0; 3] },
        }],
    }
}

/// Forty unwanted numbers of which every `every`th is labelled, and forty wanted ones of which none is.
fn world(every: u64) -> Vec<Outcome> {
    let bad = (0..40).map(|line| outcome(line, true, line % every == 0));
    bad.chain((40..80).map(|line| outcome(line, false, false))).collect()
}

fn find<'a>(all: &'a [Difference], measure: &str, level: Option<&str>) -> &'a Difference {
    all.iter().find(|one| one.measure == measure && one.level == level).expect("the figure")
}

#[test]
fn differences_by_hand() {
    let found = compare(&world(2), &world(1), 1);
    let caught = find(&found, "capture_numbers", Some("spam_likely"));
    assert_eq!((caught.first, caught.second, caught.difference), (Some(0.5), Some(1.0), Some(0.5)));
    // The difference is the share of those that are not labelled: its standard error is √(.25/40) = .079.
    let interval = caught.interval.expect("an interval");
    assert!((0.28..0.42).contains(&interval.low) && (0.58..0.72).contains(&interval.high), "{interval:?}");
    assert!(caught.is_sure());
    let calls = find(&found, "capture_calls", Some("potential_spam"));
    assert_eq!((calls.first, calls.second), (Some(0.45), Some(0.9)));
    let wronged = find(&found, "false_positive", Some("spam_likely"));
    assert_eq!((wronged.difference, wronged.is_sure()), (Some(0.0), false));
    let busy = find(&found, "capture_numbers_busy", Some("spam"));
    assert_eq!((busy.first, busy.interval), (None, None));
    // Half of the unwanted are rated 0 under the first policy: 20 of 80 squares.
    let brier = find(&found, "brier", None);
    assert_eq!((brier.first, brier.second), (Some(0.25), Some(0.0)));
}

#[test]
fn equal_seeds_give_equal_intervals() {
    let again = |seed| compare(&world(3), &world(2), seed);
    assert_eq!(again(4), again(4));
    assert_ne!(again(4), again(5));
}
