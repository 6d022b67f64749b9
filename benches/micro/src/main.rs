//! Measures the core in process, on one thread: how fast facts take calls, what a number costs in memory, how long it takes
//! to read a rating.
//!
//! `cargo run --release -p bench-micro [-- NUMBERS [CALLS_PER_NUMBER]]`.

mod calls;
mod counting;
mod fill;
mod verdicts;

use std::process::ExitCode;

use calls::Traffic;
use counting::Counting;
use fill::fill;
use reputation::policy::Policy;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Chosen: far more than any cache holds, done within a few minutes.
const NUMBERS: u64 = 500_000;
/// Calls per number of the table.
const AVERAGES: [u64; 4] = [5, 10, 30, 60];

fn main() -> ExitCode {
    let args: Result<Vec<u64>, _> = std::env::args().skip(1).map(|text| text.parse()).collect();
    let (Ok(args), Ok(policy)) = (args, Policy::load(&[])) else {
        eprintln!("usage: bench-micro [NUMBERS [CALLS_PER_NUMBER]]");
        return ExitCode::from(2);
    };
    let numbers = args.first().copied().unwrap_or(NUMBERS);
    let averages = args.get(1).map_or(AVERAGES.to_vec(), |&only| vec![only]);
    println!("{numbers} numbers, heavy-tailed, 35 days, calls in random order of numbers, one thread");
    println!(
        "calls per number  carriers  M calls/s  bytes per number  at peak  verdict ns: median  by traffic  opinions"
    );
    for carriers in [false, true] {
        for &calls_per_number in &averages {
            print_row(Traffic { numbers, calls_per_number, carriers }, &policy);
        }
    }
    ExitCode::SUCCESS
}

fn print_row(traffic: Traffic, policy: &Policy) {
    let filled = fill(traffic);
    let times = verdicts::time(&filled.store, policy);
    println!(
        "{:16.1}  {:8}  {:9.2}  {:16.0}  {:7.0}  {:18.0}  {:10.0}  {:7.0}%",
        filled.per_number(filled.calls as f64),
        if traffic.carriers { "known" } else { "unknown" },
        filled.calls_per_us(),
        filled.per_number(filled.live_bytes as f64),
        filled.per_number(filled.peak_bytes as f64),
        times.median_ns,
        times.by_traffic_ns,
        100.0 * times.opinions,
    );
}
