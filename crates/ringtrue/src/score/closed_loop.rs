//! Simulated traffic in a closed loop: the label that a policy shows changes how people answer, and so what it sees next.
//!
//! A label at an hour rests on what was known before that hour, and changes calls from that hour on. So a block's numbers are
//! played with the labels that the last round found, and followed anew, until a round finds the labels that it was played with:
//! each round settles at least the next change, and what is left is what a live run would have shown.

mod served;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use intake::disposition::{Signals, classify};
use model::{CallOutcome, CallRecord, Direction, Label, Party, Report, TelephoneNumber, Timestamp};
use reputation::facts::{CallFact, HashKey, hour_index};
use reputation::fleet::{About, Fleet, Standings};
use reputation::replay::End;
use service::admit::unwanted_report;
use service::facts::{Extra, Shard};
use service::judge::{Ready, Views};
use sim::{Attempt, Event, Number, SimCall, Stage, World};

use served::Served;

use super::follow::{Followed, Hands, follow_block};
use super::rejects::Rejects;
use super::run::thread_count;
use super::setup::Setup;
use crate::cli::ScoreArgs;
use crate::error::ScoreError;
use crate::policy_data::PolicyData;
use crate::progress::Progress;

/// A world whose labels are shown.
pub(crate) struct ClosedLoop {
    setup: Setup,
    world: World,
    /// The places of all numbers, block after block.
    places: Vec<u64>,
    /// Where each block lies among them.
    blocks: Vec<Range<usize>>,
    end: End,
    first_hour: u32,
    standings: Standings,
    threads: usize,
}

/// Which of two runs a number is followed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// Nobody is shown a label.
    Open,
    /// Labels are shown.
    Closed,
}

/// What a number's calls are told: by the place of the view, from which hour on which label is shown.
type Shown = Vec<(usize, Vec<(u32, Label)>)>;

/// One number of a block, with what its calls were when it was played last.
struct Actor {
    number: Number,
    shown: Shown,
    facts: Vec<CallFact>,
    reports: Vec<Report>,
    refusals: Vec<Report>,
    calls_to_reporters: BTreeMap<u64, Vec<Timestamp>>,
}

impl ClosedLoop {
    /// Prepares a world: who stands in the registry, and how far each reporter is to be believed. The latter is taken from the run
    /// in which nobody is shown a label.
    ///
    /// # Errors
    /// A policy that does not hold, or one with other carriers than the world's.
    pub(crate) fn new(args: &ScoreArgs, world: World) -> Result<Self, ScoreError> {
        let mut setup = Setup::read(args, &mut Rejects::new(None, &[])?)?;
        setup.reports_cover = false;
        let shipped = PolicyData::load(None)?;
        let keys = |policy: &PolicyData| -> Vec<String> {
            policy.directory.carriers.iter().map(|carrier| carrier.key.clone()).collect()
        };
        if keys(&setup.policy) != keys(&shipped) {
            return Err(ScoreError::Argument {
                argument: "--policy",
                detail: "its engines.toml lists other carriers than the simulated world has".to_owned(),
            });
        }
        let standings = world.numbers().filter_map(|number| number.standing(&world));
        setup.standings = standings.map(|standing| (standing.tn, standing)).collect();
        let (places, blocks) = blocks(&world);
        let end = End::at(world.to()).ok_or_else(|| ScoreError::Argument {
            argument: "--days",
            detail: format!("{} lies outside the years 2012 to 2041, which facts can hold", world.to()),
        })?;
        let mut prepared = Self {
            setup,
            places,
            blocks,
            end,
            first_hour: hour_index(world.from()).unwrap_or(0),
            standings: Standings::default(),
            threads: thread_count(args.threads),
            world,
        };
        prepared.look_over();
        Ok(prepared)
    }

    /// The world.
    pub(crate) const fn world(&self) -> &World {
        &self.world
    }

    /// The policy.
    pub(crate) const fn policy(&self) -> &PolicyData {
        &self.setup.policy
    }

    /// The end of the run.
    pub(crate) const fn end(&self) -> End {
        self.end
    }

