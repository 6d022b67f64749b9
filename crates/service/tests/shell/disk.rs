//! A disk that fails and is mended: the service goes on without another start.

use service::{Condition, LabelQuestion, TenantId};
use store::files::Fault;

use crate::real::{Real, call, calls, small, tn};
use crate::rig::{START_S, kind};

const AT_MS: i64 = START_S * 1000 - 60_000;

/// Sends ten calls, lets `fail` break the disk, and holds that the next body is refused while look-ups go on; `mend` makes the disk
/// work again. What was refused is sent again, and everything is there once.
fn check(fail: impl Fn(&Real), mend: impl Fn(&Real)) {
    let rig = Real::new(small());
    let body = |from: i64| (from..from + 10).map(|n| call(&n.to_string(), AT_MS + n, 112)).collect::<String>();
    assert_eq!(rig.send(&body(0)).expect("taken").accepted, 10);
    rig.service.settle();
    fail(&rig);
    let refused = rig.send(&body(10)).expect_err("the disk is broken");
    assert_eq!((kind(&refused), refused.retry_after_s().is_some()), ("failed", true));
    assert_eq!(rig.service.condition(), Condition::Failed);
    assert_eq!(rig.attempts(tn(112)), 10, "look-ups go on");
    assert_eq!(rig.service.label(&LabelQuestion::new(tn(112), TenantId(1))).tn, tn(112));
    mend(&rig);
    rig.pass_ms(2_000);
    assert_eq!(rig.service.condition(), Condition::Ready);
    let receipt = rig.send(&[body(5), body(10)].concat()).expect("taken");
    assert_eq!(receipt.accepted + receipt.duplicate, 20);
    rig.service.settle();
    assert_eq!(rig.attempts(tn(112)), 20);
    let figures = rig.service.figures();
    assert_eq!((figures.log_failures, figures.log_reopens), (1, 1));
    let there = calls(&rig.events());
    assert!(there.len() == 20 && there.values().all(|&count| count == 1), "{there:?}");
}

#[test]
fn a_full_disk_that_is_freed_goes_on() {
    let taken = |rig: &Real| rig.disk.files().iter().filter_map(|file| rig.disk.bytes(file)).map(|b| b.len()).sum();
    check(|rig| rig.disk.set_capacity(Some(taken(rig))), |rig| rig.disk.set_capacity(None));
}

#[test]
fn a_write_that_fails_or_is_cut_short_goes_on() {
    for fault in [Fault::Fail, Fault::Short(0), Fault::Short(1), Fault::Short(70), Fault::FailAfter] {
        check(|rig| rig.disk.fail_after(0, fault), |_| {});
    }
}

#[test]
fn a_sync_that_fails_goes_on() {
    for fault in [Fault::Fail, Fault::FailAfter] {
        check(|rig| rig.disk.fail_after(1, fault), |_| {});
    }
}

#[test]
fn it_is_tried_again_until_it_works_and_less_and_less_often() {
    let rig = Real::new(small());
    rig.disk.halt();
    assert!(rig.send(&call("a", AT_MS, 112)).is_err());
    for wait_ms in [1_000, 2_000, 4_000, 8_000] {
        rig.pass_ms(wait_ms - 1);
        let before = rig.disk.operations();
        rig.pass_ms(0);
        assert_eq!(rig.disk.operations(), before, "it is not time yet");
        rig.pass_ms(1);
        assert!(rig.disk.operations() > before && rig.service.condition() == Condition::Failed);
    }
    rig.disk.repair();
    rig.pass_ms(16_000);
    assert_eq!(rig.service.condition(), Condition::Ready);
    assert_eq!(rig.send(&call("a", AT_MS, 112)).expect("taken").accepted, 1);
    rig.disk.halt();
    assert!(rig.send(&call("b", AT_MS + 1, 112)).is_err());
    rig.disk.repair();
    rig.pass_ms(1_000);
    assert_eq!(rig.service.condition(), Condition::Ready, "after a success the first wait is short again");
}

#[test]
fn what_was_decided_meanwhile_is_logged_once() {
    let rig = Real::new(small());
    let body: String = (0..200).map(|n| call(&n.to_string(), AT_MS + n, 112)).collect();
    // The calls reach the log, the label that they earn does not at first.
    rig.send(&body).expect("taken");
    rig.disk.halt();
    rig.service.settle();
    rig.pass_ms(500);
    rig.disk.repair();
    rig.pass_ms(60_000);
    rig.pass_ms(3_600_000);
    let events = rig.events();
    let mut label = model::Label::None;
    let mut changes = 0;
    for (_, event) in &events {
        if let store::Payload::LabelChanged(change) = &event.payload {
            assert_eq!(change.from, label, "{change:?}");
            (label, changes) = (change.to, changes + 1);
        }
    }
    assert!(changes > 0);
}
