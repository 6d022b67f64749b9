//! How far imports came, so that one that was broken off goes on where it was.

use model::Timestamp;

use super::{Listing, Name, Page, RegistryError};
use crate::TenantId;

/// What is imported: a file of a source.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ImportKey {
    /// Whose source it is.
    pub tenant: TenantId,
    /// The source that the records are of.
    pub source: Name,
    /// What tells the file's content from any other's: a hash, not its path.
    pub file: [u8; 32],
}

/// How far an import came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportProgress {
    /// What is imported.
    pub key: ImportKey,
    /// What people call the file; the last 256 bytes are kept.
    pub file_name: String,
    /// Bytes of the file, unpacked, whose records are in the log.
    pub position_bytes: u64,
    /// Records up to there.
    pub records: u64,
    /// Whether the file's end was reached.
    pub finished: bool,
    /// When this was noted.
    pub updated_at: Timestamp,
}

/// Imports.
pub trait Imports {
    /// Notes how far an import came, in place of what was noted before.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NotFound`], when there is no such source; when the registry cannot be written.
    fn note_import(&self, progress: &ImportProgress) -> Result<(), RegistryError>;

    /// How far an import came; `None` when it never began.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn import(&self, key: &ImportKey) -> Result<Option<ImportProgress>, RegistryError>;

    /// All imports, in the order of tenant, source and file.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn imports(&self, page: &Page<ImportKey>) -> Result<Listing<ImportProgress, ImportKey>, RegistryError>;

    /// Removes what was noted last before `before`; returns how many.
    ///
    /// # Errors
    ///
    /// When the registry cannot be written.
    fn trim_imports(&self, before: Timestamp) -> Result<u64, RegistryError>;
}

/// The end of a file's name, cut between characters.
pub(super) fn short_name(name: &str) -> &str {
    let from = (name.len().saturating_sub(256)..=name.len()).find(|from| name.is_char_boundary(*from));
    from.and_then(|from| name.get(from..)).unwrap_or("")
}
