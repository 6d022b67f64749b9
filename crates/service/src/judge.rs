//! Judging the numbers of the shards.

use std::collections::BTreeMap;

use model::{Standing, TelephoneNumber, TrustedFact};
use reputation::advice::{AdviceInputs, AdvicePolicy, DestinationCallers, InvalidDestination, advise};
use reputation::engines::{Directory, View};
use reputation::evidence::ReportFact;
use reputation::facts::{Cell, Cells, DestCell, Sample};
use reputation::fleet::{About, BlockCells, Fleet, Neighbours, OthersOf, Standings, score_reporters};
use reputation::replay::{End, Unfinished, replay_to_end};
use reputation::symptom::{Redress, SiblingDays, SymptomInputs, symptoms};
use reputation::timeline::{Circumstances, Hours, Rules, Timeline, decayed_attempts};
use reputation::verdict::{Verdict, no_opinion, verdict};

use crate::facts::{Extra, Shard};
use crate::number::ScoredNumber;

/// By what all numbers are judged, besides their own calls and reports.
#[derive(Clone, Copy)]
pub struct Grounds<'a> {
    /// The policy's rules.
    pub rules: &'a Rules,
    /// Standing in the registry.
    pub standings: &'a BTreeMap<TelephoneNumber, Standing>,
    /// Trusted truth.
    pub trusted: &'a [TrustedFact],
    /// A feed of reports covers the carriers whose calls are known.
    pub reports_cover: bool,
}

/// A shard made ready for judging.
pub struct Ready<'a> {
    /// The shard.
    pub shard: &'a Shard,
    /// The numbers that are judged, in rising order, each with its place in the store.
    pub numbers: Vec<(TelephoneNumber, u32)>,
    grounds: Grounds<'a>,
    reports: BTreeMap<TelephoneNumber, Vec<ReportFact>>,
    truth: BTreeMap<TelephoneNumber, Vec<&'a TrustedFact>>,
}

impl<'a> Ready<'a> {
    /// Prepares a shard: numbers in order, reports with their proofs, trusted truth by number.
    #[must_use]
    pub fn new(grounds: Grounds<'a>, shard: &'a Shard) -> Self {
        let numbers = shard.store.numbers();
        let reports = shard.extras.iter().filter(|(_, extra)| !extra.reports.is_empty() || !extra.refusals.is_empty());
        let reports = reports.map(|(&tn, extra)| (tn, reports_of(Some(extra), grounds.rules))).collect();
        let mut truth: BTreeMap<TelephoneNumber, Vec<&TrustedFact>> = BTreeMap::new();
        let mut prefixes = Vec::new();
        for fact in grounds.trusted {
            match fact.subject {
                model::truth::TrustedSubject::Number(tn) => truth.entry(tn).or_default().push(fact),
                model::truth::TrustedSubject::Prefix { .. } => prefixes.push(fact),
            }
        }
        Self { shard, numbers, grounds, reports, truth: with_prefixes(truth, &prefixes, shard) }
    }

    /// The numbers of the block of a number that has calls; `None` when it has none.
    #[must_use]
    pub fn block_of(&self, tn: TelephoneNumber) -> Option<&[(TelephoneNumber, u32)]> {
        self.numbers.binary_search_by_key(&tn, |&(number, _)| number).ok()?;
        let from = self.numbers.partition_point(|&(other, _)| other.block() < tn.block());
        let to = self.numbers.partition_point(|&(other, _)| other.block() <= tn.block());
        self.numbers.get(from..to)
    }

    /// The reports about each number that has any, in rising order of numbers.
    pub(crate) fn all_reports(&self) -> impl Iterator<Item = (TelephoneNumber, &[ReportFact])> {
        self.reports.iter().map(|(&tn, reports)| (tn, reports.as_slice()))
    }

    /// The reports about a number.
    #[must_use]
    pub fn reports(&self, tn: TelephoneNumber) -> &[ReportFact] {
        self.reports.get(&tn).map_or(&[], Vec::as_slice)
    }

    /// Scores the reporters of this shard's reports by their targets' behaviour.
    pub fn score_reporters(&self, fleet: &Fleet<'_>, into: &mut Standings) {
        let mut neighbours = Neighbours::default();
        for (&tn, reports) in &self.reports {
            if let Some(place) = self.shard.store.find(tn) {
                score_reporters(fleet, &mut neighbours, (tn, place), reports, into);
            }
        }
    }
}

impl About for Ready<'_> {
    fn about(&self, tn: TelephoneNumber) -> Circumstances<'_> {
        let truth = self.truth.get(&tn).map_or(&[][..], Vec::as_slice);
        debug_assert!(!truth.is_empty() || self.grounds.truth_of(tn).is_empty());
        about_one(&self.grounds, tn, self.reports(tn), truth)
    }
}

