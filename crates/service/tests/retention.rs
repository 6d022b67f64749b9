//! How long the log and what is folded from it keep what they are told: rows of the table in `docs/concepts/privacy.md`.

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use model::time::HOUR_MS;
use model::{TelephoneNumber, Timestamp};
use reputation::bytes::put;
use reputation::facts::HashKey;
use service::fold::{Fold, SNAPSHOT_VERSION, Scope};
use service::policy::Known;
use service::upkeep::LOG_FOLDER;
use service::{Body, HandClock, Origin, Parts, Service, SourceRole, TenantId};
use store::{EventLog as _, MemorySnapshots, SegmentLog, SegmentOptions, SnapshotName, Snapshots as _};

const START_S: i64 = 1_795_429_800;

fn tn(digits: u64) -> TelephoneNumber {
    TelephoneNumber::from_digits(digits).expect("a number")
}

fn open(data: &Path, clock: &HandClock, snapshots: &Arc<MemorySnapshots>) -> Service {
    let known = Known { key: HashKey::secret([1, 2]), ..Known::default() };
    let fold = Fold::new(common::policy(""), known, 1);
    let parts = Parts { snapshots: Arc::clone(snapshots) as Arc<_>, ..common::parts_in(data, clock, fold) };
    common::opened(data, intake::Options::default(), parts).expect("opened")
}

fn send(service: &Service, role: SourceRole, body: &str) -> u64 {
    let origin = Arc::new(Origin { tenant: TenantId(1), source: "gateway".into(), role });
    let admitted = service.admit(body.len()).expect("room");
    let pending = service.ingest_calls(admitted, &origin, Body::new(body.as_bytes())).expect("read");
    pending.wait().expect("taken").accepted
}

/// Calls of a number to twenty people who are not in service.
fn calls() -> String {
    let line = |call: i64| {
        let (at, dest) = (START_S - 600 + call * 5, 13_125_550_120 + call);
        format!("{call},{at},+12155550112,+{dest},0,1\n")
    };
    "id,start,orig,dest,talk_s,q850\n".to_owned() + &(0..20).map(line).collect::<String>()
}

/// How often people's numbers stand in snapshots.
fn found(snapshots: &MemorySnapshots) -> usize {
    let written = |digits: u64| {
        let mut out = Vec::new();
        put(&mut out, digits);
        out
    };
    let people: BTreeSet<Vec<u8>> = (13_125_550_120..13_125_550_140).map(written).collect();
    let names: BTreeSet<SnapshotName> = snapshots.list().expect("listed").into_iter().map(|(name, _)| name).collect();
    let in_part = |name: SnapshotName| {
        let loaded = snapshots.load(&name, SNAPSHOT_VERSION).expect("loaded").snapshot;
        let bytes = loaded.map(|snapshot| snapshot.bytes).unwrap_or_default();
        bytes.windows(5).filter(|window| people.contains(*window)).count()
    };
    names.into_iter().map(in_part).sum()
}

#[test]
fn events_facts_reports_and_lists_go_with_their_horizon() {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, log, snapshots) = (dir.path(), dir.path().join(LOG_FOLDER), Arc::default());
    let clock = HandClock::new(Timestamp::from_s(START_S).expect("a time"));
    let service = open(data, &clock, &snapshots);
    for role in [SourceRole::Terminating, SourceRole::Originating] {
        // Both sources have one name and are one tenant's, so the second needs ids of its own.
        let body = if role == SourceRole::Originating { calls().replace("\n", "\nx") } else { calls() };
        let body = body.trim_end_matches('x');
        assert_eq!(send(&service, role, body), 20, "{role:?}");
    }
    let report = format!(
        "{{\"at\":{START_S},\"tn\":\"+12155550112\",\"category\":\"unwanted\",\"reporter\":\"tel:+13125550125\"}}\n"
    );
    let origin = Arc::new(Origin { tenant: TenantId(1), source: "app".into(), role: SourceRole::Originating });
    let admitted = service.admit(report.len()).expect("room");
    let pending = service.ingest_reports(admitted, &origin, Body::new(report.as_bytes())).expect("read");
    assert_eq!(pending.wait().expect("taken").accepted, 1);
    let is_old = |path: std::path::PathBuf| {
        let files = std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("a file").file_name());
        files.into_iter().any(|name| name == "00000000000000000000.log")
    };
    let own = Scope::Tenant(TenantId(1));
    let seen = |service: &Service| {
        let number = |view| service.number(tn(12_155_550_112), TenantId(9), &[view]).map(|found| found.number);
        let (shared, own) = (number(Scope::Shared), number(own));
        let calls = |number: &Option<service::number::ScoredNumber>| {
            number.as_ref().map_or(0, |number| number.d35.tally.attempts)
        };
        let reports = shared.as_ref().map_or(0, |number| number.d35.reports);
        (calls(&shared), calls(&own), reports)
    };
    service.settle();
    for day in 1..=38 {
        for _ in 0..24 {
            clock.advance_ms(HOUR_MS);
            service.tick();
            service.settle();
        }
        match day {
            33 => {
                assert_eq!(seen(&service), (20, 20, 1), "within the horizon all is there");
                assert!(is_old(log.clone()));
                assert!(found(&snapshots) > 0, "the owner's list");
            }
            36 => assert_eq!(seen(&service), (0, 0, 0), "facts, reports and the owner's list are given up"),
            38 => assert!(!is_old(log.clone()), "raw events are given up, a day's file at a time"),
            _ => {}
        }
    }
    service.stop();
    // By now each snapshot is newer than that: nothing that is kept tells of the people.
    assert_eq!(found(&snapshots), 0);
    let held = SegmentLog::open(&log, SegmentOptions::default()).expect("opened");
    let people: BTreeSet<TelephoneNumber> = (13_125_550_120..13_125_550_140).map(tn).collect();
    let reading = held.reader().read(held.reader().held().start).expect("held");
    for logged in reading {
        let events = logged.expect("sound").events;
        assert!(events.iter().all(|(_, event)| !event.payload.names(&people)));
    }
}

#[test]
fn ids_are_remembered_for_their_window() {
    let dir = tempfile::tempdir().expect("a folder");
    let clock = HandClock::new(Timestamp::from_s(START_S).expect("a time"));
    let service = open(dir.path(), &clock, &Arc::default());
    assert_eq!(send(&service, SourceRole::Terminating, &calls()), 20);
    for (hours, accepted) in [(71, 0), (26, 20)] {
        clock.advance_ms(hours * HOUR_MS);
        service.tick();
        service.settle();
        assert_eq!(send(&service, SourceRole::Terminating, &calls()), accepted, "after {hours} hours more");
    }
}
