//! Playing all numbers slice by slice, so that calls are written in the order in which they end and memory holds numbers, not
//! calls.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::{Direction, Timestamp};
use sim::encode::{STANDING_HEADER, TRUTH_HEADER, standing, truth};
use sim::{Encoder, Event, Number, SimReport, Tape, World};

use super::folder::Folder;
use super::progress::Progress;
use super::settings::Settings;
use super::slice::{Batch, Span, encode, pages};
use crate::error::ScoreError;

/// Numbers that a thread takes at a time.
const CHUNK: usize = 1024;
/// How many calls a slice should hold at its busiest, at least.
const SLICE_CALLS: f64 = 400_000.0;
/// How much busier the busiest hours are than the mean.
const PEAK: f64 = 4.0;
const DAY_MS: f64 = 86_400_000.0;
/// The shortest slice.
const LEAST_SLICE_MS: i64 = 10_000;

/// Some numbers, each with where it stands.
type Chunk = Vec<(Number, Tape)>;

/// What a run wrote.
pub(super) struct Told {
    /// By population: numbers, and their calls.
    pub(super) classes: Vec<[u64; 2]>,
    /// Calls by people who called back.
    pub(super) call_backs: u64,
    /// Reports.
    pub(super) reports: u64,
    /// Registered numbers.
    pub(super) registered: u64,
}

/// What one thread makes of a slice.
struct Hand {
    batch: Batch,
    reports: Vec<SimReport>,
    call_backs: u64,
}

/// Writes everything.
pub(super) fn write(settings: &Settings, folder: &mut Folder, threads: usize) -> Result<Told, ScoreError> {
    let world = &settings.world;
    let encoder = Encoder::new(settings.encoding, &settings.carriers);
    let mut head = Vec::new();
    encoder.begin(&mut head);
    folder.calls.write(&head)?;
    let chunks = cast(world, threads);
    let (from_ms, to_ms) = (world.from().as_ms(), world.to().as_ms());
    let step_ms = slice_ms(world, &chunks);
    let progress = Progress::new((to_ms - from_ms) as u64);
    let mut hands: Vec<Hand> = (0..=threads).map(|_| Hand::new()).collect();
    let mut pages = pages();
    let (mut waiting, mut waiting_reports) = (Vec::new(), Vec::new());
    let mut told = Told { classes: vec![[0; 2]; world.class_names().len()], call_backs: 0, reports: 0, registered: 0 };
    let (mut at_ms, mut written) = (from_ms, 0);
    // One slice more than there is traffic: what is under way at the end still ends.
    loop {
        let last = at_ms >= to_ms;
        let end_ms = if last { Timestamp::MAX.as_ms() } else { (at_ms + step_ms).min(to_ms) };
        let span = Span { from_ms: at_ms, to_ms: end_ms };
        play(world, &chunks, span, &mut hands, &mut waiting);
        let batches: Vec<Batch> =
            hands.iter_mut().map(|hand| std::mem::replace(&mut hand.batch, Batch::new())).collect();
        encode(&batches, &encoder, threads, &mut pages);
        written += batches.iter().map(Batch::len).sum::<u64>();
        for page in &pages {
            folder.calls.write(page)?;
        }
        for (hand, mut batch) in hands.iter_mut().zip(batches) {
            waiting.append(&mut batch.later);
            waiting_reports.append(&mut hand.reports);
            told.call_backs += std::mem::take(&mut hand.call_backs);
            batch.clear();
            hand.batch = batch;
        }
        told.reports += write_reports(&encoder, &mut waiting_reports, end_ms, folder)?;
        if last {
            break;
        }
        at_ms = end_ms;
        progress.at((at_ms - from_ms) as u64, written);
    }
    progress.finish();
    side_files(world, chunks, folder, &mut told)?;
    Ok(told)
}

impl Hand {
    fn new() -> Self {
        Self { batch: Batch::new(), reports: Vec::new(), call_backs: 0 }
    }
}

