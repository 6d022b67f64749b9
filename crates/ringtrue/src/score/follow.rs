//! Following every number through time: the calls that it placed, and the labels that it had, as a run of `score` finds them.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::{Label, TelephoneNumber, Timestamp};
use reputation::assess::{Inputs, assess};
use reputation::engines::View;
use reputation::facts::{Cell, Cells, Moment, hour_index, hour_start};
use reputation::fleet::{BlockCells, Fleet, Neighbours, OthersOf};
use reputation::replay::{End, Others as _, Unfinished, replay_to_end};
use reputation::state::LabelChanged;
use reputation::timeline::{Circumstances, Hours, Timeline};
use service::facts::Shard;
use service::judge::{Ready, Views, is_few};

use super::counts::Counts;
use super::deliver::pieces;
use super::rejects::Rejects;
use super::result::Summary;
use super::run::{Judging, first_hour, inputs, moment, read_all, standings, thread_count};
use super::setup::Setup;
use super::shards::Shards;
use super::summary;
use crate::cli::ScoreArgs;
use crate::error::ScoreError;
use crate::policy_data::PolicyData;
use crate::progress::Progress;

/// Files that were read once, so that several policies can be asked about the same facts.
pub(crate) struct Traffic {
    pub(super) setup: Setup,
    pub(super) shards: Vec<Shard>,
    pub(super) counts: Counts,
    rejects: Rejects,
    pub(super) end: End,
    pub(super) threads: usize,
}

/// One number, followed to the end of the data.
pub(crate) struct Followed<'a> {
    /// The number.
    pub(crate) tn: TelephoneNumber,
    /// Its calls, in the order in which they became known.
    pub(crate) calls: &'a [Cell],
    /// The registry says that its calls are attested.
    pub(crate) attested: bool,
    /// What each engine said; a single one where no call names a carrier.
    pub(crate) views: &'a [FollowedView<'a>],
}

/// One number at one engine.
pub(crate) struct FollowedView<'a> {
    /// The engine's place in the directory; `None` for the one view of all calls.
    pub(crate) engine: Option<usize>,
    /// Which calls the engine sees.
    pub(crate) view: &'a View,
    /// Every change of the label, the oldest first.
    pub(crate) history: Vec<LabelChanged>,
    /// The last look; `None` when there was no opinion.
    pub(crate) last_look: Option<Look>,
}

impl FollowedView<'_> {
    /// From which hour on which label is shown, in rising order: facts keep hours, and a label holds from the first whole one on.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (u32, Label)> {
        self.history.iter().filter_map(|change| {
            let hour = hour_index(change.at)?;
            Some((if hour_start(hour) < change.at { hour + 1 } else { hour }, change.to))
        })
    }

    /// The label at an instant.
    pub(crate) fn label_at(&self, at: Timestamp) -> Label {
        self.history.iter().take_while(|change| change.at <= at).last().map_or(Label::None, |change| change.to)
    }
}

/// What would be said of a number at a moment.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Look {
    /// The probability that the number is unwanted.
    pub(crate) p: f64,
    /// The label that is shown.
    pub(crate) label: Label,
}

impl Traffic {
    /// Reads what the arguments name.
    ///
    /// # Errors
    /// As `score`: unreadable input, a policy that does not hold, or nothing that could be taken.
    pub(crate) fn read(args: &ScoreArgs) -> Result<Self, ScoreError> {
        let mut rejects = Rejects::new(args.rejects.as_deref(), &inputs(args))?;
        let setup = Setup::read(args, &mut rejects)?;
        let threads = thread_count(args.threads);
        let shards = Shards::new();
        let (counts, _) = read_all(args, &setup, &shards, threads, &mut rejects)?;
        let shards = shards.into_inner(threads);
        if counts.calls == 0 {
            for line in &rejects.shown {
                crate::said::say(&format!("rejected {line}"));
            }
            return Err(ScoreError::Nothing);
        }
        let at = moment(&setup, &counts);
        let end = End::at(at).ok_or_else(|| ScoreError::Argument {
            argument: "--at",
            detail: format!("{at} lies outside the years 2012 to 2041, which facts can hold"),
        })?;
        Ok(Self { setup, shards, counts, rejects, end, threads })
    }

