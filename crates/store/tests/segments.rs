//! What segments do when bytes at their end are missing, or bytes within have changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::Timestamp;
use store::battery::Sampler;
use store::files::SimulatedDisk;
use store::{Damage, Event, EventLog, LogError, Position, SegmentLog, SegmentOptions};

type Placed = Vec<(Position, Event)>;

fn open(disk: &SimulatedDisk, segment_bytes_max: u64) -> SegmentLog {
    open_with(disk, options(segment_bytes_max))
}

/// Frames of at most four events, so that larger appends have several.
fn options(segment_bytes_max: u64) -> SegmentOptions {
    SegmentOptions { segment_bytes_max, frame_events_max: 4, ..SegmentOptions::default() }
}

fn open_with(disk: &SimulatedDisk, options: SegmentOptions) -> SegmentLog {
    SegmentLog::open_with(Arc::new(disk.clone()), Path::new("log"), options).expect("the log opens")
}

/// Appends groups of so many events, and gives all with their places and the length of the last file after each append.
fn fill(disk: &SimulatedDisk, segment_bytes_max: u64, groups: &[usize]) -> (Placed, Vec<usize>) {
    fill_with(disk, options(segment_bytes_max), groups)
}

fn fill_with(disk: &SimulatedDisk, options: SegmentOptions, groups: &[usize]) -> (Placed, Vec<usize>) {
    let mut log = open_with(disk, options);
    let mut sampler = Sampler::new(21);
    let (mut all, mut lengths) = (Vec::new(), Vec::new());
    for &count in groups {
        let events = sampler.events(count);
        let places = log.append(&events, Timestamp::EPOCH).expect("appended");
        all.extend((places.start.0..).map(Position).zip(events));
        lengths.push(last_file(disk).1.len());
    }
    (all, lengths)
}

fn last_file(disk: &SimulatedDisk) -> (PathBuf, Vec<u8>) {
    let is_log = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "log");
    let file = disk.files().into_iter().rfind(is_log).expect("there is a segment");
    let bytes = disk.bytes(&file).expect("it has bytes");
    (file, bytes)
}

/// Everything that can be read, and the damage that is told on the way.
fn read(log: &SegmentLog) -> (Placed, Vec<Damage>) {
    let (mut events, mut damage) = (Vec::new(), Vec::new());
    for logged in log.reader().read(log.reader().held().start).expect("held") {
        match logged {
            Ok(logged) => events.extend(logged.events),
            Err(LogError::Damaged(found)) => damage.push(found),
            Err(error) => panic!("{error}"),
        }
    }
    (events, damage)
}

/// The log goes on after what was found at its end: an append is read back, also when the log is opened again.
fn expect_goes_on(disk: &SimulatedDisk, mut expected: Placed) {
    let events = Sampler::new(22).events(3);
    let mut log = open(disk, 1 << 20);
    let places = log.append(&events, Timestamp::EPOCH).expect("the log goes on");
    expected.extend((places.start.0..).map(Position).zip(events));
    assert_eq!(read(&log).0, expected);
    drop(log);
    let log = open(disk, 1 << 20);
    assert_eq!(log.opening().torn, None);
    assert_eq!(read(&log).0, expected);
}

#[test]
fn a_torn_tail_is_cut_off_at_every_byte() {
    let whole = SimulatedDisk::new();
    let (all, lengths) = fill(&whole, 1 << 20, &[4, 7, 9]);
    let (file, bytes) = last_file(&whole);
    let [_, before, after] = lengths[..] else { panic!("three appends") };
    for len in before..after {
        let disk = SimulatedDisk::new();
        disk.set_bytes(&file, bytes[..len].to_vec());
        let log = open(&disk, 1 << 20);
        let torn = log.opening().torn.clone().map(|torn| (torn.offset, torn.bytes, torn.kept));
        let cut = (len > before).then(|| (before as u64, (len - before) as u64, None));
        assert_eq!(torn, cut, "cut at {len}");
        assert_eq!(log.opening().damage, []);
        assert_eq!(read(&log), (all[..11].to_vec(), vec![]), "cut at {len}");
        drop(log);
        expect_goes_on(&disk, all[..11].to_vec());
    }
}

#[test]
fn a_tail_that_has_its_length_but_not_its_content_is_cut_off_and_kept() {
    let whole = SimulatedDisk::new();
    let (all, lengths) = fill_with(&whole, SegmentOptions::default(), &[4, 70]);
    let (file, mut bytes) = last_file(&whole);
    let before = lengths[0];
    let sector = before.next_multiple_of(512);
    assert!(bytes.len() > sector + 512, "the last frame has a whole sector");
    bytes[sector..].fill(0);
    let disk = SimulatedDisk::new();
    disk.set_bytes(&file, bytes.clone());
    let log = open(&disk, 1 << 20);
    let torn = log.opening().torn.clone().expect("a torn tail");
    let kept = torn.kept.expect("its bytes are kept");
    assert_eq!(disk.bytes(&kept).as_deref(), Some(&bytes[before..]));
    assert_eq!(read(&log), (all[..4].to_vec(), vec![]));
    drop(log);
    expect_goes_on(&disk, all[..4].to_vec());
}

