//! Advice: rules of good calling practice, each measured on a number's own calls.
//!
//! The rules come from what carriers, analytics engines and the law publish; their limits, sources and words are data
//! (`policy/advice.toml`). A rule whose facts are not known says so: it is never taken as met.

mod callers;
mod code;
mod measure;
mod policy;
mod rule;
pub(crate) mod text;

use model::{Aggregate, CallPurpose, TelephoneNumber, Timestamp};

use crate::facts::{Cell, DestCell, PaneRules};
use crate::replay::End;
use crate::timeline::Circumstances;

pub use callers::DestinationCallers;
pub use code::{AdviceCode, AdviceState, Why};
pub use policy::{AdvicePolicy, MeasurePolicy, Rule};

/// What advice on one number rests on.
#[derive(Clone, Copy)]
pub struct AdviceInputs<'a> {
    /// The number.
    pub tn: TelephoneNumber,
    /// Its calls, sorted by the hour in which they became known.
    pub calls: &'a [Cell],
    /// What its calls say of destinations, in the same order.
    pub dests: &'a [DestCell],
    /// The moment that the advice is for.
    pub end: End,
    /// Standing and reports.
    pub about: &'a Circumstances<'a>,
    /// The purposes that the registry names for the number, each once; empty when it names none.
    pub purposes: &'a [CallPurpose],
    /// A registry standing was supplied, so that a number without one is known not to be registered.
    pub registry_known: bool,
    /// What the source counted, where it keeps no single calls; `None` where it does. With totals, `calls` and `dests` are empty,
    /// and only rules that totals can show are known.
    pub totals: Option<&'a Aggregate>,
    /// Who of the owner's numbers calls whom; `None` when the numbers at hand belong to different callers.
    pub callers: Option<&'a DestinationCallers>,
    /// Destinations found invalid, in clear, for the owner only: at most 1,000, the newest. Empty when none was kept.
    pub invalid: &'a [InvalidDestination],
}

/// A destination that is not in service, in clear. Only a number's owner sees it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct InvalidDestination {
    /// The destination.
    pub tn: TelephoneNumber,
    /// When it was last found invalid.
    pub last_seen: Timestamp,
    /// The network said so in so many words.
    pub strong: bool,
    /// How many calls found it invalid.
    pub calls: u32,
}

/// One rule's result for one number. [`AdvicePolicy::text`] puts it into words.
#[derive(Clone, PartialEq, Debug)]
pub struct Advice {
    /// The rule.
    pub code: AdviceCode,
    /// How the number does by it.
    pub state: AdviceState,
    /// What was measured: a share, a count or a ratio, as the rule's form says. `None` when unknown.
    pub value: Option<f64>,
    /// The value up to which the rule is met.
    pub target: f64,
    /// How many calls or destinations the value rests on.
    pub sample: f64,
    /// The number's own usual value, where the rule compares with it and there is a past; else `None`.
    pub usual: Option<f64>,
    /// It was measured on totals, over their own span of time.
    pub of_totals: bool,
    /// The destinations to remove, those surely invalid first, then the newest; empty for every other rule.
    pub numbers: Vec<InvalidDestination>,
}

/// Evaluates every rule on one number, in the order of [`AdviceCode::ALL`].
#[must_use]
pub fn advise(inputs: &AdviceInputs<'_>, policy: &AdvicePolicy, panes: &PaneRules) -> Vec<Advice> {
    let measures = measure::Measures::of(inputs, policy, panes);
    AdviceCode::ALL.into_iter().map(|code| rule::evaluate(code, inputs, policy, &measures)).collect()
}

#[cfg(test)]
mod tests;
