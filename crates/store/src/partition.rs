//! The virtual partitions that events are spread over.
//!
//! [`partition_of`] is a function of the number's block alone, fixed for all time, so an event's partition is derived from it
//! ([`crate::Event::partition`]) and not stored. A log records the count of partitions in its header and refuses to be opened
//! by a program that counts otherwise.

pub use model::tn::partition_of;

/// How many virtual partitions there are.
pub const PARTITIONS: u16 = 256;

const _: () = assert!(model::tn::PARTITIONS == PARTITIONS as u64, "the numbering plan and the log count alike");
