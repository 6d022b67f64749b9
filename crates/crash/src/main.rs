//! `crash PROGRAM --rounds N --seed S`: kills a server N times under load, and tells what is left. `cargo xtask crash` builds both.

use std::process::ExitCode;

use anyhow::Context as _;
use crash::{Plan, run};

/// Kills that befall one data directory.
const KILLS_EACH: u32 = 30;

fn main() -> anyhow::Result<ExitCode> {
    let mut args = std::env::args().skip(1);
    let server = args.next().context("usage: crash PROGRAM [--rounds N] [--seed S]")?.into();
    let progress: fn(&str) = |line| eprintln!("{line}");
    let mut plan = Plan { server, seed: 1, kills: 300, kills_each: KILLS_EACH, progress: Some(progress) };
    while let Some(name) = args.next() {
        let value = args.next().with_context(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--rounds" => plan.kills = value.parse().context("--rounds: a number")?,
            "--seed" => plan.seed = value.parse().context("--seed: a number")?,
            other => anyhow::bail!("{other}: no such argument"),
        }
    }
    let summary = run(&plan)?;
    println!("{summary}");
    Ok(if summary.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
