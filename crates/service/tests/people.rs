//! Called and reporting people in what is folded: hashed under a secret key, but for the owner's own list.

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::{Batch, Traffic, stream};
use model::{CallOutcome, TelephoneNumber, Timestamp};
use reputation::bytes::put;
use reputation::facts::{HashKey, dest_hash};
use service::fold::{Fold, Scope};
use service::policy::Known;
use store::{Event, Origin, Payload, Position, TenantId};

const KEY: HashKey = HashKey::secret([0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210]);

fn fold(traffic: &Traffic, key: HashKey) -> Fold {
    Fold::new(Arc::clone(&traffic.policy), Known { key, ..Known::default() }, 1)
}

fn run(fold: &mut Fold, events: &[Event]) {
    for (at, event) in events.iter().enumerate() {
        fold.apply(Position(at as u64), event, &mut Vec::new());
    }
}

fn snapshot(fold: &mut Fold) -> Vec<u8> {
    (0..fold.parts()).flat_map(|part| fold.snapshot(part)).collect()
}

fn called(traffic: &Traffic) -> BTreeSet<TelephoneNumber> {
    traffic.calls.iter().filter_map(|call| call.dest.number()).collect()
}

/// How many of some numbers stand in bytes as numbers are written there.
fn found(bytes: &[u8], numbers: &BTreeSet<TelephoneNumber>) -> usize {
    let written = |tn: &TelephoneNumber| {
        let mut digits = Vec::new();
        put(&mut digits, tn.digits());
        digits
    };
    let numbers: BTreeSet<Vec<u8>> = numbers.iter().map(written).collect();
    let length = numbers.first().map_or(1, Vec::len);
    bytes.windows(length).filter(|window| numbers.contains(*window)).count()
}

#[test]
fn under_a_key_streamed_and_judged_at_once_agree() {
    for seed in 0..2 {
        let traffic = Traffic::new(seed);
        let now = traffic.at(130);
        let mut live = fold(&traffic, KEY);
        run(&mut live, &stream(&traffic, now));
        let batch = Batch::keyed(&traffic, &traffic.policy, now, KEY);
        for expected in batch.judge() {
            let detail = live.reader().detail(Scope::Shared, expected.tn, now, false).expect("a number with calls");
            assert_eq!(detail.number, expected, "{}", expected.tn);
        }
    }
}

#[test]
fn no_called_or_reporting_number_is_kept_in_the_shared_view() {
    let traffic = Traffic::new(3);
    let events = stream(&traffic, traffic.at(130));
    let people = called(&traffic);
    assert!(traffic.reports.iter().any(|report| report.reporter_tn.is_some_and(|tn| people.contains(&tn))));
    let mut shared = fold(&traffic, KEY);
    run(&mut shared, &events);
    let bytes = snapshot(&mut shared);
    assert_eq!(found(&bytes, &people), 0);
    // Nor the hash that everybody can make.
    let hashes: BTreeSet<[u8; 4]> = people.iter().take(50).map(|&tn| dest_hash(tn).to_le_bytes()).collect();
    let made = |bytes: &[u8]| bytes.windows(4).filter(|window| hashes.iter().any(|hash| hash == *window)).count();
    let mut fixed = fold(&traffic, HashKey::FIXED);
    run(&mut fixed, &events);
    assert!(made(&snapshot(&mut fixed)) > 20, "the test sees what it looks for");
    assert_eq!(made(&bytes), 0);
}

#[test]
fn an_owner_keeps_its_own_invalid_numbers_in_clear_and_no_others() {
    let traffic = Traffic::new(3);
    let events: Vec<Event> = stream(&traffic, traffic.at(130))
        .into_iter()
        .filter(|event| !matches!(event.payload, Payload::Report(_)))
        .map(|event| common::originating(event, 7))
        .collect();
    let mut own = fold(&traffic, KEY);
    run(&mut own, &events);
    let bytes = snapshot(&mut own);
    let invalid: BTreeSet<TelephoneNumber> = traffic
        .calls
        .iter()
        .filter(|call| call.outcome.class == CallOutcome::Invalid)
        .filter_map(|call| call.dest.number())
        .collect();
    let others: BTreeSet<TelephoneNumber> = called(&traffic).difference(&invalid).copied().collect();
    assert!(found(&bytes, &invalid) > 0 && !others.is_empty());
    assert_eq!(found(&bytes, &others), 0);
    // A person who is forgotten is on no owner's list any more.
    for (at, &tn) in (events.len()..).zip(&invalid) {
        let forgotten = Event::service(Origin::service(), traffic.at(130), Payload::Forget { tn });
        own.apply(Position(at as u64), &forgotten, &mut Vec::new());
    }
    assert_eq!(found(&snapshot(&mut own), &invalid), 0);
    assert!(own.reader().knows(Scope::Tenant(TenantId(7)), traffic.calls[0].orig.number().expect("a number")));
}

#[test]
fn reports_of_a_forgotten_person_are_given_up() {
    let traffic = Traffic::new(3);
    let now = traffic.at(130);
    let events = stream(&traffic, now);
    let seen = |report: &&model::Report| report.known() <= now.saturating_add_ms(-model::time::DAY_MS);
    let report = traffic.reports.iter().filter(seen).find(|report| report.reporter_tn.is_some()).expect("a report");
    let person = report.reporter_tn.expect("a number");
    let mut live = fold(&traffic, KEY);
    run(&mut live, &events);
    let reports = |live: &Fold, now: Timestamp| {
        let detail = live.reader().detail(Scope::Shared, report.tn, now, false).expect("known");
        detail.number.d35.reports
    };
    let before = reports(&live, now);
    let forgotten = Event::service(Origin::service(), now, Payload::Forget { tn: person });
    live.apply(Position(events.len() as u64), &forgotten, &mut Vec::new());
    assert!(reports(&live, now) < before, "{before} before");
}
