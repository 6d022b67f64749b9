//! Events by seed.

use std::sync::Arc;

use model::{
    Attestation, CallOutcome, CallRecord, CarrierId, Direction, HangupBy, Label, Observable, Outcome, PartialCall,
    Party, Piece, RecordKey, Report, ReportCategory, Strength, TelephoneNumber, Timestamp,
};

use crate::event::{Event, LabelChange, Origin, Payload, ReporterStanding, SourceRole, TenantId};

/// Makes events of all kinds, most of them calls: the same for the same seed. All numbers are fictional (555-0100 to 555-0199).
#[derive(Clone, Debug)]
pub struct Sampler {
    state: u64,
    now: Timestamp,
    origins: [Arc<Origin>; 3],
}

impl Sampler {
    /// A sampler for a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let origin =
            |tenant, source: &str, role| Arc::new(Origin { tenant: TenantId(tenant), source: source.into(), role });
        Self {
            state: seed,
            now: Timestamp::from_ms(1_795_471_850_000).unwrap_or_default(),
            origins: [
                origin(1, "core", SourceRole::Terminating),
                origin(2, "dialer", SourceRole::Originating),
                Origin::service(),
            ],
        }
    }

    /// A number below `bound`; 0 when `bound` is.
    pub fn below(&mut self, bound: u64) -> u64 {
        // SplitMix64.
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.state;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)).checked_rem(bound).unwrap_or(0)
    }

    /// A telephone number.
    pub fn tn(&mut self) -> TelephoneNumber {
        let area = 200 + self.below(600);
        let line = self.below(100);
        TelephoneNumber::from_national_10(area * 10_000_000 + 5_550_100 + line).expect("ten digits make a number")
    }

    /// So many events.
    pub fn events(&mut self, count: usize) -> Vec<Event> {
        (0..count).map(|_| self.event()).collect()
    }

    /// So many calls of one source, as a carrier sends them.
    pub fn calls(&mut self, count: usize) -> Vec<Event> {
        let [origin, ..] = self.origins.clone();
        (0..count).map(|_| Event::call(Arc::clone(&origin), self.call())).collect()
    }

    /// One event.
    pub fn event(&mut self) -> Event {
        let [carrier, dialer, service] = self.origins.clone();
        let at = self.at();
        match self.below(20) {
            0 => Event::report(carrier, self.report()),
            1 => Event { key: Some(self.key()), ..Event::service(carrier, at, Payload::Piece(self.piece())) },
            2 => Event::service(service, at, Payload::Tick { hour: u32::try_from(at.hour()).unwrap_or(0) }),
            3 => Event::service(service, at, Payload::LabelChanged(self.label_change())),
            4 => Event::service(service, at, Payload::ReporterStanding(self.standing())),
            5 => Event::service(service, at, Payload::PolicyActivated { version: "p1".into() }),
            6 => Event { payload: Payload::CallBack(self.call()), ..Event::call(carrier, self.call()) },
            7 => Event::service(service, at, Payload::Forget { tn: self.tn() }),
            8..12 => Event::call(dialer, self.call()),
            _ => Event::call(carrier, self.call()),
        }
    }

    fn at(&mut self) -> Timestamp {
        let step = self.below(2_000);
        self.now = self.now.saturating_add_ms(i64::try_from(step).unwrap_or(0));
        self.now
    }

    fn key(&mut self) -> RecordKey {
        RecordKey(u128::from(self.below(u64::MAX)) << 64 | u128::from(self.below(u64::MAX)))
    }

    fn small(&mut self, bound: u64) -> u32 {
        u32::try_from(self.below(bound)).unwrap_or(0)
    }

    fn maybe<T>(&mut self, one_in: u64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(one_in) == 0).then(|| make(self))
    }

    fn call(&mut self) -> CallRecord {
        let at = self.at();
        let class = match self.below(8) {
            0..4 => CallOutcome::Answered,
            4 => CallOutcome::NoAnswer,
            5 => CallOutcome::Busy,
            6 => CallOutcome::Invalid,
            _ => CallOutcome::Blocked,
        };
        let mut call = CallRecord {
            key: Some(self.key()),
            at,
            known_at: None,
            orig: Party::Number(self.tn()),
            dest: Party::Number(self.tn()),
            direction: self.maybe(4, |_| Direction::Outbound),
            carrier: self.maybe(2, |of| CarrierId(of.below(20) as u8)),
            outcome: Outcome::new(class, Strength::Strong),
            observable: Observable::ALL,
            ring_ms: Some(self.small(30_000)),
            talk_ms: (class == CallOutcome::Answered).then(|| self.small(300_000)),
            hangup_by: self.maybe(2, |_| HangupBy::Dest),
            attestation: self.maybe(2, |_| Attestation::Full),
            redress: (class == CallOutcome::Blocked).then(|| "https://contest.example/".into()),
        };
        call.known_at = self.maybe(2, |_| call.end());
        call
    }

    fn report(&mut self) -> Report {
        let at = self.at();
        Report {
            key: Some(self.key()),
            at,
            known_at: None,
            tn: self.tn(),
            category: ReportCategory::Unwanted,
            reporter: Some(self.below(u64::MAX)),
            reporter_tn: self.maybe(2, Self::tn),
            reporter_since: None,
            network: self.maybe(2, |of| of.below(u64::MAX)),
            device: None,
            area_code: Some(215),
            carrier: Some(CarrierId(3)),
            proven: false,
            regulator: false,
        }
    }

    fn piece(&mut self) -> Piece {
        let at = self.at();
        let part = PartialCall {
            at: Some(at),
            orig: Some(Party::Number(self.tn())),
            dest: Some(Party::Number(self.tn())),
            outcome: Some(Outcome::new(CallOutcome::Answered, Strength::Strong)),
            ..PartialCall::default()
        };
        let call = format!("call-{}", self.below(1_000_000)).into();
        Piece { call, source: "core".into(), order: at.as_ms(), part, ends: false, decides: true, line: 1 }
    }

    fn label_change(&mut self) -> LabelChange {
        let at = self.at();
        LabelChange {
            tn: self.tn(),
            engine: "any".into(),
            from: Label::None,
            to: Label::PotentialSpam,
            effective_at: at,
            decided_at: at,
            policy_version: "p1".into(),
            provisional: self.below(2) == 0,
            reasons: vec!["SHORT_CALLS".into(), "HIGH_VOLUME".into()],
        }
    }

    fn standing(&mut self) -> ReporterStanding {
        let as_of = self.at();
        let reporter = self.below(u64::MAX);
        ReporterStanding { reporter, as_of, borne_out: 1, contradicted: -1, policy_version: "p1".into() }
    }
}
