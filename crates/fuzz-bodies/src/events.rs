//! Batches of the log's events.

use store::event::{decode, encode};

use crate::Choice;

/// Reads a batch of events, as the log holds them once its frames are unpacked.
///
/// Invariants: no more events come out than bytes went in; what was read is written and read again as itself, and the second
/// writing is that of the first.
pub fn events(bytes: &[u8]) {
    let (_, batch) = Choice::split(bytes);
    let Ok(events) = decode(batch) else { return };
    assert!(events.len() <= batch.len(), "{} events come out of {} bytes", events.len(), batch.len());
    let written = |events: &[store::Event]| {
        let mut bytes = Vec::new();
        encode(events, &mut bytes);
        bytes
    };
    let once = written(&events);
    let again = decode(&once);
    assert_eq!(again.as_ref(), Ok(&events), "what was read does not read as itself");
    assert_eq!(again.map(|again| written(&again)), Ok(once), "it is written in two ways");
}
