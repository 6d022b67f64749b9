//! Ringtrue's command line.

mod cli;
mod error;
mod evaluate;
mod fit_command;
mod forget_command;
mod import;
mod key_command;
mod known_traffic;
mod labelled;
mod output;
mod policy_command;
mod policy_data;
mod progress;
mod said;
mod score;
mod serve;
mod simulate;
mod upkeep_command;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::error::ScoreError;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Score(args) => score::score(&args),
        Command::Policy(args) => policy_command::policy(&args),
        Command::Evaluate(args) => evaluate::evaluate(&args),
        Command::Simulate(args) => simulate::simulate(&args),
        Command::Fit(args) => fit_command::fit(&args),
        Command::Key(args) => key_command::key(&args),
        Command::Serve(args) => serve::serve(&args),
        Command::Forget(args) => forget_command::forget(&args),
        Command::Import(args) => import::import(&args),
        Command::Backup(args) => upkeep_command::backup(&args),
        Command::Restore(args) => upkeep_command::restore(&args),
        Command::Verify(args) => upkeep_command::verify(&args),
        Command::Inspect(args) => upkeep_command::inspect(&args),
        Command::Rebuild(args) => upkeep_command::rebuild(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// Prints the error with its causes, each on a line of its own.
fn fail(error: &ScoreError) -> ExitCode {
    said::say(&format!("ringtrue: {error}"));
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        said::say(&format!("  because {inner}"));
        cause = inner.source();
    }
    ExitCode::from(error.exit_code())
}
