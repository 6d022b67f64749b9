//! Which numbers there are, who lies beside whom, and what the clock says at their places.

use jiff::tz::TimeZone;
use model::{TelephoneNumber, Timestamp};
use serde::Deserialize;
use std::collections::BTreeMap;

use crate::random::{below, derive, mix};

const DAY_S: i64 = 86_400;
/// Noon of the day decides its clock: changes of clocks happen at night.
const NOON_S: i64 = DAY_S / 2;
/// Exchanges of an area: 2XX to 9XX without N11, 555 (information and fiction), 950 and 976 (services), 958 and 959 (tests).
const EXCHANGES: usize = 787;

/// The area codes of the plan with their clocks, and the exchanges that every area has.
pub(crate) struct Numbering {
    areas: Vec<Area>,
    exchanges: Vec<u16>,
    /// By zone, then by day from the first: seconds that its clock is ahead of UTC.
    offsets_s: Vec<Vec<i32>>,
    /// By three-digit code: its place among the areas plus one.
    area_of: Vec<u16>,
    seed: u64,
}

struct Area {
    npa: u16,
    zone: u16,
}

#[derive(Deserialize)]
struct AreaCodes {
    area_code: BTreeMap<String, Zones>,
}

/// One zone's name, or those of a split area, the one with most people first.
#[derive(Deserialize)]
#[serde(untagged)]
enum Zones {
    One(String),
    Split(Vec<String>),
}

impl Numbering {
    /// The plan of the shipped area codes. `first_day` counts from the epoch; clocks are known for `days` from it on.
    pub(crate) fn new(seed: u64, first_day: i64, days: u32) -> Self {
        let codes: AreaCodes = toml::from_str(reputation::hours::CallingHours::SHIPPED)
            .unwrap_or(AreaCodes { area_code: BTreeMap::new() });
        let mut zones: Vec<String> = Vec::new();
        let mut areas = Vec::new();
        for (code, names) in codes.area_code {
            let name = match names {
                Zones::One(name) => Some(name),
                Zones::Split(names) => names.into_iter().next(),
            };
            let (Ok(npa), Some(name)) = (code.parse::<u16>(), name) else { continue };
            let zone = zones.iter().position(|known| *known == name).unwrap_or_else(|| {
                zones.push(name);
                zones.len() - 1
            });
            areas.push(Area { npa, zone: zone as u16 });
        }
        let offsets_s = zones.iter().map(|name| offsets(name, first_day, days)).collect();
        let mut area_of = vec![0; 1000];
        for (place, area) in areas.iter().enumerate() {
            if let Some(entry) = area_of.get_mut(usize::from(area.npa)) {
                *entry = place as u16 + 1;
            }
        }
        let exchanges: Vec<u16> =
            (200..1000).filter(|nxx| nxx % 100 != 11 && !matches!(nxx, 555 | 950 | 958 | 959 | 976)).collect();
        debug_assert_eq!(exchanges.len(), EXCHANGES, "the count in the constant is that of the filter");
        Self { areas, exchanges, offsets_s, area_of, seed: derive(seed, 1) }
    }

    /// How many exchanges there are in all areas.
    pub(crate) const fn exchange_count(&self) -> u64 {
        self.areas.len() as u64 * EXCHANGES as u64
    }

    /// The number on `line` (0 to 999) of thousand-block `digit` (0 to 9) of the exchange at place `exchange`.
    ///
    /// Exchanges are walked by a prime step, so that those in use spread over all areas and none comes twice.
    pub(crate) fn number(&self, exchange: u64, digit: u64, line: u64) -> TelephoneNumber {
        const STEP: u64 = 7_368_787;
        let count = self.exchange_count().max(1);
        let place = ((exchange + self.seed % count) % count) * STEP % count;
        let npa = self.areas.get((place / EXCHANGES as u64) as usize).map_or(212, |area| area.npa);
        let nxx = self.exchanges.get((place % EXCHANGES as u64) as usize).copied().unwrap_or(200);
        number(npa, nxx, (digit % 10) * 1000 + line % 1000)
    }

