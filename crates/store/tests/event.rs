//! Any batch of events comes back as it was, and bytes that are none are refused without harm.

use std::sync::Arc;

use model::{
    Attestation, CallOutcome, CallRecord, CarrierId, Direction, HangupBy, Label, Observable, Outcome, PartialCall,
    Party, Piece, RecordKey, Report, ReportCategory, Strength, TelephoneNumber, Timestamp,
};
use proptest::option::of;
use proptest::prelude::*;
use store::event::{decode, encode};
use store::{Event, LabelChange, Origin, Payload, ReporterStanding, SourceRole, TenantId};

fn time() -> impl Strategy<Value = Timestamp> {
    let edge = prop_oneof![Just(0), Just(Timestamp::MAX.as_ms()), 0..=Timestamp::MAX.as_ms()];
    prop_oneof![4 => 1_795_000_000_000..1_796_000_000_000_i64, 1 => edge]
        .prop_map(|ms| Timestamp::from_ms(ms).expect("in range"))
}

fn tn() -> impl Strategy<Value = TelephoneNumber> {
    prop_oneof![12_155_550_100..12_155_550_200_u64, Just(4_234_567), Just(999_999_999_999_999)]
        .prop_map(|digits| TelephoneNumber::from_digits(digits).expect("a number"))
}

fn text() -> impl Strategy<Value = Box<str>> {
    "[a-zé]{0,80}".prop_map(Into::into)
}

fn key() -> impl Strategy<Value = RecordKey> {
    any::<u128>().prop_map(RecordKey)
}

fn party() -> impl Strategy<Value = Party> {
    prop_oneof![tn().prop_map(Party::Number), any::<u32>().prop_map(Party::Extension), Just(Party::Anonymous)]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let strength = prop_oneof![Just(Strength::Weak), Just(Strength::Medium), Just(Strength::Strong)];
    (prop::sample::select(&CallOutcome::ALL[..]), strength, any::<bool>())
        .prop_map(|(class, strength, unwanted)| Outcome { class, strength, unwanted })
}

fn observable() -> impl Strategy<Value = Observable> {
    any::<[bool; 3]>().prop_map(|[invalid, answer, blocked]| Observable { invalid, answer, blocked })
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Outbound), Just(Direction::Inbound), Just(Direction::Internal)]
}

fn hangup_by() -> impl Strategy<Value = HangupBy> {
    prop_oneof![Just(HangupBy::Orig), Just(HangupBy::Dest), Just(HangupBy::Network)]
}

fn attestation() -> impl Strategy<Value = Attestation> {
    use Attestation::{Full, Gateway, Partial, Unsigned};
    prop::sample::select(vec![Full, Partial, Gateway, Unsigned])
}

fn part() -> BoxedStrategy<PartialCall> {
    let times = (of(time()), of(time()), of(time()));
    let ends = (of(party()), of(party()), of(direction()), of(any::<u8>().prop_map(CarrierId)));
    let what = (of(outcome()), of(observable()), of(any::<u32>()), of(any::<u32>()));
    (times, ends, what, of(hangup_by()), of(attestation()), of(text()), any::<bool>())
        .prop_map(
            |(
                (at, answered_at, ended_at),
                (orig, dest, direction, carrier),
                (outcome, observable, ring_ms, talk_ms),
                hangup_by,
                attestation,
                redress,
                unwanted,
            )| PartialCall {
                at,
                answered_at,
                ended_at,
                orig,
                dest,
                direction,
                carrier,
                outcome,
                observable,
                ring_ms,
                talk_ms,
                hangup_by,
                attestation,
                redress,
                unwanted,
            },
        )
        .boxed()
}

fn call() -> impl Strategy<Value = CallRecord> {
    (part(), of(key()), time(), of(time()), party(), party(), outcome(), observable()).prop_map(
        |(part, key, at, known_at, orig, dest, outcome, observable)| CallRecord {
            key,
            at,
            known_at,
            orig,
            dest,
            direction: part.direction,
            carrier: part.carrier,
            outcome,
            observable,
            ring_ms: part.ring_ms,
            talk_ms: part.talk_ms,
            hangup_by: part.hangup_by,
            attestation: part.attestation,
            redress: part.redress,
        },
    )
}

fn report() -> impl Strategy<Value = Report> {
    let who = (of(any::<u64>()), of(tn()), of(time()), of(any::<u64>()), of(any::<u64>()), of(any::<u16>()));
    let category = prop::sample::select(&ReportCategory::ALL[..]);
    (of(key()), time(), of(time()), tn(), category, who, of(any::<u8>()), any::<[bool; 2]>()).prop_map(
        |(key, at, known_at, tn, category, who, carrier, [proven, regulator])| Report {
            key,
            at,
            known_at,
            tn,
            category,
            reporter: who.0,
            reporter_tn: who.1,
            reporter_since: who.2,
            network: who.3,
            device: who.4,
            area_code: who.5,
            carrier: carrier.map(CarrierId),
            proven,
            regulator,
        },
    )
}

