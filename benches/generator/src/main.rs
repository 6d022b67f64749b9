//! Writes a file of calls as a carrier's switch would: `start,orig,dest,talk_s,q850`.
//!
//! The numbers are drawn from the whole North American plan at random and belong to nobody in particular.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::ExitCode;

use bench_generator::traffic::{self, Call, Plan};

const USAGE: &str = "usage: bench-generator --out FILE [--calls N] [--callers N] [--days N] [--seed N]";
/// The average over all callers when `--callers` is not given.
const CALLS_PER_CALLER: u64 = 8;

fn main() -> ExitCode {
    let outcome = parse(std::env::args().skip(1))
        .and_then(|(plan, path)| write(&plan, &path).map_err(|error| format!("cannot write {path}: {error}")));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

/// Reads the command line into a plan and the path to write.
fn parse(mut args: impl Iterator<Item = String>) -> Result<(Plan, String), String> {
    let mut plan = Plan { calls: 20_000_000, callers: 0, days: 8, seed: 1 };
    let mut path = None;
    while let Some(name) = args.next() {
        let value = args.next().ok_or_else(|| format!("{name} needs a value\n{USAGE}"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{name} {value}: not a whole number"));
        match name.as_str() {
            "--out" => path = Some(value),
            "--calls" => plan.calls = number()?,
            "--callers" => plan.callers = number()?,
            "--days" => plan.days = number()?.clamp(1, 35),
            "--seed" => plan.seed = number()?,
            _ => return Err(format!("unknown option {name}\n{USAGE}")),
        }
    }
    if plan.callers == 0 {
        plan.callers = plan.calls / CALLS_PER_CALLER;
    }
    plan.callers = plan.callers.max(4);
    Ok((plan, path.ok_or(USAGE)?))
}

/// Writes the header and one line per call.
fn write(plan: &Plan, path: &str) -> std::io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    out.write_all(b"start,orig,dest,talk_s,q850\n")?;
    let mut line = Vec::with_capacity(64);
    traffic::generate(plan, |call| {
        line.clear();
        push_call(&mut line, call);
        out.write_all(&line)
    })?;
    out.flush()
}

/// Appends one line; an unknown talk time is an empty field.
fn push_call(line: &mut Vec<u8>, call: &Call) {
    for value in [call.start, call.orig, call.dest] {
        push_decimal(line, value);
        line.push(b',');
    }
    if let Some(talk_s) = call.talk_s {
        push_decimal(line, talk_s);
    }
    line.push(b',');
    push_decimal(line, call.q850);
    line.push(b'\n');
}

/// Appends a value in decimal. The standard formatter would take half of the run.
fn push_decimal(line: &mut Vec<u8>, value: u64) {
    let begin = line.len();
    let mut rest = value;
    loop {
        line.push(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if let Some(digits) = line.get_mut(begin..) {
        digits.reverse();
    }
}
