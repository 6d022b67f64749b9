//! An answer that is on its way.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::receipt::{IngestError, Receipt};

/// An answer that is on its way: it comes when everything that was taken is durable. It may be awaited, or waited for.
#[derive(Debug)]
pub struct Pending {
    pub(crate) receiver: oneshot::Receiver<Result<Receipt, IngestError>>,
}

impl Pending {
    /// Waits in this thread, which must not be one that runs async tasks.
    ///
    /// # Errors
    /// As the future.
    pub fn wait(self) -> Result<Receipt, IngestError> {
        self.receiver.blocking_recv().unwrap_or(Err(IngestError::Stopping))
    }
}

impl Future for Pending {
    type Output = Result<Receipt, IngestError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.receiver).poll(context).map(|answer| answer.unwrap_or(Err(IngestError::Stopping)))
    }
}
