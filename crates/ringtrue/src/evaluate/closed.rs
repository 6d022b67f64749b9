//! A policy whose labels are shown: how people who see them change what it catches and whom it wrongs, and who cannot get out of
//! a label again.

use std::collections::BTreeSet;
use std::path::PathBuf;

use model::{Label, TelephoneNumber, Timestamp};
use serde_json::{Value, json};
use sim::{Adversary, Number, World};

use super::args::EvaluateArgs;
use super::baseline::{Against, changes};
use super::json;
use super::measure::Evaluation;
use super::outcome::{Known, Outcome};
use super::run::{Report, score_args};
use super::truth::Fit;
use crate::error::ScoreError;
use crate::output::text::count;
use crate::score::closed_loop::{ClosedLoop, Phase};
use crate::score::follow::Followed;
use crate::score::result::Summary;
use crate::simulate::SimulateArgs;
use crate::simulate::settings::Settings;

/// A number that behaves well for so long should have no label any more; the shipped policy has a case of it.
const BEHAVES_D: u32 = 14;

/// Who could not get out of a label.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct LockIn {
    /// Wanted numbers that were labelled when they turned from bad to good behaviour, while labels were shown.
    pub(crate) labelled: u64,
    /// Those still labelled after [`BEHAVES_D`] days of behaving well: each is a defect of the policy.
    pub(crate) still: u64,
    /// The same two where labels are shown to nobody.
    pub(crate) not_shown: [u64; 2],
    /// Wanted numbers that are labelled at the end only where their label was shown.
    pub(crate) held: u64,
    /// All wanted numbers, for comparison.
    pub(crate) wanted: u64,
}

impl LockIn {
    /// As part of the report.
    pub(crate) fn value(&self) -> Value {
        let [labelled, still] = self.not_shown;
        json!({
            "behaving_well_d": BEHAVES_D,
            "labelled": self.labelled,
            "still_labelled": self.still,
            "not_shown": {"labelled": labelled, "still_labelled": still},
            "held_by_shown_label": self.held,
            "wanted": self.wanted,
        })
    }

    /// In sentences.
    pub(crate) fn words(&self) -> String {
        let [labelled, still] = self.not_shown.map(count);
        let held = format!(
            "Of {} wanted numbers {} are labelled at the end only where their label was shown.",
            count(self.wanted),
            count(self.held)
        );
        if self.labelled == 0 {
            return format!(
                "No wanted number turned from bad to good behaviour with a label, {BEHAVES_D} days before the end or earlier. {held}"
            );
        }
        format!(
            "Of {} wanted numbers that had a label when they turned from bad to good behaviour, {} still had one after \
             {BEHAVES_D} days of behaving well; each is a defect of the policy. Where labels are shown to nobody these are \
             {still} of {labelled}. {held}",
            count(self.labelled),
            count(self.still)
        )
    }
}

/// What was found of a world's numbers.
#[derive(Default)]
struct Found {
    open: Seen,
    closed: Seen,
}

/// What was found of them in one phase.
#[derive(Default)]
struct Seen {
    outcomes: Vec<Outcome>,
    turned: Turned,
    /// Wanted numbers with a label at the end.
    labelled: BTreeSet<TelephoneNumber>,
}

/// Numbers that turned from bad to good behaviour with a label, and those that still had one later.
#[derive(Clone, Copy, Default)]
struct Turned {
    labelled: u64,
    still: u64,
}

/// Runs a world in a closed loop, and reports.
///
/// # Errors
/// Names the argument or file at fault.
pub(crate) fn evaluate(args: &EvaluateArgs) -> Result<Report, ScoreError> {
    let played = ClosedLoop::new(&score_args(args), world(args, None)?)?;
    let found = follow(&played);
    let turned = if played.world().options().adversary.is_none() {
        // Nobody in this world behaves badly first; a second one tells who gets out of a label.
        let trial = ClosedLoop::new(&score_args(args), world(args, Some(Adversary::LockIn))?)?;
        let trial = follow(&trial);
        [trial.open.turned, trial.closed.turned]
    } else {
        [found.open.turned, found.closed.turned]
    };
    Ok(report(&played, &found, turned))
}

