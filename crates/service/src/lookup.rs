//! What is asked about a number, and what is answered.

use std::sync::Arc;

use model::{Attestation, Label, Status, TelephoneNumber, Timestamp};
use reputation::engines::Treatment;
use store::{LabelChange, Position, TenantId};

use crate::fold::{Difference, Scope};
use crate::number::ScoredNumber;

/// What is asked about the label of one number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LabelQuestion {
    /// The number that calls.
    pub tn: TelephoneNumber,
    /// Who asks: its own records are seen beside the shared ones.
    pub tenant: TenantId,
    /// The number that is called, which may tell the terminating carrier; `None` when it is not told.
    pub dest: Option<TelephoneNumber>,
    /// The terminating carrier's key; `None` when it is not told. Goes before `dest`.
    pub carrier: Option<Box<str>>,
    /// The analytics engine's key; `None` when it is not told. Goes before the carrier.
    pub engine: Option<Box<str>>,
    /// The attestation of the call; `None` when it is not told.
    pub attestation: Option<Attestation>,
}

impl LabelQuestion {
    /// Asks for the worst label of all engines.
    #[must_use]
    pub const fn new(tn: TelephoneNumber, tenant: TenantId) -> Self {
        Self { tn, tenant, dest: None, carrier: None, engine: None, attestation: None }
    }
}

/// What is shown beside a call, or why nothing is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Shown {
    /// Too little is known of the number.
    NoOpinion,
    /// This label, which may be none.
    Label(Label),
}

impl Shown {
    /// The word used in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoOpinion => "no_opinion",
            Self::Label(label) => label.as_str(),
        }
    }
}

/// About the chance that the label stays the same when the sample doubles, in basis points: as `score` tells it.
pub type Confidence = u16;

/// What one engine would show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EngineLabel {
    /// The engine's key; `None` where no call names a carrier, so that all engines see the same.
    pub engine: Option<Arc<str>>,
    /// What is shown.
    pub shown: Shown,
    /// The words that a person reads; empty when nothing is shown.
    pub display: Arc<str>,
    /// What the engine's networks do with such a call, by the directory of the policy.
    pub treatment: Treatment,
    /// How the number stands over time.
    pub status: Status,
    /// The rating in basis points, 0 to 10,000; `None` without an opinion.
    pub rating_bp: Option<u16>,
    /// How sure the rating is; `None` where too little is known to tell.
    pub confidence: Option<Confidence>,
    /// The codes of the reasons, the weightiest first.
    pub reasons: Vec<&'static str>,
    /// The label rose between two ticks, and the next one confirms or withdraws it.
    pub provisional: bool,
}

/// The answer about the label of one number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LabelAnswer {
    /// The number.
    pub tn: TelephoneNumber,
    /// The engine that was asked for, or the one of the carrier; else the worst label of all, with `engine` as `None`.
    pub label: EngineLabel,
    /// All engines, where none was asked for; else empty.
    pub engines: Vec<EngineLabel>,
    /// The version of the policy.
    pub policy_version: Arc<str>,
    /// Everything that became known until then is in the answer.
    pub data_through: Timestamp,
}

/// Everything about one number.
#[derive(Clone, Debug)]
pub struct NumberDetail {
    /// Facts, verdicts and advice.
    pub number: ScoredNumber,
    /// The same as the JSON object that a run over files writes.
    pub json: String,
    /// Whose view it is.
    pub scope: Scope,
    /// The changes of its labels, the newest first, each with its place in the log.
    pub history: Vec<(Position, LabelChange)>,
    /// The version of the policy.
    pub policy_version: Arc<str>,
    /// Everything that became known until then is in it.
    pub data_through: Timestamp,
}

/// Answers from what is folded. Called from any thread, beside the fold.
pub trait Answers: Send + Sync {
    /// The label of a number. Waits for no disk and for no lock that the intake holds. A number of which nothing is known is
    /// answered with no opinion, and so is an engine or a carrier that nobody knows.
    fn label(&self, question: &LabelQuestion) -> LabelAnswer;

    /// Facts and verdicts of a number in one view; `None` when nothing is known of it there. Computes, and may wait for the fold.
    fn number(&self, tn: TelephoneNumber, scope: Scope, now: Timestamp) -> Option<ScoredNumber>;

    /// A number as the JSON object that a run over files writes.
    fn number_json(&self, number: &ScoredNumber) -> String;

    /// Numbers of a view that the watched policy labels otherwise, in rising order: at most `limit`, all behind `after`. May wait
    /// for the fold.
    fn differences(&self, scope: Scope, after: Option<TelephoneNumber>, limit: usize) -> Vec<Difference>;

    /// The version of the policy that is only watched; `None` when there is none.
    fn shadow_version(&self) -> Option<Arc<str>>;

    /// The version of the policy that judges.
    fn policy_version(&self) -> Arc<str>;

    /// Everything that became known until then is in the answers.
    fn data_through(&self) -> Timestamp;
}
