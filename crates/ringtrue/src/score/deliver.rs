//! Judging the numbers and writing what was asked for.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use model::{Label, TelephoneNumber};

use super::judge::{Bench, judge, judge_totals};
use super::result::{RunFacts, ScoredNumber};
use super::run::{Judging, place_of};
use super::setup::Setup;
use super::shards::shard_of;
use super::summary::LabelCounts;
use crate::cli::{LabelArg, OutputForm, ScoreArgs};
use crate::error::ScoreError;
use crate::output::table::{Shown, keep_shown};
use crate::output::{Context, RowWriter};

/// What was asked for.
pub(super) struct Wanted {
    form: OutputForm,
    top: usize,
    min_calls: u64,
    label: Label,
    /// Only this engine, by place.
    pub(super) engine: Option<usize>,
    /// Everything about this number.
    pub(super) explain: Option<TelephoneNumber>,
}

impl Wanted {
    /// Reads the arguments about the output.
    pub(super) fn of(args: &ScoreArgs, setup: &Setup) -> Result<Self, ScoreError> {
        let engine = match &args.engine {
            None => None,
            Some(key) => Some(setup.directory.engine(key).ok_or_else(|| {
                let known: Vec<&str> = setup.directory.engines.iter().map(|engine| engine.key.as_str()).collect();
                ScoreError::Argument {
                    argument: "--engine",
                    detail: format!("`{key}` is none of {}", known.join(", ")),
                }
            })?),
        };
        let explain = match &args.explain {
            None => None,
            Some(text) => Some(
                model::tn::parse_tn(text.as_bytes(), setup.options.region)
                    .map_err(|error| ScoreError::Argument { argument: "--explain", detail: error.to_string() })?,
            ),
        };
        let label = args.label.map_or(Label::None, |label| match label {
            LabelArg::PotentialSpam => Label::PotentialSpam,
            LabelArg::SpamLikely => Label::SpamLikely,
            LabelArg::Spam => Label::Spam,
        });
        Ok(Self { form: args.output, top: args.top, min_calls: args.min_calls, label, engine, explain })
    }

    fn wants(&self, number: &ScoredNumber) -> bool {
        let calls = number.totals.as_ref().map_or(number.d35.tally.attempts, |totals| totals.attempts);
        calls >= self.min_calls && number.verdicts.iter().any(|verdict| verdict.opinion.label() >= self.label)
    }
}

/// Judges every number and writes the wanted ones; tells how many numbers have which label.
pub(super) fn deliver(judging: &Judging<'_>, wanted: &Wanted, run: RunFacts) -> Result<LabelCounts, ScoreError> {
    let setup = judging.setup;
    let context = Context {
        directory: &setup.directory,
        words: &setup.policy.words,
        advice: &setup.policy.advice,
        policy: &setup.rules.policy,
    };
    let written = |result: io::Result<()>| match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|source| ScoreError::Unwritable { file: "standard output".to_owned(), source }),
    };
    if let Some(tn) = wanted.explain {
        let number = find(judging, tn)?;
        let mut labels = LabelCounts::default();
        labels.add(&number);
        written(crate::output::explain(&run, &number, context))?;
        return Ok(labels);
    }
    if let Some(rows) = RowWriter::of(wanted.form, context) {
        let mut labels = LabelCounts::default();
        written(stream(judging, wanted, &rows, &mut labels))?;
        return Ok(labels);
    }
    let Collected { numbers, left_out, labels } = collect(judging, wanted);
    let mut run = run;
    run.summary.labels = labels.named(setup);
    run.summary.numbers = labels.numbers;
    written(match wanted.form {
        OutputForm::Table => crate::output::table(&run, Shown { numbers: &numbers, left_out }, wanted.top, context),
        OutputForm::Json | OutputForm::Ndjson | OutputForm::Csv => crate::output::json(&run, &numbers, context),
    })?;
    Ok(labels)
}

/// Judges one number.
fn find(judging: &Judging<'_>, tn: TelephoneNumber) -> Result<ScoredNumber, ScoreError> {
    let shard = judging.ready.get(shard_of(tn));
    let known = shard.and_then(|shard| place_of(shard, tn).map(|place| (shard, place)));
    match (known, judging.aggregates.iter().find(|totals| totals.tn == tn)) {
        (Some((shard, place)), _) => {
            let fleet = judging.fleet(shard);
            Ok(judge(&fleet, &judging.views, judging.told(shard), &mut Bench::default(), (tn, place)))
        }
        (None, Some(totals)) => Ok(judge_totals(judging, true, totals)),
        (None, None) => {
            let detail = format!("no call of {tn} was taken from these files");
            Err(ScoreError::Argument { argument: "--explain", detail })
        }
    }
}

