//! From a number's facts to its label, stepped in event time: at each hour in which something became known, and, while the
//! number is labelled, at every hour.

use model::{Determination, Label, Timestamp};

use crate::assess::{Assessment, Inputs, assess};
use crate::evidence::ReportFact;
use crate::facts::{Moment, hour_index, hour_start};
use crate::state::{Activity, LabelState};
use crate::timeline::{Circumstances, Cut, Hours, Reading, Rules, Timeline};

/// What a replay asks of the other numbers.
pub trait Others {
    /// The block's evidence for the number at hand as of the last 00:00 UTC before `hour`, in nats, clipped; with `at_end`, as of
    /// the end of the data (a file of less than a day derives its priors once, there).
    fn block_nats(&mut self, hour: u32, at_end: bool) -> f64;

    /// The 00:00 UTC as of which a block's evidence at the end of the data stands; `None` when that is the end itself.
    fn midnight_at_end(&self) -> Option<u32> {
        None
    }

    /// How far a reporter is believed, 0 to 1, as of the last 00:00 UTC before `hour`. `None` stands for a person of its own.
    fn credibility(&self, reporter: Option<u64>, hour: u32) -> f64;
}

/// Where a replay ended.
pub struct Replayed {
    /// The label and its history.
    pub state: LabelState,
    /// The last reading, with the block's evidence.
    pub reading: Reading,
    /// The hour of the last attempt; `None` when there was none.
    pub last_attempt: Option<u32>,
}

/// A replay up to its end, before the block's evidence is added there.
pub struct Unfinished {
    state: LabelState,
    reading: Reading,
    activity: Activity,
    /// The probability without block and attestation at the moment that was asked for; `None` when there was no attempt by then.
    pub p0: Option<f64>,
}

impl Unfinished {
    /// Adds the block's evidence at the end, where there is something to say, and takes the last step.
    pub fn finish(self, rules: &Rules, others: &mut dyn Others, end: End) -> Replayed {
        let Self { mut state, mut reading, activity, p0: _ } = self;
        if state.needs_ticks() || reading.found.opinion {
            reading.inputs.block_nats = others.block_nats(end.moment.hour, true);
            reading.found = reading.found.with_block(&rules.policy, rules.prior, &reading.inputs);
        }
        let part_ms = end.at.as_ms() - hour_start(end.moment.hour).as_ms();
        state.step(&rules.policy, &reading.found, end.moment, activity, part_ms);
        Replayed { state, reading, last_attempt: activity.last_attempt }
    }
}

/// The last moment of a replay.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// As an instant.
    pub at: Timestamp,
    /// As a moment.
    pub moment: Moment,
}

impl End {
    /// The end at an instant; `None` outside the years that facts can hold.
    #[must_use]
    pub fn at(at: Timestamp) -> Option<Self> {
        let hour = hour_index(at)?;
        let part_ms = at.as_ms() - hour_start(hour).as_ms();
        Some(Self { at, moment: Moment { hour, part: part_ms as f64 / model::time::HOUR_MS as f64 } })
    }
}

/// Where a replay begins: at the number's first fact, or at a tick at which an earlier one left off.
///
/// Going on from a tick gives what a replay from the first fact gives, as long as nothing that became known before the tick was
/// learned after it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Begin {
    /// The hour of the tick; 0 stands for the first fact.
    pub tick: u32,
    /// The label's state as it was stepped at that tick.
    pub state: LabelState,
    /// The hour of the last attempt by then, which facts may have given up since; `None` when there was none.
    pub last_attempt: Option<u32>,
}

/// Steps one number's label at one view from its first fact to the end.
pub fn replay(
    rules: &Rules,
    about: &Circumstances<'_>,
    hours: Hours<'_>,
    others: &mut dyn Others,
    end: End,
    timeline: &mut Timeline,
) -> Replayed {
    replay_to_end(rules, about, hours, others, end, timeline).finish(rules, others, end)
}

/// The same, but for the block's evidence at the end: the numbers of a block are replayed first, and each of them tells what
/// its neighbours' evidence there is made of.
pub fn replay_to_end(
    rules: &Rules,
    about: &Circumstances<'_>,
    hours: Hours<'_>,
    others: &mut dyn Others,
    end: End,
    timeline: &mut Timeline,
) -> Unfinished {
    resume_to_end(rules, about, hours, others, (Begin::default(), end), timeline)
}

