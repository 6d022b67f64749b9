//! What goes wrong inside a transaction, before it is known what was tried.

use rusqlite::ErrorCode;

use crate::registry::RegistryError;

/// A refusal that is ready to be told, or an error of SQLite that still lacks its place.
#[derive(Debug)]
pub(super) enum Fault {
    Refused(RegistryError),
    Sql(rusqlite::Error),
}

/// What a step inside a transaction gives.
pub(super) type Step<T> = Result<T, Fault>;

impl Fault {
    /// The error of the port, told with what was tried.
    pub(super) fn while_trying(self, tried: &'static str) -> RegistryError {
        let error = match self {
            Self::Refused(refusal) => return refusal,
            Self::Sql(error) => error,
        };
        if let rusqlite::Error::FromSqlConversionFailure(_, _, cause) = &error {
            return RegistryError::Damaged { tried, detail: cause.to_string() };
        }
        // Codes of SQLite, of which there may be more with each version: all others are told in its own words.
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => RegistryError::Busy { tried },
            Some(ErrorCode::DiskFull) => RegistryError::DiskFull { tried },
            _ => RegistryError::Storage { tried, source: Box::new(error) },
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<RegistryError> for Fault {
    fn from(refusal: RegistryError) -> Self {
        Self::Refused(refusal)
    }
}
