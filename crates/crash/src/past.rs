//! The log as data: a past written before the first server starts, what is in it at the end, and a copy of its events.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use model::time::HOUR_MS;
use model::{CallOutcome, CallRecord, Observable, Outcome, Party, Strength, TelephoneNumber, Timestamp};
use store::{
    DataKey, Event, EventLog as _, Origin, Payload, Position, SegmentLog, SegmentOptions, SourceRole, TenantId,
};

use crate::check::Change;
use crate::fact::Fact;
use crate::random::Random;
use crate::traffic::{called, number};

/// The past begins so many hours ago, and ends so many: a server that starts makes up for the hours that it missed, and may be
/// killed while it does.
const PAST_H: std::ops::Range<i64> = 5..53;
/// Calls of each hour.
const CALLS: u64 = 24;

/// What a log holds.
#[derive(Clone, Default, Debug)]
pub(crate) struct Held {
    pub(crate) facts: Vec<Fact>,
    pub(crate) changes: Vec<Change>,
    /// All events, in their order.
    pub(crate) events: Vec<(Position, Timestamp, Event)>,
}

/// The key of all data directories: that of a real one is made by chance.
const KEY: [u8; 32] = [7; 32];

/// Opens the log of a data directory, which gets the key where it has none.
fn open(data: &Path) -> anyhow::Result<SegmentLog> {
    let key = DataKey::new(KEY);
    let file = data.join(DataKey::FILE_NAME);
    if DataKey::load(&file)?.is_none() {
        key.save(&file)?;
    }
    let options = SegmentOptions { segment_bytes_max: 20_000, key: Some(key), ..SegmentOptions::default() };
    Ok(SegmentLog::open(&data.join("log"), options)?)
}

/// Writes a past of calls and hours into a new log, and tells its calls.
///
/// # Errors
/// When the log cannot be written.
pub(crate) fn write_past(data: &Path, seed: u64, now: Timestamp) -> anyhow::Result<Vec<Fact>> {
    let mut log = open(data)?;
    let mut random = Random::new(seed, 0);
    let origin = Arc::new(Origin { tenant: TenantId(1), source: "past".into(), role: SourceRole::Terminating });
    let mut facts = Vec::new();
    for hours in PAST_H.rev() {
        let hour = now.hour() - hours;
        let begin = Timestamp::EPOCH.saturating_add_ms(hour * HOUR_MS);
        let tick = Payload::Tick { hour: u32::try_from(hour).context("an hour")? };
        let mut events = vec![Event::service(Origin::service(), begin, tick)];
        for place in 0..CALLS {
            let at = begin.saturating_add_ms(i64::try_from(place * 60_000 + random.below(60_000)).unwrap_or(0));
            let (orig, dest) = (number(215, 60 + random.below(40)), called(random.below(400)));
            let call = call(at, orig, dest, random.below(4_000) as u32).context("a call")?;
            facts.push(Fact::Call { at_ms: at.as_ms(), orig, dest });
            events.push(Event::call(Arc::clone(&origin), call));
        }
        log.append(&events, begin.saturating_add_ms(HOUR_MS - 1))?;
    }
    Ok(facts)
}

fn call(at: Timestamp, orig: u64, dest: u64, talk_ms: u32) -> Option<CallRecord> {
    let party = |digits| TelephoneNumber::from_digits(digits).map(Party::Number);
    Some(CallRecord {
        key: None,
        at,
        known_at: Some(at.saturating_add_ms(10_000)),
        orig: party(orig)?,
        dest: party(dest)?,
        direction: None,
        carrier: None,
        outcome: Outcome::new(CallOutcome::Answered, Strength::Strong),
        observable: Observable::ALL,
        ring_ms: Some(4_000),
        talk_ms: Some(talk_ms),
        hangup_by: None,
        attestation: None,
        redress: None,
    })
}

/// Reads everything that a log holds.
///
/// # Errors
/// When it cannot be read, and when a part of it is damaged.
pub(crate) fn read(data: &Path) -> anyhow::Result<Held> {
    let log = open(data)?;
    let damage = log.verify()?;
    anyhow::ensure!(damage.is_empty(), "the log is damaged: {damage:?}");
    let reader = log.reader();
    let mut held = Held::default();
    for logged in reader.read(reader.held().start)? {
        let logged = logged?;
        for (place, event) in logged.events {
            held.facts.extend(Fact::of(&event.payload));
            if let Payload::LabelChanged(change) = &event.payload {
                held.changes.push(Change::new(place.0, event.origin.tenant.0, change));
            }
            held.events.push((place, logged.appended_at, event));
        }
    }
    Ok(held)
}

/// Writes events into a new log, each at its place.
///
/// # Errors
/// When the log cannot be written, or the places do not begin with the first one ever and follow each other.
pub(crate) fn write_again(data: &Path, events: &[(Position, Timestamp, Event)]) -> anyhow::Result<()> {
    let mut log = open(data)?;
    for together in events.chunk_by(|a, b| a.1 == b.1) {
        let Some((first, appended_at, _)) = together.first() else { continue };
        let batch: Vec<Event> = together.iter().map(|(_, _, event)| event.clone()).collect();
        let places = log.append(&batch, *appended_at)?;
        anyhow::ensure!(places.start == *first, "event {first} comes to stand at {}", places.start);
    }
    Ok(())
}
