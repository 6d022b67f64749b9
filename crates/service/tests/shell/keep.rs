//! What is kept, what is given up, and what a start makes of damage.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use service::{Body, Condition, Limits};
use store::files::SimulatedDisk;
use store::{EventLog as _, SegmentLog};

use crate::real::{LOG, Real, SNAPSHOTS, call, options, small, tn};
use crate::rig::{Rig, START_S};

const AT_MS: i64 = START_S * 1000 - 3_600_000;
const HOUR_MS: i64 = 3_600_000;

/// The files of a folder with this ending, the oldest first.
fn files(disk: &SimulatedDisk, folder: &str, ending: &str) -> Vec<PathBuf> {
    let all = disk.files().into_iter();
    all.filter(|file| file.starts_with(folder) && file.extension().is_some_and(|other| other == ending)).collect()
}

/// Bytes of the log, and the place of its first event.
fn held(disk: &SimulatedDisk) -> (usize, u64) {
    let segments = files(disk, LOG, "log");
    let bytes = segments.iter().filter_map(|file| disk.bytes(file)).map(|bytes| bytes.len()).sum();
    let name = segments.first().and_then(|file| file.file_stem()).and_then(|name| name.to_str()).expect("a segment");
    (bytes, name.parse().expect("a place"))
}

/// An hour of calls, one in each minute or so, and the tick that ends it.
fn hour(rig: &Real, number: i64) {
    for n in 0..12 {
        let at_ms = AT_MS + number * HOUR_MS + n;
        assert_eq!(rig.send(&call(&format!("{number}-{n}"), at_ms, 112)).expect("taken").accepted, 1);
    }
    rig.service.settle();
    rig.pass_ms(HOUR_MS);
}

/// Flips one bit in the middle of a file.
fn flip(disk: &SimulatedDisk, file: &Path) {
    let mut bytes = disk.bytes(file).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    disk.set_bytes(file, bytes);
}

#[test]
fn the_log_is_trimmed_by_size_once_snapshots_have_it() {
    let limit = 6_000;
    let rig = Real::new(Limits { log_bytes: Some(limit), ..small() });
    let (mut most, mut calls) = (0, 0);
    for number in 0..30 {
        assert!(number % 6 != 5 || rig.service.keep().is_some());
        hour(&rig, number);
        calls += 12;
        most = most.max(held(&rig.disk).0);
    }
    let (bytes, start) = held(&rig.disk);
    assert!(start > 0, "nothing was given up");
    assert!(bytes < 3 * limit as usize, "{bytes} bytes are left, {most} at most");
    assert_eq!(rig.service.figures().log_bytes, bytes as u64);
    let rig = rig.crash(&mut |_| 0);
    assert_eq!(rig.attempts(tn(112)), calls, "what the log gave up is in snapshots");
}

#[test]
fn what_no_snapshot_has_stays_whatever_it_takes() {
    let rig = Real::new(Limits { log_bytes: Some(1_000), snapshot_events: u64::MAX, ..small() });
    (0..10).for_each(|number| hour(&rig, number));
    let (bytes, start) = held(&rig.disk);
    assert!(bytes > 3_000 && start == 0, "{bytes} bytes from {start} on");
    let rig = rig.crash(&mut |_| 0);
    assert_eq!(rig.attempts(tn(112)), 120);
}

#[test]
fn the_log_is_trimmed_by_age() {
    let rig = Real::new(Limits { log_days: 1, ..small() });
    (0..30).for_each(|number| hour(&rig, number));
    let young = held(&rig.disk).1;
    (30..60).for_each(|number| hour(&rig, number));
    let old = held(&rig.disk).1;
    let day_before = 60 * 13 - 24 * 13;
    assert!(old > young && old <= day_before, "the log begins at {young}, later at {old}");
    let rig = rig.crash(&mut |_| 0);
    assert_eq!(rig.attempts(tn(112)), 60 * 12, "facts reach further back than the log");
    assert_eq!(rig.send(&call("59-11", AT_MS + 59 * HOUR_MS + 11, 112)).expect("read").duplicate, 1);
}

