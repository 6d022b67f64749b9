//! The word to stop, and who waits for it.

use tokio::sync::watch;

/// Says once that the server stops.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Learns that the server stops. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// A pair of the one who says it and the one who learns it.
#[must_use]
pub fn stop_pair() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Says that the server stops; saying it again changes nothing.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits until the server stops. A lost [`Stopper`] is a stop too.
    pub async fn stopped(&mut self) {
        // An error means that the other half is gone, after which nobody could say it any more.
        let _gone = self.0.wait_for(|stopping| *stopping).await;
    }
}
