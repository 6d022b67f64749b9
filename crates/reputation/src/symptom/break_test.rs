//! A change-point test: did the share of answered calls fall on some day, and stay down?

use super::days::Rate;
use super::policy::BreakPolicy;

/// The likeliest day of a fall.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Break {
    /// The place of the first day after the fall.
    pub(super) day: usize,
    pub(super) before: Rate,
    pub(super) after: Rate,
    pub(super) statistic: f64,
    pub(super) p: f64,
}

/// Looks for a fall in a row of days. `series` is how many rows are tried for the same number.
///
/// For each day, two binomials (before it; from it on) are compared with one by the likelihood ratio
/// G = 2 Σ observed · ln(observed / expected). Days differ by more than chance (lists, weekdays), so G is divided by the
/// Pearson dispersion of the days around their two shares, where that is above 1. Under no change the result is about
/// chi-square with one degree of freedom; its tail is multiplied by all days and rows tried (Bonferroni).
pub(super) fn find_break(days: &[Rate], policy: &BreakPolicy, series: usize) -> Option<Break> {
    let total = sum(days);
    let mut tried = 0usize;
    let mut best: Option<Break> = None;
    for day in (1..days.len()).filter(|&day| days.get(day).is_some_and(|rate| rate.answerable > 0)) {
        let (earlier, later) = days.split_at(day);
        let before = sum(earlier);
        let after = total.less(before);
        let enough = before.answerable.min(after.answerable) >= policy.min_answerable;
        if !enough || active(earlier).min(active(later)) < policy.min_days {
            continue;
        }
        tried += 1;
        let drop = before.share() - after.share();
        if drop <= 0.0 || drop < policy.min_drop {
            continue;
        }
        // Dividing by the dispersion can only lessen the ratio, and it takes a pass over the days.
        let ratio = likelihood_ratio(before, after);
        if best.is_some_and(|best| ratio <= best.statistic) {
            continue;
        }
        let statistic = ratio / dispersion(earlier, later);
        if best.is_none_or(|best| statistic > best.statistic) {
            best = Some(Break { day, before, after, statistic, p: 1.0 });
        }
    }
    let mut best = best?;
    best.p = (chi_square_tail(best.statistic) * (tried * series) as f64).min(1.0);
    (best.p < policy.alpha).then_some(best)
}

pub(super) fn sum(days: &[Rate]) -> Rate {
    days.iter().fold(Rate::default(), |sum, &rate| sum.plus(rate))
}

fn active(days: &[Rate]) -> usize {
    days.iter().filter(|rate| rate.answerable > 0).count()
}

/// G of two binomials against one.
fn likelihood_ratio(before: Rate, after: Rate) -> f64 {
    let all = before.plus(after);
    2.0 * (log_likelihood(before) + log_likelihood(after) - log_likelihood(all)).max(0.0)
}

/// The greatest log-likelihood of a binomial, without the constant.
fn log_likelihood(rate: Rate) -> f64 {
    let part = |count: u64| {
        let count = count as f64;
        if count > 0.0 { count * libm::log(count / rate.answerable as f64) } else { 0.0 }
    };
    part(rate.answered) + part(rate.answerable.saturating_sub(rate.answered))
}

/// How much more the days differ than two binomials would: Pearson's chi-square over its degrees of freedom, at least 1.
fn dispersion(earlier: &[Rate], later: &[Rate]) -> f64 {
    let degrees = (active(earlier) + active(later)).saturating_sub(2);
    if degrees == 0 {
        return 1.0;
    }
    ((pearson(earlier) + pearson(later)) / degrees as f64).max(1.0)
}

fn pearson(days: &[Rate]) -> f64 {
    let share = sum(days).share();
    let variance = share * (1.0 - share);
    if variance <= 0.0 {
        return 0.0;
    }
    let of_day = |rate: &Rate| {
        let n = rate.answerable as f64;
        let off = rate.answered as f64 - n * share;
        off * off / (n * variance)
    };
    days.iter().filter(|rate| rate.answerable > 0).map(of_day).sum()
}

