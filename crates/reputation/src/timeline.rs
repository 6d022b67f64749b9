//! A number's facts in the order in which they became known, read at moments: what the label's state is stepped over.

use std::sync::OnceLock;

use model::{Determination, Standing, Timestamp, TrustedFact, TrustedKind};

use crate::assess::{Assessment, Inputs, TruthFacts, assess};
use crate::engines::View;
use crate::evidence::{ReportFact, ReportFacts, ReportRules, report_facts};
use crate::facts::{Cell, DestCell, Moment, PaneRules, Panes, Sample, hour_index, hour_start, sums_of_cells};
use crate::policy::Policy;
use crate::screen::{Bounds, Watch};

/// A policy, and what is derived from it once.
pub struct Rules {
    /// The policy.
    pub policy: Policy,
    /// Log-odds before any evidence.
    pub prior: f64,
    /// How panes are read.
    pub panes: PaneRules,
    bounds: OnceLock<Bounds>,
}

impl Rules {
    /// Derives the rules of a policy.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        let facts = &policy.facts;
        let panes = PaneRules::new(facts.half_life_d, facts.short_call_s, facts.hourly_for_h, facts.horizon_d);
        Self { prior: policy.prior_log_odds(), panes, policy, bounds: OnceLock::new() }
    }

    /// Bounds on the log-odds, worked out when they are first asked for.
    pub(crate) fn bounds(&self) -> &Bounds {
        self.bounds.get_or_init(|| Bounds::new(&self.policy, self.prior))
    }
}

/// Everything known of one number that is not a call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Circumstances<'a> {
    /// Reports, in any order.
    pub reports: &'a [ReportFact],
    /// Its standing in the registry; `None` when it has none.
    pub standing: Option<&'a Standing>,
    /// Trusted facts about it.
    pub truth: &'a [&'a TrustedFact],
    /// No call can have this number.
    pub undialable: bool,
    /// Hours in which this policy's label was served with the number's calls, as half-open intervals of hour indices; empty when
    /// not known.
    pub served: &'a [(u32, u32)],
    /// A feed of reports covers the carriers of this view.
    pub reports_cover: bool,
}

impl Circumstances<'_> {
    /// The cut of a determination that cleared the number: the hour from which evidence counts, and the instant. `None` when no
    /// determination cleared it.
    #[must_use]
    pub fn cut(&self) -> Option<Cut> {
        let cleared = self.standing.filter(|standing| standing.determination == Determination::Cleared)?;
        let at = cleared.evidence_from?;
        let hour = hour_index(at)?;
        Some(Cut { hour: if hour_start(hour) < at { hour + 1 } else { hour }, at })
    }

    /// The hour from which evidence counts, and the instant; 0 and the epoch when there is no cut.
    #[must_use]
    pub fn evidence_from(&self) -> (u32, Timestamp) {
        self.cut().map_or((0, Timestamp::EPOCH), |cut| (cut.hour, cut.at))
    }

    /// Nothing is known of the number but its calls.
    #[must_use]
    pub const fn is_bare(&self) -> bool {
        self.reports.is_empty()
            && self.standing.is_none()
            && self.truth.is_empty()
            && !self.undialable
            && self.served.is_empty()
    }

    fn truth_at(&self, policy: &Policy, now: Timestamp) -> TruthFacts {
        let rules = &policy.trusted;
        let mut facts = TruthFacts::default();
        let mut traps: Vec<Option<u64>> = Vec::new();
        for fact in self.truth.iter().filter(|fact| fact.known() <= now) {
            match fact.kind {
                TrustedKind::Dno => facts.dno = rules.dno,
                TrustedKind::Unallocated => facts.unallocated = rules.unallocated,
                TrustedKind::Traceback => facts.traceback = rules.traceback,
                TrustedKind::Honeypot => {
                    if fact.trap.is_none() || !traps.contains(&fact.trap) {
                        traps.push(fact.trap);
                    }
                }
            }
        }
        facts.honeypot = (rules.honeypot_per_trap * traps.len() as f64).min(rules.honeypot_max);
        if self.undialable {
            facts.undialable = rules.undialable;
        }
        facts
    }

    fn registered_at(&self, now: Timestamp) -> bool {
        self.standing.is_some_and(|standing| standing.attested && standing.registered_at.is_some_and(|at| at <= now))
    }

    fn upheld_at(&self, policy: &Policy, now: Timestamp) -> bool {
        self.standing.is_some_and(|standing| {
            let age = |from: Timestamp| now.as_ms() - from.as_ms();
            let limit = i64::from(policy.trusted.upheld_for_d) * model::time::DAY_MS;
            standing.determination == Determination::Upheld
                && standing.evidence_from.is_none_or(|from| (0..=limit).contains(&age(from)))
        })
    }

    /// What an assessment at `now` weighs besides calls and reports.
    #[must_use]
    pub fn inputs_at(&self, policy: &Policy, now: Timestamp) -> Inputs {
        Inputs {
            reports_cover: self.reports_cover,
            truth: self.truth_at(policy, now),
            registered: self.registered_at(now),
            upheld: self.upheld_at(policy, now),
            emergency: self.is_emergency(),
            ..Inputs::default()
        }
    }

    fn is_emergency(&self) -> bool {
        self.standing.is_some_and(|standing| standing.purpose == Some(model::CallPurpose::Emergency))
    }
}

