//! Recognising a record that was already taken.

use std::collections::VecDeque;
use std::hash::RandomState;

use hashbrown::HashSet;
use model::RecordKey;
use store::TenantId;

/// Sets of one generation. Chosen: a set that grows copies what it holds, and a sixty-fourth of all is copied in a few
/// milliseconds.
const STRIPES: usize = 64;
/// Generations of one window. Chosen: each look-up asks them all, and a record is remembered for up to a third longer than the
/// window.
const GENERATIONS: u32 = 3;

/// Whether a record was seen before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Seen {
    /// Not before, and remembered now.
    New,
    /// Already taken.
    Duplicate,
    /// Not known, and not remembered, since too many are. It is taken.
    Unchecked,
}

/// What a key names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Call = 0,
    Report = 1,
}

/// Whose records keys are compared with: those of one tenant and one kind, so that nobody's ids stand in another's way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Space(u32);

impl Space {
    pub(crate) const fn new(tenant: TenantId, kind: Kind) -> Self {
        Self(tenant.0.wrapping_mul(2) | kind as u32)
    }
}

/// A key and its space, in words of four bytes: as a number of sixteen it would take a third more room.
type Remembered = [u32; 5];

/// The records of one span of hours.
struct Generation {
    /// The span's number: hours since the epoch by the span's length.
    span: u32,
    stripes: Vec<HashSet<Remembered, RandomState>>,
    len: usize,
}

/// Remembers the keys of the records that were taken in a window of hours. Time is the hour of the log, so that what is
/// remembered after a restart is what was remembered before it.
pub(crate) struct Dedupe {
    /// The newest first.
    generations: VecDeque<Generation>,
    hasher: RandomState,
    span_h: u32,
    limit: usize,
    len: usize,
}

impl Dedupe {
    /// Remembers for at least `window_h` hours, at most `limit` keys.
    pub(crate) fn new(window_h: u32, limit: usize) -> Self {
        let span_h = window_h.div_ceil(GENERATIONS).max(1);
        Self { generations: VecDeque::new(), hasher: RandomState::new(), span_h, limit, len: 0 }
    }

    /// How many keys are remembered.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Begins an hour: what is older than the window is forgotten.
    pub(crate) fn begin_hour(&mut self, hour: u32) {
        let span = hour / self.span_h;
        if self.generations.front().is_none_or(|newest| newest.span < span) {
            let stripes = (0..STRIPES).map(|_| HashSet::with_hasher(self.hasher.clone())).collect();
            self.generations.push_front(Generation { span, stripes, len: 0 });
        }
        while let Some(oldest) = self.generations.back()
            && oldest.span + GENERATIONS < span
        {
            self.len -= oldest.len;
            self.generations.pop_back();
        }
    }

    /// Tells whether a record was seen before, and remembers it.
    pub(crate) fn check(&mut self, space: Space, key: RecordKey) -> Seen {
        let (key, stripe) = remembered(space, key);
        if self.generations.iter().any(|generation| generation.holds(&key, stripe)) {
            return Seen::Duplicate;
        }
        if self.len >= self.limit {
            return Seen::Unchecked;
        }
        if self.generations.is_empty() {
            self.begin_hour(0);
        }
        if let Some(newest) = self.generations.front_mut()
            && let Some(set) = newest.stripes.get_mut(stripe)
        {
            set.insert(key);
            newest.len += 1;
            self.len += 1;
        }
        Seen::New
    }
}

impl Generation {
    fn holds(&self, key: &Remembered, stripe: usize) -> bool {
        self.stripes.get(stripe).is_some_and(|set| set.contains(key))
    }
}

fn remembered(space: Space, key: RecordKey) -> (Remembered, usize) {
    let word = |shift: u32| (key.0 >> shift) as u32;
    ([space.0, word(96), word(64), word(32), word(0)], word(0) as usize % STRIPES)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLS: Space = Space::new(TenantId(1), Kind::Call);

    #[test]
    fn a_repeat_is_recognised_within_the_window_and_forgotten_after_it() {
        let mut dedupe = Dedupe::new(72, 1000);
        dedupe.begin_hour(1000);
        assert_eq!(dedupe.check(CALLS, RecordKey(1)), Seen::New);
        assert_eq!(dedupe.check(CALLS, RecordKey(1)), Seen::Duplicate);
        dedupe.begin_hour(1072);
        assert_eq!(dedupe.check(CALLS, RecordKey(1)), Seen::Duplicate);
        dedupe.begin_hour(1000 + 97);
        assert_eq!(dedupe.check(CALLS, RecordKey(1)), Seen::New);
        assert_eq!(dedupe.len(), 1);
    }

    #[test]
    fn tenants_and_kinds_are_apart() {
        let mut dedupe = Dedupe::new(72, 1000);
        assert_eq!(dedupe.check(CALLS, RecordKey(7)), Seen::New);
        assert_eq!(dedupe.check(Space::new(TenantId(2), Kind::Call), RecordKey(7)), Seen::New);
        assert_eq!(dedupe.check(Space::new(TenantId(1), Kind::Report), RecordKey(7)), Seen::New);
        assert_eq!(dedupe.check(CALLS, RecordKey(7)), Seen::Duplicate);
    }

    #[test]
    fn beyond_the_limit_known_ones_are_still_recognised() {
        let mut dedupe = Dedupe::new(72, 1);
        assert_eq!(dedupe.check(CALLS, RecordKey(1)), Seen::New);
        assert_eq!(dedupe.check(CALLS, RecordKey(2)), Seen::Unchecked);
        assert_eq!(dedupe.check(CALLS, RecordKey(1)), Seen::Duplicate);
    }

    #[test]
    fn a_clock_that_went_back_opens_no_older_generation() {
        let mut dedupe = Dedupe::new(72, 1000);
        dedupe.begin_hour(1000);
        assert_eq!(dedupe.check(CALLS, RecordKey(1)), Seen::New);
        dedupe.begin_hour(900);
        assert_eq!(dedupe.check(CALLS, RecordKey(1)), Seen::Duplicate);
    }
}
