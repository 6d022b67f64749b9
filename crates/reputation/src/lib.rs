//! How facts about a number become a rating, and ratings become a label.
//!
//! The way of a verdict: [`facts`] (policy-free counts) are read at a moment as decayed sums and a sample of destinations;
//! [`evidence`] turns each into nats; [`assess`] adds them up and finds the label that they reach; [`state`] shows it with
//! hysteresis. [`live`] answers at any moment from [`ready`] facts. Nothing here reads a file or a clock.

pub mod advice;
pub mod assess;
pub mod bytes;
pub mod engines;
pub mod evidence;
pub mod facts;
pub mod fleet;
pub mod hours;
pub mod live;
pub mod numeric;
pub mod policy;
pub mod ready;
pub mod replay;
mod screen;
pub mod state;
pub mod symptom;
pub mod timeline;
pub mod totals;
pub mod verdict;
pub mod words;