/// Where evidence starts anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cut {
    /// The first hour of evidence that counts.
    pub hour: u32,
    /// The instant; reports of calls before it do not count.
    pub at: Timestamp,
}

/// A number's facts as they stood at a moment, for one view.
#[derive(Default)]
pub struct Timeline {
    panes: Panes,
    sample: Sample,
    attempts_seen: u64,
    /// Watches whether a label can be reached at all; `None` while that is not asked.
    watch: Option<Watch>,
    evidence_from: Timestamp,
    /// A cut that lies ahead: until then nobody knows of it.
    ahead: Option<Cut>,
    served: Vec<(u32, u32)>,
}

/// What was read at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// What was weighed.
    pub inputs: Inputs,
    /// How it adds up.
    pub found: Assessment,
}

impl Timeline {
    /// Starts over for another number.
    pub fn clear(&mut self, about: &Circumstances<'_>) {
        self.panes.clear(0);
        self.sample.clear(0);
        self.attempts_seen = 0;
        self.watch = None;
        self.evidence_from = Timestamp::EPOCH;
        self.ahead = about.cut();
        self.served.clear();
        self.served.extend_from_slice(about.served);
    }

    /// Adds calls. They must be added in the order of the hours in which they became known.
    pub fn add_call(&mut self, rules: &Rules, cell: &Cell) {
        self.cut_if(|cut| cut.hour <= cell.known);
        if cell.kind.ended().is_attempt() {
            self.attempts_seen += u64::from(cell.count);
        }
        if let Some(watch) = &mut self.watch {
            watch.add_call(cell, &rules.panes);
        }
        let served = self.served.iter().any(|&(from, to)| from <= cell.hour && cell.hour < to);
        self.panes.add(cell, &rules.panes, served);
    }

    /// Adds what calls say of a destination, in the same order.
    pub fn add_dest(&mut self, cell: &DestCell) {
        self.cut_if(|cut| cut.hour <= cell.known);
        let new = self.sample.add(cell);
        if let Some(watch) = &mut self.watch {
            watch.add_dest(cell, new);
        }
    }

    /// From now on, watches whether a label can be reached. Only for a number of which nothing is known but its calls.
    pub(crate) fn watch(&mut self) {
        self.watch = Some(Watch::default());
    }

    /// Tells that no label can be reached at an hour boundary, where that is certain.
    pub(crate) fn out_of_reach(&mut self, rules: &Rules, hour: u32) -> bool {
        self.watch.as_mut().is_some_and(|watch| watch.out_of_reach(rules.bounds(), &rules.panes, hour))
    }

    /// Takes note of a destination that the view does not see at this hour, but whose carrier it sees at others.
    pub fn pass_dest(&mut self, cell: &DestCell) {
        self.cut_if(|cut| cut.hour <= cell.known);
        self.sample.pass(cell);
    }

    /// Everything added so far was placed before a cut that has come.
    fn cut_if(&mut self, has_come: impl Fn(Cut) -> bool) {
        if let Some(cut) = self.ahead.filter(|&cut| has_come(cut)) {
            self.ahead = None;
            self.panes.clear(cut.hour);
            self.sample.cut(cut.hour);
            self.evidence_from = cut.at;
        }
    }

    /// Attempts so far, not decayed and not cut.
    #[must_use]
    pub const fn attempts_seen(&self) -> u64 {
        self.attempts_seen
    }

    /// The hour of the last attempt.
    #[must_use]
    pub const fn last_attempt(&self) -> Option<u32> {
        self.panes.last_attempt()
    }

    /// The sample.
    #[must_use]
    pub const fn sample(&self) -> &Sample {
        &self.sample
    }

    /// Reads the facts at a moment and assesses them, without the block's evidence.
    pub fn read(
        &mut self,
        rules: &Rules,
        about: &Circumstances<'_>,
        credibility: &dyn Fn(Option<u64>) -> f64,
        now: Moment,
        at: Timestamp,
    ) -> Reading {
        let inputs = self.inputs(rules, about, credibility, now, at);
        Reading { inputs, found: assess(&rules.policy, rules.prior, &inputs) }
    }

