//! A way of calling that a number keeps up for a span of time. Each call is a pure function of the act's key and the call's
//! place in it.

mod dial;
mod talk;

use model::TelephoneNumber;

use crate::random::{Random, derive, mix, unit};
use crate::scenario::Amount;
use crate::traits::Traits;
use crate::world::World;

pub(crate) const DAY_MS: i64 = 86_400_000;
/// Conversations are at most this long.
pub(crate) const MAX_TALK_MS: f64 = 7_200_000.0;
/// A short call lasts at most this long (the policy's `short_call_s`).
pub(crate) const SHORT_MS: f64 = 6000.0;

/// A way of calling, with the rates that its caller drew.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    key: u64,
    /// The number that its calls show.
    tn: TelephoneNumber,
    /// The first moment, and the one after the last, in milliseconds since the epoch.
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
    pub(crate) traits: u16,
    zone: u16,
    /// The attestation of most of its calls: 0 to 3 for A, B, C, none.
    attestation: u8,
    pub(crate) rates: Rates,
    /// How people answer from a moment on; `None` where nothing changes.
    pub(crate) later: Option<Box<Later>>,
}

/// Another way in which people answer, from a moment on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Later {
    pub(crate) from_ms: i64,
    /// Factors of the answer rate and of the short share.
    pub(crate) answered: f32,
    pub(crate) short: f32,
}

/// What a caller drew for itself from its population's distributions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    pub(crate) per_day: f32,
    /// Over all calls to destinations in service; see [`Rates::answered_by`].
    pub(crate) answered: f32,
    pub(crate) known_lift: f32,
    pub(crate) short: f32,
    pub(crate) invalid: f32,
    pub(crate) repeat: f32,
    pub(crate) talk_ms: f32,
    /// The share of a log-logistic distribution of this median that would end within a short call's time.
    pub(crate) below_short: f32,
    pub(crate) message_ms: f32,
    pub(crate) complaints: f32,
    /// 0 where repeated calls go to people called before.
    pub(crate) contacts: u32,
}

/// Where a walk through an act's calls stands.
#[derive(Clone, Debug)]
pub(crate) struct Cursor {
    /// The local day, from the run's first.
    day: i32,
    /// Calls of that day, and how many of them came.
    of_day: u32,
    done: u32,
    /// The next call's place in the act.
    pub(crate) ordinal: u32,
    /// When the next call is placed; `i64::MAX` when there is none.
    pub(crate) next_ms: i64,
}

impl Rates {
    /// Draws a caller's rates.
    pub(crate) fn draw(traits: &Traits, random: &mut Random) -> Self {
        let class = &traits.class;
        let mut amount = |amount: Amount| random.log_normal(amount.median, amount.spread).min(amount.max);
        let per_day = amount(class.calls_per_day);
        let talk_ms = amount(class.talk_s) * 1000.0;
        let message_ms = class.message.map_or(0.0, |message| amount(message.length_s) * 1000.0);
        let mut rate = |rate: crate::scenario::Rate| random.beta(rate.mean, rate.n) as f32;
        let (answered, short, invalid, repeat) =
            (rate(class.answered), rate(class.short), rate(class.invalid), rate(class.repeat));
        let complaints = class.complaints.per_call / class.complaints.shape * random.gamma(class.complaints.shape);
        let contacts = class.contacts.map_or(0, |[least, most]| {
            random.between(f64::from(least), f64::from(most) + 1.0).min(f64::from(most)) as u32
        });
        Self {
            per_day: per_day as f32,
            answered,
            known_lift: class.known_lift as f32,
            short,
            invalid,
            repeat,
            talk_ms: talk_ms as f32,
            below_short: traits.share_before(talk_ms, SHORT_MS) as f32,
            message_ms: message_ms as f32,
            complaints: complaints.min(1.0) as f32,
            contacts,
        }
    }

    /// The answer rate of people called before, or of people called for the first time; their mean is the drawn rate.
    pub(crate) fn answered_by(&self, known: bool) -> f32 {
        let first = self.answered / (1.0 - self.repeat + self.repeat * self.known_lift);
        if known { (first * self.known_lift).min(0.97) } else { first }
    }
}

