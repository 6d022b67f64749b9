//! A cheap upper bound on the log-odds, so that hours at which a label is out of reach cost next to nothing.
//!
//! Nearly all hours of nearly all numbers are such. The bound never decides anything else than "no label can be reached here";
//! every other hour is assessed in full, so labels do not depend on it.

use crate::evidence::rate_nats;
use crate::facts::{Cell, DestCell, DestClass, PaneRules, SAMPLE_SIZE};
use crate::numeric::logit;
use crate::policy::{Level, Policy, RatePolicy, ShapePolicy};

/// Bins of a share from 0 to 1.
const SHARES: usize = 64;
/// Rows of a table: sample sizes by half doublings up to 2^14, and all above in the last.
const ROWS: usize = 30;
/// Added to every entry of a table, in nats: what evidence may rise between the points at which it was worked out.
const MARGIN: f64 = 0.05;

/// A sample so large that its rate is no longer drawn to the mean.
const WHOLE: f64 = 1e15;

/// Upper bounds of one rate's evidence by share and sample size, in nats, weighted.
#[derive(Clone, Debug)]
struct Bound {
    rows: Vec<[f32; SHARES + 1]>,
}

impl Bound {
    fn new(rate: &RatePolicy) -> Self {
        let worst = |row: usize, share: f64| {
            let from = row_start(row);
            let to = match (row + 1 == ROWS, &rate.shape) {
                (false, _) => row_start(row + 1),
                (true, None) => from * 64.0,
                (true, Some(_)) => WHOLE,
            };
            // At one share a shape's rate moves one way as the size grows, so either end bounds all between; a density is smooth.
            let sizes = [0.0, 0.3, 0.65, 1.0].map(|part| from + (to - from) * part);
            sizes.into_iter().map(|n| rate_nats(rate, share * n, n)).fold(f64::NEG_INFINITY, f64::max)
        };
        let row = |row: usize| {
            let mut bounds = [0.0; SHARES + 1];
            for (bin, bound) in bounds.iter_mut().enumerate() {
                // Evidence rises with the share, so a bin's upper edge bounds it.
                let share = ((bin + 1) as f64 / SHARES as f64).min(1.0);
                *bound = (rate.weight * worst(row, share) + MARGIN) as f32;
            }
            bounds
        };
        Self { rows: (0..ROWS).map(row).collect() }
    }

    /// A bound on the evidence of any share up to `share`, at any sample size from `low` to `high`.
    fn at(&self, share: f64, low: f64, high: f64) -> f64 {
        let bin = ((share * SHARES as f64) as usize).min(SHARES);
        let rows = self.rows.get(row_of(low)..=row_of(high)).unwrap_or(&self.rows);
        let bounds = rows.iter().filter_map(|row| row.get(bin));
        f64::from(bounds.fold(f32::NEG_INFINITY, |most, &bound| most.max(bound)))
    }
}

/// The sample size with which a row begins; row 0 begins at 0.
fn row_start(row: usize) -> f64 {
    if row == 0 { 0.0 } else { libm::exp2((row - 1) as f64 / 2.0) }
}

fn row_of(n: f64) -> usize {
    if n < 1.0 {
        return 0;
    }
    // The exponent counts the doublings; the mantissa tells which half of one.
    let bits = n.to_bits();
    let doublings = (bits >> 52).saturating_sub(1023) as usize;
    let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    (doublings * 2 + usize::from(mantissa >= std::f64::consts::SQRT_2) + 1).min(ROWS - 1)
}

