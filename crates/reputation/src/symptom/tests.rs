use model::{
    CallOutcome, CallRecord, Direction, Observable, Outcome, Party, ReportCategory, Strength, TelephoneNumber,
};

use super::*;
use crate::advice::AdvicePolicy;
use crate::engines::Directory;
use crate::evidence::ReportFact;
use crate::facts::{CallFact, Cells, FactStore};

fn policy() -> SymptomPolicy {
    AdvicePolicy::load(&[]).expect("the shipped advice").symptoms
}

fn directory() -> Directory {
    Directory::parse("engines.toml", Directory::SHIPPED).expect("the shipped directory")
}

/// 2026-11-20T18:00Z.
fn end() -> End {
    End::at(Timestamp::from_s(1_795_197_600).expect("an instant")).expect("within the years of facts")
}

fn days_ago(days: i64) -> Timestamp {
    end().at.saturating_add_ms(-days * model::time::DAY_MS)
}

fn own() -> TelephoneNumber {
    TelephoneNumber::from_digits(12_155_550_112).expect("a number")
}

/// `count` calls on one day that ended alike, at a carrier by its place.
fn calls(day: i64, count: usize, outcome: CallOutcome, carrier: Option<u8>) -> Vec<CallFact> {
    let call = CallRecord {
        key: None,
        at: days_ago(day).saturating_add_ms(-60_000),
        known_at: None,
        orig: Party::Number(own()),
        dest: Party::Number(TelephoneNumber::from_digits(13_105_550_113).expect("a number")),
        direction: None,
        carrier: carrier.map(CarrierId),
        outcome: Outcome::new(outcome, Strength::Strong),
        observable: Observable::ALL,
        ring_ms: None,
        talk_ms: None,
        hangup_by: None,
        attestation: None,
        redress: None,
    };
    vec![CallFact::of(&call, Direction::Outbound, None).expect("a fact"); count]
}

/// Twenty days of forty calls each: `before` of them answered up to nine days ago, `after` since.
fn twenty_days(before: usize, after: usize, carrier: Option<u8>) -> Vec<CallFact> {
    let of_day = |day: i64| {
        let answered = if day >= 9 { before } else { after };
        let mut facts = calls(day, answered, CallOutcome::Answered, carrier);
        facts.extend(calls(day, 40 - answered, CallOutcome::NoAnswer, carrier));
        facts
    };
    (0..20).flat_map(of_day).collect()
}

fn cells(facts: &[CallFact]) -> Cells {
    let mut store = FactStore::default();
    store.add(facts);
    let mut cells = Cells::default();
    if let Some(place) = store.find(own()) {
        store.read(place, &mut cells);
    }
    cells
}

fn find(facts: &[CallFact], reports: &[ReportFact], siblings: Option<&SiblingDays>) -> Vec<Symptom> {
    let cells = cells(facts);
    let about = Circumstances { reports, ..Circumstances::default() };
    let inputs = SymptomInputs { calls: cells.calls(), end: end(), about: &about, redress: &[] };
    let found = symptoms(&inputs, &policy(), siblings);
    for symptom in &found {
        let text = policy().text(symptom, &directory());
        assert!(!text.is_empty() && !text.contains('{'), "{text}");
    }
    found
}

/// The calls of this number and of others.
fn siblings(own: &[CallFact], others: &[CallFact]) -> SiblingDays {
    let mut days = SiblingDays::new(end());
    days.add(cells(own).calls());
    let mut more = SiblingDays::new(end());
    more.add(cells(others).calls());
    days.merge(&more);
    days
}

fn codes(found: &[Symptom]) -> Vec<&'static str> {
    found.iter().map(|symptom| symptom.code.as_str()).collect()
}

#[test]
fn blocked_calls_are_told_by_carrier_with_their_redress() {
    let mut facts = calls(3, 30, CallOutcome::Blocked, Some(0));
    facts.extend(calls(1, 70, CallOutcome::NoAnswer, Some(0)));
    facts.extend(calls(2, 5, CallOutcome::Blocked, Some(1)));
    facts.extend(calls(2, 20, CallOutcome::Answered, Some(2)));
    let cells = cells(&facts);
    let address = |address: &str, count| Redress { address: address.to_owned(), count, first_seen: days_ago(3) };
    let redress = [address("mailto:one@example.com", 3), address("https://example.com/redress", 32)];
    let about = Circumstances::default();
    let inputs = SymptomInputs { calls: cells.calls(), end: end(), about: &about, redress: &redress };
    let found = symptoms(&inputs, &policy(), None);
    assert_eq!(codes(&found), ["BLOCKED_BY_ANALYTICS"]);
    let symptom = found.first().expect("one symptom");
    assert_eq!((symptom.count, symptom.sample, symptom.carrier), (35, 125, None));
    assert_eq!(symptom.by_carrier.iter().map(|at| (at.count, at.sample)).collect::<Vec<_>>(), [(30, 100), (5, 5)]);
    assert_eq!(symptom.redress.first().map(|redress| redress.count), Some(32));
    assert_eq!(
        policy().text(symptom, &directory()),
        "\"Network Blocked\" (603+ or 608) was the answer to 35 of the 125 calls that could show it (28 %), since 2026-11-17: \
         AT&T 30 of 100, T-Mobile 5 of 5"
    );
}

