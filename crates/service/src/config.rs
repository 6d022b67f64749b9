//! What an operator decides beforehand.

use std::path::PathBuf;

use intake::Options;

use crate::carrier_map::Carriers;

/// Limits of the intake and of what is kept. Every one has a default that fits one machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Days for which raw events are kept, so that facts can be folded anew.
    pub log_days: u32,
    /// The most bytes that raw events take, whichever comes first; `None` leaves it to the days.
    pub log_bytes: Option<u64>,
    /// Hours within which a record told twice is recognised.
    pub dedupe_hours: u32,
    /// The most records that are remembered for that; each takes about 35 bytes.
    pub dedupe_records: usize,
    /// The most calls that wait for their pieces.
    pub join_calls: usize,
    /// Hours after which a call is closed with the pieces that it has.
    pub join_hours: u32,
    /// The largest body, in bytes, unpacked.
    pub body_bytes: usize,
    /// The most records of one body.
    pub batch_records: usize,
    /// Bytes of all bodies that are in work at once.
    pub queue_bytes: usize,
    /// Bodies that are in work at once.
    pub queue_bodies: usize,
    /// Events that are written with one sync, about.
    pub group_events: usize,
    /// Committed events that wait in memory for being folded; beyond, they are read from the log again.
    pub fold_events: usize,
    /// Label changes that are held in memory for those who listen; older ones are read from the log.
    pub feed_changes: usize,
    /// Rejected records that one answer tells.
    pub told_rejects: usize,
    /// Events between two snapshots of the same partition.
    pub snapshot_events: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            log_days: 35,
            log_bytes: None,
            dedupe_hours: 72,
            dedupe_records: 20_000_000,
            join_calls: 1_000_000,
            join_hours: 24,
            body_bytes: 32 << 20,
            batch_records: 100_000,
            queue_bytes: 128 << 20,
            queue_bodies: 1024,
            group_events: 65_536,
            fold_events: 262_144,
            feed_changes: 65_536,
            told_rejects: 1000,
            snapshot_events: 5_000_000,
        }
    }
}

/// What an operator decides beforehand.
#[derive(Clone, Default)]
pub struct Config {
    /// The folder that holds everything; `None` keeps everything in memory.
    pub data: Option<PathBuf>,
    /// The folder of the operator's own policy files; `None` leaves the shipped policy.
    pub policy: Option<PathBuf>,
    /// How records are read: region, zone, mappings. Source and carriers are filled in by the service.
    pub reading: Options,
    /// Which carrier serves which destination, for calls whose records name none.
    pub carriers: Carriers,
    /// Limits.
    pub limits: Limits,
}
