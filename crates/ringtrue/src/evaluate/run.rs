//! One evaluation from beginning to end.

use std::path::{Path, PathBuf};

use model::{TelephoneNumber, Timestamp};
use reputation::engines::Directory;

use super::args::EvaluateArgs;
use super::baseline::Against;
use super::closed::LockIn;
use super::measure::Evaluation;
use super::outcome::Outcome;
use super::trade_off::{self, THRESHOLDS, TradeOff};
use super::truth::{Fit, TruthIndex};
use crate::cli::ScoreArgs;
use crate::error::ScoreError;
use crate::output::text::{count, counted};
use crate::policy_data::PolicyData;
use crate::score::follow::{Followed, Traffic};
use crate::score::result::Summary;

/// Traffic and truth, read once.
pub(crate) struct Run {
    traffic: Traffic,
    truth: TruthIndex,
    file: String,
}

/// What one policy did, number by number.
pub(crate) struct Followings {
    /// In rising order of numbers.
    pub(crate) outcomes: Vec<Outcome>,
    /// Numbers that the truth does not name.
    strangers: Vec<TelephoneNumber>,
    policy_version: String,
}

/// Everything that a report tells of one policy.
pub(crate) struct Report {
    /// The figures.
    pub(crate) evaluation: Evaluation,
    /// How truth and traffic fit together.
    pub(crate) fit: Fit,
    /// How reading went.
    pub(crate) summary: Summary,
    /// The engines.
    pub(crate) directory: Directory,
    /// The policy's version.
    pub(crate) policy_version: String,
    /// The earliest call or report.
    pub(crate) from: Option<Timestamp>,
    /// The end of the data.
    pub(crate) through: Timestamp,
    /// What changed against other evaluations.
    pub(crate) against: Vec<Against>,
    /// Who could not get out of a label; `None` where labels were not shown to anybody.
    pub(crate) lock_in: Option<LockIn>,
    /// What each threshold would cost; `None` where nobody asked.
    pub(crate) trade_off: Option<TradeOff>,
    /// The first rejected rows, in words.
    pub(crate) shown: Vec<String>,
}

impl Run {
    /// Reads traffic and truth.
    ///
    /// # Errors
    /// Names the file, line or field at fault.
    pub(crate) fn read(args: &EvaluateArgs) -> Result<Self, ScoreError> {
        let path = args.truth.as_deref().ok_or_else(|| ScoreError::Argument {
            argument: "--truth",
            detail: "expected a CSV of tn, class, unwanted, registered, …".to_owned(),
        })?;
        let mut traffic = Traffic::read(&score_args(args))?;
        let mut truth = TruthIndex::read(path, traffic.options())?;
        let rejected = std::mem::take(&mut truth.rejects);
        traffic.rejects().take(path, rejected, 0)?;
        Ok(Self { traffic, truth, file: crate::said::file_name(path) })
    }

