//! A slow model of the facts, straight from their definition: every count is a loop over every call. The fast one must equal it.

use std::collections::{BTreeMap, BTreeSet};

use model::{CallOutcome, Direction, Observable, Strength};
use proptest::prelude::*;
use reputation::engines::View;
use reputation::facts::{Moment, Sample, SampleFacts, Sums, Tally, dest_hash, hour_index, hour_start};
use reputation::timeline::{Circumstances, Hours, Timeline};

use super::traffic::{Besides, Lot, Placed, Shape, shape};
use super::world::{cells_of, config, directory, monday, shipped};

const DAY: u32 = 24;
const HORIZON_D: u32 = 35;
const SAMPLE: usize = 64;

/// A call as the model sees it.
struct Call<'a> {
    placed: &'a Placed,
    hour: u32,
    known: u32,
    carrier: u8,
}

impl<'a> Call<'a> {
    fn of(placed: &'a Placed) -> Self {
        let record = &placed.record;
        Self {
            placed,
            hour: hour_index(record.at).expect("an hour"),
            known: hour_index(record.known()).expect("an hour"),
            carrier: record.carrier.map_or(0, |carrier| carrier.0 + 1),
        }
    }

    fn is_attempt(&self) -> bool {
        self.placed.direction == Direction::Outbound
    }

    fn class(&self) -> CallOutcome {
        self.placed.record.outcome.class
    }

    fn is_answered(&self) -> bool {
        self.class() == CallOutcome::Answered
    }

    fn shows(&self) -> Observable {
        self.placed.record.observable
    }

    /// Talk time as facts keep it, in tenths of a second.
    fn talk_ds(&self) -> Option<u64> {
        self.placed.record.talk_ms.map(|ms| u64::from((ms + 50) / 100))
    }

    fn dest(&self) -> u32 {
        dest_hash(self.placed.record.dest.number().expect("a number"))
    }

    /// Each count that is decayed, and whether the call belongs to it (or by how much).
    fn counts(&self, served: &[(u32, u32)]) -> BTreeMap<&'static str, f64> {
        let one = |holds: bool| f64::from(u8::from(holds));
        let record = &self.placed.record;
        if !self.is_attempt() {
            let long = self.is_answered() && record.talk_ms.is_some_and(|ms| ms > 30_000);
            return BTreeMap::from([("called_back", one(long))]);
        }
        let length = record.talk_ms.filter(|_| self.is_answered());
        let served = served.iter().any(|&(from, to)| (from..to).contains(&self.hour));
        let failed = matches!(self.class(), CallOutcome::Unreachable | CallOutcome::Blocked);
        let answerable = self.shows().answer && !failed && !served;
        let signed = |as_: usize| one(record.attestation.is_some_and(|attestation| attestation as usize == as_));
        BTreeMap::from([
            ("attempts", 1.0),
            ("answered", one(self.is_answered())),
            ("answered_known", one(length.is_some())),
            ("short", one(length.is_some_and(|ms| ms <= 6_000))),
            ("talk_ds", length.and(self.talk_ds()).unwrap_or(0) as f64),
            ("answerable", one(answerable)),
            ("unanswered", one(answerable && !self.is_answered())),
            ("full", signed(0)),
            ("partial", signed(1)),
            ("gateway", signed(2)),
            ("unsigned", signed(3)),
        ])
    }
}

/// What the model reads.
struct Slow<'a> {
    calls: &'a [Call<'a>],
    view: &'a View,
    about: &'a Circumstances<'a>,
    now: u32,
}