    /// Follows every number twice, without labels and with them. `each` gets the numbers of a block in rising order.
    pub(crate) fn follow<S: Send>(
        &self,
        start: impl Fn() -> S + Sync,
        each: impl Fn(&mut S, Phase, &Number, &Followed<'_>) + Sync,
    ) -> Vec<S> {
        let views = Views::new(&self.setup.directory, None);
        self.on_all_threads("showing labels", start, |state, hands, actors| {
            let mut found =
                self.follow_once(actors, &views, hands, |number, followed| each(state, Phase::Open, number, followed));
            let mut rounds = 0;
            while settle(actors, found) {
                rounds += 1;
                assert!(
                    rounds <= self.rounds_max(),
                    "each round settles one more hour, since labels rest on the past alone"
                );
                actors.iter_mut().for_each(|actor| actor.play_where_changed(self, &views));
                found = self.follow_once(actors, &views, hands, |_, _| ());
            }
            self.follow_once(actors, &views, hands, |number, followed| each(state, Phase::Closed, number, followed));
        })
    }

    /// The most rounds that settle a block: one for each hour in which a label may change.
    const fn rounds_max(&self) -> u32 {
        self.end.moment.hour - self.first_hour + 2
    }

    /// Finds when the first call became known and how reporters stand, while nobody is shown a label.
    fn look_over(&mut self) {
        let parts = self.on_all_threads(
            "looking at reporters",
            || (None::<u32>, Standings::default()),
            |(first, standings), _, actors| {
                let known = actors.iter().flat_map(|actor| &actor.facts).map(|fact| fact.known).min();
                *first = [*first, known].into_iter().flatten().min();
                if actors.iter().any(|actor| !actor.reports.is_empty()) {
                    let shard = shard(actors);
                    let ready = Ready::new(self.setup.grounds(), &shard);
                    ready.score_reporters(&self.fleet(&shard, &ready, &Standings::default()), standings);
                }
            },
        );
        self.first_hour = parts.iter().filter_map(|(first, _)| *first).min().unwrap_or(self.first_hour);
        // Which thread took which block does not show: what is counted is added up.
        let mut standings = Standings::default();
        parts.into_iter().for_each(|(_, part)| standings.merge(part));
        self.standings = standings;
    }

    /// Takes the blocks on all threads; `work` gets a block's numbers, played without labels.
    fn on_all_threads<S: Send>(
        &self,
        words: &'static str,
        start: impl Fn() -> S + Sync,
        work: impl Fn(&mut S, &mut Hands, &mut [Actor]) + Sync,
    ) -> Vec<S> {
        let next = AtomicUsize::new(0);
        let progress = Progress::new(self.blocks.len(), words);
        let views = Views::new(&self.setup.directory, None);
        let worker = || {
            let mut state = start();
            let mut hands = Hands::default();
            while let Some(block) = self.blocks.get(next.fetch_add(1, Ordering::Relaxed)) {
                let places = self.places.get(block.clone()).unwrap_or_default();
                let mut actors: Vec<Actor> = places.iter().map(|&place| Actor::new(self.world.number(place))).collect();
                actors.sort_unstable_by_key(|actor| actor.number.truth().tn);
                actors.iter_mut().for_each(|actor| actor.play(self, &views));
                work(&mut state, &mut hands, &mut actors);
                progress.one();
            }
            state
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.threads).map(|_| scope.spawn(worker)).collect();
            workers.into_iter().map(|worker| worker.join().expect("playing a number never fails")).collect()
        })
    }

    fn fleet<'a>(&'a self, shard: &'a Shard, about: &'a dyn About, standings: &'a Standings) -> Fleet<'a> {
        let (rules, end, first_hour) = (&self.setup.rules, self.end, self.first_hour);
        Fleet { rules, store: &shard.store, about, standings, end, first_hour }
    }

    /// Follows a block's numbers as they were played last; tells which labels were found.
    fn follow_once(
        &self,
        actors: &[Actor],
        views: &Views,
        hands: &mut Hands,
        mut each: impl FnMut(&Number, &Followed<'_>),
    ) -> Vec<Shown> {
        let shard = shard(actors);
        let ready = Ready::new(self.setup.grounds(), &shard);
        let served: Vec<Served<'_>> =
            (0..=views.engines.len()).map(|place| Served::new(&ready, actors, place)).collect();
        let fleets: Vec<Fleet<'_>> = served.iter().map(|about| self.fleet(&shard, about, &self.standings)).collect();
        let mut found: Vec<Shown> = vec![Vec::new(); actors.len()];
        follow_block(&fleets, views, hands, &ready.numbers, &mut |followed| {
            let place = actors.binary_search_by_key(&followed.tn, |actor| actor.number.truth().tn);
            let place = place.unwrap_or(actors.len());
            let (Some(actor), Some(shown)) = (actors.get(place), found.get_mut(place)) else { return };
            each(&actor.number, followed);
            for view in followed.views.iter().filter(|view| !view.history.is_empty()) {
                // The one view of all calls is no engine's: nobody is shown its label.
                shown.extend(view.engine.map(|engine| (engine + 1, view.steps().collect())));
            }
        });
        found
    }
}

/// The places of all numbers block by block, and where each block lies among them.
fn blocks(world: &World) -> (Vec<u64>, Vec<Range<usize>>) {
    let mut sorted: Vec<_> = world.numbers().map(|number| (number.truth().tn.block(), number.index())).collect();
    sorted.sort_unstable();
    let mut blocks = Vec::new();
    let mut from = 0;
    for block in sorted.chunk_by(|(one, _), (other, _)| one == other) {
        blocks.push(from..from + block.len());
        from += block.len();
    }
    (sorted.into_iter().map(|(_, index)| index).collect(), blocks)
}