fn piece() -> impl Strategy<Value = Piece> {
    (text(), text(), any::<i64>(), part(), any::<[bool; 2]>(), any::<u64>()).prop_map(
        |(call, source, order, part, [ends, decides], line)| Piece { call, source, order, part, ends, decides, line },
    )
}

fn label_change() -> impl Strategy<Value = LabelChange> {
    let label = || prop::sample::select(&Label::ALL[..]);
    let reasons = prop::collection::vec(text(), 0..4);
    (tn(), text(), label(), label(), time(), time(), text(), any::<bool>(), reasons).prop_map(
        |(tn, engine, from, to, effective_at, decided_at, policy_version, provisional, reasons)| LabelChange {
            tn,
            engine,
            from,
            to,
            effective_at,
            decided_at,
            policy_version,
            provisional,
            reasons,
        },
    )
}

fn standing() -> impl Strategy<Value = ReporterStanding> {
    (any::<u64>(), time(), any::<i32>(), any::<i32>(), text()).prop_map(
        |(reporter, as_of, borne_out, contradicted, policy_version)| ReporterStanding {
            reporter,
            as_of,
            borne_out,
            contradicted,
            policy_version,
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let payload = prop_oneof![
        4 => call().prop_map(Payload::Call).boxed(),
        1 => call().prop_map(Payload::CallBack).boxed(),
        1 => piece().prop_map(Payload::Piece).boxed(),
        1 => report().prop_map(Payload::Report).boxed(),
        1 => any::<u32>().prop_map(|hour| Payload::Tick { hour }).boxed(),
        1 => text().prop_map(|version| Payload::PolicyActivated { version }).boxed(),
        1 => tn().prop_map(|tn| Payload::Forget { tn }).boxed(),
        1 => label_change().prop_map(Payload::LabelChanged).boxed(),
        1 => standing().prop_map(Payload::ReporterStanding).boxed(),
    ];
    let role = prop_oneof![Just(SourceRole::Terminating), Just(SourceRole::Originating)];
    let origin = (0..3_u32, "[ab]{0,1}", role)
        .prop_map(|(tenant, source, role)| Arc::new(Origin { tenant: TenantId(tenant), source: source.into(), role }));
    (origin, time(), time(), of(key()), payload, any::<bool>()).prop_map(
        |(origin, at, known_at, key, payload, as_told)| match payload {
            Payload::Call(call) if as_told => Event::call(origin, call),
            Payload::Report(report) if as_told => Event::report(origin, report),
            payload => Event { origin, at, known_at, key, payload },
        },
    )
}

proptest! {
    #[test]
    fn a_batch_comes_back_as_it_was(events in prop::collection::vec(event(), 0..20)) {
        let mut bytes = Vec::new();
        encode(&events, &mut bytes);
        prop_assert_eq!(decode(&bytes), Ok(events));
    }

    #[test]
    fn a_changed_byte_does_no_harm(
        events in prop::collection::vec(event(), 1..5), at in any::<prop::sample::Index>(), bits in 1..=255_u8,
    ) {
        let mut bytes = Vec::new();
        encode(&events, &mut bytes);
        let at = at.index(bytes.len());
        prop_assert!(decode(&bytes[..at]).is_err());
        bytes[at] ^= bits;
        if let Ok(events) = decode(&bytes) {
            let mut again = Vec::new();
            encode(&events, &mut again);
            prop_assert_eq!(decode(&again), Ok(events));
        }
    }
}

#[test]
fn a_plain_call_is_small() {
    let origin = Arc::new(Origin { tenant: TenantId(1), source: "carrier".into(), role: SourceRole::Terminating });
    let at = Timestamp::from_ms(1_795_471_850_994).expect("in range");
    let number = |digits| TelephoneNumber::from_digits(digits).map(Party::Number).expect("a number");
    let call = CallRecord {
        key: None,
        at,
        known_at: None,
        orig: number(12_155_550_112),
        dest: number(12_155_550_113),
        direction: None,
        carrier: Some(CarrierId(3)),
        outcome: Outcome::new(CallOutcome::Answered, Strength::Strong),
        observable: Observable::ALL,
        ring_ms: Some(6_000),
        talk_ms: Some(42_000),
        hangup_by: None,
        attestation: None,
        redress: None,
    };
    let size = |count: usize| {
        let mut bytes = Vec::new();
        encode(&vec![Event::call(Arc::clone(&origin), call.clone()); count], &mut bytes);
        bytes.len()
    };
    assert_eq!(size(101) - size(100), 22);
}