/// Judges on all threads: `each` gets every number as it is judged, in rising order within its shard; `close` ends a shard.
fn judge_shards<S: Send>(
    judging: &Judging<'_>,
    start: impl Fn() -> S + Sync,
    each: impl Fn(&mut S, ScoredNumber) + Sync,
    close: impl Fn(&mut S, usize) + Sync,
) -> Vec<S> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut state = start();
        let mut bench = Bench::default();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(shard) = judging.ready.get(place) else {
                return state;
            };
            let fleet = judging.fleet(shard);
            let told = judging.told(shard);
            for &number in &shard.numbers {
                each(&mut state, judge(&fleet, &judging.views, told, &mut bench, number));
            }
            close(&mut state, place);
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..judging.threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().expect("judging a number never fails")).collect()
    })
}

/// The wanted numbers; for a table only those that it may show.
#[derive(Default)]
struct Collected {
    numbers: Vec<ScoredNumber>,
    left_out: usize,
    labels: LabelCounts,
}

/// Collects the wanted numbers, in rising order.
fn collect(judging: &Judging<'_>, wanted: &Wanted) -> Collected {
    #[derive(Default)]
    struct State {
        labels: LabelCounts,
        left_out: usize,
        open: Vec<ScoredNumber>,
        closed: Vec<(usize, Vec<ScoredNumber>)>,
    }
    let parts: Vec<State> = judge_shards(
        judging,
        State::default,
        |state, number| {
            state.labels.add(&number);
            if wanted.wants(&number) {
                state.open.push(number);
            }
        },
        |state, place| {
            let mut numbers = std::mem::take(&mut state.open);
            if wanted.form == OutputForm::Table {
                state.left_out += keep_shown(&mut numbers, wanted.top);
            }
            numbers.shrink_to_fit();
            state.closed.push((place, numbers));
        },
    );
    let mut collected = Collected::default();
    let mut shards = Vec::new();
    for mut part in parts {
        collected.labels.merge(&part.labels);
        collected.left_out += part.left_out;
        shards.append(&mut part.closed);
    }
    shards.sort_by_key(|&(place, _)| place);
    collected.numbers = shards.into_iter().flat_map(|(_, numbers)| numbers).collect();
    for totals in judging.aggregates {
        let number = judge_totals(judging, judging.owner.is_some(), totals);
        collected.labels.add(&number);
        if wanted.wants(&number) {
            collected.numbers.push(number);
        }
    }
    collected
}

/// Writes each shard's numbers as they are judged, shard after shard, so that the lines are in rising order of numbers.
fn stream(judging: &Judging<'_>, wanted: &Wanted, rows: &RowWriter<'_>, labels: &mut LabelCounts) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(rows.header().as_bytes())?;
    let turn = Mutex::new((0, out, Ok(())));
    let passed = Condvar::new();
    let parts = judge_shards(
        judging,
        || (LabelCounts::default(), rows.clone(), Vec::new()),
        |(counts, writer, bytes), number| {
            counts.add(&number);
            if wanted.wants(&number) {
                writer.push(bytes, &number);
            }
        },
        |(_, _, bytes), place| {
            let mut turn_now = turn.lock().unwrap_or_else(PoisonError::into_inner);
            while turn_now.0 != place {
                turn_now = passed.wait(turn_now).unwrap_or_else(PoisonError::into_inner);
            }
            let (next, out, failed) = &mut *turn_now;
            if failed.is_ok() {
                *failed = out.write_all(bytes);
            }
            *next += 1;
            drop(turn_now);
            bytes.clear();
            passed.notify_all();
        },
    );
    for (counts, _, _) in &parts {
        labels.merge(counts);
    }
    let (_, mut out, failed) = turn.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed?;
    let mut writer = rows.clone();
    let mut bytes = Vec::new();
    for totals in judging.aggregates {
        let number = judge_totals(judging, judging.owner.is_some(), totals);
        labels.add(&number);
        if wanted.wants(&number) {
            writer.push(&mut bytes, &number);
        }
    }
    out.write_all(&bytes)?;
    out.flush()
}