    /// Asks another policy from now on.
    ///
    /// # Errors
    /// A policy that does not hold, or one with other carriers: calls were read by those of the first.
    pub(crate) fn ask(&mut self, dir: &Path) -> Result<(), ScoreError> {
        let policy = PolicyData::load(Some(dir))?;
        let keys = |policy: &PolicyData| -> Vec<String> {
            policy.directory.carriers.iter().map(|carrier| carrier.key.clone()).collect()
        };
        if keys(&policy) != keys(&self.setup.policy) {
            let detail = "its engines.toml lists other carriers, so it cannot be asked about the same facts".to_owned();
            return Err(ScoreError::PolicyFile { file: dir.display().to_string(), detail });
        }
        self.setup.ask(policy);
        Ok(())
    }

    /// Asks a policy that is known to hold and has the same carriers.
    pub(crate) fn ask_loaded(&mut self, policy: PolicyData) {
        self.setup.ask(policy);
    }

    /// What is asked, and what is known besides.
    pub(crate) const fn policy(&self) -> &PolicyData {
        &self.setup.policy
    }

    /// The end of the data.
    pub(crate) const fn end(&self) -> End {
        self.end
    }

    /// How side tables are read.
    pub(crate) const fn options(&self) -> &intake::Options {
        &self.setup.options
    }

    /// How reading went.
    pub(crate) fn summary(&self) -> Summary {
        summary::summary(&self.setup, &self.counts, &self.rejects, &Default::default())
    }

    /// The first rejected rows, in words.
    pub(crate) fn shown_rejects(&self) -> &[String] {
        &self.rejects.shown
    }

    /// Where rejected rows go.
    pub(crate) const fn rejects(&mut self) -> &mut Rejects {
        &mut self.rejects
    }

    /// The earliest call or report.
    pub(crate) const fn data_from(&self) -> Option<Timestamp> {
        self.counts.from
    }

    /// Follows every number, in rising order within what one thread takes.
    pub(crate) fn follow<S: Send>(
        &self,
        start: impl Fn() -> S + Sync,
        each: impl Fn(&mut S, &Followed<'_>) + Sync,
    ) -> Vec<S> {
        let ready: Vec<Ready<'_>> = self.shards.iter().map(|shard| Ready::new(self.setup.grounds(), shard)).collect();
        let first_hour = first_hour(&self.counts, self.end);
        let standings = standings(&self.setup, &ready, self.end, first_hour);
        let judging = Judging {
            setup: &self.setup,
            ready: &ready,
            standings: &standings,
            views: Views::new(&self.setup.directory, None),
            owner: None,
            aggregates: &[],
            end: self.end,
            first_hour,
            threads: self.threads,
        };
        follow_pieces(&judging, start, each)
    }
}

fn follow_pieces<S: Send>(
    judging: &Judging<'_>,
    start: impl Fn() -> S + Sync,
    each: impl Fn(&mut S, &Followed<'_>) + Sync,
) -> Vec<S> {
    let pieces = pieces(judging);
    let next = AtomicUsize::new(0);
    let progress = Progress::new(pieces.len(), "following numbers");
    let worker = || {
        let mut state = start();
        let mut hands = Hands::default();
        while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(shard) = judging.ready.get(piece.shard) else { continue };
            let fleets = [judging.fleet(shard)];
            let numbers = shard.numbers.get(piece.numbers.clone()).unwrap_or_default();
            for block in numbers.chunk_by(|(one, _), (other, _)| one.block() == other.block()) {
                follow_block(&fleets, &judging.views, &mut hands, block, &mut |followed| each(&mut state, followed));
            }
            progress.one();
        }
        state
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..judging.threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().expect("following a number never fails")).collect()
    })
}

/// One thread's working memory.
#[derive(Default)]
pub(super) struct Hands {
    block: BlockCells,
    timeline: Timeline,
    neighbours: Neighbours,
}

/// A number whose last step waits for its neighbours, at one view.
struct Waiting<'a> {
    place: usize,
    engine: Option<usize>,
    view: &'a View,
    replay: Unfinished,
}

