//! Data directories with many numbers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::bodies::{self, Form, Wanted};
use crate::http::Connection;
use crate::intake::acknowledge;
use crate::metrics::{Metrics, wait_until_folded};
use crate::server::{Installed, Server};

/// Calls of a number, on average. Chosen: few, so that ten million numbers take no hour and no large disk.
pub(crate) const CALLS_PER_NUMBER: u64 = 3;
/// Days over which they are spread.
const DAYS: u64 = 8;
const CONNECTIONS: usize = 8;
/// Requests that are made ready ahead of their being sent.
const AHEAD: usize = 64;

/// How the filling went.
pub(crate) struct Filled {
    /// Calls taken.
    pub(crate) calls: u64,
    /// Seconds until the last answer.
    pub(crate) acknowledged_s: f64,
    /// Seconds until facts held all.
    pub(crate) folded_s: f64,
    /// Seconds in which all numbers were judged and their labels published and told.
    pub(crate) judged_s: f64,
}

/// Sends every one of `numbers` numbers' calls to an empty server, then has all numbers judged.
pub(crate) fn fill(installed: &Installed, server: &Server, numbers: u64) -> anyhow::Result<Filled> {
    let begun = Instant::now();
    let taken = AtomicU64::new(0);
    // Every number calls once; the other calls fall on them as in a carrier's traffic.
    let each = Wanted { calls: numbers, ..wanted(numbers, 1) };
    let rest = Wanted { calls: numbers * (CALLS_PER_NUMBER - 1), ..wanted(numbers, 2) };
    let (ready, requests) = mpsc::sync_channel::<Vec<u8>>(AHEAD);
    let requests = Mutex::new(requests);
    thread::scope(|scope| -> anyhow::Result<()> {
        let sender = || -> anyhow::Result<()> {
            let mut connection = Connection::open(server.address)?;
            loop {
                let next = requests.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(request) = next else { return Ok(()) };
                taken.fetch_add(acknowledge(&mut connection, &request)?, Ordering::Relaxed);
            }
        };
        let senders: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(sender)).collect();
        let pass_on = |request, _calls| Ok(ready.send(request)?);
        bodies::write_each_once(&each, &server.key, pass_on)?;
        bodies::write(&rest, &server.key, pass_on)?;
        drop(ready);
        senders.into_iter().try_for_each(|sender| sender.join().expect("senders do not panic"))
    })?;
    let acknowledged_s = begun.elapsed().as_secs_f64();
    wait_until_folded(server.address)?;
    let folded_s = begun.elapsed().as_secs_f64();
    let calls = taken.into_inner();
    ensure!(calls == numbers * CALLS_PER_NUMBER, "{calls} calls were taken");
    let judged_s = judge(installed, server)?;
    Ok(Filled { calls, acknowledged_s, folded_s, judged_s })
}

const fn wanted(numbers: u64, seed: u64) -> Wanted {
    Wanted { form: Form::Csv, calls: 0, batch: 1000, numbers, seed, span_s: DAYS * 86_400, ids: false, known: true }
}

/// Has the server read a changed policy, so that it judges all numbers; gives the seconds until all labels are out.
fn judge(installed: &Installed, server: &Server) -> anyhow::Result<f64> {
    const LOOK_EVERY: Duration = Duration::from_millis(20);
    let before = events(server)?;
    installed.change_policy(1)?;
    let begun = Instant::now();
    server.signal("HUP")?;
    while events(server)? == before {
        thread::sleep(LOOK_EVERY);
    }
    // The activation is folded first; what it changed is logged and folded then.
    wait_until_folded(server.address)?;
    Ok(begun.elapsed().as_secs_f64())
}

fn events(server: &Server) -> anyhow::Result<u64> {
    Ok(Metrics::scrape(server.address)?.value("ringtrue_log_events_total") as u64)
}
