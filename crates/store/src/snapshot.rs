//! Snapshots of the service's state: bytes under a name, such as that of a partition, as of a place in the log.
//!
//! What the bytes mean is the service's; a snapshot carries the version of the fold that made them, and one of another version
//! is passed over. The last two of each name are kept, so that a broken one costs a longer replay and nothing more.

mod file;
mod memory;

use std::fmt;
use std::path::PathBuf;

use model::Timestamp;

pub use file::SnapshotFolder;
pub use memory::MemorySnapshots;

use crate::log::Position;

/// How many snapshots of a name are kept.
pub const KEPT: usize = 2;

/// What a snapshot is of: one to 32 of the characters `a`-`z`, `0`-`9` and `_`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SnapshotName(Box<str>);

impl SnapshotName {
    /// Checks a name; `None` when it has other characters, or too many or none.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        ((1..=32).contains(&name.len()) && name.bytes().all(is_allowed)).then(|| Self(name.into()))
    }

    /// The name of a virtual partition: `partition_000` to `partition_255`.
    #[must_use]
    pub fn partition(partition: u8) -> Self {
        Self(format!("partition_{partition:03}").into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of a snapshot besides its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SnapshotHead {
    /// The version of the fold that made the bytes.
    pub fold_version: u32,
    /// The place of the first event that the bytes do not contain: where to read on.
    pub position: Position,
    /// When it was taken, as its taker told.
    pub taken_at: Timestamp,
}

/// A snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// What is known of it.
    pub head: SnapshotHead,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A snapshot that was passed over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passed {
    /// The file; empty in an adapter without files.
    pub file: PathBuf,
    /// Why.
    pub why: PassedWhy,
}

/// Why a snapshot was passed over.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PassedWhy {
    /// Another version of the fold made it.
    #[error("fold version {found} made it")]
    FoldVersion {
        /// The version that made it.
        found: u32,
    },
    /// A newer program wrote it.
    #[error("its format {found} is not known")]
    Format {
        /// Its format.
        found: u16,
    },
    /// It is sealed.
    #[error("it is sealed, and the key at hand does not open it")]
    Sealed,
    /// Its bytes are not what was written.
    #[error("it is broken at byte {offset}: {found}")]
    Broken {
        /// The first byte of the part that does not hold.
        offset: u64,
        /// What was expected and is not so.
        found: &'static str,
    },
    /// It cannot be read.
    #[error("it cannot be read: {reason}")]
    Unreadable {
        /// What the system says.
        reason: String,
    },
}

/// What a look for a snapshot found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Loaded {
    /// The newest that can be used; `None` when there is none.
    pub snapshot: Option<Snapshot>,
    /// Newer ones that cannot be used, the newest first.
    pub passed: Vec<Passed>,
}

/// Why a snapshot could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// An operation on a file failed.
    #[error("cannot {what} {}", file.display())]
    Io {
        /// What was tried, as a verb.
        what: &'static str,
        /// The file or folder.
        file: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
}

/// Keeps snapshots. All calls may come from any thread; two of the same name must not be saved at once.
pub trait Snapshots: Send + Sync {
    /// Keeps a snapshot; it is durable when this returns. One of the same name and place is replaced, and of the others those
    /// of the highest places are kept, [`KEPT`] in all. (A rebuild begins at lower places than the snapshots of the fold before.)
    ///
    /// # Errors
    /// When it is not durable. Those that were there still are.
    fn save(&self, name: &SnapshotName, head: SnapshotHead, bytes: &[u8]) -> Result<(), SnapshotError>;

    /// The newest snapshot of a name that is whole and was made by `fold_version`. What cannot be used is told, not an error.
    ///
    /// # Errors
    /// When it cannot be told which snapshots there are.
    fn load(&self, name: &SnapshotName, fold_version: u32) -> Result<Loaded, SnapshotError>;

    /// All snapshots by name and place, the oldest of each name first. Whether they can be used is told by
    /// [`Snapshots::load`].
    ///
    /// # Errors
    /// When it cannot be told which there are.
    fn list(&self) -> Result<Vec<(SnapshotName, Position)>, SnapshotError>;

    /// Removes all snapshots of a name but the one at a place, as when numbers are forgotten.
    ///
    /// # Errors
    /// When one cannot be removed.
    fn keep_only(&self, name: &SnapshotName, place: Position) -> Result<(), SnapshotError>;

    /// Removes all snapshots of a name, as when numbers are forgotten.
    ///
    /// # Errors
    /// When one cannot be removed.
    fn remove(&self, name: &SnapshotName) -> Result<(), SnapshotError>;
}

/// Of the snapshots of a name, at `places`, those that are given up when one was saved at `saved`.
fn given_up(saved: Position, mut places: Vec<Position>) -> Vec<Position> {
    places.retain(|&place| place != saved);
    places.sort_unstable();
    places.truncate(places.len().saturating_sub(KEPT - 1));
    places
}
