//! Finding each symptom in a number's records.

use std::cmp::Reverse;

use model::{Aggregate, CarrierId, ReportCategory, Timestamp};

use super::break_test::{Break, find_break, sum};
use super::days::{DAYS, DayRates};
use super::{
    BreakTest, CarrierBlocks, Rate, SiblingDays, Siblings, Symptom, SymptomCode, SymptomInputs, SymptomPolicy,
};
use crate::evidence::ReportFact;
use crate::facts::{Cell, Ended, HORIZON_D, hour_index, hour_start};
use crate::replay::End;

/// The most addresses for contesting a block that are told. Chosen: as many as a person reads.
const REDRESS_SHOWN: usize = 10;

/// Looks for symptoms of one number, in the order of [`SymptomCode::ALL`].
///
/// `siblings` holds the calls of all of the owner's numbers, this one's among them; `None` when the numbers at hand belong to
/// different callers.
#[must_use]
pub fn symptoms(inputs: &SymptomInputs<'_>, policy: &SymptomPolicy, siblings: Option<&SiblingDays>) -> Vec<Symptom> {
    let (mut is_blocked, mut is_unwanted, mut answerable) = (false, false, 0);
    for cell in seen(inputs) {
        is_blocked |= cell.kind.ended() == Ended::Blocked;
        is_unwanted |= matches!(cell.kind.ended(), Ended::Unwanted | Ended::AnsweredUnwanted);
        answerable += if cell.kind.shows_answer() { u64::from(cell.count) } else { 0 };
    }
    let mut found = Vec::new();
    if is_blocked {
        found.extend(blocked(inputs, policy));
    }
    if is_unwanted {
        found.extend(unwanted(inputs, policy));
    }
    let testable = answerable >= 2 * policy.break_test.min_answerable;
    if testable || !inputs.about.reports.is_empty() {
        let own = DayRates::of(inputs.calls, inputs.end);
        found.extend(breaks(&own, policy, siblings));
        found.extend(spoofed(inputs, &own, policy, siblings));
    }
    found
}

/// Looks for the symptoms that totals can show: blocked calls and refusals.
#[must_use]
pub fn symptoms_of_totals(totals: &Aggregate, end: End, policy: &SymptomPolicy) -> Vec<Symptom> {
    let of = |code: SymptomCode, count: Option<u64>, least: u64, as_share: bool| {
        let count = count.filter(|&count| count > 0 && count >= least)?;
        let share = count as f64 / totals.attempts.max(count) as f64;
        let seen = Seen { count, sample: totals.attempts, first: None, last: None };
        Some(Symptom {
            first_seen: totals.from.or(totals.to).unwrap_or(end.at),
            last_seen: totals.to.unwrap_or(end.at),
            ..symptom(code, if as_share { share } else { count as f64 }, seen)
        })
    };
    let blocked = of(SymptomCode::BlockedByAnalytics, totals.blocked, policy.blocked_min, true);
    let unwanted = of(SymptomCode::Unwanted607, totals.unwanted, policy.unwanted_min, false);
    blocked.into_iter().chain(unwanted).collect()
}

/// The number's attempts within the horizon that are known at the end.
fn seen<'a>(inputs: &SymptomInputs<'a>) -> impl Iterator<Item = &'a Cell> {
    let now = inputs.end.moment.hour;
    let oldest = (now / 24 + 1).saturating_sub(HORIZON_D) * 24;
    let attempts = inputs.calls.iter().filter(|cell| cell.kind.ended().is_attempt());
    attempts.filter(move |cell| cell.known <= now && cell.hour >= oldest)
}

const fn carrier_of(carrier: u8) -> Option<CarrierId> {
    match carrier.checked_sub(1) {
        Some(place) => Some(CarrierId(place)),
        None => None,
    }
}

/// Calls that show something, with the hours of the first and the last.
#[derive(Clone, Copy, Default)]
struct Seen {
    count: u64,
    sample: u64,
    first: Option<u32>,
    last: Option<u32>,
}

impl Seen {
    fn add(&mut self, cell: &Cell, shows: bool) {
        self.sample += u64::from(cell.count);
        if shows {
            self.count += u64::from(cell.count);
            self.first = Some(self.first.map_or(cell.hour, |first| first.min(cell.hour)));
            self.last = self.last.max(Some(cell.hour));
        }
    }
}

