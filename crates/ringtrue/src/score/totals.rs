//! Totals of numbers: one for each number, and none where single calls are known.

use std::collections::BTreeSet;

use model::{Aggregate, TelephoneNumber};
use reputation::advice::{AdviceInputs, advise};
use reputation::facts::Cells;
use reputation::symptom::symptoms_of_totals;
use reputation::verdict::verdict;
use service::facts::shard_of;
use service::judge::{Ready, about_one};
use service::number::ScoredNumber;

use super::run::Judging;

/// Adds up the rows of each number, such as a row a day; in rising order of numbers.
///
/// A count is known only where every row tells it. Days share destinations, so how many different ones there are in all is not
/// known of several rows.
pub(super) fn added_up(mut rows: Vec<Aggregate>) -> Vec<Aggregate> {
    rows.sort_by_key(|row| row.tn);
    let mut sums: Vec<Aggregate> = Vec::new();
    for row in rows {
        match sums.last_mut() {
            Some(sum) if sum.tn == row.tn => *sum = sum_of(sum, &row),
            _ => sums.push(row),
        }
    }
    sums
}

fn sum_of(one: &Aggregate, other: &Aggregate) -> Aggregate {
    let both = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a.saturating_add(b));
    Aggregate {
        tn: one.tn,
        from: one.from.zip(other.from).map(|(a, b)| a.min(b)),
        to: one.to.zip(other.to).map(|(a, b)| a.max(b)),
        attempts: one.attempts.saturating_add(other.attempts),
        answered: both(one.answered, other.answered),
        short: both(one.short, other.short),
        invalid: both(one.invalid, other.invalid),
        unanswered: both(one.unanswered, other.unanswered),
        busy: both(one.busy, other.busy),
        declined: both(one.declined, other.declined),
        distinct_dest: None,
        first_calls: both(one.first_calls, other.first_calls),
        talk_ms: both(one.talk_ms, other.talk_ms),
        reports: both(one.reports, other.reports),
        blocked: both(one.blocked, other.blocked),
        unwanted: both(one.unwanted, other.unwanted),
    }
}

/// Judges each number once: by its calls where any are known, else by its totals. Tells how many totals are left out.
pub(super) fn settle(totals: &mut Vec<Aggregate>, ready: &mut [Ready<'_>]) -> u64 {
    let mut cells = Cells::default();
    let before = totals.len();
    totals.retain(|row| !has_calls(ready, row.tn, &mut cells));
    let judged: BTreeSet<TelephoneNumber> = totals.iter().map(|row| row.tn).collect();
    if !judged.is_empty() {
        for shard in ready {
            shard.numbers.retain(|(tn, _)| !judged.contains(tn));
        }
    }
    (before - totals.len()) as u64
}

fn has_calls(ready: &[Ready<'_>], tn: TelephoneNumber, cells: &mut Cells) -> bool {
    let Some(shard) = ready.get(shard_of(tn)) else {
        return false;
    };
    let Some(place) = shard.shard.store.find(tn) else {
        return false;
    };
    shard.shard.store.read(place, cells);
    !cells.calls().is_empty()
}

/// Judges a number by totals, where its source gave no single calls.
pub(super) fn judge_totals(judging: &Judging<'_>, owner: bool, aggregate: &Aggregate) -> ScoredNumber {
    let (setup, end) = (judging.setup, judging.end);
    let tn = aggregate.tn;
    let shard = judging.ready.get(shard_of(tn));
    let grounds = setup.grounds();
    let truth = grounds.truth_of(tn);
    let about = about_one(&grounds, tn, shard.map_or(&[], |shard| shard.reports(tn)), &truth);
    let replayed = reputation::totals::judge(&setup.rules, &about, aggregate, end);
    let mut number = ScoredNumber {
        verdicts: vec![verdict(&setup.rules, None, &replayed, end)],
        totals: Some(Box::new(aggregate.clone())),
        ..ScoredNumber::new(tn)
    };
    if owner {
        let purposes: Vec<_> = about.standing.and_then(|standing| standing.purpose.clone()).into_iter().collect();
        let inputs = AdviceInputs {
            tn,
            calls: &[],
            dests: &[],
            end,
            about: &about,
            purposes: &purposes,
            registry_known: !setup.standings.is_empty(),
            totals: Some(aggregate),
            callers: None,
            invalid: &[],
        };
        number.advice = advise(&inputs, &setup.policy.advice, &setup.rules.panes);
        number.symptoms = symptoms_of_totals(aggregate, end, &setup.policy.advice.symptoms);
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_number_are_one() {
        let tn = |line: u64| TelephoneNumber::from_digits(12_155_550_100 + line).expect("a number");
        let day = |line, attempts, short| Aggregate {
            answered: Some(attempts / 2),
            short,
            distinct_dest: Some(attempts),
            ..Aggregate::new(tn(line), attempts)
        };
        let sums = added_up(vec![day(12, 100, Some(30)), day(11, 8, None), day(12, 60, None), day(12, 40, Some(10))]);
        let twelve = Aggregate { answered: Some(100), ..Aggregate::new(tn(12), 200) };
        assert_eq!(sums, [day(11, 8, None), twelve]);
    }
}
