use model::{
    Attestation, CallOutcome, CallPurpose, CallRecord, Determination, Direction, Observable, Outcome, Standing,
    Strength,
};

use super::*;
use crate::facts::{CallFact, Cells, FactStore};
use crate::policy::{Overlay, Policy};

const OWN: u64 = 12_155_550_112;

fn tn(digits: u64) -> TelephoneNumber {
    TelephoneNumber::from_digits(digits).expect("a number")
}

fn policy() -> AdvicePolicy {
    AdvicePolicy::load(&[]).expect("the shipped advice")
}

/// 2026-11-20T18:00Z.
fn end() -> End {
    End::at(Timestamp::from_s(1_795_197_600).expect("an instant")).expect("within the years of facts")
}

/// Calls placed on one day, all alike.
#[derive(Clone)]
struct Calls {
    /// Days before the end.
    days_ago: i64,
    /// How many.
    count: u64,
    /// Over how many hours they are spread.
    hours: i64,
    /// Destinations are `first_dest`, `first_dest + 1` and so on.
    first_dest: u64,
    /// How many destinations they go to, in turn.
    dests: u64,
    outcome: CallOutcome,
    strength: Strength,
    talk_ms: Option<u32>,
    ring_ms: Option<u32>,
    attestation: Option<Attestation>,
    observable: Observable,
    off_hours: Option<bool>,
}

impl Calls {
    fn new(days_ago: i64, count: u64) -> Self {
        Self {
            days_ago,
            count,
            hours: 8,
            first_dest: 13_105_550_100,
            dests: 100,
            outcome: CallOutcome::Answered,
            strength: Strength::Strong,
            talk_ms: Some(45_000),
            ring_ms: None,
            attestation: None,
            observable: Observable::ALL,
            off_hours: None,
        }
    }

    fn ended(mut self, outcome: CallOutcome) -> Self {
        self.outcome = outcome;
        self.talk_ms = None;
        self
    }

    fn facts(&self, own: u64) -> Vec<CallFact> {
        let fact = |at: u64| {
            let back_ms = self.days_ago * model::time::DAY_MS + (at as i64 % self.hours) * model::time::HOUR_MS;
            let call = CallRecord {
                at: end().at.saturating_add_ms(-back_ms - 60_000),
                orig: model::Party::Number(tn(own)),
                dest: model::Party::Number(tn(self.first_dest + at % self.dests)),
                outcome: Outcome::new(self.outcome, self.strength),
                talk_ms: self.talk_ms,
                ring_ms: self.ring_ms,
                attestation: self.attestation,
                observable: self.observable,
                ..blank()
            };
            CallFact::of(&call, Direction::Outbound, self.off_hours).expect("a fact")
        };
        (0..self.count).map(fact).collect()
    }
}

fn blank() -> CallRecord {
    CallRecord {
        key: None,
        at: Timestamp::EPOCH,
        known_at: None,
        orig: model::Party::Anonymous,
        dest: model::Party::Anonymous,
        direction: None,
        carrier: None,
        outcome: Outcome::new(CallOutcome::Failed, Strength::Weak),
        observable: Observable::ALL,
        ring_ms: None,
        talk_ms: None,
        hangup_by: None,
        attestation: None,
        redress: None,
    }
}

fn cells(calls: &[Calls]) -> Cells {
    let mut store = FactStore::default();
    calls.iter().for_each(|calls| store.add(&calls.facts(OWN)));
    let mut cells = Cells::default();
    if let Some(place) = store.find(tn(OWN)) {
        store.read(place, &mut cells);
    }
    cells
}

/// Nothing but calls is known.
static NOTHING: Circumstances<'static> =
    Circumstances { reports: &[], standing: None, truth: &[], undialable: false, served: &[], reports_cover: false };

