//! The sample of a number's destinations, as it stood at a moment.
//!
//! Time is cut into *epochs* as long as the horizon, by the day on which calls became known, so that the horizon never reaches
//! over more than two of them. Each epoch has its own bottom-k sample: the 64 smallest hashes and, once there are more, the
//! *limit*, the smallest hash left out. Within an epoch the limit only falls, so a destination below it was never missed,
//! whatever the order of its calls; that would not hold of a window that slides. A reading joins the two epochs below the lesser
//! limit.

use std::cmp::Ordering;

use super::panes::{Moment, PaneRules};
use super::word::{DestCell, DestClass};
use super::{HORIZON_D, SAMPLE_SIZE};

/// The epoch of an hour in which calls became known.
pub(super) const fn epoch_of(known: u32) -> u32 {
    known / 24 / HORIZON_D
}

/// One past the largest hash: the limit of an epoch that holds every destination.
const NO_LIMIT: u64 = 1 << 32;

/// One sampled destination in one epoch: 24 bytes. Days of what it showed are kept plus one; 0 means never.
#[derive(Clone, Copy, Debug)]
struct Member {
    hash: u32,
    last_hour: u32,
    /// The day of the first call; [`NO_DAY`] when none counts.
    first_day: u16,
    alive: u16,
    alive_unseen: u16,
    medium: u16,
    strong: u16,
    known_day: u16,
    calls_that_day: u16,
    most_in_a_day: u16,
}

/// Later than any day: facts hold some 10,900.
const NO_DAY: u16 = u16::MAX;

fn day_of(hour: u32) -> u16 {
    u16::try_from(hour / 24).unwrap_or(NO_DAY - 1)
}

/// The destinations with the smallest hashes of those whose calls became known in one epoch.
#[derive(Clone, Debug)]
struct Epoch {
    /// At most 64, by rising hash.
    members: Vec<Member>,
    limit: u64,
}

impl Default for Epoch {
    fn default() -> Self {
        Self { members: Vec::new(), limit: NO_LIMIT }
    }
}

/// The destinations with the smallest hashes. Fed in the order of the hours in which calls became known; the order within an
/// hour does not matter.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    current: Epoch,
    previous: Epoch,
    epoch: u32,
    today: u32,
    from_hour: u32,
}

/// What a sample says at a moment.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct SampleFacts {
    /// Destinations in the sample, at most 64.
    pub sampled: u32,
    /// Share of all destinations that the sample holds, above 0 and at most 1.
    pub rate: f64,
    /// Distinct destinations: exact while the sample holds all, an estimate otherwise.
    pub distinct: f64,
    /// Sampled destinations whose state the sources could have shown.
    pub observable: u32,
    /// Of those, not in service: 1 for strong evidence, ½ for medium.
    pub invalid: f64,
    /// Sampled destinations, each weighted by the age of its first day.
    pub first_weight: f64,
    /// Sampled destinations of which three or more calls became known on one day.
    pub thrice_a_day: u32,
}

impl Sample {
    /// Forgets everything; evidence counts from `from_hour` on.
    pub fn clear(&mut self, from_hour: u32) {
        self.current.clear();
        self.previous.clear();
        (self.epoch, self.today, self.from_hour) = (0, 0, from_hour);
    }

    /// Lets evidence count from `from_hour` on, from now. What was called before still takes its part of the sample's room:
    /// stored facts were thinned with it.
    pub fn cut(&mut self, from_hour: u32) {
        self.from_hour = from_hour;
        for member in self.current.members.iter_mut().chain(&mut self.previous.members) {
            *member = Member::new(member.hash);
        }
    }

    /// Adds a destination's calls; tells whether it is one that the sample did not hold.
    pub fn add(&mut self, cell: &DestCell) -> bool {
        let counts = cell.hour >= self.from_hour && cell.hour / 24 + HORIZON_D > cell.known / 24;
        let Some(member) = self.member(cell).filter(|_| counts) else {
            return false;
        };
        let new = !member.counts();
        member.add(cell);
        let other = if epoch_of(cell.known) == self.epoch { &self.previous } else { &self.current };
        new && !other.holds(cell.hash)
    }

