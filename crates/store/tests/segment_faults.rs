//! Whatever fails, and whenever the power goes: what was acknowledged is there, in order, and nothing else but what was being
//! appended, as a whole or not at all. Each seed plays a schedule of appends, trims, forgotten numbers, faults and crashes, and compares
//! the log with a list.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use model::Timestamp;
use store::battery::Sampler;
use store::files::{Fault, SimulatedDisk};
use store::{DataKey, Event, EventLog, LogError, Position, SegmentLog, SegmentOptions};

type Placed = Vec<(Position, Event)>;

struct Play {
    disk: SimulatedDisk,
    log: Option<SegmentLog>,
    seed: u64,
    sampler: Sampler,
    /// What was acknowledged and not forgotten, trimmed or not.
    acknowledged: Placed,
    /// What was being appended when it failed, from the end of what was acknowledged on.
    pending: Placed,
    /// Numbers that were being forgotten when it failed.
    forgetting: BTreeSet<model::TelephoneNumber>,
    end: Position,
    refusals: u32,
}

impl Play {
    fn new(seed: u64) -> Self {
        Self {
            disk: SimulatedDisk::new(),
            log: None,
            seed,
            sampler: Sampler::new(seed),
            acknowledged: Vec::new(),
            pending: Vec::new(),
            forgetting: BTreeSet::new(),
            end: Position::ZERO,
            refusals: 0,
        }
    }

    fn open(&mut self) -> Result<SegmentLog, LogError> {
        let key = self.seed.is_multiple_of(2).then(|| DataKey::new([3; 32]));
        let options =
            SegmentOptions { segment_bytes_max: 1_500, frame_events_max: 5, key, ..SegmentOptions::default() };
        SegmentLog::open_with(Arc::new(self.disk.clone()), Path::new("log"), options)
    }

    /// Opens the log again and compares it with the list.
    fn reopen(&mut self) {
        drop(self.log.take());
        let opened = match self.open() {
            Ok(log) => log,
            Err(_) => {
                // The fault met the opening itself. It is over now.
                self.disk.repair();
                self.disk.set_capacity(None);
                self.open().expect("a log opens on a sound disk")
            }
        };
        self.disk.repair();
        self.disk.set_capacity(None);
        assert_eq!(opened.opening().damage, [], "no fault looks like damage");
        assert_eq!(opened.verify().expect("it can be read"), [], "no fault leaves damage");
        self.log = Some(opened);
        let found = self.read();
        self.settle(found);
    }

    /// Opens the log again in place, as a service does after a failure, and compares it with the list.
    fn reopen_in_place(&mut self) {
        let reader = self.log().reader();
        if self.log().reopen().is_err() {
            // The fault met the opening. Readers are as they were, and nothing is taken.
            let start = reader.held().start;
            let (found, expected) = (self.read(), self.expected());
            assert_eq!(found, expected, "reading goes on from {start}");
            self.disk.repair();
            self.disk.set_capacity(None);
            self.log().reopen().expect("a log opens on a sound disk");
        }
        assert_eq!(self.log().opening().damage, [], "no fault looks like damage");
        let found = self.read();
        self.settle(found);
    }

    fn log(&mut self) -> &mut SegmentLog {
        self.log.as_mut().expect("the log is open")
    }

    fn read(&mut self) -> Placed {
        let reader = self.log().reader();
        let reading = reader.read(reader.held().start).expect("held");
        reading.flat_map(|logged| logged.expect("nothing is damaged").events).collect()
    }

    /// What must be there, from the log's start on.
    fn expected(&mut self) -> Placed {
        let start = self.log().reader().held().start;
        self.acknowledged.iter().filter(|(place, _)| *place >= start).cloned().collect()
    }

    /// Takes over what is found after something failed, if it may be so.
    fn settle(&mut self, found: Placed) {
        let end = self.log().reader().held().end;
        let survived = usize::try_from(end.0 - self.end.0).expect("a few");
        assert!(
            survived == 0 || survived == self.pending.len(),
            "what was being appended is there as a whole or not at all"
        );
        self.acknowledged.extend(self.pending.drain(..).take(survived));
        self.pending.clear();
        self.end = end;
        let forgetting = std::mem::take(&mut self.forgetting);
        let places: BTreeSet<Position> = found.iter().map(|(place, _)| *place).collect();
        let may_go = |event: &Event| event.payload.names(&forgetting);
        self.acknowledged.retain(|(place, event)| !may_go(event) || places.contains(place));
        assert_eq!(found, self.expected(), "what was acknowledged is there, and nothing else");
    }

