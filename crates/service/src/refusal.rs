//! Why the service could not do what it was asked.

use std::sync::Arc;

use store::LogError;

use crate::receipt::IngestError;

/// Why the service cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Log(#[source] LogError),
    /// A thread cannot be started.
    #[error("a thread cannot be started")]
    Thread(#[source] std::io::Error),
    /// The file of carriers in the data directory cannot be read or written.
    #[error("the file of carriers in the data directory cannot be read or written")]
    CarriersFile(#[source] std::io::Error),
    /// What is noted of policies in the data directory cannot be read or written.
    #[error("what is noted of policies in the data directory cannot be read or written")]
    Policies(#[source] std::io::Error),
    /// The directory of carriers is another one: the log names carriers by their places in it.
    #[error("the carrier `{key}` is no longer at its place in the directory: new carriers belong behind the others")]
    Carriers {
        /// The key of the first carrier that moved.
        key: Box<str>,
    },
}

/// Why a policy was not activated. The one before stays.
#[derive(Debug, thiserror::Error)]
pub enum ActivateError {
    /// It is already the one that judges.
    #[error("version {version} judges already: a changed policy needs a version of its own")]
    SameVersion {
        /// The version.
        version: Arc<str>,
    },
    /// Its directory of carriers is another one: the log names carriers by their places in it.
    #[error("the carrier `{key}` is not at its place in the directory: new carriers belong behind the others")]
    Carriers {
        /// The key of the first carrier that moved.
        key: Box<str>,
    },
    /// It could not be kept, so that the log could not be folded again by it.
    #[error("it could not be kept in the data directory")]
    Keep(#[source] std::io::Error),
    /// The activation could not be logged.
    #[error("the activation could not be logged")]
    Log(#[source] IngestError),
}

/// Why a number could not be forgotten. Asking again goes on where it ended.
#[derive(Debug, thiserror::Error)]
pub enum ForgetError {
    /// That it is to be forgotten could not be logged.
    #[error("it could not be logged")]
    Log(#[source] IngestError),
    /// The log could not be written anew.
    #[error("the log could not be written anew")]
    Erase(#[source] LogError),
    /// The history of labels could not be written.
    #[error("the history of labels could not be written: {0}")]
    History(String),
    /// What is kept of the state still holds it, and could not be replaced.
    #[error("what is kept of the state could not be replaced")]
    Keep,
    /// The service stops.
    #[error("the service is stopping")]
    Stopping,
}
