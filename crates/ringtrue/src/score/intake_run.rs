//! Reading files of call records into the shards: blocks are parsed and admitted on several threads, duplicates and joins are
//! settled in the order of the input.

use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use intake::{Dialect, Format, Join, Output, PlainCall, SkipKind, detect, open, read_block};
use model::{Aggregate, CallOutcome, CallRecord, Direction, Party, Report, ReportCategory, Strength, Timestamp};
use reputation::facts::{CallFact, HORIZON_D};

use super::bytes::{self, Block, Blocks};
use super::dedupe::{Dedupe, Seen, content_key};
use super::owners::{Leg, Owners, guess};
use super::parquet;
use super::progress::Progress;
use super::rejects::Rejects;
use super::setup::Setup;
use super::shards::{Outbox, ReporterPairs, Shards};
use crate::cli::DedupeBy;
use crate::error::ScoreError;

/// The beginning of a file by which its dialect is recognised, in bytes.
const HEAD_BYTES: usize = 64 * 1024;
/// The beginning by which the owner's numbers are guessed.
const GUESS_BYTES: usize = 16 << 20;
/// Calls may lie so far ahead of the run's clock.
const AHEAD_MS: i64 = 5 * 60_000;
/// Unfinished calls that wait for their pieces, at most.
const JOIN_LIMIT: usize = 1_000_000;

/// What reading counted.
#[derive(Clone, Default)]
pub(super) struct Counts {
    pub(super) lines: u64,
    pub(super) calls: u64,
    pub(super) totals: u64,
    pub(super) duplicates: u64,
    pub(super) unchecked: u64,
    pub(super) without_id: u64,
    pub(super) late: u64,
    pub(super) after_at: u64,
    pub(super) in_the_future: u64,
    pub(super) skipped: [u64; SkipKind::ALL.len()],
    pub(super) not_own: u64,
    pub(super) unmapped: u64,
    pub(super) unknown_carriers: u64,
    pub(super) carriers_by_prefix: u64,
    pub(super) outside_years: u64,
    pub(super) not_own_reports: u64,
    pub(super) strangers: u64,
    pub(super) totals_of_calls: u64,
    pub(super) from: Option<Timestamp>,
    pub(super) through: Option<Timestamp>,
    pub(super) first_known: Option<u32>,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.calls += other.calls;
        self.duplicates += other.duplicates;
        self.unchecked += other.unchecked;
        self.without_id += other.without_id;
        self.late += other.late;
        self.after_at += other.after_at;
        self.in_the_future += other.in_the_future;
        self.not_own += other.not_own;
        self.unmapped += other.unmapped;
        self.unknown_carriers += other.unknown_carriers;
        self.carriers_by_prefix += other.carriers_by_prefix;
        self.outside_years += other.outside_years;
        self.not_own_reports += other.not_own_reports;
        self.strangers += other.strangers;
        self.totals_of_calls += other.totals_of_calls;
        for (sum, part) in self.skipped.iter_mut().zip(other.skipped) {
            *sum += part;
        }
        self.spans(other.from, other.through);
        self.first_known = [self.first_known, other.first_known].into_iter().flatten().min();
    }

    /// Notes an hour in which a call became known.
    fn knows(&mut self, known: u32) {
        self.first_known = Some(self.first_known.map_or(known, |first| first.min(known)));
    }

    /// Widens the range of the data.
    pub(super) fn spans(&mut self, from: Option<Timestamp>, through: Option<Timestamp>) {
        self.from = [self.from, from].into_iter().flatten().min();
        self.through = self.through.max(through);
    }
}

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

/// One opened file.
pub(super) struct OpenFile {
    path: std::path::PathBuf,
    dialect: Box<dyn Dialect>,
    blocks: Blocks,
    taken: bytes::Taken,
    /// Lines before the first block.
    skip_lines: u64,
    parallel: bool,
    /// Calls from the file's beginning, when the owner's numbers are to be guessed.
    pub(super) first_calls: Vec<CallRecord>,
}

