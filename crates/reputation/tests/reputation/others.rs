//! What people and neighbours say, by the numbers that the documents state.

use model::{CallOutcome, Outcome, ReportCategory, Strength, TelephoneNumber};
use reputation::engines::View;
use reputation::evidence::{ReportFact, ReportFacts, ReportRules, report_facts};
use reputation::facts::{CallFact, FactStore, Moment, hour_start};
use reputation::fleet::{About, BlockCells, Fleet, Neighbours, OthersOf, Standings, score_reporters};
use reputation::replay::Others;
use reputation::timeline::{Circumstances, Hours, Rules, Timeline};

use super::evidence::{alone, answered, near, reading};
use super::world::{cells_of, end_at, fictional, monday, starting};

fn report(cluster: u64, reporter: u64, proven: bool, category: ReportCategory) -> ReportFact {
    let at = hour_start(monday());
    ReportFact { at, known: at, category, reporter: Some(reporter), cluster, proven, regulator: false, carrier: 0 }
}

/// Weighs reports some days after they were made, each reporter believed by a quarter.
fn weighed(rules: &Rules, reports: &[ReportFact], days: u32) -> ReportFacts {
    let report_rules = ReportRules {
        policy: &rules.policy.reports,
        half_life_d: 7.0,
        evidence_from: model::Timestamp::EPOCH,
        credibility: &|_| 0.25,
    };
    report_facts(reports, &report_rules, hour_start(monday() + days * 24))
}

#[test]
fn reports_are_counted_as_stated() {
    let rules = starting();
    let unwanted = ReportCategory::Unwanted;
    let capped = |sum: f64| 2.0 * (1.0 - (-sum / 2.0).exp());
    // Ten people of one cluster, and two of others, a week later.
    let mut reports: Vec<ReportFact> = (0..10).map(|who| report(1, who, true, unwanted)).collect();
    reports.push(report(2, 50, false, unwanted));
    reports.push(report(3, 51, true, ReportCategory::NotSpam));
    let facts = weighed(rules, &reports, 7);
    near(facts.weighted, capped(10.0 * 0.25 / 2.0) + capped(0.25 * 0.1 / 2.0) - capped(0.25 / 2.0), 1e-12);
    near(facts.proven, capped(10.0 * 0.25 / 2.0) - capped(0.25 / 2.0), 1e-12);
    assert_eq!((facts.proven_clusters, facts.live), (1, 12));
    // One live report per reporter, the last one said.
    let repeated = [report(1, 7, true, unwanted), report(1, 7, true, unwanted), report(2, 7, true, unwanted)];
    assert_eq!(weighed(rules, &repeated, 0).live, 1);
    let shield = weighed(rules, &[report(1, 7, true, ReportCategory::SpoofedMe)], 0);
    assert_eq!((shield.live, shield.shields, shield.weighted), (0, 1, 0.0));
}

#[test]
fn a_number_keeps_its_proven_reports_and_the_newest() {
    let rules = starting();
    let kept = u64::try_from(rules.policy.reports.kept_per_number).expect("a count");
    let proven = report(1, 1, true, ReportCategory::Unwanted);
    let flood = |who: u64| {
        let at = hour_start(monday() + 24);
        ReportFact { at, known: at, ..report(who, who, false, ReportCategory::NotSpam) }
    };
    let mut reports: Vec<ReportFact> = std::iter::once(proven).chain((2..3 * kept).map(flood)).collect();
    let facts = weighed(rules, &reports, 2);
    assert_eq!((u64::from(facts.live), facts.proven_clusters), (kept, 1));
    reports.reverse();
    assert_eq!(weighed(rules, &reports, 2), facts);
    // What becomes known later crowds nothing out before.
    assert_eq!(weighed(rules, &reports, 0).live, 1);
}

