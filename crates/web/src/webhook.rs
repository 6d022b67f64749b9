//! Webhooks: how a message is signed, where it may be sent, and when it is tried again.

pub mod address;
pub mod schedule;
pub mod send;
pub mod signature;
pub(crate) mod worker;
