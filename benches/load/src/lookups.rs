//! Look-ups beside intake: how many a second, beside those of an empty handler.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bench_generator::numbers::Numbers;
use bench_generator::random::Random;
use clap::Args;

use crate::bodies::{self, Form, Wanted};
use crate::durations::Durations;
use crate::fill::fill;
use crate::http::Connection;
use crate::intake::acknowledge;
use crate::process::Process;
use crate::server::{Installed, Server};

/// Arguments of `lookups`.
#[derive(Args)]
pub(crate) struct LookupArgs {
    /// The program.
    #[arg(long)]
    ringtrue: PathBuf,
    /// A folder for the data directory, which is removed afterwards.
    #[arg(long)]
    data: PathBuf,
    /// Numbers in memory.
    #[arg(long, default_value_t = 10_000_000)]
    numbers: u64,
    /// The data directory that `growth --keep` left, with as many numbers.
    #[arg(long)]
    filled: bool,
    /// Calls a second that come in meanwhile.
    #[arg(long, default_value_t = 50_000)]
    rate: u64,
    /// Connections that ask at once, each one question at a time.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Rounds, in each of which all are asked in turn.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each turn.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
}

/// Who is asked for what.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    /// How it is told.
    pub(crate) name: &'static str,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What follows the number.
    pub(crate) query: &'a str,
    /// Who answers.
    pub(crate) process: Process,
}

/// How it is asked.
#[derive(Clone, Copy)]
pub(crate) struct Asking {
    /// Numbers that are known, each as likely to be asked for.
    pub(crate) numbers: u64,
    /// Connections, each one question at a time.
    pub(crate) connections: usize,
    /// How long.
    pub(crate) seconds: u64,
}

/// What one turn came to.
pub(crate) struct Turn {
    /// Answers a second.
    pub(crate) per_s: f64,
    /// Seconds of the server's processor time for each answer, with all else that it did.
    pub(crate) cpu_s: f64,
    /// From question to answer.
    pub(crate) durations: Durations,
}

/// Fills a server, then asks it and an empty one in turns.
pub(crate) fn measure(args: &LookupArgs) -> anyhow::Result<()> {
    let installed = Installed::new(&args.ringtrue, &args.data.join(if args.filled { "growth" } else { "lookups" }))?;
    let server = installed.start_ready()?;
    if !args.filled {
        eprintln!("filling {} numbers", args.numbers);
        fill(&installed, &server, args.numbers)?;
    }
    let empty = Empty::start()?;
    let targets = [
        Target { name: "empty handler", address: empty.address, query: "", process: Process(empty.child.id()) },
        Target {
            name: "label of one engine (?carrier=tmobile)",
            address: server.address,
            query: "?carrier=tmobile",
            process: server.process(),
        },
        Target { name: "labels of all engines", address: server.address, query: "", process: server.process() },
    ];
    let done = AtomicBool::new(false);
    let turns = thread::scope(|scope| {
        let intake = scope.spawn(|| send_until(args, &server, &done));
        let turns = rounds(args, &targets, &server.key);
        done.store(true, Ordering::Relaxed);
        let taken = intake.join().expect("the sender does not panic")?;
        eprintln!("{:.0} k calls/s came in meanwhile", taken / 1e3);
        ensure!(taken > args.rate as f64 * 0.9, "the intake did not keep up");
        turns
    })?;
    print(&targets, &turns);
    drop((empty, server));
    installed.remove()
}

