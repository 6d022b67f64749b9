//! A policy whose labels are shown: how people who see them change what it catches and whom it wrongs, and who cannot get out of
//! a label again.

mod lock_in;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use model::{Label, TelephoneNumber, Timestamp};
use serde_json::Value;
use sim::{Adversary, Number, World};

use super::args::EvaluateArgs;
use super::baseline::{Against, changes};
use super::json;
use super::measure::Evaluation;
use super::outcome::{Known, Outcome};
use super::run::Report;
use super::truth::Fit;
use crate::error::ScoreError;
use crate::score::closed_loop::{ClosedLoop, Phase};
use crate::score::follow::Followed;
use crate::score::result::Summary;
use crate::simulate::SimulateArgs;
use crate::simulate::settings::Settings;

pub(crate) use lock_in::LockIn;
use lock_in::Turned;

/// What is asked of a world's numbers.
#[derive(Clone, Copy)]
struct Asked<'a> {
    /// What became of each.
    outcomes: bool,
    /// Who of these has a label at its moment.
    labelled_at: &'a BTreeMap<TelephoneNumber, Timestamp>,
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
    /// In rising order of numbers; none where nobody asked.
    outcomes: Vec<Outcome>,
    turned: Turned,
    /// How many of those that were asked about had a label at their moment.
    labelled_at: u64,
    /// Wanted numbers with a label at the end.
    labelled: BTreeSet<TelephoneNumber>,
}

/// Runs a world in a closed loop under the policy in a folder, and reports; with what became of each number.
///
/// # Errors
/// Names the argument or file at fault.
pub(super) fn evaluate(args: &EvaluateArgs, policy: Option<&Path>) -> Result<(Report, Vec<Outcome>), ScoreError> {
    let score = args.known.score_args(&[], policy, args.threads);
    let play = |world: World| ClosedLoop::new(&score, world);
    let none = BTreeMap::new();
    let plain = Asked { outcomes: true, labelled_at: &none };
    let played = play(world(args, None)?)?;
    let adversary = played.world().options().adversary.map(|(adversary, _)| adversary);
    let (found, [open, closed], anyway) = if adversary.is_none() {
        // Nobody in this world behaves badly first; a second one tells who gets out of a label.
        let trial = follow(&play(world(args, Some(1.0))?)?, Asked { outcomes: false, ..plain });
        let found = follow(&played, Asked { labelled_at: &trial.closed.turned.still, ..plain });
        let anyway = found.closed.labelled_at;
        (found, [trial.open.turned, trial.closed.turned], anyway)
    } else if adversary == Some(Adversary::LockIn) {
        let mut found = follow(&played, plain);
        let turned = [&mut found.open, &mut found.closed].map(|seen| std::mem::take(&mut seen.turned));
        let [_, closed] = &turned;
        let calm = follow(&play(world(args, Some(0.0))?)?, Asked { outcomes: false, labelled_at: &closed.still });
        (found, turned, calm.closed.labelled_at)
    } else {
        (follow(&played, plain), Default::default(), 0)
    };
    let lock_in = LockIn {
        labelled: closed.labelled,
        still: closed.still.len() as u64,
        anyway,
        not_shown: open.counts(),
        held: found.closed.labelled.difference(&found.open.labelled).count() as u64,
        wanted: found.closed.outcomes.iter().filter(|outcome| !outcome.known.unwanted).count() as u64,
    };
    Ok((report(&played, &found, lock_in), found.closed.outcomes))
}

/// The world that the arguments name, or the same one with numbers that behave badly first, where their strength is given.
fn world(args: &EvaluateArgs, lock_in: Option<f64>) -> Result<World, ScoreError> {
    let asked = &args.closed;
    let adversary = lock_in.map(|_| Adversary::LockIn.as_str().to_owned());
    let settings = Settings::read(&SimulateArgs {
        out: PathBuf::new(),
        days: asked.days,
        numbers: asked.numbers,
        seed: args.seed,
        start: None,
        scenario: asked.scenario.clone(),
        adversary: adversary.or_else(|| asked.adversary.clone()),
        strength: lock_in.or(asked.strength),
        format: "ndjson".to_owned(),
        force: false,
        threads: args.threads,
    })?;
    Ok(settings.world)
}

fn follow(played: &ClosedLoop, asked: Asked<'_>) -> Found {
    let each = |found: &mut Found, phase: Phase, number: &Number, followed: &Followed<'_>| {
        let seen = match phase {
            Phase::Open => &mut found.open,
            Phase::Closed => &mut found.closed,
        };
        seen.add(played, asked, number, followed);
    };
    let mut all = Found::default();
    for part in played.follow(Found::default, each) {
        all.open.merge(part.open);
        all.closed.merge(part.closed);
    }
    all.open.outcomes.sort_unstable_by_key(|outcome| outcome.tn);
    all.closed.outcomes.sort_unstable_by_key(|outcome| outcome.tn);
    all
}

impl Seen {
    fn add(&mut self, played: &ClosedLoop, asked: Asked<'_>, number: &Number, followed: &Followed<'_>) {
        if !followed.calls.iter().any(|cell| cell.kind.ended().is_attempt()) {
            return;
        }
        let (truth, end) = (number.truth(), played.end());
        if asked.outcomes {
            let known = Known {
                class: truth.class.0,
                unwanted: truth.unwanted,
                registered: truth.registered,
                attacked: truth.attacked,
            };
            self.outcomes.push(Outcome::of(known, followed, &played.policy().policy, end));
        }
        if truth.unwanted {
            return;
        }
        if label_at(followed, end.at) > Label::None {
            self.labelled.insert(truth.tn);
        }
        if asked.labelled_at.get(&truth.tn).is_some_and(|&at| label_at(followed, at) > Label::None) {
            self.labelled_at += 1;
        }
        if let Some(from) = number.behaves_from(played.world()) {
            self.turned.add(truth.tn, |at| label_at(followed, at), from, end.at);
        }
    }

    fn merge(&mut self, mut other: Self) {
        self.outcomes.append(&mut other.outcomes);
        self.labelled.append(&mut other.labelled);
        self.labelled_at += other.labelled_at;
        self.turned.merge(other.turned);
    }
}

/// The highest label that any engine shows at an instant.
fn label_at(followed: &Followed<'_>, at: Timestamp) -> Label {
    followed.views.iter().map(|view| view.label_at(at)).max().unwrap_or(Label::None)
}

fn report(played: &ClosedLoop, found: &Found, lock_in: LockIn) -> Report {
    let world = played.world();
    let evaluation = Evaluation::of(&found.closed.outcomes, world.class_names());
    let not_shown = Evaluation::of(&found.open.outcomes, world.class_names());
    let changes = changes(&Value::Object(json::figures(&not_shown)), &json::figures(&evaluation));
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
        against: vec![Against { key: "against_open_loop", words, changes }],
        lock_in: Some(lock_in),
        trade_off: None,
        shown: Vec::new(),
    }
}
