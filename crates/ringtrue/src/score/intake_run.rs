//! Reading files of call records into the shards: blocks are parsed and admitted on several threads, duplicates and joins are
//! settled in the order of the input.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use intake::{Dialect, Join, Output, read_block};
use model::Aggregate;

use super::admit::{Admission, Admit};
use super::bytes::{Block, Blocks, Taken};
use super::counts::Counts;
use super::dedupe::{Dedupe, Seen, content_key};
use super::open::OpenFile;
use super::owners::Owners;
use super::progress::Progress;
use super::rejects::Rejects;
use super::setup::Setup;
use super::shards::{Outbox, ReporterPairs, Shards};
use crate::cli::DedupeBy;
use crate::error::ScoreError;

/// Unfinished calls that wait for their pieces, at most.
pub(super) const JOIN_LIMIT: usize = 1_000_000;

/// What all threads share while files are read.
pub(super) struct Intake<'a> {
    pub(super) setup: &'a Setup,
    pub(super) shards: &'a Shards,
    pub(super) pairs: &'a ReporterPairs,
    pub(super) dedupe_by: DedupeBy,
    /// The run is an owner's: calls outside calling hours are told apart, and destinations not in service kept in clear.
    pub(super) for_owner: bool,
    pub(super) threads: usize,
    pub(super) progress: &'a Progress,
    pub(super) dedupe: Dedupe,
    pub(super) aggregates: Vec<Aggregate>,
    pub(super) counts: Counts,
}

/// What must happen in the order of the blocks.
struct Ordered<'a> {
    next: u64,
    /// Lines before the next block.
    lines: u64,
    /// Lines of blocks behind the next one, of which nothing but those was to be settled.
    early: BTreeMap<u64, u64>,
    dedupe: &'a mut Dedupe,
    join: Join,
    rejects: &'a mut Rejects,
    aggregates: &'a mut Vec<Aggregate>,
    failed: Option<ScoreError>,
}

impl Intake<'_> {
    /// Reads one file to its end.
    pub(super) fn read(&mut self, file: OpenFile, owners: &Owners, rejects: &mut Rejects) -> Result<(), ScoreError> {
        let OpenFile { path, dialect, blocks, taken, skip_lines, parallel, first_calls: _ } = file;
        let source = Mutex::new(blocks);
        let ordered = Mutex::new(Ordered {
            next: 0,
            lines: skip_lines,
            early: BTreeMap::new(),
            dedupe: &mut self.dedupe,
            join: Join::new(JOIN_LIMIT),
            rejects,
            aggregates: &mut self.aggregates,
            failed: None,
        });
        let turn = Condvar::new();
        let admission =
            Admission { setup: self.setup, shards: self.shards, pairs: self.pairs, owners, for_owner: self.for_owner };
        let shared = Shared {
            admission,
            dedupe_by: self.dedupe_by,
            progress: self.progress,
            taken: &taken,
            path: &path,
            dialect: dialect.as_ref(),
            source: &source,
            ordered: &ordered,
            turn: &turn,
        };
        let threads = if parallel { self.threads } else { 1 };
        let counts: Vec<Counts> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| shared.work())).collect();
            workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
        });
        if counts.len() < threads {
            panic!("a thread that read {} ended by a fault of the program", path.display());
        }
        for part in &counts {
            self.counts.add(part);
        }
        let mut rest = Output::default();
        let mut ordered = lock(&ordered);
        if let Some(error) = ordered.failed.take() {
            return Err(error);
        }
        ordered.join.finish(&mut rest);
        let mut last = Counts::default();
        let keep = settle(&mut ordered, &mut rest, self.dedupe_by, &path, &mut last)?;
        let mut outbox = Outbox::new();
        drop(ordered);
        Admit::new(admission, &mut outbox, &mut last).all(&mut rest, &keep);
        outbox.flush(self.shards);
        self.progress.end_file(taken.bytes());
        self.counts.add(&last);
        Ok(())
    }
}

/// What the threads that read one file share.
struct Shared<'a, 'b> {
    admission: Admission<'a>,
    dedupe_by: DedupeBy,
    progress: &'a Progress,
    taken: &'a Taken,
    path: &'a Path,
    dialect: &'a dyn Dialect,
    source: &'a Mutex<Blocks>,
    ordered: &'a Mutex<Ordered<'b>>,
    turn: &'a Condvar,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared<'_, '_> {
    fn work(&self) -> Counts {
        let mut counts = Counts::default();
        let mut outbox = Outbox::new();
        // What plain calls hold makes no key by content.
        let mut out = if self.dedupe_by == DedupeBy::Id { Output::with_plain() } else { Output::default() };
        let mut bytes = Vec::new();
        while let Some(block) = self.take_block(&mut bytes) {
            out.clear();
            read_block(self.dialect, &bytes, &mut out);
            counts.lines += out.lines;
            counts.unknown_carriers += out.unknown_carriers;
            let Some(keep) = self.in_turn(block, &mut out, &mut counts) else {
                break;
            };
            Admit::new(self.admission, &mut outbox, &mut counts).all(&mut out, &keep);
            self.progress.at(self.taken.bytes());
        }
        outbox.flush(self.admission.shards);
        counts
    }

