//! Durable intake: how many calls a second are acknowledged, and what that costs.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Args;

use crate::bodies::{self, Form, Wanted};
use crate::durations::Durations;
use crate::http::Connection;
use crate::metrics::{Metrics, wait_until_folded};
use crate::server::{Installed, Server};

/// Arguments of `intake`.
#[derive(Args)]
pub(crate) struct IntakeArgs {
    /// The program.
    #[arg(long)]
    ringtrue: PathBuf,
    /// A folder for the data directories, which are removed afterwards.
    #[arg(long)]
    data: PathBuf,
    /// Calls of each form.
    #[arg(long, default_value_t = 4_000_000)]
    calls: u64,
    /// Calls of one body.
    #[arg(long, default_value_t = 1000)]
    batch: u64,
    /// Numbers that call.
    #[arg(long, default_value_t = 1_000_000)]
    numbers: u64,
    /// Connections that send at once, each one body at a time.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// What bodies are written in; all forms in turn when absent.
    #[arg(long, value_enum)]
    form: Vec<Form>,
    /// Calls a second that are sent at most; as many as are taken when absent.
    #[arg(long)]
    rate: Option<u64>,
    /// Tells every second, and the processor's time of each thread.
    #[arg(long)]
    trace: bool,
}

const ALL: [Form; 4] = [Form::Csv, Form::CsvZstd, Form::Ndjson, Form::NdjsonZstd];
const MIB: f64 = 1_048_576.0;