fn inputs(cells: &Cells) -> AdviceInputs<'_> {
    AdviceInputs {
        tn: tn(OWN),
        calls: cells.calls(),
        dests: cells.dests(),
        end: end(),
        about: &NOTHING,
        purposes: &[],
        registry_known: false,
        totals: None,
        callers: None,
        invalid: &[],
    }
}

fn advice_of(inputs: &AdviceInputs<'_>, code: AdviceCode) -> Advice {
    let panes = PaneRules::new(7.0, 6, 48, 35);
    let all = advise(inputs, &policy(), &panes);
    assert_eq!(all.len(), AdviceCode::ALL.len());
    let found = all.into_iter().find(|advice| advice.code == code).expect("every rule is evaluated");
    let text = policy().text(&found);
    assert!(!text.is_empty() && !text.contains('{'), "{text}");
    found
}

/// Advice on calls alone.
fn advice_on(calls: &[Calls], code: AdviceCode) -> Advice {
    advice_of(&inputs(&cells(calls)), code)
}

fn check(calls: &[Calls], code: AdviceCode, state: AdviceState) {
    let advice = advice_on(calls, code);
    assert_eq!(advice.state, state, "{code:?}: {:?} of {}", advice.value, advice.sample);
}

fn totals(change: impl Fn(&mut Aggregate), code: AdviceCode) -> Advice {
    let mut totals = Aggregate::new(tn(OWN), 500);
    change(&mut totals);
    let cells = Cells::default();
    advice_of(&AdviceInputs { totals: Some(&totals), ..inputs(&cells) }, code)
}

const NOT_SHOWN: AdviceState = AdviceState::Unknown(Why::NotShown);
const FEW: AdviceState = AdviceState::Unknown(Why::Few);

/// `bad` calls changed by `change` among a hundred answered ones.
fn hundred(bad: u64, change: impl Fn(&mut Calls)) -> Vec<Calls> {
    let mut changed = Calls::new(1, bad);
    change(&mut changed);
    vec![Calls::new(1, 100 - bad), changed]
}

#[test]
fn short_calls_are_measured_among_answered_ones() {
    let short = |bad| hundred(bad, |calls| calls.talk_ms = Some(6000));
    check(&short(10), AdviceCode::ShortCallShare, AdviceState::Met);
    check(&short(12), AdviceCode::ShortCallShare, AdviceState::Near);
    check(&short(16), AdviceCode::ShortCallShare, AdviceState::Broken);
    check(&[Calls::new(1, 49)], AdviceCode::ShortCallShare, FEW);
    check(&hundred(100, |calls| calls.talk_ms = None), AdviceCode::ShortCallShare, NOT_SHOWN);
    let old = hundred(60, |calls| (calls.days_ago, calls.talk_ms) = (8, Some(1000)));
    check(&old, AdviceCode::ShortCallShare, FEW);
}

#[test]
fn invalid_destinations_are_counted_once_and_listed() {
    let invalid = |bad| {
        let alive = Calls { dests: 60 - bad, ..Calls::new(1, 60 - bad) };
        let mut dead = Calls::new(1, bad * 3).ended(CallOutcome::Invalid);
        (dead.first_dest, dead.dests) = (13_105_550_180, bad);
        vec![alive, dead]
    };
    check(&invalid(2), AdviceCode::InvalidDestinations, AdviceState::Met);
    check(&invalid(5), AdviceCode::InvalidDestinations, AdviceState::Near);
    check(&invalid(7), AdviceCode::InvalidDestinations, AdviceState::Broken);
    check(&[Calls::new(1, 19)], AdviceCode::InvalidDestinations, FEW);
    let blind = hundred(100, |calls| calls.observable = Observable { answer: true, ..Observable::default() });
    let advice = advice_on(&blind, AdviceCode::InvalidDestinations);
    assert_eq!(advice.state, NOT_SHOWN);
    assert!(policy().text(&advice).contains("SIP codes"), "{}", policy().text(&advice));

    let listed = |last: u64, strong, s| InvalidDestination {
        tn: tn(13_105_550_100 + last),
        last_seen: Timestamp::from_s(s).expect("an instant"),
        strong,
        calls: 1,
    };
    let given = [listed(80, true, 5), listed(81, false, 9), listed(82, true, 7)];
    let cells = cells(&invalid(7));
    let advice = advice_of(&AdviceInputs { invalid: &given, ..inputs(&cells) }, AdviceCode::InvalidDestinations);
    let order: Vec<u64> = advice.numbers.iter().map(|dest| dest.tn.digits() % 100).collect();
    assert_eq!(order, [82, 80, 81]);
}

