//! A service over a tape, with a clock that is turned by hand.

use std::sync::Arc;

use model::Timestamp;
use service::{
    Body, Condition, Config, HandClock, IngestError, Limits, MemoryHistory, Origin, Parts, Receipt, Service,
    SourceRole, TenantId,
};

use store::MemorySnapshots;

use crate::ledger::{Kept, Ledger};
use crate::tape::Tape;

/// Where the clock stands at first: 2026-11-23T10:30:00Z.
pub(crate) const START_S: i64 = 1_795_429_800;

/// A running service and what it stands on.
pub(crate) struct Rig {
    pub(crate) service: Service,
    pub(crate) ledger: Ledger,
    pub(crate) tape: Tape,
    pub(crate) clock: HandClock,
    pub(crate) history: Arc<MemoryHistory>,
    pub(crate) snapshots: Arc<MemorySnapshots>,
}

/// What outlives a process.
#[derive(Clone, Default)]
pub(crate) struct Disk {
    pub(crate) tape: Tape,
    pub(crate) snapshots: Arc<MemorySnapshots>,
    pub(crate) kept: Kept,
    pub(crate) history: Arc<MemoryHistory>,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let clock = HandClock::new(Timestamp::from_s(START_S).expect("a time"));
        Self::start(Disk::default(), clock, limits())
    }

    /// A service of its own configuration, on an empty tape.
    pub(crate) fn with(clock: HandClock, config: Config) -> Self {
        Self::start_with(Disk::default(), clock, config)
    }

    /// Starts a service on what is on the tape, and waits until it takes records.
    pub(crate) fn start(disk: Disk, clock: HandClock, limits: Limits) -> Self {
        Self::start_with(disk, clock, Config { limits, ..Config::default() })
    }

    fn start_with(disk: Disk, clock: HandClock, config: Config) -> Self {
        let Disk { tape, snapshots, kept, history } = disk;
        let ledger = Ledger::new(&kept);
        let parts = Parts {
            log: Box::new(tape.clone()),
            machine: Box::new(ledger.clone()),
            answers: Arc::new(ledger.clone()),
            snapshots: Arc::clone(&snapshots) as Arc<_>,
            history: Arc::clone(&history) as Arc<_>,
            clock: Arc::new(clock.clone()),
        };
        let service = Service::open(config, parts).expect("threads");
        assert_ne!(service.wait_until_started(), Condition::Starting);
        // Hours that began in between have their ticks, and those their changes, before anything is sent.
        service.settle();
        Self { service, ledger, tape, clock, history, snapshots }
    }

    /// The process dies: nothing more reaches the disk. Another one starts.
    pub(crate) fn restart(self) -> Self {
        self.service.stop();
        self.tape.mend();
        let (tape, snapshots, history) = (self.tape.clone(), Arc::clone(&self.snapshots), Arc::clone(&self.history));
        let disk = Disk { tape, snapshots, history, kept: Arc::clone(self.ledger.kept()) };
        Self::start_with(disk, self.clock.clone(), self.service.config().clone())
    }

    /// Sends calls and waits for the answer.
    pub(crate) fn send(&self, tenant: u32, body: Body<'_>) -> Result<Receipt, IngestError> {
        let admitted = self.service.admit(body.bytes.len())?;
        self.service.ingest_calls(admitted, &origin(tenant), body)?.wait()
    }

    /// Sends reports and waits for the answer.
    pub(crate) fn report(&self, tenant: u32, body: Body<'_>) -> Result<Receipt, IngestError> {
        let admitted = self.service.admit(body.bytes.len())?;
        self.service.ingest_reports(admitted, &origin(tenant), body)?.wait()
    }

    /// Turns the clock and waits until everything that follows is folded.
    pub(crate) fn pass_ms(&self, ms: i64) {
        self.clock.advance_ms(ms);
        self.service.tick();
        self.service.settle();
    }
}

pub(crate) fn limits() -> Limits {
    Limits { dedupe_records: 100_000, ..Limits::default() }
}

pub(crate) fn origin(tenant: u32) -> Arc<Origin> {
    Arc::new(Origin { tenant: TenantId(tenant), source: "gateway".into(), role: SourceRole::Terminating })
}

/// The kind of a refusal, in a word.
pub(crate) const fn kind(error: &IngestError) -> &'static str {
    match error {
        IngestError::Busy { .. } => "busy",
        IngestError::Starting { .. } => "starting",
        IngestError::Failed { .. } => "failed",
        IngestError::Stopping => "stopping",
        IngestError::UnknownFormat { .. } => "unknown format",
        IngestError::Unreadable { .. } => "unreadable",
        IngestError::TooLarge { .. } => "too large",
        IngestError::TooMany { .. } => "too many",
        IngestError::Totals => "totals",
    }
}