impl Act {
    /// An act of the number `tn` with rates of its own.
    pub(crate) fn new(world: &World, key: u64, tn: TelephoneNumber, traits: u16, span_ms: [i64; 2]) -> Self {
        let mut random = Random::new(derive(key, 2));
        let of_class = world.populations.at(traits);
        let rates = Rates::draw(of_class, &mut random);
        let attestation = attestation(of_class, random.unit());
        let [from_ms, to_ms] = span_ms;
        Self { key, tn, from_ms, to_ms, traits, zone: world.numbering.zone_of(tn), attestation, rates, later: None }
    }

    /// The factors of the answer rate and of the short share at a moment.
    #[inline]
    fn factors(&self, at_ms: i64) -> [f32; 2] {
        match &self.later {
            Some(later) if at_ms >= later.from_ms => [later.answered, later.short],
            Some(_) | None => [1.0, 1.0],
        }
    }

    /// The same behaviour under another key: other people, other days.
    pub(crate) fn rekeyed(mut self, key: u64) -> Self {
        self.key = key;
        self
    }

    /// A walk through the calls of the act that fall into the run.
    pub(crate) fn cursor(&self, world: &World) -> Cursor {
        let (from, to) = (self.from_ms.max(world.from_ms), self.to_ms.min(world.to_ms));
        if from >= to {
            return Cursor { day: 0, of_day: 0, done: 0, ordinal: 0, next_ms: i64::MAX };
        }
        let day = ((from - world.from_ms) / DAY_MS) as i32 - 1;
        let mut cursor = Cursor { day, of_day: 0, done: 0, ordinal: 0, next_ms: i64::MIN };
        cursor.of_day = self.calls_of(world, day);
        self.advance(world, &mut cursor);
        cursor
    }

    /// Goes on to the next call.
    pub(crate) fn advance(&self, world: &World, cursor: &mut Cursor) {
        let end_ms = self.to_ms.min(world.to_ms);
        let begin_ms = self.from_ms.max(world.from_ms);
        loop {
            if cursor.done == cursor.of_day {
                // Local days reach one day beyond those of UTC on either side.
                if world.from_ms + i64::from(cursor.day) * DAY_MS > end_ms {
                    cursor.next_ms = i64::MAX;
                    return;
                }
                cursor.day += 1;
                cursor.done = 0;
                cursor.of_day = self.calls_of(world, cursor.day);
                continue;
            }
            let at = self.moment(world, cursor);
            cursor.done += 1;
            if at < begin_ms {
                continue;
            }
            // Where a clock is put back, a day's last calls may come after the next day's first.
            let at = at.max(cursor.next_ms);
            cursor.next_ms = if at < end_ms { at } else { i64::MAX };
            return;
        }
    }

    /// How many calls the caller places on a local day.
    fn calls_of(&self, world: &World, day: i32) -> u32 {
        let traits = world.traits_of(self);
        let Some(clock) = world.clocks.get(usize::from(traits.rhythm)) else { return 0 };
        let mut random = Random::new(derive(self.key ^ 0x6461_7900, (i64::from(day) + 8) as u64));
        let spread = traits.class.day_spread;
        let factor = random.log_normal(libm::exp(-spread * spread / 2.0), spread);
        random.poisson(f64::from(self.rates.per_day) * clock.day(world.first_day + i64::from(day)) * factor)
    }

    /// When the cursor's next call of the day is placed: calls are spread over the day's rhythm, one in each equal part of it,
    /// somewhere within.
    fn moment(&self, world: &World, cursor: &Cursor) -> i64 {
        let clock = world.clocks.get(usize::from(world.traits_of(self).rhythm));
        let jitter = unit(mix(derive(self.key, 3) ^ (u64::from(cursor.done) << 32 | u64::from(cursor.day as u32))));
        let share = (f64::from(cursor.done) + jitter) / f64::from(cursor.of_day.max(1));
        let local_ms = clock.map_or(0, |clock| clock.moment_ms(share));
        let ahead_ms = world.numbering.clock_ms(self.zone, i64::from(cursor.day));
        world.from_ms + i64::from(cursor.day) * DAY_MS + local_ms - ahead_ms
    }
}

/// Which attestation lies at the share `u`: 0 to 3 for A, B, C, none.
#[inline]
fn attestation(traits: &Traits, u: f64) -> u8 {
    traits.attestation.iter().map(|edge| u8::from(u >= *edge)).sum()
}