fn rounds(args: &LookupArgs, targets: &[Target<'_>], key: &str) -> anyhow::Result<Vec<Vec<Turn>>> {
    let mut turns: Vec<Vec<Turn>> = targets.iter().map(|_| Vec::new()).collect();
    let LookupArgs { numbers, connections, seconds, .. } = *args;
    for round in 0..args.rounds {
        for (target, turns) in targets.iter().zip(&mut turns) {
            let turn = ask(Asking { numbers, connections, seconds }, *target, key, round as u64)?;
            eprintln!("{:40} {:8.0} a second", target.name, turn.per_s);
            turns.push(turn);
        }
    }
    Ok(turns)
}

fn print(targets: &[Target<'_>], turns: &[Vec<Turn>]) {
    println!("| asked | a second | of the empty handler | CPU µs an answer | µs, median | 99th | 99.9th |");
    println!("|---|---|---|---|---|---|---|");
    let rate = |turns: &[Turn]| median(turns.iter().map(|turn| turn.per_s).collect());
    let least = turns.first().map_or(1.0, |turns| rate(turns));
    for (target, turns) in targets.iter().zip(turns) {
        let us = |share| median(turns.iter().map(|turn| turn.durations.at(share) * 1e6).collect());
        let per_s = rate(turns);
        println!(
            "| {} | {per_s:.0} | {:.1} % | {:.1} | {:.0} | {:.0} | {:.0} |",
            target.name,
            per_s / least * 100.0,
            median(turns.iter().map(|turn| turn.cpu_s * 1e6).collect()),
            us(0.5),
            us(0.99),
            us(0.999)
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Asks for numbers at random, all of which are known, for a while.
pub(crate) fn ask(args: Asking, target: Target<'_>, key: &str, seed: u64) -> anyhow::Result<Turn> {
    let numbers = Numbers::default();
    let until = Instant::now() + Duration::from_secs(args.seconds);
    let one = |place: usize| -> anyhow::Result<Durations> {
        let mut random = Random::new(seed << 8 | place as u64);
        let mut connection = Connection::open(target.address)?;
        let mut durations = Durations::default();
        let mut request = Vec::with_capacity(256);
        let mut now = Instant::now();
        while now < until {
            let tn = numbers.caller(random.between(0, args.numbers));
            request.clear();
            question(&mut request, tn, target.query, key);
            let begun = Instant::now();
            let answer = connection.exchange(&request)?;
            ensure!(answer.status == 200, "{}", answer.status);
            now = Instant::now();
            durations.add(now - begun);
        }
        Ok(durations)
    };
    let (begun, cpu_before) = (Instant::now(), target.process.cpu_s());
    let parts: anyhow::Result<Vec<Durations>> = thread::scope(|scope| {
        let one = &one;
        let askers: Vec<_> = (0..args.connections).map(|place| scope.spawn(move || one(place))).collect();
        askers.into_iter().map(|asker| asker.join().expect("askers do not panic")).collect()
    });
    let took_s = begun.elapsed().as_secs_f64();
    let durations = Durations::joined(parts?);
    let answers = durations.len() as f64;
    let cpu_s = (target.process.cpu_s() - cpu_before) / answers;
    Ok(Turn { per_s: answers / took_s, cpu_s, durations })
}

/// Writes a question. The standard formatter would cost more than the rest of the asking.
fn question(request: &mut Vec<u8>, tn: u64, query: &str, key: &str) {
    let mut digits = [b'0'; 11];
    let mut rest = tn;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    request.extend_from_slice(b"GET /v1/labels/+");
    request.extend_from_slice(&digits);
    request.extend_from_slice(query.as_bytes());
    request.extend_from_slice(b" HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ");
    request.extend_from_slice(key.as_bytes());
    request.extend_from_slice(b"\r\n\r\n");
}

/// Sends calls at the rate that is asked for until it is told to stop; gives the calls a second that were taken.
fn send_until(args: &LookupArgs, server: &Server, done: &AtomicBool) -> anyhow::Result<f64> {
    const BATCH: u64 = 1000;
    const CONNECTIONS: u64 = 4;
    let begun = Instant::now();
    let every = Duration::from_secs_f64((BATCH * CONNECTIONS) as f64 / args.rate as f64);
    let one = |place: u64| -> anyhow::Result<u64> {
        let mut connection = Connection::open(server.address)?;
        let mut taken = 0;
        for turn in 0_u32.. {
            let seed = 1000 + u64::from(turn) * CONNECTIONS + place;
            let (calls, numbers) = (BATCH, args.numbers);
            let wanted =
                Wanted { form: Form::Csv, calls, batch: BATCH, numbers, seed, span_s: 600, ids: true, known: false };
            let mut request = Vec::new();
            bodies::write(&wanted, &server.key, |whole, _calls| {
                request = whole;
                Ok(())
            })?;
            thread::sleep((begun + every * turn).saturating_duration_since(Instant::now()));
            if done.load(Ordering::Relaxed) {
                break;
            }
            taken += acknowledge(&mut connection, &request)?;
        }
        Ok(taken)
    };
    thread::scope(|scope| {
        let one = &one;
        let senders: Vec<_> = (0..CONNECTIONS).map(|place| scope.spawn(move || one(place))).collect();
        let taken: anyhow::Result<Vec<u64>> =
            senders.into_iter().map(|sender| sender.join().expect("senders do not panic")).collect();
        Ok(taken?.into_iter().sum::<u64>() as f64 / begun.elapsed().as_secs_f64())
    })
}

/// The empty server, a process of its own.
struct Empty {
    child: Child,
    address: SocketAddr,
}

impl Empty {
    fn start() -> anyhow::Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["empty", "--listen", &address.to_string()]);
        let mut child = command.stdout(Stdio::piped()).spawn().context("starting the empty server")?;
        let out = child.stdout.take().context("its output")?;
        BufReader::new(out).read_line(&mut String::new())?;
        Ok(Self { child, address })
    }
}

impl Drop for Empty {
    fn drop(&mut self) {
        // One that has ended by itself is gone all the same.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}
