//! Every dialect's records of simulated calls are recognised, read without a reject, and say of each call what that dialect
//! can show.

use std::collections::BTreeMap;
use std::sync::Arc;

use intake::{Format, Join, Opened, Options, Output, detect, open, read_block};
use jiff::tz::TimeZone;
use model::{CallOutcome, CallRecord, Direction, HangupBy, Party, Strength, TelephoneNumber, Timestamp};
use reputation::engines::Directory;
use sim::{Encoder, Encoding, Event, Scenario, SimCall, World, WorldOptions};

fn directory() -> Directory {
    Directory::parse("engines.toml", Directory::SHIPPED).expect("holds")
}

fn carriers() -> Vec<Box<str>> {
    directory().carriers.iter().map(|carrier| carrier.key.as_str().into()).collect()
}

/// Some thousand calls of all populations. No two of one caller begin in one second, which is all that most dialects keep.
fn calls() -> Vec<SimCall> {
    let options = WorldOptions { days: 1, numbers: 400, seed: 3, first_day: 20_514, adversary: None };
    let world = World::new(&Scenario::shipped().expect("holds"), &directory(), options).expect("a world");
    let mut calls: BTreeMap<(TelephoneNumber, TelephoneNumber, i64), SimCall> = BTreeMap::new();
    for number in world.numbers() {
        let mut of_number = 0;
        number.tape(&world).run_until(&world, &number, world.to(), &mut |event| {
            if let Event::Call(call) = event
                && of_number < 60
            {
                of_number += 1;
                calls.entry((call.orig, call.dest, call.at.as_ms() / 1000)).or_insert(call);
            }
        });
    }
    calls.into_values().collect()
}

fn read(bytes: &[u8]) -> (Format, Vec<CallRecord>) {
    let options = Options { tz: Some(TimeZone::UTC), carriers: Arc::from(carriers()), ..Options::default() };
    let format = detect(bytes, &options).expect("recognised");
    let Opened { dialect, skip, ignored, .. } = open(&format, bytes, &options).expect("opens");
    assert!(ignored.is_empty() || matches!(format, Format::TwilioCsv), "{ignored:?}");
    let (mut out, mut whole, mut join) = (Output::default(), Output::default(), Join::new(100_000));
    let mut rest = &bytes[skip..];
    while !rest.is_empty() {
        let seen = rest.len().min(1 << 18);
        let cut = dialect.framing().cut(&rest[..seen], seen == rest.len());
        out.clear();
        read_block(&*dialect, &rest[..cut], &mut out);
        for piece in out.pieces.drain(..) {
            join.push(piece, &mut whole);
        }
        whole.calls.append(&mut out.calls);
        whole.rejects.append(&mut out.rejects);
        rest = &rest[cut..];
    }
    join.finish(&mut whole);
    assert!(whole.rejects.is_empty(), "{:?}", whole.rejects.first());
    (format, whole.calls)
}

/// What a dialect keeps of a call.
struct Keeps {
    /// Milliseconds to which times are exact.
    grain_ms: i64,
    starts: bool,
    rings: bool,
    direction: bool,
    hangup: bool,
    carrier: bool,
    attestation: bool,
    outcome: fn(&SimCall) -> (CallOutcome, Strength),
}

const fn exact(call: &SimCall) -> (CallOutcome, Strength) {
    (call.outcome, call.strength)
}

/// The words of a switch that logs no causes.
fn words(call: &SimCall) -> (CallOutcome, Strength) {
    match call.outcome {
        CallOutcome::Answered | CallOutcome::Cancelled => (call.outcome, Strength::Strong),
        CallOutcome::NoAnswer | CallOutcome::Busy | CallOutcome::Unreachable => (call.outcome, Strength::Medium),
        CallOutcome::Declined
        | CallOutcome::Invalid
        | CallOutcome::Blocked
        | CallOutcome::Unwanted
        | CallOutcome::Failed => (CallOutcome::Failed, Strength::Weak),
    }
}

fn twilio_words(call: &SimCall) -> (CallOutcome, Strength) {
    if call.outcome == CallOutcome::Declined {
        return (CallOutcome::Busy, Strength::Medium);
    }
    if call.outcome == CallOutcome::Unreachable { (CallOutcome::Failed, Strength::Weak) } else { words(call) }
}

const EXACT: Keeps = Keeps {
    grain_ms: 1,
    starts: true,
    rings: true,
    direction: true,
    hangup: true,
    carrier: true,
    attestation: true,
    outcome: exact,
};
const SWITCH: Keeps =
    Keeps { grain_ms: 1000, direction: false, hangup: false, carrier: false, attestation: false, ..EXACT };

fn keeps(encoding: Encoding) -> Keeps {
    match encoding {
        Encoding::Ndjson | Encoding::Csv => EXACT,
        Encoding::Asterisk => Keeps { outcome: words, ..SWITCH },
        Encoding::AsteriskJson => SWITCH,
        Encoding::Freeswitch => Keeps { outcome: by_cause, ..SWITCH },
        Encoding::FreeswitchJson => Keeps { grain_ms: 1, ..SWITCH },
        Encoding::Kamailio => {
            Keeps { grain_ms: 1, starts: false, rings: false, attestation: true, outcome: by_answer, ..SWITCH }
        }
        Encoding::Twilio | Encoding::TwilioCsv => {
            Keeps { rings: false, direction: true, outcome: twilio_words, ..SWITCH }
        }
        Encoding::TwilioCallback => Keeps { direction: true, outcome: by_code, ..SWITCH },
        Encoding::Telnyx => {
            Keeps { grain_ms: 1, direction: true, hangup: true, attestation: true, outcome: by_code, ..SWITCH }
        }
        Encoding::Cucm => Keeps { hangup: true, outcome: by_cause, ..SWITCH },
    }
}