/// Whatever bit flips: what cannot be read is told, all else is there, and no place is given twice.
#[test]
fn a_flipped_bit_is_told_and_nothing_else_is_lost() {
    for segment_bytes_max in [600, 1 << 20] {
        let whole = SimulatedDisk::new();
        let (all, _) = fill(&whole, segment_bytes_max, &[2, 5, 1, 2, 9]);
        for file in whole.files() {
            let bytes = whole.bytes(&file).expect("it has bytes");
            for at in 0..bytes.len() {
                let disk = SimulatedDisk::new();
                for other in whole.files() {
                    disk.set_bytes(&other, whole.bytes(&other).expect("it has bytes"));
                }
                let mut bytes = bytes.clone();
                bytes[at] ^= 1 << (at % 8);
                disk.set_bytes(&file, bytes);
                expect_told(&disk, &all, &format!("{} at {at}", file.display()));
            }
        }
    }
}

fn expect_told(disk: &SimulatedDisk, all: &Placed, case: &str) {
    let mut log = open(disk, 1 << 20);
    assert_eq!(log.opening().torn, None, "a flipped bit tears nothing: {case}");
    let damage = log.verify().expect("it can be read");
    assert!(!damage.is_empty(), "the damage is told: {case}");
    let (events, told) = read(&log);
    let is_lost = |place: Position| damage.iter().any(|damage| damage.lost.contains(&place));
    let rest: Placed = all.iter().filter(|(place, _)| !is_lost(*place)).cloned().collect();
    assert_eq!(events, rest, "all but what is told is there: {case}");
    assert!(all.len() - rest.len() <= 4, "one frame at most is lost: {case}");
    assert_eq!(told.is_empty(), rest.len() == all.len(), "whoever reads is told as well: {case}");
    let more = Sampler::new(23).events(1);
    let places = log.append(&more, Timestamp::EPOCH).expect("the log goes on");
    let end = damage.iter().map(|damage| damage.lost.end).max().unwrap_or_default();
    assert!(places.start >= end.max(Position(all.len() as u64)), "no place is given twice: {case}");
    drop(log);
    let log = open(disk, 1 << 20);
    let mut expected = rest;
    expected.push((places.start, more[0].clone()));
    assert_eq!(read(&log).0, expected, "it is the same when it is opened again: {case}");
    assert_eq!(log.verify().expect("it can be read").len(), damage.len(), "damage stays told: {case}");
}

#[test]
fn a_segment_that_is_gone_is_told() {
    let disk = SimulatedDisk::new();
    let (all, _) = fill(&disk, 1, &[2, 3, 4]);
    let gone = disk.files()[1].clone();
    let rest = SimulatedDisk::new();
    for file in disk.files().into_iter().filter(|file| *file != gone) {
        rest.set_bytes(&file, disk.bytes(&file).expect("it has bytes"));
    }
    let log = open(&rest, 1 << 20);
    let (events, damage) = read(&log);
    assert_eq!(events, [&all[..2], &all[5..]].concat());
    assert_eq!(damage, log.verify().expect("it can be read"));
    assert_eq!(damage.iter().map(|damage| damage.lost.clone()).collect::<Vec<_>>(), [Position(2)..Position(5)]);
}

#[test]
fn a_day_ends_a_segment_so_that_few_events_can_be_given_up_as_well() {
    let disk = SimulatedDisk::new();
    let mut log = open(&disk, 1 << 20);
    let day = |number: i64| Timestamp::from_s(1_795_478_400 + number * 86_400).expect("in range");
    for number in 0..5 {
        log.append(&Sampler::new(25).events(2), day(number)).expect("appended");
    }
    log.trim(Position(5)).expect("trimmed");
    assert_eq!(log.reader().held(), Position(4)..Position(10));
}

#[test]
fn a_log_is_trimmed_to_its_size_and_no_further() {
    let disk = SimulatedDisk::new();
    let mut log = open(&disk, 400);
    for _ in 0..40 {
        log.append(&Sampler::new(25).events(2), Timestamp::EPOCH).expect("appended");
    }
    let (all, size) = (log.reader().held(), log.size_bytes());
    for bytes_max in [size - 1, size / 2, size / 3] {
        log.trim_to_size(bytes_max, all.end).expect("trimmed");
        let left = log.size_bytes();
        // Not even one segment more went than had to.
        assert!(left <= bytes_max && left + 1_000 > bytes_max, "{left} of {bytes_max}");
    }
    let start = log.reader().held().start;
    log.trim_to_size(0, start.plus(3)).expect("trimmed");
    assert!(log.reader().held().start <= start.plus(3), "what must be kept is, whatever it takes");
}

#[test]
fn two_processes_never_share_a_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = SegmentLog::open(folder.path(), SegmentOptions::default()).expect("a new log opens");
    let second = SegmentLog::open(folder.path(), SegmentOptions::default());
    assert!(matches!(second, Err(LogError::Locked { .. })));
    drop(log);
    SegmentLog::open(folder.path(), SegmentOptions::default()).expect("the lock is free again");
}

#[test]
fn a_log_of_another_format_is_refused() {
    let disk = SimulatedDisk::new();
    drop(open(&disk, 1 << 20));
    let (file, bytes) = last_file(&disk);
    // The format, then the count of partitions, each with the checksum that belongs to it.
    for at in [8, 10] {
        let mut bytes = bytes.clone();
        bytes[at] += 1;
        let crc = crc32c::crc32c(&bytes[..28]).to_le_bytes();
        bytes[28..32].copy_from_slice(&crc);
        disk.set_bytes(&file, bytes);
        let opened = SegmentLog::open_with(Arc::new(disk.clone()), Path::new("log"), SegmentOptions::default());
        assert!(matches!(opened, Err(LogError::Format { .. })), "the byte at {at}");
    }
}
