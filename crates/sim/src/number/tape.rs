//! Walking through a number's calls in pieces of time.

use model::{Label, Timestamp};

use super::{Event, Number, Played};
use crate::act::{Act, Cursor};
use crate::world::World;

/// Where a walk through a number's calls stands.
#[derive(Clone, Debug)]
pub struct Tape {
    pub(super) first: Cursor,
    pub(super) second: Option<Box<Cursor>>,
    /// How many of the reports that no call led to have come.
    pub(super) bombed: u32,
    pub(super) owner_reported: bool,
    /// What was seen so far.
    pub played: Played,
}

impl Tape {
    pub(super) fn new(number: &Number, world: &World) -> Self {
        Self {
            first: number.first.cursor(world),
            second: number.second.as_ref().map(|act| Box::new(act.cursor(world))),
            bombed: 0,
            owner_reported: false,
            played: Played::default(),
        }
    }

    /// When the next call is placed, in milliseconds since the epoch; `i64::MAX` when there is none.
    pub(super) fn next_ms(&self) -> i64 {
        self.first.next_ms.min(self.second.as_ref().map_or(i64::MAX, |cursor| cursor.next_ms))
    }

    /// The act and the walk that the next call belongs to.
    pub(super) fn next<'a>(&'a mut self, number: &'a Number) -> (&'a Act, &'a mut Cursor) {
        match (&number.second, &mut self.second) {
            (Some(act), Some(cursor)) if cursor.next_ms < self.first.next_ms => (act, cursor),
            (Some(_) | None, _) => (&number.first, &mut self.first),
        }
    }

    /// Goes on to the first call that is placed at `until` or later. Each call goes to `sink` in the order of placing, together
    /// with the report and the call back that come of it, which happen later. Nothing that happens after the run is told.
    pub fn run_until(&mut self, world: &World, number: &Number, until: Timestamp, sink: &mut impl FnMut(Event)) {
        let until_ms = until.as_ms();
        let end = world.to();
        while self.next_ms() < until_ms {
            let (act, cursor) = self.next(number);
            let at_ms = cursor.next_ms;
            let dialled = act.dial(world, cursor.ordinal);
            let step = act.place_call(world, cursor.ordinal, at_ms, &dialled, Label::None);
            cursor.ordinal += 1;
            act.advance(world, cursor);
            self.played.add(step.call.at);
            sink(Event::Call(step.call));
            if let Some(report) = step.report.filter(|report| report.at < end) {
                sink(Event::Report(report));
            }
            if let Some(back) = step.back.filter(|back| back.at < end) {
                sink(Event::Call(back));
            }
        }
        self.uncalled_reports(number, until_ms.min(world.to_ms), sink);
    }

    /// Reports that no call led to, before `until_ms`.
    pub(super) fn uncalled_reports(&mut self, number: &Number, until_ms: i64, sink: &mut impl FnMut(Event)) {
        if let Some(bombing) = &number.bombing {
            while self.bombed < bombing.accounts {
                let report = number.bombing_report(bombing, self.bombed);
                if report.at.as_ms() >= until_ms {
                    break;
                }
                sink(Event::Report(report));
                self.bombed += 1;
            }
        }
        if let Some(at_ms) = number.owner_reports_ms.filter(|at_ms| !self.owner_reported && *at_ms < until_ms) {
            self.owner_reported = true;
            sink(Event::Report(number.owner_report(at_ms)));
        }
    }
}
