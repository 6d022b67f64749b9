//! What a sender is told.

use std::collections::BTreeSet;

use model::Label;
use service::{Body, Condition, Heard, IngestError, LabelHistory, LabelQuestion, Limits, Shown, TenantId};

use store::Payload;

use crate::rig::{Rig, START_S, kind, limits};
use crate::tape::Fault;

fn call(id: &str, start_s: i64, last: u32) -> String {
    let id = if id.is_empty() { String::new() } else { format!("\"id\":\"{id}\",") };
    format!(
        "{{{id}\"start\":{start_s},\"orig\":\"+12155550{last}\",\"dest\":\"+13125550199\",\"outcome\":\"answered\"}}\n"
    )
}

#[test]
fn every_record_of_a_body_is_told() {
    let rig = Rig::new();
    let body = [
        call("a", START_S - 60, 112),
        call("a", START_S - 60, 112),
        call("b", START_S + 3600, 112),
        "{\"start\":1}\n".to_owned(),
        call("c", START_S - 40 * 86_400, 113),
    ]
    .concat();
    let receipt = rig.send(1, Body::new(body.as_bytes())).expect("taken");
    assert_eq!((receipt.accepted, receipt.duplicate, receipt.late), (2, 1, 1));
    let told: Vec<_> = receipt.rejected.iter().map(|rejected| (rejected.line, rejected.code)).collect();
    assert_eq!(told.len(), 2);
    assert!(told.contains(&(3, "IN_THE_FUTURE")), "{told:?}");
    assert!(told.contains(&(4, "BAD_TIME")), "{told:?}");
    rig.service.settle();
    assert_eq!(rig.ledger.entries().calls.len(), 2);
    assert_eq!(rig.service.figures().accepted, 2);
}

#[test]
fn a_repeat_is_recognised_across_a_restart_and_only_for_its_tenant() {
    let rig = Rig::new();
    let body = call("a", START_S - 60, 112);
    assert_eq!(rig.send(1, Body::new(body.as_bytes())).expect("taken").accepted, 1);
    let rig = rig.restart();
    assert_eq!(rig.send(1, Body::new(body.as_bytes())).expect("read").duplicate, 1);
    assert_eq!(rig.send(2, Body::new(body.as_bytes())).expect("taken").accepted, 1);
    rig.pass_ms(97 * 3_600_000);
    assert_eq!(rig.send(1, Body::new(body.as_bytes())).expect("taken").accepted, 1, "the window has passed");
}

#[test]
fn a_named_body_without_ids_is_taken_once() {
    let rig = Rig::new();
    let text = [call("", START_S - 60, 112), call("", START_S - 60, 112)].concat();
    let body = Body { idempotency_key: Some("k1"), ..Body::new(text.as_bytes()) };
    assert_eq!(rig.send(1, body).expect("taken").accepted, 2);
    assert_eq!(rig.send(1, body).expect("read").duplicate, 2);
    assert_eq!(rig.send(1, Body { idempotency_key: Some("k2"), ..body }).expect("taken").accepted, 2);
}

#[test]
fn reports_are_taken_once() {
    let rig = Rig::new();
    let text = format!("{{\"id\":\"r1\",\"at\":{START_S},\"tn\":\"+12155550112\",\"category\":\"unwanted\"}}\n");
    assert_eq!(rig.report(1, Body::new(text.as_bytes())).expect("taken").accepted, 1);
    assert_eq!(rig.report(1, Body::new(text.as_bytes())).expect("read").duplicate, 1);
    let ahead = text.replace("r1", "r2").replace(&START_S.to_string(), &(START_S + 3600).to_string());
    let receipt = rig.report(1, Body::new([text, ahead].concat().as_bytes())).expect("read");
    let told: Vec<_> = receipt.rejected.iter().map(|rejected| (rejected.line, rejected.code)).collect();
    assert_eq!((receipt.duplicate, told), (1, vec![(2, "IN_THE_FUTURE")]));
    rig.service.settle();
    assert_eq!(rig.ledger.entries().reports.len(), 1);
}