#[test]
fn reports_are_weighed_as_stated() {
    let rules = starting();
    let policy = &rules.policy.reports;
    let count = |clusters: u32, proven: bool| -> Vec<ReportFact> {
        (0..clusters).map(|at| report(at.into(), at.into(), proven, ReportCategory::Unwanted)).collect()
    };
    let nats = |reports: &[ReportFact], attempts: f64, covered: bool| {
        weighed(rules, reports, 0).nats(policy, attempts, covered)
    };
    // ln NB(c; r, μ) with the terms that do not depend on μ left out.
    let ln_nb = |c: f64, mean: f64| 0.5 * (0.5 / (0.5 + mean)).ln() + c * (mean / (0.5 + mean)).ln();
    for attempts in [10.0, 300.0, 5000.0, 80_000.0] {
        for clusters in [0, 3, 4, 9] {
            let c = f64::from(clusters) * 2.0 * (1.0 - (-0.125f64).exp());
            let plain = ln_nb(c, 5e-4 * attempts) - ln_nb(c, 1.5e-5 * attempts);
            near(nats(&count(clusters, true), attempts, true).0, plain.clamp(-2.0, 2.5), 1e-9);
            near(nats(&count(clusters, true), attempts, false).0, plain.clamp(0.0, 2.5), 1e-9);
        }
    }
    let c = 4.0 * 2.0 * (1.0 - (-0.125f64).exp());
    near(nats(&count(4, true), 9.9, false).0, 2.2 * c.ln_1p(), 1e-9);
    // Two clusters prove at most 1 nat, three up to the cap; without proof all together add at most ½.
    near(nats(&count(2, true), 300.0, false).0, 1.0, 1e-9);
    near(nats(&count(40, true), 300.0, false).0, 2.5, 1e-9);
    let (proven, unproven) = nats(&count(400, false), 300.0, false);
    near(proven, 0.0, 0.0);
    near(unproven, 0.5, 1e-9);
}

#[test]
fn praise_never_speaks_less_for_a_caller_than_silence() {
    let rules = starting();
    let praise = [report(1, 1, true, ReportCategory::NotSpam)];
    let nats = |reports: &[ReportFact]| weighed(rules, reports, 0).nats(&rules.policy.reports, 800.0, true).0;
    assert!(nats(&[]) < 0.0);
    assert!(nats(&praise) < nats(&[]));
}

#[test]
fn reporters_stand_as_their_targets_behave() {
    let policy = &starting().policy;
    let mut standings = Standings::default();
    near(standings.credibility(policy, Some(1), 10), 0.25, 0.0);
    standings.count(1, 10, true);
    standings.count(1, 10, true);
    standings.count(1, 10, false);
    near(standings.credibility(policy, Some(1), 9), 0.25, 0.0);
    near(standings.credibility(policy, Some(1), 10), 3.0 / 7.0, 1e-12);
    near(standings.credibility(policy, None, 10), 0.25, 0.0);
}

struct Nothing;

impl About for Nothing {
    fn about(&self, _tn: TelephoneNumber) -> Circumstances<'_> {
        alone()
    }
}

