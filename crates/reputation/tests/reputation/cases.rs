//! Runs the case files that every shipped policy must satisfy.

use std::path::{Path, PathBuf};

use model::truth::TrustedSubject;
use model::{Determination, Label, ReportCategory, Standing, Timestamp, TrustedFact, TrustedKind};
use reputation::engines::View;
use reputation::evidence::ReportFact;
use reputation::facts::{CallFact, hour_index, hour_start};
use reputation::replay::{End, Replayed};
use reputation::timeline::{Circumstances, Rules};
use reputation::verdict::{Opinion, Verdict, verdict};

use super::case_calls;
use super::case_file::{Case, Expect, Fault, Given, Reports, parse};
use super::world::{Constant, end_at, judged, monday, replay_of, shipped};

/// How far a reporter without a history is believed under the shipped policy.
const NEW_CREDIBILITY: f64 = 0.25;

/// What a case's `given` lines add up to, for one of the attempt counts that they name.
struct Past {
    calls: Vec<CallFact>,
    reports: Vec<ReportFact>,
    standing: Standing,
    truth: Vec<TrustedFact>,
    block_nats: f64,
    served: bool,
    days: u32,
}

/// What came of it.
struct Outcome {
    verdict: Verdict,
    replayed: Replayed,
}

#[test]
fn every_case_holds_under_the_shipped_policy() {
    let rules = shipped();
    let mut faults = Vec::new();
    let files = case_files();
    assert!(files.len() >= 30, "case files are missing: found {}", files.len());
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a readable case file");
        match parse(&name, &text) {
            Ok(case) => faults.extend(check(rules, &name, &case)),
            Err(fault) => faults.push(fault),
        }
    }
    let told: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.place, fault.what)).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn a_failing_expectation_is_named() {
    let case = parse("mine.case", "given 400 attempts over 5 days\n\nexpect label spam").expect("a case");
    let faults = check(shipped(), "mine.case", &case);
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].place, "mine.case:3");
    assert!(faults[0].what.contains("none"), "{}", faults[0].what);
}

