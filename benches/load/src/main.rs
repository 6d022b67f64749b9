//! Loads a running `ringtrue serve` over loopback and tells what it does: durable intake, look-ups beside it, restarts.
//!
//! `benches/serve.sh` builds what it needs and runs it; `benches/README.md` says what is measured.

mod bodies;
mod durations;
mod empty;
mod fill;
mod growth;
mod http;
mod intake;
mod lookups;
mod metrics;
mod process;
mod redis;
mod server;

use clap::{Parser, Subcommand};

/// Loads a running service and tells what it does.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Calls over HTTP in batches, each answered once it is on disk.
    Intake(intake::IntakeArgs),
    /// Look-ups beside intake, in turns with an empty handler of the same framework.
    Lookups(lookups::LookupArgs),
    /// Memory, look-ups, snapshots and restarts by the count of numbers.
    Growth(growth::GrowthArgs),
    /// The same counters kept by Redis.
    Redis(redis::RedisArgs),
    /// The empty handler.
    #[command(hide = true)]
    Empty(empty::EmptyArgs),
}

fn main() -> anyhow::Result<()> {
    match Args::parse().what {
        What::Intake(args) => intake::measure(&args),
        What::Lookups(args) => lookups::measure(&args),
        What::Growth(args) => growth::measure(&args),
        What::Redis(args) => redis::measure(&args),
        What::Empty(args) => empty::serve(&args),
    }
}
