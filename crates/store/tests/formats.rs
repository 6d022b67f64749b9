//! Every format that was ever written is still read: the files below `formats/` are opened and must hold the events stated here.
//!
//! With `UPDATE_EXPECT=1` the folder of the current format is written anew. Do so only before a format ships; afterwards a change
//! of the bytes is a new format, with a folder of its own, and the old folders stay.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{
    Attestation, CallOutcome, CallRecord, CarrierId, Direction, HangupBy, Label, Observable, Outcome, PartialCall,
    Party, Piece, RecordKey, Report, ReportCategory, Strength, TelephoneNumber, Timestamp,
};
use store::event::{decode, encode};
use store::{
    DataKey, Event, EventLog, LabelChange, Origin, Payload, Position, ReporterStanding, SegmentLog, SegmentOptions,
    SnapshotFolder, SnapshotHead, SnapshotName, Snapshots, SourceRole, TenantId,
};

fn folder(format: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/formats/{format}"))
}

fn time(s: i64) -> Timestamp {
    Timestamp::from_s(1_795_471_850 + s).expect("in range")
}

fn tn(line: u64) -> TelephoneNumber {
    TelephoneNumber::from_digits(12_155_550_100 + line).expect("a number")
}

fn bare_call() -> CallRecord {
    CallRecord {
        key: None,
        at: time(0),
        known_at: None,
        orig: Party::Number(tn(12)),
        dest: Party::Number(tn(13)),
        direction: None,
        carrier: None,
        outcome: Outcome::new(CallOutcome::NoAnswer, Strength::Weak),
        observable: Observable::ANSWER,
        ring_ms: None,
        talk_ms: None,
        hangup_by: None,
        attestation: None,
        redress: None,
    }
}

fn full_call() -> CallRecord {
    CallRecord {
        key: Some(RecordKey(0x0123_4567_89ab_cdef_0011_2233_4455_6677)),
        at: time(60),
        known_at: Some(time(200)),
        orig: Party::Extension(204),
        dest: Party::Number(tn(14)),
        direction: Some(Direction::Inbound),
        carrier: Some(CarrierId(61)),
        outcome: Outcome { class: CallOutcome::Answered, strength: Strength::Strong, unwanted: true },
        observable: Observable::ALL,
        ring_ms: Some(6_200),
        talk_ms: Some(42_000),
        hangup_by: Some(HangupBy::Network),
        attestation: Some(Attestation::Unsigned),
        redress: Some("https://contest.example/".into()),
    }
}

fn report() -> Report {
    Report {
        key: Some(RecordKey(7)),
        at: time(90),
        known_at: Some(time(95)),
        tn: tn(12),
        category: ReportCategory::WrongNumber,
        reporter: Some(u64::MAX),
        reporter_tn: Some(tn(15)),
        reporter_since: Some(time(-86_400)),
        network: Some(1),
        device: Some(2),
        area_code: Some(215),
        carrier: Some(CarrierId(3)),
        proven: true,
        regulator: false,
    }
}

fn piece() -> Piece {
    let part = PartialCall {
        at: Some(time(100)),
        answered_at: Some(time(103)),
        ended_at: None,
        orig: Some(Party::Number(tn(16))),
        dest: Some(Party::Anonymous),
        direction: Some(Direction::Internal),
        outcome: Some(Outcome::new(CallOutcome::Declined, Strength::Medium)),
        observable: Some(Observable::ANSWER),
        ring_ms: Some(3_000),
        hangup_by: Some(HangupBy::Orig),
        attestation: Some(Attestation::Gateway),
        unwanted: true,
        ..PartialCall::default()
    };
    Piece { call: "c1@example".into(), source: "core".into(), order: -5, part, ends: true, decides: false, line: 9 }
}

