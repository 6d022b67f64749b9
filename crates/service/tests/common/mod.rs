//! Seeded traffic of a few blocks, as events and as a file would have it.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use model::{
    Attestation, CallOutcome, CallRecord, CarrierId, Direction, Observable, Outcome, Party, Report, ReportCategory,
    Strength, TelephoneNumber, Timestamp,
};
use reputation::advice::AdvicePolicy;
use reputation::engines::Directory;
use reputation::facts::{CallFact, HashKey, hour_index};
use reputation::fleet::{Fleet, Standings};
use reputation::hours::CallingHours;
use reputation::policy::{Overlay, Policy};
use reputation::replay::End;
use reputation::timeline::Rules;
use reputation::words::Words;
use service::admit::{Kept, Note, hashed, reporter_of};
use service::facts::{Extra, SHARDS, Shard, shard_of};
use service::fold::Fold;
use service::judge::{Bench, Ready, judge_block};
use service::number::ScoredNumber;
use service::policy::{Known, PolicySet};
use service::registry::{Creation, DataId, SqliteRegistry};
use service::upkeep::{LOG_FOLDER, SNAPSHOT_FOLDER};
use service::{Condition, Config, HandClock, Limits, MemoryHistory, OpenError, Parts, Service};
use store::{Event, Origin, Payload, SegmentLog, SegmentOptions, SnapshotFolder, SourceRole, TenantId};

const HOUR_MS: i64 = model::time::HOUR_MS;

/// 2026-11-02T07:00:00Z: not at a midnight, and in the middle of an epoch of samples.
const FROM_MS: i64 = 1_793_602_800_000;

/// A small, fixed generator (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

pub fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut dice = Dice(seed);
    for at in (1..items.len()).rev() {
        items.swap(at, dice.below(at as u64 + 1) as usize);
    }
}

fn tn(digits: u64) -> TelephoneNumber {
    TelephoneNumber::from_digits(digits).expect("a number")
}

/// Calls and reports, in the order in which they became known.
pub struct Traffic {
    pub calls: Vec<CallRecord>,
    pub reports: Vec<Report>,
    pub policy: Arc<PolicySet>,
}

pub fn policy(overlay: &str) -> Arc<PolicySet> {
    let overlays: Vec<Overlay> = if overlay.is_empty() {
        Vec::new()
    } else {
        vec![Overlay { file: "test.toml".to_owned(), text: overlay.to_owned() }]
    };
    let policy = Policy::load(&overlays).expect("a policy");
    let directory = Directory::parse("engines.toml", Directory::SHIPPED).expect("the directory");
    let words = Words::load(&[], &policy).expect("the words");
    let advice = AdvicePolicy::load(&[]).expect("the advice");
    let hours = CallingHours::parse("area_codes.toml", CallingHours::SHIPPED).expect("the area codes");
    Arc::new(PolicySet::new(Rules::new(policy), directory, words, advice, hours))
}

impl Traffic {
    /// Some forty numbers in three blocks over ten days: offices, robocallers, some that turn, some quiet, some with carriers.
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(77) + 1);
        let (mut calls, mut reports) = (Vec::new(), Vec::new());
        for (block, area) in [12_155_550_100u64, 13_125_550_100, 12_125_550_100].into_iter().enumerate() {
            for line in 0..14 {
                play(&mut dice, tn(area + line), block == 0, (&mut calls, &mut reports));
            }
        }
        calls.sort_by_key(|call: &CallRecord| (call.known(), call.at, call.orig, call.dest));
        reports.sort_by_key(|report: &Report| (report.known(), report.tn, report.reporter));
        Self { calls, reports, policy: policy("") }
    }

    /// So many hours after the beginning.
    pub fn at(&self, hours: i64) -> Timestamp {
        Timestamp::from_ms(FROM_MS + hours * HOUR_MS).expect("an instant")
    }
}