impl Slow<'_> {
    fn cut_hour(&self) -> u32 {
        self.about.cut().filter(|cut| cut.hour <= self.now).map_or(0, |cut| cut.hour)
    }

    /// The oldest day of the horizon.
    fn oldest(&self) -> u32 {
        self.now / DAY + 1 - HORIZON_D
    }

    fn known(&self) -> impl Iterator<Item = &Call<'_>> {
        self.calls.iter().filter(|call| call.known < self.now)
    }

    fn counted(&self) -> impl Iterator<Item = &Call<'_>> {
        self.known().filter(|call| self.view.sees(call.carrier, call.hour) && call.hour >= self.cut_hour())
    }

    fn weight(&self, end: u32) -> f64 {
        (-f64::from(self.now.saturating_sub(end)) / (7.0 * 24.0)).exp2()
    }

    /// The end of a call's pane: its hour's, or its day's once that is 48 hours past and no cut falls into it.
    fn pane_end(&self, hour: u32) -> u32 {
        let day_end = (hour / DAY + 1) * DAY;
        let cut = self.cut_hour() > 0 && self.cut_hour() / DAY == hour / DAY;
        if day_end + 48 <= self.now && !cut { day_end } else { hour + 1 }
    }

    fn sums(&self) -> BTreeMap<&'static str, f64> {
        let mut sums = BTreeMap::new();
        for call in self.counted().filter(|call| call.hour / DAY >= self.oldest()) {
            for (name, count) in call.counts(self.about.served) {
                *sums.entry(name).or_insert(0.0) += count * self.weight(self.pane_end(call.hour));
            }
        }
        sums
    }

    fn span_d(&self) -> f64 {
        let hours: Vec<u32> = self
            .counted()
            .filter(|call| call.is_attempt() && call.hour / DAY >= self.oldest())
            .map(|call| call.hour)
            .collect();
        match (hours.iter().min(), hours.iter().max()) {
            (Some(first), Some(last)) => f64::from(last + 1 - first) / 24.0,
            _ => 0.0,
        }
    }

    /// The smallest hash that an epoch's sample left out.
    fn limit(&self, epoch: u32) -> Option<u32> {
        let hashes: BTreeSet<u32> = self
            .known()
            .filter(|call| call.is_attempt() && self.view.sees_carrier(call.carrier))
            .filter(|call| call.known / DAY / HORIZON_D == epoch)
            .map(Call::dest)
            .collect();
        hashes.into_iter().nth(SAMPLE)
    }

    fn sample(&self) -> SampleFacts {
        let epoch = self.now / DAY / HORIZON_D;
        let limits = [self.limit(epoch), self.limit(epoch - 1)];
        let mut limit = limits.into_iter().flatten().min();
        let mut by_dest: BTreeMap<u32, Vec<&Call<'_>>> = BTreeMap::new();
        for call in self.counted().filter(|call| call.is_attempt()) {
            let remembered = call.known / DAY / HORIZON_D + 1 >= epoch;
            if remembered && call.hour / DAY + HORIZON_D > call.known / DAY {
                by_dest.entry(call.dest()).or_default().push(call);
            }
        }
        by_dest.retain(|&hash, calls| {
            limit.is_none_or(|limit| hash < limit) && calls.iter().any(|call| call.hour / DAY >= self.oldest())
        });
        if let Some(&left_out) = by_dest.keys().nth(SAMPLE) {
            limit = Some(left_out);
        }
        let mut facts =
            SampleFacts { rate: limit.map_or(1.0, |limit| f64::from(limit) / 2f64.powi(32)), ..SampleFacts::default() };
        for calls in by_dest.values().take(SAMPLE) {
            self.add_destination(calls, &mut facts);
        }
        facts.distinct = f64::from(facts.sampled) / facts.rate;
        facts
    }

    fn add_destination(&self, calls: &[&Call<'_>], facts: &mut SampleFacts) {
        let invalid = |call: &&Call<'_>, strength: Strength| {
            call.class() == CallOutcome::Invalid && call.placed.record.outcome.strength == strength
        };
        let in_service = |call: &&Call<'_>| {
            use CallOutcome::{Answered, Busy, Declined, NoAnswer, Unwanted};
            call.class() == Answered
                || call.shows().invalid && matches!(call.class(), NoAnswer | Busy | Declined | Unwanted)
        };
        let recent: Vec<&Call<'_>> = calls.iter().copied().filter(|call| call.hour / DAY >= self.oldest()).collect();
        let strong = recent.iter().any(|call| invalid(call, Strength::Strong));
        let medium = recent.iter().any(|call| invalid(call, Strength::Medium));
        let alive = recent.iter().any(in_service);
        let shown_alive = recent.iter().any(|call| in_service(call) && call.shows().invalid);
        facts.sampled += 1;
        facts.observable += u32::from(strong || medium || shown_alive);
        facts.invalid += match (alive, strong, medium) {
            (true, _, _) | (false, false, false) => 0.0,
            (false, true, _) => 1.0,
            (false, false, true) => 0.5,
        };
        let first = calls.iter().map(|call| call.hour).min().expect("a call");
        facts.first_weight += self.weight((first / DAY + 1) * DAY);
        let mut days: BTreeMap<u32, u32> = BTreeMap::new();
        for call in calls {
            *days.entry(call.known / DAY).or_default() += 1;
        }
        facts.thrice_a_day += u32::from(days.values().any(|&count| count >= 3));
    }
}