/// Opens a file, recognises its dialect, and reads its beginning when `guessing`.
pub(super) fn open_file(
    setup: &Setup,
    path: &Path,
    named: Option<&Format>,
    guessing: bool,
    notes: &mut Vec<String>,
) -> Result<OpenFile, ScoreError> {
    let file = || crate::said::file_name(path);
    let unreadable = |source| ScoreError::Unreadable { file: file(), source };
    let head_bytes = if guessing { GUESS_BYTES } else { HEAD_BYTES };
    let (mut reader, mut taken) = bytes::open(path).map_err(unreadable)?;
    let mut head = bytes::read_up_to(reader.as_mut(), head_bytes).map_err(unreadable)?;
    let mut named = named.cloned();
    if parquet::is_parquet(&head) {
        (reader, taken) = parquet::open(path, notes)?;
        head = bytes::read_up_to(reader.as_mut(), head_bytes).map_err(unreadable)?;
        named = Some(Format::Json);
    }
    let refused = |source| ScoreError::Open { file: file(), source };
    let format = match named {
        Some(format) => format,
        None => detect(&head, &setup.options).map_err(refused)?,
    };
    let opened = open(&format, &head, &setup.options).map_err(refused)?;
    if !opened.ignored.is_empty() {
        notes.push(format!("{}: columns that are not used: {}", file(), opened.ignored.join(", ")));
    }
    let framing = opened.dialect.framing();
    let mut first_calls = Vec::new();
    let rest = head.get(opened.skip..).unwrap_or_default().to_vec();
    if guessing {
        let mut out = Output::default();
        let cut = framing.cut(&rest, head.len() < GUESS_BYTES);
        read_block(opened.dialect.as_ref(), rest.get(..cut).unwrap_or_default(), &mut out);
        let mut join = Join::new(JOIN_LIMIT);
        for piece in std::mem::take(&mut out.pieces) {
            join.push(piece, &mut out);
        }
        join.finish(&mut out);
        first_calls = out.calls;
    }
    let whole: Box<dyn Read + Send> = Box::new(Cursor::new(rest).chain(reader));
    Ok(OpenFile {
        path: path.to_path_buf(),
        blocks: Blocks::new(whole, framing),
        taken,
        skip_lines: opened.skip_lines,
        dialect: opened.dialect,
        parallel: true,
        first_calls,
    })
}

/// Guesses the owner's numbers from the beginnings of all files.
pub(super) fn guess_owners(files: &[OpenFile], setup: &Setup) -> Owners {
    let mut calls: Vec<CallRecord> = Vec::new();
    for file in files {
        for call in &file.first_calls {
            let mut call = call.clone();
            // Extensions show numbers before anybody guesses.
            let _ = Owners::EveryCaller.leg(&mut call, &setup.extensions);
            calls.push(call);
        }
    }
    if calls.is_empty() {
        return Owners::EveryCaller;
    }
    guess(&calls).map_or(Owners::EveryCallerOwn, Owners::Guessed)
}

/// What must happen in the order of the blocks.
struct Ordered<'a> {
    next: u64,
    /// Lines before the next block.
    lines: u64,
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
            dedupe: &mut self.dedupe,
            join: Join::new(JOIN_LIMIT),
            rejects,
            aggregates: &mut self.aggregates,
            failed: None,
        });
        let turn = Condvar::new();
        let shared = Shared {
            setup: self.setup,
            shards: self.shards,
            pairs: self.pairs,
            owners,
            dedupe_by: self.dedupe_by,
            for_owner: self.for_owner,
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
        Admit::new(&shared, &mut outbox, &mut last).all(&mut rest, &keep);
        outbox.flush(self.shards);
        self.progress.end_file(taken.bytes());
        self.counts.add(&last);
        Ok(())
    }
}