/// The chance that a chi-square variable with one degree of freedom exceeds `x`.
fn chi_square_tail(x: f64) -> f64 {
    libm::erfc(libm::sqrt(x / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> BreakPolicy {
        BreakPolicy { alpha: 0.001, min_answerable: 30, min_days: 3, min_drop: 0.15 }
    }

    /// A small generator, so that a seed says everything.
    struct XorShift(u64);

    impl XorShift {
        fn next(&mut self) -> f64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 11) as f64 / (1u64 << 53) as f64
        }

        fn day(&mut self, calls: u64, share: f64) -> Rate {
            let answered = (0..calls).filter(|_| self.next() < share).count() as u64;
            Rate { answered, answerable: calls }
        }
    }

    #[test]
    fn the_tail_of_chi_square_is_known() {
        for (x, p) in [(3.841_458_820_694_124, 0.05), (6.634_896_601_021_213, 0.01), (10.827_566_170_662_733, 0.001)] {
            assert!((chi_square_tail(x) - p).abs() < 1e-12, "{x}");
        }
    }

    #[test]
    fn a_constant_rate_raises_no_alarm() {
        let alarms = (1..=3000u64)
            .filter(|&seed| {
                let mut random = XorShift(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
                let calls = 5 + (seed % 40);
                let days: Vec<Rate> = (0..35).map(|_| random.day(calls, 0.2 + 0.01 * (seed % 50) as f64)).collect();
                let any_drop = BreakPolicy { min_drop: 0.0, ..policy() };
                find_break(&days, &any_drop, 1).is_some()
            })
            .count();
        assert!(alarms <= 3, "{alarms} alarms in 3000 series, expected at most 1 in 1000");
    }

    #[test]
    fn days_that_differ_raise_no_alarm() {
        let alarms = (1..=1000u64)
            .filter(|&seed| {
                let mut random = XorShift(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) | 1);
                let days: Vec<Rate> = (0..28)
                    .map(|day| {
                        let swing = 0.3 * (random.next() - 0.5);
                        let weekend = if day % 7 >= 5 { -0.2 } else { 0.0 };
                        random.day(60, 0.5 + swing + weekend)
                    })
                    .collect();
                find_break(&days, &policy(), 1).is_some()
            })
            .count();
        assert!(alarms <= 2, "{alarms} alarms in 1000 series of unlike days");
    }

    #[test]
    fn a_halving_is_found_on_its_day() {
        let mut near = 0;
        for seed in 1..=200u64 {
            let mut random = XorShift(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
            let days: Vec<Rate> = (0..35).map(|day| random.day(40, if day < 25 { 0.5 } else { 0.25 })).collect();
            let found = find_break(&days, &policy(), 4).expect("a halving over 10 days of 40 calls");
            near += usize::from(found.day.abs_diff(25) <= 2);
            assert!(found.p < 0.001 && found.before.share() > found.after.share() + 0.15);
        }
        assert!(near >= 180, "{near} of 200 within two days");
    }

    #[test]
    fn small_samples_and_rises_are_no_fall() {
        let day = |answered, answerable| Rate { answered, answerable };
        let rise: Vec<Rate> = (0..20).map(|at| day(if at < 10 { 5 } else { 30 }, 40)).collect();
        assert_eq!(find_break(&rise, &policy(), 1), None);
        let few: Vec<Rate> = (0..8).map(|at| day(if at < 4 { 5 } else { 0 }, 6)).collect();
        assert_eq!(find_break(&few, &policy(), 1), None);
        let two_days: Vec<Rate> = (0..10).map(|at| day(if at < 8 { 30 } else { 5 }, 60)).collect();
        assert_eq!(find_break(&two_days, &policy(), 1), None, "a weekend");
        let small_drop: Vec<Rate> = (0..20).map(|at| day(if at < 10 { 500 } else { 400 }, 1000)).collect();
        assert_eq!(find_break(&small_drop, &policy(), 1), None, "ten points");
        assert_eq!(find_break(&[], &policy(), 1), None);
    }
}
