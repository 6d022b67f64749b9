//! When the state is kept, and what of the log is given up.

use std::collections::VecDeque;

use store::Position;

use crate::committer::Order;

/// Knows where in the log each hour began, and asks for what is too old to be given up.
pub(crate) struct Keeper {
    /// Where hours began, the oldest first.
    marks: VecDeque<(u32, Position)>,
    log_hours: u32,
    /// Everything before is in snapshots.
    kept: Position,
    trimmed_at: Option<u32>,
}

impl Keeper {
    pub(crate) const fn new(log_days: u32) -> Self {
        Self { marks: VecDeque::new(), log_hours: log_days.saturating_mul(24), kept: Position::ZERO, trimmed_at: None }
    }

    /// An hour began at this place of the log.
    pub(crate) fn mark(&mut self, hour: u32, place: Position) {
        if self.marks.back().is_none_or(|&(last, _)| last < hour) {
            self.marks.push_back((hour, place));
        }
        while self.marks.get(1).is_some_and(|&(next, _)| next + self.log_hours <= hour) {
            self.marks.pop_front();
        }
    }

    /// Once an hour, what of the log may go.
    pub(crate) fn trim(&mut self) -> Option<Order> {
        let &(hour, _) = self.marks.back()?;
        if self.trimmed_at == Some(hour) {
            return None;
        }
        self.trimmed_at = Some(hour);
        let &(oldest, place) = self.marks.front()?;
        let aged = if oldest + self.log_hours <= hour { place } else { Position::ZERO };
        Some(Order::Trim { aged, keep: self.kept })
    }
}
