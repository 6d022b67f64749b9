//! The label of a number as it is shown, and how it changes over time.

use model::{Label, Status, Timestamp};

use crate::assess::Assessment;
use crate::bytes::{Reader, put, put_option};
use crate::facts::{Moment, hour_start};
use crate::policy::Policy;

/// The labels that can be shown, from the mildest on.
const LEVELS: [Label; 3] = [Label::PotentialSpam, Label::SpamLikely, Label::Spam];

/// One change of a label.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LabelChanged {
    /// The label before.
    pub from: Label,
    /// The label after.
    pub to: Label,
    /// When it takes effect.
    pub at: Timestamp,
}

/// The label of one number at one engine under one policy.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LabelState {
    /// The label now.
    pub label: Label,
    /// Since when the evidence lies under each label's entry, in hours; by label less one.
    below_since: [Option<u32>; 3],
    /// The hour of the last step down.
    stepped_down: Option<u32>,
    /// The changes so far, the oldest first.
    pub history: Vec<LabelChanged>,
    /// When a determination cleared the number last.
    cleared: Option<Timestamp>,
}

/// What happened since the last step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Activity {
    /// A new attempt, report or determination: only then may a label rise.
    pub anything: bool,
    /// The hour of the last attempt; `None` when there was none.
    pub last_attempt: Option<u32>,
}

impl LabelState {
    /// Tells whether the number must be evaluated at every hour: it is labelled.
    #[must_use]
    pub fn needs_ticks(&self) -> bool {
        self.label > Label::None
    }

    /// Tells whether nothing is left to remember: the number was never labelled, or so long ago that nobody looks back to it.
    #[must_use]
    pub const fn is_blank(&self) -> bool {
        matches!(self.label, Label::None) && self.history.is_empty() && self.cleared.is_none()
    }

    /// Steps to the moment `now`, at which `found` holds.
    pub fn step(&mut self, policy: &Policy, found: &Assessment, now: Moment, activity: Activity, part_ms: i64) {
        let rules = &policy.label;
        self.mark_below(policy, found, now.hour);
        if activity.anything && found.reached > self.label {
            self.change(found.reached, now, part_ms);
            return;
        }
        let Some(place) = (self.label as usize).checked_sub(1) else {
            return;
        };
        let since_down = self.stepped_down.map_or(u32::MAX, |hour| now.hour.saturating_sub(hour));
        let below = self.below_since.get(place).copied().flatten();
        let fell = below.is_some_and(|since| now.hour - since >= rules.below_for_h) && since_down >= rules.step_down_h;
        let silent_h = activity.last_attempt.map_or(0, |last| now.hour.saturating_sub(last));
        let silent = silent_h >= rules.silent_d * 24 && since_down >= rules.silent_step_d * 24;
        if fell || silent {
            self.stepped_down = Some(now.hour);
            self.change(self.label.down(), now, part_ms);
        }
    }

    /// Tells whether a determination of this instant or a later one was applied.
    pub(crate) fn was_cleared_at(&self, at: Timestamp) -> bool {
        self.cleared.is_some_and(|cleared| cleared >= at)
    }

    /// Applies a determination that cleared the number at an instant: the label goes, and what comes after starts anew. One that
    /// was learned of late takes effect after the changes that were made by then.
    pub fn clear(&mut self, at: Timestamp) {
        self.cleared = Some(at);
        let at = self.history.last().map_or(at, |last| last.at.max(at));
        self.below_since = [None; 3];
        self.stepped_down = None;
        if self.label > Label::None {
            self.history.push(LabelChanged { from: self.label, to: Label::None, at });
            self.label = Label::None;
        }
    }

    /// Tells whether two assessments of one moment would step this state alike: they reach the same label, or neither rises
    /// above the one that is shown, and they lie on the same side of what holds each label up to that one. Labels above are
    /// marked anew when they are reached.
    pub(crate) fn steps_alike(&self, policy: &Policy, one: &Assessment, other: &Assessment, anything: bool) -> bool {
        let label = self.label;
        let rises = anything && one.reached.max(other.reached) > label;
        let same_rise = !rises || one.reached == other.reached;
        let highest = if rises { one.reached } else { label };
        let same_side = |&label: &Label| is_below(policy, one, label) == is_below(policy, other, label);
        same_rise && LEVELS.iter().filter(|&&label| label <= highest).all(same_side)
    }