/// Follows all numbers of one block, in rising order. `fleets` holds what is known of them by the place of the view, or once for
/// all views.
pub(super) fn follow_block(
    fleets: &[Fleet<'_>],
    views: &Views,
    hands: &mut Hands,
    numbers: &[(TelephoneNumber, u32)],
    each: &mut dyn FnMut(&Followed<'_>),
) {
    let Some(first) = fleets.first() else { return };
    let fleet_of = |place: usize| fleets.get(place).unwrap_or(first);
    let Hands { block, timeline, neighbours } = hands;
    block.read(first.store, numbers);
    let block = &*block;
    let mut waiting: Vec<Vec<Waiting<'_>>> = Vec::with_capacity(numbers.len());
    for (tn, cells) in block.iter() {
        waiting.push(Vec::new());
        if is_few(first, tn, cells) {
            continue;
        }
        for (place, engine, view) in views.asked(names_carriers(cells)) {
            let fleet = fleet_of(place);
            let about = fleet.about.about(tn);
            let mut others = OthersOf::new((fleet, block), neighbours, (place, view), tn);
            let hours = Hours::new(cells.calls(), cells.dests(), view);
            let replay = replay_to_end(fleet.rules, &about, hours, &mut others, fleet.end, timeline);
            neighbours.remember(tn, place, replay.p0);
            if let Some(waiting) = waiting.last_mut() {
                waiting.push(Waiting { place, engine, view, replay });
            }
        }
    }
    for ((tn, cells), waiting) in block.iter().zip(waiting) {
        let mut followed = Vec::with_capacity(waiting.len());
        for Waiting { place, engine, view, replay } in waiting {
            let fleet = fleet_of(place);
            let about = fleet.about.about(tn);
            let mut others = OthersOf::new((fleet, block), neighbours, (place, view), tn);
            let replayed = replay.finish(fleet.rules, &mut others, fleet.end);
            let history = replayed.state.history;
            let last_look = last_look(fleet, &about, &history, (cells, view), timeline, &mut others);
            followed.push(FollowedView { engine, view, history, last_look });
        }
        if followed.is_empty() {
            let asked = views.asked(names_carriers(cells));
            followed.extend(asked.map(|(_, engine, view)| FollowedView {
                engine,
                view,
                history: Vec::new(),
                last_look: None,
            }));
        }
        let attested = first.about.about(tn).standing.is_some_and(|standing| standing.attested);
        each(&Followed { tn, calls: cells.calls(), attested, views: &followed });
    }
    neighbours.clear();
}

fn names_carriers(cells: &Cells) -> bool {
    cells.calls().iter().any(|cell| cell.carrier != 0)
}

/// What is said of a number when the last of its calls is known: at the tick after it, or at the end of the data where that comes
/// first.
fn last_look(
    fleet: &Fleet<'_>,
    about: &Circumstances<'_>,
    history: &[LabelChanged],
    (cells, view): (&Cells, &View),
    timeline: &mut Timeline,
    others: &mut OthersOf<'_, '_>,
) -> Option<Look> {
    let attempt = |cell: &&Cell| cell.kind.ended().is_attempt() && view.sees(cell.carrier, cell.hour);
    let within = |cell: &&Cell| cell.known <= fleet.end.moment.hour;
    let last = cells.calls().iter().filter(attempt).filter(within).map(|cell| cell.known).max()?;
    let tick = hour_start(last + 1);
    let (now, at, at_end) = if tick < fleet.end.at {
        (Moment::tick(last + 1), tick, false)
    } else {
        (fleet.end.moment, fleet.end.at, true)
    };
    let rules = fleet.rules;
    let reports = view.reports(about.reports);
    let about = &Circumstances { reports: &reports, ..*about };
    timeline.clear(about);
    Hours::new(cells.calls(), cells.dests(), view).feed(last, rules, timeline);
    let reading = timeline.read(rules, about, &|reporter| others.credibility(reporter, now.hour), now, at);
    let label = history.iter().take_while(|change| change.at <= at).last().map_or(Label::None, |change| change.to);
    if !reading.found.opinion && label == Label::None {
        return None;
    }
    let inputs = Inputs { block_nats: others.block_nats(now.hour, at_end), ..reading.inputs };
    let found = assess(&rules.policy, rules.prior, &inputs);
    let p = reputation::numeric::logistic(found.rating_log_odds(&rules.policy));
    Some(Look { p, label })
}
