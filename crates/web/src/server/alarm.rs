//! The timer of one connection.
//!
//! A connection has one deadline at a time, by which the next headers are to be there, and every request moves it. A timer of
//! the runtime for each would be entered and taken out again with every request, under a lock that all connections share; so
//! one that rings too early is kept, and wound on when it rings.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt;
use tokio::time::{self, Sleep};

/// The runtime's timer; `None` before a deadline was waited for.
type Kept = Arc<Mutex<Option<Pin<Box<Sleep>>>>>;

/// Tells the deadlines of one connection, of which one is waited for at a time.
#[derive(Debug, Default)]
pub(super) struct Alarm(Kept);

struct Until {
    deadline: time::Instant,
    kept: Kept,
}

impl rt::Timer for Alarm {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn rt::Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Until { deadline: deadline.into(), kept: Arc::clone(&self.0) })
    }

    fn now(&self) -> Instant {
        time::Instant::now().into_std()
    }
}

impl rt::Sleep for Until {}

impl Future for Until {
    type Output = ();

    fn poll(self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<()> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let sleep = kept.get_or_insert_with(|| Box::pin(time::sleep_until(self.deadline)));
        if sleep.deadline() > self.deadline {
            sleep.as_mut().reset(self.deadline);
        }
        loop {
            ready!(sleep.as_mut().poll(ctx));
            if sleep.deadline() >= self.deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(self.deadline);
        }
    }
}

#[cfg(test)]
mod tests {
    use rt::Timer as _;

    use super::*;

    const SOON: Duration = Duration::from_millis(20);
    const LATE: Duration = Duration::from_secs(600);

    #[tokio::test]
    async fn deadlines_are_told_in_time_whatever_was_waited_for_before() {
        let alarm = Alarm::default();
        let begun = time::Instant::now();
        // Given up before it rings; the next one is sooner.
        assert!(time::timeout(SOON, alarm.sleep(LATE)).await.is_err());
        time::timeout(LATE, alarm.sleep(SOON)).await.expect("told");
        assert!(begun.elapsed() >= 2 * SOON);
        // The timer of the one before rings first, and is wound on.
        assert!(time::timeout(SOON / 2, alarm.sleep(SOON)).await.is_err());
        time::timeout(LATE, alarm.sleep(2 * SOON)).await.expect("told");
        assert!(begun.elapsed() >= 2 * SOON + SOON / 2 + 2 * SOON);
    }
}
