//! Traffic of every kind for properties: bursts, quiet weeks, late records, carriers, sources that show little.

use model::truth::TrustedSubject;
use model::{
    Attestation, CallOutcome, CallRecord, CarrierId, Determination, Direction, Observable, Outcome, Party,
    ReportCategory, Standing, Strength, Timestamp, TrustedFact, TrustedKind,
};
use proptest::prelude::*;
use reputation::engines::View;
use reputation::evidence::ReportFact;
use reputation::facts::{CallFact, hour_index, hour_start};
use reputation::timeline::Circumstances;

use super::world::{fictional, judged, monday, record};

/// What traffic looks like; the rest follows from the seed.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) seed: u64,
    pub(crate) days: u32,
    pub(crate) calls: u32,
    /// How many destinations there are to call.
    pub(crate) destinations: u32,
    /// How many records come late: 0 none, 1 some by hours, 2 some by weeks.
    pub(crate) lateness: u32,
    pub(crate) carriers: u8,
    /// Calls come in bursts of an hour.
    pub(crate) bursts: bool,
}

/// Shapes of traffic.
pub(crate) fn shape() -> impl Strategy<Value = Shape> {
    (any::<u64>(), 1..110u32, 1..1500u32, 1..1200u32, 0..3u32, 0..6u8, any::<bool>()).prop_map(
        |(seed, days, calls, destinations, lateness, carriers, bursts)| Shape {
            seed,
            days,
            calls,
            destinations,
            lateness,
            carriers,
            bursts,
        },
    )
}

/// One call of the traffic.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) record: CallRecord,
    pub(crate) direction: Direction,
    pub(crate) off_hours: Option<bool>,
}

impl Placed {
    pub(crate) fn fact(&self) -> CallFact {
        CallFact::of(&self.record, self.direction, self.off_hours).expect("a call of a judged number")
    }
}

/// Whole numbers that look drawn by lot, the same for the same seed (SplitMix64).
pub(crate) struct Lot(pub(crate) u64);

impl Lot {
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((((x ^ (x >> 31)) >> 32) * u64::from(end)) >> 32) as u32
    }

    pub(crate) fn percent(&mut self, share: u32) -> bool {
        self.below(100) < share
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at as u32 + 1) as usize);
        }
    }
}

impl Shape {
    /// The hour after the last day.
    pub(crate) fn end_hour(&self) -> u32 {
        monday() + self.days * 24
    }

    /// The calls, in no order. Conduct changes from phase to phase.
    pub(crate) fn calls(&self) -> Vec<Placed> {
        let mut lot = Lot(self.seed);
        let phases: Vec<Conduct> = (0..4).map(|_| Conduct::drawn(&mut lot)).collect();
        let mut burst_hour = 0;
        (0..self.calls)
            .map(|_| {
                let hour = if self.bursts && !lot.percent(4) { burst_hour } else { lot.below(self.days * 24) };
                burst_hour = hour;
                let phase = &phases[(hour * 4 / (self.days * 24)) as usize];
                self.call(&mut lot, phase, monday() + hour)
            })
            .collect()
    }

    fn call(&self, lot: &mut Lot, conduct: &Conduct, hour: u32) -> Placed {
        let known = if conduct.known_places > 0 && !lot.percent(conduct.new_percent) {
            lot.below(conduct.known_places.min(self.destinations))
        } else {
            lot.below(self.destinations)
        };
        let dest = fictional(known);
        let mut record = record(hour, dest);
        record.at = hour_start(hour).saturating_add_ms(i64::from(lot.below(3_600_000)));
        record.known_at = Some(record.at.saturating_add_ms(i64::from(self.lag_h(lot)) * 3_600_000));
        record.carrier =
            (self.carriers > 0 && !lot.percent(20)).then(|| CarrierId(lot.below(self.carriers.into()) as u8));
        record.observable = match lot.below(10) {
            0 => Observable::ANSWER,
            1 => Observable { invalid: false, answer: false, blocked: false },
            _ => Observable::ALL,
        };
        record.attestation = [
            None,
            Some(Attestation::Full),
            Some(Attestation::Partial),
            Some(Attestation::Gateway),
            Some(Attestation::Unsigned),
        ][lot.below(5) as usize];
        record.ring_ms = lot.percent(60).then(|| lot.below(50_000));
        // Destinations keep their state, mostly.
        let invalid = known.wrapping_mul(2_654_435_761) % 100 < conduct.invalid_percent;
        (record.outcome, record.talk_ms) = if invalid && !lot.percent(3) {
            let strength =
                [Strength::Strong, Strength::Strong, Strength::Medium, Strength::Weak][lot.below(4) as usize];
            (Outcome::new(CallOutcome::Invalid, strength), None)
        } else if lot.percent(conduct.answered_percent) {
            let talk = if lot.percent(conduct.short_percent) { lot.below(6_100) } else { 5_900 + lot.below(200_000) };
            let outcome = Outcome { unwanted: lot.percent(3), ..Outcome::new(CallOutcome::Answered, Strength::Strong) };
            (outcome, (!lot.percent(10)).then_some(talk))
        } else {
            let class = CallOutcome::ALL[1 + lot.below(9) as usize];
            (Outcome::new(class, Strength::Medium), None)
        };
        let direction = if lot.percent(3) { Direction::Inbound } else { Direction::Outbound };
        if direction == Direction::Inbound {
            (record.orig, record.dest) = (Party::Number(dest), Party::Number(judged()));
        }
        let off_hours = [None, Some(false), Some(true)][lot.below(3) as usize];
        Placed { record, direction, off_hours }
    }

