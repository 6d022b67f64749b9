//! What Ringtrue keeps: the event log, snapshots of its state, and the registry.
//!
//! Each is a port, a trait that says what the rest of the service may rely on, with adapters behind it: one in memory for tests
//! and small runs, one on disk. [`Event`] is what the log holds; its encoding carries a version, and every version is read for
//! ever. There are no business rules here: what an event means is decided above.

#[cfg(any(test, feature = "battery"))]
pub mod battery;
pub mod event;
pub mod files;
pub mod log;
pub mod memory;
pub mod partition;
pub mod registry;
pub mod seal;
pub mod segments;
pub mod snapshot;

pub use event::{Event, LabelChange, Origin, Payload, ReporterStanding, SourceRole, TenantId};
pub use log::{Damage, EventLog, Forgotten, LogError, LogReader, Logged, Position};
pub use memory::MemoryLog;
pub use partition::{PARTITIONS, partition_of};
pub use seal::{DataKey, KeyFileError};
pub use segments::{SegmentLog, SegmentOptions};
pub use snapshot::{MemorySnapshots, SnapshotFolder, SnapshotHead, SnapshotName, Snapshots};
