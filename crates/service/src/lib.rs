//! What Ringtrue does as a service: the use cases, and what they share with a run over files.
//!
//! [`facts`] holds what is known of numbers, [`admit`] what is kept of a call besides, [`judge`] judges them, [`number`] is what is said of one.

pub mod admit;
pub mod facts;
pub mod judge;
pub mod number;
pub mod output;
