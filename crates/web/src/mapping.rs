//! Which problem each failure of the service is. The only place where the two meet.

use service::registry::RegistryError;
use service::{ForgetError, IngestError};
use tokio::task::JoinError;

use crate::problem::{Code, Problem};

/// Seconds after which another try at a busy registry is worth it.
const RETRY_AFTER_S: u32 = 1;

/// A failure of the registry.
pub(crate) fn of_registry(error: &RegistryError) -> Problem {
    let said = error.to_string();
    match error {
        RegistryError::NotFound { .. } => Problem::new(Code::NotFound, said),
        RegistryError::DuplicateName { .. } | RegistryError::LimitReached { .. } => Problem::new(Code::Conflict, said),
        RegistryError::TooLong { .. } | RegistryError::BadValue { .. } => Problem::new(Code::BadBody, said),
        RegistryError::Busy { .. } => {
            Problem::new(Code::Overloaded, "the registry is busy").retry_after(RETRY_AFTER_S).internal(said)
        }
        RegistryError::NewerVersion { .. }
        | RegistryError::DivergentSchema { .. }
        | RegistryError::NotARegistry { .. }
        | RegistryError::Damaged { .. }
        | RegistryError::DiskFull { .. }
        | RegistryError::Storage { .. }
        | RegistryError::NoRandomness { .. } => {
            Problem::new(Code::StorageFailed, "the registry could not do it").internal(with_causes(error))
        }
    }
}

/// A body of records that was not taken.
pub(crate) fn of_ingest(error: &IngestError) -> Problem {
    let said = error.to_string();
    let problem = match error {
        IngestError::Busy { .. } => Problem::new(Code::Overloaded, said),
        IngestError::Starting { .. } | IngestError::Stopping => Problem::new(Code::NotReady, said),
        IngestError::Failed { .. } => Problem::new(Code::StorageFailed, said.clone()).internal(said),
        IngestError::UnknownFormat { .. } => Problem::new(Code::BadParameter, said),
        IngestError::Unreadable { .. } | IngestError::Totals => Problem::new(Code::BadBody, said),
        IngestError::TooLarge { .. } | IngestError::TooMany { .. } => Problem::new(Code::TooLarge, said),
    };
    match error.retry_after_s() {
        Some(seconds) => problem.retry_after(seconds),
        None => problem,
    }
}

/// A number that was not forgotten.
pub(crate) fn of_forget(error: &ForgetError) -> Problem {
    match error {
        ForgetError::Log(cause) => of_ingest(cause),
        ForgetError::Stopping => of_ingest(&IngestError::Stopping),
        ForgetError::Erase(_) | ForgetError::History(_) | ForgetError::Keep => {
            Problem::new(Code::StorageFailed, "not everything could be forgotten: ask again")
                .internal(with_causes(error))
        }
    }
}

/// Does work without a pause on a thread of its own: it would stall the connections that share this one.
///
/// # Errors
/// When it ended in a panic.
pub(crate) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|panic| of_panic(&panic))
}

/// Work on another thread that ended in a panic.
pub(crate) fn of_panic(error: &JoinError) -> Problem {
    Problem::new(Code::Internal, "the server failed at this request").internal(error.to_string())
}

/// An error and what it comes from, in one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