/// Adds the facts about prefixes to the numbers that they cover.
fn with_prefixes<'a>(
    mut truth: BTreeMap<TelephoneNumber, Vec<&'a TrustedFact>>,
    prefixes: &[&'a TrustedFact],
    shard: &Shard,
) -> BTreeMap<TelephoneNumber, Vec<&'a TrustedFact>> {
    if !prefixes.is_empty() {
        for (tn, _) in shard.store.numbers() {
            for &fact in prefixes.iter().filter(|fact| fact.subject.covers(tn)) {
                truth.entry(tn).or_default().push(fact);
            }
        }
    }
    truth
}

impl<'a> Grounds<'a> {
    /// Trusted truth about one number.
    #[must_use]
    pub fn truth_of(&self, tn: TelephoneNumber) -> Vec<&'a TrustedFact> {
        self.trusted.iter().filter(|fact| fact.subject.covers(tn)).collect()
    }
}

/// The reports about one number, of which `extra` is what is known besides its calls.
pub(crate) fn reports_of(extra: Option<&Extra>, rules: &Rules) -> Vec<ReportFact> {
    extra.map_or_else(Vec::new, |extra| proven(extra, i64::from(rules.policy.reports.proof_days)))
}

/// Everything known of one number that is not a call.
#[must_use]
pub fn about_one<'a>(
    grounds: &Grounds<'a>,
    tn: TelephoneNumber,
    reports: &'a [ReportFact],
    truth: &'a [&'a TrustedFact],
) -> Circumstances<'a> {
    Circumstances {
        reports,
        standing: grounds.standings.get(&tn),
        truth,
        undialable: !tn.kind().is_dialable(),
        served: &[],
        reports_cover: grounds.reports_cover,
    }
}

/// The reports as facts, each proven when a call to the reporter lies in the days before it.
fn proven(extra: &Extra, proof_days: i64) -> Vec<ReportFact> {
    let window = proof_days * model::time::DAY_MS;
    extra
        .reports
        .iter()
        .chain(&extra.refusals)
        .map(|report| {
            let calls = report.reporter.and_then(|reporter| extra.calls_to_reporters.get(&reporter));
            let calls = calls.into_iter().flatten();
            let proven = calls.into_iter().any(|call| {
                // The report's time may be that of the call itself, whose end lies a little later.
                let age = report.known().as_ms().max(report.at.as_ms() + model::time::HOUR_MS) - call.as_ms();
                (0..=window).contains(&age)
            });
            ReportFact::of(report, proven)
        })
        .collect()
}

/// One thread's working memory.
#[derive(Default)]
pub struct Bench {
    block: BlockCells,
    hands: Hands,
    /// As many as the largest block so far has numbers.
    examined: Vec<Examined>,
}

/// What changes while a block's calls are looked at.
#[derive(Default)]
struct Hands {
    timeline: Timeline,
    neighbours: Neighbours,
    sample: Sample,
}

/// Which engines are asked.
pub struct Views {
    /// Each engine's.
    pub engines: Vec<(usize, View)>,
    /// The one of numbers whose calls name no carrier.
    pub any: View,
}

impl Views {
    /// The views of all engines, or of the one at `only`.
    #[must_use]
    pub fn new(directory: &Directory, only: Option<usize>) -> Self {
        let engines = (0..directory.engines.len()).filter(|&at| only.is_none_or(|only| only == at));
        Self { engines: engines.map(|at| (at, directory.view(at))).collect(), any: View::any() }
    }

    /// The views that a number is asked at: each one's place, engine and view.
    pub fn asked(&self, known_carriers: bool) -> impl Iterator<Item = (usize, Option<usize>, &View)> {
        let engines = self.engines.iter().filter(move |_| known_carriers).map(|(at, view)| (at + 1, Some(*at), view));
        engines.chain((!known_carriers).then_some((0, None, &self.any)))
    }

    /// The view of an engine that is asked, or the one of all calls.
    fn at(&self, engine: Option<usize>) -> &View {
        self.engines.iter().find(|&&(at, _)| Some(at) == engine).map_or(&self.any, |(_, view)| view)
    }
}

/// What an owner is told beside the verdicts.
pub struct OwnerView<'a> {
    /// Advice, symptoms and their words.
    pub policy: &'a AdvicePolicy,
    /// What all of the owner's numbers did, by carrier and day.
    pub siblings: SiblingDays,
    /// Who of the owner's numbers calls whom.
    pub callers: DestinationCallers,
    /// A registry standing was supplied.
    pub registry_known: bool,
}

