//! What grows with the numbers: memory, look-ups, snapshots, restarts.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use bench_generator::numbers::Numbers;
use clap::Args;

use crate::bodies::{self, Form, Wanted};
use crate::fill::{Filled, fill};
use crate::http::{Connection, get};
use crate::intake::acknowledge;
use crate::lookups::{Asking, Target, ask};
use crate::metrics::wait_until_folded;
use crate::server::{Installed, Server};

/// Arguments of `growth`.
#[derive(Args)]
pub(crate) struct GrowthArgs {
    /// The program.
    #[arg(long)]
    ringtrue: PathBuf,
    /// A folder for the data directories, which are removed afterwards.
    #[arg(long)]
    data: PathBuf,
    /// How many numbers, one run each.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000, 10_000_000])]
    numbers: Vec<u64>,
    /// Leaves the last data directory for `lookups --filled`.
    #[arg(long)]
    keep: bool,
}

/// Calls between the last snapshot and the kill.
const MORE_CALLS: u64 = 200_000;
/// Numbers whose labels are compared before and after a restart.
const COMPARED: u64 = 200;
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Measures each count of numbers.
pub(crate) fn measure(args: &GrowthArgs) -> anyhow::Result<()> {
    println!(
        "| numbers | k calls/s acknowledged | and folded | all judged, s | bytes of memory a number, after a restart | µs a look-up, median, 99th | bytes of log a call | of snapshots a number | stopped, s | killed: s to the first answer, to ready |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for (place, &numbers) in args.numbers.iter().enumerate() {
        let installed = Installed::new(&args.ringtrue, &args.data.join("growth"))?;
        let line = one(&installed, numbers);
        if !args.keep || place + 1 < args.numbers.len() || line.is_err() {
            installed.remove()?;
        }
        println!("{}", line?);
    }
    Ok(())
}

fn one(installed: &Installed, numbers: u64) -> anyhow::Result<String> {
    let server = installed.start_ready()?;
    let idle = server.process().resident_bytes();
    let Filled { calls, acknowledged_s, folded_s, judged_s } = fill(installed, &server, numbers)?;
    let each = |server: &Server| server.process().resident_bytes().saturating_sub(idle) as f64 / numbers as f64;
    let filled_bytes = each(&server);
    let asking = Asking { numbers, connections: 4, seconds: 5 };
    let target = Target { name: "", address: server.address, query: "?carrier=tmobile", process: server.process() };
    let turn = ask(asking, target, &server.key, 1)?;
    let log = installed.bytes("log");
    let begun = Instant::now();
    server.stop()?;
    let stopped_s = begun.elapsed().as_secs_f64();
    let snapshots = installed.bytes("snapshots");
    // Some more traffic, as after days of service, and then the end without warning.
    let server = installed.start_ready()?;
    more(&server, numbers)?;
    let before = labels(&server, numbers)?;
    drop(server);
    let Restart { answered_s, ready_s, server } = restart(installed, numbers, &before)?;
    Ok(format!(
        "| {numbers} | {:.0} | {:.0} | {judged_s:.1} | {filled_bytes:.0}, {:.0} | {:.0}, {:.0} | {:.1} | {:.0} | {stopped_s:.2} | {answered_s:.2}, {ready_s:.2} |",
        calls as f64 / acknowledged_s / 1e3,
        calls as f64 / folded_s / 1e3,
        each(&server),
        turn.durations.at(0.5) * 1e6,
        turn.durations.at(0.99) * 1e6,
        log as f64 / calls as f64,
        snapshots as f64 / numbers as f64,
    ))
}

/// How a start after a kill went.
struct Restart {
    answered_s: f64,
    ready_s: f64,
    server: Server,
}

fn restart(installed: &Installed, numbers: u64, before: &[String]) -> anyhow::Result<Restart> {
    let begun = Instant::now();
    let mut server = installed.start()?;
    first_answer(&server)?;
    let answered_s = begun.elapsed().as_secs_f64();
    let at_once = labels(&server, numbers)?;
    server.wait_until_ready()?;
    let ready_s = begun.elapsed().as_secs_f64();
    let after = labels(&server, numbers)?;
    // A label that rose since the full hour is provisional: when such a rise is looked for depends on when calls are folded.
    let is_other = |(before, after): &(&String, &String)| before != after && !after.contains("\"provisional\":true");
    if let Some((before, after)) = before.iter().zip(&after).find(is_other) {
        bail!("before the kill {before}, after it {after}");
    }
    let same = before.iter().zip(&at_once).filter(|(before, after)| before == after).count();
    let shown = before.iter().filter(|label| !label.contains("no_opinion")).count();
    eprintln!(
        "{numbers} numbers: of {} labels, {shown} with an opinion, {same} were the same at the first answers, all once it was ready",
        before.len()
    );
    Ok(Restart { answered_s, ready_s, server })
}

/// Sends some calls more.
fn more(server: &Server, numbers: u64) -> anyhow::Result<()> {
    let wanted = Wanted {
        form: Form::Csv,
        calls: MORE_CALLS,
        batch: 1000,
        numbers,
        seed: 3,
        span_s: 600,
        ids: true,
        known: false,
    };
    let mut connection = Connection::open(server.address)?;
    bodies::write(&wanted, &server.key, |request, _calls| acknowledge(&mut connection, &request).map(drop))?;
    wait_until_folded(server.address)
}

/// Waits until a started server answers a look-up, which it may before it takes records.
fn first_answer(server: &Server) -> anyhow::Result<()> {
    let patience = Instant::now() + Duration::from_secs(300);
    let request = get(&path(0), &server.key);
    loop {
        let answered = Connection::open(server.address).and_then(|mut connection| {
            let status = connection.exchange(&request)?.status;
            if status == 200 { Ok(()) } else { bail!("{status}") }
        });
        match answered {
            Ok(()) => return Ok(()),
            Err(error) if Instant::now() > patience => return Err(error).context("the server does not answer"),
            Err(_) => thread::sleep(LOOK_EVERY),
        }
    }
}

/// The labels of some numbers, from the busiest on, as they are shown.
fn labels(server: &Server, numbers: u64) -> anyhow::Result<Vec<String>> {
    let mut connection = Connection::open(server.address)?;
    let each = |rank| {
        let answer = connection.exchange(&get(&path(rank), &server.key))?;
        ensure!(answer.status == 200, "{}", answer.status);
        let text = String::from_utf8_lossy(answer.body).into_owned();
        Ok(text.split(",\"policy_version\"").next().unwrap_or_default().to_owned())
    };
    (0..COMPARED.min(numbers)).map(each).collect()
}

fn path(rank: u64) -> String {
    format!("/v1/labels/+{}?carrier=tmobile", Numbers::default().caller(rank))
}
