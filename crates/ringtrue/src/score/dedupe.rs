//! Recognising a record that was already taken.

use hashbrown::HashSet;
use model::{CallRecord, RecordKey};

/// The most records that are remembered, about 1 GB. A run recognises every duplicate up to here, however far apart they lie.
const REMEMBERED: usize = 50_000_000;

/// Whether a record was seen before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Seen {
    /// Not before.
    New,
    /// Already taken.
    Duplicate,
    /// Not to be told, since too many records are remembered. It is taken.
    Unchecked,
}

/// Remembers records by their keys.
#[derive(Default)]
pub(super) struct Dedupe {
    seen: HashSet<u128, std::hash::RandomState>,
}

impl Dedupe {
    /// Tells whether a record was seen before, and remembers it.
    pub(super) fn check(&mut self, key: RecordKey) -> Seen {
        if self.seen.len() >= REMEMBERED {
            return if self.seen.contains(&key.0) { Seen::Duplicate } else { Seen::Unchecked };
        }
        if self.seen.insert(key.0) { Seen::New } else { Seen::Duplicate }
    }
}

/// A key made of a record's content, for sources that give no id.
pub(super) fn content_key(call: &CallRecord) -> RecordKey {
    let text = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        call.at, call.orig, call.dest, call.direction, call.outcome, call.ring_ms, call.talk_ms
    );
    intake::record_key("content", text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_recognised() {
        let mut dedupe = Dedupe::default();
        assert_eq!(dedupe.check(RecordKey(1)), Seen::New);
        assert_eq!(dedupe.check(RecordKey(2)), Seen::New);
        assert_eq!(dedupe.check(RecordKey(1)), Seen::Duplicate);
    }
}
