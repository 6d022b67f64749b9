//! Calling hours: whether a call came at a fair time at the place of the called number, by its area code.

mod zone;

use std::collections::BTreeMap;

use jiff::tz::TimeZoneDatabase;
use model::{TelephoneNumber, Timestamp};
use serde::Deserialize;

use crate::policy::PolicyError;
use zone::{SLOT_S, first_day, off_slots};

/// How many three-digit codes there are.
const CODES: usize = 1000;
const SLOTS_A_DAY: i64 = 48;

/// The hours within which calling is fair, at the places of area codes.
#[derive(Clone, Debug)]
pub struct CallingHours {
    /// By area code: the place of its area plus one, or 0 when its zone is not known.
    areas_of: Vec<u8>,
    /// For each area, the half hours of each UTC day that are off hours in all of its zones.
    areas: Vec<Vec<u64>>,
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHours {
    from_hour: u8,
    to_hour: u8,
    area_code: BTreeMap<String, Zones>,
}

/// One zone's name, or the names of the zones that an area is split over, the one with most people first.
#[derive(Deserialize)]
#[serde(untagged)]
enum Zones {
    One(String),
    Split(Vec<String>),
}

impl CallingHours {
    /// The hours and area codes that ship with Ringtrue, as text.
    pub const SHIPPED: &str = include_str!("../../../policy/area_codes.toml");

    /// Reads and checks hours and area codes.
    ///
    /// # Errors
    /// Names the key and what was expected: a three-digit area code, a time zone that exists, hours within a day.
    pub fn parse(file: &str, text: &str) -> Result<Self, PolicyError> {
        let deserializer = toml::Deserializer::parse(text)
            .map_err(|error| PolicyError::Syntax { file: file.to_owned(), detail: error.to_string() })?;
        let raw: RawHours = serde_path_to_error::deserialize(deserializer).map_err(|error| PolicyError::Value {
            key: format!("{file}: {}", error.path()),
            detail: error.inner().message().to_owned(),
        })?;
        let range =
            |key: &str, value: String, expected| PolicyError::Range { key: format!("{file}: {key}"), value, expected };
        if raw.from_hour >= raw.to_hour || raw.to_hour > 24 {
            return Err(range("to_hour", raw.to_hour.to_string(), "an hour after from_hour, at most 24"));
        }
        let mut table = Table::new([raw.from_hour, raw.to_hour]);
        for (code, zones) in raw.area_code {
            let key = format!("area_code.{code}");
            let place = code.parse::<usize>().ok().filter(|&at| code.len() == 3 && at < CODES);
            let place = place.ok_or_else(|| range(&key, code, "an area code of three digits"))?;
            let names = match zones {
                Zones::One(name) => vec![name],
                Zones::Split(names) => names,
            };
            table.add(place, names).map_err(|(value, expected)| range(&key, value, expected))?;
        }
        Ok(Self { areas_of: table.areas_of, areas: table.areas.into_iter().map(|(_, off)| off).collect() })
    }

    /// Tells whether an instant lies outside calling hours at the place of a called number. Where its area is split over zones,
    /// only if it does in all of them.
    ///
    /// `None` when nobody can say: a number of another country, a toll-free or special one, an area code that is not listed,
    /// or an instant before 2012 or after 2041.
    #[must_use]
    pub fn off_hours(&self, dest: TelephoneNumber, at: Timestamp) -> Option<bool> {
        let area = self.areas_of.get(usize::from(dest.nanp()?.npa))?.checked_sub(1)?;
        let slot = at.as_ms() / (SLOT_S * 1000);
        let day = usize::try_from(slot / SLOTS_A_DAY - first_day()).ok()?;
        let off = self.areas.get(usize::from(area))?.get(day)?;
        Some(off >> (slot % SLOTS_A_DAY) & 1 == 1)
    }
}

/// What is built up while area codes are read.
struct Table {
    fair: [u8; 2],
    areas_of: Vec<u8>,
    /// The names of each area's zones, and its off hours.
    areas: Vec<(Vec<String>, Vec<u64>)>,
    zones: BTreeMap<String, Vec<u64>>,
    database: TimeZoneDatabase,
}

impl Table {
    fn new(fair: [u8; 2]) -> Self {
        Self {
            fair,
            areas_of: vec![0; CODES],
            areas: Vec::new(),
            zones: BTreeMap::new(),
            database: TimeZoneDatabase::bundled(),
        }
    }

    /// Adds an area code. The error is the value at fault and what was expected.
    fn add(&mut self, code: usize, names: Vec<String>) -> Result<(), (String, &'static str)> {
        let at = match self.areas.iter().position(|(known, _)| *known == names) {
            Some(at) => at,
            None => {
                let off = self.off_slots(&names)?;
                self.areas.push((names, off));
                self.areas.len() - 1
            }
        };
        let too_many = || (self.areas.len().to_string(), "at most 255 different lists of zones");
        let place = u8::try_from(at + 1).map_err(|_| too_many())?;
        if let Some(slot) = self.areas_of.get_mut(code) {
            *slot = place;
        }
        Ok(())
    }

    /// The half hours that are off hours in all of these zones.
    fn off_slots(&mut self, names: &[String]) -> Result<Vec<u64>, (String, &'static str)> {
        let mut all: Option<Vec<u64>> = None;
        for name in names {
            let off = self.zone(name)?;
            match &mut all {
                None => all = Some(off.to_vec()),
                Some(all) => all.iter_mut().zip(off).for_each(|(all, off)| *all &= off),
            }
        }
        all.ok_or_else(|| ("[]".to_owned(), "at least one time zone"))
    }

    /// The off hours of one zone, derived when it is new.
    fn zone(&mut self, name: &str) -> Result<&[u64], (String, &'static str)> {
        if !self.zones.contains_key(name) {
            let unknown = |_| (name.to_owned(), "the name of a time zone, such as America/Chicago");
            let zone = self.database.get(name).map_err(unknown)?;
            let odd = || (name.to_owned(), "a time zone that keeps to half hours");
            self.zones.insert(name.to_owned(), off_slots(&zone, self.fair).ok_or_else(odd)?);
        }
        Ok(self.zones.get(name).map_or(&[], Vec::as_slice))
    }
}

#[cfg(test)]
mod tests;
