//! A live service and a replayed file end with the same labels: calls fed one by one as they become known, stepped at every
//! hour, against the same calls in any order, stepped where something happens.

use std::collections::BTreeSet;

use model::Label;
use proptest::prelude::*;
use reputation::assess::{Inputs, assess};
use reputation::engines::View;
use reputation::facts::{CallFact, Cell, DestCell, DestClass, hour_index, hour_start};
use reputation::replay::{End, Others};
use reputation::state::{Activity, LabelState};
use reputation::timeline::{Circumstances, Reading, Rules, Timeline};

use super::case_calls;
use super::case_file::{Given, Period, parse};
use super::traffic::{Besides, Lot, Placed, Shape, shape};
use super::world::{Constant, config, directory, end_at, hasty, monday, replay_of, shipped};

/// Other numbers that say something else every day.
pub(crate) struct Daily(pub(crate) u64);

impl Others for Daily {
    fn block_nats(&mut self, hour: u32, _at_end: bool) -> f64 {
        f64::from(Lot(self.0 ^ u64::from(hour / 24)).below(3500)) / 1000.0 - 1.0
    }

    fn credibility(&self, reporter: Option<u64>, hour: u32) -> f64 {
        let who = reporter.unwrap_or(99) << 32 | u64::from(hour / 24);
        f64::from(Lot(self.0 ^ who).below(1000)) / 1000.0
    }
}

/// A service that keeps one number's label for one view.
struct Service<'a> {
    rules: &'a Rules,
    about: &'a Circumstances<'a>,
    view: &'a View,
    others: Daily,
    timeline: Timeline,
    state: LabelState,
    cut_ahead: bool,
    new_attempt: bool,
}

impl Service<'_> {
    /// One call comes in.
    fn take(&mut self, call: &CallFact) {
        let dest = (call.dest != 0).then(|| DestCell {
            known: call.known,
            hash: call.dest,
            hour: call.hour,
            carrier: call.carrier,
            class: DestClass::of(call.kind),
            count: 1,
        });
        if self.view.sees(call.carrier, call.hour) {
            let cell = Cell {
                known: call.known,
                hour: call.hour,
                carrier: call.carrier,
                kind: call.kind,
                count: 1,
                talk_ds: call.talk_ds.into(),
            };
            self.timeline.add_call(self.rules, &cell);
            self.new_attempt |= call.kind.ended().is_attempt();
            if let Some(dest) = dest {
                self.timeline.add_dest(&dest);
            }
        } else if let Some(dest) = dest.filter(|_| self.view.sees_carrier(call.carrier)) {
            self.timeline.pass_dest(&dest);
        }
    }

    /// An hour ends, or the data does; `news` tells that a report or the like came since the last tick.
    fn tick(&mut self, end: End, news: bool) -> Reading {
        let (now, hour) = (end.moment, end.moment.hour);
        if self.cut_ahead
            && let Some(cut) = self.about.cut()
            && cut.at <= end.at
        {
            self.cut_ahead = false;
            self.state.clear(cut.at);
        }
        let credibility = |reporter| self.others.credibility(reporter, hour);
        let reading = self.timeline.read(self.rules, self.about, &credibility, now, end.at);
        let reading = if reading.found.opinion || self.state.label > Label::None {
            let inputs = Inputs { block_nats: self.others.block_nats(hour, false), ..reading.inputs };
            Reading { inputs, found: assess(&self.rules.policy, self.rules.prior, &inputs) }
        } else {
            reading
        };
        let activity = Activity {
            anything: std::mem::take(&mut self.new_attempt) || news,
            last_attempt: self.timeline.last_attempt(),
        };
        let part_ms = end.at.as_ms() - hour_start(hour).as_ms();
        self.state.step(&self.rules.policy, &reading.found, now, activity, part_ms);
        reading
    }
}

/// Runs the service over calls in the order in which they become known, any order within an hour.
fn serve(service: &mut Service<'_>, facts: &[CallFact], news: &BTreeSet<u32>, end: End) -> Reading {
    let mut facts = facts.iter().peekable();
    let mut reading = None;
    service.timeline.clear(service.about);
    for hour in monday()..=end.moment.hour {
        while let Some(call) = facts.next_if(|call| call.known == hour) {
            service.take(call);
        }
        if hour < end.moment.hour {
            reading = Some(service.tick(end_at(hour + 1), news.contains(&hour)));
        } else if end.moment.part > 0.0 {
            reading = Some(service.tick(end, news.contains(&hour)));
        }
    }
    reading.expect("at least one hour")
}