/// The bounds of one policy.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    invalid: Bound,
    unanswered: Bound,
    short: Bound,
    first: Bound,
    /// What the talk time may add while it is brief.
    talk: f64,
    /// Seconds of mean talk time from which it speaks for the caller.
    talk_neutral_s: f64,
    /// What the block may add.
    block: f64,
    /// What attestation may add, where any is known.
    attestation: f64,
    /// Log-odds at which the lowest label begins, before calibration.
    entry: f64,
    /// Log-odds without block and attestation from which the lowest label can begin, before calibration.
    entry_alone: f64,
    /// How far the log-odds may fall in a day without calls, by decay alone.
    day_fall: f64,
    /// Days of traffic from which first calls count in full.
    first_full_span_d: f64,
    gain: f64,
    favour_full: f64,
    floor_short: f64,
    floor_invalid: f64,
    /// Attempts and destinations that a floor asks for.
    floor_attempts: f64,
    floor_destinations: f64,
    /// Attempts below which no label is reached.
    least_attempts: f64,
    /// Families that the lowest label asks for, and how many below so many attempts.
    families: u32,
    few_attempts: f64,
    few_families: u32,
    /// The family of each piece of evidence, in the order in which they are bounded.
    family_of: [usize; 5],
    /// Nats from which a family counts.
    family_nats: f64,
}

impl Bounds {
    /// Works the tables out.
    #[must_use]
    pub(crate) fn new(policy: &Policy, prior: f64) -> Self {
        let rates = &policy.evidence;
        let talk = &rates.talk_time;
        let [_, talk_high] = talk.clip;
        let [_, block_high] = policy.block.clip;
        let signed = &policy.attestation;
        let attestation = [signed.full, signed.partial, signed.gateway, signed.unsigned, 0.0];
        let attestation = signed.weight * attestation.into_iter().fold(0.0, f64::max);
        let levels = [&policy.levels.potential_spam, &policy.levels.spam_likely, &policy.levels.spam];
        let least = |of: fn(&Level) -> f64| levels.into_iter().map(of).fold(f64::INFINITY, f64::min);
        let lowest =
            |of: fn(&Level) -> f64| (logit(least(of)) - policy.calibration.alpha) / policy.calibration.beta - prior;
        let families = |of: fn(&Level) -> u32| levels.into_iter().map(of).min().unwrap_or(0);
        let day = libm::exp2(-1.0 / policy.facts.half_life_d);
        let weighed = [&rates.invalid_destinations, &rates.unanswered, &rates.short_calls, &rates.first_calls];
        let day_fall = weighed.into_iter().map(|rate| day_fall(rate, day)).sum::<f64>();
        Self {
            invalid: Bound::new(&rates.invalid_destinations),
            unanswered: Bound::new(&rates.unanswered),
            short: Bound::new(&rates.short_calls),
            first: Bound::new(&rates.first_calls),
            talk: talk.weight * talk_high,
            talk_neutral_s: talk.shape.as_ref().map_or_else(
                || libm::exp(f64::midpoint(talk.ln_talk_legitimate, talk.ln_talk_unwanted)),
                ShapePolicy::neutral_from,
            ),
            block: policy.block.weight * block_high,
            attestation,
            first_full_span_d: rates.first_calls.full_span_d.unwrap_or(f64::MIN_POSITIVE),
            entry: lowest(|level| level.p),
            entry_alone: lowest(|level| level.p0),
            // With fewer calls the variance of the mean talk time grows, at most as 1/n.
            day_fall: day_fall
                + talk.weight * talk.shape.as_ref().map_or(talk_high * (1.0 - day), |shape| shape.fall(day))
                + MARGIN,
            // A whole day's pane ends with the day, so its calls weigh at most a day's decay more than by the hour.
            gain: libm::exp2(1.0 / policy.facts.half_life_d),
            favour_full: policy.favour.full_destinations,
            floor_short: policy.floor.short_nats * rates.short_calls.weight,
            floor_invalid: policy.floor.invalid_nats,
            floor_attempts: policy.floor.attempts,
            floor_destinations: policy.floor.destinations,
            least_attempts: least(|level| level.attempts).max(policy.opinion.min_attempts),
            families: families(|level| level.families),
            // A level that says nothing of few attempts is not reached by them.
            few_attempts: least(|level| level.few_attempts.unwrap_or(level.attempts)),
            few_families: families(|level| match level.few_attempts {
                Some(_) => level.few_families.unwrap_or(0).max(level.families),
                None => u32::MAX,
            }),
            family_of: [
                rates.invalid_destinations.family,
                rates.unanswered.family,
                rates.short_calls.family,
                talk.family,
                rates.first_calls.family,
            ]
            .map(|family| family as usize),
            family_nats: policy.families.entry_nats,
        }
    }
}