fn compare_sums(fast: &Sums, slow: &BTreeMap<&'static str, f64>) -> Result<(), TestCaseError> {
    for (name, fast) in [
        ("attempts", fast.attempts()),
        ("answered", fast.answered()),
        ("answered_known", fast.answered_known()),
        ("short", fast.short()),
        ("talk_ds", fast.talk_ds()),
        ("answerable", fast.answerable()),
        ("unanswered", fast.unanswered()),
        ("full", fast.full()),
        ("partial", fast.partial()),
        ("gateway", fast.gateway()),
        ("unsigned", fast.unsigned()),
        ("called_back", fast.called_back()),
    ] {
        let slow = slow.get(name).copied().unwrap_or(0.0);
        prop_assert!((fast - slow).abs() <= 1e-9 * slow.max(1.0), "{name}: {fast}, by the model {slow}");
    }
    Ok(())
}

fn compare_samples(fast: &SampleFacts, slow: &SampleFacts) -> Result<(), TestCaseError> {
    prop_assert!((fast.first_weight - slow.first_weight).abs() < 1e-9, "{fast:?}, by the model {slow:?}");
    prop_assert_eq!(SampleFacts { first_weight: 0.0, ..*fast }, SampleFacts { first_weight: 0.0, ..*slow });
    Ok(())
}

/// Compares at every `step`-th hour, and long after the end.
fn compare(shape: &Shape, view: &View, step: u32) -> Result<(), TestCaseError> {
    let rules = shipped();
    let placed = shape.calls();
    let mut facts: Vec<_> = placed.iter().map(Placed::fact).collect();
    Lot(shape.seed ^ 1).shuffle(&mut facts);
    let calls: Vec<Call<'_>> = placed.iter().map(Call::of).collect();
    let cells = cells_of(&facts);
    Besides::drawn(shape).with(|about| {
        let mut hours = Hours::new(cells.calls(), cells.dests(), view);
        let mut timeline = Timeline::default();
        timeline.clear(about);
        let mut now = monday() + 1;
        while now < shape.end_hour() + 90 * DAY {
            hours.feed(now - 1, rules, &mut timeline);
            let read = timeline.read(rules, about, &|_| 0.25, Moment::tick(now), hour_start(now)).inputs;
            let slow = Slow { calls: &calls, view, about, now };
            compare_sums(&read.sums, &slow.sums())?;
            compare_samples(&read.sample, &slow.sample())?;
            prop_assert!(
                (read.span_d - slow.span_d()).abs() < 1e-9,
                "{} at {now}, by the model {}",
                read.span_d,
                slow.span_d()
            );
            now += step;
        }
        Ok(())
    })
}

proptest! {
    #![proptest_config(config(32))]

    #[test]
    fn the_fast_facts_equal_the_slow_ones(shape in shape(), engine in 0..3usize, step in 60..600u32) {
        compare(&shape, &View::any(), step)?;
        let directory = directory();
        compare(&shape, &directory.view(engine), step)?;
    }

    /// A file of at most 35 days is counted as one sample, wherever an epoch ends in it.
    #[test]
    fn distinct_destinations_are_exact_up_to_64(shape in shape(), days in 1..=HORIZON_D) {
        let shape = Shape { days, lateness: 0, destinations: shape.destinations.min(200), ..shape };
        let placed = shape.calls();
        let facts: Vec<_> = placed.iter().map(Placed::fact).collect();
        let mut sample = Sample::default();
        cells_of(&facts).dests().iter().for_each(|dest| {
            sample.add(dest);
        });
        let now = monday() + days * DAY - 1;
        sample.roll(now);
        let hashes: BTreeSet<u32> = facts.iter().map(|fact| fact.dest).filter(|&dest| dest != 0).collect();
        let stated = match hashes.iter().nth(SAMPLE) {
            None => hashes.len() as f64,
            Some(&left_out) => SAMPLE as f64 / (f64::from(left_out) / 2f64.powi(32)),
        };
        prop_assert!((sample.distinct_since(0) - stated).abs() < 1e-9, "{}, stated {stated}", sample.distinct_since(0));
    }

    #[test]
    fn counts_are_exact(shape in shape(), mut hours in prop::array::uniform3(0..110 * DAY)) {
        let placed = shape.calls();
        let facts: Vec<_> = placed.iter().map(Placed::fact).collect();
        hours.sort_unstable_by(|a, b| b.cmp(a));
        let froms = hours.map(|hour| monday() + hour);
        let mut fast = [Tally::default(), Tally::default(), Tally::default()];
        Tally::count(cells_of(&facts).calls(), froms, fast.each_mut());
        for (from, fast) in froms.into_iter().zip(fast) {
            let held: Vec<Placed> = placed.iter().filter(|placed| Call::of(placed).hour >= from).cloned().collect();
            prop_assert_eq!(fast, slow_tally(&held));
        }
    }
}