fn at(hour: Option<u32>) -> Timestamp {
    hour.map_or(Timestamp::EPOCH, hour_start)
}

fn blocked(inputs: &SymptomInputs<'_>, policy: &SymptomPolicy) -> Option<Symptom> {
    let mut all = Seen::default();
    let mut carriers: Vec<(u8, Seen)> = Vec::new();
    for cell in seen(inputs) {
        let is_blocked = cell.kind.ended() == Ended::Blocked;
        if !is_blocked && !cell.kind.shows_blocked() {
            continue;
        }
        all.add(cell, is_blocked);
        match carriers.iter_mut().find(|(carrier, _)| *carrier == cell.carrier) {
            Some((_, seen)) => seen.add(cell, is_blocked),
            None => {
                let mut seen = Seen::default();
                seen.add(cell, is_blocked);
                carriers.push((cell.carrier, seen));
            }
        }
    }
    if all.count == 0 || all.count < policy.blocked_min {
        return None;
    }
    carriers.retain(|(_, seen)| seen.count > 0);
    carriers.sort_by_key(|&(carrier, seen)| (Reverse(seen.count), carrier));
    let by_carrier: Vec<CarrierBlocks> = carriers
        .iter()
        .map(|&(carrier, seen)| CarrierBlocks {
            carrier: carrier_of(carrier),
            count: seen.count,
            sample: seen.sample,
            first_seen: at(seen.first),
        })
        .collect();
    let carrier = match by_carrier.as_slice() {
        [only] => only.carrier,
        _ => None,
    };
    let mut redress = inputs.redress.to_vec();
    // Where each call has an address of its own, the newest is the one that can still be contested.
    redress.sort_by(|a, b| (b.count, b.first_seen, &b.address).cmp(&(a.count, a.first_seen, &a.address)));
    redress.truncate(REDRESS_SHOWN);
    let value = all.count as f64 / all.sample as f64;
    let code = SymptomCode::BlockedByAnalytics;
    Some(Symptom { carrier, by_carrier, redress, ..symptom(code, value, all) })
}

fn unwanted(inputs: &SymptomInputs<'_>, policy: &SymptomPolicy) -> Option<Symptom> {
    let mut all = Seen::default();
    for cell in seen(inputs) {
        all.add(cell, matches!(cell.kind.ended(), Ended::Unwanted | Ended::AnsweredUnwanted));
    }
    let is_symptom = all.count > 0 && all.count >= policy.unwanted_min;
    is_symptom.then(|| symptom(SymptomCode::Unwanted607, all.count as f64, all))
}

fn symptom(code: SymptomCode, value: f64, seen: Seen) -> Symptom {
    Symptom {
        code,
        value,
        count: seen.count,
        sample: seen.sample,
        first_seen: at(seen.first),
        last_seen: at(seen.last),
        carrier: None,
        by_carrier: Vec::new(),
        redress: Vec::new(),
        test: None,
    }
}

/// Falls at single carriers, if some but not all of those tried show one; else a fall of the number as a whole.
fn breaks(own: &DayRates, policy: &SymptomPolicy, siblings: Option<&SiblingDays>) -> Vec<Symptom> {
    let named: Vec<u8> = own.carriers().into_iter().filter(|&carrier| carrier > 0).collect();
    let series = named.len() + 1;
    let look = |carrier: Option<u8>| {
        let days = own.rates(carrier);
        find_break(&days, &policy.break_test, series).map(|found| (carrier, found))
    };
    let tried = named.iter().filter(|&&carrier| can_break(&own.rates(Some(carrier)), policy)).count();
    let at_carriers: Vec<(Option<u8>, Break)> = named.iter().filter_map(|&carrier| look(Some(carrier))).collect();
    let whole = look(None);
    let found = match whole {
        Some(whole) if at_carriers.is_empty() || at_carriers.len() == tried && tried > 1 => vec![whole],
        Some(_) | None => at_carriers,
    };
    found.into_iter().map(|(carrier, found)| break_symptom(own, carrier, &found, policy, siblings)).collect()
}

fn can_break(days: &[Rate; DAYS], policy: &SymptomPolicy) -> bool {
    sum(days).answerable >= 2 * policy.break_test.min_answerable
}