#[test]
fn refusals_are_counted() {
    let mut facts = calls(3, 2, CallOutcome::Unwanted, None);
    facts.extend(calls(1, 50, CallOutcome::NoAnswer, None));
    let found = find(&facts, &[], None);
    assert_eq!(codes(&found), ["UNWANTED_607"]);
    let symptom = found.first().expect("one symptom");
    assert_eq!((symptom.value, symptom.sample), (2.0, 52));
    assert_eq!(codes(&find(&calls(1, 50, CallOutcome::Declined, None), &[], None)), [""; 0]);
}

#[test]
fn a_fall_at_one_carrier_is_this_numbers_if_siblings_hold() {
    let mut facts = twenty_days(20, 8, Some(0));
    facts.extend(twenty_days(20, 20, Some(1)));
    let holding = siblings(&facts, &twenty_days(22, 21, Some(0)));
    let found = find(&facts, &[], Some(&holding));
    assert_eq!(codes(&found), ["ANSWER_RATE_BREAK"]);
    let symptom = found.first().expect("one symptom");
    let test = symptom.test.expect("a break has its test");
    assert_eq!((symptom.carrier, symptom.value, symptom.sample), (Some(CarrierId(0)), 0.2, 360));
    assert!(test.p < 1e-6 && matches!(test.siblings, Siblings::Hold { .. }), "{test:?}");
    assert_eq!(
        policy().text(symptom, &directory()),
        "answers fell from 50 % to 20 % at AT&T on 2026-11-12 and stayed there (360 calls since; chance of that by \
         accident: less than 1 in a million). Your other numbers kept their rate (55 % then, 53 % now): it is this number"
    );

    let falling = siblings(&facts, &twenty_days(20, 9, Some(0)));
    let found = find(&facts, &[], Some(&falling));
    let test = found.first().and_then(|symptom| symptom.test).expect("a break has its test");
    assert!(matches!(test.siblings, Siblings::Fall { .. }), "{test:?}");
    let found = find(&facts, &[], Some(&siblings(&facts, &[])));
    let test = found.first().and_then(|symptom| symptom.test).expect("a break has its test");
    assert_eq!(test.siblings, Siblings::Unknown);
}

#[test]
fn a_fall_everywhere_is_told_once() {
    let mut facts = twenty_days(20, 8, Some(0));
    facts.extend(twenty_days(20, 8, Some(1)));
    let found = find(&facts, &[], None);
    assert_eq!(found.iter().map(|symptom| symptom.carrier).collect::<Vec<_>>(), [None]);
    let found = find(&twenty_days(20, 8, None), &[], None);
    assert_eq!(found.iter().map(|symptom| (symptom.carrier, symptom.sample)).collect::<Vec<_>>(), [(None, 360)]);
    assert!(find(&twenty_days(20, 20, None), &[], None).is_empty());
}

fn report(day: i64, category: ReportCategory, proven: bool) -> ReportFact {
    let at = days_ago(day);
    ReportFact { at, known: at, category, reporter: None, cluster: 0, proven, regulator: false, carrier: 0 }
}

#[test]
fn reports_about_calls_never_placed_point_to_spoofing() {
    let mut facts = calls(20, 5, CallOutcome::Answered, None);
    facts.extend(calls(1, 5, CallOutcome::Answered, None));
    let unmatched =
        |count: i64| (0..count).map(|at| report(8 + at, ReportCategory::Unwanted, false)).collect::<Vec<_>>();
    assert!(find(&facts, &unmatched(2), None).is_empty());
    let found = find(&facts, &unmatched(4), None);
    assert_eq!(codes(&found), ["SPOOFED_USE"]);
    assert_eq!(found.first().map(|symptom| (symptom.value, symptom.count, symptom.sample)), Some((4.0, 0, 4)));

    // Next to a call, or proven, or before the records begin, a report says nothing of spoofing.
    let explained = [1, 2, 19, 21, 0].map(|day| report(day, ReportCategory::Fraud, false));
    assert!(find(&facts, &explained, None).is_empty());
    let proven = [8, 9, 10, 11].map(|day| report(day, ReportCategory::Unwanted, true));
    assert!(find(&facts, &proven, None).is_empty());
    let before = [25, 26, 27, 28].map(|day| report(day, ReportCategory::Unwanted, false));
    assert!(find(&facts, &before, None).is_empty());
    let others: Vec<CallFact> = (22..32).flat_map(|day| calls(day, 3, CallOutcome::Answered, None)).collect();
    assert_eq!(codes(&find(&facts, &before, Some(&siblings(&facts, &others)))), ["SPOOFED_USE"]);
}

#[test]
fn one_statement_of_the_owner_is_enough() {
    let said = [report(3, ReportCategory::SpoofedMe, false)];
    let found = find(&[], &said, None);
    assert_eq!(codes(&found), ["SPOOFED_USE"]);
    let later = ReportFact { known: end().at.saturating_add_ms(1), ..report(0, ReportCategory::SpoofedMe, false) };
    assert!(find(&[], &[later], None).is_empty());
}

#[test]
fn totals_show_blocks_and_refusals() {
    let mut totals = model::Aggregate::new(own(), 200);
    assert!(symptoms_of_totals(&totals, end(), &policy()).is_empty());
    (totals.blocked, totals.unwanted, totals.from) = (Some(20), Some(3), Some(days_ago(30)));
    let found = symptoms_of_totals(&totals, end(), &policy());
    assert_eq!(codes(&found), ["BLOCKED_BY_ANALYTICS", "UNWANTED_607"]);
    assert_eq!(found.iter().map(|symptom| symptom.value).collect::<Vec<_>>(), [0.1, 3.0]);
}
