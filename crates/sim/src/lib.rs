//! Telephone traffic with known truth: who calls, how each call ends, who reports it, and whether people wanted it.
//!
//! A [`Scenario`] is data: populations, people and adversaries. A [`World`] is a scenario with a seed, a span of days and a count
//! of numbers. A [`Number`] is a pure function of the world and its place in it, and so is each of its calls: numbers may be
//! played in any order, on any thread, with the same result to the bit. [`Number::play`] asks before each call which label the
//! called person sees, so that a policy can be run as it would run live; [`Number::tape`] walks through time in pieces, for
//! writing files.
//!
//! Nothing here opens a file, asks a clock, starts a thread or logs.

mod act;
mod call;
pub mod encode;
mod number;
mod numbering;
mod random;
mod report;
mod rhythm;
pub mod scenario;
mod society;
mod traits;
mod world;

pub use call::{Attempt, SimCall};
pub use encode::{Encoder, Encoding};
pub use number::{ClassId, Event, Number, NumberTruth, Played, Stage, Tape};
pub use report::{Reporter, SimReport};
pub use scenario::{Adversary, Scenario, ScenarioError};
pub use world::{MAX_DAYS, MAX_NUMBERS, World, WorldError, WorldOptions};