#[test]
fn a_block_speaks_by_its_other_numbers() {
    let rules = starting();
    // Twelve neighbours: the first eight have all their calls hung up on.
    let conduct = |place: u32| {
        answered(200, 150, move |at, call| {
            if place < 8 {
                call.talk_ms = Some(2_000);
                if at % 2 == 0 {
                    call.outcome = Outcome::new(CallOutcome::Invalid, Strength::Strong);
                }
            }
        })
    };
    let mut store = FactStore::default();
    let mut p0 = Vec::new();
    for place in 0..12 {
        let own = conduct(place);
        p0.push(reading(rules, &own, &alone()).found.p0);
        store.add(&own.iter().map(|fact| CallFact { tn: fictional(place), ..*fact }).collect::<Vec<_>>());
    }
    let numbers = store.numbers();
    let (standings, end) = (Standings::default(), end_at(monday() + 1));
    let fleet = Fleet { rules, store: &store, about: &Nothing, standings: &standings, end, first_hour: monday() };
    let mut block = BlockCells::default();
    block.read(&store, &numbers);
    let mut neighbours = Neighbours::default();
    let view = View::any();
    for place in 0..12 {
        let others: f64 = (0..12).filter(|&other| other != place).map(|other| p0[other as usize]).sum();
        let share = (others + 30.0 * 0.02) / (11.0 + 30.0);
        let plain = (share / (1.0 - share)).ln() - (0.02f64 / 0.98).ln();
        let found = OthersOf::new((&fleet, &block), &mut neighbours, (0, &view), fictional(place))
            .block_nats(monday() + 1, true);
        near(found, plain.clamp(-1.0, 2.5), 1e-9);
        assert!(plain > 1.0);
    }
    // On the days after, a block speaks as it stood at the last midnight.
    let midnight = Moment::tick(monday() + 24);
    let p0 = |place: u32| {
        let mut timeline = Timeline::default();
        let cells = cells_of(&conduct(place));
        timeline.clear(&alone());
        Hours::new(cells.calls(), cells.dests(), &view).feed(midnight.hour - 1, rules, &mut timeline);
        timeline.read(rules, &alone(), &|_| 0.25, midnight, hour_start(midnight.hour)).found.p0
    };
    let late = Fleet { end: end_at(monday() + 40), ..fleet };
    let mut neighbours = Neighbours::default();
    let share = ((1..12).map(p0).sum::<f64>() + 30.0 * 0.02) / (11.0 + 30.0);
    let plain = (share / (1.0 - share)).ln() - (0.02f64 / 0.98).ln();
    let found =
        OthersOf::new((&late, &block), &mut neighbours, (0, &view), fictional(0)).block_nats(monday() + 30, false);
    near(found, plain.clamp(-1.0, 2.5), 1e-9);
    // Before the first midnight nothing is derived yet, except at the end.
    let early =
        OthersOf::new((&late, &block), &mut neighbours, (0, &view), fictional(0)).block_nats(monday() + 1, false);
    near(early, 0.0, 0.0);
}

#[test]
fn a_reporter_is_borne_out_once_and_by_what_it_said() {
    let rules = starting();
    let day = monday() / 24;
    let dialer = answered(200, 150, |at, call| {
        call.talk_ms = Some(2_000);
        let class = if at % 4 == 0 { CallOutcome::Invalid } else { CallOutcome::NoAnswer };
        if at % 8 < 6 {
            call.outcome = Outcome::new(class, Strength::Strong);
        }
    });
    let mut store = FactStore::default();
    store.add(&dialer);
    let numbers = store.numbers();
    let standings = Standings::default();
    let end = end_at(monday() + 60 * 24);
    let fleet = Fleet { rules, store: &store, about: &Nothing, standings: &standings, end, first_hour: monday() };
    let said = |who, category| report(1, who, true, category);
    let reports = [
        said(1, ReportCategory::Unwanted),
        said(1, ReportCategory::Unwanted),
        said(1, ReportCategory::Fraud),
        said(2, ReportCategory::NotSpam),
        said(3, ReportCategory::WrongNumber),
        ReportFact { regulator: true, ..said(4, ReportCategory::Unwanted) },
    ];
    let mut found = Standings::default();
    score_reporters(&fleet, &mut Neighbours::default(), numbers[0], &reports, &mut found);
    let credibility = |who: u64, day: u32| found.credibility(&rules.policy, Some(who), day);
    near(credibility(1, day), 1.0 / 4.0, 1e-12);
    near(credibility(1, day + 1), 2.0 / 5.0, 1e-12);
    near(credibility(2, day + 1), 1.0 / 5.0, 1e-12);
    near(credibility(3, day + 1), 1.0 / 4.0, 1e-12);
    near(credibility(4, day + 1), 1.0 / 4.0, 1e-12);
    // Long after its last call the target's conduct says nothing any more.
    near(credibility(1, day + 30), 2.0 / 5.0, 1e-12);
    near(credibility(1, day + 50), 1.0 / 4.0, 1e-12);
    let mut both = Standings::default();
    both.count(1, day + 20, false);
    both.merge(found);
    near(both.credibility(&rules.policy, Some(1), day + 19), 2.0 / 5.0, 1e-12);
    near(both.credibility(&rules.policy, Some(1), day + 20), 2.0 / 6.0, 1e-12);
}
