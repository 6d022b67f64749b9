//! The key of a data directory.

use std::path::Path;

use reputation::facts::HashKey;
use service::upkeep::LOG_FOLDER;
use store::registry::system_random;
use store::{DataKey, SegmentLog};

use super::config::Config;
use crate::error::ScoreError;
use crate::said::file_name;

/// The key of a data directory; a directory that is new gets one. What was sealed with a key that is gone cannot be read any more,
/// and no other key may take its place.
pub(super) fn data_key(config: &Config, folder: &Path) -> Result<DataKey, ScoreError> {
    let file = config.key_file.clone().unwrap_or_else(|| folder.join(DataKey::FILE_NAME));
    if let Some(key) = DataKey::load(&file).map_err(ScoreError::DataKey)? {
        return Ok(key);
    }
    let log_folder = folder.join(LOG_FOLDER);
    let failed = |source| ScoreError::Log { folder: file_name(&log_folder), source };
    if SegmentLog::is_sealed(&log_folder).map_err(failed)? {
        return Err(ScoreError::NoDataKey { file: file_name(&file), folder: file_name(folder) });
    }
    let bits = system_random().map_err(|source| ScoreError::Registry { folder: file_name(folder), source })?;
    let key = DataKey::new(bits);
    key.save(&file).map_err(ScoreError::DataKey)?;
    Ok(key)
}

/// The key under which facts hash called and reporting people.
pub(super) fn hash_key(key: &DataKey) -> HashKey {
    let bits = u128::from_le_bytes(key.derive("people"));
    HashKey::secret([bits as u64, (bits >> 64) as u64])
}
