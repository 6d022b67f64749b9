//! Nobody reads a log or a snapshot without its key.

use std::path::Path;
use std::sync::Arc;

use model::Timestamp;
use store::battery::Sampler;
use store::files::SimulatedDisk;
use store::snapshot::PassedWhy;
use store::{
    DataKey, Event, EventLog, LogError, Position, SegmentLog, SegmentOptions, SnapshotFolder, SnapshotHead,
    SnapshotName, Snapshots,
};

fn key(bit: u8) -> DataKey {
    DataKey::new([bit; 32])
}

fn open(disk: &SimulatedDisk, key: Option<DataKey>) -> Result<SegmentLog, LogError> {
    let options = SegmentOptions { key, ..SegmentOptions::default() };
    SegmentLog::open_with(Arc::new(disk.clone()), Path::new("log"), options)
}

fn read(log: &SegmentLog) -> Vec<Event> {
    let reading = log.reader().read(log.reader().held().start).expect("held");
    reading.flat_map(|logged| logged.expect("readable").events).map(|(_, event)| event).collect()
}

#[test]
fn a_sealed_log_is_read_with_its_key_alone() {
    let disk = SimulatedDisk::new();
    let events = Sampler::new(1).calls(40);
    let mut log = open(&disk, Some(key(1))).expect("a new log");
    log.append(&events, Timestamp::EPOCH).expect("appended");
    drop(log);
    assert_eq!(read(&open(&disk, Some(key(1))).expect("opens")), events);
    assert!(matches!(open(&disk, Some(key(2))), Err(LogError::Key { .. })));
    // Without a key it can be checked, and nothing else.
    let mut log = open(&disk, None).expect("opens");
    assert_eq!(log.verify().expect("checked"), []);
    let first = log.reader().read(Position::ZERO).expect("held").next().expect("a frame");
    assert!(matches!(first, Err(LogError::Decode { .. })));
    assert!(matches!(log.append(&events, Timestamp::EPOCH), Err(LogError::NoKey)));
    assert!(matches!(log.forget(&Default::default()), Err(LogError::NoKey)));
}

#[test]
fn a_log_in_clear_is_read_on_and_sealed_from_then_on() {
    for count in [0, 25] {
        let disk = SimulatedDisk::new();
        let events = Sampler::new(2).calls(50);
        let (before, after) = events.split_at(count);
        open(&disk, None).expect("a new log").append(before, Timestamp::EPOCH).expect("appended");
        let mut log = open(&disk, Some(key(1))).expect("opens");
        log.append(after, Timestamp::EPOCH).expect("appended");
        drop(log);
        assert_eq!(read(&open(&disk, Some(key(1))).expect("opens")), events);
        assert!(matches!(open(&disk, Some(key(2))), Err(LogError::Key { .. })));
        assert_eq!(open(&disk, None).expect("opens").verify().expect("checked"), []);
    }
}

#[test]
fn no_number_stands_in_a_sealed_file() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(!SegmentLog::is_sealed(folder.path()).expect("readable"));
    let text = b"a text that anybody would find";
    let name = SnapshotName::partition(7);
    let head = SnapshotHead { fold_version: 1, position: Position(6), taken_at: Timestamp::EPOCH };
    let snapshots = |key| SnapshotFolder::open(folder.path()).expect("opens").sealed_with(key);
    snapshots(Some(key(1))).save(&name, head, text).expect("saved");
    let options = SegmentOptions { key: Some(key(1)), ..SegmentOptions::default() };
    let mut log = SegmentLog::open(folder.path(), options).expect("opens");
    log.append(&Sampler::new(3).calls(40), Timestamp::EPOCH).expect("appended");
    assert!(SegmentLog::is_sealed(folder.path()).expect("readable"));
    for entry in std::fs::read_dir(folder.path()).expect("a folder") {
        let file = entry.expect("a file").path();
        let bytes = std::fs::read(&file).expect("readable");
        assert!(!bytes.windows(text.len()).any(|window| window == text), "{}", file.display());
        // Packed bytes begin with zstd's magic number where they are not sealed.
        assert!(!bytes.windows(4).any(|window| window == [0x28, 0xb5, 0x2f, 0xfd]), "{}", file.display());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&file).expect("there").permissions().mode();
            let is_lock = file.file_name().is_some_and(|name| name == "lock");
            assert!(is_lock || mode & 0o077 == 0, "{}: {mode:o}", file.display());
        }
    }
    let found = |key| snapshots(key).load(&name, 1).expect("read");
    assert_eq!(found(Some(key(1))).snapshot.expect("a snapshot").bytes, text);
    for other in [None, Some(key(2))] {
        let loaded = found(other);
        assert!(loaded.snapshot.is_none());
        assert_eq!(loaded.passed.into_iter().map(|passed| passed.why).collect::<Vec<_>>(), [PassedWhy::Sealed]);
    }
}
