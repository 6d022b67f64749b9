//! The project's own tasks: `cargo xtask check`, `crash`, `fuzz`, `sample` and `picture`.
//!
//! `check` is what continuous integration runs and what everybody runs before a change lands. Rules that a compiler
//! cannot hold (which crate may touch a file, how long a function may be, which codes are documented) are checked here,
//! each by a function that takes text and returns [`finding::Finding`]s, so that every rule has tests that make it fail.

mod check;
mod contract;
mod crash;
mod docs;
mod finding;
mod fuzz;
mod layers;
mod picture;
mod rust_source;
mod sample;
mod sizes;
mod tools;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask check [--only NAME]      run every check, or one: fmt layers sizes docs clippy deny contract
                                            doctests tests
       cargo xtask crash [--rounds N] [--seed S] kill a server N times under load (300), and see what is left
       cargo xtask fuzz [TARGET] [--seconds N]   coverage-guided fuzzing of one target, or of each in turn (60 s each)
       cargo xtask sample                        write the sample of fixtures/sample anew
       cargo xtask picture                       draw the README's picture anew from the sample's output";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.split_first() {
        Some((task, rest)) if task == "check" => check::run(rest),
        Some((task, rest)) if task == "crash" => crash::run(rest),
        Some((task, rest)) if task == "fuzz" => fuzz::run(rest),
        Some((task, rest)) if task == "picture" => picture::run(rest),
        Some((task, rest)) if task == "sample" => sample::run(rest),
        Some((task, _)) if matches!(task.as_str(), "help" | "--help" | "-h") => {
            println!("{USAGE}");
            Ok(true)
        }
        Some(_) | None => Err(anyhow::anyhow!("{USAGE}")),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}
