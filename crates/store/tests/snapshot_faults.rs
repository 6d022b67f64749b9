//! A broken snapshot is passed over and told, and whatever fails, a snapshot that was kept is there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::Timestamp;
use store::battery::Sampler;
use store::files::{Fault, SimulatedDisk};
use store::snapshot::PassedWhy;
use store::{Position, SnapshotFolder, SnapshotHead, SnapshotName, Snapshots};

fn open(disk: &SimulatedDisk) -> SnapshotFolder {
    SnapshotFolder::open_with(Arc::new(disk.clone()), Path::new("snapshots")).expect("the folder opens")
}

fn name() -> SnapshotName {
    SnapshotName::partition(7)
}

fn head(position: u64) -> SnapshotHead {
    SnapshotHead { fold_version: 1, position: Position(position), taken_at: Timestamp::EPOCH }
}

/// A disk with two snapshots, and the newer one's file.
fn two() -> (SimulatedDisk, PathBuf, Vec<u8>) {
    let disk = SimulatedDisk::new();
    for place in 1..=2 {
        open(&disk).save(&name(), head(place), format!("state {place}").as_bytes()).expect("kept");
    }
    let file = disk.files().pop().expect("a file");
    let bytes = disk.bytes(&file).expect("it has bytes");
    (disk, file, bytes)
}

/// The older one is found, and the newer told as broken.
fn expect_older(disk: &SimulatedDisk, newer: &Path, case: &str) {
    let loaded = open(disk).load(&name(), 1).expect("snapshots can be looked for");
    let found = loaded.snapshot.map(|snapshot| (snapshot.head, snapshot.bytes));
    assert_eq!(found, Some((head(1), b"state 1".to_vec())), "{case}");
    let [passed] = &loaded.passed[..] else { panic!("one is passed over: {case}") };
    assert_eq!(passed.file, newer, "{case}");
    assert!(matches!(passed.why, PassedWhy::Broken { .. }), "{case}: {}", passed.why);
}

#[test]
fn a_broken_snapshot_is_told_and_an_older_one_used() {
    let (disk, file, bytes) = two();
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        disk.set_bytes(&file, flipped);
        expect_older(&disk, &file, &format!("a bit flipped at {at}"));
        disk.set_bytes(&file, bytes[..at].to_vec());
        expect_older(&disk, &file, &format!("cut at {at}"));
    }
    disk.set_bytes(&file, [&bytes[..], b"x"].concat());
    expect_older(&disk, &file, "a byte too many");
}

#[test]
fn a_snapshot_under_another_name_is_broken() {
    let (disk, file, bytes) = two();
    let moved = file.with_file_name("partition_007-00000000000000000003.snap");
    disk.set_bytes(&moved, bytes);
    let loaded = open(&disk).load(&name(), 1).expect("snapshots can be looked for");
    assert_eq!(loaded.snapshot.map(|snapshot| snapshot.head), Some(head(2)));
    assert_eq!(loaded.passed.len(), 1);
}

#[test]
fn what_was_kept_outlasts_every_fault() {
    for seed in 0..300 {
        let disk = SimulatedDisk::new();
        let mut sampler = Sampler::new(seed);
        let mut kept = 0;
        for place in 1..30 {
            let fault = match sampler.below(3) {
                0 => Fault::Fail,
                1 => Fault::FailAfter,
                _ => Fault::Short(usize::try_from(sampler.below(60)).expect("few")),
            };
            disk.fail_after(sampler.below(12), fault);
            if open_any(&disk).save(&name(), head(place), &[place as u8; 40]).is_ok() {
                kept = place;
            }
            if sampler.below(3) == 0 {
                disk.crash(&mut |most| usize::try_from(sampler.below(most as u64 + 1)).expect("few"));
            }
            disk.repair();
            let loaded = open(&disk).load(&name(), 1).expect("snapshots can be looked for");
            assert_eq!(loaded.passed, [], "seed {seed}: no fault breaks a snapshot");
            let found = loaded.snapshot.map_or(0, |snapshot| snapshot.head.position.0);
            assert!((kept..=place).contains(&found), "seed {seed}: place {found} is found, {kept} was kept");
        }
    }
}

/// Opens the folder, if need be after the fault that met the opening.
fn open_any(disk: &SimulatedDisk) -> SnapshotFolder {
    let opened = SnapshotFolder::open_with(Arc::new(disk.clone()), Path::new("snapshots"));
    opened.unwrap_or_else(|_| open(disk))
}
