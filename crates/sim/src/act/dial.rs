//! One call of an act: whom it goes to and what becomes of it.

use model::{
    Attestation, CallOutcome, CarrierId, Direction, HangupBy, Label, ReportCategory, TelephoneNumber, Timestamp,
};

use super::{Act, attestation};
use crate::call::{Attempt, SimCall};
use crate::numbering::Near;
use crate::random::{below, mix, unit, unit_high, unit_low};
use crate::report::{Reporter, SimReport};
use crate::society::End;
use crate::traits::Traits;
use crate::world::World;

/// New destinations are dialled a second time this many calls later, where a caller does so.
const REDIAL_AFTER: u32 = 8;
/// How often a repeated call may lead back to a call that was itself repeated.
const MAX_REPEATS: u32 = 48;
/// Places of contacts lie above those of calls.
const CONTACT: u32 = 1 << 31;
const HOUR_MS: f64 = 3_600_000.0;

/// Which random value of a call is meant. Each is drawn apart, so that a label which changes one thing leaves the others alone.
#[derive(Clone, Copy)]
pub(super) enum Lane {
    Repeat,
    Lag,
    Redial,
    Answer,
    Talk,
    Ring,
    Signature,
    Complaint,
    Back,
    Id,
}

/// Whom a call goes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialled {
    /// The first call, or the contact, that stands for the destination.
    place: u32,
    /// It was called before.
    known: bool,
    /// Its number is out of service.
    invalid: bool,
    tn: TelephoneNumber,
    carrier: Option<CarrierId>,
    attestation: Option<Attestation>,
}

/// A call with what follows from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) call: SimCall,
    pub(crate) report: Option<SimReport>,
    pub(crate) back: Option<SimCall>,
}

impl Act {
    #[inline]
    pub(super) fn lane(&self, ordinal: u32, lane: Lane) -> u64 {
        mix(self.key ^ (u64::from(ordinal) << 8 | lane as u64))
    }

    /// Whom the call at `ordinal` goes to.
    #[inline]
    pub(crate) fn dial(&self, world: &World, ordinal: u32) -> Dialled {
        let traits = world.traits_of(self);
        let (mut place, mut known) = self.place(traits, ordinal);
        let mut invalid = self.is_invalid(place);
        if known && invalid && traits.class.redial == 0.0 {
            // Nobody calls a dead number again: somebody new is called instead.
            (place, known) = (ordinal, false);
            invalid = self.is_invalid(place);
        }
        let key = mix(self.key ^ 0x6465_7374 ^ (u64::from(place) << 32));
        let near = unit_low(mix(key));
        let near = match near - traits.class.neighbour {
            left if left < 0.0 => Near::Exchange,
            left if left < traits.class.local => Near::Area,
            _ => Near::Anywhere,
        };
        let tn = world.numbering.destination(self.tn, key, near);
        let attestation = self.signature(world, traits, ordinal);
        Dialled { place, known, invalid, tn, carrier: world.society.carrier(tn), attestation }
    }

    /// What an engine is asked with.
    pub(crate) fn attempt(&self, dialled: &Dialled, at_ms: i64) -> Attempt {
        Attempt {
            at: timestamp(at_ms),
            orig: self.tn,
            dest: dialled.tn,
            carrier: dialled.carrier,
            attestation: dialled.attestation,
        }
    }

    /// The place that stands for the destination, and whether it was called before.
    fn place(&self, traits: &Traits, ordinal: u32) -> (u32, bool) {
        let redial = traits.class.redial;
        if redial > 0.0 && ordinal % (2 * REDIAL_AFTER) >= REDIAL_AFTER {
            let first = ordinal - REDIAL_AFTER;
            if unit(self.lane(first, Lane::Redial)) < redial {
                return (self.chase(traits, first).0, true);
            }
        }
        self.chase(traits, ordinal)
    }

    /// Follows a repeated call back to the call that first went there.
    fn chase(&self, traits: &Traits, ordinal: u32) -> (u32, bool) {
        let repeat = f64::from(self.rates.repeat);
        let mut at = ordinal;
        for _ in 0..MAX_REPEATS {
            let draw = self.lane(at, Lane::Repeat);
            if at == 0 || unit(draw) >= repeat {
                break;
            }
            if self.rates.contacts > 0 {
                return (CONTACT | below(mix(draw), u64::from(self.rates.contacts)) as u32, true);
            }
            let memory = traits.class.memory_calls.min(at);
            at -= 1 + below(self.lane(at, Lane::Lag), u64::from(memory)) as u32;
        }
        (at, at != ordinal)
    }

    fn is_invalid(&self, place: u32) -> bool {
        unit(mix(self.key ^ 0x696e_7661 ^ (u64::from(place) << 32))) < f64::from(self.rates.invalid)
    }

    fn signature(&self, world: &World, traits: &Traits, ordinal: u32) -> Option<Attestation> {
        let draw = self.lane(ordinal, Lane::Signature);
        let people = &world.society.people;
        if unit_low(draw) < people.attestation_unseen {
            return None;
        }
        let draw = mix(draw);
        let level = if unit_low(draw) < people.attestation_constant {
            self.attestation
        } else {
            attestation(traits, unit_high(draw))
        };
        Some(match level {
            0 => Attestation::Full,
            1 => Attestation::Partial,
            2 => Attestation::Gateway,
            _ => Attestation::Unsigned,
        })
    }

