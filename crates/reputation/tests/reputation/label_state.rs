//! How a label rises and falls, hour by hour.

use model::{Label, Status};
use reputation::assess::{Assessment, Inputs, assess};
use reputation::facts::{Moment, hour_start};
use reputation::state::{Activity, LabelState};

use super::world::{monday, starting};

/// What an hour brings: log-odds, what the conditions reach, what the floor gives.
#[derive(Clone, Copy)]
struct Hour {
    log_odds: f64,
    reached: Label,
    floor: Label,
}

/// Far below every entry.
const CLEAN: Hour = Hour { log_odds: -5.0, reached: Label::None, floor: Label::None };
/// Everything speaks for Spam.
const BAD: Hour = Hour { log_odds: 6.0, reached: Label::Spam, floor: Label::None };

/// A label's state, with the hour that it has been stepped to.
struct Stepped {
    state: LabelState,
    hour: u32,
    last_attempt: u32,
}

impl Stepped {
    fn new() -> Self {
        Self { state: LabelState::default(), hour: monday(), last_attempt: monday() }
    }

    /// Steps through one hour with an attempt in it, or without.
    fn step(&mut self, hour: Hour, attempt: bool) -> Label {
        let rules = starting();
        let blank = assess(&rules.policy, rules.prior, &Inputs::default());
        let found = Assessment { log_odds: hour.log_odds, reached: hour.reached, floor: hour.floor, ..blank };
        self.hour += 1;
        if attempt {
            self.last_attempt = self.hour - 1;
        }
        let activity = Activity { anything: attempt, last_attempt: Some(self.last_attempt) };
        self.state.step(&rules.policy, &found, Moment::tick(self.hour), activity, 0);
        self.state.label
    }

    /// Steps through so many hours, each with an attempt.
    fn steps(&mut self, hours: u32, hour: Hour) {
        for _ in 0..hours {
            self.step(hour, true);
        }
    }

    /// How many such hours it takes until the label changes.
    fn hours_to_change(&mut self, hour: Hour, attempts: bool) -> u32 {
        let before = self.state.label;
        (1..10_000).find(|_| self.step(hour, attempts) != before).expect("a change")
    }

    fn status(&self, days_later: u32, enough: bool) -> Status {
        self.state.status(&starting().policy, hour_start(self.hour + days_later * 24), enough)
    }
}

#[test]
fn a_label_rises_at_once_but_only_with_news() {
    let mut label = Stepped::new();
    assert_eq!(label.step(BAD, false), Label::None);
    assert_eq!(label.step(BAD, true), Label::Spam);
    assert_eq!(label.state.history.len(), 1);
}

#[test]
fn a_label_falls_a_level_after_a_day_below_and_then_each_six_hours() {
    let mut label = Stepped::new();
    label.step(BAD, true);
    // The first evaluation below begins the day.
    assert_eq!(label.hours_to_change(CLEAN, true), 25);
    assert_eq!(label.state.label, Label::SpamLikely);
    assert_eq!(label.hours_to_change(CLEAN, true), 6);
    assert_eq!(label.hours_to_change(CLEAN, true), 6);
    assert_eq!(label.state.label, Label::None);
}

#[test]
fn one_evaluation_above_begins_the_day_anew() {
    let mut label = Stepped::new();
    label.step(BAD, true);
    label.steps(20, CLEAN);
    // Not enough for a rise, yet not below by 1.1 nats.
    label.step(Hour { log_odds: 4.595 - 1.0, ..CLEAN }, true);
    assert_eq!(label.hours_to_change(CLEAN, true), 25);
    // Only what lies 1.1 below the label's own entry counts.
    let near = Hour { log_odds: 2.197 - 1.0, ..CLEAN };
    label.steps(200, near);
    assert_eq!(label.state.label, Label::SpamLikely);
}

#[test]
fn the_floor_holds_a_label_up() {
    let mut label = Stepped::new();
    label.step(BAD, true);
    let held = Hour { floor: Label::SpamLikely, ..CLEAN };
    label.steps(200, held);
    assert_eq!(label.state.label, Label::SpamLikely);
}

#[test]
fn silence_takes_a_label_down_after_two_weeks_and_then_weekly() {
    let mut label = Stepped::new();
    label.step(BAD, true);
    assert_eq!(label.hours_to_change(BAD, false), 14 * 24 - 1);
    assert_eq!(label.hours_to_change(BAD, false), 7 * 24);
    assert_eq!(label.hours_to_change(BAD, false), 7 * 24);
    assert_eq!(label.state.label, Label::None);
    assert!((0..500).all(|_| label.step(BAD, false) == Label::None), "silence never raises a label");
}

#[test]
fn a_determination_clears_at_its_instant() {
    let mut label = Stepped::new();
    label.step(BAD, true);
    let at = hour_start(label.hour).saturating_add_ms(1_234_567);
    label.state.clear(at);
    assert_eq!((label.state.label, label.state.history[1].at), (Label::None, at));
    assert_eq!(label.status(0, true), Status::MixedHigh);
    assert_eq!(label.status(6, true), Status::MixedHigh);
    assert_eq!(label.status(8, true), Status::MixedLow);
    assert_eq!(label.step(BAD, true), Label::Spam, "a clearance is no pass");
}

#[test]
fn statuses_are_those_stated() {
    let mut label = Stepped::new();
    assert_eq!((label.status(0, false), label.status(0, true)), (Status::Unknown, Status::Unflagged));
    label.step(BAD, true);
    assert_eq!(label.status(0, true), Status::Flagged);
    // It takes 37 hours to lose the label, so the one is labelled on two days, the other on six.
    let held_for = |hours: u32| {
        let mut label = Stepped::new();
        label.step(BAD, true);
        label.steps(hours, BAD);
        while label.state.label > Label::None {
            label.step(CLEAN, true);
        }
        assert_eq!(label.hour, monday() + 1 + hours + 37);
        label
    };
    let (short, long) = (held_for(0), held_for(100));
    assert_eq!((short.status(0, true), short.status(89, true)), (Status::MixedLow, Status::MixedLow));
    assert_eq!(short.status(91, true), Status::Unflagged);
    assert_eq!((long.status(0, true), long.status(11, true)), (Status::MixedHigh, Status::MixedHigh));
    assert_eq!(long.status(12, true), Status::MixedLow);
}
