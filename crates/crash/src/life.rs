//! One data directory: its past, the kills under load, and what is left in the end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use model::Timestamp;
use serde_json::Value;

use crate::check::{chained, counted, each_once, same_answers, same_changes, told_once};
use crate::clients::{Desk, hear, look_up, send};
use crate::http::{Request, ask};
use crate::ledger::{Entries, Ledger};
use crate::past::{self, Held};
use crate::random::Random;
use crate::server::{Place, Server, Whereabouts};
use crate::traffic::Traffic;
use crate::{Plan, Summary};

/// How long a start may take. Chosen: far longer than any does on a busy machine; one that hangs is a finding.
const START_TIME: Duration = Duration::from_secs(120);
/// How long a server may take to fold what it took, and to tell it.
const SETTLE_TIME: Duration = Duration::from_secs(60);
const SENDERS: u64 = 3;
/// A kill comes after at most so many further bodies, or so many milliseconds.
const KILL_BODIES: u64 = 40;
const KILL_MS: u64 = 1_500;
/// One server in so many is killed while it starts, within so many milliseconds: half of them soon, when the log is just opened.
const EARLY_ONE_IN: u64 = 3;
const EARLY_MS: [u64; 2] = [60, 400];

/// What one life came to.
struct Life {
    plan: Plan,
    place: Place,
    clean: Place,
    keys: [String; 2],
    clean_key: String,
    server: Whereabouts,
    ledger: Ledger,
    enough: AtomicBool,
    random: Random,
    summary: Summary,
}

/// Lives through so many kills on one data directory, and checks what is left.
///
/// # Errors
/// When the harness cannot do its work. What the server did wrong is told in the summary.
pub(crate) fn live(plan: &Plan, seed: u64, kills: u32) -> anyhow::Result<Summary> {
    let begun = Instant::now();
    let folder = tempfile::tempdir().context("making a folder")?;
    let place = Place::new(&plan.server, folder.path(), "data")?;
    let clean = Place::new(&plan.server, folder.path(), "clean")?;
    let keys = [place.key("trunk", "terminating")?, place.key("dialer", "originating")?];
    let clean_key = clean.key("trunk", "terminating")?;
    let now = now()?;
    let ledger = Ledger::default();
    ledger.lock().facts = past::write_past(&place.data, seed, now)?;
    let random = Random::new(seed, 99);
    let (server, enough, summary) = (Whereabouts::default(), AtomicBool::new(false), Summary::default());
    let plan = plan.clone();
    let mut life = Life { plan, place, clean, keys, clean_key, server, ledger, enough, random, summary };
    let checked = life.run(seed, kills, now);
    let mut summary = std::mem::take(&mut life.summary);
    let entries = std::mem::take(&mut *life.ledger.lock());
    summary.note(&entries);
    summary.faults.extend(checked.err().map(|error| format!("{error:#}")));
    summary.elapsed = begun.elapsed();
    if !summary.faults.is_empty() {
        let kept = folder.keep();
        summary.faults.push(format!("seed {seed}: the data is kept in {}", kept.display()));
    }
    Ok(summary)
}

fn now() -> anyhow::Result<Timestamp> {
    let ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    Timestamp::from_ms(i64::try_from(ms)?).context("the time")
}

impl Life {
    fn run(&mut self, seed: u64, kills: u32, now: Timestamp) -> anyhow::Result<()> {
        let (acknowledged, counts) = channel();
        let from_ms = now.as_ms() - 1_800_000;
        let (server, ledger, enough, keys) = (&self.server, &self.ledger, &self.enough, &self.keys.clone());
        // The threads are told to end before they are waited for, however this ends.
        let desk = Desk { server, ledger, enough };
        let (place, plan, random, summary) = (&self.place, &self.plan, &mut self.random, &mut self.summary);
        let held = std::thread::scope(|scope| {
            let end = End(server, enough);
            let senders: Vec<_> = (0..SENDERS)
                .map(|stream| {
                    let (desk, acknowledged) = (&desk, acknowledged.clone());
                    let key = keys.get((stream % 2) as usize).map(String::as_str).unwrap_or_default();
                    let traffic = Traffic::new(seed, stream, from_ms);
                    scope.spawn(move || send(desk, key, traffic, &acknowledged))
                })
                .collect();
            let key = keys.first().map(String::as_str).unwrap_or_default();
            scope.spawn(|| look_up(&desk, key, Random::new(seed, 77)));
            scope.spawn(|| hear(&desk, key));
            for kill in 1..=kills {
                let early = kill_once(place, random, &desk, &counts)?;
                summary.kills += 1;
                summary.early += u32::from(early);
                if !ledger.lock().faults.is_empty() {
                    anyhow::bail!("no further kill is made");
                }
                plan.tell(&format!("seed {seed}: kill {kill} of {kills}, {} bodies", ledger.lock().bodies));
            }
            let (last, address) = start(place)?;
            enough.store(true, Ordering::Release);
            server.set(Some(address.clone()));
            for sender in senders {
                sender.join().map_err(|_| anyhow::anyhow!("a sender panicked"))?;
            }
            settle(server, &address, key)?;
            last.kill()?;
            server.set(None);
            let held = past::read(&place.data)?;
            // The listener comes back for what it has not heard.
            let (last, address) = start(place)?;
            server.set(Some(address));
            wait_for(|| ledger.lock().told.last().copied() >= held.changes.last().map(|change| change.place), server)
                .context("the listener is not told of the last change")?;
            // No other comes, and those who listen to this one are no longer held.
            drop(end);
            last.kill()?;
            anyhow::Ok(held)
        });
        self.check(&held?)
    }