#[test]
fn repeated_calls_to_one_destination_count() {
    let repeated = |bad: u64, calls: u64| {
        let once = Calls { dests: 60 - bad, ..Calls::new(1, 60 - bad) };
        let again = Calls { dests: bad, first_dest: 13_105_550_180, hours: 3, ..Calls::new(1, bad * calls) };
        vec![once, again]
    };
    check(&repeated(1, 2), AdviceCode::RepeatCalls, AdviceState::Met);
    check(&repeated(2, 3), AdviceCode::RepeatCalls, AdviceState::Near);
    check(&repeated(4, 4), AdviceCode::RepeatCalls, AdviceState::Broken);
    check(&[Calls::new(1, 10)], AdviceCode::RepeatCalls, FEW);
}

#[test]
fn busiest_hours_and_days_are_judged_by_limits_and_by_the_past() {
    let in_one_hour = |count| vec![Calls { hours: 1, ..Calls::new(1, count) }];
    check(&in_one_hour(50), AdviceCode::CallsPerHour, AdviceState::Met);
    check(&in_one_hour(60), AdviceCode::CallsPerHour, AdviceState::Near);
    check(&in_one_hour(101), AdviceCode::CallsPerHour, AdviceState::Broken);
    check(&[], AdviceCode::CallsPerHour, FEW);
    let mut unlike_itself = in_one_hour(60);
    unlike_itself.extend((8..20).map(|day| Calls { hours: 1, ..Calls::new(day, 15) }));
    let advice = advice_on(&unlike_itself, AdviceCode::CallsPerHour);
    assert_eq!((advice.state, advice.usual), (AdviceState::Broken, Some(15.0)));

    check(&[Calls::new(1, 100)], AdviceCode::CallsPerDay, AdviceState::Met);
    check(&[Calls::new(1, 120)], AdviceCode::CallsPerDay, AdviceState::Near);
    check(&[Calls::new(1, 151)], AdviceCode::CallsPerDay, AdviceState::Broken);
}

#[test]
fn a_spike_needs_a_past_to_rise_from() {
    let days = |today: u64| {
        let mut days: Vec<Calls> = (1..30).map(|day| Calls::new(day, 40)).collect();
        days.push(Calls::new(0, today));
        days
    };
    check(&days(80), AdviceCode::VolumeSpike, AdviceState::Met);
    check(&days(100), AdviceCode::VolumeSpike, AdviceState::Near);
    check(&days(130), AdviceCode::VolumeSpike, AdviceState::Broken);
    check(&[Calls::new(10, 40), Calls::new(0, 400)], AdviceCode::VolumeSpike, NOT_SHOWN);
    check(&[Calls::new(30, 10), Calls::new(0, 30)], AdviceCode::VolumeSpike, FEW);
    let small: Vec<Calls> = (1..30).map(|day| Calls::new(day, 4)).chain([Calls::new(0, 40)]).collect();
    check(&small, AdviceCode::VolumeSpike, AdviceState::Met);
}

