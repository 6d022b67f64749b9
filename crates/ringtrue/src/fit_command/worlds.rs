//! The worlds that evidence is learned from: traffic with its truth, each read once.

use std::path::{Path, PathBuf};

use fit::random::Random;
use model::TelephoneNumber;

use super::args::FitArgs;
use super::behaviour::Row;
use crate::error::ScoreError;
use crate::evaluate::TruthIndex;
use crate::known_traffic::KnownTrafficArgs;
use crate::policy_data::PolicyData;
use crate::said::{file_name, short_name};
use crate::score::follow::Traffic;

/// Traffic and the truth about it.
pub(super) struct World {
    traffic: Traffic,
    truth: TruthIndex,
    /// What it is called in the head of the learned file.
    pub(super) name: String,
}

/// Reads every world that the arguments name.
///
/// # Errors
/// Names the file or folder at fault.
pub(super) fn read(args: &FitArgs) -> Result<Vec<World>, ScoreError> {
    let asked = &args.traffic;
    if let Some(truth) = &asked.truth {
        return Ok(vec![World::read(args, &asked.calls, &asked.known, truth, short_name(truth))?]);
    }
    let of_folder = |folder: &PathBuf| {
        let calls = calls_of(folder)?;
        let beside = |name: &str| Some(folder.join(name)).filter(|path| path.exists());
        // The region and the end hold for every world; a folder without reports or standing has none.
        let known = KnownTrafficArgs {
            reports: beside("reports.ndjson").into_iter().collect(),
            standing: beside("standing.csv"),
            ..asked.known.clone()
        };
        World::read(args, &[calls], &known, &folder.join("truth.csv"), short_name(folder))
    };
    asked.worlds.iter().map(of_folder).collect()
}

/// The one file of calls in a folder that `simulate` wrote.
fn calls_of(folder: &Path) -> Result<PathBuf, ScoreError> {
    let unreadable = |source| ScoreError::Unreadable { file: file_name(folder), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        found.extend(path.file_stem().is_some_and(|stem| stem == "calls").then_some(path));
    }
    match found.as_slice() {
        [calls] => Ok(calls.clone()),
        others => Err(ScoreError::Argument {
            argument: "--worlds",
            detail: format!("{} holds {} files called calls.*: expected one", file_name(folder), others.len()),
        }),
    }
}

impl World {
    fn read(
        args: &FitArgs,
        calls: &[PathBuf],
        known: &KnownTrafficArgs,
        truth: &Path,
        name: String,
    ) -> Result<Self, ScoreError> {
        let traffic = Traffic::read(&known.score_args(calls, args.traffic.policy.as_deref(), args.threads))?;
        let truth = TruthIndex::read(truth, traffic.options())?;
        Ok(Self { traffic, truth, name })
    }

    /// Reports were read.
    pub(super) fn has_reports(&self) -> bool {
        self.traffic.summary().reports > 0
    }

    /// The policy that is asked.
    pub(super) const fn policy(&self) -> &PolicyData {
        self.traffic.policy()
    }

    /// Asks another policy from now on, which has the same carriers.
    pub(super) fn ask(&mut self, policy: PolicyData) {
        self.traffic.ask_loaded(policy);
    }

    /// Each number with truth, at a moment drawn from its own attempts, so that young and old numbers are learned from alike; with the
    /// evidence of its block where `blocks` says so. The same seed gives the same moments.
    pub(super) fn rows(&self, blocks: bool, seed: u64) -> Vec<Row> {
        let least = self.policy().policy.opinion.min_attempts as u64;
        let pick = |tn: TelephoneNumber, attempts: u64| {
            self.truth.known(tn)?;
            let more = attempts.checked_sub(least)?;
            let mut random = Random::part(seed, tn.digits());
            Some(least.saturating_sub(1) + random.below(more as usize + 1) as u64)
        };
        let row = |snapshot: crate::score::snapshot::Snapshot| {
            let known = self.truth.known(snapshot.tn)?;
            Some(Row {
                tn: snapshot.tn,
                inputs: snapshot.inputs,
                unwanted: known.unwanted,
                registered: known.registered,
            })
        };
        self.traffic.snapshots(blocks, &pick).into_iter().filter_map(row).collect()
    }
}