    /// Follows every number under the policy that was read first.
    ///
    /// # Errors
    /// Truth that cannot tell anything: all numbers with calls are unwanted, or none is.
    pub(crate) fn measure(&self) -> Result<Followings, ScoreError> {
        let (policy, end) = (&self.traffic.policy().policy, self.traffic.end());
        let each = |(outcomes, strangers): &mut (Vec<Outcome>, Vec<TelephoneNumber>), followed: &Followed<'_>| {
            if !followed.calls.iter().any(|cell| cell.kind.ended().is_attempt()) {
                return;
            }
            match self.truth.known(followed.tn) {
                Some(known) => outcomes.push(Outcome::of(known, followed, policy, end)),
                None => strangers.push(followed.tn),
            }
        };
        let parts = self.traffic.follow(Default::default, each);
        let (mut outcomes, mut strangers) = (Vec::new(), Vec::new());
        for (mut part, mut unknown) in parts {
            outcomes.append(&mut part);
            strangers.append(&mut unknown);
        }
        outcomes.sort_unstable_by_key(|outcome| outcome.tn);
        strangers.sort_unstable();
        self.check(&outcomes)?;
        Ok(Followings { outcomes, strangers, policy_version: policy.version.clone() })
    }

    /// Refuses truth that tells nothing apart.
    fn check(&self, outcomes: &[Outcome]) -> Result<(), ScoreError> {
        let file = || self.file.clone();
        let unwanted = outcomes.iter().filter(|outcome| outcome.known.unwanted).count();
        match (outcomes.len(), unwanted) {
            (0, _) => Err(ScoreError::NoTruth { file: file() }),
            (all, 0) => Err(ScoreError::OneClass { file: file(), numbers: all as u64, wanted: "wanted" }),
            (all, bad) if all == bad => {
                Err(ScoreError::OneClass { file: file(), numbers: all as u64, wanted: "unwanted" })
            }
            _ => Ok(()),
        }
    }

    /// Asks another policy from now on.
    ///
    /// # Errors
    /// A policy that does not hold, or one with other carriers.
    pub(crate) fn ask(&mut self, policy: &Path) -> Result<(), ScoreError> {
        self.traffic.ask(policy)
    }

    /// Follows every number again with each threshold, and asks the policy of before in the end.
    ///
    /// # Errors
    /// As [`Run::measure`].
    pub(crate) fn trade_off(&mut self) -> Result<TradeOff, ScoreError> {
        let own = self.traffic.policy().clone();
        let mut curves = TradeOff::default();
        for p in THRESHOLDS {
            let policy = trade_off::moved(&own.policy, p);
            self.traffic.ask_loaded(PolicyData { policy, ..own.clone() });
            trade_off::add(&mut curves, p, &self.measure()?.outcomes);
        }
        self.traffic.ask_loaded(own);
        Ok(curves)
    }

    /// Measures, and adds what a report tells besides, while the policy that was followed is the one that is asked.
    pub(crate) fn report(&self, followings: &Followings) -> Report {
        let evaluation = Evaluation::of(&followings.outcomes, &self.truth.classes);
        let fit = self.truth.fit(&followings.outcomes, &followings.strangers);
        let summary = self.traffic.summary();
        let (from, through) = (self.traffic.data_from(), self.traffic.end().at);
        Report {
            evaluation,
            fit,
            summary,
            directory: self.traffic.policy().directory.clone(),
            policy_version: followings.policy_version.clone(),
            from,
            through,
            against: Vec::new(),
            lock_in: None,
            trade_off: None,
            shown: self.traffic.shown_rejects().to_vec(),
        }
    }
}

impl Report {
    /// The name of an engine, for people.
    pub(crate) fn engine_name(&self, engine: Option<usize>) -> &str {
        let named = engine.and_then(|place| self.directory.engines.get(place));
        named.map_or("any engine", |engine| &engine.name)
    }

    /// The key of an engine.
    pub(crate) fn engine_key(&self, engine: Option<usize>) -> &str {
        let named = engine.and_then(|place| self.directory.engines.get(place));
        named.map_or(crate::output::ANY_ENGINE, |engine| &engine.key)
    }

    /// What is said on standard error.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.shown.iter().map(|reject| format!("rejected {reject}")).collect();
        let mut read = vec![counted(self.summary.calls, "call", "calls")];
        for (number, words) in [(self.summary.rejected, "rejected"), (self.summary.duplicates, "duplicate")] {
            if number > 0 {
                read.push(format!("{} {words}", count(number)));
            }
        }
        if self.summary.reports > 0 {
            read.push(counted(self.summary.reports, "report", "reports"));
        }
        read.extend(self.summary.skipped.iter().map(|(words, number)| format!("{} skipped: {words}", count(*number))));
        notes.push(read.join(", "));
        let fit = &self.fit;
        let mut truth = vec![format!("truth about {}", counted(fit.numbers, "number", "numbers"))];
        for (number, words) in
            [(fit.without_calls, "without calls"), (fit.duplicates, "told twice"), (fit.rejected, "rows rejected")]
        {
            if number > 0 {
                truth.push(format!("{} {words}", count(number)));
            }
        }
        notes.push(truth.join(", "));
        if fit.without_truth > 0 {
            let named: Vec<String> = fit.named.iter().map(ToString::to_string).collect();
            let more = if fit.without_truth > named.len() as u64 { ", …" } else { "" };
            let numbers = counted(fit.without_truth, "number that calls is", "numbers that call are");
            notes.push(format!("{numbers} not in the truth and left out: {}{more}", named.join(", ")));
        }
        notes
    }
}

/// The run of `score` that reads the same.
pub(crate) fn score_args(args: &EvaluateArgs) -> ScoreArgs {
    let policy = args.compare.first().or(args.policy.as_ref());
    args.known.score_args(&args.calls, policy.map(PathBuf::as_path), args.threads)
}