#[test]
fn burst_rules_are_off_for_public_bodies() {
    let standing = |purpose| Standing {
        tn: tn(OWN),
        registrant: Some("A school".into()),
        purpose: Some(purpose),
        registered_at: Some(Timestamp::EPOCH),
        attested: true,
        determination: Determination::None,
        evidence_from: None,
    };
    let state = |purpose, code| {
        let standing = standing(purpose);
        let cells = cells(&[Calls { hours: 1, ..Calls::new(1, 400) }]);
        let about = Circumstances { standing: Some(&standing), ..Circumstances::default() };
        advice_of(&AdviceInputs { about: &about, registry_known: true, ..inputs(&cells) }, code).state
    };
    assert_eq!(state(CallPurpose::School, AdviceCode::CallsPerHour), AdviceState::Off);
    assert_eq!(state(CallPurpose::Government, AdviceCode::CallsPerDay), AdviceState::Off);
    assert_eq!(state(CallPurpose::Emergency, AdviceCode::VolumeSpike), AdviceState::Off);
    assert_eq!(state(CallPurpose::Survey, AdviceCode::CallsPerHour), AdviceState::Broken);
    assert_eq!(state(CallPurpose::School, AdviceCode::MissingRegistration), AdviceState::Met);
    assert_eq!(state(CallPurpose::School, AdviceCode::MixedPurposes), AdviceState::Met);
}

#[test]
fn ring_time_counts_only_calls_that_were_given_up() {
    let rung = |bad, ms: u32, rest: u32| {
        let mut calls = hundred(bad, |calls| *calls = Calls { ring_ms: Some(ms), ..calls.clone() });
        calls = calls.into_iter().map(|calls| calls.ended(CallOutcome::NoAnswer)).collect();
        if let Some(first) = calls.first_mut() {
            first.ring_ms = Some(rest);
        }
        calls
    };
    check(&rung(10, 20_000, 30_000), AdviceCode::RingTime, AdviceState::Met);
    check(&rung(40, 20_000, 30_000), AdviceCode::RingTime, AdviceState::Near);
    check(&rung(60, 20_000, 30_000), AdviceCode::RingTime, AdviceState::Broken);
    check(&rung(11, 14_000, 30_000), AdviceCode::RingTime, AdviceState::Broken);
    check(&[Calls::new(1, 100)], AdviceCode::RingTime, NOT_SHOWN);
    let busy = Calls { ring_ms: Some(2000), ..Calls::new(1, 50) }.ended(CallOutcome::Busy);
    check(&[busy], AdviceCode::RingTime, NOT_SHOWN);
}

#[test]
fn cancelled_calls_count_where_the_source_shows_them() {
    let cancelled = |bad| hundred(bad, |calls| *calls = calls.clone().ended(CallOutcome::Cancelled));
    check(&cancelled(10), AdviceCode::Abandoned, AdviceState::Met);
    check(&cancelled(15), AdviceCode::Abandoned, AdviceState::Near);
    check(&cancelled(25), AdviceCode::Abandoned, AdviceState::Broken);
    let plain = |bad| {
        let mut calls = cancelled(bad);
        calls.iter_mut().for_each(|calls| calls.observable = Observable::ANSWER);
        calls
    };
    check(&plain(0), AdviceCode::Abandoned, NOT_SHOWN);
    check(&plain(25), AdviceCode::Abandoned, AdviceState::Broken);
    check(&[Calls::new(1, 30)], AdviceCode::Abandoned, FEW);
}