/// A switch that keeps the cause and takes a bare 404 for an unallocated number.
fn by_cause(call: &SimCall) -> (CallOutcome, Strength) {
    if call.outcome == CallOutcome::Invalid { (CallOutcome::Invalid, Strength::Strong) } else { exact(call) }
}

/// A platform that keeps the SIP code and no cause.
fn by_code(call: &SimCall) -> (CallOutcome, Strength) {
    let medium = call.outcome == CallOutcome::NoAnswer || call.sip_code == Some(404);
    if medium { (call.outcome, Strength::Medium) } else { exact(call) }
}

/// Kamailio always has an answer to write; its own, where none came.
fn by_answer(call: &SimCall) -> (CallOutcome, Strength) {
    if call.outcome == CallOutcome::Failed { (CallOutcome::Unreachable, Strength::Strong) } else { exact(call) }
}

fn check(encoding: Encoding) {
    let carriers = carriers();
    let encoder = Encoder::new(encoding, &carriers);
    let calls = calls();
    assert!(calls.len() > 2000, "{}", calls.len());
    let mut bytes = Vec::new();
    encoder.begin(&mut bytes);
    calls.iter().for_each(|call| encoder.call(call, &mut bytes));
    let (format, mut records) = read(&bytes);
    assert_eq!(Format::from_name(encoding.as_str()), Some(format), "recognised as what it is");
    assert_eq!(records.len(), calls.len());
    let keeps = keeps(encoding);
    let end = |record: &CallRecord| (record.orig, record.dest, record.known());
    records.sort_by_key(end);
    let mut calls = calls;
    let cut = |at: Timestamp| at.as_ms().div_euclid(keeps.grain_ms);
    calls.sort_by_key(|call| (call.orig, call.dest, call.end()));
    for (call, record) in calls.iter().zip(&records) {
        compare(call, record, &keeps, cut);
    }
}

fn compare(call: &SimCall, record: &CallRecord, keeps: &Keeps, cut: impl Fn(Timestamp) -> i64) {
    let told = format!("{call:?}\n{record:?}");
    assert_eq!((record.orig, record.dest), (Party::Number(call.orig), Party::Number(call.dest)), "{told}");
    assert!(record.key.is_some(), "{told}");
    let (class, strength) = (keeps.outcome)(call);
    assert_eq!(record.outcome.class, class, "{told}");
    assert!(record.outcome.strength <= strength.max(call.strength), "{told}");
    if class == CallOutcome::Invalid {
        assert_eq!(record.outcome.strength, strength, "{told}");
    }
    if keeps.starts {
        assert_eq!(cut(record.at), cut(call.at), "{told}");
    }
    assert!((cut(record.known()) - cut(call.end())).abs() <= 1, "{told}");
    let near = |ms: Option<u32>, expect: u32| {
        ms.is_some_and(|ms| i64::from(ms.abs_diff(expect)) <= keeps.grain_ms - 1 + keeps.grain_ms / 2)
    };
    let answered = call.outcome == CallOutcome::Answered;
    if answered {
        assert!(near(record.talk_ms, call.talk_ms), "{told}");
    } else {
        assert_eq!(record.talk_ms, None, "{told}");
    }
    if keeps.rings && record.ring_ms.is_some() {
        assert!(near(record.ring_ms, call.ring_ms), "{told}");
    }
    if keeps.direction {
        assert_eq!(record.direction, Some(call.direction), "{told}");
    }
    if keeps.hangup && answered && call.hangup_by != HangupBy::Network {
        assert_eq!(record.hangup_by, Some(call.hangup_by), "{told}");
    }
    if keeps.carrier {
        assert_eq!(record.carrier, call.carrier, "{told}");
    }
    if keeps.attestation {
        assert_eq!(record.attestation, call.attestation, "{told}");
    }
    let inbound = call.direction == Direction::Inbound;
    assert!(!inbound || record.direction != Some(Direction::Outbound), "{told}");
}

#[test]
fn our_own_records() {
    check(Encoding::Ndjson);
    check(Encoding::Csv);
}

#[test]
fn asterisk() {
    check(Encoding::Asterisk);
    check(Encoding::AsteriskJson);
}

#[test]
fn freeswitch() {
    check(Encoding::Freeswitch);
    check(Encoding::FreeswitchJson);
}

#[test]
fn kamailio() {
    check(Encoding::Kamailio);
}

#[test]
fn twilio() {
    check(Encoding::Twilio);
    check(Encoding::TwilioCsv);
    check(Encoding::TwilioCallback);
}

#[test]
fn telnyx() {
    check(Encoding::Telnyx);
}

#[test]
fn cucm() {
    check(Encoding::Cucm);
}