fn play(
    dice: &mut Dice,
    own: TelephoneNumber,
    bad_block: bool,
    (calls, reports): (&mut Vec<CallRecord>, &mut Vec<Report>),
) {
    let bad = dice.chance(if bad_block { 70 } else { 15 });
    let carriers = dice.chance(50);
    let per_day = [0, 1, 3, 12, 40, 80][dice.below(6) as usize];
    let (from_h, for_h) = (dice.below(100) as i64, 24 + dice.below(150) as i64);
    let turns_h = if dice.chance(30) { for_h / 2 } else { for_h };
    let count = per_day * for_h as u64 / 24 + dice.below(4);
    for _ in 0..count {
        let offset = dice.below(for_h as u64 * 3_600_000) as i64;
        let bad = bad && offset < turns_h * HOUR_MS;
        let at = FROM_MS + from_h * HOUR_MS + offset;
        // Never on the hour: a call that becomes known with the tick itself is told apart by nobody.
        let at = if at % HOUR_MS == 0 { at + 1 } else { at };
        let mut call = call(dice, own, bad, Timestamp::from_ms(at).expect("an instant"));
        if carriers && (offset > 20 * HOUR_MS || dice.chance(50)) {
            call.carrier = dice.chance(80).then(|| CarrierId(dice.below(8) as u8));
        }
        if dice.chance(3) {
            let late = at + dice.below(60 * 3_600_000) as i64;
            call.known_at = Some(Timestamp::from_ms(late | 1).expect("an instant"));
        }
        let dest = call.dest.number().expect("a destination");
        if bad && dice.chance(8) || dice.chance(1) {
            let known = call.known().as_ms() + 3_600_000 + dice.below(20 * 3_600_000) as i64;
            reports.push(report(dice, own, dest, (call.at, known | 1), bad));
        }
        calls.push(call);
    }
}

fn call(dice: &mut Dice, own: TelephoneNumber, bad: bool, at: Timestamp) -> CallRecord {
    let dest = tn(if bad {
        17_025_550_100 + dice.below(100) * 1_000_000 % 90_000_000 + dice.below(100)
    } else {
        16_095_550_100 + dice.below(40)
    });
    let roll = dice.below(100);
    let class = match (bad, roll) {
        (true, 0..14) | (false, 0..1) => CallOutcome::Invalid,
        (true, 14..40) | (false, 1..55) => CallOutcome::Answered,
        (_, 96..98) => CallOutcome::Blocked,
        _ => CallOutcome::NoAnswer,
    };
    let talk_ms = (class == CallOutcome::Answered)
        .then(|| if bad { 1000 + dice.below(9000) } else { 8000 + dice.below(200_000) } as u32);
    CallRecord {
        key: None,
        at,
        known_at: None,
        orig: Party::Number(own),
        dest: Party::Number(dest),
        direction: None,
        carrier: None,
        outcome: Outcome { class, strength: Strength::Strong, unwanted: bad && dice.chance(2) },
        observable: Observable::ALL,
        ring_ms: Some(5000),
        talk_ms,
        hangup_by: None,
        attestation: dice.chance(30).then_some(Attestation::Partial),
        redress: (class == CallOutcome::Blocked).then(|| "https://redress.example/".into()),
    }
}

fn report(
    dice: &mut Dice,
    own: TelephoneNumber,
    dest: TelephoneNumber,
    (at, known): (Timestamp, i64),
    bad: bool,
) -> Report {
    let category = if bad || dice.chance(50) { ReportCategory::Unwanted } else { ReportCategory::NotSpam };
    let reporter = dice.chance(80).then(|| 1 + dice.below(30));
    let reporter_tn = dice.chance(60).then_some(dest);
    Report {
        key: None,
        at,
        known_at: Timestamp::from_ms(known),
        tn: own,
        category,
        reporter: reporter_tn.map(|tn| reporter_of(HashKey::FIXED, tn)).or(reporter),
        reporter_tn,
        reporter_since: None,
        network: Some(dice.below(9)),
        device: None,
        area_code: None,
        carrier: None,
        proven: false,
        regulator: false,
    }
}