/// Measures each form against a server of its own.
pub(crate) fn measure(args: &IntakeArgs) -> anyhow::Result<()> {
    println!(
        "| form | k calls/s acknowledged | and folded | ms to an answer, median, 99th | CPU µs a call, server | bytes a call, sent, on disk | most behind, calls | RSS MB, a quarter, half, end |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let forms = if args.form.is_empty() { &ALL[..] } else { &args.form };
    for &form in forms {
        let installed = Installed::new(&args.ringtrue, &args.data.join("intake"))?;
        let server = installed.start_ready()?;
        let told = measure_form(args, form, &server);
        drop(server);
        installed.remove()?;
        println!("{}", told?);
    }
    // The folder may hold what is not ours.
    let _kept = std::fs::remove_dir(&args.data);
    Ok(())
}

/// What was seen each second.
struct Second {
    acknowledged: u64,
    lag: u64,
    resident: u64,
}

fn measure_form(args: &IntakeArgs, form: Form, server: &Server) -> anyhow::Result<String> {
    let wanted = Wanted {
        form,
        calls: args.calls,
        batch: args.batch,
        numbers: args.numbers,
        seed: 1,
        span_s: 600,
        ids: true,
        known: false,
    };
    let mut requests = Vec::new();
    bodies::write(&wanted, &server.key, |request, calls| {
        requests.push((request, calls));
        Ok(())
    })?;
    let bytes: usize = requests.iter().map(|(request, _)| request.len()).sum();
    let process = server.process();
    let (cpu_before, accepted_before) = (process.cpu_s(), Metrics::scrape(server.address)?.accepted());
    let begun = Instant::now();
    let Sent { acknowledged, seconds, answers } = send_all(&requests, args, server)?;
    let took_s = begun.elapsed().as_secs_f64();
    wait_until_folded(server.address)?;
    let folded_s = begun.elapsed().as_secs_f64();
    let cpu_s = process.cpu_s() - cpu_before;
    let metrics = Metrics::scrape(server.address)?;
    let accepted = metrics.accepted() - accepted_before;
    ensure!(accepted == acknowledged, "the server counts {accepted} calls, and {acknowledged} were acknowledged");
    ensure!(acknowledged == args.calls, "{acknowledged} of {} calls were acknowledged", args.calls);
    if args.trace {
        for (at, second) in seconds.iter().enumerate() {
            let Second { acknowledged, lag, resident } = second;
            eprintln!("{at:3} s  {acknowledged:9} acknowledged  {lag:9} behind  {:7.0} MB", *resident as f64 / MIB);
        }
        process.threads_cpu_s().iter().for_each(|(name, cpu_s)| eprintln!("{name:20} {cpu_s:6.2} s"));
    }
    let calls = acknowledged as f64;
    let resident =
        |part: usize| seconds.get(seconds.len() * part / 4).map_or(0.0, |second| second.resident as f64 / MIB);
    Ok(format!(
        "| {} | {:.0} | {:.0} | {:.1}, {:.1} | {:.2} | {:.0}, {:.0} | {:.2} M | {:.0}, {:.0}, {:.0} |",
        form.name(),
        calls / took_s / 1e3,
        calls / folded_s / 1e3,
        answers.at(0.5) * 1e3,
        answers.at(0.99) * 1e3,
        cpu_s / calls * 1e6,
        bytes as f64 / calls,
        metrics.value("ringtrue_log_bytes") / calls,
        seconds.iter().map(|second| second.lag).max().unwrap_or(0) as f64 / 1e6,
        resident(1),
        resident(2),
        process.resident_bytes() as f64 / MIB,
    ))
}

/// What became of the requests.
struct Sent {
    acknowledged: u64,
    seconds: Vec<Second>,
    answers: Durations,
}

/// Sends every request once.
fn send_all(requests: &[(Vec<u8>, u64)], args: &IntakeArgs, server: &Server) -> anyhow::Result<Sent> {
    let (next, acknowledged, done) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let begun = Instant::now();
    let each = args.rate.map(|rate| Duration::from_secs_f64(args.batch as f64 / rate as f64));
    let work = || -> anyhow::Result<Durations> {
        let mut connection = Connection::open(server.address)?;
        let mut answers = Durations::default();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some((request, _)) = requests.get(place) else { return Ok(answers) };
            let due = each.map(|each| begun + each.saturating_mul(u32::try_from(place).unwrap_or(u32::MAX)));
            if let Some(due) = due {
                thread::sleep(due.saturating_duration_since(Instant::now()));
            }
            // What was due and not sent has waited, too.
            let since = due.unwrap_or_else(Instant::now);
            acknowledged.fetch_add(acknowledge(&mut connection, request)?, Ordering::Relaxed);
            answers.add(since.elapsed());
        }
    };
    thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(server, &acknowledged, &done));
        let senders: Vec<_> = (0..args.connections).map(|_| scope.spawn(work)).collect();
        let sent: anyhow::Result<Vec<Durations>> =
            senders.into_iter().map(|sender| sender.join().expect("senders do not panic")).collect();
        done.store(true, Ordering::Relaxed);
        let seconds = watcher.join().expect("the watcher does not panic")?;
        let answers = Durations::joined(sent?);
        Ok(Sent { acknowledged: acknowledged.load(Ordering::Relaxed), seconds, answers })
    })
}

/// Sends a body until it is taken; tells how many calls of it were.
pub(crate) fn acknowledge(connection: &mut Connection, request: &[u8]) -> anyhow::Result<u64> {
    loop {
        let answer = connection.exchange(request)?;
        match answer.status {
            200 => return accepted(answer.body),
            // Told to come again: a pause far shorter than the one that is asked for, which counts whole seconds.
            429 | 503 => thread::sleep(Duration::from_millis(20)),
            status => anyhow::bail!("{status}: {}", String::from_utf8_lossy(answer.body)),
        }
    }
}

fn accepted(receipt: &[u8]) -> anyhow::Result<u64> {
    let text = std::str::from_utf8(receipt)?;
    let rest = text.split_once("\"accepted\":").context("a receipt without a count")?.1;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().context("a receipt without a count")
}

fn watch(server: &Server, acknowledged: &AtomicU64, done: &AtomicBool) -> anyhow::Result<Vec<Second>> {
    let mut seconds = Vec::new();
    let begun = Instant::now();
    while !done.load(Ordering::Relaxed) {
        seconds.push(Second {
            acknowledged: acknowledged.load(Ordering::Relaxed),
            lag: Metrics::scrape(server.address)?.lag(),
            resident: server.process().resident_bytes(),
        });
        let next = Duration::from_secs(seconds.len() as u64);
        while begun.elapsed() < next && !done.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(5));
        }
    }
    Ok(seconds)
}