/// What the threads that read one file share.
struct Shared<'a, 'b> {
    setup: &'a Setup,
    shards: &'a Shards,
    pairs: &'a ReporterPairs,
    owners: &'a Owners,
    dedupe_by: DedupeBy,
    for_owner: bool,
    progress: &'a Progress,
    taken: &'a bytes::Taken,
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
            Admit::new(self, &mut outbox, &mut counts).all(&mut out, &keep);
            self.progress.at(self.taken.bytes());
        }
        outbox.flush(self.shards);
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

    /// Waits for the block's turn, settles duplicates, joins and rejects, and passes the turn on. `None` when the run failed.
    fn in_turn(&self, block: Block, out: &mut Output, counts: &mut Counts) -> Option<Vec<bool>> {
        let mut ordered = lock(self.ordered);
        while ordered.next != block.sequence && ordered.failed.is_none() {
            ordered = self.turn.wait(ordered).unwrap_or_else(PoisonError::into_inner);
        }
        if ordered.failed.is_some() {
            return None;
        }
        let settled = settle(&mut ordered, out, self.dedupe_by, self.path, counts);
        ordered.next += 1;
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
    for (sum, part) in counts.skipped.iter_mut().zip(out.skipped) {
        *sum += part;
    }
    ordered.aggregates.append(&mut out.aggregates);
    ordered.rejects.take(path, std::mem::take(&mut out.rejects), lines_before)?;
    counts.without_id += out.plain.len() as u64;
    let no_keys = out.calls.iter().all(|call| call.key.is_none());
    if no_keys && dedupe_by == DedupeBy::Id {
        counts.without_id += out.calls.len() as u64;
        return Ok(Vec::new());
    }
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

/// Admits calls to the shards.
struct Admit<'a> {
    setup: &'a Setup,
    shards: &'a Shards,
    pairs: &'a ReporterPairs,
    owners: &'a Owners,
    outbox: &'a mut Outbox,
    counts: &'a mut Counts,
    for_owner: bool,
    limit: Timestamp,
}

impl<'a> Admit<'a> {
    fn new(shared: &Shared<'a, '_>, outbox: &'a mut Outbox, counts: &'a mut Counts) -> Self {
        let Shared { setup, shards, pairs, owners, for_owner, .. } = *shared;
        Self { setup, shards, pairs, owners, outbox, counts, for_owner, limit: setup.clock.saturating_add_ms(AHEAD_MS) }
    }

    fn all(&mut self, out: &mut Output, keep: &[bool]) {
        for (at, call) in out.calls.iter_mut().enumerate() {
            if keep.get(at).copied().unwrap_or(true) {
                self.one(call);
            }
        }
        let every_caller = matches!(self.owners, Owners::EveryCaller);
        if every_caller && self.setup.carriers.is_empty() && self.pairs.is_empty() && !self.for_owner {
            self.plain(&out.plain);
        } else {
            out.plain.iter().for_each(|call| self.one(&mut call.record()));
        }
    }

    /// Admits plain calls where every caller is judged and nothing is looked up: as [`Admit::one`] does, with less to ask.
    fn plain(&mut self, calls: &[PlainCall]) {
        let latest = self.setup.at.unwrap_or(Timestamp::MAX);
        let (mut from, mut through, mut first_known) = (Timestamp::MAX, Timestamp::EPOCH, u32::MAX);
        let before = self.counts.calls;
        for call in calls {
            let call = call.record();
            let known = call.known();
            if self.is_ahead(call.at, known, latest) {
                continue;
            }
            let Some(fact) = CallFact::of(&call, Direction::Outbound, None) else {
                self.counts.outside_years += 1;
                continue;
            };
            self.counts.calls += 1;
            self.counts.late += u64::from(is_late(&fact));
            (from, through, first_known) = (from.min(call.at), through.max(known), first_known.min(fact.known));
            self.outbox.send(fact, self.shards);
        }
        if self.counts.calls > before {
            self.counts.spans(Some(from), Some(through));
            self.counts.knows(first_known);
        }
    }

    /// Tells whether a call is still to come: by the run's clock, or at the moment of judgement. It is counted.
    #[inline]
    fn is_ahead(&mut self, at: Timestamp, known: Timestamp, latest: Timestamp) -> bool {
        if at > self.limit {
            self.counts.in_the_future += 1;
            return true;
        }
        self.counts.after_at += u64::from(known > latest);
        known > latest
    }