#[test]
fn hours_neighbours_and_signatures_are_shares() {
    let off = |bad: u64| hundred(bad, |calls| calls.off_hours = Some(true));
    let known = |bad: u64| {
        let mut calls = off(bad);
        calls.iter_mut().for_each(|calls| calls.off_hours = calls.off_hours.or(Some(false)));
        calls
    };
    check(&known(0), AdviceCode::OutOfHours, AdviceState::Met);
    check(&known(1), AdviceCode::OutOfHours, AdviceState::Near);
    check(&known(2), AdviceCode::OutOfHours, AdviceState::Broken);
    check(&off(0), AdviceCode::OutOfHours, NOT_SHOWN);
    check(&off(5), AdviceCode::OutOfHours, FEW);

    let near = |bad| hundred(bad, |calls| (calls.first_dest, calls.dests) = (12_155_550_113, 50));
    check(&near(5), AdviceCode::NeighbourPattern, AdviceState::Met);
    check(&near(10), AdviceCode::NeighbourPattern, AdviceState::Near);
    check(&near(30), AdviceCode::NeighbourPattern, AdviceState::Broken);
    check(&[Calls::new(1, 10)], AdviceCode::NeighbourPattern, FEW);
    let cells = cells(&near(30));
    let abroad = AdviceInputs { tn: tn(442_079_460_018), ..inputs(&cells) };
    assert_eq!(advice_of(&abroad, AdviceCode::NeighbourPattern).state, NOT_SHOWN);

    let signed = |bad| {
        let mut calls = hundred(bad, |calls| calls.attestation = Some(Attestation::Partial));
        calls.iter_mut().for_each(|calls| calls.attestation = calls.attestation.or(Some(Attestation::Full)));
        calls
    };
    check(&signed(2), AdviceCode::Attestation, AdviceState::Met);
    check(&signed(10), AdviceCode::Attestation, AdviceState::Near);
    check(&signed(30), AdviceCode::Attestation, AdviceState::Broken);
    check(&[Calls::new(1, 100)], AdviceCode::Attestation, NOT_SHOWN);
}

#[test]
fn rotation_is_seen_across_own_numbers() {
    let dests_of = |own: u64, first_dest, dests| {
        let mut store = FactStore::default();
        store.add(&Calls { first_dest, dests, ..Calls::new(1, dests) }.facts(own));
        let mut cells = Cells::default();
        store.read(store.find(tn(own)).expect("it called"), &mut cells);
        cells
    };
    let state = |shared: u64| {
        let mut callers = DestinationCallers::default();
        let mut others = DestinationCallers::default();
        callers.add(cells(&[Calls { dests: 50, ..Calls::new(1, 50) }]).dests(), end());
        for own in [OWN + 1, OWN + 2] {
            others.add(dests_of(own, 13_105_550_150 - shared, 50).dests(), end());
        }
        callers.merge(&others);
        let cells = cells(&[Calls { dests: 50, ..Calls::new(1, 50) }]);
        let inputs = AdviceInputs { callers: Some(&callers), ..inputs(&cells) };
        advice_of(&inputs, AdviceCode::CallerIdRotation).state
    };
    assert_eq!(state(0), AdviceState::Met);
    assert_eq!(state(3), AdviceState::Near);
    assert_eq!(state(20), AdviceState::Broken);
    check(&[Calls::new(1, 50)], AdviceCode::CallerIdRotation, NOT_SHOWN);
}

#[test]
fn purposes_and_registration_come_from_the_registry() {
    let calls = [Calls::new(1, 50)];
    check(&calls, AdviceCode::MixedPurposes, NOT_SHOWN);
    check(&calls, AdviceCode::MissingRegistration, NOT_SHOWN);
    let cells = cells(&calls);
    let purposes = [CallPurpose::Survey, CallPurpose::Delivery];
    let inputs = AdviceInputs { purposes: &purposes, registry_known: true, ..inputs(&cells) };
    let two = advice_of(&inputs, AdviceCode::MixedPurposes);
    assert_eq!((two.state, two.value), (AdviceState::Broken, Some(2.0)));
    assert_eq!(advice_of(&inputs, AdviceCode::MissingRegistration).state, AdviceState::Broken);
}

