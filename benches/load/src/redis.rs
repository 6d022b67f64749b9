//! The same counters in Redis: one Lua script a call, sent many at a time.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use bench_generator::traffic::{self, Call, Plan};
use clap::Args;

use crate::process::Process;

/// Arguments of `redis`.
#[derive(Args)]
pub(crate) struct RedisArgs {
    /// Not used: every part takes it.
    #[arg(long, hide = true)]
    ringtrue: Option<PathBuf>,
    /// A folder for the data, which is removed afterwards.
    #[arg(long)]
    data: PathBuf,
    /// Redis.
    #[arg(long, default_value = "redis-server")]
    server: PathBuf,
    /// Calls of each run.
    #[arg(long, default_value_t = 300_000)]
    calls: u64,
    /// Numbers that call.
    #[arg(long, default_value_t = 300_000)]
    numbers: u64,
    /// Calls that are sent at once on each connection.
    #[arg(long, default_value_t = 1000)]
    batch: usize,
    /// Connections.
    #[arg(long, default_value_t = 16)]
    connections: usize,
}

/// What is counted of a call: by hour calls, answered, short, invalid and unanswered ones, each expiring with the horizon of 35
/// days; of the number its distinct destinations, exactly, and whether the id was taken before within 72 hours.
const SCRIPT: &str = "
if not redis.call('SET', 'i' .. ARGV[1], 1, 'NX', 'EX', 259200) then return 0 end
local key = 'h' .. KEYS[1] .. ':' .. ARGV[2]
redis.call('HINCRBY', key, 'calls', 1)
redis.call('HINCRBY', key, ARGV[3], 1)
if ARGV[4] == '1' then redis.call('HINCRBY', key, 'short', 1) end
redis.call('EXPIRE', key, 3024000)
redis.call(ARGV[6], 'd' .. KEYS[1], ARGV[5])
return 1";

const MIB: f64 = 1_048_576.0;

/// Measures each way to count destinations with each way to keep the data.
pub(crate) fn measure(args: &RedisArgs) -> anyhow::Result<()> {
    println!(
        "| Redis, destinations, synced | k calls/s acknowledged | CPU µs a call, server | RSS, bytes a number that called |"
    );
    println!("|---|---|---|---|");
    for distinct in ["PFADD", "SADD"] {
        for sync in ["everysec", "always"] {
            println!("{}", one(args, distinct, sync)?);
        }
    }
    Ok(())
}

fn one(args: &RedisArgs, distinct: &str, sync: &str) -> anyhow::Result<String> {
    let data = args.data.join("redis");
    std::fs::create_dir_all(&data)?;
    let redis = Redis::start(&args.server, &data, sync)?;
    let script = redis.load_script()?;
    let (parts, numbers) = commands(args, &script, distinct)?;
    let process = Process(redis.child.id());
    let (idle, cpu_before, begun) = (process.resident_bytes(), process.cpu_s(), Instant::now());
    let counted: anyhow::Result<Vec<u64>> = thread::scope(|scope| {
        let address = redis.address;
        let senders: Vec<_> = parts.iter().map(|part| scope.spawn(move || send(address, part))).collect();
        senders.into_iter().map(|sender| sender.join().expect("senders do not panic")).collect()
    });
    let took_s = begun.elapsed().as_secs_f64();
    let counted: u64 = counted?.into_iter().sum();
    ensure!(counted == args.calls, "{counted} of {} calls were counted", args.calls);
    let cpu_s = process.cpu_s() - cpu_before;
    let bytes = process.resident_bytes().saturating_sub(idle);
    drop(redis);
    std::fs::remove_dir_all(&data)?;
    Ok(format!(
        "| {distinct}, {sync} | {:.0} | {:.2} | {:.0}, {:.0} MB in all |",
        args.calls as f64 / took_s / 1e3,
        cpu_s / args.calls as f64 * 1e6,
        bytes as f64 / numbers as f64,
        bytes as f64 / MIB,
    ))
}

/// Commands for each connection, by batches, each with its count; and how many numbers call.
type Batches = Vec<(Vec<u8>, usize)>;

