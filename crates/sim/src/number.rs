//! One calling number: the truth about it, and everything that happens around it.

mod play;
mod tape;

use model::standing::{CallPurpose, Determination, Standing};
use model::{Label, ReportCategory, TelephoneNumber, Timestamp};

use crate::act::{Act, DAY_MS};
use crate::call::{Attempt, SimCall};
use crate::random::{Random, derive, mix, unit};
use crate::report::{Reporter, SimReport};
use crate::world::World;

pub use play::Stage;
pub use tape::Tape;

/// A population, by its place in the order of names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ClassId(pub u16);

/// The truth about a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NumberTruth {
    /// The number.
    pub tn: TelephoneNumber,
    /// Its population; [`World::class_name`] has the word.
    pub class: ClassId,
    /// People do not want its calls.
    pub unwanted: bool,
    /// It is registered; see [`Number::standing`].
    pub registered: bool,
    /// The adversary uses it or aims at it; at strength 0, it would.
    pub attacked: bool,
    /// From when it may call; not before the run.
    pub alive_from: Timestamp,
    /// Until when it may call; not after the run.
    pub alive_to: Timestamp,
}

/// Something that becomes known about a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// A call has ended; known at its end.
    Call(SimCall),
    /// Somebody reports; known at once.
    Report(SimReport),
}

impl Event {
    /// When it becomes known.
    #[must_use]
    pub fn known(&self) -> Timestamp {
        match self {
            Self::Call(call) => call.end(),
            Self::Report(report) => report.at,
        }
    }
}

/// What was seen of a number in a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Played {
    /// Its own calls, without those of people who call back.
    pub calls: u64,
    /// When the first of them was placed; `None` when there was none.
    pub first_call: Option<Timestamp>,
    /// When the last of them was placed; `None` when there was none.
    pub last_call: Option<Timestamp>,
}

impl Played {
    pub(crate) fn add(&mut self, at: Timestamp) {
        self.calls += 1;
        self.first_call.get_or_insert(at);
        self.last_call = Some(at);
    }
}

/// One calling number of a world.
#[derive(Clone, Debug)]
pub struct Number {
    pub(crate) truth: NumberTruth,
    pub(crate) attested: bool,
    pub(crate) key: u64,
    pub(crate) index: u64,
    pub(crate) first: Act,
    pub(crate) second: Option<Box<Act>>,
    /// Reports that no call led to.
    pub(crate) bombing: Option<Bombing>,
    /// When its owner reports that others show it.
    pub(crate) owner_reports_ms: Option<i64>,
}

/// Reports by accounts that were never called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bombing {
    pub(crate) from_ms: i64,
    pub(crate) accounts: u32,
    pub(crate) account_age_d: f64,
    pub(crate) networks: u32,
    pub(crate) category: ReportCategory,
}

impl Number {
    /// The truth about it.
    #[must_use]
    pub const fn truth(&self) -> NumberTruth {
        self.truth
    }

    /// Its place in the world.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// How many calls a day it places in the mean over the run.
    #[must_use]
    pub fn calls_per_day(&self, world: &World) -> f64 {
        let share = |act: &Act| {
            let ms = act.to_ms.min(world.to_ms) - act.from_ms.max(world.from_ms);
            f64::from(act.rates.per_day) * ms.max(0) as f64 / (world.to_ms - world.from_ms) as f64
        };
        share(&self.first) + self.second.as_ref().map_or(0.0, |act| share(act))
    }

    /// How it stands in the registry; `None` when it is not registered.
    #[must_use]
    pub fn standing(&self, world: &World) -> Option<Standing> {
        if !self.truth.registered {
            return None;
        }
        let mut random = Random::new(derive(self.key, 21));
        let before_d = random.between(30.0, 1000.0);
        let registered_at = world.from().saturating_add_ms(-((before_d * DAY_MS as f64) as i64));
        Some(Standing {
            tn: self.truth.tn,
            registrant: Some(format!("Registrant {}", self.index + 1).into()),
            purpose: world.purpose(self.truth.class).map(CallPurpose::from_word),
            registered_at: Some(registered_at),
            attested: self.attested,
            determination: Determination::None,
            evidence_from: None,
        })
    }

    /// From when on it behaves well, where [`Adversary::LockIn`](crate::Adversary::LockIn) made it behave badly first; `None` for
    /// any other number.
    #[must_use]
    pub fn behaves_from(&self, world: &World) -> Option<Timestamp> {
        let (adversary, strength) = world.options().adversary?;
        let turned = self.truth.attacked && adversary == crate::Adversary::LockIn && strength > 0.0;
        turned.then(|| Timestamp::EPOCH.saturating_add_ms(self.first.from_ms))
    }

    /// Plays everything that happens around the number, event by event.
    ///
    /// Before each call that it places, `shown` is asked which label the called person sees; the label changes whether people
    /// answer, and nothing else. `sink` gets every call and report when it becomes known. When `shown` is asked at a moment,
    /// `sink` has got all that was known before it.
    pub fn play(
        &self,
        world: &World,
        stage: &mut Stage,
        shown: &mut dyn FnMut(&Attempt) -> Label,
        sink: &mut dyn FnMut(Event),
    ) -> Played {
        play::play(self, world, stage, shown, sink)
    }

    /// A walk through its calls in pieces of time, as if no label were ever shown.
    #[must_use]
    pub fn tape(&self, world: &World) -> Tape {
        Tape::new(self, world)
    }

    /// The report at place `k` of those that no call led to.
    pub(crate) fn bombing_report(&self, bombing: &Bombing, k: u32) -> SimReport {
        let key = derive(self.key ^ 0x626f_6d62, u64::from(k));
        let mut random = Random::new(key);
        let part_ms = DAY_MS as f64 / f64::from(bombing.accounts.max(1));
        let at_ms = bombing.from_ms + (part_ms * (f64::from(k) + random.unit())) as i64;
        let at = Timestamp::EPOCH.saturating_add_ms(at_ms);
        let age_ms = random.between(0.0, bombing.account_age_d) * DAY_MS as f64;
        let network = mix(derive(self.key, 31) ^ (random.unit() * f64::from(bombing.networks)) as u64);
        SimReport {
            id: key,
            at,
            called_at: at.saturating_add_ms(-(random.between(60.0, 7200.0) * 1000.0) as i64),
            tn: self.truth.tn,
            category: bombing.category,
            reporter: Reporter::Account(mix(key)),
            carrier: None,
            reporter_since: at.saturating_add_ms(-(age_ms as i64)),
            network: (network >> 40) as u32,
            device: (network & 3) as u8,
            area_code: (self.truth.tn.digits() / 10_000_000 % 1000) as u16,
        }
    }

    /// The report of the owner whose number others show.
    pub(crate) fn owner_report(&self, at_ms: i64) -> SimReport {
        let key = derive(self.key, 41);
        let at = Timestamp::EPOCH.saturating_add_ms(at_ms);
        SimReport {
            id: key,
            at,
            called_at: at,
            tn: self.truth.tn,
            category: ReportCategory::SpoofedMe,
            reporter: Reporter::Number(self.truth.tn),
            carrier: None,
            reporter_since: at.saturating_add_ms(-((unit(key) * 2000.0 + 1.0) * DAY_MS as f64) as i64),
            network: (key >> 40) as u32,
            device: (key % 12) as u8,
            area_code: (self.truth.tn.digits() / 10_000_000 % 1000) as u16,
        }
    }
}
