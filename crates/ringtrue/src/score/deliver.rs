//! Judging the numbers and writing what was asked for.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::{Label, TelephoneNumber};
use service::facts::shard_of;
use service::judge::{Bench, judge_block};
use service::number::ScoredNumber;

use super::in_order::InOrder;
use super::result::RunFacts;
use super::run::Judging;
use super::setup::Setup;
use super::summary::LabelCounts;
use super::totals::judge_totals;
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
    let known = shard.and_then(|shard| shard.block_of(tn).map(|block| (shard, block)));
    match (known, judging.aggregates.iter().find(|totals| totals.tn == tn)) {
        (Some((shard, block)), _) => {
            let fleet = judging.fleet(shard);
            let mut judged = None;
            let block = (block, |number: &mut ScoredNumber| {
                if number.tn == tn {
                    judged = Some(number.take());
                }
            });
            judge_block(&fleet, &judging.views, judging.told(shard), &mut Bench::default(), block);
            Ok(judged.expect("a number of the block is judged with it"))
        }
        (None, Some(totals)) => Ok(judge_totals(judging, true, totals)),
        (None, None) => {
            let detail = format!("no call of {tn} was taken from these files");
            Err(ScoreError::Argument { argument: "--explain", detail })
        }
    }
}

/// So many numbers are judged and written as one piece, or a few more: a block is never parted. Chosen: their lines stay in a
/// processor's second cache until they are written, which takes half the time of lines that have left it.
const PIECE_NUMBERS: usize = 256;
/// So many pieces a thread may be ahead of the one that is written. Chosen: enough that none waits for a piece of large numbers.
const PIECES_AHEAD: usize = 16;

/// Numbers that one thread judges in one go.
pub(super) struct Piece {
    pub(super) shard: usize,
    pub(super) numbers: Range<usize>,
}

/// All numbers in rising order. The numbers of one block are in one piece: they ask for the same priors.
pub(super) fn pieces(judging: &Judging<'_>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (shard, ready) in judging.ready.iter().enumerate() {
        let (mut from, mut rest) = (0, ready.numbers.as_slice());
        while let Some((edge, _)) = rest.get(PIECE_NUMBERS - 1).or(rest.last()) {
            let (piece, after) = rest.split_at(rest.partition_point(|(tn, _)| tn.block() <= edge.block()));
            pieces.push(Piece { shard, numbers: from..from + piece.len() });
            (from, rest) = (from + piece.len(), after);
        }
    }
    pieces
}

/// Judges on all threads: `each` gets every number as it is judged, in rising order within its piece; `close` ends a piece.
/// A thread's pieces rise.
fn judge_pieces<S: Send>(
    judging: &Judging<'_>,
    start: impl Fn() -> S + Sync,
    each: impl Fn(&mut S, &mut ScoredNumber) + Sync,
    close: impl Fn(&mut S, usize) + Sync,
) -> Vec<S> {
    let pieces = pieces(judging);
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut state = start();
        let mut bench = Bench::default();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(piece) = pieces.get(place) else {
                return state;
            };
            if let Some(shard) = judging.ready.get(piece.shard) {
                let fleet = judging.fleet(shard);
                let told = judging.told(shard);
                let numbers = shard.numbers.get(piece.numbers.clone()).unwrap_or_default();
                for block in numbers.chunk_by(|(one, _), (other, _)| one.block() == other.block()) {
                    judge_block(&fleet, &judging.views, told, &mut bench, (block, |number| each(&mut state, number)));
                }
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

/// What one thread collects.
#[derive(Default)]
struct Collecting {
    labels: LabelCounts,
    left_out: usize,
    open: Vec<ScoredNumber>,
    /// Of a table: so many open numbers are too many.
    thin_from: usize,
    closed: Vec<(usize, Vec<ScoredNumber>)>,
}

impl Collecting {
    /// Ends a piece. A table keeps the numbers that it may show open, in rising order like any.
    fn close(&mut self, place: usize, wanted: &Wanted) {
        if wanted.form != OutputForm::Table {
            let mut numbers = std::mem::take(&mut self.open);
            numbers.shrink_to_fit();
            self.closed.push((place, numbers));
        } else if self.open.len() >= self.thin_from {
            self.left_out += keep_shown(&mut self.open, wanted.top);
            self.thin_from = self.open.len() * 2 + PIECE_NUMBERS;
        }
    }
}

/// Collects the wanted numbers, in rising order.
fn collect(judging: &Judging<'_>, wanted: &Wanted) -> Collected {
    let parts: Vec<Collecting> = judge_pieces(
        judging,
        Collecting::default,
        |state, number| {
            state.labels.add(number);
            if wanted.wants(number) {
                state.open.push(number.take());
            }
        },
        |state, place| state.close(place, wanted),
    );
    let mut collected = Collected::default();
    let mut pieces = Vec::new();
    for mut part in parts {
        collected.labels.merge(&part.labels);
        collected.left_out += part.left_out;
        collected.numbers.append(&mut part.open);
        pieces.append(&mut part.closed);
    }
    // Only a table leaves numbers open, and these are few.
    collected.numbers.sort_unstable_by_key(|number| number.tn);
    pieces.sort_unstable_by_key(|&(place, _)| place);
    collected.numbers.extend(pieces.into_iter().flat_map(|(_, numbers)| numbers));
    for totals in judging.aggregates {
        let number = judge_totals(judging, judging.owner.is_some(), totals);
        collected.labels.add(&number);
        if wanted.wants(&number) {
            collected.numbers.push(number);
        }
    }
    collected
}

/// Writes the numbers as they are judged, piece after piece, so that the lines are in rising order of numbers.
fn stream(judging: &Judging<'_>, wanted: &Wanted, rows: &RowWriter<'_>, labels: &mut LabelCounts) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(rows.header().as_bytes())?;
    let out = InOrder::new(out, judging.threads * PIECES_AHEAD);
    let parts = judge_pieces(
        judging,
        || (LabelCounts::default(), rows.clone(), Vec::new()),
        |(counts, writer, bytes), number| {
            counts.add(number);
            if wanted.wants(number) {
                writer.push(bytes, number);
            }
        },
        |(_, _, bytes), place| out.put(place, bytes),
    );
    for (counts, _, _) in &parts {
        labels.merge(counts);
    }
    let mut out = out.into_inner()?;
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