    /// Holds what is left to the ledger and to a clean run over the same events.
    fn check(&mut self, held: &Held) -> anyhow::Result<()> {
        let entries: Entries = self.ledger.lock().clone();
        let (last, address) = start(&self.place)?;
        past::write_again(&self.clean.data, &held.events)?;
        let (clean, clean_address) = start(&self.clean)?;
        let key = self.keys.first().cloned().unwrap_or_default();
        for (address, key) in [(&address, &key), (&clean_address, &self.clean_key)] {
            settle(&self.server, address, key)?;
        }
        // Ratings decay as time passes: both are asked at about the same time, and again should the hour have changed between.
        let mut faults = Vec::new();
        for _ in 0..3 {
            let answers = [answers(&address, &key)?, answers(&clean_address, &self.clean_key)?];
            let [killed, clean] = &answers;
            faults = counted(&entries.facts, killed);
            faults.extend(same_answers(killed, clean));
            if faults.is_empty() {
                break;
            }
        }
        last.kill()?;
        clean.kill()?;
        let [killed, clean] = [&self.place, &self.clean].map(|place| past::read(&place.data));
        let (killed, clean) = (killed?, clean?);
        faults.extend(each_once(&entries.facts, &held.facts));
        faults.extend(each_once(&entries.facts, &killed.facts));
        faults.extend(told_once(&entries.told, &killed.changes));
        faults.extend(chained(&killed.changes));
        faults.extend(same_changes(&killed.changes, &clean.changes));
        self.summary.changes = killed.changes.len() as u64;
        self.summary.events = held.events.len() as u64;
        self.summary.faults.extend(faults);
        self.hear_said()
    }

    /// What the servers themselves complained of.
    fn hear_said(&mut self) -> anyhow::Result<()> {
        for place in [&self.place, &self.clean] {
            let said = std::fs::read_to_string(&place.said)?;
            let bad = said.lines().filter(|line| line.contains("ERROR") || line.contains("panicked"));
            self.summary.faults.extend(bad.take(5).map(str::to_owned));
        }
        Ok(())
    }
}

/// Tells all threads to end, whatever ended the life.
struct End<'a>(&'a Whereabouts, &'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.1.store(true, Ordering::Release);
        self.0.end();
    }
}

fn start(place: &Place) -> anyhow::Result<(Server, String)> {
    let mut server = place.start()?;
    let address = server.address(START_TIME)?.context("the server does not become ready")?;
    Ok((server, address))
}

/// Starts a server and kills it: one in some before it says that it is ready, the others under load. Tells whether it was early.
fn kill_once(place: &Place, random: &mut Random, desk: &Desk<'_>, counts: &Receiver<()>) -> anyhow::Result<bool> {
    let early = random.one_in(EARLY_ONE_IN).then(|| {
        let [soon, later] = EARLY_MS;
        let most = if random.one_in(2) { soon } else { later };
        Duration::from_millis(random.below(most))
    });
    let (bodies, most) = (random.below(KILL_BODIES), Duration::from_millis(random.below(KILL_MS)));
    let mut server = place.start()?;
    let Some(address) = server.address(early.unwrap_or(START_TIME))? else {
        anyhow::ensure!(early.is_some(), "the server does not become ready");
        server.kill()?;
        return Ok(true);
    };
    desk.server.set(Some(address));
    let until = Instant::now() + most;
    for _ in 0..bodies {
        match counts.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    server.kill()?;
    desk.server.set(None);
    Ok(false)
}

/// Waits until a server has folded everything and decides nothing more.
fn settle(server: &Whereabouts, address: &str, key: &str) -> anyhow::Result<()> {
    let (mut last, mut still) = (String::new(), 0);
    let request = Request { key, what: "GET /metrics", headers: "", body: &[] };
    wait_for(
        || {
            let Ok(answer) = ask(address, &request) else { return false };
            let figure = |name: &str| answer.body.lines().find(|line| line.starts_with(name)).map(str::to_owned);
            let lag = figure("ringtrue_fold_lag_events ").unwrap_or_default();
            let now = format!("{lag} {:?}", figure("ringtrue_log_events_total "));
            still = if now == last && lag.ends_with(" 0") { still + 1 } else { 0 };
            last = now;
            still >= 3
        },
        server,
    )
    .context("the server does not come to rest")
}

/// Asks again and again until something holds.
fn wait_for(mut holds: impl FnMut() -> bool, server: &Whereabouts) -> anyhow::Result<()> {
    let until = Instant::now() + SETTLE_TIME;
    while !holds() {
        anyhow::ensure!(Instant::now() < until, "it took longer than {SETTLE_TIME:?}");
        server.pause(Duration::from_millis(50));
    }
    Ok(())
}

/// What a server says of every number that it knows.
fn answers(address: &str, key: &str) -> anyhow::Result<BTreeMap<u64, Value>> {
    let mut answers = BTreeMap::new();
    for (tn, view) in Traffic::numbers() {
        let what = format!("GET /v1/numbers/+{tn}?view={view}");
        let answer = ask(address, &Request { key, what: &what, headers: "", body: &[] })?;
        match answer.status {
            200 => answers.insert(tn, serde_json::from_str(&answer.body)?),
            404 => None,
            status => anyhow::bail!("{what} is answered with {status}: {}", answer.body),
        };
    }
    Ok(answers)
}