pub fn hour_of(at: Timestamp) -> u32 {
    hour_index(at).expect("an hour")
}

pub fn fold(traffic: &Traffic) -> Fold {
    fold_of(traffic, 1)
}

pub fn fold_of(traffic: &Traffic, threads: usize) -> Fold {
    Fold::new(Arc::clone(&traffic.policy), Known::default(), threads)
}

pub fn is_tick(event: &Event) -> bool {
    matches!(event.payload, Payload::Tick { .. })
}

pub fn tick(hour_ms: i64) -> Event {
    let hour = u32::try_from(hour_ms / HOUR_MS).expect("an hour");
    Event::service(Origin::service(), Timestamp::from_ms(hour_ms).expect("an instant"), Payload::Tick { hour })
}

/// The events up to an instant, with a tick before the first of each hour, and one at the instant where it is an hour's.
pub fn stream(traffic: &Traffic, until: Timestamp) -> Vec<Event> {
    let origin = Arc::new(Origin { tenant: TenantId(1), source: "carrier".into(), role: SourceRole::Terminating });
    let calls = traffic.calls.iter().map(|call| Event::call(Arc::clone(&origin), call.clone()));
    let reports = traffic.reports.iter().map(|report| Event::report(Arc::clone(&origin), report.clone()));
    let mut all: Vec<Event> = calls.chain(reports).filter(|event| event.known_at <= until).collect();
    all.sort_by_key(|event| event.known_at);
    let mut events = Vec::new();
    let mut ticked = all.first().map_or(0, |event| event.known_at.as_ms() / HOUR_MS);
    let mut ticks_to = |events: &mut Vec<Event>, ms: i64| {
        while (ticked + 1) * HOUR_MS <= ms {
            ticked += 1;
            events.push(tick(ticked * HOUR_MS));
        }
    };
    for event in all {
        ticks_to(&mut events, event.known_at.as_ms());
        events.push(event);
    }
    ticks_to(&mut events, until.as_ms());
    events
}

/// What a run over a file would hold and say.
pub struct Batch<'a> {
    shards: Vec<Shard>,
    policy: &'a PolicySet,
    known: Known,
    end: End,
    first_hour: u32,
}

impl<'a> Batch<'a> {
    pub fn new(traffic: &'a Traffic, now: Timestamp) -> Self {
        Self::by(traffic, &traffic.policy, now)
    }

    pub fn by(traffic: &'a Traffic, policy: &'a PolicySet, now: Timestamp) -> Self {
        Self::keyed(traffic, policy, now, HashKey::FIXED)
    }

    /// With called and reporting people hashed under a key.
    pub fn keyed(traffic: &'a Traffic, policy: &'a PolicySet, now: Timestamp, key: HashKey) -> Self {
        let mut facts: Vec<Vec<CallFact>> = vec![Vec::new(); SHARDS];
        let mut extras: Vec<BTreeMap<TelephoneNumber, Extra>> = (0..SHARDS).map(|_| BTreeMap::new()).collect();
        let mut first_hour = u32::MAX;
        let seen = |known: Timestamp| known <= now;
        let pairs: Vec<_> =
            traffic.reports.iter().filter_map(|report| Some((report.tn, report.reporter_tn?))).collect();
        for call in traffic.calls.iter().filter(|call| seen(call.known())) {
            let fact = CallFact::keyed(call, Direction::Outbound, None, key).expect("a fact");
            first_hour = first_hour.min(fact.known);
            let place = shard_of(fact.tn);
            let ends = (fact.tn, call.dest.number().expect("a destination"));
            let proof = pairs.contains(&ends).then(|| reporter_of(key, ends.1));
            let kept = Kept { invalid: false, proof };
            if let Some(note) = Note::keyed(call, ends, kept, key) {
                extras[place].entry(fact.tn).or_default().take(note);
            }
            facts[place].push(fact);
        }
        for report in traffic.reports.iter().filter(|report| seen(report.known())) {
            extras[shard_of(report.tn)].entry(report.tn).or_default().reports.push(hashed(report.clone(), key).0);
        }
        let shards = facts.into_iter().zip(extras).map(|(facts, extras)| {
            let mut shard = Shard { extras, ..Shard::default() };
            shard.store.add(&facts);
            shard
        });
        let end = End::at(now).expect("a moment");
        Self { shards: shards.collect(), policy, known: Known::default(), end, first_hour }
    }