/// The same from a tick on, at or after which the end must lie.
pub fn resume_to_end(
    rules: &Rules,
    about: &Circumstances<'_>,
    mut hours: Hours<'_>,
    others: &mut dyn Others,
    (begin, end): (Begin, End),
    timeline: &mut Timeline,
) -> Unfinished {
    let reports = hours.view().reports(about.reports);
    let about = &Circumstances { reports: &reports, ..*about };
    timeline.clear(about);
    if about.is_bare() {
        timeline.watch();
    }
    let others_at = others.midnight_at_end();
    let mut run = Run {
        rules,
        about,
        others,
        last_tick: begin.tick,
        last_attempt_before: begin.last_attempt,
        pending: pending_hours(about, end),
        cut_ahead: about.cut().filter(|cut| cut.at <= end.at && !begin.state.was_cleared_at(cut.at)),
        state: begin.state,
        holds_through: None,
        p0_at: others_at,
        p0: None,
    };
    if let Some(stepped) = begin.tick.checked_sub(1) {
        hours.feed(stepped, rules, timeline);
        run.take_pending(stepped);
    }
    // The end is a tick. The last hour boundary is one of its own when the data goes on after it.
    let last_tick = end.moment.hour + u32::from(end.moment.part > 0.0);
    loop {
        let next = [hours.next_known(), run.pending.last().copied()].into_iter().flatten().min();
        let Some(known) = next.filter(|&known| known + 1 < last_tick) else {
            break;
        };
        run.quiet_until(known + 1, timeline);
        run.look_before(known, timeline);
        let calls = hours.feed(known, rules, timeline);
        let others_known = run.take_pending(known);
        run.tick(Moment::tick(known + 1), calls || others_known, timeline);
    }
    run.quiet_until(last_tick, timeline);
    run.look_before(end.moment.hour, timeline);
    let calls = hours.feed(end.moment.hour, rules, timeline);
    let others_known = run.take_pending(end.moment.hour);
    run.finish(end, calls || others_known, timeline)
}

struct Run<'a, 'b> {
    rules: &'a Rules,
    about: &'a Circumstances<'a>,
    others: &'b mut dyn Others,
    state: LabelState,
    last_tick: u32,
    /// The hour of the last attempt before the replay began.
    last_attempt_before: Option<u32>,
    /// Hours in which reports and the like became known, the earliest last.
    pending: Vec<u32>,
    /// A determination that clears the number and has not come yet.
    cut_ahead: Option<Cut>,
    /// The day through which the label holds while nothing new becomes known; `None` when that is not certain.
    holds_through: Option<u32>,
    /// The midnight at which the neighbours ask for a probability, until it has passed.
    p0_at: Option<u32>,
    p0: Option<f64>,
}

impl Run<'_, '_> {
    fn last_attempt(&self, timeline: &Timeline) -> Option<u32> {
        timeline.last_attempt().max(self.last_attempt_before)
    }

    fn take_pending(&mut self, hour: u32) -> bool {
        let before = self.pending.len();
        while self.pending.last().is_some_and(|&known| known <= hour) {
            self.pending.pop();
        }
        self.pending.len() < before
    }

    /// The ticks after the last one and before `hour`, at which nothing new is known. Only a labelled number needs them.
    fn quiet_until(&mut self, hour: u32, timeline: &mut Timeline) {
        if self.last_tick == 0 {
            return;
        }
        let mut tick = self.last_tick + 1;
        while tick < hour && self.state.needs_ticks() {
            self.tick(Moment::tick(tick), false, timeline);
            tick += 1;
        }
    }

    /// Takes the probability that the neighbours ask for before anything of `hour` is added.
    fn look_before(&mut self, hour: u32, timeline: &mut Timeline) {
        let Some(midnight) = self.p0_at.filter(|&midnight| midnight <= hour) else {
            return;
        };
        self.p0_at = None;
        if timeline.attempts_seen() > 0 {
            let reading = self.read(Moment::tick(midnight), hour_start(midnight), timeline);
            self.p0 = Some(reading.found.p0);
        }
    }

    fn tick(&mut self, now: Moment, anything: bool, timeline: &mut Timeline) {
        self.last_tick = now.hour;
        let at = hour_start(now.hour);
        self.apply_clearance(at);
        // Too few attempts reach no label whatever else is known, unless trusted truth speaks.
        let few = (timeline.attempts_seen() as f64) < self.rules.policy.levels.potential_spam.attempts;
        if !self.state.needs_ticks() && (!anything || few && self.about.truth.is_empty() && !self.about.undialable) {
            return;
        }
        if !anything && self.holds(now, timeline) {
            debug_assert!(
                self.stays(now, at, timeline),
                "decay lowers a label in hour {}, which was to hold",
                now.hour
            );
            return;
        }
        if !self.state.needs_ticks() && timeline.out_of_reach(self.rules, now.hour) {
            debug_assert!(
                self.reaches_nothing(now, at, timeline),
                "the bound on the log-odds is below them at hour {}",
                now.hour
            );
            return;
        }
        let reading = self.read(now, at, timeline);
        let found = self.with_block_where_it_matters(&reading, now.hour, anything);
        let activity = Activity { anything, last_attempt: self.last_attempt(timeline) };
        self.state.step(&self.rules.policy, &found, now, activity, 0);
        self.holds_through = self.label_holds(&found).then_some(now.hour / 24);
    }