    fn lag_h(&self, lot: &mut Lot) -> u32 {
        match (self.lateness, lot.below(100)) {
            (1 | 2, 0..15) => 1 + lot.below(12),
            (2, 15..22) => lot.below(12 * 24),
            (2, 22..26) => lot.below(60 * 24),
            _ => 0,
        }
    }
}

/// How the number behaves in one phase.
struct Conduct {
    answered_percent: u32,
    short_percent: u32,
    invalid_percent: u32,
    new_percent: u32,
    known_places: u32,
}

impl Conduct {
    fn drawn(lot: &mut Lot) -> Self {
        let unwanted = lot.percent(55);
        if unwanted {
            Self {
                answered_percent: 20 + lot.below(30),
                short_percent: 45 + lot.below(40),
                invalid_percent: lot.below(25),
                new_percent: 100,
                known_places: 0,
            }
        } else {
            Self {
                answered_percent: 40 + lot.below(50),
                short_percent: lot.below(25),
                invalid_percent: lot.below(3),
                new_percent: lot.below(60),
                known_places: 5 + lot.below(100),
            }
        }
    }
}

/// What is known of the number besides its calls.
#[derive(Clone, Debug)]
pub(crate) struct Besides {
    reports: Vec<ReportFact>,
    standing: Standing,
    truth: Vec<TrustedFact>,
    served: Vec<(u32, u32)>,
    cover: bool,
    /// Nothing is known but the calls.
    bare: bool,
}

impl Besides {
    /// Circumstances that suit a shape's traffic: some of each kind, at some hours of its days.
    pub(crate) fn drawn(shape: &Shape) -> Self {
        let mut lot = Lot(shape.seed ^ 0xabcd);
        let hours = shape.days * 24;
        let some = lot.percent(60);
        let count = if some { lot.below(60) } else { 0 };
        let reports = (0..count).map(|_| report(&mut lot, hours, shape.carriers)).collect();
        let determination = [Determination::None, Determination::None, Determination::Cleared, Determination::Upheld]
            [lot.below(4) as usize];
        let instant = |lot: &mut Lot| hour_start(monday()).saturating_add_ms(i64::from(lot.below(hours * 60)) * 60_000);
        let standing = Standing {
            tn: judged(),
            registrant: None,
            purpose: None,
            registered_at: lot.percent(25).then(|| instant(&mut lot)),
            attested: true,
            determination,
            evidence_from: (determination != Determination::None).then(|| instant(&mut lot)),
        };
        let kind = TrustedKind::ALL[lot.below(4) as usize];
        let truth = (0..if lot.percent(25) { 1 + lot.below(3) } else { 0 })
            .map(|_| TrustedFact {
                subject: TrustedSubject::Number(judged()),
                kind,
                trap: (kind == TrustedKind::Honeypot).then(|| u64::from(lot.below(3))),
                at: Some(instant(&mut lot)),
                known_at: None,
            })
            .collect();
        let from = monday() + lot.below(hours);
        let served = if lot.percent(30) { vec![(from, from + lot.below(hours))] } else { Vec::new() };
        Self { reports, standing, truth, served, cover: lot.percent(50), bare: lot.percent(50) }.or_bare()
    }

    fn or_bare(mut self) -> Self {
        if self.bare {
            self.reports.clear();
            self.truth.clear();
            self.served.clear();
            self.standing.determination = Determination::None;
        }
        self
    }

    /// Gives them to `with`.
    pub(crate) fn with<T>(&self, with: impl FnOnce(&Circumstances<'_>) -> T) -> T {
        let truth: Vec<&TrustedFact> = self.truth.iter().collect();
        with(&Circumstances {
            reports: &self.reports,
            standing: (!self.bare).then_some(&self.standing),
            truth: &truth,
            undialable: false,
            served: &self.served,
            reports_cover: self.cover,
        })
    }

    /// The same without the reports that a view does not see.
    pub(crate) fn seen_by(&self, view: &View) -> Self {
        let mut other = self.clone();
        other.reports.retain(|report| view.sees(report.carrier, hour_index(report.at).expect("an hour of facts")));
        other
    }

    /// The same with the reports in another order.
    pub(crate) fn shuffled(&self, lot: &mut Lot) -> Self {
        let mut other = self.clone();
        lot.shuffle(&mut other.reports);
        lot.shuffle(&mut other.truth);
        other
    }

    /// When anything of this became known, apart from calls.
    pub(crate) fn known(&self) -> impl Iterator<Item = Timestamp> {
        let upheld = Some(&self.standing).filter(|standing| standing.determination == Determination::Upheld);
        let reports = self.reports.iter().map(|report| report.known);
        reports
            .chain(self.truth.iter().map(TrustedFact::known))
            .chain(upheld.and_then(|standing| standing.evidence_from))
    }
}

fn report(lot: &mut Lot, hours: u32, carriers: u8) -> ReportFact {
    let at = hour_start(monday()).saturating_add_ms(i64::from(lot.below(hours * 60)) * 60_000);
    let category = match lot.below(20) {
        0 => ReportCategory::WrongNumber,
        1 => ReportCategory::SpoofedMe,
        2..5 => ReportCategory::NotSpam,
        5..8 => ReportCategory::Fraud,
        _ => ReportCategory::Unwanted,
    };
    ReportFact {
        at,
        known: at.saturating_add_ms(if lot.percent(30) { i64::from(lot.below(72)) * 3_600_000 } else { 0 }),
        category,
        reporter: (!lot.percent(30)).then(|| u64::from(lot.below(25))),
        cluster: u64::from(lot.below(12)),
        proven: lot.percent(60),
        regulator: false,
        carrier: lot.below(u32::from(carriers) + 1) as u8,
    }
}