fn break_symptom(
    own: &DayRates,
    carrier: Option<u8>,
    found: &Break,
    policy: &SymptomPolicy,
    siblings: Option<&SiblingDays>,
) -> Symptom {
    let days = own.rates(carrier);
    let last = days.iter().rposition(|rate| rate.answerable > 0).unwrap_or(found.day);
    let test = BreakTest {
        before: found.before,
        after: found.after,
        statistic: found.statistic,
        p: found.p,
        siblings: siblings_at(&days, carrier, found, policy, siblings),
    };
    Symptom {
        code: SymptomCode::AnswerRateBreak,
        value: found.after.share(),
        count: found.after.answered,
        sample: found.after.answerable,
        first_seen: own.day_start(found.day),
        last_seen: own.day_start(last),
        carrier: carrier.and_then(carrier_of),
        by_carrier: Vec::new(),
        redress: Vec::new(),
        test: Some(test),
    }
}

/// What the other numbers did at the same carrier around the same day. Where the rest of the fall is less than what makes one, it
/// is not this number's own.
fn siblings_at(
    own: &[Rate; DAYS],
    carrier: Option<u8>,
    found: &Break,
    policy: &SymptomPolicy,
    siblings: Option<&SiblingDays>,
) -> Siblings {
    let Some(siblings) = siblings else { return Siblings::Unknown };
    let all = siblings.days.rates(carrier);
    let mut others = [Rate::default(); DAYS];
    for ((other, all), own) in others.iter_mut().zip(all).zip(own) {
        *other = all.less(*own);
    }
    let (earlier, later) = others.split_at(found.day.min(DAYS));
    let (before, after) = (sum(earlier), sum(later));
    if before.answerable.min(after.answerable) < policy.break_test.min_answerable {
        return Siblings::Unknown;
    }
    let own_drop = found.before.share() - found.after.share();
    let their_drop = before.share() - after.share();
    if own_drop - their_drop < policy.break_test.min_drop {
        Siblings::Fall { before, after }
    } else {
        Siblings::Hold { before, after }
    }
}

/// Reports about calls that the number did not place: its owner says so, or its records hold no call around that day although
/// they cover it.
fn spoofed(
    inputs: &SymptomInputs<'_>,
    own: &DayRates,
    policy: &SymptomPolicy,
    siblings: Option<&SiblingDays>,
) -> Option<Symptom> {
    let known = inputs.about.reports.iter().filter(|report| report.known <= inputs.end.at);
    let (mut said, mut unmatched) = (0, 0);
    let mut times: Vec<Timestamp> = Vec::new();
    let mut looked_at = 0;
    for report in known.filter(|report| own.day(day_of(report)).is_some()) {
        looked_at += 1;
        if report.category == ReportCategory::SpoofedMe {
            said += 1;
            times.push(report.at);
        } else if is_against(report) && !report.proven && has_no_call(report, own, policy, siblings) {
            unmatched += 1;
            times.push(report.at);
        }
    }
    if said == 0 && (unmatched == 0 || unmatched < policy.spoofed_min_reports) {
        return None;
    }
    let seen = Seen { count: said, sample: looked_at, first: None, last: None };
    Some(Symptom {
        first_seen: times.iter().min().copied().unwrap_or(Timestamp::EPOCH),
        last_seen: times.iter().max().copied().unwrap_or(Timestamp::EPOCH),
        ..symptom(SymptomCode::SpoofedUse, (said + unmatched) as f64, seen)
    })
}

const fn is_against(report: &ReportFact) -> bool {
    match report.category {
        ReportCategory::Unwanted | ReportCategory::Fraud => true,
        ReportCategory::NotSpam | ReportCategory::WrongNumber | ReportCategory::SpoofedMe => false,
    }
}

/// The day of a report, counted as hour indices are; one before all facts where it lies outside them.
fn day_of(report: &ReportFact) -> u32 {
    hour_index(report.at).map_or(0, |hour| hour / 24)
}

fn has_no_call(report: &ReportFact, own: &DayRates, policy: &SymptomPolicy, siblings: Option<&SiblingDays>) -> bool {
    let aside = policy.spoofed_days_aside;
    let day = day_of(report);
    let calls = |day: u32| own.day(day).map_or(0, |place| own.attempts(place));
    if (day.saturating_sub(aside)..=day + aside).any(|day| calls(day) > 0) {
        return false;
    }
    own.day(day).is_some_and(|place| {
        let inside = own.span().is_some_and(|(first, last)| first <= place && place <= last);
        inside || siblings.is_some_and(|siblings| siblings.days.attempts(place) > 0)
    })
}
