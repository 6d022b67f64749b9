//! A world: a scenario with a seed, a span of days and a count of numbers.

mod cast;
mod order;
mod plan;
mod twist;

use model::Timestamp;
use reputation::engines::Directory;

use crate::act::Act;
use crate::number::{ClassId, Number};
use crate::numbering::{Numbering, day_start};
use crate::rhythm::Clock;
use crate::scenario::{Adversary, Scenario};
use crate::society::Society;
use crate::traits::{Populations, Traits};

use plan::Plan;

/// The most days of a run: as long as three horizons of facts.
pub const MAX_DAYS: u32 = 120;
/// The most numbers of a run: more would need more exchanges than the plan has.
pub const MAX_NUMBERS: u64 = 20_000_000;

/// What is asked of a world.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct WorldOptions {
    /// Whole days of traffic, 1 to [`MAX_DAYS`].
    pub days: u32,
    /// Calling numbers, 1 to [`MAX_NUMBERS`].
    pub numbers: u64,
    /// Equal seeds give equal worlds.
    pub seed: u64,
    /// The first day (UTC), counted from the epoch.
    pub first_day: i64,
    /// Who plays against the policy, and how far it goes from 0 to 1; `None` for nobody.
    pub adversary: Option<(Adversary, f64)>,
}

/// Why there is no such world.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum WorldError {
    /// Days out of bounds.
    #[error("{days} days: expected 1 to {MAX_DAYS}")]
    Days {
        /// As asked.
        days: u32,
    },
    /// Numbers out of bounds.
    #[error("{numbers} numbers: expected 1 to {MAX_NUMBERS}")]
    Numbers {
        /// As asked.
        numbers: u64,
    },
    /// A first day outside the years that facts can hold.
    #[error("day {day} since 1970 lies outside the years 2012 to 2041")]
    FirstDay {
        /// As asked, counted from the epoch.
        day: i64,
    },
    /// A strength out of bounds.
    #[error("strength {strength}: expected 0 to 1")]
    Strength {
        /// As asked.
        strength: f64,
    },
    /// A scenario without populations.
    #[error("key `class`: expected at least one class")]
    NoClass,
    /// A carrier of the scenario that the directory does not have.
    #[error("key `people.carriers.{carrier}`: the directory of carriers has none of that key")]
    Carrier {
        /// Its key.
        carrier: String,
    },
}

/// A world of calling numbers. Everything in it is a pure function of what it was made from.
pub struct World {
    scenario: Scenario,
    options: WorldOptions,
    plan: Plan,
    names: Vec<Box<str>>,
    pub(crate) numbering: Numbering,
    pub(crate) society: Society,
    pub(crate) populations: Populations,
    pub(crate) clocks: Vec<Clock>,
    pub(crate) first_day: i64,
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
}

impl World {
    /// Makes a world. `directory` lends carriers their places.
    ///
    /// # Errors
    /// Names what is out of bounds.
    pub fn new(scenario: &Scenario, directory: &Directory, options: WorldOptions) -> Result<Self, WorldError> {
        check(&options)?;
        let twisted = twist::twist(scenario, options.adversary);
        let society = Society::new(&twisted.people, directory).map_err(|carrier| WorldError::Carrier { carrier })?;
        let rhythm_of = |name: &str| twisted.rhythm.keys().position(|known| known == name).unwrap_or(0) as u16;
        let traits = twisted.class.values().map(|class| Traits::new(class.clone(), rhythm_of(&class.rhythm)));
        let populations = Populations::new(traits).ok_or(WorldError::NoClass)?;
        let from_ms = day_start(options.first_day).as_ms();
        let to_ms = day_start(options.first_day + i64::from(options.days)).as_ms();
        Ok(Self {
            plan: Plan::new(&twisted, options.numbers, options.seed),
            names: twisted.class.keys().map(|name| name.as_str().into()).collect(),
            numbering: Numbering::new(options.seed, options.first_day, options.days),
            society,
            clocks: twisted.rhythm.values().map(Clock::new).collect(),
            populations,
            scenario: scenario.clone(),
            first_day: options.first_day,
            from_ms,
            to_ms,
            options,
        })
    }

    /// How many numbers there are.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.options.numbers
    }

    /// Never true: a world has a number.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.options.numbers == 0
    }

    /// The number at a place below [`World::len`]. Numbers of one thousand-block have neighbouring places, so a range of places
    /// holds whole blocks but for its ends.
    #[must_use]
    pub fn number(&self, index: u64) -> Number {
        cast::cast(self, index)
    }

    /// All numbers, in the order of their places.
    pub fn numbers(&self) -> impl Iterator<Item = Number> + '_ {
        (0..self.len()).map(|index| self.number(index))
    }

    /// The first moment of the run.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        Timestamp::EPOCH.saturating_add_ms(self.from_ms)
    }

    /// The moment after the run.
    #[must_use]
    pub fn to(&self) -> Timestamp {
        Timestamp::EPOCH.saturating_add_ms(self.to_ms)
    }

    /// What it was made from.
    #[must_use]
    pub const fn options(&self) -> &WorldOptions {
        &self.options
    }

    /// The scenario, without what the adversary makes of it.
    #[must_use]
    pub const fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The names of the populations, in the order of their [`ClassId`]s.
    #[must_use]
    pub fn class_names(&self) -> &[Box<str>] {
        &self.names
    }

    /// The name of a population.
    #[must_use]
    pub fn class_name(&self, class: ClassId) -> &str {
        self.names.get(usize::from(class.0)).map_or("", |name| name)
    }

    /// The purpose that a population's registered numbers state; `None` when they state none.
    #[must_use]
    pub fn purpose(&self, class: ClassId) -> Option<&str> {
        self.populations.at(class.0).class.purpose.as_deref()
    }

    pub(crate) fn traits_of(&self, act: &Act) -> &Traits {
        self.populations.at(act.traits)
    }
}

fn check(options: &WorldOptions) -> Result<(), WorldError> {
    // The first and the last day that facts can hold.
    let years = [2012, 2041].map(|year| model::time::days_from_civil(year, 1, 1));
    if options.days == 0 || options.days > MAX_DAYS {
        return Err(WorldError::Days { days: options.days });
    }
    if options.numbers == 0 || options.numbers > MAX_NUMBERS {
        return Err(WorldError::Numbers { numbers: options.numbers });
    }
    if options.first_day < years[0] || options.first_day >= years[1] {
        return Err(WorldError::FirstDay { day: options.first_day });
    }
    match options.adversary {
        Some((_, strength)) if !(0.0..=1.0).contains(&strength) => Err(WorldError::Strength { strength }),
        Some(_) | None => Ok(()),
    }
}
