//! A verdict at any moment, from facts as they stand: what a service answers with.
//!
//! The label's state, which is stepped by the hour, and what the block and the reporters say, which is derived once a day, are
//! given.

use model::{Label, TelephoneNumber, Timestamp};

use crate::assess::{Inputs, assess, has_opinion};
use crate::engines::View;
use crate::evidence::{ReportFact, ReportRules, report_facts};
use crate::facts::{Cells, FactStore, PaneRules};
use crate::ready::{Ready, ReadyFacts};
use crate::replay::End;
use crate::state::LabelState;
use crate::timeline::{Circumstances, Hours, Reading, Rules, Timeline, decayed_attempts};
use crate::verdict::{Verdict, no_opinion, verdict_at};

/// What a verdict rests on besides the number's calls.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The policy's rules.
    pub rules: &'a Rules,
    /// The moment.
    pub end: End,
    /// What is known of the number besides its calls.
    pub about: &'a Circumstances<'a>,
    /// How far a reporter is believed, 0 to 1; `None` stands for a person of its own.
    pub credibility: &'a dyn Fn(Option<u64>) -> f64,
    /// The block's evidence, in nats, clipped.
    pub block_nats: f64,
    /// The label as it was stepped last.
    pub state: &'a LabelState,
}

/// Reads verdicts; its buffers are used again from number to number.
#[derive(Default)]
pub struct LiveReader {
    cells: Cells,
    timeline: Timeline,
}

impl LiveReader {
    /// The verdict on the number at `place` of the store, as the view of `ready` sees it: from its ready facts where there are
    /// any, else from its cells. Both give the same.
    pub fn verdict(
        &mut self,
        (store, ready): (&FactStore, &mut ReadyFacts),
        (tn, place): (TelephoneNumber, u32),
        asked: &Question<'_>,
    ) -> Verdict {
        // Ready facts know of no cut, and of no label that was served.
        let is_plain = asked.about.cut().is_none() && asked.about.served.is_empty();
        if is_plain && ReadyFacts::may_hold(store, place) {
            let engine = ready.view().engine;
            let reports = ready.view().reports(asked.about.reports);
            if let Some((facts, rules)) = ready.get(tn) {
                return of_ready((facts, rules), engine, &reports, asked);
            }
        }
        self.of_cells(store, place, ready.view(), asked)
    }

    /// The same from the number's cells.
    pub fn of_cells(&mut self, store: &FactStore, place: u32, view: &View, asked: &Question<'_>) -> Verdict {
        let &Question { rules, end, about, credibility, block_nats, state } = asked;
        store.read(place, &mut self.cells);
        let (calls, dests) = (self.cells.calls(), self.cells.dests());
        let placed = calls.iter().filter(|cell| cell.kind.ended().is_attempt());
        let few = (placed.map(|cell| u64::from(cell.count)).sum::<u64>() as f64) < rules.policy.opinion.min_attempts;
        if few && about.is_bare() && *state == LabelState::default() {
            return no_opinion(rules, view.engine, decayed_attempts(rules, view, calls, end.moment));
        }
        let reports = view.reports(about.reports);
        let about = &Circumstances { reports: &reports, ..*about };
        self.timeline.clear(about);
        Hours::new(calls, dests, view).feed(end.moment.hour, rules, &mut self.timeline);
        let inputs = self.timeline.inputs(rules, about, credibility, end.moment, end.at);
        let inputs = Inputs { block_nats, ..inputs };
        if state.label == Label::None && !has_opinion(&rules.policy, &inputs) {
            return silent(rules, view.engine, &inputs, (state, end));
        }
        let reading = Reading { inputs, found: assess(&rules.policy, rules.prior, &inputs) };
        verdict_at(rules, view.engine, (state, &reading), end)
    }
}

/// The verdict from ready facts. The sample is not looked at where there is no opinion.
fn of_ready(
    (facts, panes): (&mut Ready, &PaneRules),
    engine: Option<usize>,
    reports: &[ReportFact],
    asked: &Question<'_>,
) -> Verdict {
    let &Question { rules, end, about, credibility, block_nats, state } = asked;
    let policy = &rules.policy;
    let weighing = ReportRules {
        policy: &policy.reports,
        half_life_d: policy.facts.half_life_d,
        evidence_from: Timestamp::EPOCH,
        credibility,
    };
    let mut inputs = Inputs {
        sums: facts.sums(panes, end.moment),
        reports: report_facts(reports, &weighing, end.at),
        ..about.inputs_at(policy, end.at)
    };
    if state.label == Label::None && !has_opinion(policy, &inputs) {
        return silent(rules, engine, &inputs, (state, end));
    }
    inputs.sample = facts.sample(panes, end.moment);
    inputs.span_d = facts.span_d();
    inputs.block_nats = block_nats;
    let reading = Reading { inputs, found: assess(policy, rules.prior, &inputs) };
    verdict_at(rules, engine, (state, &reading), end)
}

/// The verdict where there is no opinion and no label.
fn silent(rules: &Rules, engine: Option<usize>, inputs: &Inputs, (state, end): (&LabelState, End)) -> Verdict {
    let attempts = inputs.sums.attempts();
    let status = state.status(&rules.policy, end.at, attempts >= rules.policy.opinion.min_attempts);
    Verdict { status, ..no_opinion(rules, engine, attempts) }
}
