//! What of a log can be read.

use store::{LogError, LogReader, Logged, Position};

/// The events of a log from a place on. Damaged parts are told and passed over: what is lost in them was told when the log was
/// opened, too.
///
/// # Errors
/// When the place is not held. While it is read, when the log cannot be read at all.
pub(crate) fn readable(
    log: &dyn LogReader,
    from: Position,
) -> Result<impl Iterator<Item = Result<Logged, LogError>>, LogError> {
    Ok(log.read(from)?.filter(|logged| match logged {
        Err(error @ (LogError::Damaged(_) | LogError::Decode { .. })) => {
            tracing::warn!(%error, "a part of the log is passed over");
            false
        }
        Ok(_) | Err(_) => true,
    }))
}
