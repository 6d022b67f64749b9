//! What the data directory is, and settings that outlive a run.

use model::Timestamp;

use super::{DataId, RegistryError};

/// The most bytes of a setting's value. Chosen: settings are keys and versions, not documents.
pub(super) const SETTING_BYTES_MAX: usize = 4096;

/// What a data directory is. It never changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DataIdentity {
    /// Its id.
    pub id: DataId,
    /// When it was created.
    pub created_at: Timestamp,
}

/// The data directory's identity and its settings.
pub trait Meta {
    /// What the data directory is.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn identity(&self) -> Result<DataIdentity, RegistryError>;

    /// A setting's value; `None` when it was never put.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, RegistryError>;

    /// Puts a setting, in place of the one before.
    ///
    /// # Errors
    ///
    /// [`RegistryError::TooLong`] above 4,096 bytes; when the registry cannot be written.
    fn put_setting(&self, name: &str, value: &[u8]) -> Result<(), RegistryError>;

    /// Puts a setting unless there is one, and returns the one that is there: what is drawn at random once, such as the key of
    /// the hashes, is drawn once even when two processes begin at the same moment.
    ///
    /// # Errors
    ///
    /// As [`Meta::put_setting`].
    fn setting_or(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, RegistryError>;
}
