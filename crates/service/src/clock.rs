//! What the time is: the system's, or one that a test turns by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use model::Timestamp;

/// Tells what the time is. It may jump, forwards and backwards; what the service logs never goes back.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Clone, Copy, Default, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).ok().and_then(Timestamp::from_ms).unwrap_or(Timestamp::MAX)
    }
}

/// A clock that stands until it is turned by hand. Clones show the same time.
#[derive(Clone, Debug)]
pub struct HandClock {
    ms: Arc<AtomicI64>,
}

impl HandClock {
    /// A clock that stands at `at`.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self { ms: Arc::new(AtomicI64::new(at.as_ms())) }
    }

    /// Turns the clock to `at`, which may be earlier.
    pub fn set(&self, at: Timestamp) {
        self.ms.store(at.as_ms(), Ordering::SeqCst);
    }

    /// Turns the clock by so many milliseconds, back when negative.
    pub fn advance_ms(&self, ms: i64) {
        self.ms.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH.saturating_add_ms(self.ms.load(Ordering::SeqCst))
    }
}