    /// Gives up changes that no status looks back to: labels that were gone before `before`.
    pub fn age(&mut self, before: Timestamp) {
        let gone = |change: &LabelChanged| change.to == Label::None && change.at < before;
        if let Some(last) = self.history.iter().rposition(gone) {
            self.history.drain(..=last);
        }
    }

    /// Appends the state as bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(self.label as u8);
        for since in self.below_since {
            put_option(out, since.map(u64::from));
        }
        put_option(out, self.stepped_down.map(u64::from));
        put_option(out, self.cleared.map(ms));
        put(out, self.history.len() as u64);
        for change in &self.history {
            out.extend_from_slice(&[change.from as u8, change.to as u8]);
            put(out, ms(change.at));
        }
    }

    /// Reads a state back; `None` where the bytes hold none.
    #[must_use]
    pub fn read_back(bytes: &mut Reader<'_>) -> Option<Self> {
        let hour = |bytes: &mut Reader<'_>| bytes.option()?.map(u32::try_from).transpose().ok();
        let label = label_of(bytes.byte()?)?;
        let below_since = [hour(bytes)?, hour(bytes)?, hour(bytes)?];
        let stepped_down = hour(bytes)?;
        let cleared = match bytes.option()? {
            None => None,
            Some(ms) => Some(instant(ms)?),
        };
        let count = bytes.count(3)?;
        let mut history = Vec::with_capacity(count);
        for _ in 0..count {
            let (from, to) = (label_of(bytes.byte()?)?, label_of(bytes.byte()?)?);
            history.push(LabelChanged { from, to, at: instant(bytes.get()?)? });
        }
        Some(Self { label, below_since, stepped_down, history, cleared })
    }

    fn mark_below(&mut self, policy: &Policy, found: &Assessment, hour: u32) {
        for (label, since) in LEVELS.into_iter().zip(&mut self.below_since) {
            *since = if is_below(policy, found, label) { since.or(Some(hour)) } else { None };
        }
    }

    fn change(&mut self, to: Label, now: Moment, part_ms: i64) {
        let at = hour_start(now.hour).saturating_add_ms(part_ms);
        self.history.push(LabelChanged { from: self.label, to, at });
        self.label = to;
    }

    /// How the number stands over time, in number owners' words. `opinion` tells that there were enough calls.
    #[must_use]
    pub fn status(&self, policy: &Policy, now: Timestamp, opinion: bool) -> Status {
        let rules = &policy.status;
        if self.label > Label::None {
            return Status::Flagged;
        }
        let day_ms = model::time::DAY_MS;
        let since = |days: u32| now.as_ms() - i64::from(days) * day_ms;
        let cleared = self.cleared.is_some_and(|at| at.as_ms() > since(rules.cleared_d));
        if cleared || self.labelled_days(now, rules.mixed_high_window_d) >= rules.mixed_high_days {
            return Status::MixedHigh;
        }
        if self.history.iter().any(|change| change.from > Label::None && change.at.as_ms() >= since(rules.mixed_low_d))
        {
            return Status::MixedLow;
        }
        if opinion { Status::Unflagged } else { Status::Unknown }
    }

    /// On how many of the last `days` UTC days the number was labelled at some time.
    fn labelled_days(&self, now: Timestamp, days: u32) -> u32 {
        let today = now.day();
        let labelled = |day: i64| {
            let (from, to) = (day * model::time::DAY_MS, (day + 1) * model::time::DAY_MS);
            let mut start: Option<i64> = None;
            for change in &self.history {
                let at = change.at.as_ms();
                if change.from == Label::None {
                    start = Some(at);
                } else if change.to == Label::None
                    && let Some(began) = start.take()
                    && began < to
                    && at > from
                {
                    return true;
                }
            }
            start.is_some_and(|began| began < to)
        };
        u32::try_from((0..i64::from(days)).filter(|back| labelled(today - back)).count()).unwrap_or(0)
    }
}

fn ms(at: Timestamp) -> u64 {
    at.as_ms().unsigned_abs()
}

fn instant(ms: u64) -> Option<Timestamp> {
    Timestamp::from_ms(i64::try_from(ms).ok()?)
}

fn label_of(place: u8) -> Option<Label> {
    Label::ALL.get(usize::from(place)).copied()
}

/// The evidence no longer holds a label up: it lies well below its entry, and no floor gives it.
fn is_below(policy: &Policy, found: &Assessment, label: Label) -> bool {
    let log_odds = policy.calibration.alpha + policy.calibration.beta * found.log_odds;
    log_odds < policy.entry_log_odds(label) - policy.label.below_nats && found.floor < label
}