fn case_files() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cases");
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .expect("the case files")
        .map(|entry| entry.expect("a case file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "case"))
        .collect();
    files.sort();
    files
}

fn check(rules: &Rules, file: &str, case: &Case) -> Vec<Fault> {
    let runs = case.givens.iter().map(|given| match given {
        Given::Calls(period) => period.attempts.len(),
        _ => 1,
    });
    let runs = runs.max().unwrap_or(1);
    let mut faults = Vec::new();
    for run in 0..runs {
        let past = past(case, run);
        let outcome = outcome(rules, &past);
        for (line, expect) in &case.expects {
            if let Some(what) = failure(rules, expect, &outcome) {
                let what = if runs > 1 { format!("{what} (count {} of the line's)", run + 1) } else { what };
                faults.push(Fault { place: format!("{file}:{line}"), what });
            }
        }
    }
    faults
}

fn past(case: &Case, run: usize) -> Past {
    let instant = |day: u32| hour_start(monday() + day * 24);
    let mut past = Past {
        calls: Vec::new(),
        reports: Vec::new(),
        standing: unregistered(),
        truth: Vec::new(),
        block_nats: 0.0,
        served: false,
        days: 0,
    };
    let (mut destinations, mut period_began) = (0, 0);
    for given in &case.givens {
        match given {
            Given::Calls(period) => {
                let attempts = period.attempts[run.min(period.attempts.len() - 1)];
                let (calls, used) = case_calls::calls(period, attempts, monday() + past.days * 24, destinations);
                past.calls.extend(calls);
                destinations += used;
                period_began = past.days;
                past.days += period.days;
            }
            Given::Silence { days } => past.days += days,
            Given::Reports(reports) => past.reports.extend(report_facts(reports, period_began, past.days)),
            Given::Registered => {
                past.standing.registered_at = Some(Timestamp::EPOCH);
                past.standing.attested = true;
            }
            Given::EmergencyPurpose => past.standing.purpose = Some(model::CallPurpose::Emergency),
            Given::Cleared { day } => {
                past.standing.determination = Determination::Cleared;
                past.standing.evidence_from = Some(instant(*day));
            }
            Given::Upheld { day } => {
                past.standing.determination = Determination::Upheld;
                past.standing.evidence_from = Some(instant(*day));
            }
            Given::Dno => past.truth.push(truth(TrustedKind::Dno, None)),
            Given::Unallocated => past.truth.push(truth(TrustedKind::Unallocated, None)),
            Given::Traceback => past.truth.push(truth(TrustedKind::Traceback, None)),
            Given::Honeypots(count) => {
                past.truth.extend((0..*count).map(|trap| truth(TrustedKind::Honeypot, Some(u64::from(trap)))));
            }
            Given::BlockNats(nats) => past.block_nats = *nats,
            Given::LabelServed => past.served = true,
        }
    }
    past
}

/// The standing of a number that the registry does not know.
fn unregistered() -> Standing {
    Standing {
        tn: judged(),
        registrant: None,
        purpose: None,
        registered_at: None,
        attested: false,
        determination: Determination::None,
        evidence_from: None,
    }
}

fn truth(kind: TrustedKind, trap: Option<u64>) -> TrustedFact {
    let at = (trap.is_some()).then(|| hour_start(monday()));
    TrustedFact { subject: TrustedSubject::Number(judged()), kind, trap, at, known_at: None }
}

/// Reports of people who each report once, evenly over the days.
fn report_facts(reports: &Reports, from_day: u32, to_day: u32) -> Vec<ReportFact> {
    let hours = (to_day - from_day).max(1) * 24 - 1;
    (0..reports.count)
        .map(|at| {
            let hour = monday() + from_day * 24 + (u64::from(at) * u64::from(hours) / u64::from(reports.count)) as u32;
            ReportFact {
                at: hour_start(hour),
                known: hour_start(hour),
                category: if reports.not_spam { ReportCategory::NotSpam } else { ReportCategory::Unwanted },
                reporter: Some(u64::from(at)),
                cluster: u64::from(at % reports.clusters),
                proven: reports.proven,
                regulator: false,
                carrier: 0,
            }
        })
        .collect()
}

/// Replays the past; where our label was served, over and over until the hours in which it was served stay the same.
fn outcome(rules: &Rules, past: &Past) -> Outcome {
    let end = end_at(monday() + past.days * 24);
    let truth: Vec<&TrustedFact> = past.truth.iter().collect();
    let mut served = Vec::new();
    for _ in 0..20 {
        let about = Circumstances {
            reports: &past.reports,
            // Without a standing the replay takes the short cuts of numbers of which only calls are known.
            standing: (past.standing != unregistered()).then_some(&past.standing),
            truth: &truth,
            served: &served,
            ..Circumstances::default()
        };
        let mut others = Constant { block_nats: past.block_nats, credibility: NEW_CREDIBILITY };
        let replayed = replay_of(rules, &past.calls, &about, (&View::any(), &mut others), end);
        let shown = if past.served { labelled_hours(&replayed, end) } else { Vec::new() };
        if shown == served {
            return Outcome { verdict: verdict(rules, None, &replayed, end), replayed };
        }
        served = shown;
    }
    panic!("the hours in which the label is served do not settle");
}

fn labelled_hours(replayed: &Replayed, end: End) -> Vec<(u32, u32)> {
    let mut hours: Vec<(u32, u32)> = Vec::new();
    let mut began = None;
    for change in &replayed.state.history {
        let hour = hour_index(change.at).expect("an hour of facts");
        if change.from == Label::None {
            began = Some(hour);
        } else if change.to == Label::None
            && let Some(from) = began.take()
        {
            hours.push((from, hour));
        }
    }
    hours.extend(began.map(|from| (from, end.moment.hour)));
    hours
}

/// What is wrong with an expectation; `None` when it holds.
fn failure(rules: &Rules, expect: &Expect, outcome: &Outcome) -> Option<String> {
    let verdict = &outcome.verdict;
    let reason = |wanted| verdict.reasons.iter().find(|reason| reason.code == wanted).map(|reason| reason.decibans);
    let rating = match verdict.opinion {
        Opinion::NoOpinion => None,
        Opinion::Rated { rating_bp, .. } => Some(f64::from(rating_bp) / 10_000.0),
    };
    let (holds, found) = match expect {
        Expect::NoOpinion => (verdict.opinion == Opinion::NoOpinion, verdict.opinion.as_str().to_owned()),
        Expect::Label { any, day: None } => {
            let label = verdict.opinion.label();
            (any.contains(&label) && rating.is_some(), verdict.opinion.as_str().to_owned())
        }
        Expect::Label { any, day: Some(day) } => {
            let label = label_on(&outcome.replayed, *day);
            (any.contains(&label), label.to_string())
        }
        Expect::AtMost(most) => {
            let highest = outcome.replayed.state.history.iter().map(|change| change.to).max().unwrap_or_default();
            (highest <= *most, format!("{highest} at its worst"))
        }
        Expect::Floor(label) => {
            let found = &outcome.replayed.reading.found;
            (found.floor == *label, found.floor.to_string())
        }
        Expect::Reason { code, present } => {
            let decibans = reason(*code).unwrap_or(0.0);
            ((decibans > 0.0) == *present, format!("{} of {decibans:.1} decibans", code.as_str()))
        }
        Expect::InFavour(code) => {
            let decibans = reason(*code).unwrap_or(0.0);
            (decibans < 0.0, format!("{} of {decibans:.1} decibans", code.as_str()))
        }
        Expect::Clears { code, alone } => {
            let clearing = verdict.clears_when.iter().find(|clearing| clearing.code == *code);
            (clearing.is_some_and(|clearing| clearing.alone == *alone), format!("{clearing:?}"))
        }
        Expect::Status(status) => (verdict.status == *status, verdict.status.to_string()),
        Expect::History(labels) => {
            let history = &outcome.replayed.state.history;
            let shown: Vec<Label> =
                std::iter::once(Label::None).chain(history.iter().map(|change| change.to)).collect();
            (shown == *labels, shown.iter().map(|label| label.as_str()).collect::<Vec<_>>().join(" "))
        }
        Expect::RatingBelow(share) => (rating.is_some_and(|rating| rating < *share), format!("a rating of {rating:?}")),
        Expect::RatingFrom(share) => (rating.is_some_and(|rating| rating >= *share), format!("a rating of {rating:?}")),
    };
    let nats: Vec<String> =
        verdict.reasons.iter().map(|reason| format!("{} {:.1}", reason.code.as_str(), reason.decibans)).collect();
    let log_odds = outcome.replayed.reading.found.rating_log_odds(&rules.policy);
    (!holds).then(|| format!("found {found}; log-odds {log_odds:.2}, decibans: {}", nats.join(", ")))
}

fn label_on(replayed: &Replayed, day: u32) -> Label {
    let end = hour_start(monday() + day * 24);
    replayed.state.history.iter().take_while(|change| change.at <= end).last().map_or(Label::None, |change| change.to)
}
