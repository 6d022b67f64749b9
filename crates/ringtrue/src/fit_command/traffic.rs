//! `ringtrue fit --calls`: learns the policy's own evidence from traffic with known truth.

use fit::cross::measure;
use fit::learn::{Fit, Settings, learn};
use fit::random::Random;
use fit::spec::{EvidenceSpec, Form, Monotone, Scale, Source, Spec};
use fit::table::{Observed, Skips, Split, Table, stratified};
use model::TelephoneNumber;
use reputation::assess::ReasonCode;
use reputation::evidence::first_calls;
use reputation::policy::Policy;

use super::args::{FitArgs, PolicyForm};
use super::overlay::{self, Learned};
use super::{header, needed};
use crate::cli::ScoreArgs;
use crate::error::ScoreError;
use crate::evaluate::TruthIndex;
use crate::labelled::{self, Report};
use crate::said::{file_name, say};
use crate::score::follow::Traffic;
use crate::score::snapshot::Snapshot;

/// First calls are learned from numbers with so many days of traffic: in less, everybody's share is high. Chosen: a working day and
/// the next morning.
const FIRST_CALLS_SPAN_D: f64 = 1.0;

/// What is learned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Behaviour {
    Invalid,
    Unanswered,
    Short,
    First,
    Talk,
}

impl Behaviour {
    /// In the order of the policy's file.
    const ALL: [Self; 5] = [Self::Invalid, Self::Unanswered, Self::Short, Self::First, Self::Talk];

    const fn code(self) -> ReasonCode {
        match self {
            Self::Invalid => ReasonCode::InvalidDestinations,
            Self::Unanswered => ReasonCode::Unanswered,
            Self::Short => ReasonCode::ShortCalls,
            Self::First => ReasonCode::FirstCalls,
            Self::Talk => ReasonCode::TalkTime,
        }
    }
}

/// A number's facts and its truth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) snapshot: Snapshot,
    pub(super) unwanted: bool,
}

/// Learns the evidence, writes the overlay and the report.
pub(super) fn fit(args: &FitArgs, settings: Settings, date: &str) -> Result<(), ScoreError> {
    let truth_path = needed(args.traffic.truth.as_deref(), "--truth")?;
    let out = needed(args.traffic.policy_out.as_deref(), "--policy-out")?;
    let traffic = Traffic::read(&score_args(args))?;
    let truth = TruthIndex::read(truth_path, traffic.options())?;
    let policy = &traffic.policy().policy;
    let rows = rows(&traffic, &truth, policy, settings.seed);
    say(&format!("{} numbers with known truth and at least {} attempts", rows.len(), policy.opinion.min_attempts));
    let spec = spec(policy, args.traffic.form);
    let mut table = table(&rows, args.traffic.form);
    let parts = stratified(&table.positive, Split::USUAL, settings.seed);
    let refuse = |source| ScoreError::Learn { file: file_name(truth_path), source };
    let Fit { model, left_out } = learn(&mut table, &spec, &parts, settings).map_err(refuse)?;
    for one in &left_out {
        say(&format!("evidence {} is left out: {}", one.name, one.reason));
    }
    let measured = measure(&model, &table, &parts);
    let report = Report {
        model: &model,
        table: &table,
        parts: &parts,
        measured: &measured,
        folds: &[],
        left_out: &left_out,
        features: &file_name(truth_path),
    };
    let learned = Learned { model: &model, rows: &rows, policy, with_reports: !args.traffic.reports.is_empty() };
    labelled::write(out, &format!("{}{}", header::of_policy(args, date, &report), overlay::toml(&learned)))?;
    if let Some(file) = &args.html {
        labelled::write(file, &report.page())?;
    }
    report.write(args.output)
}

/// Each number with truth, at a moment drawn from its own attempts, so that young and old numbers are learned from alike.
fn rows(traffic: &Traffic, truth: &TruthIndex, policy: &Policy, seed: u64) -> Vec<Row> {
    let least = policy.opinion.min_attempts as u64;
    let pick = |tn: TelephoneNumber, attempts: u64| {
        truth.known(tn)?;
        let more = attempts.checked_sub(least)?;
        let mut random = Random::part(seed, tn.digits());
        Some(least.saturating_sub(1) + random.below(more as usize + 1) as u64)
    };
    let snapshots = traffic.snapshots(pick).into_iter();
    snapshots
        .filter_map(|snapshot| truth.known(snapshot.tn).map(|known| Row { snapshot, unwanted: known.unwanted }))
        .collect()
}