    /// Places the call: what becomes of it, who reports it, who calls back. `shown` is the label beside it.
    #[inline]
    pub(crate) fn place_call(&self, world: &World, ordinal: u32, at_ms: i64, dialled: &Dialled, shown: Label) -> Step {
        let traits = world.traits_of(self);
        let [answers, shorts] = self.factors(at_ms);
        let effect = f64::from(answers) * world.society.label_effect().of(shown);
        let spoken = self.outcome(world, traits, ordinal, dialled, [effect, f64::from(shorts)]);
        let ending = world.society.ending(spoken.end);
        let call = SimCall {
            id: self.lane(ordinal, Lane::Id),
            at: timestamp(at_ms),
            orig: self.tn,
            dest: dialled.tn,
            ring_ms: spoken.ring_ms,
            talk_ms: spoken.talk_ms,
            sip_code: ending.sip_code,
            q850: ending.q850,
            outcome: ending.outcome.class,
            strength: ending.outcome.strength,
            direction: Direction::Outbound,
            carrier: dialled.carrier,
            hangup_by: spoken.hangup_by,
            attestation: dialled.attestation,
        };
        let report = self.report(world, ordinal, &call);
        let back = self.call_back(world, traits, ordinal, &call);
        Step { call, report, back }
    }

    /// The report that the called person makes, if any.
    #[inline]
    fn report(&self, world: &World, ordinal: u32, call: &SimCall) -> Option<SimReport> {
        let draw = self.lane(ordinal, Lane::Complaint);
        if unit(draw) >= f64::from(self.rates.complaints) || !reached(call.outcome) {
            return None;
        }
        let people = &world.society.people;
        let mut random = crate::random::Random::new(draw ^ call.id);
        let delay_h = random.log_normal(people.report_delay.median_h, world.society.report_spread);
        let at = call.end().saturating_add_ms((delay_h * HOUR_MS).min(1e12) as i64);
        let fraud = random.chance(people.report_fraud);
        let named = random.chance(people.reporter_named);
        let account = mix(call.dest.digits());
        let age_d = random.log_normal(500.0, 1.0).min(4000.0);
        Some(SimReport {
            id: draw,
            at,
            called_at: call.at,
            tn: self.tn,
            category: if fraud { ReportCategory::Fraud } else { ReportCategory::Unwanted },
            reporter: if named { Reporter::Number(call.dest) } else { Reporter::Account(account) },
            carrier: call.carrier,
            reporter_since: at.saturating_add_ms(-((age_d + 1.0) * 24.0 * HOUR_MS) as i64),
            network: (account >> 40) as u32,
            device: (account % 12) as u8,
            area_code: (call.dest.digits() / 10_000_000 % 1000) as u16,
        })
    }

    /// The call that the called person makes in answer to one that it missed, if any.
    #[inline]
    fn call_back(&self, world: &World, traits: &Traits, ordinal: u32, call: &SimCall) -> Option<SimCall> {
        let share = traits.back.share;
        if share == 0.0 || call.outcome == CallOutcome::Answered || !reached(call.outcome) {
            return None;
        }
        let draw = self.lane(ordinal, Lane::Back);
        if unit(draw) >= share {
            return None;
        }
        let mut random = crate::random::Random::new(draw ^ call.id);
        let delay_s = random.log_normal(900.0, 1.3).clamp(5.0, 172_800.0);
        let answered = random.chance(traits.back.answered);
        let talk_s = random.log_normal(traits.back.talk_s, 0.8).clamp(2.0, 7200.0);
        let ring_s = if answered { random.between(2.0, 15.0) } else { random.between(15.0, 35.0) };
        let ending = world.society.ending(if answered { End::Answered } else { End::NoAnswer });
        Some(SimCall {
            id: mix(call.id ^ draw),
            at: call.end().saturating_add_ms((delay_s * 1000.0) as i64),
            orig: call.dest,
            dest: self.tn,
            ring_ms: (ring_s * 1000.0) as u32,
            talk_ms: if answered { (talk_s * 1000.0) as u32 } else { 0 },
            sip_code: ending.sip_code,
            q850: ending.q850,
            outcome: ending.outcome.class,
            strength: ending.outcome.strength,
            direction: Direction::Inbound,
            carrier: None,
            hangup_by: if random.chance(0.6) { HangupBy::Orig } else { HangupBy::Dest },
            attestation: Some(Attestation::Full),
        })
    }
}

/// The called person knows of the call.
const fn reached(outcome: CallOutcome) -> bool {
    match outcome {
        CallOutcome::Answered
        | CallOutcome::NoAnswer
        | CallOutcome::Busy
        | CallOutcome::Declined
        | CallOutcome::Cancelled => true,
        CallOutcome::Invalid
        | CallOutcome::Unreachable
        | CallOutcome::Blocked
        | CallOutcome::Unwanted
        | CallOutcome::Failed => false,
    }
}

impl Dialled {
    pub(super) const fn known(&self) -> bool {
        self.known
    }

    pub(super) const fn invalid(&self) -> bool {
        self.invalid
    }

    pub(super) const fn place(&self) -> u32 {
        self.place
    }
}

fn timestamp(ms: i64) -> Timestamp {
    Timestamp::EPOCH.saturating_add_ms(ms)
}
