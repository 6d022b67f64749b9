//! Shows that nothing acknowledged is lost: a server is killed under load, again and again, and what is left is held to what it
//! had acknowledged, and to a clean run over the same events.
//!
//! Senders repeat a body until it is acknowledged. A listener goes on after each kill where it was. Servers are killed at moments
//! that follow from a seed, some of them while they start. When the clock reads what and how fast the machine is stays out of the
//! seed's reach: the same seed kills at about the same moments, not at the same ones.

mod check;
mod clients;
mod fact;
mod http;
mod ledger;
mod life;
mod past;
mod random;
mod server;
mod traffic;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use ledger::Entries;

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program that is killed.
    pub server: PathBuf,
    /// What moments and traffic follow from.
    pub seed: u64,
    /// How many kills there are in all.
    pub kills: u32,
    /// How many of them befall one data directory; then another one begins.
    pub kills_each: u32,
    /// Where progress is told; `None` for nowhere.
    pub progress: Option<fn(&str)>,
}

impl Plan {
    fn tell(&self, line: &str) {
        if let Some(progress) = self.progress {
            progress(line);
        }
    }
}

/// What it came to.
#[derive(Clone, Default, Debug)]
pub struct Summary {
    /// Servers that were killed.
    pub kills: u32,
    /// Those of them that had not said that they are ready.
    pub early: u32,
    /// Bodies that were acknowledged.
    pub bodies: u64,
    /// Those of them that were sent more than once until they were.
    pub sent_again: u64,
    /// Records that were acknowledged, each counted once.
    pub records: u64,
    /// Records that were recognised as told before.
    pub duplicates: u64,
    /// Look-ups that were answered.
    pub look_ups: u64,
    /// Events in the logs.
    pub events: u64,
    /// Changes of labels in them.
    pub changes: u64,
    /// What must never be, a sentence each.
    pub faults: Vec<String>,
    /// How long it took.
    pub elapsed: Duration,
}

impl Summary {
    fn note(&mut self, entries: &Entries) {
        self.bodies = entries.bodies;
        self.sent_again = entries.sent_again;
        self.records = entries.facts.len() as u64;
        self.duplicates = entries.duplicates;
        self.look_ups = entries.look_ups;
        self.faults.extend_from_slice(&entries.faults);
    }

    fn add(&mut self, other: Self) {
        self.kills += other.kills;
        self.early += other.early;
        self.bodies += other.bodies;
        self.sent_again += other.sent_again;
        self.records += other.records;
        self.duplicates += other.duplicates;
        self.look_ups += other.look_ups;
        self.events += other.events;
        self.changes += other.changes;
        self.faults.extend(other.faults);
        self.elapsed += other.elapsed;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, early, bodies, sent_again, records, duplicates, look_ups, events, changes, .. } = self;
        writeln!(f, "{kills} kills, {early} of them while the server started, in {:.0} s", self.elapsed.as_secs_f64())?;
        writeln!(f, "{bodies} bodies acknowledged, {sent_again} of them sent again until they were")?;
        writeln!(
            f,
            "{records} records acknowledged, {duplicates} recognised as told before, {look_ups} look-ups answered"
        )?;
        writeln!(f, "{events} events in the logs, {changes} changes of labels")?;
        self.faults.iter().try_for_each(|fault| writeln!(f, "FAULT {fault}"))?;
        if self.faults.is_empty() { write!(f, "nothing is lost, nothing counts twice") } else { Ok(()) }
    }
}

/// Kills as often as planned.
///
/// # Errors
/// When the harness cannot do its work. What the server did wrong is told in the summary.
pub fn run(plan: &Plan) -> anyhow::Result<Summary> {
    let mut all = Summary::default();
    let mut seed = plan.seed;
    while all.kills < plan.kills && all.faults.is_empty() {
        let kills = plan.kills_each.max(1).min(plan.kills - all.kills);
        all.add(life::live(plan, seed, kills)?);
        seed = seed.wrapping_add(1);
    }
    Ok(all)
}