    /// Gives back room that is not used: for a sample that stays.
    pub fn shrink(&mut self) {
        self.current.members.shrink_to_fit();
        self.previous.members.shrink_to_fit();
    }

    /// Takes note of a destination whose calls do not count but with which stored facts were thinned.
    pub fn pass(&mut self, cell: &DestCell) {
        self.member(cell);
    }

    /// The destination's member in the epoch in which its calls became known, when it is among the smallest there.
    fn member(&mut self, cell: &DestCell) -> Option<&mut Member> {
        self.roll(cell.known);
        match self.epoch - epoch_of(cell.known) {
            0 => self.current.member(cell.hash),
            1 => self.previous.member(cell.hash),
            _ => None,
        }
    }

    /// Moves on to hour `now`.
    pub fn roll(&mut self, now: u32) {
        self.today = self.today.max(now / 24);
        let epoch = epoch_of(now);
        if epoch <= self.epoch {
            return;
        }
        std::mem::swap(&mut self.previous, &mut self.current);
        self.current.clear();
        if epoch > self.epoch + 1 {
            self.previous.clear();
        }
        self.epoch = epoch;
    }

    /// What the sample says at `now`. It must have been rolled at that hour.
    #[must_use]
    pub fn facts(&self, rules: &PaneRules, now: Moment) -> SampleFacts {
        let oldest = (now.hour / 24 + 1).saturating_sub(rules.horizon_d().min(HORIZON_D));
        let mut facts = SampleFacts::default();
        let part = rules.part(now);
        facts.rate = self.read(oldest, |member| {
            let since = |day: u16| u32::from(day) > oldest;
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
            facts.first_weight += rules.weight_at((u32::from(member.first_day) + 1) * 24, now, part);
            facts.thrice_a_day += u32::from(member.most_in_a_day >= 3);
        });
        facts.distinct = f64::from(facts.sampled) / facts.rate;
        facts
    }

    /// Distinct destinations called in or after hour `from`: exact when the sample holds all, an estimate otherwise.
    #[must_use]
    pub fn distinct_since(&self, from: u32) -> f64 {
        let mut count = 0u32;
        let oldest = (self.today + 1).saturating_sub(HORIZON_D);
        let rate = self.read(oldest, |member| count += u32::from(member.last_hour >= from));
        f64::from(count) / rate
    }

    /// Visits the sampled destinations that were called on day `oldest` or later, and tells which share of all they are.
    fn read(&self, oldest: u32, mut visit: impl FnMut(&Member)) -> f64 {
        let mut limit = self.current.limit.min(self.previous.limit);
        if self.previous.members.is_empty() {
            let counts =
                |member: &&Member| u64::from(member.hash) < limit && member.counts() && member.last_hour / 24 >= oldest;
            self.current.members.iter().filter(counts).for_each(visit);
            return limit as f64 / NO_LIMIT as f64;
        }
        let mut seen = 0;
        let (mut older, mut newer) = (self.previous.members.iter().peekable(), self.current.members.iter().peekable());
        loop {
            let order = match (older.peek(), newer.peek()) {
                (Some(old), Some(new)) => old.hash.cmp(&new.hash),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => break,
            };
            let next = match order {
                Ordering::Less => older.next().copied(),
                Ordering::Greater => newer.next().copied(),
                Ordering::Equal => older.next().zip(newer.next()).map(|(old, new)| old.joined(new)),
            };
            let Some(member) = next.filter(|member| u64::from(member.hash) < limit) else { break };
            if !member.counts() || member.last_hour / 24 < oldest {
                continue;
            }
            if seen == SAMPLE_SIZE {
                limit = u64::from(member.hash);
                break;
            }
            seen += 1;
            visit(&member);
        }
        limit as f64 / NO_LIMIT as f64
    }
}