    /// All numbers, judged as a run over a file judges them.
    pub fn judge(&self) -> Vec<ScoredNumber> {
        let grounds = self.known.grounds(&self.policy.rules);
        let ready: Vec<Ready<'_>> = self.shards.iter().map(|shard| Ready::new(grounds, shard)).collect();
        let none = Standings::default();
        let mut standings = Standings::default();
        for shard in &ready {
            shard.score_reporters(&self.fleet(shard, &none), &mut standings);
        }
        let mut judged = Vec::new();
        for shard in &ready {
            let fleet = self.fleet(shard, &standings);
            for block in shard.numbers.chunk_by(|(one, _), (other, _)| one.block() == other.block()) {
                let each = |number: &mut ScoredNumber| judged.push(number.take());
                judge_block(&fleet, &self.policy.views, (shard.shard, None), &mut Bench::default(), (block, each));
            }
        }
        judged
    }

    fn fleet<'b>(&'b self, ready: &'b Ready<'b>, standings: &'b Standings) -> Fleet<'b> {
        Fleet {
            rules: &self.policy.rules,
            store: &ready.shard.store,
            about: ready,
            standings,
            end: self.end,
            first_hour: self.first_hour,
        }
    }
}

/// A policy is activated when `after` became known.
pub fn activated(version: &str, after: &Event) -> Event {
    Event::service(Origin::service(), after.known_at, Payload::PolicyActivated { version: version.into() })
}

/// The same event as a tenant's own records would tell it; ticks stay the service's.
pub fn originating(event: Event, tenant: u32) -> Event {
    if is_tick(&event) {
        return event;
    }
    let origin = Origin { tenant: TenantId(tenant), source: "dialer".into(), role: SourceRole::Originating };
    Event { origin: Arc::new(origin), ..event }
}

/// What a service over the files of a data directory is made of. The registry is made where there is none.
pub fn parts_in(data: &Path, clock: &HandClock, fold: Fold) -> Parts {
    let creation = Creation { id: DataId::new(Timestamp::EPOCH, [7; 10]), at: Timestamp::EPOCH };
    std::fs::create_dir_all(data).expect("a folder");
    SqliteRegistry::open(&data.join(SqliteRegistry::FILE_NAME), &creation).expect("opened");
    Parts {
        log: Box::new(SegmentLog::open(&data.join(LOG_FOLDER), SegmentOptions::default()).expect("opened")),
        answers: Arc::new(fold.reader()),
        machine: Box::new(fold),
        snapshots: Arc::new(SnapshotFolder::open(&data.join(SNAPSHOT_FOLDER)).expect("opened")),
        history: Arc::new(MemoryHistory::default()),
        clock: Arc::new(clock.clone()),
    }
}

/// Opens a service over a data directory, and waits until all that its log holds is folded.
pub fn opened(data: &Path, reading: intake::Options, parts: Parts) -> Result<Service, OpenError> {
    let limits = Limits { dedupe_records: 100_000, ..Limits::default() };
    let service = Service::open(Config { data: Some(data.to_owned()), reading, limits, ..Config::default() }, parts)?;
    assert_eq!(service.wait_until_started(), Condition::Ready);
    service.settle();
    Ok(service)
}
