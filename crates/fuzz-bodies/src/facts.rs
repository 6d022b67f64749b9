//! Facts, held against a slow model of them.

use std::collections::BTreeMap;

use model::{
    Attestation, CallOutcome, CallRecord, CarrierId, Direction, Observable, Outcome, Party, Strength, TelephoneNumber,
    Timestamp,
};
use reputation::facts::{CallFact, Cells, FactStore, Kind};

/// Bytes that make one call.
const CALL_BYTES: usize = 8;
/// Eights of bytes that are used: enough for numbers to be compacted several times over.
const CALLS_MAX: usize = 24;
/// Where time begins for the calls that are made, in seconds since 1970.
const BEGIN_S: i64 = 1_795_000_000;

/// Makes calls of the bytes, eight each, and folds them.
///
/// Invariants: the order of calls changes nothing, nor does cutting them in two; calls are counted and talk time is added
/// up as a plain map does it.
pub fn facts(bytes: &[u8]) {
    let facts: Vec<CallFact> = bytes.chunks_exact(CALL_BYTES).take(CALLS_MAX).flat_map(calls_of).collect();
    let forward = fold(&[&facts]);
    let backward: Vec<CallFact> = facts.iter().rev().copied().collect();
    let (front, back) = facts.split_at(facts.len() / 2);
    for (other, how) in [(fold(&[&backward]), "in reverse"), (fold(&[back, front]), "cut in two and swapped")] {
        assert_same(&forward, &other, how);
    }
    assert_counts(&forward, &facts);
}

/// Up to eight calls of one shape to neighbouring destinations, so that few bytes make a busy number.
fn calls_of(bytes: &[u8]) -> Vec<CallFact> {
    let &[number, hour, late, dest, outcome, talk, carrier, more] = bytes else {
        return Vec::new();
    };
    (0..=u64::from(more % 8))
        .filter_map(|step| {
            let at = Timestamp::from_s(BEGIN_S + i64::from(hour) * 3_600)?;
            let class = CallOutcome::ALL.get(usize::from(outcome) % CallOutcome::ALL.len()).copied()?;
            let strength = if outcome & 0x40 == 0 { Strength::Strong } else { Strength::Medium };
            let answered = class == CallOutcome::Answered;
            let call = CallRecord {
                key: None,
                at,
                known_at: Some(at.saturating_add_ms(i64::from(late) * 1_200_000)),
                orig: Party::Number(TelephoneNumber::from_national_10(2_155_550_100 + u64::from(number % 3))?),
                dest: Party::Number(TelephoneNumber::from_national_10(3_125_550_000 + u64::from(dest) * 8 + step)?),
                direction: None,
                carrier: (carrier < 0x80).then_some(CarrierId(carrier % 4)),
                outcome: Outcome::new(class, strength),
                observable: if outcome & 0x80 == 0 { Observable::ALL } else { Observable::ANSWER },
                ring_ms: (!answered).then(|| u32::from(talk) * 200),
                talk_ms: answered.then(|| u32::from(talk) * 700),
                hangup_by: None,
                attestation: (more & 0x80 != 0).then_some(Attestation::Gateway),
                redress: None,
            };
            let direction = if more & 0x40 == 0 { Direction::Outbound } else { Direction::Inbound };
            CallFact::of(&call, direction, None)
        })
        .collect()
}

fn fold(blocks: &[&[CallFact]]) -> FactStore {
    let mut store = FactStore::default();
    for block in blocks {
        store.add(block);
    }
    store
}

fn assert_same(store: &FactStore, other: &FactStore, how: &str) {
    let (mut cells, mut others) = (Cells::default(), Cells::default());
    assert_eq!(store.len(), other.len(), "other numbers {how}");
    for ((tn, place), (other_tn, other_place)) in store.numbers().into_iter().zip(other.numbers()) {
        assert_eq!(tn, other_tn, "other numbers {how}");
        store.read(place, &mut cells);
        other.read(other_place, &mut others);
        assert_eq!(cells.calls(), others.calls(), "other calls of {tn} {how}");
        assert_eq!(cells.dests(), others.dests(), "another sample of {tn} {how}");
    }
}

fn assert_counts(store: &FactStore, facts: &[CallFact]) {
    type Counts = BTreeMap<(TelephoneNumber, u32, u32, u8, Kind), (u64, u64)>;
    let mut expect = Counts::new();
    for fact in facts {
        let count = expect.entry((fact.tn, fact.known, fact.hour, fact.carrier, fact.kind)).or_default();
        *count = (count.0 + 1, count.1 + u64::from(fact.talk_ds));
    }
    let mut found = Counts::new();
    let mut cells = Cells::default();
    for (tn, place) in store.numbers() {
        store.read(place, &mut cells);
        for cell in cells.calls() {
            let count = found.entry((tn, cell.known, cell.hour, cell.carrier, cell.kind)).or_default();
            *count = (count.0 + u64::from(cell.count), count.1 + cell.talk_ds);
        }
    }
    assert_eq!(found, expect, "calls are counted otherwise than one by one");
}
