//! The sample of a number's destinations, as it stood at a moment.

use super::panes::{Moment, PaneRules};
use super::word::{DestCell, DestClass};
use super::{HORIZON_D, SAMPLE_SIZE};

/// One sampled destination. Days count as hour indices do, from 1 on; 0 means never.
#[derive(Clone, Copy, Debug)]
struct Member {
    hash: u32,
    first_hour: u32,
    last_hour: u32,
    alive: u32,
    alive_unseen: u32,
    medium: u32,
    strong: u32,
    day: u32,
    calls_that_day: u32,
    most_in_a_day: u32,
}

/// The 64 destinations with the smallest hashes of those called within the horizon. Fed in the order in which calls became
/// known; the order within an hour does not matter.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    members: Vec<Member>,
    /// The smallest hash that was turned away, by day; a destination above the least of them may be missing.
    turned_away: Vec<(u32, u32)>,
    from_hour: u32,
}

/// What a sample says at a moment.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct SampleFacts {
    /// Destinations in the sample.
    pub sampled: u32,
    /// Share of all destinations that the sample holds, above 0 and at most 1.
    pub rate: f64,
    /// Distinct destinations: exact up to 64, an estimate above.
    pub distinct: f64,
    /// Sampled destinations whose state the sources could have shown.
    pub observable: u32,
    /// Of those, not in service: 1 for strong evidence, ½ for medium.
    pub invalid: f64,
    /// Sampled destinations, each weighted by the age of its first day.
    pub first_weight: f64,
    /// Sampled destinations that were called three or more times on one day.
    pub thrice_a_day: u32,
}

impl Sample {
    /// Forgets everything; evidence counts from `from_hour` on.
    pub fn clear(&mut self, from_hour: u32) {
        self.members.clear();
        self.turned_away.clear();
        self.from_hour = from_hour;
    }

    /// Adds a destination's calls.
    pub fn add(&mut self, cell: &DestCell) {
        if cell.hour < self.from_hour {
            return;
        }
        match self.members.binary_search_by_key(&cell.hash, |member| member.hash) {
            Ok(at) => {
                if let Some(member) = self.members.get_mut(at) {
                    member.add(cell);
                }
            }
            Err(_) if cell.hash >= self.limit() => self.turn_away(cell.known / 24, cell.hash),
            Err(at) => {
                self.members.insert(at, Member::new(cell));
                if self.members.len() > SAMPLE_SIZE
                    && let Some(out) = self.members.pop()
                {
                    self.turn_away(cell.known / 24, out.hash);
                }
            }
        }
    }

    /// Drops what lies beyond the horizon at hour `now`.
    pub fn roll(&mut self, now: u32) {
        let oldest = (now / 24 + 1).saturating_sub(HORIZON_D);
        self.members.retain(|member| member.last_hour / 24 >= oldest);
        self.turned_away.retain(|&(day, _)| day >= oldest);
    }

    fn limit(&self) -> u32 {
        self.turned_away.iter().map(|&(_, hash)| hash).min().unwrap_or(u32::MAX)
    }

    fn turn_away(&mut self, day: u32, hash: u32) {
        match self.turned_away.last_mut() {
            Some((last, least)) if *last == day => *least = (*least).min(hash),
            Some(_) | None => self.turned_away.push((day, hash)),
        }
    }

    /// What the sample says at `now`. It must have been rolled at that hour.
    #[must_use]
    pub fn facts(&self, rules: &PaneRules, now: Moment) -> SampleFacts {
        let oldest = (now.hour / 24 + 1).saturating_sub(HORIZON_D);
        let rate = self.rate();
        let mut facts = SampleFacts { rate, ..SampleFacts::default() };
        for member in &self.members {
            let since = |hour: u32| hour != 0 && (hour - 1) / 24 >= oldest;
            let (alive, medium, strong) = (since(member.alive), since(member.medium), since(member.strong));
            facts.sampled += 1;
            facts.observable += u32::from(alive || medium || strong);
            if !alive && !since(member.alive_unseen) {
                facts.invalid += if strong {
                    1.0
                } else if medium {
                    0.5
                } else {
                    0.0
                };
            }
            facts.first_weight += rules.weight((member.first_hour / 24 + 1) * 24, now);
            facts.thrice_a_day += u32::from(member.most_in_a_day >= 3);
        }
        facts.distinct = f64::from(facts.sampled) / rate;
        facts
    }