    fn append(&mut self) {
        let batches: Vec<Vec<Event>> = (0..=self.sampler.below(3))
            .map(|_| {
                let count = self.sampler.below(8);
                self.sampler.events(usize::try_from(count).expect("few"))
            })
            .collect();
        let slices: Vec<&[Event]> = batches.iter().map(Vec::as_slice).collect();
        let placed: Placed = (self.end.0..).map(Position).zip(batches.concat()).collect();
        match self.log().append_group(&slices, Timestamp::EPOCH) {
            Ok(places) => {
                assert_eq!(places, self.end..self.end.plus(placed.len() as u64));
                self.acknowledged.extend(placed);
                self.end = places.end;
            }
            // What failed before is still pending.
            Err(LogError::Refused) => {}
            Err(_) => {
                self.pending = placed;
                self.expect_refused();
            }
        }
    }

    /// After a failure the log is read as before, and takes nothing.
    fn expect_refused(&mut self) {
        self.refusals += 1;
        let event = self.sampler.event();
        let refused = self.log().append(&[event], Timestamp::EPOCH);
        assert!(matches!(refused, Err(LogError::Refused)));
        let (found, expected) = (self.read(), self.expected());
        assert_eq!(found, expected, "reading goes on");
    }

    fn trim(&mut self) {
        let before = Position(self.sampler.below(self.end.0 + 1));
        let start = self.log().reader().held().start;
        // Whether all could be removed or not: what is read begins where it says, and the log goes on.
        let _ = self.log().trim(before);
        assert!(self.log().reader().held().start <= before.max(start), "nothing from the place on is trimmed");
        let (found, expected) = (self.read(), self.expected());
        assert_eq!(found, expected, "the rest stays");
    }

    fn forget(&mut self) {
        let named: Vec<_> = self.acknowledged.iter().filter_map(|(_, event)| event.payload.tn()).collect();
        let one = self.sampler.below(named.len() as u64);
        let some: BTreeSet<_> = named.into_iter().skip(usize::try_from(one).expect("few")).take(2).collect();
        match self.log().forget(&some) {
            Ok(_) => self.acknowledged.retain(|(_, event)| !event.payload.names(&some)),
            Err(LogError::Refused) => {}
            // Some segments are rewritten, others are not: what is there is told when it is opened again.
            Err(_) => {
                self.forgetting = some;
                self.reopen();
            }
        }
    }

    fn arm(&mut self) {
        let fault = match self.sampler.below(4) {
            0 => Fault::Fail,
            1 => Fault::FailAfter,
            _ => Fault::Short(usize::try_from(self.sampler.below(300)).expect("few")),
        };
        let after = self.sampler.below(6);
        self.disk.fail_after(after, fault);
    }

    fn fill_disk(&mut self) {
        let taken: usize = self.disk.files().iter().filter_map(|file| self.disk.bytes(file)).map(|b| b.len()).sum();
        let room = usize::try_from(self.sampler.below(400)).expect("few");
        self.disk.set_capacity(Some(taken + room));
    }

    fn crash(&mut self) {
        drop(self.log.take());
        let mut sampler = Sampler::new(self.sampler.below(u64::MAX));
        self.disk.crash(&mut |most| usize::try_from(sampler.below(most as u64 + 1)).expect("few"));
        self.reopen();
    }

    fn step(&mut self) {
        match self.sampler.below(20) {
            0 => self.trim(),
            1 => self.forget(),
            2 | 3 => self.arm(),
            4 => self.fill_disk(),
            5 => self.crash(),
            6 => self.reopen(),
            7 => self.reopen_in_place(),
            _ => self.append(),
        }
    }
}

#[test]
fn what_was_acknowledged_outlasts_every_fault() {
    let (mut refusals, mut events) = (0, 0);
    for seed in 0..100 {
        let mut play = Play::new(seed);
        play.reopen();
        for _ in 0..80 {
            play.step();
        }
        play.crash();
        let (found, expected) = (play.read(), play.expected());
        assert_eq!(found, expected, "seed {seed}");
        refusals += play.refusals;
        events += play.acknowledged.len();
    }
    assert!(refusals > 300 && events > 7_000, "the schedules fail often and get on: {refusals}, {events}");
}