impl<'a> OwnerView<'a> {
    /// A view of no number yet.
    pub(crate) fn new(policy: &'a AdvicePolicy, end: End, registry_known: bool) -> Self {
        let (siblings, callers) = (SiblingDays::new(end), DestinationCallers::default());
        Self { policy, siblings, callers, registry_known }
    }

    /// Looks over one of the owner's numbers.
    pub(crate) fn add(&mut self, cells: &Cells, end: End) {
        self.siblings.add(cells.calls());
        self.callers.add(cells.dests(), end);
    }

    /// Looks over all numbers once.
    #[must_use]
    pub fn survey(policy: &'a AdvicePolicy, ready: &[Ready<'_>], end: End, registry_known: bool) -> Self {
        let mut view = Self::new(policy, end, registry_known);
        let mut cells = Cells::default();
        for shard in ready {
            for &(_, place) in &shard.numbers {
                shard.shard.store.read(place, &mut cells);
                view.add(&cells, end);
            }
        }
        view
    }

    /// Tells an owner what is seen directly, and how the number keeps to good practice.
    pub(crate) fn tell(
        &self,
        fleet: &Fleet<'_>,
        about: &Circumstances<'_>,
        extra: Option<&Extra>,
        cells: &Cells,
        number: &mut ScoredNumber,
    ) {
        let redress: Vec<Redress> = extra.map_or_else(Vec::new, redress_seen);
        let inputs = SymptomInputs { calls: cells.calls(), end: fleet.end, about, redress: &redress };
        number.symptoms = symptoms(&inputs, &self.policy.symptoms, Some(&self.siblings));
        let invalid: Vec<InvalidDestination> = extra.map_or_else(Vec::new, invalid_seen);
        let purposes: Vec<_> = about.standing.and_then(|standing| standing.purpose.clone()).into_iter().collect();
        let inputs = AdviceInputs {
            tn: number.tn,
            calls: cells.calls(),
            dests: cells.dests(),
            end: fleet.end,
            about,
            purposes: &purposes,
            registry_known: self.registry_known,
            totals: None,
            callers: Some(&self.callers),
            invalid: &invalid,
        };
        number.advice = advise(&inputs, self.policy, &fleet.rules.panes);
    }
}

fn redress_seen(extra: &Extra) -> Vec<Redress> {
    let seen = extra.redress.iter();
    seen.map(|(address, &(count, first_seen))| Redress { address: address.to_string(), count, first_seen }).collect()
}

fn invalid_seen(extra: &Extra) -> Vec<InvalidDestination> {
    let seen = extra.invalid.iter();
    seen.map(|(&tn, seen)| InvalidDestination { tn, last_seen: seen.last, strong: seen.strong, calls: seen.calls })
        .collect()
}

