//! The generator's calls as the records that the product works on.

use std::convert::Infallible;

use bench_generator::random::mix;
use bench_generator::traffic::{Call, Plan, generate};
use intake::disposition::{Signals, classify};
use model::{CallRecord, CarrierId, Party, TelephoneNumber, Timestamp};

/// Records handed over at a time: enough to time, few enough to stay in the cache.
const BLOCK: usize = 16_384;
/// Terminating carriers that the destinations are spread over.
const CARRIERS: u64 = 5;

/// How calls are made.
#[derive(Clone, Copy)]
pub(crate) struct Traffic {
    /// Calling numbers; those that happen to make no call do not appear.
    pub(crate) numbers: u64,
    /// Calls per number, on average.
    pub(crate) calls_per_number: u64,
    /// Each destination belongs to one of five carriers, else none is known.
    pub(crate) carriers: bool,
}

impl Traffic {
    /// Makes all calls, over 35 days and numbers in random order, and hands them over in blocks.
    pub(crate) fn for_each_block(self, mut each: impl FnMut(&[CallRecord])) {
        let plan = Plan { calls: self.numbers * self.calls_per_number, callers: self.numbers, days: 35, seed: 1 };
        let mut block = Vec::with_capacity(BLOCK);
        let Ok(()) = generate::<Infallible>(&plan, |call| {
            block.extend(record(call, self.carriers));
            if block.len() == BLOCK {
                each(&block);
                block.clear();
            }
            Ok(())
        });
        each(&block);
    }
}

/// `None` never happens with the generator's values.
fn record(call: &Call, carriers: bool) -> Option<CallRecord> {
    let disposition = classify(&Signals {
        q850: u16::try_from(call.q850).ok(),
        answered: call.talk_s.map(|talk_s| talk_s > 0),
        ..Signals::default()
    });
    let carrier = carriers.then(|| (mix(call.dest) % CARRIERS) as u8);
    Some(CallRecord {
        key: None,
        at: Timestamp::from_s(i64::try_from(call.start).ok()?)?,
        known_at: None,
        orig: Party::Number(TelephoneNumber::from_digits(call.orig)?),
        dest: Party::Number(TelephoneNumber::from_digits(call.dest)?),
        direction: None,
        carrier: carrier.map(CarrierId),
        outcome: disposition.outcome,
        observable: disposition.observable,
        ring_ms: None,
        talk_ms: call.talk_s.and_then(|talk_s| u32::try_from(talk_s * 1000).ok()),
        hangup_by: None,
        attestation: None,
        redress: None,
    })
}