    fn one(&mut self, call: &mut CallRecord) {
        let known = call.known();
        if self.is_ahead(call.at, known, self.setup.at.unwrap_or(Timestamp::MAX)) {
            return;
        }
        let direction = match self.owners.leg(call, &self.setup.extensions) {
            Leg::Judged(Direction::Internal) | Leg::Internal => {
                if let Some(count) = self.counts.skipped.get_mut(SkipKind::Internal as usize) {
                    *count += 1;
                }
                return;
            }
            Leg::NotOwn => {
                self.counts.not_own += 1;
                return;
            }
            Leg::UnmappedExtension => {
                self.counts.unmapped += 1;
                return;
            }
            Leg::Judged(direction) => direction,
        };
        let mut by_prefix = false;
        if call.carrier.is_none()
            && direction == Direction::Outbound
            && let Some(dest) = call.dest.number()
        {
            let found = self.setup.carriers.lookup(dest);
            call.carrier = found.map(|(carrier, _)| carrier);
            by_prefix = found.is_some_and(|(_, exact)| !exact);
        }
        let dest = call.dest.number().filter(|_| self.for_owner && direction == Direction::Outbound);
        let off_hours = dest.and_then(|dest| self.setup.policy.hours.off_hours(dest, call.at));
        let Some(fact) = CallFact::of(call, direction, off_hours) else {
            self.counts.outside_years += 1;
            return;
        };
        self.count(call, known, &fact);
        self.outbox.send(fact, self.shards);
        if direction == Direction::Outbound {
            if self.setup.carriers.has_prefixes() {
                self.counts.carriers_by_prefix += u64::from(by_prefix);
                self.outbox.count_carrier(fact.tn, by_prefix, self.shards);
            }
            self.note(call);
        }
    }

    fn count(&mut self, call: &CallRecord, known: Timestamp, fact: &CallFact) {
        self.counts.calls += 1;
        self.counts.late += u64::from(is_late(fact));
        self.counts.spans(Some(call.at), Some(call.end().max(known)));
        self.counts.knows(fact.known);
    }

    /// Keeps what the facts do not hold: 607s as reports, redress addresses, invalid destinations, proofs.
    fn note(&mut self, call: &mut CallRecord) {
        let (Party::Number(tn), Party::Number(dest)) = (call.orig, call.dest) else {
            return;
        };
        let invalid = call.outcome.class == CallOutcome::Invalid && call.outcome.strength > Strength::Weak;
        let wants_invalid = invalid && self.for_owner;
        let proves = !self.pairs.is_empty() && self.pairs.contains(&(tn, dest));
        if !call.outcome.unwanted && !wants_invalid && !proves && call.redress.is_none() {
            return;
        }
        let (at, end) = (call.at, call.end());
        let redress = call.redress.take();
        let report = call.outcome.unwanted.then(|| unwanted_report(call, tn, dest));
        let strong = call.outcome.strength == Strength::Strong;
        let most = self.setup.rules.policy.reports.kept_per_number;
        self.shards.with(tn, |shard| {
            let extra = shard.extras.entry(tn).or_default();
            if let Some(report) = report {
                extra.note_report(report, most);
            }
            if let Some(address) = redress {
                extra.note_redress(address, at);
            }
            if wants_invalid {
                extra.note_invalid(dest, at, strong);
            }
            if proves {
                extra.calls_to_reporters.entry(dest).or_default().push(end);
            }
        });
    }
}

/// A call that became known so late that no fact holds it any more.
const fn is_late(fact: &CallFact) -> bool {
    fact.known - fact.hour > HORIZON_D * 24
}

/// A 607 is also a report, with the call itself as its proof.
fn unwanted_report(call: &CallRecord, tn: model::TelephoneNumber, dest: model::TelephoneNumber) -> Report {
    Report {
        key: None,
        at: call.at,
        known_at: Some(call.known()),
        tn,
        category: ReportCategory::Unwanted,
        reporter: Some(u64::from(reputation::facts::dest_hash(dest))),
        reporter_tn: Some(dest),
        reporter_since: None,
        network: None,
        device: None,
        area_code: dest.nanp().map(|parts| parts.npa),
        carrier: call.carrier,
        proven: true,
        regulator: false,
    }
}
