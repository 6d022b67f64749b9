//! The frozen description of who calls whom: populations, people, rhythms and adversaries, as data.

pub mod adversary;
mod check;
pub mod class;
mod load;
pub mod people;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use adversary::{Adversaries, Adversary};
pub use class::{Amount, CallBack, Class, Complaints, Message, Rate, SpoofedBy};
pub use load::ScenarioError;
pub use people::{Delay, LabelEffect, People, Unanswered};

/// Who calls whom, and how. Frozen under a version before anything is fitted to it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Names this state of the numbers; every change has a version of its own.
    pub version: String,
    /// What a run was asked for; written with its output, so that the file alone makes the run again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    /// How numbers lie in blocks.
    pub blocks: Blocks,
    /// The people that are called.
    pub people: People,
    /// The hours and days of calling, by name.
    pub rhythm: BTreeMap<String, Rhythm>,
    /// The populations, by name; their order is that of the names.
    pub class: BTreeMap<String, Class>,
    /// How far each adversary goes at full strength.
    pub adversary: Adversaries,
}

/// What a run was asked for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Whole days of traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// How many numbers call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<u64>,
    /// Equal seeds give equal bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The first day, as `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// The adversary that plays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adversary: Option<Adversary>,
    /// How far it goes, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<f64>,
}

/// How numbers lie in blocks of a thousand (NPA-NXX-X).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blocks {
    /// Calling numbers in an ordinary block, 1 to 900.
    pub numbers_per_block: u32,
    /// Blocks in use in one exchange (NPA-NXX), 1 to 10.
    pub blocks_per_exchange: u32,
    /// Ordinary numbers in a block that an operator of many numbers has filled, 0 to 400.
    pub innocents_per_filled_block: u32,
}

/// When calls are placed, by the clock at the caller's place.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rhythm {
    /// The weight of each hour of the day, from midnight on.
    pub hours: [f64; 24],
    /// The weight of each day of the week, Monday first.
    pub days: [f64; 7],
}