/// What is to be learned, inside the policy's own bounds.
fn spec(policy: &Policy, form: PolicyForm) -> Spec {
    let of = |behaviour: Behaviour| {
        let rates = &policy.evidence;
        let (s, n, clip, weight) = match behaviour {
            Behaviour::Invalid => {
                ("invalid", "destinations", rates.invalid_destinations.clip, rates.invalid_destinations.weight)
            }
            Behaviour::Unanswered => ("unanswered", "answerable", rates.unanswered.clip, rates.unanswered.weight),
            Behaviour::Short => ("short", "answered", rates.short_calls.clip, rates.short_calls.weight),
            Behaviour::First => ("first calls", "attempts", rates.first_calls.clip, rates.first_calls.weight),
            Behaviour::Talk => ("talk seconds", "answered", rates.talk_time.clip, rates.talk_time.weight),
        };
        let (code, is_talk) = (behaviour.code(), behaviour == Behaviour::Talk);
        let source = if is_talk && form != PolicyForm::Shape {
            Source::Value { value: s.to_owned(), scale: Scale::Log }
        } else {
            Source::Counts { s: s.to_owned(), n: n.to_owned() }
        };
        EvidenceSpec {
            name: code.as_str().to_owned(),
            family: code.family(policy).map(|family| format!("{family:?}").to_lowercase()),
            source,
            form: match form {
                PolicyForm::Shape => Form::Shape,
                PolicyForm::Beta | PolicyForm::Mixture if is_talk => Form::Gaussian,
                PolicyForm::Beta => Form::Beta,
                PolicyForm::Mixture => Form::Mixture,
            },
            monotone: if is_talk { Monotone::Down } else { Monotone::Up },
            clip,
            weight: (form != PolicyForm::Shape).then_some(weight),
        }
    };
    Spec { evidence: Behaviour::ALL.map(of).to_vec() }
}

fn table(rows: &[Row], form: PolicyForm) -> Table {
    let observed = Behaviour::ALL.map(|behaviour| {
        let counts = rows.iter().map(|row| counts(&row.snapshot, behaviour));
        if behaviour == Behaviour::Talk && form != PolicyForm::Shape {
            let mean = |[talk, answered]: [f64; 2]| if answered > 0.0 { talk.max(1.0) / answered } else { f64::NAN };
            Observed::Value(counts.map(mean).collect())
        } else {
            let (s, n) = counts.map(|[s, n]| (s, n)).unzip();
            Observed::Rate { s, n }
        }
    });
    Table {
        observed: observed.to_vec(),
        positive: rows.iter().map(|row| row.unwanted).collect(),
        part: None,
        skips: Skips { rows_read: rows.len() as u64, ..Skips::default() },
    }
}

/// `s` and `n` of an evidence; of talk time, seconds and answered calls.
pub(super) fn counts(snapshot: &Snapshot, behaviour: Behaviour) -> [f64; 2] {
    let (sums, sample) = (&snapshot.inputs.sums, &snapshot.inputs.sample);
    match behaviour {
        Behaviour::Invalid => [sample.invalid, f64::from(sample.observable)],
        Behaviour::Unanswered => [sums.unanswered(), sums.answerable()],
        Behaviour::Short => [sums.short(), sums.answered_known()],
        Behaviour::First if snapshot.inputs.span_d < FIRST_CALLS_SPAN_D => [0.0, 0.0],
        Behaviour::First => {
            let (share, n) = first_calls(sums, sample);
            [share * n, n]
        }
        Behaviour::Talk => [sums.talk_ds() / 10.0, sums.answered_known()],
    }
}

/// The run of `score` that reads the same.
fn score_args(args: &FitArgs) -> ScoreArgs {
    let traffic = &args.traffic;
    ScoreArgs {
        region: traffic.region.clone(),
        reports: traffic.reports.clone(),
        policy: traffic.policy.clone(),
        at: traffic.at.clone(),
        threads: args.threads,
        ..ScoreArgs::of_all_callers(traffic.calls.clone())
    }
}
