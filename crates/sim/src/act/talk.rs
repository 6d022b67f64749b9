//! Whether a call is answered, how long it rings and how long people talk.

use model::HangupBy;

use super::dial::{Dialled, Lane};
use super::{Act, MAX_TALK_MS, SHORT_MS};
use crate::random::{mix, unit_high, unit_low};
use crate::society::End;
use crate::traits::Traits;
use crate::world::World;

/// The shortest conversation that is recorded.
const LEAST_TALK_MS: f64 = 600.0;
/// People who pick up do so within this time.
const PICK_UP_MS: [f64; 2] = [2000.0, 20_000.0];
/// People who refuse do so within this time.
const REFUSE_MS: [f64; 2] = [1500.0, 12_000.0];
/// Before this a caller that gives up has given up early.
const EARLY_MS: f64 = 15_000.0;
/// Networks that fail or know no such number answer within this time.
const FAIL_MS: [f64; 2] = [300.0, 2500.0];
/// A recorded message ends within so much of its length.
const MESSAGE_JITTER_MS: f64 = 1500.0;
/// Of the hang-ups at once, so many are the called person's.
const DEST_HANGS_UP: f64 = 0.85;
/// Of the numbers out of service that say so unmistakably, so many were changed.
const NUMBER_CHANGED: f64 = 0.12;

/// What became of a call.
pub(super) struct Spoken {
    pub(super) end: End,
    pub(super) ring_ms: u32,
    pub(super) talk_ms: u32,
    pub(super) hangup_by: HangupBy,
}

impl Act {
    /// What becomes of a call. `factors` are those of the answer rate and of the short share.
    #[inline]
    pub(super) fn outcome(
        &self,
        world: &World,
        traits: &Traits,
        ordinal: u32,
        dialled: &Dialled,
        factors: [f64; 2],
    ) -> Spoken {
        let ring = self.lane(ordinal, Lane::Ring);
        if dialled.invalid() {
            return self.out_of_service(world, dialled.place(), unit_low(ring));
        }
        let answer = self.lane(ordinal, Lane::Answer);
        let rate = self.rates.answered_by(dialled.known());
        let [answers, shorts] = factors;
        if unit_low(answer) < f64::from(rate) * answers {
            let [low, high] = PICK_UP_MS;
            let high = high.min(traits.class.ring_s[1] * 1000.0);
            let low = low.min(traits.class.ring_s[0] * 1000.0);
            // Most pick up early: the square of an even value.
            let early = unit_low(ring) * unit_low(ring);
            let (talk_ms, hangup_by) = self.talk(world, traits, ordinal, unit_high(answer) / shorts);
            let ring_ms = (low + (high - low) * early) as u32;
            return Spoken { end: End::Answered, ring_ms, talk_ms, hangup_by };
        }
        unanswered(world, traits, [unit_high(answer), unit_low(ring), unit_high(ring)])
    }

    /// The network's answer for a number out of service is always the same.
    fn out_of_service(&self, world: &World, place: u32, ring: f64) -> Spoken {
        let draw = mix(self.rates_key() ^ u64::from(place));
        let strong = unit_low(draw) < world.society.people.invalid_strong;
        let end = match (strong, unit_high(draw) < NUMBER_CHANGED) {
            (true, true) => End::NumberChanged,
            (true, false) => End::Unallocated,
            (false, _) => End::NotFound,
        };
        Spoken { end, ring_ms: within(FAIL_MS, ring), talk_ms: 0, hangup_by: HangupBy::Network }
    }

    /// Milliseconds of conversation, and who ends it. `short` decides whether the call is a hang-up.
    #[inline]
    fn talk(&self, world: &World, traits: &Traits, ordinal: u32, short: f64) -> (u32, HangupBy) {
        let draw = self.lane(ordinal, Lane::Talk);
        let (u, v) = (unit_low(draw), unit_high(draw));
        let people = &world.society.people;
        if short < f64::from(self.rates.short) {
            let held = unit_low(mix(draw)) < traits.class.padded;
            if held {
                return (within(people.padding_s.map(|s| s * 1000.0), u), HangupBy::Orig);
            }
            let by = if v < DEST_HANGS_UP { HangupBy::Dest } else { HangupBy::Orig };
            return (within([LEAST_TALK_MS, SHORT_MS], u), by);
        }
        let message = traits.class.message.map_or(0.0, |message| message.share);
        if v < message {
            // The sum of two even values: most messages end at their length.
            let jitter = (u + unit_low(mix(draw)) - 1.0) * MESSAGE_JITTER_MS;
            let ms = (f64::from(self.rates.message_ms) + jitter).clamp(SHORT_MS + 1.0, MAX_TALK_MS);
            return (ms as u32, HangupBy::Orig);
        }
        let below = f64::from(self.rates.below_short);
        let ms = f64::from(self.rates.talk_ms) * traits.quantile(below + u * (1.0 - below));
        let by = if unit_high(mix(draw)) < people.caller_hangs_up { HangupBy::Orig } else { HangupBy::Dest };
        (ms.clamp(SHORT_MS + 1.0, MAX_TALK_MS) as u32, by)
    }

    const fn rates_key(&self) -> u64 {
        self.key ^ 0x6f75_746f_6673
    }
}

/// Nobody picks up, for one of the usual causes. `draws` decide the cause, the time, and what is left.
fn unanswered(world: &World, traits: &Traits, draws: [f64; 3]) -> Spoken {
    let [cause, time, rest] = draws;
    let class = &traits.class;
    let patience = class.ring_s.map(|s| s * 1000.0);
    let (end, ms, by) = if cause < class.abandoned {
        let last = EARLY_MS.min(patience[1]);
        (End::Cancelled, [last.min(patience[0]).min(2000.0), last], HangupBy::Orig)
    } else if cause < class.abandoned + class.declined {
        (End::Declined, REFUSE_MS, HangupBy::Dest)
    } else {
        let shares = world.society.people.unanswered;
        let busy = shares.busy;
        let unreachable = busy + shares.unreachable;
        let failed = unreachable + shares.failed;
        match rest {
            u if u < busy => (End::Busy, FAIL_MS, HangupBy::Network),
            u if u < unreachable - shares.unreachable / 2.0 => (End::NoCircuit, FAIL_MS, HangupBy::Network),
            u if u < unreachable => (End::NetworkDown, FAIL_MS, HangupBy::Network),
            u if u < failed => (End::Failed, FAIL_MS, HangupBy::Network),
            u if u < failed + (1.0 - failed) * 0.06 => (End::Absent, FAIL_MS, HangupBy::Network),
            _ => (End::NoAnswer, patience, HangupBy::Network),
        }
    };
    Spoken { end, ring_ms: within(ms, time), talk_ms: 0, hangup_by: by }
}

#[inline]
fn within([low, high]: [f64; 2], u: f64) -> u32 {
    (low + (high - low) * u) as u32
}