/// Makes all numbers, in the order of their places.
fn cast(world: &World, threads: usize) -> Vec<Mutex<Chunk>> {
    let count = (world.len() as usize).div_ceil(CHUNK);
    let chunks: Vec<Mutex<Chunk>> = (0..count).map(|_| Mutex::new(Vec::new())).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(Ok(mut chunk)) = chunks.get(at).map(Mutex::lock) else { break };
            let (from, to) = ((at * CHUNK) as u64, ((at + 1) * CHUNK) as u64);
            chunk.extend((from..to.min(world.len())).map(|place| {
                let number = world.number(place);
                let tape = number.tape(world);
                (number, tape)
            }));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    chunks
}

/// How long a slice is: short enough for its calls to fit, long enough that going through all numbers does not cost more than
/// their calls.
fn slice_ms(world: &World, chunks: &[Mutex<Chunk>]) -> i64 {
    let a_day: f64 = chunks
        .iter()
        .filter_map(|chunk| chunk.lock().ok())
        .map(|chunk| chunk.iter().map(|(number, _)| number.calls_per_day(world)).sum::<f64>())
        .sum();
    let wanted = SLICE_CALLS.max(world.len() as f64);
    let ms = DAY_MS * wanted / (a_day.max(1.0) * PEAK);
    (ms.min(DAY_MS) as i64).max(LEAST_SLICE_MS)
}

/// Plays the slice. The last hand takes what waited from the slices before.
fn play(world: &World, chunks: &[Mutex<Chunk>], span: Span, hands: &mut [Hand], waiting: &mut Vec<sim::SimCall>) {
    let next = AtomicUsize::new(0);
    let until = Timestamp::EPOCH.saturating_add_ms(span.to_ms);
    let work = |hand: &mut Hand| {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(Ok(mut chunk)) = chunks.get(at).map(Mutex::lock) else { break };
            for (number, tape) in chunk.iter_mut() {
                tape.run_until(world, number, until, &mut |event| match event {
                    Event::Call(call) => {
                        hand.call_backs += u64::from(call.direction == Direction::Inbound);
                        hand.batch.push(span, call);
                    }
                    Event::Report(report) => hand.reports.push(report),
                });
            }
        }
    };
    let Some((carrier, workers)) = hands.split_last_mut() else { return };
    for call in waiting.drain(..) {
        carrier.batch.push(span, call);
    }
    std::thread::scope(|scope| {
        let mut workers = workers.iter_mut();
        let first = workers.next();
        for hand in workers {
            scope.spawn(|| work(hand));
        }
        if let Some(hand) = first {
            work(hand);
        }
    });
}

/// Writes the reports that are made before `until_ms`, in the order of time; the others wait.
fn write_reports(
    encoder: &Encoder<'_>,
    waiting: &mut Vec<SimReport>,
    until_ms: i64,
    folder: &mut Folder,
) -> Result<u64, ScoreError> {
    let mut due: Vec<SimReport> = waiting.extract_if(.., |report| report.at.as_ms() < until_ms).collect();
    due.sort_unstable_by_key(|report| (report.at, report.tn, report.id));
    let mut page = Vec::new();
    for report in &due {
        encoder.report(report, &mut page);
    }
    folder.reports.write(&page)?;
    Ok(due.len() as u64)
}

/// Writes truth and standing.
fn side_files(
    world: &World,
    chunks: Vec<Mutex<Chunk>>,
    folder: &mut Folder,
    told: &mut Told,
) -> Result<(), ScoreError> {
    folder.truth.write(TRUTH_HEADER.as_bytes())?;
    folder.standing.write(STANDING_HEADER.as_bytes())?;
    let (mut truths, mut standings) = (Vec::new(), Vec::new());
    for chunk in chunks {
        let Ok(chunk) = chunk.into_inner() else { continue };
        for (number, tape) in &chunk {
            let known = number.truth();
            truth(&known, world.class_name(known.class), &tape.played, &mut truths);
            if let Some(of_registry) = number.standing(world) {
                standing(&of_registry, &mut standings);
                told.registered += 1;
            }
            if let Some([numbers, calls]) = told.classes.get_mut(usize::from(known.class.0)) {
                *numbers += 1;
                *calls += tape.played.calls;
            }
        }
        folder.truth.write(&truths)?;
        folder.standing.write(&standings)?;
        truths.clear();
        standings.clear();
    }
    Ok(())
}
