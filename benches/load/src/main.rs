//! Loads a running `ringtrue serve` over loopback and tells what it does: durable intake, look-ups beside it, restarts.
//!
//! `benches/serve.sh` builds what it needs and runs it; `benches/README.md` says what is measured.

mod bodies;
mod durations;
mod http;
mod intake;
mod metrics;
mod process;
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
}

fn main() -> anyhow::Result<()> {
    match Args::parse().what {
        What::Intake(args) => intake::measure(&args),
    }
}
