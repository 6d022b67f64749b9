//! One run from beginning to end.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use intake::{Format, SkipKind};
use model::Report;
use reputation::fleet::{Fleet, Standings};
use reputation::replay::End;

use super::intake_run::{Counts, Intake, OpenFile, guess_owners, open_file};
use super::judge::{Bench, Ready, Views, judge};
use super::owners::Owners;
use super::progress::Progress;
use super::rejects::Rejects;
use super::result::{RunFacts, ScoredNumber, Summary};
use super::setup::Setup;
use super::shards::{ReporterPairs, Shards};
use crate::cli::ScoreArgs;
use crate::error::ScoreError;

/// Scores what the arguments name and writes the result.
pub(crate) fn score(args: &ScoreArgs) -> Result<(), ScoreError> {
    let mut rejects = Rejects::new(args.rejects.as_deref())?;
    let setup = Setup::read(args, &mut rejects)?;
    let threads = args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1);
    let mut notes = Vec::new();
    let (owners, files) = open_all(args, &setup, &mut notes)?;
    let shards = Shards::new();
    let pairs = admit_reports(&setup, &shards, &owners);
    let progress = Progress::new(total_bytes(args));
    let mut intake = Intake {
        setup: &setup,
        shards: &shards,
        pairs: &pairs,
        dedupe_by: args.dedupe,
        threads,
        progress: &progress,
        dedupe: super::dedupe::Dedupe::default(),
        aggregates: Vec::new(),
        counts: Counts::default(),
        notes,
    };
    for file in files {
        intake.read(file, &owners, &mut rejects)?;
    }
    let Intake { counts, aggregates: _, notes, .. } = intake;
    progress.finish();
    rejects.finish()?;
    let mut counts = counts;
    for report in &setup.reports.reports {
        counts.spans(Some(report.at), Some(report.known()).filter(|&known| known <= setup.clock));
    }
    let at = setup.at.or(counts.through).unwrap_or(setup.clock).min(setup.clock.max(setup.at.unwrap_or(setup.clock)));
    let Some(end) = End::at(at) else {
        return Err(ScoreError::Argument {
            argument: "--at",
            detail: format!("{at} lies outside the years 2012 to 2041"),
        });
    };
    let shards = shards.into_inner();
    let ready: Vec<Ready<'_>> = shards.iter().map(|shard| Ready::new(&setup, shard, args.reports_cover)).collect();
    let judged = judge_all(&setup, args, &ready, end, counts.first_known.unwrap_or(end.moment.hour), threads);
    let summary = summary(&setup, &counts, &rejects, judged.len());
    if counts.calls == 0 && setup.reports.reports.is_empty() {
        return Err(ScoreError::Nothing);
    }
    let run = RunFacts { at, policy_version: setup.rules.policy.version.clone(), summary };
    for note in notes {
        eprintln!("{note}");
    }
    eprintln!("{run:?}");
    for number in judged.iter().take(args.top) {
        println!("{number:?}");
    }
    Ok(())
}

/// Opens every file, and settles whose numbers are judged.
fn open_all(args: &ScoreArgs, setup: &Setup, notes: &mut Vec<String>) -> Result<(Owners, Vec<OpenFile>), ScoreError> {
    let format = match &args.format {
        Some(name) => Some(Format::from_name(name).ok_or_else(|| ScoreError::Argument {
            argument: "--format",
            detail: format!("`{name}` is no format; known are {}", format_names()),
        })?),
        None => None,
    };
    let guessing = setup.own.is_none() && !args.all_callers;
    let mut files = Vec::new();
    for path in &args.files {
        files.push(open_file(setup, path, format.as_ref(), guessing, notes)?);
    }
    let owners = match &setup.own {
        Some(own) => Owners::Named(own.clone()),
        None if guessing => guess_owners(&files, setup),
        None => Owners::EveryCaller,
    };
    if let Owners::Guessed(own) = &owners {
        let first: Vec<String> = own.iter().take(3).map(ToString::to_string).collect();
        let more = if own.len() > first.len() { ", …" } else { "" };
        notes.push(format!(
            "guessing that {} numbers are yours ({}{more}): name them with --own FILE, or judge every caller with --all-callers",
            own.len(),
            first.join(", ")
        ));
    }
    Ok((owners, files))
}