#[test]
fn a_flipped_bit_in_an_old_segment_is_passed_over_and_the_rest_is_served() {
    let rig = Real::new(Limits { snapshot_events: u64::MAX, ..small() });
    (0..10).for_each(|number| hour(&rig, number));
    let segments = files(&rig.disk, LOG, "log");
    assert!(segments.len() > 4);
    flip(&rig.disk, &segments[1]);
    let rig = rig.crash(&mut |_| 0);
    assert_eq!(rig.service.condition(), Condition::Ready);
    let left = rig.attempts(tn(112));
    assert!((80..120).contains(&left), "{left} calls are left");
    let receipt = rig.send(&(0..12).map(|n| call(&format!("9-{n}"), AT_MS + 9 * HOUR_MS + n, 112)).collect::<String>());
    assert_eq!(receipt.expect("read").duplicate, 12, "what is whole is known");
    assert_eq!(rig.send(&call("new", AT_MS, 112)).expect("taken").accepted, 1);
    rig.service.settle();
    assert_eq!(rig.attempts(tn(112)), left + 1);
    rig.service.stop();
    drop(rig.service);
    let log = SegmentLog::open_with(Arc::new(rig.disk), Path::new(LOG), options()).expect("the log opens");
    let damage = log.verify().expect("read");
    assert_eq!(damage.iter().map(|damage| damage.file.clone()).collect::<Vec<_>>(), [segments[1].clone()]);
}

#[test]
fn of_a_damaged_snapshot_the_older_one_is_used() {
    let rig = Real::new(Limits { log_bytes: Some(1_500), ..small() });
    for number in 0..4 {
        hour(&rig, number);
        assert!(rig.service.keep().is_some());
    }
    assert!(held(&rig.disk).1 > 0, "the log alone does not tell everything");
    let part = format!("part_{:03}", service::facts::shard_of(tn(112)));
    let kept = files(&rig.disk, SNAPSHOTS, "snap").into_iter();
    let kept: Vec<PathBuf> = kept.filter(|file| file.to_str().is_some_and(|name| name.contains(&part))).collect();
    assert_eq!(kept.len(), 2);
    flip(&rig.disk, &kept[1]);
    let rig = rig.crash(&mut |_| 0);
    assert_eq!(rig.attempts(tn(112)), 48);
}

#[test]
fn a_call_whose_pieces_stop_is_closed_by_age_across_a_restart() {
    let piece = |call: u32, status: &str| {
        format!(
            "CallSid=CA{call:032}&AccountSid=AC1&From=%2B12155550112&To=%2B13125550199&Direction=outbound-api\
             &CallStatus={status}&Timestamp=Mon%2C+23+Nov+2026+10%3A28%3A00+%2B0000&SequenceNumber=1\n"
        )
    };
    let send = |rig: &Rig, text: &str| {
        let body = Body { format: Some("twilio-callback"), ..Body::new(text.as_bytes()) };
        rig.send(1, body).expect("taken")
    };
    let ended = [false, true].map(|restart| {
        let mut rig = Rig::new();
        send(&rig, &piece(1, "ringing"));
        send(&rig, &piece(2, "in-progress"));
        for hour in 0..23 {
            rig.pass_ms(3_600_000);
            if restart && hour == 11 {
                rig = rig.restart();
            }
        }
        assert_eq!(rig.service.figures().joining, 2, "a day is not over");
        (0..3).for_each(|_| rig.pass_ms(3_600_000));
        let figures = rig.service.figures();
        assert_eq!((figures.joining, rig.ledger.entries().calls.len() as u64 + figures.incomplete), (0, 2));
        let calls = rig.ledger.entries().calls.clone();
        assert_eq!(send(&rig, &piece(2, "in-progress")).skipped, 1, "what comes later is dropped");
        calls
    });
    assert_eq!(ended[0], ended[1]);
}