#[test]
fn a_call_told_in_pieces_is_joined_across_a_restart() {
    let rig = Rig::new();
    let piece = |status: &str, more: &str| {
        format!(
            "CallSid=CA11111111111111111111111111111111&AccountSid=AC1&From=%2B12155550112&To=%2B13125550199\
             &Direction=outbound-api&CallStatus={status}&Timestamp=Mon%2C+23+Nov+2026+10%3A2{more}\n"
        )
    };
    let format = Some("twilio-callback");
    let first = piece("ringing", "8%3A00+%2B0000&SequenceNumber=1");
    let receipt = rig.send(1, Body { format, ..Body::new(first.as_bytes()) }).expect("taken");
    assert_eq!(receipt.accepted, 1, "{receipt:?}");
    rig.service.settle();
    assert_eq!((rig.ledger.entries().calls.len(), rig.service.figures().joining), (0, 1));
    let rig = rig.restart();
    assert_eq!(rig.service.figures().joining, 1);
    let last = piece("completed", "9%3A00+%2B0000&SequenceNumber=2&CallDuration=30");
    rig.send(1, Body { format, ..Body::new(last.as_bytes()) }).expect("taken");
    rig.service.settle();
    assert_eq!(rig.ledger.entries().calls.values().copied().collect::<Vec<_>>(), [1]);
    let receipt = rig.send(1, Body { format, ..Body::new(last.as_bytes()) }).expect("read");
    assert_eq!((receipt.accepted, receipt.skipped), (0, 1));
}

#[test]
fn a_piece_waits_for_a_day() {
    let rig = Rig::new();
    let piece = "CallSid=CA11111111111111111111111111111111&AccountSid=AC1&From=%2B12155550112&To=%2B13125550199\
                 &Direction=outbound-api&CallStatus=ringing&Timestamp=Mon%2C+23+Nov+2026+10%3A28%3A00+%2B0000\
                 &SequenceNumber=1\n";
    rig.send(1, Body { format: Some("twilio-callback"), ..Body::new(piece.as_bytes()) }).expect("taken");
    for (hours, waiting) in [(23, 1), (2, 0)] {
        rig.pass_ms(hours * 3_600_000);
        assert_eq!(rig.service.figures().joining, waiting, "after {hours} hours more");
    }
}

#[test]
fn what_cannot_be_taken_at_all_is_refused() {
    let clock = Rig::new().clock.clone();
    let rig = Rig::start(Default::default(), clock, Limits { body_bytes: 100, batch_records: 1, ..limits() });
    let refused =
        |text: &str, format| kind(&rig.send(1, Body { format, ..Body::new(text.as_bytes()) }).expect_err("refused"));
    assert_eq!(refused(&"x".repeat(101), None), "too large");
    assert_eq!(refused("what is this", None), "unreadable");
    assert_eq!(refused("a", Some("no-such")), "unknown format");
    assert_eq!(refused("", None), "unreadable");
    let two = "start,orig,dest\n1,+12155550112,+13125550199\n2,+12155550112,+13125550199\n";
    assert_eq!(refused(two, None), "too many");
    let totals = "tn,attempts\n+12155550112,10\n";
    assert_eq!(refused(totals, None), "totals");
}

#[test]
fn too_much_at_once_is_refused_and_may_come_again() {
    let clock = Rig::new().clock.clone();
    let rig = Rig::start(Default::default(), clock, Limits { queue_bodies: 1, ..limits() });
    let admitted = rig.service.admit(10).expect("room");
    let busy = rig.service.admit(10).expect_err("full");
    assert_eq!((kind(&busy), busy.retry_after_s()), ("busy", Some(1)));
    drop(admitted);
    assert!(rig.service.admit(10).is_ok());
    assert_eq!(rig.service.figures().refused_bodies, 1);
}

#[test]
fn a_failed_write_takes_nothing_and_look_ups_go_on() {
    let rig = Rig::new();
    let bodies: Vec<String> = (0..4).map(|at| call(&format!("{at}"), START_S - 60 + at, 112)).collect();
    for body in &bodies[..3] {
        rig.send(1, Body::new(body.as_bytes())).expect("taken");
    }
    rig.pass_ms(3_600_000);
    let tn = "+12155550112".parse_tn();
    assert_eq!(rig.service.label(&LabelQuestion::new(tn, TenantId(1))).label.shown, Shown::Label(Label::Spam));
    let history = rig.history.of(tn, TenantId(1), 10).expect("in memory");
    assert_eq!(history.iter().map(|(_, change)| change.to).collect::<Vec<_>>(), [Label::Spam]);
    rig.tape.fail(Fault::After { events: 0 });
    let failed = rig.send(1, Body::new(bodies[3].as_bytes())).expect_err("refused");
    assert_eq!(kind(&failed), "failed");
    assert_eq!(rig.service.condition(), Condition::Failed);
    assert!(matches!(rig.service.admit(1), Err(IngestError::Failed { .. })));
    assert_eq!(rig.service.label(&LabelQuestion::new(tn, TenantId(1))).label.shown, Shown::Label(Label::Spam));
    let rig = rig.restart();
    assert_eq!(rig.send(1, Body::new(bodies[3].as_bytes())).expect("taken").accepted, 1);
}

