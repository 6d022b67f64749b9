//! What a data directory holds.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use model::Timestamp;
use store::registry::{DataIdentity, Holdings, Meta as _};
use store::segments::{Opening, SegmentInfo};
use store::{EventLog as _, Position, SegmentLog, SnapshotFolder, SnapshotHead, SnapshotName, Snapshots as _};

use super::manifest::Manifest;
use super::{UpkeepError, failed, has_data, look_at_log, look_at_registry, look_at_snapshots};
use crate::carriers;
use crate::fold::SNAPSHOT_VERSION;
use crate::keeper::MARKS;

/// What a data directory holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inspected {
    /// Which data directory it is: a copy has the identity of what was copied.
    pub identity: DataIdentity,
    /// When it was copied; `None` for what is no backup.
    pub backup_made_at: Option<Timestamp>,
    /// The log.
    pub log: LogHeld,
    /// The snapshots.
    pub snapshots: SnapshotsHeld,
    /// The registry.
    pub registry: Holdings,
    /// Carriers that events may name.
    pub carriers: usize,
}

/// What a log holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogHeld {
    /// The format that this program writes; each segment tells its own.
    pub format: u16,
    /// The places of its events.
    pub events: Range<Position>,
    /// Bytes of its segments.
    pub bytes: u64,
    /// Its segments, the oldest first.
    pub segments: Vec<SegmentInfo>,
    /// What the last stop left behind; the next start deals with it.
    pub opening: Opening,
}

/// What snapshots there are.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct SnapshotsHeld {
    /// The format of their files.
    pub format: u16,
    /// The version of the state that this program keeps.
    pub version: u32,
    /// Their files.
    pub files: usize,
    /// The bytes that these hold.
    pub bytes: u64,
    /// Parts of the state of which there is a snapshot that can be used.
    pub parts: usize,
    /// From here on a start reads the log: the place of the oldest of the parts' newest snapshots; `None` without any.
    pub read_from: Option<Position>,
    /// The place of the newest of all; `None` without any.
    pub reaches_to: Option<Position>,
    /// When the newest snapshot was taken; `None` without any.
    pub newest: Option<Timestamp>,
    /// Files that cannot be used, each with why.
    pub unusable: Vec<String>,
    /// All that say what they are, by name and place.
    pub all: Vec<SnapshotInfo>,
}

/// What a snapshot says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SnapshotInfo {
    /// What it is of.
    pub name: SnapshotName,
    /// The version of the state that made it, the place up to which it reaches, and when it was taken.
    pub head: SnapshotHead,
    /// The bytes that it holds.
    pub bytes: u64,
}

/// Tells what a data directory holds on which no server works, or a backup. Nothing is changed, and only what files say of
/// themselves is read.
///
/// # Errors
/// When it cannot be read.
pub fn inspect(data: &Path) -> Result<Inspected, UpkeepError> {
    has_data(data)?;
    let log = look_at_log(data)?;
    let registry = look_at_registry(data)?;
    Ok(Inspected {
        identity: registry.identity().map_err(UpkeepError::Registry)?,
        backup_made_at: Manifest::read(data)?.map(|manifest| manifest.made_at),
        log: LogHeld {
            format: SegmentLog::FORMAT,
            events: log.reader().held(),
            bytes: log.size_bytes(),
            segments: log.segments(),
            opening: log.opening().clone(),
        },
        snapshots: look_at_snapshots(data)?.map_or(Ok(SnapshotsHeld::default()), |snapshots| held(&snapshots))?,
        registry: registry.holdings().map_err(UpkeepError::Registry)?,
        carriers: carriers::carriers_of(data).map_err(failed("read", &data.join(carriers::FILE)))?.len(),
    })
}

fn held(snapshots: &SnapshotFolder) -> Result<SnapshotsHeld, UpkeepError> {
    let mut held =
        SnapshotsHeld { format: SnapshotFolder::FORMAT, version: SNAPSHOT_VERSION, ..SnapshotsHeld::default() };
    let mut newest = BTreeMap::new();
    for (name, place) in snapshots.list().map_err(UpkeepError::Snapshots)? {
        held.files += 1;
        let told = |why: String| format!("{}: {why}", snapshots.path(&name, place).display());
        match snapshots.head(&name, place) {
            Err(why) => held.unusable.push(told(why.to_string())),
            Ok((head, bytes)) => {
                held.bytes += bytes;
                held.newest = held.newest.max(Some(head.taken_at));
                held.all.push(SnapshotInfo { name: name.clone(), head, bytes });
                if name.as_str() == MARKS {
                    continue;
                }
                if head.fold_version == SNAPSHOT_VERSION {
                    newest.insert(name, place);
                } else {
                    held.unusable.push(told(format!("version {} of the state", head.fold_version)));
                }
            }
        }
    }
    held.parts = newest.len();
    held.reaches_to = newest.values().max().copied();
    held.read_from = newest.into_values().min();
    Ok(held)
}
