//! Calling hours: whether a call came at a fair time at the place of the called number, by its area code.

mod zone;

use std::collections::BTreeMap;

use jiff::tz::TimeZoneDatabase;
use model::{TelephoneNumber, Timestamp};
use serde::Deserialize;

use crate::policy::PolicyError;
use zone::Zone;

/// How many three-digit codes there are.
const CODES: usize = 1000;
/// The most different lists of zones, so that a place fits in a byte.
const AREAS_MAX: usize = 255;
const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;

/// The hours within which calling is fair, and the time zones of area codes.
#[derive(Clone, Debug)]
pub struct CallingHours {
    /// Seconds after local midnight: from, and before.
    fair: [i64; 2],
    /// By area code: the place of its area plus one, or 0 when its zone is not known.
    areas_of: Vec<u8>,
    /// The places of the zones of each area.
    areas: Vec<Vec<u8>>,
    zones: Vec<Zone>,
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
        let fair = [raw.from_hour, raw.to_hour].map(|hour| i64::from(hour) * HOUR_S);
        let mut table = Table::default();
        for (code, zones) in raw.area_code {
            let key = format!("area_code.{code}");
            let place = code.parse::<usize>().ok().filter(|&at| code.len() == 3 && at < CODES);
            let place = place.ok_or_else(|| range(&key, code, "an area code of three digits"))?;
            let names = match zones {
                Zones::One(name) => vec![name],
                Zones::Split(names) => names,
            };
            table.add(place, &names).map_err(|(value, expected)| range(&key, value, expected))?;
        }
        let Table { areas_of, areas, zones, .. } = table;
        Ok(Self { fair, areas_of, areas, zones })
    }

    /// Tells whether an instant lies outside calling hours at the place of a called number. Where its area is split over zones,
    /// only if it does in all of them.
    ///
    /// `None` when nobody can say: a number of another country, a toll-free or special one, an area code that is not listed,
    /// or an instant before 2012 or after 2041.
    #[must_use]
    pub fn off_hours(&self, dest: TelephoneNumber, at: Timestamp) -> Option<bool> {
        let parts = dest.nanp()?;
        let area = self.areas_of.get(usize::from(parts.npa))?.checked_sub(1)?;
        let at_s = at.as_ms().div_euclid(1000);
        let [from, to] = self.fair;
        let mut off = true;
        for &zone in self.areas.get(usize::from(area))? {
            let local = at_s + self.zones.get(usize::from(zone))?.offset_s(at_s)?;
            let of_day = local.rem_euclid(DAY_S);
            off &= of_day < from || of_day >= to;
        }
        Some(off)
    }
}

/// What is built up while area codes are read.
struct Table {
    areas_of: Vec<u8>,
    areas: Vec<Vec<u8>>,
    zones: Vec<Zone>,
    names: Vec<String>,
    database: TimeZoneDatabase,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            areas_of: vec![0; CODES],
            areas: Vec::new(),
            zones: Vec::new(),
            names: Vec::new(),
            database: TimeZoneDatabase::bundled(),
        }
    }
}

impl Table {
    /// Adds an area code. The error is the value at fault and what was expected.
    fn add(&mut self, code: usize, names: &[String]) -> Result<(), (String, &'static str)> {
        if names.is_empty() {
            return Err(("[]".to_owned(), "at least one time zone"));
        }
        let area = names.iter().map(|name| self.zone(name)).collect::<Result<Vec<_>, _>>()?;
        let at = self.areas.iter().position(|known| *known == area).unwrap_or_else(|| {
            self.areas.push(area);
            self.areas.len() - 1
        });
        let too_many = || (self.areas.len().to_string(), "at most 255 different lists of zones");
        let place = u8::try_from(at + 1).ok().filter(|_| at < AREAS_MAX).ok_or_else(too_many)?;
        if let Some(slot) = self.areas_of.get_mut(code) {
            *slot = place;
        }
        Ok(())
    }

    /// The place of a zone, read when it is new.
    fn zone(&mut self, name: &str) -> Result<u8, (String, &'static str)> {
        let at = match self.names.iter().position(|known| known == name) {
            Some(at) => at,
            None => {
                let unknown = |_| (name.to_owned(), "the name of a time zone, such as America/Chicago");
                self.zones.push(Zone::new(&self.database.get(name).map_err(unknown)?));
                self.names.push(name.to_owned());
                self.names.len() - 1
            }
        };
        u8::try_from(at).map_err(|_| (name.to_owned(), "at most 256 time zones"))
    }
}

#[cfg(test)]
mod tests;