/// The world that the arguments name, with another adversary where one is given.
fn world(args: &EvaluateArgs, adversary: Option<Adversary>) -> Result<World, ScoreError> {
    let asked = &args.closed;
    let named = adversary.map(|adversary| adversary.as_str().to_owned());
    let settings = Settings::read(&SimulateArgs {
        out: PathBuf::new(),
        days: asked.days,
        numbers: asked.numbers,
        seed: args.seed,
        start: None,
        scenario: asked.scenario.clone(),
        adversary: named.or_else(|| asked.adversary.clone()),
        strength: asked.strength,
        format: "ndjson".to_owned(),
        force: false,
        threads: args.threads,
    })?;
    Ok(settings.world)
}

fn follow(played: &ClosedLoop) -> Found {
    let parts =
        played.follow(Found::default, |found, phase, number, followed| found.add(played, phase, number, followed));
    let mut all = Found::default();
    for part in parts {
        all.open.merge(part.open);
        all.closed.merge(part.closed);
    }
    all.open.outcomes.sort_unstable_by_key(|outcome| outcome.tn);
    all.closed.outcomes.sort_unstable_by_key(|outcome| outcome.tn);
    all
}

impl Found {
    fn add(&mut self, played: &ClosedLoop, phase: Phase, number: &Number, followed: &Followed<'_>) {
        if !followed.calls.iter().any(|cell| cell.kind.ended().is_attempt()) {
            return;
        }
        let seen = match phase {
            Phase::Open => &mut self.open,
            Phase::Closed => &mut self.closed,
        };
        let (truth, end) = (number.truth(), played.end());
        let known = Known {
            class: truth.class.0,
            unwanted: truth.unwanted,
            registered: truth.registered,
            attacked: truth.attacked,
        };
        seen.outcomes.push(Outcome::of(known, followed, &played.policy().policy, end));
        if truth.unwanted {
            return;
        }
        if label_at(followed, end.at) > Label::None {
            seen.labelled.insert(truth.tn);
        }
        if let Some(from) = number.behaves_from(played.world()) {
            seen.turned.add(|at| label_at(followed, at), from, end.at);
        }
    }
}

impl Seen {
    fn merge(&mut self, mut other: Self) {
        self.outcomes.append(&mut other.outcomes);
        self.labelled.append(&mut other.labelled);
        self.turned.labelled += other.turned.labelled;
        self.turned.still += other.turned.still;
    }
}

impl Turned {
    /// Counts a number that behaves well from an instant on, where the run is long enough to tell.
    fn add(&mut self, label_at: impl Fn(Timestamp) -> Label, from: Timestamp, end: Timestamp) {
        let until = from.saturating_add_ms(i64::from(BEHAVES_D) * model::time::DAY_MS);
        // What its last bad calls were is known an hour later.
        if until > end || label_at(from.saturating_add_ms(model::time::HOUR_MS)) == Label::None {
            return;
        }
        self.labelled += 1;
        self.still += u64::from(label_at(until) > Label::None);
    }
}

/// The highest label that any engine shows at an instant.
fn label_at(followed: &Followed<'_>, at: Timestamp) -> Label {
    followed.views.iter().map(|view| view.label_at(at)).max().unwrap_or(Label::None)
}

fn report(played: &ClosedLoop, found: &Found, [open, closed]: [Turned; 2]) -> Report {
    let world = played.world();
    let evaluation = Evaluation::of(&found.closed.outcomes, world.class_names());
    let not_shown = Evaluation::of(&found.open.outcomes, world.class_names());
    let changes = changes(&Value::Object(json::figures(&not_shown)), &json::figures(&evaluation));
    let lock_in = LockIn {
        labelled: closed.labelled,
        still: closed.still,
        not_shown: [open.labelled, open.still],
        held: found.closed.labelled.difference(&found.open.labelled).count() as u64,
        wanted: evaluation.wanted.numbers,
    };
    let calls = evaluation.unwanted.calls + evaluation.wanted.calls;
    let numbers = found.closed.outcomes.len() as u64;
    let words = "the same callers while labels are shown to nobody";
    Report {
        evaluation,
        fit: Fit { numbers: world.len(), without_calls: world.len() - numbers, ..Fit::default() },
        summary: Summary { calls, numbers, ..Summary::default() },
        directory: played.policy().directory.clone(),
        policy_version: played.policy().policy.version.clone(),
        from: Some(world.from()),
        through: played.end().at,
        against: Some(Against { key: "against_open_loop", words, changes }),
        lock_in: Some(lock_in),
        trade_off: None,
        shown: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