/// The events of format 1: one of each kind, and fields both told and not told.
fn events() -> Vec<Event> {
    let origin =
        |tenant, source: &str, role| Arc::new(Origin { tenant: TenantId(tenant), source: source.into(), role });
    let carrier = origin(1, "core", SourceRole::Terminating);
    let dialer = origin(2, "dialer", SourceRole::Originating);
    let own = |payload| Event::service(Origin::service(), time(300), payload);
    let change = LabelChange {
        tn: tn(12),
        engine: "any".into(),
        from: Label::None,
        to: Label::SpamLikely,
        effective_at: time(200),
        decided_at: time(300),
        policy_version: "2026-11".into(),
        provisional: true,
        reasons: vec!["SHORT_CALLS".into(), "HIGH_VOLUME".into()],
    };
    let standing = ReporterStanding {
        reporter: 42,
        as_of: time(-43_200),
        borne_out: 3,
        contradicted: -1,
        policy_version: "2026-11".into(),
    };
    vec![
        Event::call(Arc::clone(&carrier), bare_call()),
        Event::call(dialer, full_call()),
        Event { payload: Payload::CallBack(full_call()), ..Event::call(Arc::clone(&carrier), bare_call()) },
        Event { key: Some(RecordKey(8)), ..Event::service(Arc::clone(&carrier), time(100), Payload::Piece(piece())) },
        Event::report(carrier, report()),
        own(Payload::Tick { hour: 498_742 }),
        own(Payload::PolicyActivated { version: "2026-11".into() }),
        own(Payload::Forget { tn: tn(17) }),
        own(Payload::LabelChanged(change)),
        own(Payload::ReporterStanding(standing)),
        Event::call(Origin::service(), CallRecord { orig: Party::Number(tn(17)), ..bare_call() }),
    ]
}

fn snapshot() -> (SnapshotName, SnapshotHead, &'static [u8]) {
    let head = SnapshotHead { fold_version: 3, position: Position(6), taken_at: time(400) };
    (SnapshotName::partition(7), head, b"the state of a partition")
}

fn key() -> DataKey {
    DataKey::new([9; 32])
}

fn sealed() -> SegmentOptions {
    SegmentOptions { key: Some(key()), ..SegmentOptions::default() }
}

fn update(folder: &Path) {
    if folder.exists() {
        std::fs::remove_dir_all(folder).expect("removed");
    }
    let mut log = SegmentLog::open(folder, sealed()).expect("a new log opens");
    let events = events();
    let (early, late) = events.split_at(6);
    log.append(early, time(310)).expect("appended");
    log.append(late, time(320)).expect("appended");
    log.forget(&BTreeSet::from([tn(17)])).expect("forgotten");
    drop(log);
    std::fs::remove_file(folder.join("lock")).expect("removed");
    let (name, head, bytes) = snapshot();
    SnapshotFolder::open(folder).expect("opens").sealed_with(Some(key())).save(&name, head, bytes).expect("saved");
}

/// A copy of a folder: opening a log writes to it.
fn copy(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    for entry in std::fs::read_dir(folder).expect("the folder of the format") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, copy.path().join(path.file_name().expect("a name"))).expect("copied");
    }
    copy
}

/// What the folder of a format must hold.
fn check(folder: &Path) {
    let copy = copy(folder);
    let log = SegmentLog::open(copy.path(), sealed()).expect("the log opens");
    assert_eq!(log.verify().expect("it can be read"), []);
    let reading = log.reader().read(Position::ZERO).expect("held");
    let read: Vec<_> = reading.map(|logged| logged.expect("sound")).collect();
    let appended: Vec<_> = read.iter().map(|logged| logged.appended_at).collect();
    assert_eq!(appended, [time(310), time(320)]);
    // The last event names the number that was forgotten; its place stays empty.
    let mut expected: Vec<_> = (0..).map(Position).zip(events()).collect();
    expected.pop();
    assert_eq!(read.into_iter().flat_map(|logged| logged.events).collect::<Vec<_>>(), expected);
    assert_eq!(log.reader().held(), Position(0)..Position(11));

    let (name, head, bytes) = snapshot();
    let snapshots = SnapshotFolder::open(copy.path()).expect("opens").sealed_with(Some(key()));
    let found = snapshots.load(&name, 3).expect("read").snapshot.expect("a snapshot");
    assert_eq!((found.head, found.bytes.as_slice()), (head, bytes));
}

#[test]
fn format_1_is_read() {
    check(&folder(1));
}

#[test]
fn format_2_is_read() {
    let folder = folder(2);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        update(&folder);
    }
    check(&folder);
}

#[test]
fn schema_1_is_read_and_written_as_ever() {
    let batch = std::fs::read(folder(1).join("events.batch")).expect("the batch of the format");
    assert_eq!(decode(&batch), Ok(events()));
    let mut written = Vec::new();
    encode(&events(), &mut written);
    assert_eq!(written, batch, "other bytes are another schema version");
}
