//! Snapshots in memory.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Loaded, Passed, PassedWhy, Snapshot, SnapshotError, SnapshotHead, SnapshotName, Snapshots};
use crate::log::Position;

type Kept = BTreeMap<SnapshotName, BTreeMap<Position, Snapshot>>;

/// Snapshots in memory.
#[derive(Debug, Default)]
pub struct MemorySnapshots(Mutex<Kept>);

impl MemorySnapshots {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Snapshots for MemorySnapshots {
    fn save(&self, name: &SnapshotName, head: SnapshotHead, bytes: &[u8]) -> Result<(), SnapshotError> {
        let mut kept = self.lock();
        let of_name = kept.entry(name.clone()).or_default();
        of_name.insert(head.position, Snapshot { head, bytes: bytes.to_vec() });
        for place in super::given_up(head.position, of_name.keys().copied().collect()) {
            of_name.remove(&place);
        }
        Ok(())
    }

    fn load(&self, name: &SnapshotName, fold_version: u32) -> Result<Loaded, SnapshotError> {
        let kept = self.lock();
        let mut loaded = Loaded::default();
        for snapshot in kept.get(name).into_iter().flat_map(|of_name| of_name.values().rev()) {
            let found = snapshot.head.fold_version;
            if found == fold_version {
                loaded.snapshot = Some(snapshot.clone());
                break;
            }
            loaded.passed.push(Passed { file: PathBuf::new(), why: PassedWhy::FoldVersion { found } });
        }
        Ok(loaded)
    }

    fn list(&self) -> Result<Vec<(SnapshotName, Position)>, SnapshotError> {
        let kept = self.lock();
        let places = |(name, of_name): (&SnapshotName, &BTreeMap<Position, Snapshot>)| {
            of_name.keys().map(|&place| (name.clone(), place)).collect::<Vec<_>>()
        };
        Ok(kept.iter().flat_map(places).collect())
    }

    fn keep_only(&self, name: &SnapshotName, place: Position) -> Result<(), SnapshotError> {
        self.lock().get_mut(name).into_iter().for_each(|of_name| of_name.retain(|&other, _| other == place));
        Ok(())
    }

    fn remove(&self, name: &SnapshotName) -> Result<(), SnapshotError> {
        self.lock().remove(name);
        Ok(())
    }
}
