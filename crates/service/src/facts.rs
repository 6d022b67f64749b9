//! What is known of numbers, spread over shards that are filled and judged apart.

use std::collections::BTreeMap;

use model::{Report, TelephoneNumber, Timestamp};
use reputation::facts::FactStore;

/// How many shards there are. Chosen: many more than threads, so that none waits for the last one; and so many that the calls
/// which wait in one are sorted in a core's own cache.
pub const SHARDS: usize = 256;
/// The most invalid destinations that are kept in clear for one number.
const MAX_INVALID_KEPT: usize = 1000;

/// The most refusals with 607 that are kept for one number. Chosen: sixteen times what the shipped policy weighs, so that past
/// moments have theirs.
pub const MAX_REFUSALS_KEPT: usize = 4096;

/// The most addresses for contesting a block that are kept for one number. Chosen: many more than providers have.
const MAX_REDRESS_KEPT: usize = 256;

/// What is known of one number besides its calls' facts.
#[derive(Default)]
pub struct Extra {
    /// Reports about it from report feeds, which are in memory anyway; a verdict weighs as many as the policy keeps.
    pub reports: Vec<Report>,
    /// Calls refused with 607, as reports: the newest.
    pub refusals: Vec<Report>,
    /// Those beyond the most that are kept.
    pub refusals_dropped: u64,
    /// Calls to people who report it, by what stands for the person as a reporter: proof that it reached them.
    pub calls_to_reporters: BTreeMap<u64, Vec<Timestamp>>,
    /// Where blocks may be contested: how often it was said, and when first.
    pub redress: BTreeMap<Box<str>, (u64, Timestamp)>,
    /// Invalid destinations in clear: when last, strong or not, how many calls. Only of an owner's own numbers.
    pub invalid: BTreeMap<TelephoneNumber, InvalidSeen>,
    /// Those beyond the most that are kept.
    pub invalid_dropped: u64,
}

/// What is known of an invalid destination.
#[derive(Clone, Copy, Debug)]
pub struct InvalidSeen {
    /// When it was called last.
    pub last: Timestamp,
    /// Whether any call says so strongly.
    pub strong: bool,
    /// How many calls.
    pub calls: u32,
}

impl Extra {
    /// Notes an address at which a block may be contested. Of very many, as where each call has one of its own, those that are
    /// named least give way, the oldest first.
    pub fn note_redress(&mut self, address: Box<str>, at: Timestamp) {
        let seen = self.redress.entry(address).or_insert((0, at));
        seen.0 += 1;
        seen.1 = seen.1.min(at);
        if self.redress.len() > MAX_REDRESS_KEPT {
            let mut by_age: Vec<(u64, Timestamp, Box<str>)> =
                self.redress.iter().map(|(address, &(count, first))| (count, first, address.clone())).collect();
            by_age.sort_unstable();
            for (.., address) in by_age.iter().take(MAX_REDRESS_KEPT / 2) {
                self.redress.remove(address);
            }
        }
    }

    /// Notes a refusal; of more than `most` those that became known last are kept, whatever the order in which they come.
    pub fn note_refusal(&mut self, report: Report, most: usize) {
        self.refusals.push(report);
        if self.refusals.len() >= most.saturating_mul(2) {
            self.keep_refusals(most);
        }
    }

    /// Keeps the newest `most` refusals, the newest first; fewer are left as they are.
    pub fn keep_refusals(&mut self, most: usize) {
        let order = |report: &Report| {
            let from = (report.reporter, report.network, report.device, report.area_code);
            (report.known(), report.at, report.category, from, report.key)
        };
        self.refusals.sort_by_key(|report| std::cmp::Reverse(order(report)));
        self.refusals_dropped += self.refusals.len().saturating_sub(most) as u64;
        self.refusals.truncate(most);
    }

    /// Notes a call to a number not in service; the newest are kept.
    pub fn note_invalid(&mut self, dest: TelephoneNumber, at: Timestamp, strong: bool) {
        let seen = self.invalid.entry(dest).or_insert(InvalidSeen { last: at, strong, calls: 0 });
        seen.last = seen.last.max(at);
        seen.strong |= strong;
        seen.calls += 1;
        if self.invalid.len() > MAX_INVALID_KEPT
            && let Some(oldest) = self.invalid.iter().min_by_key(|(tn, seen)| (seen.last, **tn)).map(|(&tn, _)| tn)
        {
            self.invalid.remove(&oldest);
            self.invalid_dropped += 1;
        }
    }
}

/// How the carriers of one number's outbound calls are known.
#[derive(Clone, Copy, Default, Debug)]
pub struct CarrierSources {
    /// Calls whose carrier a prefix of the carrier map told.
    pub by_prefix: u32,
    /// All of them.
    pub calls: u32,
}

impl CarrierSources {
    /// Takes over what another counted.
    pub const fn add(&mut self, other: Self) {
        self.by_prefix = self.by_prefix.saturating_add(other.by_prefix);
        self.calls = self.calls.saturating_add(other.calls);
    }
}

/// One shard.
#[derive(Default)]
pub struct Shard {
    /// The calls.
    pub store: FactStore,
    /// The rest, of the few numbers that have any.
    pub extras: BTreeMap<TelephoneNumber, Extra>,
    /// How carriers are known; empty without a carrier map that has prefixes.
    pub carriers: BTreeMap<TelephoneNumber, CarrierSources>,
}

/// The shard of a number. Rises with the number, so that shards one after another give all numbers in order: North American
/// numbers by area code, the rest of the world before and after.
#[must_use]
#[inline]
pub fn shard_of(tn: TelephoneNumber) -> usize {
    const NORTH_AMERICAN: usize = SHARDS - 2;
    // The country code, the area code and one digit more; area codes begin with 2.
    match tn.digits() / 1_000_000 {
        0..10_000 => 0,
        leading @ 10_000..20_000 => {
            let place = usize::try_from(leading.saturating_sub(12_000)).unwrap_or(0);
            1 + (place * NORTH_AMERICAN / 8000).min(NORTH_AMERICAN - 1)
        }
        20_000.. => SHARDS - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(at: i64) -> Report {
        let tn = TelephoneNumber::from_digits(12_155_550_112).expect("a number");
        Report {
            key: None,
            at: Timestamp::from_s(1_795_000_000 + at).expect("a time"),
            known_at: None,
            tn,
            category: model::ReportCategory::Unwanted,
            reporter: None,
            reporter_tn: None,
            reporter_since: None,
            network: None,
            device: None,
            area_code: None,
            carrier: None,
            proven: false,
            regulator: false,
        }
    }

    #[test]
    fn the_newest_refusals_are_kept_in_whatever_order_they_come() {
        let kept = |order: &mut dyn Iterator<Item = i64>| {
            let mut extra = Extra::default();
            order.for_each(|at| extra.note_refusal(report(at), 10));
            extra.keep_refusals(10);
            assert_eq!(extra.refusals_dropped, 90);
            extra.refusals.iter().map(|report| report.at).collect::<Vec<_>>()
        };
        let rising = kept(&mut (0..100));
        assert_eq!(rising, kept(&mut (0..100).rev()));
        assert_eq!(rising.first(), Some(&report(99).at));
    }
}
