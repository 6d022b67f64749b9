//! One run from beginning to end.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use model::{Aggregate, TelephoneNumber, Timestamp};
use reputation::fleet::{Fleet, Standings};
use reputation::replay::End;
use service::facts::Shard;
use service::judge::{OwnerView, Ready, Views};

use super::counts::Counts;
use super::deliver::{Wanted, deliver};
use super::files::{admit_reports, open_all, total_bytes};
use super::intake_run::Intake;
use super::progress::Progress;
use super::rejects::Rejects;
use super::result::RunFacts;
use super::setup::Setup;
use super::shards::Shards;
use super::{summary, totals};
use crate::cli::ScoreArgs;
use crate::error::ScoreError;

/// The most threads that work. Chosen: more than there are shards would only wait.
const THREADS_MAX: usize = 64;

/// Everything that judging needs, once all files are read.
pub(super) struct Judging<'a> {
    pub(super) setup: &'a Setup,
    pub(super) ready: &'a [Ready<'a>],
    pub(super) standings: &'a Standings,
    pub(super) views: Views,
    pub(super) owner: Option<OwnerView<'a>>,
    pub(super) aggregates: &'a [Aggregate],
    pub(super) end: End,
    pub(super) first_hour: u32,
    pub(super) threads: usize,
}

impl<'a> Judging<'a> {
    /// The numbers of one shard as a fleet.
    pub(super) fn fleet(&'a self, shard: &'a Ready<'a>) -> Fleet<'a> {
        fleet(self.setup, shard, self.standings, self.end, self.first_hour)
    }

    /// What is known of one shard's numbers besides their calls, and what an owner is told of them.
    pub(super) fn told(&'a self, shard: &'a Ready<'a>) -> (&'a Shard, Option<&'a OwnerView<'a>>) {
        (shard.shard, self.owner.as_ref())
    }
}

/// Scores what the arguments name and writes the result.
pub(crate) fn score(args: &ScoreArgs) -> Result<(), ScoreError> {
    let mut rejects = Rejects::new(args.rejects.as_deref(), &inputs(args))?;
    let setup = Setup::read(args, &mut rejects)?;
    let wanted = Wanted::of(args, &setup)?;
    let threads = thread_count(args.threads);
    let shards = Shards::new();
    let (mut counts, mut aggregates) = read_all(args, &setup, &shards, threads, &mut rejects)?;
    let shards = shards.into_inner(threads);
    let taken = counts.calls + setup.reports.reports.len() as u64 + counts.totals;
    if taken == 0 {
        say(&summary::lines(
            &summary::summary(&setup, &counts, &rejects, &Default::default()),
            setup.clock,
            rejects.kept(),
            &rejects.shown,
        ));
        return Err(ScoreError::Nothing);
    }
    let at = moment(&setup, &counts);
    let Some(end) = End::at(at) else {
        let detail = format!("{at} lies outside the years 2012 to 2041, which facts can hold");
        return Err(ScoreError::Argument { argument: "--at", detail });
    };
    let mut ready: Vec<Ready<'_>> = shards.iter().map(|shard| Ready::new(setup.grounds(), shard)).collect();
    counts.totals_of_calls = totals::settle(&mut aggregates, &mut ready);
    counts.strangers = strangers(&shards, &aggregates);
    let first_hour = first_hour(&counts, end);
    let standings = standings(&setup, &ready, end, first_hour);
    let judging = Judging {
        setup: &setup,
        ready: &ready,
        standings: &standings,
        views: Views::new(&setup.directory, wanted.engine),
        owner: (!args.all_callers || wanted.explain.is_some())
            .then(|| OwnerView::survey(&setup.policy.advice, &ready, end, args.standing.is_some())),
        aggregates: &aggregates,
        end,
        first_hour,
        threads,
    };
    let run = RunFacts {
        at,
        policy_version: setup.rules.policy.version.clone(),
        summary: summary::summary(&setup, &counts, &rejects, &Default::default()),
    };
    let labels = deliver(&judging, &wanted, run)?;
    let closing = summary::summary(&setup, &counts, &rejects, &labels);
    say(&summary::lines(&closing, at, rejects.kept(), &rejects.shown));
    Ok(())
}

fn say(lines: &[String]) {
    for line in lines {
        crate::said::say(line);
    }
}

/// How many threads work: as many as asked for, or all cores.
pub(super) fn thread_count(asked: Option<NonZeroUsize>) -> usize {
    let all = || std::thread::available_parallelism().ok();
    asked.or_else(all).map_or(1, NonZeroUsize::get).min(THREADS_MAX)
}

/// The first hour in which a call became known.
pub(super) fn first_hour(counts: &Counts, end: End) -> u32 {
    counts.first_known.unwrap_or(end.moment.hour)
}

/// Reads every file into the shards.
pub(super) fn read_all(
    args: &ScoreArgs,
    setup: &Setup,
    shards: &Shards,
    threads: usize,
    rejects: &mut Rejects,
) -> Result<(Counts, Vec<Aggregate>), ScoreError> {
    let mut notes = Vec::new();
    let (owners, files) = open_all(args, setup, &mut notes)?;
    say(&notes);
    let mut counts = Counts::default();
    let pairs = admit_reports(setup, shards, &owners, &mut counts);
    let progress = Progress::new(total_bytes(args));
    let mut intake = Intake {
        setup,
        shards,
        pairs: &pairs,
        dedupe_by: args.dedupe,
        for_owner: !args.all_callers,
        threads,
        progress: &progress,
        dedupe: super::dedupe::Dedupe::default(),
        aggregates: Vec::new(),
        counts,
    };
    for file in files {
        intake.read(file, &owners, rejects)?;
    }
    let Intake { mut counts, aggregates, .. } = intake;
    counts.totals = aggregates.len() as u64;
    progress.finish();
    rejects.finish()?;
    let limit = setup.at.unwrap_or(setup.clock);
    for report in setup.reports.reports.iter().filter(|report| report.known() <= limit) {
        counts.spans(Some(report.at), Some(report.known()));
    }
    for totals in &aggregates {
        counts.spans(totals.from.filter(|&from| from <= limit), totals.to.filter(|&to| to <= limit));
    }
    Ok((counts, totals::added_up(aggregates)))
}

/// Every file that the run reads by its path.
pub(super) fn inputs(args: &ScoreArgs) -> Vec<&Path> {
    let tables = [&args.extension_map, &args.carrier_map, &args.standing, &args.trusted];
    let many = args.files.iter().chain(&args.reports).chain(&args.mapping).chain(tables.into_iter().flatten());
    many.map(PathBuf::as_path).chain(args.own.iter().map(Path::new)).collect()
}

/// Reports about numbers that are not judged, since they place no call.
fn strangers(shards: &[Shard], totals: &[Aggregate]) -> u64 {
    let judged: BTreeSet<TelephoneNumber> = totals.iter().map(|row| row.tn).collect();
    let unknown = |shard: &Shard| {
        let is_stranger = |tn| shard.store.find(tn).is_none() && !judged.contains(&tn);
        let extras = shard.extras.iter().filter(|&(&tn, _)| is_stranger(tn));
        extras.map(|(_, extra)| extra.reports.len() as u64).sum::<u64>()
    };
    shards.iter().map(unknown).sum()
}

/// The moment of judgement: as given, or the latest call end or report that is not after the run's clock.
pub(super) fn moment(setup: &Setup, counts: &Counts) -> Timestamp {
    setup.at.or(counts.through.map(|through| through.min(setup.clock))).unwrap_or(setup.clock)
}

/// The numbers of one shard as a fleet.
pub(super) fn fleet<'a>(
    setup: &'a Setup,
    shard: &'a Ready<'a>,
    standings: &'a Standings,
    end: End,
    first_hour: u32,
) -> Fleet<'a> {
    Fleet { rules: &setup.rules, store: &shard.shard.store, about: shard, standings, end, first_hour }
}

/// Scores reporters over all shards.
pub(super) fn standings(setup: &Setup, ready: &[Ready<'_>], end: End, first_hour: u32) -> Standings {
    let none = Standings::default();
    let mut all = Standings::default();
    for shard in ready {
        shard.score_reporters(&fleet(setup, shard, &none, end, first_hour), &mut all);
    }
    all
}