impl Epoch {
    fn clear(&mut self) {
        self.members.clear();
        self.limit = NO_LIMIT;
    }

    fn holds(&self, hash: u32) -> bool {
        self.members.binary_search_by_key(&hash, |member| member.hash).is_ok()
    }

    /// The member with this hash, made when there is room; `None` when it is not among the 64 smallest.
    fn member(&mut self, hash: u32) -> Option<&mut Member> {
        if u64::from(hash) >= self.limit {
            return None;
        }
        let at = match self.members.binary_search_by_key(&hash, |member| member.hash) {
            Ok(at) => at,
            Err(at) if at == SAMPLE_SIZE => {
                self.limit = u64::from(hash);
                return None;
            }
            Err(at) => {
                if self.members.len() == SAMPLE_SIZE
                    && let Some(out) = self.members.pop()
                {
                    self.limit = u64::from(out.hash);
                }
                self.members.insert(at, Member::new(hash));
                at
            }
        };
        self.members.get_mut(at)
    }
}

impl Member {
    const fn new(hash: u32) -> Self {
        Self {
            hash,
            first_day: NO_DAY,
            last_hour: 0,
            alive: 0,
            alive_unseen: 0,
            medium: 0,
            strong: 0,
            known_day: 0,
            calls_that_day: 0,
            most_in_a_day: 0,
        }
    }

    const fn counts(&self) -> bool {
        self.first_day != NO_DAY
    }

    fn add(&mut self, cell: &DestCell) {
        self.first_day = self.first_day.min(day_of(cell.hour));
        self.last_hour = self.last_hour.max(cell.hour);
        let latest = match cell.class {
            DestClass::Silent => None,
            DestClass::Alive => Some(&mut self.alive),
            DestClass::AliveUnseen => Some(&mut self.alive_unseen),
            DestClass::InvalidMedium => Some(&mut self.medium),
            DestClass::InvalidStrong => Some(&mut self.strong),
        };
        if let Some(latest) = latest {
            *latest = (*latest).max(day_of(cell.hour) + 1);
        }
        // Days by when calls became known: they only rise, so that the order within an hour cannot matter.
        let day = day_of(cell.known);
        if day != self.known_day {
            (self.known_day, self.calls_that_day) = (day, 0);
        }
        self.calls_that_day = self.calls_that_day.saturating_add(u16::from(cell.count));
        self.most_in_a_day = self.most_in_a_day.max(self.calls_that_day);
    }

    /// One destination's two epochs as one.
    fn joined(self, newer: &Self) -> Self {
        Self {
            hash: self.hash,
            first_day: self.first_day.min(newer.first_day),
            last_hour: self.last_hour.max(newer.last_hour),
            alive: self.alive.max(newer.alive),
            alive_unseen: self.alive_unseen.max(newer.alive_unseen),
            medium: self.medium.max(newer.medium),
            strong: self.strong.max(newer.strong),
            known_day: newer.known_day,
            calls_that_day: newer.calls_that_day,
            most_in_a_day: self.most_in_a_day.max(newer.most_in_a_day),
        }
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

    #[test]
    fn a_cut_forgets_the_destinations_but_not_the_limit() {
        let rules = PaneRules::new(7.0, 6, 48, 35);
        let mut sample = Sample::default();
        for i in 0..130u32 {
            sample.add(&cell(i << 20, 10, DestClass::Alive));
        }
        sample.cut(11);
        sample.add(&cell(5 << 20, 12, DestClass::Alive));
        sample.add(&cell(70 << 20, 12, DestClass::Alive));
        let facts = sample.facts(&rules, Moment::tick(13));
        assert_eq!((facts.sampled, facts.rate), (1, f64::from(64 << 20) / 4_294_967_296.0));
    }
}
