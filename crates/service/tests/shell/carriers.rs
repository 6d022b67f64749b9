//! Calls whose records name no carrier.

use std::sync::Arc;

use intake::Options;
use intake::side::{CarrierMap, carrier_map};
use model::CarrierId;
use service::{Body, Carriers, Config};
use store::Payload;

use crate::rig::{Rig, START_S, limits};

const ATT: CarrierId = CarrierId(0);
const TMOBILE: CarrierId = CarrierId(1);
const VERIZON: CarrierId = CarrierId(2);

fn options() -> Options {
    Options { carriers: ["att", "tmobile", "verizon"].map(Box::from).into(), ..Options::default() }
}

fn map(rows: &str) -> CarrierMap {
    carrier_map(format!("tn,prefix,carrier\n{rows}").as_bytes(), &options()).expect("a map").0
}

fn rig(rows: &str) -> Rig {
    let config =
        Config { reading: options(), carriers: Carriers::new(map(rows)), limits: limits(), ..Config::default() };
    Rig::with(Rig::new().clock.clone(), config)
}

fn call(id: &str, dest: u32, more: &str) -> String {
    format!("{{\"id\":\"{id}\",\"start\":{START_S},\"orig\":\"+12155550112\",\"dest\":\"+13125550{dest}\"{more}}}\n")
}

/// The carriers of the calls in the log, in its order.
fn logged(rig: &Rig) -> Vec<Option<CarrierId>> {
    rig.service.settle();
    let events = rig.tape.events().into_iter();
    events
        .filter_map(|(_, event)| if let Payload::Call(call) = event.payload { Some(call.carrier) } else { None })
        .collect()
}

#[test]
fn the_record_goes_before_its_source_and_that_before_the_map() {
    let rig = rig("+13125550143,,verizon\n,+1312555,att\n");
    let bodies = [
        (None, call("a", 143, ",\"carrier\":\"tmobile\""), Some(TMOBILE)),
        (None, call("b", 143, ""), Some(VERIZON)),
        (None, call("c", 199, ""), Some(ATT)),
        (Some(TMOBILE), call("d", 143, ""), Some(TMOBILE)),
        (Some(TMOBILE), call("e", 143, ",\"carrier\":\"att\""), Some(ATT)),
        (Some(TMOBILE), call("f", 143, ",\"direction\":\"inbound\""), None),
        (None, call("g", 143, "").replace("+1312", "+1415"), None),
    ];
    for (carrier, body, _) in &bodies {
        let body = Body { carrier: *carrier, ..Body::new(body.as_bytes()) };
        assert_eq!(rig.send(1, body).expect("taken").accepted, 1);
    }
    assert_eq!(logged(&rig), bodies.map(|(_, _, expect)| expect));
}

#[test]
fn what_was_decided_stays_when_the_map_is_exchanged() {
    let rig = rig(",+1312555,att\n");
    rig.send(1, Body::new(call("a", 143, "").as_bytes())).expect("taken");
    rig.service.config().carriers.replace(map(",+1312555,verizon\n"));
    rig.send(1, Body::new(call("b", 143, "").as_bytes())).expect("taken");
    assert_eq!(logged(&rig), [Some(ATT), Some(VERIZON)]);
    let rig = rig.restart();
    assert_eq!(logged(&rig), [Some(ATT), Some(VERIZON)]);
}

#[test]
fn a_call_told_in_pieces_gets_its_carrier_when_it_is_whole() {
    let rig = rig(",+1312555,att\n");
    let piece = |call: u32, status: &str, second: u32| {
        format!(
            "CallSid=CA{call:032}&AccountSid=AC1&From=%2B12155550112&To=%2B13125550199&Direction=outbound-api\
             &CallStatus={status}&Timestamp=Mon%2C+23+Nov+2026+10%3A2{second}%3A00+%2B0000&SequenceNumber={second}\n"
        )
    };
    let send = |call, carrier| {
        for (status, second) in [("ringing", 8), ("completed", 9)] {
            let text = piece(call, status, second);
            let body = Body { format: Some("twilio-callback"), carrier, ..Body::new(text.as_bytes()) };
            rig.send(1, body).expect("taken");
        }
    };
    send(1, None);
    send(2, Some(VERIZON));
    assert_eq!(logged(&rig), [Some(ATT), Some(VERIZON)]);
}

#[test]
fn a_map_is_shared_with_those_who_look_up() {
    let carriers = Carriers::new(map(",+1312555,att\n"));
    let other = carriers.clone();
    carriers.replace(map(",+1312555,verizon\n"));
    let dest = model::TelephoneNumber::from_digits(13_125_550_143).expect("a number");
    assert_eq!(other.load().lookup(dest), Some((VERIZON, false)));
    assert_eq!(Arc::strong_count(&other.load()), 2);
}