    /// The label holds through an hour in which nothing new became known.
    fn holds(&self, now: Moment, timeline: &Timeline) -> bool {
        let silent_h = self.last_attempt(timeline).map_or(u32::MAX, |last| now.hour - last);
        self.holds_through == Some(now.hour / 24) && silent_h < self.rules.policy.label.silent_d * 24
    }

    /// The full assessment, with the least that the block may say, leaves the label as it is.
    fn stays(&self, now: Moment, at: Timestamp, timeline: &mut Timeline) -> bool {
        let reading = self.read(now, at, timeline);
        let [low, _] = self.rules.policy.block.clip;
        let found = self.with_block_nats(&reading, low);
        let mut state = self.state.clone();
        let activity = Activity { anything: false, last_attempt: self.last_attempt(timeline) };
        state.step(&self.rules.policy, &found, now, activity, 0);
        state.label == self.state.label
    }

    /// What was found holds the label up for the rest of the day, whatever decay does.
    fn label_holds(&self, found: &Assessment) -> bool {
        let policy = &self.rules.policy;
        let least = found.log_odds - self.rules.bounds().day_fall();
        let least = policy.calibration.alpha + policy.calibration.beta * least;
        let label = self.state.label;
        self.about.is_bare() && label > Label::None && least >= policy.entry_log_odds(label) - policy.label.below_nats
    }

    /// The full assessment, with whatever the block may say, reaches no label.
    fn reaches_nothing(&self, now: Moment, at: Timestamp, timeline: &mut Timeline) -> bool {
        let Reading { inputs, .. } = self.read(now, at, timeline);
        let policy = &self.rules.policy;
        let [low, high] = policy.block.clip;
        [low, 0.0, high]
            .into_iter()
            .all(|block_nats| assess(policy, self.rules.prior, &Inputs { block_nats, ..inputs }).reached == Label::None)
    }

    fn finish(mut self, end: End, anything: bool, timeline: &mut Timeline) -> Unfinished {
        self.apply_clearance(end.at);
        let reading = self.read(end.moment, end.at, timeline);
        let activity = Activity { anything, last_attempt: self.last_attempt(timeline) };
        let at_end = || (timeline.attempts_seen() > 0).then_some(reading.found.p0);
        let p0 = if self.others.midnight_at_end().is_some() { self.p0 } else { at_end() };
        Unfinished { state: self.state, reading, activity, p0 }
    }

    fn apply_clearance(&mut self, now: Timestamp) {
        if let Some(cut) = self.cut_ahead.filter(|cut| cut.at <= now) {
            self.cut_ahead = None;
            self.state.clear(cut.at);
        }
    }

    fn read(&self, now: Moment, at: Timestamp, timeline: &mut Timeline) -> Reading {
        let credibility = |reporter| self.others.credibility(reporter, now.hour);
        timeline.read(self.rules, self.about, &credibility, now, at)
    }

    /// Adds the block's evidence, the one piece that needs many other numbers, where the label's step hangs on it.
    fn with_block_where_it_matters(&mut self, reading: &Reading, hour: u32, anything: bool) -> Assessment {
        let policy = &self.rules.policy;
        let [low, high] = policy.block.clip.map(|block_nats| self.with_block_nats(reading, block_nats));
        if self.state.steps_alike(policy, &low, &high, anything) {
            return low;
        }
        let block_nats = self.others.block_nats(hour, false);
        self.with_block_nats(reading, block_nats)
    }

    fn with_block_nats(&self, reading: &Reading, block_nats: f64) -> Assessment {
        let inputs = Inputs { block_nats, ..reading.inputs };
        reading.found.with_block(&self.rules.policy, self.rules.prior, &inputs)
    }
}

/// The hours in which reports, determinations and the like became known, the earliest last.
fn pending_hours(about: &Circumstances<'_>, end: End) -> Vec<u32> {
    let reports = about.reports.iter().map(|report: &ReportFact| report.known);
    let truth = about.truth.iter().map(|fact| fact.known());
    let upheld = about.standing.filter(|standing| standing.determination == Determination::Upheld);
    let mut hours: Vec<u32> = reports
        .chain(truth)
        .chain(upheld.and_then(|standing| standing.evidence_from))
        .filter(|&known| known <= end.at && known > Timestamp::EPOCH)
        .filter_map(hour_index)
        .collect();
    hours.sort_unstable_by(|a, b| b.cmp(a));
    hours.dedup();
    hours
}