/// Plain counts, one question after the other.
fn slow_tally(placed: &[Placed]) -> Tally {
    let calls: Vec<Call<'_>> = placed.iter().map(Call::of).collect();
    let count = |holds: &dyn Fn(&Call<'_>) -> bool| calls.iter().filter(|call| holds(call)).count() as u64;
    let attempts = |holds: &dyn Fn(&Call<'_>) -> bool| count(&|call| call.is_attempt() && holds(call));
    let ended = |class: CallOutcome| attempts(&|call| call.class() == class);
    let invalid = |strength: Strength| {
        attempts(&|call| call.class() == CallOutcome::Invalid && call.placed.record.outcome.strength == strength)
    };
    let back = |holds: &dyn Fn(&Call<'_>) -> bool| count(&|call| !call.is_attempt() && holds(call));
    let rung = |below_ms: u32| {
        attempts(&|call| !call.is_answered() && call.placed.record.ring_ms.is_some_and(|ms| ms < below_ms))
    };
    let talk = |attempt: bool| {
        let own = calls.iter().filter(|call| call.is_attempt() == attempt);
        own.filter(|call| !attempt || call.is_answered()).filter_map(Call::talk_ds).sum()
    };
    let edges = [0u32, 3, 6, 10, 12, 15, 20, 30, 60, 120, u32::MAX / 1000];
    let long = |call: &Call<'_>| call.is_answered() && call.placed.record.talk_ms.is_some_and(|ms| ms > 30_000);
    Tally {
        attempts: attempts(&|_| true),
        answered: ended(CallOutcome::Answered),
        lengths: std::array::from_fn(|bin| {
            attempts(&|call| {
                let length = call.placed.record.talk_ms.filter(|_| call.is_answered());
                let above = |ms: u32| bin == 0 || ms > edges[bin] * 1000;
                length.is_some_and(|ms| above(ms) && ms <= edges[bin + 1] * 1000)
            })
        }),
        talk_ds: talk(true),
        no_answer: ended(CallOutcome::NoAnswer),
        busy: ended(CallOutcome::Busy),
        declined: ended(CallOutcome::Declined),
        cancelled: ended(CallOutcome::Cancelled),
        invalid_strong: invalid(Strength::Strong),
        invalid_medium: invalid(Strength::Medium),
        unreachable: ended(CallOutcome::Unreachable),
        blocked: ended(CallOutcome::Blocked),
        unwanted: attempts(&|call| call.placed.record.outcome.unwanted),
        failed: ended(CallOutcome::Failed) + invalid(Strength::Weak),
        ring_known: rung(u32::MAX),
        ring_under_15: rung(15_000),
        ring_under_30: rung(30_000),
        neighbour: 0,
        hours_known: attempts(&|call| call.placed.off_hours.is_some()),
        off_hours: attempts(&|call| call.placed.off_hours == Some(true)),
        attestation: std::array::from_fn(|place| {
            attempts(&|call| call.placed.record.attestation.is_some_and(|attestation| attestation as usize == place))
        }),
        shows_invalid: attempts(&|call| call.shows().invalid),
        shows_answer: attempts(&|call| call.shows().answer),
        shows_blocked: attempts(&|call| call.shows().blocked),
        called_back: back(&long),
        called_back_briefly: back(&|call| call.is_answered() && !long(call)),
        called_back_unanswered: back(&|call| !call.is_answered()),
        called_back_talk_ds: talk(false),
    }
}
