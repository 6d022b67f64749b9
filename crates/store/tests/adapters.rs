//! Every adapter passes the battery of its port.

use std::path::Path;
use std::sync::Arc;

use store::battery::{event_log, event_log_reopened, snapshots, snapshots_reopened};
use store::files::SimulatedDisk;
use store::{DataKey, EventLog, MemoryLog, MemorySnapshots, SegmentLog, SegmentOptions, SnapshotFolder, Snapshots};

/// Small segments, so that a few thousand events fill many.
fn small() -> SegmentOptions {
    SegmentOptions { segment_bytes_max: 2_000, frame_events_max: 7, ..SegmentOptions::default() }
}

#[test]
fn memory() {
    event_log(&mut || Box::new(MemoryLog::new()));
}

#[test]
fn segments_on_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut count = 0;
    event_log(&mut || {
        count += 1;
        Box::new(SegmentLog::open(&folder.path().join(format!("log-{count}")), small()).expect("a new log opens"))
    });
    let folder = folder.path().join("log");
    event_log_reopened(&mut || Box::new(SegmentLog::open(&folder, small()).expect("the log opens")));
}

#[test]
fn sealed_segments() {
    let options = || SegmentOptions { key: Some(DataKey::new([3; 32])), ..small() };
    let open = |disk: SimulatedDisk| -> Box<dyn EventLog> {
        Box::new(SegmentLog::open_with(Arc::new(disk), Path::new("log"), options()).expect("the log opens"))
    };
    event_log(&mut || open(SimulatedDisk::new()));
    let disk = SimulatedDisk::new();
    event_log_reopened(&mut || open(disk.clone()));
}

#[test]
fn sealed_snapshots() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut count = 0;
    let open = |folder: &Path| -> Box<dyn Snapshots> {
        Box::new(SnapshotFolder::open(folder).expect("the folder opens").sealed_with(Some(DataKey::new([3; 32]))))
    };
    snapshots(&mut || {
        count += 1;
        open(&folder.path().join(format!("of-{count}")))
    });
    snapshots_reopened(&mut || open(folder.path()));
}

#[test]
fn segments_of_any_size_on_the_simulated_disk() {
    let open = |disk: SimulatedDisk, segment_bytes_max| -> Box<dyn EventLog> {
        let options = SegmentOptions { segment_bytes_max, ..SegmentOptions::default() };
        Box::new(SegmentLog::open_with(Arc::new(disk), Path::new("log"), options).expect("the log opens"))
    };
    for bytes_max in [1, 700, 5_000] {
        event_log(&mut || open(SimulatedDisk::new(), bytes_max));
    }
    for bytes_max in [1, 700, 5_000, 1 << 20] {
        let disk = SimulatedDisk::new();
        event_log_reopened(&mut || open(disk.clone(), bytes_max));
    }
}

#[test]
fn snapshots_in_memory() {
    snapshots(&mut || Box::new(MemorySnapshots::new()));
}

#[test]
fn snapshots_on_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut count = 0;
    snapshots(&mut || {
        count += 1;
        Box::new(SnapshotFolder::open(&folder.path().join(format!("of-{count}"))).expect("a new folder opens"))
    });
    snapshots_reopened(&mut || Box::new(SnapshotFolder::open(folder.path()).expect("the folder opens")));
}