#[test]
fn a_clock_that_jumps_back_leaves_known_at_in_order() {
    let rig = Rig::new();
    rig.send(1, Body::new(call("a", START_S - 60, 112).as_bytes())).expect("taken");
    rig.clock.advance_ms(-7_200_000);
    rig.send(1, Body::new(call("b", START_S - 7_300, 113).as_bytes())).expect("taken");
    let known: Vec<_> = rig.tape.events().iter().map(|(_, event)| event.known_at).collect();
    assert!(known.is_sorted(), "{known:?}");
}

#[test]
fn missed_hours_have_their_ticks() {
    let rig = Rig::new();
    rig.service.tick();
    rig.service.settle();
    rig.clock.advance_ms(5 * 3_600_000);
    let rig = rig.restart();
    rig.service.tick();
    rig.service.settle();
    let first = u32::try_from(START_S / 3600).expect("an hour");
    let hours = rig.ledger.entries().hours.clone();
    assert_eq!(hours, (first..=first + 5).collect::<Vec<_>>());
}

#[test]
fn a_forgotten_number_is_in_no_event() {
    let rig = Rig::new();
    for (id, last) in [("a", 112), ("b", 113)] {
        rig.send(1, Body::new(call(id, START_S - 60, last).as_bytes())).expect("taken");
    }
    let tn = "+12155550112".parse_tn();
    assert_eq!(rig.service.forget(tn).expect("forgotten"), 1);
    assert!(rig.tape.events().iter().all(|(_, event)| !event.payload.names(&BTreeSet::from([tn]))));
    let rig = rig.restart();
    assert_eq!(rig.ledger.entries().calls.len(), 1);
}

#[test]
fn a_start_reads_on_from_what_was_kept() {
    let rig = Rig::new();
    let bodies: Vec<String> = (0..4).map(|at| call(&format!("{at}"), START_S - 60 + at, 112)).collect();
    for body in &bodies[..3] {
        rig.send(1, Body::new(body.as_bytes())).expect("taken");
    }
    rig.service.settle();
    assert_eq!(rig.service.keep(), Some(service::Position(5)), "a tick, a policy and three calls");
    rig.send(1, Body::new(bodies[3].as_bytes())).expect("taken");
    let rig = rig.restart();
    assert_eq!((rig.ledger.applied(), rig.ledger.entries().calls.len()), (1, 4));
    for body in &bodies {
        assert_eq!(rig.send(1, Body::new(body.as_bytes())).expect("read").duplicate, 1, "ids are learned from the log");
    }
    rig.service.settle();
    assert_eq!(rig.service.forget("+12155550112".parse_tn()).expect("forgotten"), 4);
    let rig = rig.restart();
    assert_eq!(rig.ledger.entries().calls.len(), 0);
    assert_eq!(rig.ledger.applied(), 0, "it was kept anew without the number");
}

#[test]
fn a_listener_that_was_away_is_told_what_it_missed() {
    let rig = Rig::new();
    for (at, last) in [112, 113].into_iter().enumerate() {
        let bodies = (0..3).map(|place| call(&format!("{at}-{place}"), START_S - 60 + place, last));
        bodies.for_each(|body| assert!(rig.send(1, Body::new(body.as_bytes())).is_ok()));
        rig.pass_ms(3_600_000);
    }
    assert!(rig.service.keep().is_some(), "the next start has no old change in memory");
    let rig = rig.restart();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut listener = rig.service.subscribe(TenantId(7), Some(service::Position(0)));
    let mut told = Vec::new();
    while told.len() < 3 {
        match runtime.block_on(listener.next()).expect("the service goes on") {
            Heard::Changes(changes) => told.extend(changes),
            Heard::Missed(place) => panic!("nothing was trimmed before {place}"),
            Heard::Behind => match listener.catch_up(1).expect("the log can be read") {
                Heard::Changes(changes) => told.extend(changes),
                heard => panic!("{heard:?}"),
            },
        }
        if told.len() == 2 {
            rig.pass_ms(3_600_000);
        }
    }
    let expected: Vec<_> = rig
        .tape
        .events()
        .into_iter()
        .filter(|(_, event)| matches!(event.payload, Payload::LabelChanged(_)))
        .map(|(place, _)| place)
        .take(3)
        .collect();
    assert_eq!(told.iter().map(|told| told.id).collect::<Vec<_>>(), expected);
    rig.service.stop();
    let mut late = rig.service.subscribe(TenantId(7), None);
    assert!(runtime.block_on(late.next()).is_none(), "a service that has stopped ends its streams");
}

trait ParseTn {
    fn parse_tn(&self) -> model::TelephoneNumber;
}

impl ParseTn for str {
    fn parse_tn(&self) -> model::TelephoneNumber {
        model::tn::parse_tn(self.as_bytes(), None).expect("a number")
    }
}