/// How far a rate's evidence may fall in a day in which its counts shrink by `day` and its share stays, in nats, weighted.
fn day_fall(rate: &RatePolicy, day: f64) -> f64 {
    if let Some(shape) = &rate.shape {
        return rate.weight * shape.fall(day) + MARGIN;
    }
    let fall = |n: f64, share: f64| rate_nats(rate, share * n, n) - rate_nats(rate, share * n * day, n * day);
    let sizes = (0..ROWS * 2).map(|row| libm::exp2(row as f64 / 4.0 - 3.0));
    let falls = sizes.flat_map(|n| (0..=SHARES).map(move |bin| fall(n, bin as f64 / SHARES as f64)));
    rate.weight * falls.fold(0.0, f64::max) + MARGIN
}

impl Bounds {
    /// How far a number's log-odds may fall within a UTC day in which nothing new becomes known of it, where nothing but its
    /// calls is known. Within a day no panes are joined, so shares stay and counts shrink together.
    #[must_use]
    pub(crate) const fn day_fall(&self) -> f64 {
        self.day_fall
    }

    /// How many families can speak against the caller at most.
    fn families_speaking(&self, evidence: [f64; 5]) -> u32 {
        let mut sums = [0.0; 5];
        for (nats, family) in evidence.into_iter().zip(self.family_of) {
            if let Some(sum) = sums.get_mut(family) {
                *sum += nats;
            }
        }
        sums.into_iter().map(|sum| u32::from(sum >= self.family_nats)).sum()
    }
}

/// Running totals of one number from which its evidence is bounded. Decayed by the hour, where a verdict decays old calls by whole
/// days: a little less, never more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    hour: u32,
    first_hour: Option<u32>,
    attempts: f64,
    answerable: f64,
    unanswered: f64,
    known: f64,
    short: f64,
    talk_ds: f64,
    firsts: f64,
    destinations: u32,
    observable: u32,
    invalid: u32,
    signed: bool,
}

impl Watch {
    /// Adds calls that became known before the next reading.
    pub(crate) fn add_call(&mut self, cell: &Cell, rules: &PaneRules) {
        self.advance(cell.known + 1, rules);
        let ended = cell.kind.ended();
        if !ended.is_attempt() {
            return;
        }
        let first = self.first_hour.get_or_insert(cell.hour);
        *first = (*first).min(cell.hour);
        let n = f64::from(cell.count) * rules.weight_of_age(cell.known - cell.hour);
        self.attempts += n;
        self.signed |= cell.kind.attestation().is_some();
        if let Some(bin) = cell.kind.length_bin()
            && ended.is_answered()
        {
            self.known += n;
            self.talk_ds += cell.talk_ds as f64 * n / f64::from(cell.count);
            self.short += if rules.is_short(bin) { n } else { 0.0 };
        }
        if cell.kind.tells_answer() {
            self.answerable += n;
            self.unanswered += if ended.is_answered() { 0.0 } else { n };
        }
    }

    /// Adds what calls say of a destination; `new` tells that the sample did not hold it.
    pub(crate) fn add_dest(&mut self, cell: &DestCell, new: bool) {
        self.invalid += u32::from(matches!(cell.class, DestClass::InvalidMedium | DestClass::InvalidStrong));
        if new {
            self.firsts += 1.0;
            self.destinations += 1;
            self.observable +=
                u32::from(matches!(cell.class, DestClass::Alive | DestClass::InvalidMedium | DestClass::InvalidStrong));
        }
    }