#[test]
fn destinations_beyond_the_limit_are_thinned_out() {
    let mut callers = DestinationCallers::default();
    let hour = end().moment.hour;
    let cell = |hash| DestCell { known: hour, hash, hour, carrier: 0, class: crate::facts::DestClass::Alive, count: 1 };
    for first in 0..1200u32 {
        let cells: Vec<DestCell> = (0..1000).map(|at| cell((first * 1000 + at).wrapping_mul(2_654_435_761))).collect();
        callers.add(&cells, end());
    }
    let some: Vec<DestCell> = (0..1000u32).map(|at| cell(at.wrapping_mul(2_654_435_761))).collect();
    let (shared, known) = callers.shared(&some, end(), 2);
    assert!(shared == 0 && (400..600).contains(&known), "{shared} of {known}");
}

#[test]
fn a_bad_policy_is_refused() {
    let refuse = |text: &str, expect: &str| {
        let overlay = Overlay { file: "mine.toml".to_owned(), text: text.to_owned() };
        let error = AdvicePolicy::load(&[overlay]).expect_err("must be refused").to_string();
        assert!(error.contains(expect), "{error}");
    };
    refuse("[advice.SHORT_CALL_SHARE]\ntarget = -1.0", "advice.SHORT_CALL_SHARE.target");
    refuse("[advice.SHORT_CALL_SHARE]\nbad = 0.01", "not below the target");
    refuse("[advice.SHORT_CALLS]\nbad = 0.01", "SHORT_CALLS");
    refuse("[measure]\nwindow = 3", "window");
    refuse("[measure]\nshort_call_s = 7", "edge");
    refuse("[advice.RING_TIME]\ntext = \"{share}\"", "{share}");
    refuse("[advice.RING_TIME]\noff_for = [\"shool\"]", "shool");
    refuse("[symptoms.break_test]\nalpha = 0.5", "alpha");
    let overlay = Overlay { file: "mine.toml".to_owned(), text: "[measure]\nwindow_d = 14".to_owned() };
    let policy = AdvicePolicy::load(std::slice::from_ref(&overlay)).expect("a good overlay");
    assert_eq!(policy.measure.window_d, 14);
    let settings = AdvicePolicy::settings(&[overlay]).expect("settings");
    assert_eq!(settings.get("measure.window_d").map(|setting| setting.file.as_str()), Some("mine.toml"));
}

#[test]
fn texts_name_value_target_and_sample() {
    let calls = hundred(16, |calls| calls.talk_ms = Some(6000));
    let advice = advice_on(&calls, AdviceCode::ShortCallShare);
    let text = policy().text(&advice);
    assert_eq!(
        text,
        "16 % of 100 answered calls in 7 days lasted at most 6 seconds; keep it to 10 %, 15 % draws penalties"
    );
    let few = advice_on(&[Calls::new(1, 12)], AdviceCode::ShortCallShare);
    assert_eq!(policy().text(&few), "too few calls to say: 12 so far, 50 needed");
}

#[test]
fn shipped_short_calls_are_those_of_the_score() {
    let score = Policy::load(&[]).expect("the shipped policy");
    assert_eq!(policy().measure.short_call_s, score.facts.short_call_s);
}

#[test]
fn totals_show_what_they_count() {
    let short = |totals: &mut Aggregate| (totals.answered, totals.short) = (Some(200), Some(60));
    let advice = totals(short, AdviceCode::ShortCallShare);
    assert_eq!((advice.state, advice.value), (AdviceState::Broken, Some(0.3)));
    assert!(policy().text(&advice).contains("in the span of the totals"), "{}", policy().text(&advice));
    let invalid = |totals: &mut Aggregate| (totals.invalid, totals.distinct_dest) = (Some(6), Some(100));
    assert_eq!(totals(invalid, AdviceCode::InvalidDestinations).state, AdviceState::Near);
    assert_eq!(totals(|_| {}, AdviceCode::InvalidDestinations).state, NOT_SHOWN);
    assert_eq!(totals(short, AdviceCode::CallsPerDay).state, NOT_SHOWN);
    assert_eq!(totals(short, AdviceCode::RepeatCalls).state, NOT_SHOWN);
}
