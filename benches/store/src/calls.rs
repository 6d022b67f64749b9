//! How fast calls are encoded, packed, appended and read back.

use std::path::Path;

use model::Timestamp;
use store::battery::Sampler;
use store::event::encode;
use store::{Event, EventLog as _, MemoryLog, Position, SegmentLog, SegmentOptions};

use crate::clock::worked;

/// Calls that are appended. Chosen: some segments of them.
const CALLS: usize = 4_000_000;
/// Calls of one append. Chosen: what a group commit of a busy intake holds.
const GROUP: usize = 8_192;

/// Prints one line for each step.
pub(crate) fn measure(folder: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(folder)?;
    let groups: Vec<Vec<Event>> = {
        let mut sampler = Sampler::new(1);
        (0..CALLS / GROUP / 8).map(|_| sampler.calls(GROUP)).collect()
    };
    let rounds = CALLS / GROUP / groups.len();
    let count = (groups.len() * rounds * GROUP) as f64;
    println!("{count} calls with a random 128-bit id each, {GROUP} an append, one thread");
    println!("step                        M calls/s of work  ns per call  bytes per call");
    let row = |step: &str, work: std::time::Duration, bytes: f64| {
        let ns = work.as_nanos() as f64 / count;
        println!("{step:<27} {:>17.2} {ns:>12.0} {:>15.1}", 1e3 / ns, bytes / count);
    };

    let mut bytes = Vec::new();
    let (total, work, _) = worked(|| {
        let mut total = 0;
        for _ in 0..rounds {
            for group in &groups {
                bytes.clear();
                encode(group, &mut bytes);
                total += bytes.len();
            }
        }
        total
    });
    row("encode", work, total as f64);

    for level in [1, -1, -3] {
        let path = folder.path().join(format!("level {level}"));
        let mut log = SegmentLog::open(&path, SegmentOptions { level, ..SegmentOptions::default() })?;
        let (appended, work, passed) = worked(|| {
            for group in groups.iter().cycle().take(rounds * groups.len()) {
                log.append(group, Timestamp::EPOCH)?;
            }
            anyhow::Ok(())
        });
        appended?;
        row(&format!("append at level {level}, durable"), work, log.size_bytes() as f64);
        println!("  {:.2} s passed, syncs included", passed.as_secs_f64());
        if level == 1 {
            let (read, work, _) = worked(|| {
                let mut read = 0;
                for logged in log.reader().read(Position::ZERO)? {
                    read += logged?.events.len();
                }
                anyhow::Ok(read)
            });
            anyhow::ensure!(read? as f64 == count, "all calls are read back");
            row("read", work, log.size_bytes() as f64);
        }
        drop(log);
        std::fs::remove_dir_all(path)?;
    }
    memory(&groups);
    Ok(())
}

/// What the log in memory does, for comparison: it copies.
fn memory(groups: &[Vec<Event>]) {
    let mut log = MemoryLog::new();
    let (_, work, _) =
        worked(|| groups.iter().map(|group| log.append(group, Timestamp::EPOCH)).all(|done| done.is_ok()));
    let ns = work.as_nanos() as f64 / (groups.len() * GROUP) as f64;
    println!("{:<27} {:>17.2} {ns:>12.0}", "append in memory", 1e3 / ns);
}
