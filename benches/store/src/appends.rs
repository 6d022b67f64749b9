//! Durable appends of 1,000 records of 64 bytes: our segments, SQLite, and a bare file as the floor.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use model::Timestamp;
use store::battery::Sampler;
use store::event::{Payload, encode};
use store::{Event, EventLog as _, SegmentLog, SegmentOptions};

use crate::clock::worked;

/// Records of one append.
const RECORDS: usize = 1_000;
/// Bytes of a record, as it is encoded.
const RECORD_BYTES: usize = 64;
/// Appends of each, in turns.
const ROUNDS: usize = 400;

/// One that is measured.
struct Contender {
    name: &'static str,
    append: Box<dyn FnMut() -> anyhow::Result<()>>,
    took: Vec<Duration>,
    worked: Duration,
}

/// Prints one line for each.
pub(crate) fn measure(folder: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(folder)?;
    let events = events();
    let blobs: Vec<Vec<u8>> = (1..=RECORDS).map(|number| blob(number as u64)).collect();
    let mut contenders = vec![
        contender("segments", segments(&folder.path().join("segments"), events)?),
        contender("SQLite", sqlite(&folder.path().join("sqlite.db"), blobs.clone())?),
        contender("bare file", bare(&folder.path().join("bare"), blobs.concat())?),
    ];
    for _ in 0..ROUNDS {
        for contender in &mut contenders {
            let (appended, work, passed) = worked(&mut contender.append);
            appended?;
            contender.worked += work;
            contender.took.push(passed);
        }
    }
    println!();
    println!("durable appends of {RECORDS} records of {RECORD_BYTES} bytes, {ROUNDS} of each in turns");
    println!("               µs: median   90th   99th  of work  records/s at the median");
    for Contender { name, took, worked, .. } in &mut contenders {
        took.sort_unstable();
        let at = |share: usize| took.get(took.len() * share / 100).map_or(0.0, |took| took.as_secs_f64() * 1e6);
        let (median, work) = (at(50), worked.as_secs_f64() * 1e6 / ROUNDS as f64);
        let rate = RECORDS as f64 * 1e6 / median;
        println!("{name:<14} {median:>11.0} {:>6.0} {:>6.0} {work:>8.0} {rate:>24.0}", at(90), at(99));
    }
    Ok(())
}

fn contender(name: &'static str, append: impl FnMut() -> anyhow::Result<()> + 'static) -> Contender {
    Contender { name, append: Box::new(append), took: Vec::new(), worked: Duration::ZERO }
}

/// Calls that are encoded in 64 bytes on average, most of them random: what distinguishes them is an address.
fn events() -> Vec<Event> {
    let size = |events: &[Event]| {
        let mut bytes = Vec::new();
        encode(events, &mut bytes);
        bytes.len()
    };
    let mut sampler = Sampler::new(2);
    let mut events = sampler.calls(RECORDS);
    let missing = (RECORDS * RECORD_BYTES).saturating_sub(size(&events));
    let each = missing / RECORDS - 1;
    for event in &mut events {
        if let Payload::Call(call) = &mut event.payload {
            let old = call.redress.take().map_or(0, |redress| redress.len());
            let text: String = (0..each + old).map(|_| char::from(b'!' + sampler.below(90) as u8)).collect();
            call.redress = Some(text.into());
        }
    }
    events
}

fn blob(number: u64) -> Vec<u8> {
    let mut sampler = Sampler::new(number);
    (0..RECORD_BYTES).map(|_| sampler.below(256) as u8).collect()
}

fn segments(folder: &Path, events: Vec<Event>) -> anyhow::Result<impl FnMut() -> anyhow::Result<()> + 'static> {
    let mut log = SegmentLog::open(folder, SegmentOptions::default())?;
    Ok(move || {
        log.append(&events, Timestamp::EPOCH)?;
        Ok(())
    })
}

/// The fastest durable form that we know of SQLite: a write-ahead log, one transaction, one statement prepared once.
fn sqlite(path: &Path, blobs: Vec<Vec<u8>>) -> anyhow::Result<impl FnMut() -> anyhow::Result<()> + 'static> {
    let mut connection = rusqlite::Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE event (position INTEGER PRIMARY KEY, bytes BLOB NOT NULL);",
    )?;
    Ok(move || {
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut insert = transaction.prepare_cached("INSERT INTO event (bytes) VALUES (?1)")?;
            for blob in &blobs {
                insert.execute([blob])?;
            }
        }
        transaction.commit()?;
        Ok(())
    })
}

fn bare(path: &Path, bytes: Vec<u8>) -> anyhow::Result<impl FnMut() -> anyhow::Result<()> + 'static> {
    let mut file = File::create(path)?;
    Ok(move || {
        file.write_all(&bytes)?;
        file.sync_data()?;
        Ok(())
    })
}