fn compare(rules: &Rules, shape: &Shape, view: &View) -> Result<usize, TestCaseError> {
    let mut lot = Lot(shape.seed ^ 7);
    let besides = Besides::drawn(shape);
    let placed: Vec<CallFact> = shape.calls().iter().map(Placed::fact).collect();
    let last = shape.end_hour() + lot.below(60 * 24);
    // Half of the runs end in an hour in which the label changes.
    let whole = besides.with(|about| {
        let facts: Vec<CallFact> = placed.iter().filter(|fact| fact.known < last).copied().collect();
        replay_of(rules, &facts, about, (view, &mut Daily(shape.seed)), end_at(last))
    });
    let changes = &whole.state.history;
    let end_hour = if !changes.is_empty() && lot.percent(50) {
        let change = changes[lot.below(changes.len() as u32) as usize];
        hour_index(change.at).expect("an hour of facts")
    } else {
        last
    };
    let part_ms = if lot.percent(50) { 1 + i64::from(lot.below(3_599_999)) } else { 0 };
    let end = End::at(hour_start(end_hour).saturating_add_ms(part_ms)).expect("an hour of facts");
    let is_known = |fact: &CallFact| fact.known < end_hour + u32::from(part_ms > 0);
    let mut facts: Vec<CallFact> = placed.into_iter().filter(is_known).collect();
    lot.shuffle(&mut facts);
    let seen = besides.seen_by(view);
    let news = seen.known().filter(|&known| known <= end.at).filter_map(hour_index).collect();
    let in_order = {
        let mut facts = facts.clone();
        facts.sort_by_key(|fact| fact.known);
        facts
    };
    let (live, live_state) = seen.with(|about| {
        let (others, timeline) = (Daily(shape.seed), Timeline::default());
        let state = LabelState::default();
        let mut service = Service { rules, about, view, others, timeline, state, cut_ahead: true, new_attempt: false };
        let reading = serve(&mut service, &in_order, &news, end);
        (reading, service.state)
    });
    lot.shuffle(&mut facts);
    let replayed =
        besides.shuffled(&mut lot).with(|about| replay_of(rules, &facts, about, (view, &mut Daily(shape.seed)), end));
    prop_assert_eq!(&live_state.history, &replayed.state.history);
    prop_assert_eq!(live_state.label, replayed.state.label);
    prop_assert_eq!(live.inputs.sums, replayed.reading.inputs.sums);
    prop_assert_eq!(live.inputs.sample, replayed.reading.inputs.sample);
    prop_assert_eq!(live.inputs.span_d, replayed.reading.inputs.span_d);
    prop_assert_eq!(live.found, replayed.reading.found);
    let status = |state: &LabelState| state.status(&rules.policy, end.at, live.found.opinion);
    prop_assert_eq!(status(&live_state), status(&replayed.state));
    Ok(live_state.history.len())
}

#[test]
fn streamed_and_batch_labels_agree() {
    let directory = directory();
    let config = config(32);
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let changes = std::cell::Cell::new(0);
    let outcome = runner.run(&(shape(), 0..4usize, any::<bool>()), |(shape, engine, in_haste)| {
        let view = if engine < 3 { directory.view(engine) } else { View::any() };
        let rules = if in_haste { hasty() } else { shipped() };
        changes.set(changes.get() + compare(rules, &shape, &view)?);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(changes.get() > 20, "too few labels changed to say anything: {}", changes.get());
}

#[test]
fn what_a_short_horizon_forgot_hides_nothing() {
    let office = period("given 2000 attempts over 4 days to 500 destinations");
    let dialer = period("given 120 attempts over 2 days, answered 25 %, short 70 %, invalid 15 %, first calls 100 %");
    let (mut facts, used) = case_calls::calls(&office, 2000, monday(), 0);
    facts.extend(case_calls::calls(&dialer, 120, monday() + 10 * 24, used).0);
    let mut nobody = Constant { block_nats: 0.0, credibility: 0.0 };
    let end = end_at(monday() + 12 * 24);
    let replayed = replay_of(hasty(), &facts, &Circumstances::default(), (&View::any(), &mut nobody), end);
    assert!(replayed.state.label >= Label::SpamLikely, "{}", replayed.state.label);
}

fn period(line: &str) -> Period {
    let case = parse("stream", &format!("{line}\nexpect label none")).expect("a case");
    let [Given::Calls(period)] = case.givens.as_slice() else { panic!("one period") };
    period.clone()
}
