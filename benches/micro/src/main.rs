//! Measures the core in process, on one thread: how fast facts take calls, what a number costs in memory, how long it takes
//! to read a rating.
//!
//! `cargo run --release -p bench-micro [-- NUMBERS [CALLS_PER_NUMBER]]`, or `-- --file FILE` for the way from a plain CSV's
//! bytes to facts.

mod calls;
mod clock;
mod counting;
mod file;
mod fill;
mod verdicts;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use calls::Traffic;
use counting::Counting;
use fill::fill;
use reputation::policy::Policy;
use reputation::timeline::Rules;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Chosen: far more than any cache holds, done within a few minutes.
const NUMBERS: u64 = 500_000;
/// Calls per number of the table.
const AVERAGES: [u64; 4] = [5, 10, 30, 60];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [option, path] = words.as_slice()
        && option == "--file"
    {
        return print_file(Path::new(path));
    }
    let args: Result<Vec<u64>, _> = words.iter().map(|text| text.parse()).collect();
    let (Ok(args), Ok(policy)) = (args, Policy::load(&[])) else {
        eprintln!("usage: bench-micro [NUMBERS [CALLS_PER_NUMBER]] | bench-micro --file FILE");
        return ExitCode::from(2);
    };
    let rules = Rules::new(policy);
    let numbers = args.first().copied().unwrap_or(NUMBERS);
    let averages = args.get(1).map_or(AVERAGES.to_vec(), |&only| vec![only]);
    println!("{numbers} numbers, heavy-tailed, 35 days, calls in random order of numbers, one thread");
    println!(
        "calls per number  carriers  M calls/s  bytes per number  at peak  ready  verdict ns: median  by traffic  opinions"
    );
    for carriers in [false, true] {
        for &calls_per_number in &averages {
            print_row(Traffic { numbers, calls_per_number, carriers }, &rules);
        }
    }
    ExitCode::SUCCESS
}

fn print_file(path: &Path) -> ExitCode {
    match file::time(path) {
        Ok(stages) => {
            let ns = |time: Duration| time.as_secs_f64() * 1e9 / stages.calls as f64;
            let all = stages.read + stages.facts + stages.add;
            println!("{} calls of {} numbers, one thread; ns per call", stages.calls, stages.numbers);
            println!(
                "read {:.1}  facts {:.1}  add {:.1}  together {:.1}",
                ns(stages.read),
                ns(stages.facts),
                ns(stages.add),
                ns(all)
            );
            println!("besides, reading every number once: {:.1}", ns(stages.cells));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}

fn print_row(traffic: Traffic, rules: &Rules) {
    let mut filled = fill(traffic, &rules.panes);
    let times = verdicts::time(&filled.store, &mut filled.ready, rules);
    println!(
        "{:16.1}  {:8}  {:9.2}  {:16.0}  {:7.0}  {:4.1}%  {:18.0}  {:10.0}  {:7.0}%",
        filled.per_number(filled.calls as f64),
        if traffic.carriers { "known" } else { "unknown" },
        filled.calls_per_us(),
        filled.per_number(filled.live_bytes as f64),
        filled.per_number(filled.peak_bytes as f64),
        100.0 * filled.ready.len() as f64 / filled.store.len() as f64,
        times.median_ns,
        times.by_traffic_ns,
        100.0 * times.opinions,
    );
}
