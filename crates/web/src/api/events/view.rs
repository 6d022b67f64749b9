//! How events are told.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use service::{Position, Told};
use utoipa::ToSchema;

const PREFIX: &str = "event_";

/// An event's id: its place in the log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct EventId(pub(crate) Position);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.0)
    }
}

impl FromStr for EventId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let place = text.strip_prefix(PREFIX).and_then(|place| place.parse().ok());
        place.map(|place| Self(Position(place))).ok_or(())
    }
}

/// One event of the stream.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what is written field by field")]
pub(crate) struct StreamEvent {
    /// What happened: `label.changed` or `missed`.
    #[schema(example = "label.changed")]
    event: String,
    /// The event's id; absent of `missed`.
    #[schema(example = "event_42")]
    id: Option<String>,
    /// As JSON: a `LabelChangedView` of `label.changed`; of `missed` an object whose `from` is the id from which on events are told.
    #[schema(content_media_type = "application/json")]
    data: String,
}

/// A label changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub(crate) struct LabelChangedView {
    /// The event's id: later events have later numbers.
    #[schema(example = "event_42")]
    pub(crate) id: String,
    /// The number.
    #[schema(example = "+12155550112")]
    pub(crate) tn: String,
    /// The key of the analytics engine.
    pub(crate) engine: String,
    /// The label before.
    pub(crate) from: &'static str,
    /// The label after.
    pub(crate) to: &'static str,
    /// From when the label is shown.
    pub(crate) at: String,
    /// When it was decided; later than `at` where late data or a new policy decided it.
    pub(crate) decided_at: String,
    /// A rise between two hours, which the next one confirms or withdraws.
    pub(crate) provisional: bool,
    /// The codes of the reasons, the weightiest first.
    pub(crate) reasons: Vec<String>,
    /// The version of the policy that decided.
    pub(crate) policy_version: String,
}

impl From<&Told> for LabelChangedView {
    fn from(told: &Told) -> Self {
        let change = &told.change;
        Self {
            id: EventId(told.id).to_string(),
            tn: change.tn.to_string(),
            engine: change.engine.to_string(),
            from: change.from.as_str(),
            to: change.to.as_str(),
            at: change.effective_at.to_string(),
            decided_at: change.decided_at.to_string(),
            provisional: change.provisional,
            reasons: change.reasons.iter().map(ToString::to_string).collect(),
            policy_version: change.policy_version.to_string(),
        }
    }
}