fn commands(args: &RedisArgs, script: &str, distinct: &str) -> anyhow::Result<(Vec<Batches>, usize)> {
    let mut parts: Vec<Batches> = vec![Vec::new(); args.connections.max(1)];
    let plan = Plan { calls: args.calls, callers: args.numbers, days: 1, seed: 1 };
    let (mut batch, mut held, mut made, mut numbers) = (Vec::new(), 0, 0_usize, std::collections::HashSet::new());
    traffic::generate(&plan, |call| -> anyhow::Result<()> {
        numbers.insert(call.orig);
        push(&mut batch, call, (made as u64, script, distinct));
        (held, made) = (held + 1, made + 1);
        if held == args.batch || made as u64 == args.calls {
            let place = made / args.batch % parts.len();
            parts.get_mut(place).context("a connection")?.push((std::mem::take(&mut batch), held));
            held = 0;
        }
        Ok(())
    })?;
    Ok((parts, numbers.len()))
}

fn push(batch: &mut Vec<u8>, call: &Call, (id, script, distinct): (u64, &str, &str)) {
    // As the classes of the service: what is out of service, and what was answered.
    let class = match (call.q850, call.talk_s) {
        (1 | 22 | 28, _) => "invalid",
        (_, Some(_)) => "answered",
        (_, None) => "unanswered",
    };
    let short = if call.talk_s.is_some_and(|talk_s| talk_s <= 6) { "1" } else { "0" };
    let id = format!("{:016x}", bench_generator::random::mix(id));
    let (orig, hour, dest) = (call.orig.to_string(), (call.start / 3600).to_string(), call.dest.to_string());
    command(batch, &["EVALSHA", script, "1", &orig, &id, &hour, class, short, &dest, distinct]);
}

/// Writes a command in Redis's protocol.
fn command(to: &mut Vec<u8>, words: &[&str]) {
    to.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        to.extend_from_slice(format!("${}\r\n{word}\r\n", word.len()).as_bytes());
    }
}

/// Sends batches, one at a time; gives how many calls were counted.
fn send(address: SocketAddr, batches: &Batches) -> anyhow::Result<u64> {
    const ONE: &[u8] = b":1\r\n";
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut counted = 0;
    let mut answers = Vec::new();
    for (batch, calls) in batches {
        stream.write_all(batch)?;
        answers.resize(calls * ONE.len(), 0);
        stream.read_exact(&mut answers)?;
        counted += answers.chunks(ONE.len()).filter(|answer| *answer == ONE).count() as u64;
    }
    Ok(counted)
}

/// A Redis of our own. Killed when it is dropped.
struct Redis {
    child: Child,
    address: SocketAddr,
}

impl Redis {
    fn start(program: &Path, data: &Path, sync: &str) -> anyhow::Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(program);
        command.args(["--port", &address.port().to_string(), "--bind", "127.0.0.1", "--save", ""]);
        command.args(["--appendonly", "yes", "--appendfsync", sync, "--dir"]).arg(data);
        let child = command.stdout(Stdio::null()).spawn().context("starting Redis; Debian has it as redis-server")?;
        let this = Self { child, address };
        let patience = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(address).is_err() {
            ensure!(Instant::now() < patience, "Redis does not listen");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(this)
    }

    /// Gives the script to Redis; the hash by which it is called.
    fn load_script(&self) -> anyhow::Result<String> {
        let mut stream = TcpStream::connect(self.address)?;
        let mut load = Vec::new();
        command(&mut load, &["SCRIPT", "LOAD", SCRIPT]);
        stream.write_all(&load)?;
        // "$40", the hash, and line ends.
        let mut answer = [0; 47];
        stream.read_exact(&mut answer)?;
        let text = std::str::from_utf8(&answer)?;
        match text.strip_prefix("$40\r\n") {
            Some(hash) => Ok(hash.trim().to_owned()),
            None => bail!("Redis did not take the script: {text}"),
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // One that has ended by itself is gone all the same.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}
