//! A service with the real fold, on segment files and snapshots of a simulated disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use model::{TelephoneNumber, Timestamp};
use service::fold::{Fold, Scope};
use service::policy::{Known, PolicySet};
use service::{
    Body, Condition, Config, HandClock, IngestError, Limits, MemoryHistory, Parts, Receipt, Service, TenantId,
};
use store::files::SimulatedDisk;
use store::{Event, EventLog as _, Payload, Position, SegmentLog, SegmentOptions, SnapshotFolder};

use crate::common::policy;
use crate::rig::{START_S, limits, origin};

pub(crate) const LOG: &str = "log";
pub(crate) const SNAPSHOTS: &str = "snapshots";

/// A running service, and what outlives it.
pub(crate) struct Real {
    pub(crate) service: Service,
    pub(crate) disk: SimulatedDisk,
    pub(crate) clock: HandClock,
    history: Arc<MemoryHistory>,
    policy: Arc<PolicySet>,
    limits: Limits,
}

impl Real {
    pub(crate) fn new(limits: Limits) -> Self {
        let clock = HandClock::new(Timestamp::from_s(START_S).expect("a time"));
        Self::start(SimulatedDisk::new(), clock, Arc::default(), policy(""), limits)
    }

    pub(crate) fn start(
        disk: SimulatedDisk,
        clock: HandClock,
        history: Arc<MemoryHistory>,
        policy: Arc<PolicySet>,
        limits: Limits,
    ) -> Self {
        let log = SegmentLog::open_with(Arc::new(disk.clone()), Path::new(LOG), options()).expect("the log opens");
        let snapshots =
            SnapshotFolder::open_with(Arc::new(disk.clone()), Path::new(SNAPSHOTS)).expect("the snapshots open");
        let fold = Fold::new(Arc::clone(&policy), Known::default(), 1);
        let parts = Parts {
            log: Box::new(log),
            answers: Arc::new(fold.reader()),
            machine: Box::new(fold),
            snapshots: Arc::new(snapshots),
            history: Arc::clone(&history) as Arc<_>,
            clock: Arc::new(clock.clone()),
        };
        let config = Config { limits: limits.clone(), ..Config::default() };
        let service = Service::open(config, parts).expect("threads");
        assert_ne!(service.wait_until_started(), Condition::Starting);
        service.settle();
        Self { service, disk, clock, history, policy, limits }
    }

    /// Another one on a copy of this one's disk.
    pub(crate) fn copy(&self) -> Self {
        let clock = HandClock::new(self.service.now());
        let policy = Arc::clone(&self.policy);
        Self::start(self.disk.copy(), clock, Arc::default(), policy, self.limits.clone())
    }

    /// The power goes: nothing more reaches the disk, and of what was not synced `choose` tells what stays. Another process starts.
    pub(crate) fn crash(self, choose: &mut dyn FnMut(usize) -> usize) -> Self {
        self.disk.halt();
        self.service.stop();
        let Self { service, disk, clock, history, policy, limits } = self;
        drop(service);
        disk.crash(choose);
        Self::start(disk, clock, history, policy, limits)
    }

    pub(crate) fn send(&self, body: &str) -> Result<Receipt, IngestError> {
        let admitted = self.service.admit(body.len())?;
        self.service.ingest_calls(admitted, &origin(1), Body::new(body.as_bytes()))?.wait()
    }

    /// Turns the clock and waits until everything that follows is folded.
    pub(crate) fn pass_ms(&self, ms: i64) {
        self.clock.advance_ms(ms);
        self.service.tick();
        self.service.settle();
    }

    /// The calls of the last 35 days that count for a number; 0 where nothing is known of it.
    pub(crate) fn attempts(&self, tn: TelephoneNumber) -> u64 {
        let Some(found) = self.service.number(tn, TenantId(1), &[Scope::Shared]) else { return 0 };
        let (_, rest) = found.json.split_once("\"d35\":{\"attempts\":").expect("counts");
        rest.split_once(|c: char| !c.is_ascii_digit()).expect("a count").0.parse().expect("a count")
    }

    /// Ends the service and reads everything that its log holds.
    pub(crate) fn events(self) -> Vec<(Position, Event)> {
        self.service.stop();
        drop(self.service);
        let log = SegmentLog::open_with(Arc::new(self.disk), Path::new(LOG), options()).expect("the log opens");
        assert_eq!(log.verify().expect("read"), []);
        let reader = log.reader();
        let read = reader.read(reader.held().start).expect("in range");
        read.flat_map(|logged| logged.expect("whole").events).collect()
    }
}

/// Segments of some dozen calls.
pub(crate) fn options() -> SegmentOptions {
    SegmentOptions { segment_bytes_max: 1_500, frame_events_max: 16, ..SegmentOptions::default() }
}

/// Limits that keep the whole state every hundred events.
pub(crate) fn small() -> Limits {
    Limits { snapshot_events: 100, ..limits() }
}

/// A short call from one of the fictional numbers.
pub(crate) fn call(id: &str, at_ms: i64, last: u64) -> String {
    let dest = 100 + at_ms.unsigned_abs() % 100;
    format!(
        "{{\"id\":\"{id}\",\"start\":{at_ms},\"orig\":\"+12155550{last}\",\"dest\":\"+13125550{dest}\",\
         \"outcome\":\"answered\",\"talk_s\":2}}\n"
    )
}

pub(crate) fn tn(last: u64) -> TelephoneNumber {
    TelephoneNumber::from_digits(12_155_550_000 + last).expect("a number")
}

/// How often each call is there, by start and caller.
pub(crate) fn calls(events: &[(Position, Event)]) -> BTreeMap<(i64, u64), u32> {
    let mut calls = BTreeMap::new();
    for (_, event) in events {
        if let Payload::Call(call) = &event.payload {
            let orig = call.orig.number().map_or(0, TelephoneNumber::digits);
            *calls.entry((call.at.as_ms(), orig)).or_default() += 1;
        }
    }
    calls
}
