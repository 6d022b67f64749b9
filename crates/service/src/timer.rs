//! Asks the clock whether an hour began.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use crate::clock::Clock;
use crate::committer::{Order, order};
use crate::condition::Switchboard;

/// The clock is asked at least so often, in milliseconds: it may be set while the thread waits.
const ASK_MS: i64 = 10_000;

/// Says at each full hour that one began, until the service stops.
pub(crate) fn keep_time(clock: &Arc<dyn Clock>, orders: &Sender<Order>, board: &Switchboard) {
    let mut told = None;
    loop {
        let now = clock.now();
        if told != Some(now.hour()) {
            told = Some(now.hour());
            if !order(orders, Order::Tick) {
                return;
            }
        }
        let left = model::time::HOUR_MS - now.as_ms().rem_euclid(model::time::HOUR_MS);
        let wait = Duration::from_millis(left.min(ASK_MS).unsigned_abs());
        if board.wait_until_stopping(wait) {
            return;
        }
    }
}