    fn advance(&mut self, hour: u32, rules: &PaneRules) {
        let passed = hour.saturating_sub(self.hour);
        self.hour = self.hour.max(hour);
        if passed == 0 || self.first_hour.is_none() {
            return;
        }
        let weight = rules.weight_of_age(passed);
        for sum in [
            &mut self.attempts,
            &mut self.answerable,
            &mut self.unanswered,
            &mut self.known,
            &mut self.short,
            &mut self.talk_ds,
            &mut self.firsts,
        ] {
            *sum *= weight;
        }
    }

    /// Tells that no label can be reached at the hour boundary `now` by what calls and block can say. Reports and trusted truth are
    /// the caller's to rule out.
    #[must_use]
    pub(crate) fn out_of_reach(&mut self, bounds: &Bounds, rules: &PaneRules, now: u32) -> bool {
        self.advance(now, rules);
        // Near the horizon old calls drop out, which running totals do not follow.
        if self.first_hour.is_some_and(|first| now.saturating_sub(first) >= rules.horizon_d().saturating_sub(2) * 24) {
            return false;
        }
        let gain = bounds.gain;
        let most_attempts = self.attempts * gain;
        if most_attempts < bounds.least_attempts {
            return true;
        }
        let share = |s: f64, n: f64| if n > 0.0 { (s * gain / n).min(1.0) } else { 0.0 };
        let rate = |bound: &Bound, s: f64, n: f64| bound.at(share(s, n), n, n * gain);
        let favour = (f64::from(self.destinations) / bounds.favour_full).min(1.0);
        let scaled = |nats: f64| if nats < 0.0 { nats * favour } else { nats };
        let short = rate(&bounds.short, self.short, self.known);
        let invalid = self.invalid_bound(bounds);
        let floor = most_attempts >= bounds.floor_attempts && f64::from(self.destinations) >= bounds.floor_destinations;
        if floor && (short >= bounds.floor_short || invalid >= bounds.floor_invalid) {
            return false;
        }
        let full = self.destinations as usize >= SAMPLE_SIZE;
        let firsts = if full { self.attempts } else { self.firsts };
        let most = (self.attempts * gain).min(SAMPLE_SIZE as f64);
        let span_d = f64::from(now - self.first_hour.unwrap_or(now).min(now)) / 24.0;
        let span = (span_d / bounds.first_full_span_d).min(1.0);
        let first = bounds.first.at(share(firsts, self.attempts), self.attempts.min(SAMPLE_SIZE as f64), most);
        let first = if first < 0.0 { 0.0 } else { first * span + MARGIN };
        let brief = self.talk_ds < bounds.talk_neutral_s * 10.0 * self.known * gain;
        let talk = if brief { bounds.talk } else { 0.0 };
        let context = bounds.block + if self.signed { bounds.attestation } else { 0.0 };
        let unanswered = rate(&bounds.unanswered, self.unanswered, self.answerable);
        let evidence = [scaled(invalid), scaled(unanswered), scaled(short), talk, first];
        let alone: f64 = evidence.into_iter().sum();
        let families = if most_attempts < bounds.few_attempts { bounds.few_families } else { bounds.families };
        alone < bounds.entry_alone || alone + context < bounds.entry || bounds.families_speaking(evidence) < families
    }

    fn invalid_bound(&self, bounds: &Bounds) -> f64 {
        if self.invalid == 0 {
            return MARGIN;
        }
        let least = f64::from(self.observable.max(1).min(SAMPLE_SIZE as u32));
        let most = f64::from(self.destinations.max(1)).min(SAMPLE_SIZE as f64);
        let share = (f64::from(self.invalid) / least).min(1.0);
        bounds.invalid.at(share, least.min(most), most)
    }
}