    /// Reads the facts at a moment.
    pub fn inputs(
        &mut self,
        rules: &Rules,
        about: &Circumstances<'_>,
        credibility: &dyn Fn(Option<u64>) -> f64,
        now: Moment,
        at: Timestamp,
    ) -> Inputs {
        self.cut_if(|cut| cut.at <= at);
        self.panes.roll(&rules.panes, now.hour);
        self.sample.roll(now.hour);
        let sums = self.panes.sums(&rules.panes, now);
        let sample = self.sample.facts(&rules.panes, now);
        Inputs {
            sums,
            sample,
            span_d: self.panes.span_d(),
            reports: self.reports(rules, about, credibility, at),
            ..about.inputs_at(&rules.policy, at)
        }
    }

    fn reports(
        &self,
        rules: &Rules,
        about: &Circumstances<'_>,
        credibility: &dyn Fn(Option<u64>) -> f64,
        at: Timestamp,
    ) -> ReportFacts {
        let policy = &rules.policy;
        let report_rules = ReportRules {
            policy: &policy.reports,
            half_life_d: policy.facts.half_life_d,
            evidence_from: self.evidence_from,
            credibility,
        };
        report_facts(about.reports, &report_rules, at)
    }
}

/// A number's calls and destinations as one view sees them, given out hour by hour.
pub struct Hours<'a> {
    calls: &'a [Cell],
    dests: &'a [DestCell],
    view: &'a View,
}

impl<'a> Hours<'a> {
    /// The cells of a number, both sorted by the hour in which they became known.
    #[must_use]
    pub const fn new(calls: &'a [Cell], dests: &'a [DestCell], view: &'a View) -> Self {
        Self { calls, dests, view }
    }

    /// Which calls and reports are seen.
    #[must_use]
    pub const fn view(&self) -> &'a View {
        self.view
    }

    /// The next hour in which a call of a carrier that the view sees at any time became known; `None` at the end.
    pub fn next_known(&mut self) -> Option<u32> {
        self.skip_unseen();
        self.calls.first().map(|cell| cell.known)
    }

    /// Adds everything that became known in or before `hour`; tells whether there was an attempt.
    pub fn feed(&mut self, hour: u32, rules: &Rules, into: &mut Timeline) -> bool {
        let mut any = false;
        while let [cell, rest @ ..] = self.calls
            && cell.known <= hour
        {
            if self.view.sees(cell.carrier, cell.hour) {
                into.add_call(rules, cell);
                any |= cell.kind.ended().is_attempt();
            }
            self.calls = rest;
        }
        while let [cell, rest @ ..] = self.dests
            && cell.known <= hour
        {
            if self.view.sees(cell.carrier, cell.hour) {
                into.add_dest(cell);
            } else if self.view.sees_carrier(cell.carrier) {
                into.pass_dest(cell);
            }
            self.dests = rest;
        }
        any
    }

    /// What [`Timeline::inputs`] would read after [`Self::feed`], for a number with few calls of which nothing else is known; `None`
    /// when it had placed no call by then.
    pub(crate) fn few_inputs(
        &mut self,
        hour: u32,
        rules: &Rules,
        about: &Circumstances<'_>,
        timeline: &mut Timeline,
        (now, at): (Moment, Timestamp),
    ) -> Option<Inputs> {
        let view = self.view;
        let seen = |cell: &&Cell| cell.known <= hour && view.sees(cell.carrier, cell.hour);
        if !self.calls.iter().filter(seen).any(|cell| cell.kind.ended().is_attempt()) {
            return None;
        }
        let (sums, span_d) = sums_of_cells(self.calls.iter().filter(seen), &rules.panes, now);
        self.calls = &[];
        self.feed(hour, rules, timeline);
        timeline.sample.roll(now.hour);
        let sample = timeline.sample.facts(&rules.panes, now);
        Some(Inputs { sums, sample, span_d, ..about.inputs_at(&rules.policy, at) })
    }

    fn skip_unseen(&mut self) {
        while let [cell, rest @ ..] = self.calls
            && !self.view.sees_carrier(cell.carrier)
        {
            self.calls = rest;
        }
    }
}

/// Decayed attempts of a number that has too few calls for more to be said, as [`Panes`] would have them.
#[must_use]
pub fn decayed_attempts(rules: &Rules, view: &View, calls: &[Cell], now: Moment) -> f64 {
    let seen =
        |cell: &&Cell| cell.known <= now.hour && cell.kind.ended().is_attempt() && view.sees(cell.carrier, cell.hour);
    let weight_of_hour = rules.panes.weights_of_hours(now);
    calls.iter().filter(seen).map(|cell| f64::from(cell.count) * weight_of_hour(cell.hour)).sum()
}