    fn take_block(&self, bytes: &mut Vec<u8>) -> Option<Block> {
        let mut source = lock(self.source);
        match source.next(bytes) {
            Ok(block) => block,
            Err(error) => {
                drop(source);
                let failed = ScoreError::Unreadable { file: crate::said::file_name(self.path), source: error };
                lock(self.ordered).failed.get_or_insert(failed);
                self.turn.notify_all();
                None
            }
        }
    }

    /// Waits for the block's turn, settles duplicates, joins and rejects, and passes the turn on; a block of which nothing
    /// depends on order does not wait. `None` when the run failed.
    fn in_turn(&self, block: Block, out: &mut Output, counts: &mut Counts) -> Option<Vec<bool>> {
        let mut ordered = lock(self.ordered);
        if ordered.next != block.sequence && ordered.failed.is_none() && is_free(out, self.dedupe_by) {
            ordered.early.insert(block.sequence, out.lines);
            drop(ordered);
            count_free(out, counts);
            return Some(Vec::new());
        }
        while ordered.next != block.sequence && ordered.failed.is_none() {
            ordered = self.turn.wait(ordered).unwrap_or_else(PoisonError::into_inner);
        }
        if ordered.failed.is_some() {
            return None;
        }
        let settled = settle(&mut ordered, out, self.dedupe_by, self.path, counts);
        ordered.pass();
        let keep = match settled {
            Ok(keep) => Some(keep),
            Err(error) => {
                ordered.failed = Some(error);
                None
            }
        };
        drop(ordered);
        self.turn.notify_all();
        keep
    }
}

impl Ordered<'_> {
    /// Passes the turn on to the first block that is not settled.
    fn pass(&mut self) {
        self.next += 1;
        while let Some(lines) = self.early.remove(&self.next) {
            self.lines += lines;
            self.next += 1;
        }
    }
}

/// Tells whether nothing in a block but its count of lines depends on the blocks before it, nor theirs on it.
fn is_free(out: &Output, dedupe_by: DedupeBy) -> bool {
    let told = out.pieces.is_empty() && out.rejects.is_empty() && out.aggregates.is_empty();
    told && dedupe_by == DedupeBy::Id && out.calls.iter().all(|call| call.key.is_none())
}

/// Counts what [`settle`] counts in a block of which [`is_free`] is true.
fn count_free(out: &Output, counts: &mut Counts) {
    for (sum, part) in counts.skipped.iter_mut().zip(out.skipped) {
        *sum += part;
    }
    counts.without_id += (out.plain.len() + out.calls.len()) as u64;
}

/// Settles what depends on order. Tells which calls are to be taken; an empty answer takes all.
fn settle(
    ordered: &mut Ordered<'_>,
    out: &mut Output,
    dedupe_by: DedupeBy,
    path: &Path,
    counts: &mut Counts,
) -> Result<Vec<bool>, ScoreError> {
    let lines_before = ordered.lines;
    ordered.lines += out.lines;
    for mut piece in std::mem::take(&mut out.pieces) {
        piece.line += lines_before;
        ordered.join.push(piece, out);
    }
    ordered.aggregates.append(&mut out.aggregates);
    ordered.rejects.take(path, std::mem::take(&mut out.rejects), lines_before)?;
    if is_free(out, dedupe_by) {
        count_free(out, counts);
        return Ok(Vec::new());
    }
    for (sum, part) in counts.skipped.iter_mut().zip(out.skipped) {
        *sum += part;
    }
    counts.without_id += out.plain.len() as u64;
    let mut keep = Vec::with_capacity(out.calls.len());
    for call in &out.calls {
        let key = call.key.or_else(|| (dedupe_by == DedupeBy::Content).then(|| content_key(call)));
        let seen = match key {
            Some(key) => ordered.dedupe.check(key),
            None => {
                counts.without_id += 1;
                Seen::New
            }
        };
        counts.duplicates += u64::from(seen == Seen::Duplicate);
        counts.unchecked += u64::from(seen == Seen::Unchecked);
        keep.push(seen != Seen::Duplicate);
    }
    Ok(keep)
}
