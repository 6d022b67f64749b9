//! One population of callers.

use serde::{Deserialize, Serialize};

/// A population: what its callers have in common. Each caller draws its own rates around these.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Its share of all numbers, as a weight.
    pub share: f64,
    /// People do not want its calls.
    pub unwanted: bool,
    /// The purpose that registered numbers state; absent for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The share of its numbers that are registered.
    #[serde(default)]
    pub registered: f64,
    /// The share of its registered numbers that a provider vouches for.
    #[serde(default)]
    pub attested: f64,
    /// The name of its rhythm.
    pub rhythm: String,
    /// How many neighbouring numbers one operator fills a block with; absent for numbers scattered over ordinary blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_block: Option<u32>,
    /// How many of the destinations it meets are in its own area code.
    pub local: f64,
    /// How many are in its own exchange ("neighbour" dialling).
    #[serde(default)]
    pub neighbour: f64,
    /// The least and the most distinct people that its repeated calls go to; absent where it calls back whom it called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacts: Option<[u32; 2]>,
    /// How many calls back a repeated call may reach.
    #[serde(default = "default_memory")]
    pub memory_calls: u32,
    /// The share of new destinations that are dialled a second time soon after, answered or not.
    #[serde(default)]
    pub redial: f64,
    /// The share of its hang-ups that it holds until the padding time instead.
    #[serde(default)]
    pub padded: f64,
    /// The shape of the log-logistic distribution of talk times; the larger, the more alike.
    pub talk_shape: f64,
    /// Seconds that it lets a phone ring, least and most.
    pub ring_s: [f64; 2],
    /// The share of its unanswered calls that it gives up early.
    #[serde(default)]
    pub abandoned: f64,
    /// The share of its unanswered calls that people refuse.
    pub declined: f64,
    /// Shares of attestation A, B, C and none.
    pub attestation: [f64; 4],
    /// How many more of its calls are answered by people it called before, as a factor.
    #[serde(default = "one")]
    pub known_lift: f64,
    /// The share of calls to destinations in service that are answered.
    pub answered: Rate,
    /// The share of answered calls that last at most six seconds.
    pub short: Rate,
    /// The share of distinct destinations that are out of service.
    pub invalid: Rate,
    /// The share of calls that go to a destination called before.
    pub repeat: Rate,
    /// Calls a day, over the days of its life.
    pub calls_per_day: Amount,
    /// How much a day's calls differ from the mean day's: the deviation of the logarithm of a day's factor.
    #[serde(default = "default_day_spread")]
    pub day_spread: f64,
    /// Days that a number is in use; absent for numbers in use all the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life_d: Option<Amount>,
    /// Median seconds of its longer conversations.
    pub talk_s: Amount,
    /// A recorded message that ends many of its calls; absent for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// Reports per call.
    pub complaints: Complaints,
    /// People who call back; absent for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_back: Option<CallBack>,
    /// Another population that shows these numbers for a while without their owners' will; absent for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoofed_by: Option<SpoofedBy>,
}

const fn default_memory() -> u32 {
    500
}

const fn default_day_spread() -> f64 {
    0.3
}

const fn one() -> f64 {
    1.0
}

/// A rate that differs between callers: a beta distribution.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The mean over callers, 0 to 1.
    pub mean: f64,
    /// The sum of the beta distribution's parameters: the larger, the more alike the callers.
    pub n: f64,
}

/// An amount that differs between callers: a log-normal distribution.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// The median over callers.
    pub median: f64,
    /// The standard deviation of its logarithm.
    pub spread: f64,
    /// No caller exceeds this.
    pub max: f64,
}

/// A recorded message.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// The share of the longer calls that end with it.
    pub share: f64,
    /// Its length in seconds.
    pub length_s: Amount,
}

/// Reports by called people.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complaints {
    /// The mean over callers of the reports per call.
    pub per_call: f64,
    /// The shape of the gamma distribution over callers: the larger, the more alike.
    pub shape: f64,
}

/// People who call the number back.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallBack {
    /// The share of its unanswered calls that lead to one.
    pub share: f64,
    /// The share of those that are answered.
    pub answered: f64,
    /// Median seconds of conversation.
    pub talk_s: f64,
}

/// Calls of others that show the number of somebody innocent.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpoofedBy {
    /// The population that shows it.
    pub class: String,
    /// For how many days.
    pub life_d: f64,
    /// The share of owners that report it.
    pub owner_reports: f64,
}