/// Judges the numbers of one block of a shard, in rising order; `owner` is there when the run is an owner's.
///
/// First each is replayed to the end, then each asks what the others have found there.
pub fn judge_block(
    fleet: &Fleet<'_>,
    views: &Views,
    told: (&Shard, Option<&OwnerView<'_>>),
    bench: &mut Bench,
    (numbers, mut each): (&[(TelephoneNumber, u32)], impl FnMut(&mut ScoredNumber)),
) {
    let Bench { block, hands, examined } = bench;
    block.read(fleet.store, numbers);
    let asked = (fleet, &*block);
    let replayed = block.iter().filter(|&(tn, cells)| !is_few(fleet, tn, cells)).count();
    hands.neighbours.expect_asking(replayed > 1);
    for (at, (tn, cells)) in block.iter().enumerate() {
        if examined.len() == at {
            examined.push(Examined { number: ScoredNumber::new(tn), unfinished: Vec::new() });
        }
        let Some(slot) = examined.get_mut(at) else { continue };
        examine(asked, views, told, hands, (tn, cells), slot);
    }
    for Examined { number, unfinished } in examined.iter_mut().take(numbers.len()) {
        for (place, engine, replay) in unfinished.drain(..) {
            let view = (place, views.at(engine));
            let mut others = OthersOf::new(asked, &mut hands.neighbours, view, number.tn);
            let replayed = replay.finish(fleet.rules, &mut others, fleet.end);
            number.verdicts.push(verdict(fleet.rules, engine, &replayed, fleet.end));
        }
        doubt_carriers(told.0, number);
        each(number);
    }
    hands.neighbours.clear();
}

/// A number whose verdicts wait for its neighbours' replays. It is filled anew for every number: it is large.
struct Examined {
    number: ScoredNumber,
    /// For each view that is asked: its place among views, its engine, and the replay.
    unfinished: Vec<(usize, Option<usize>, Unfinished)>,
}

/// Nothing is known of a number but so few calls that there is no opinion, whatever they were.
#[must_use]
pub fn is_few(fleet: &Fleet<'_>, tn: TelephoneNumber, cells: &Cells) -> bool {
    let attempts = cells.calls().iter().filter(|cell| cell.kind.ended().is_attempt()).map(|cell| u64::from(cell.count));
    (attempts.sum::<u64>() as f64) < fleet.rules.policy.opinion.min_attempts && fleet.about.about(tn).is_bare()
}

fn examine(
    asked: (&Fleet<'_>, &BlockCells),
    views: &Views,
    (shard, owner): (&Shard, Option<&OwnerView<'_>>),
    hands: &mut Hands,
    (tn, cells): (TelephoneNumber, &Cells),
    Examined { number, unfinished }: &mut Examined,
) {
    let (fleet, _) = asked;
    number.clear(tn);
    let about = fleet.about.about(tn);
    let Hands { timeline, neighbours, sample } = hands;
    let (calls, dests) = (cells.calls(), cells.dests());
    let known_carriers = calls.iter().any(|cell| cell.carrier != 0);
    let few = is_few(fleet, tn, cells);
    for (place, engine, view) in views.asked(known_carriers) {
        if few {
            number.verdicts.push(few_verdict(fleet, (engine, view), calls));
            continue;
        }
        let mut others = OthersOf::new(asked, neighbours, (place, view), tn);
        let hours = Hours::new(calls, dests, view);
        let replay = replay_to_end(fleet.rules, &about, hours, &mut others, fleet.end, timeline);
        neighbours.remember(tn, place, replay.p0);
        unfinished.push((place, engine, replay));
    }
    let sample = if few { None } else { Some(sample) };
    count_facts(number, fleet, &about, cells, (known_carriers, sample, timeline));
    if let Some(owner) = owner {
        owner.tell(fleet, &about, shard.extras.get(&tn), cells, number);
    }
}

/// What is said of a number that [`is_few`].
pub(crate) fn few_verdict(fleet: &Fleet<'_>, (engine, view): (Option<usize>, &View), calls: &[Cell]) -> Verdict {
    no_opinion(fleet.rules, engine, decayed_attempts(fleet.rules, view, calls, fleet.end.moment))
}

/// Counts a number's facts by window. `sample` is where its destinations are sampled, and `None` for a number that [`is_few`];
/// `timeline` is as the replay of the last view left it.
pub(crate) fn count_facts(
    number: &mut ScoredNumber,
    fleet: &Fleet<'_>,
    about: &Circumstances<'_>,
    cells: &Cells,
    (known_carriers, sample, timeline): (bool, Option<&mut Sample>, &Timeline),
) {
    let (calls, dests) = (cells.calls(), cells.dests());
    let Some(sample) = sample else {
        number.count(calls, |from| few_distinct(dests, from, fleet.end), about.reports, fleet.end);
        return;
    };
    // The one view of all calls has the sample already, unless a determination cut it.
    let sample = if known_carriers || about.evidence_from().0 > 0 {
        sample.clear(0);
        for dest in dests.iter().filter(|dest| dest.known <= fleet.end.moment.hour) {
            sample.add(dest);
        }
        sample.roll(fleet.end.moment.hour);
        sample
    } else {
        timeline.sample()
    };
    number.count(calls, |from| sample.distinct_since(from), about.reports, fleet.end);
}

/// Lessens the confidence of each engine's verdict where carriers were taken from prefixes. An engine's view rests on which
/// calls end at its carriers; the one view of all calls does not.
fn doubt_carriers(shard: &Shard, number: &mut ScoredNumber) {
    let Some(sources) = shard.carriers.get(&number.tn) else {
        return;
    };
    for verdict in number.verdicts.iter_mut().filter(|verdict| verdict.engine.is_some()) {
        verdict.opinion = verdict.opinion.doubting_carriers(sources.by_prefix.into(), sources.calls.into());
    }
}

/// Distinct destinations of a number with fewer than the sample holds, called in or after hour `from`.
fn few_distinct(dests: &[DestCell], from: u32, end: End) -> f64 {
    let seen = |dest: &&DestCell| dest.hour >= from && dest.known <= end.moment.hour;
    let is_first =
        |(at, dest): &(usize, &DestCell)| !dests.iter().take(*at).filter(seen).any(|other| other.hash == dest.hash);
    dests.iter().enumerate().filter(|(_, dest)| seen(dest)).filter(is_first).count() as f64
}