    /// A number that `key` picks: in the exchange of `home`, in its area, or anywhere.
    #[inline]
    pub(crate) fn destination(&self, home: TelephoneNumber, key: u64, near: Near) -> TelephoneNumber {
        let line = below(mix(key), 10_000);
        let national = home.digits() % 10_000_000_000;
        let own_npa = (national / 10_000_000) as u16;
        match near {
            Near::Exchange => number(own_npa, (national / 10_000 % 1000) as u16, line),
            Near::Area => number(own_npa, self.exchange(key), line),
            Near::Anywhere => {
                let place = below(mix(key ^ 0x5851_f42d_4c95_7f2d), self.areas.len() as u64);
                let npa = self.areas.get(place as usize).map_or(212, |area| area.npa);
                number(npa, self.exchange(key), line)
            }
        }
    }

    fn exchange(&self, key: u64) -> u16 {
        self.exchanges.get(below(key, EXCHANGES as u64) as usize).copied().unwrap_or(200)
    }

    /// Milliseconds that the clock at a number's place is ahead of UTC on day `day` of the run (0 is the first).
    pub(crate) fn clock_ms(&self, zone: u16, day: i64) -> i64 {
        let offsets = self.offsets_s.get(usize::from(zone));
        let last = offsets.map_or(0, |offsets| offsets.len().saturating_sub(1));
        let place = usize::try_from(day).unwrap_or(0).min(last);
        offsets.and_then(|offsets| offsets.get(place)).map_or(0, |offset| i64::from(*offset) * 1000)
    }

    /// The zone of a number's area.
    pub(crate) fn zone_of(&self, tn: TelephoneNumber) -> u16 {
        let npa = (tn.digits() / 10_000_000 % 1000) as usize;
        let place = self.area_of.get(npa).copied().unwrap_or(0);
        place.checked_sub(1).and_then(|place| self.areas.get(usize::from(place))).map_or(0, |area| area.zone)
    }
}

/// Where a destination lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Near {
    Exchange,
    Area,
    Anywhere,
}

#[inline]
fn number(npa: u16, nxx: u16, line: u64) -> TelephoneNumber {
    let digits = 10_000_000_000 + u64::from(npa) * 10_000_000 + u64::from(nxx) * 10_000 + line;
    TelephoneNumber::from_digits(digits).unwrap_or(FALLBACK)
}

/// Never seen: all digits above make eleven that begin with 1.
const FALLBACK: TelephoneNumber = match TelephoneNumber::from_digits(12_125_550_100) {
    Some(tn) => tn,
    None => panic!("a fictional number"),
};

/// Seconds ahead of UTC at noon of each day.
fn offsets(name: &str, first_day: i64, days: u32) -> Vec<i32> {
    let zone = TimeZone::get(name).unwrap_or(TimeZone::UTC);
    let of_day = |day: i64| {
        let noon = jiff::Timestamp::from_second((first_day + day) * DAY_S + NOON_S);
        noon.map_or(0, |noon| zone.to_offset(noon).seconds())
    };
    (0..i64::from(days).max(1)).map(of_day).collect()
}

/// The first moment of a day counted from the epoch.
pub(crate) fn day_start(day: i64) -> Timestamp {
    Timestamp::from_s(day * DAY_S).unwrap_or(Timestamp::EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::tn::NumberKind;
    use std::collections::HashSet;

    #[test]
    fn numbers_are_geographic_and_distinct() {
        let numbering = Numbering::new(7, 20_000, 3);
        assert!(numbering.areas.len() > 350, "{}", numbering.areas.len());
        let mut seen = HashSet::new();
        for exchange in 0..3000 {
            for line in [0, 500, 999] {
                let tn = numbering.number(exchange, exchange % 10, line);
                assert_eq!(tn.kind(), NumberKind::Geographic, "{tn}");
                assert!(seen.insert(tn), "{tn} comes twice");
            }
        }
        let home = numbering.number(5, 5, 5);
        for key in 0..3000 {
            for near in [Near::Exchange, Near::Area, Near::Anywhere] {
                let dest = numbering.destination(home, mix(key), near);
                assert_eq!(dest.kind(), NumberKind::Geographic, "{dest}");
            }
            assert_eq!(numbering.destination(home, key, Near::Exchange).block(), home.block());
        }
    }

    #[test]
    fn clocks_change_with_the_seasons() {
        let first = model::time::days_from_civil(2026, 3, 6);
        let numbering = Numbering::new(7, first, 5);
        let new_york = TelephoneNumber::from_digits(12_125_550_100).expect("a number");
        let zone = numbering.zone_of(new_york);
        assert_eq!(numbering.clock_ms(zone, 0), -5 * 3_600_000);
        assert_eq!(numbering.clock_ms(zone, 4), -4 * 3_600_000, "summer time began on 8 March");
    }
}
