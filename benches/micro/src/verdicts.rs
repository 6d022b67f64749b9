//! Verdicts from live facts: how long one takes.

use std::hint::black_box;
use std::time::Instant;

use bench_generator::random::mix;
use model::TelephoneNumber;
use reputation::facts::{Cells, FactStore, hour_start};
use reputation::live::{LiveReader, Question};
use reputation::ready::ReadyFacts;
use reputation::replay::End;
use reputation::state::LabelState;
use reputation::timeline::{Circumstances, Rules};
use reputation::verdict::Opinion;

/// All numbers are read so often, one round after the other so that each reading finds the cache taken by the others; a number's
/// fastest counts. Chosen: a pause of the machine in one of the busiest numbers would outweigh all the rest.
const ROUNDS: usize = 3;

/// How long verdicts took, in nanoseconds.
pub(crate) struct Times {
    /// Half of the numbers took no longer.
    pub(crate) median_ns: f64,
    /// The mean over calls: each number counts as often as it calls.
    pub(crate) by_traffic_ns: f64,
    /// Share of numbers with an opinion: the others are read as well, but have little to read.
    pub(crate) opinions: f64,
}

/// Times a verdict on every number, in random order, once the code and the policy are warm. Each has no label so far, and nothing
/// is known of it besides its calls.
pub(crate) fn time(store: &FactStore, ready: &mut ReadyFacts, rules: &Rules) -> Times {
    let mut numbers = store.numbers();
    numbers.sort_unstable_by_key(|&(tn, _)| mix(TelephoneNumber::digits(tn)));
    let counts = counts(store, &numbers);
    let Some(end) = End::at(hour_start(counts.last_hour + 1)) else {
        return Times { median_ns: 0.0, by_traffic_ns: 0.0, opinions: 0.0 };
    };
    let (about, state) = (Circumstances::default(), LabelState::default());
    let asked = Question { rules, end, about: &about, credibility: &|_| 0.0, block_nats: 0.0, state: &state };
    let mut reader = LiveReader::default();
    for &number in numbers.iter().take(1000) {
        black_box(reader.verdict((store, ready), number, &asked));
    }
    let mut times = vec![f64::INFINITY; numbers.len()];
    let mut opinions = 0u64;
    for round in 0..ROUNDS {
        for (&number, best) in numbers.iter().zip(&mut times) {
            let begin = Instant::now();
            let verdict = black_box(reader.verdict((store, ready), number, &asked));
            *best = best.min(begin.elapsed().as_nanos() as f64);
            opinions += u64::from(round == 0 && verdict.opinion != Opinion::NoOpinion);
        }
    }
    let weighted: f64 = times.iter().zip(&counts.calls).map(|(ns, &calls)| ns * calls as f64).sum();
    times.sort_unstable_by(f64::total_cmp);
    Times {
        median_ns: times.get(times.len() / 2).copied().unwrap_or_default(),
        by_traffic_ns: weighted / counts.calls.iter().sum::<u64>() as f64,
        opinions: opinions as f64 / numbers.len() as f64,
    }
}

/// What is stored of the numbers.
struct Counts {
    /// Each number's calls.
    calls: Vec<u64>,
    /// The last hour in which any became known.
    last_hour: u32,
}

fn counts(store: &FactStore, numbers: &[(TelephoneNumber, u32)]) -> Counts {
    let mut cells = Cells::default();
    let mut counts = Counts { calls: Vec::with_capacity(numbers.len()), last_hour: 0 };
    for &(_, place) in numbers {
        store.read(place, &mut cells);
        counts.calls.push(cells.calls().iter().map(|cell| u64::from(cell.count)).sum());
        let last = cells.calls().iter().map(|cell| cell.known.max(cell.hour)).max();
        counts.last_hour = counts.last_hour.max(last.unwrap_or(0));
    }
    counts
}
