//! A number is forgotten whole, and the others are not, wherever the process dies in between.

use std::collections::BTreeSet;
use std::path::PathBuf;

use service::Limits;

use crate::real::{LOG, Real, call, small, tn};
use crate::rig::START_S;

const AT_MS: i64 = START_S * 1000 - 3_600_000;
/// More steps than it takes to erase from every file.
const STEPS: usize = 6;

/// Calls of two numbers of one block, the first of which only snapshots know any more.
fn rig() -> Real {
    let rig = Real::new(Limits { log_bytes: Some(1_200), ..small() });
    for round in 0..3 {
        for n in 0..5 {
            let at_ms = AT_MS + round * 1_000 + n;
            let body = call(&format!("{round}-{n}-a"), at_ms, 112) + &call(&format!("{round}-{n}-b"), at_ms, 113);
            assert_eq!(rig.send(&body).expect("taken").accepted, 2);
        }
        rig.service.settle();
        assert!(rig.service.keep().is_some());
        rig.pass_ms(3_600_000);
    }
    rig
}

/// Waits until everything that is to be erased is.
fn finish(rig: &Real) {
    (0..STEPS).for_each(|_| rig.service.settle());
}

fn check(rig: &Real, forgotten: bool) {
    let left = if forgotten { 0 } else { 15 };
    assert_eq!((rig.attempts(tn(112)), rig.attempts(tn(113))), (left, 15));
}

#[test]
fn a_process_that_dies_while_it_forgets_loses_nothing_else() {
    let (mut ends, mut buried) = (0, 0);
    let base = rig();
    base.service.stop();
    for step in 0_usize.. {
        let rig = base.copy();
        check(&rig, false);
        let first = rig.disk.files().into_iter().find(|file| file.starts_with(LOG) && file.extension().is_some());
        assert_ne!(first, Some(PathBuf::from("log/00000000000000000000.log")), "the oldest calls are not in the log");
        rig.disk.halt_after(step as u64);
        let done = rig.service.forget(tn(112)).is_ok();
        let halted = rig.disk.has_halted();
        let rig = rig.crash(&mut |n| n * (step % 3) / 2);
        finish(&rig);
        let is_buried = rig.attempts(tn(112)) == 0;
        assert!(is_buried || !done, "what was told done is done");
        check(&rig, is_buried);
        let rig = rig.crash(&mut |_| 0);
        finish(&rig);
        check(&rig, is_buried);
        let names = rig.events().iter().any(|(_, event)| event.payload.names(&BTreeSet::from([tn(112)])));
        assert_ne!(names, is_buried, "step {step}");
        buried += usize::from(is_buried && !done);
        if !halted {
            assert!(done, "nothing failed");
            ends = step;
            break;
        }
    }
    assert!(
        ends > 20 && buried > 10,
        "{ends} steps, and {buried} ended by the next start, are too few to tell anything"
    );
}

#[test]
fn a_disk_that_fails_while_it_forgets_is_tried_again() {
    let base = rig();
    base.service.stop();
    for step in [2, 4, 6, 9, 14] {
        let rig = base.copy();
        rig.disk.halt_after(step);
        assert!(rig.service.forget(tn(112)).is_err());
        rig.disk.repair();
        // The hour reopens the log, and the next one erases.
        for _ in 0..3 {
            rig.pass_ms(3_600_000);
            finish(&rig);
        }
        let is_buried = rig.attempts(tn(112)) == 0;
        check(&rig, is_buried);
        let names = rig.events().iter().any(|(_, event)| event.payload.names(&BTreeSet::from([tn(112)])));
        assert_ne!(names, is_buried, "step {step}");
    }
}

#[test]
fn records_are_taken_while_it_forgets() {
    let rig = Real::new(small());
    for n in 0..300 {
        rig.send(&call(&n.to_string(), AT_MS + n, 112 + n.unsigned_abs() % 2)).expect("taken");
    }
    std::thread::scope(|scope| {
        let forgetting = scope.spawn(|| rig.service.forget(tn(112)).expect("forgotten"));
        for n in 300..340 {
            rig.send(&call(&n.to_string(), AT_MS + n, 113)).expect("taken");
        }
        // Its calls, and what was said of its labels.
        assert!(forgetting.join().expect("it ends") >= 150);
    });
    rig.service.settle();
    assert_eq!((rig.attempts(tn(112)), rig.attempts(tn(113))), (0, 190));
}