/// Hands the labels that were found to the numbers; tells whether any differs from those that they were played with.
fn settle(actors: &mut [Actor], found: Vec<Shown>) -> bool {
    let mut changed = false;
    for (actor, found) in actors.iter_mut().zip(found) {
        if actor.shown != found {
            actor.shown = found;
            actor.facts.clear();
            changed = true;
        }
    }
    changed
}

/// The facts of a block.
fn shard(actors: &[Actor]) -> Shard {
    let facts: Vec<CallFact> = actors.iter().flat_map(|actor| &actor.facts).copied().collect();
    let mut shard = Shard::default();
    shard.store.add(&facts);
    let reported = actors.iter().filter(|actor| !actor.reports.is_empty() || !actor.refusals.is_empty());
    for actor in reported {
        let extra = Extra {
            reports: actor.reports.clone(),
            refusals: actor.refusals.clone(),
            calls_to_reporters: actor.calls_to_reporters.clone(),
            ..Extra::default()
        };
        shard.extras.insert(actor.number.truth().tn, extra);
    }
    shard
}

impl Actor {
    fn new(number: Number) -> Self {
        Self {
            number,
            shown: Shown::new(),
            facts: Vec::new(),
            reports: Vec::new(),
            refusals: Vec::new(),
            calls_to_reporters: BTreeMap::new(),
        }
    }

    /// Plays the number again where its labels changed, which emptied its facts.
    fn play_where_changed(&mut self, of: &ClosedLoop, views: &Views) {
        if self.facts.is_empty() {
            self.play(of, views);
        }
    }

    /// Plays the number from its beginning, with the labels that its calls are told.
    fn play(&mut self, of: &ClosedLoop, views: &Views) {
        let Self { number, shown, facts, reports, refusals, calls_to_reporters } = self;
        facts.clear();
        reports.clear();
        refusals.clear();
        calls_to_reporters.clear();
        let limit = of.end.at;
        let mut placed: Vec<(TelephoneNumber, Timestamp)> = Vec::new();
        number.play(&of.world, &mut Stage::new(), &mut |attempt| label_of(shown, views, attempt), &mut |event| {
            match event {
                Event::Report(report) => reports.push(report.report()),
                Event::Call(call) => {
                    let record = as_written(&call);
                    if record.known() > limit {
                        return;
                    }
                    facts.extend(CallFact::of(&record, call.direction, None));
                    if call.direction == Direction::Outbound {
                        placed.push((call.dest, call.end()));
                        let ends = (call.orig, call.dest);
                        let refused = record.outcome.unwanted;
                        refusals.extend(refused.then(|| unwanted_report(&record, ends, HashKey::FIXED)));
                    }
                }
            }
        });
        let numbered = reports.iter().filter_map(|report| Some((report.reporter?, report.reporter_tn?)));
        for (reporter, tn) in numbered {
            let calls = placed.iter().filter(|(dest, _)| *dest == tn).map(|&(_, end)| end);
            calls_to_reporters.entry(reporter).or_insert_with(|| calls.collect());
        }
    }
}

/// A call as a file of ours tells it: what became of it, and what could have been seen, by its codes alone, from which a bare refusal
/// is not told from a block.
fn as_written(call: &SimCall) -> CallRecord {
    let talk_ms = (call.outcome == CallOutcome::Answered).then_some(call.talk_ms);
    let found = classify(&Signals {
        sip_code: call.sip_code,
        q850: call.q850.map(u16::from),
        answered: talk_ms.map(|ms| ms > 0),
        ..Signals::default()
    });
    CallRecord {
        key: None,
        at: call.at,
        known_at: None,
        orig: Party::Number(call.orig),
        dest: Party::Number(call.dest),
        direction: Some(call.direction),
        carrier: call.carrier,
        outcome: found.outcome,
        observable: found.observable,
        ring_ms: Some(call.ring_ms),
        talk_ms,
        hangup_by: Some(call.hangup_by),
        attestation: call.attestation,
        redress: None,
    }
}

/// What the called person's carrier shows: the highest label of the engines that serve it; nothing where nobody listed does.
fn label_of(shown: &Shown, views: &Views, attempt: &Attempt) -> Label {
    let (Some(carrier), Some(hour)) = (attempt.carrier, hour_index(attempt.at)) else {
        return Label::None;
    };
    let served_by = |place: usize| {
        let view = views.engines.iter().find(|(engine, _)| engine + 1 == place);
        view.is_some_and(|(_, view)| view.sees(carrier.0 + 1, hour))
    };
    let labels = shown.iter().filter(|&&(place, _)| served_by(place)).map(|(_, steps)| {
        steps.iter().take_while(|&&(from, _)| from <= hour).last().map_or(Label::None, |&(_, label)| label)
    });
    labels.max().unwrap_or(Label::None)
}

#[cfg(test)]
mod tests;