    /// The share of all destinations that the sample holds.
    fn rate(&self) -> f64 {
        match self.limit() {
            u32::MAX => 1.0,
            limit => f64::from(limit) / 4_294_967_296.0,
        }
    }

    /// Distinct destinations called in or after hour `from`: exact when the sample holds all, an estimate otherwise.
    #[must_use]
    pub fn distinct_since(&self, from: u32) -> f64 {
        let count = self.members.iter().filter(|member| member.last_hour >= from).count();
        count as f64 / self.rate()
    }
}

impl Member {
    fn new(cell: &DestCell) -> Self {
        let mut member = Self {
            hash: cell.hash,
            first_hour: cell.hour,
            last_hour: cell.hour,
            alive: 0,
            alive_unseen: 0,
            medium: 0,
            strong: 0,
            day: cell.hour / 24,
            calls_that_day: 0,
            most_in_a_day: 0,
        };
        member.add(cell);
        member
    }

    fn add(&mut self, cell: &DestCell) {
        self.first_hour = self.first_hour.min(cell.hour);
        self.last_hour = self.last_hour.max(cell.hour);
        let latest = match cell.class {
            DestClass::Silent => None,
            DestClass::Alive => Some(&mut self.alive),
            DestClass::AliveUnseen => Some(&mut self.alive_unseen),
            DestClass::InvalidMedium => Some(&mut self.medium),
            DestClass::InvalidStrong => Some(&mut self.strong),
        };
        if let Some(latest) = latest {
            *latest = (*latest).max(cell.hour + 1);
        }
        let day = cell.hour / 24;
        if day == self.day {
            self.calls_that_day += u32::from(cell.count);
        } else if day > self.day {
            self.day = day;
            self.calls_that_day = u32::from(cell.count);
        }
        self.most_in_a_day = self.most_in_a_day.max(self.calls_that_day);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(hash: u32, hour: u32, class: DestClass) -> DestCell {
        DestCell { known: hour, hash, hour, carrier: 0, class, count: 1 }
    }

    #[test]
    fn alive_beats_invalid_and_strong_beats_medium() {
        let rules = PaneRules::new(7.0, 6, 48, 35);
        let mut sample = Sample::default();
        for c in [
            cell(1, 10, DestClass::InvalidStrong),
            cell(1, 11, DestClass::Alive),
            cell(2, 10, DestClass::InvalidMedium),
            cell(3, 10, DestClass::InvalidStrong),
            cell(4, 10, DestClass::Silent),
            cell(5, 10, DestClass::AliveUnseen),
        ] {
            sample.add(&c);
        }
        let facts = sample.facts(&rules, Moment::tick(12));
        assert_eq!((facts.sampled, facts.observable, facts.invalid), (5, 3, 1.5));
    }

    #[test]
    fn beyond_64_the_count_is_an_estimate() {
        let rules = PaneRules::new(7.0, 6, 48, 35);
        let mut sample = Sample::default();
        for i in 0..10_000u32 {
            sample.add(&cell(i.wrapping_mul(2_654_435_761), 10, DestClass::Alive));
        }
        let distinct = sample.facts(&rules, Moment::tick(12)).distinct;
        assert!((distinct / 10_000.0 - 1.0).abs() < 0.35, "{distinct}");
        sample.roll(24 * 60);
        assert_eq!(sample.facts(&rules, Moment::tick(24 * 60)).sampled, 0);
    }
}