fn format_names() -> String {
    Format::NAMED.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// The packed size of all files together; `None` when one of them has none (standard input).
fn total_bytes(args: &ScoreArgs) -> Option<u64> {
    args.files
        .iter()
        .map(|path| std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|found| found.len()))
        .sum()
}

/// Hands reports to the shards of the numbers that they are about.
fn admit_reports(setup: &Setup, shards: &Shards, owners: &Owners) -> ReporterPairs {
    let mut pairs = BTreeSet::new();
    let about_judged = |report: &&Report| match owners {
        Owners::EveryCaller => true,
        Owners::Named(_) | Owners::Guessed(_) => owners.own(report.tn),
    };
    for report in setup.reports.reports.iter().filter(about_judged) {
        if let Some(reporter) = report.reporter_tn {
            pairs.insert((report.tn, reporter));
        }
        shards.with(report.tn, |shard| {
            shard.store.know(report.tn);
            shard.extras.entry(report.tn).or_default().reports.push(report.clone());
        });
    }
    pairs
}

/// Judges every number; the answer is in rising order of numbers.
fn judge_all(
    setup: &Setup,
    args: &ScoreArgs,
    ready: &[Ready<'_>],
    end: End,
    first_hour: u32,
    threads: usize,
) -> Vec<ScoredNumber> {
    let standings = standings(setup, ready, end, first_hour);
    let only = args.engine.as_deref().and_then(|key| setup.directory.engine(key));
    let views = Views::new(setup, only);
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Vec<ScoredNumber>)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut bench = Bench::default();
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(shard) = ready.get(place) else {
                        break;
                    };
                    let fleet = fleet(setup, shard, &standings, end, first_hour);
                    let numbers =
                        shard.numbers.iter().map(|&number| judge(&fleet, &views, &mut bench, number)).collect();
                    done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((place, numbers));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|&(place, _)| place);
    done.into_iter().flat_map(|(_, numbers)| numbers).collect()
}

fn fleet<'a>(setup: &'a Setup, shard: &'a Ready<'a>, standings: &'a Standings, end: End, first_hour: u32) -> Fleet<'a> {
    Fleet {
        rules: &setup.rules,
        store: &shard.shard.store,
        numbers: &shard.numbers,
        about: shard,
        standings,
        end,
        first_hour,
    }
}

/// Scores reporters over all shards.
fn standings(setup: &Setup, ready: &[Ready<'_>], end: End, first_hour: u32) -> Standings {
    let none = Standings::default();
    let mut all = Standings::default();
    for shard in ready {
        shard.score_reporters(&fleet(setup, shard, &none, end, first_hour), &mut all);
    }
    all
}

fn summary(setup: &Setup, counts: &Counts, rejects: &Rejects, numbers: usize) -> Summary {
    let mut skipped: Vec<(&'static str, u64)> =
        SkipKind::ALL.into_iter().zip(counts.skipped).map(|(kind, count)| (kind.words(), count)).collect();
    let reports = &setup.reports;
    skipped.extend([
        ("not your numbers", counts.not_own),
        ("extension without a number", counts.unmapped),
        ("outside the years 2012 to 2041", counts.outside_years),
        ("report of a number fragment", reports.fragments),
        ("report of a stand-in number", reports.sentinels),
        ("report without a number", reports.blanks),
        ("report of a withheld number", reports.withheld),
        ("report of a malformed number", reports.malformed),
        ("report not about a call", reports.not_calls),
    ]);
    skipped.retain(|&(_, count)| count > 0);
    Summary {
        lines: counts.lines,
        calls: counts.calls,
        rejected: rejects.count,
        duplicates: counts.duplicates,
        unchecked: counts.unchecked,
        without_id: counts.without_id,
        late: counts.late,
        after_at: counts.after_at,
        skipped,
        reports: reports.reports.len() as u64,
        numbers: numbers as u64,
        labels: Vec::new(),
        data_from: counts.from,
        data_through: counts.through,
    }
}
